"""`configuration.duplicates`: objects that are written twice."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fastagi.audit.configuration.duplicates import check_duplicates
from fastagi.audit.finding import Kind, Severity

if TYPE_CHECKING:
    from tests.unit.audit.configuration.conftest import Read


def test_two_of_one_type_and_name_are_found(read: Read) -> None:
    """The second is to be taken away."""
    text = "[1]\ntype=endpoint\n[1]\ntype=aor\n[1]\ntype=endpoint\n"
    (finding,) = check_duplicates(read({"pjsip.conf": text}))
    assert (finding.kind, finding.severity) == (Kind.MISREAD, Severity.MEDIUM)
    assert finding.place.line == 5


def test_objects_of_several_types_share_a_name(read: Read) -> None:
    """As most people write them; templates, and what has no type, are no objects."""
    text = "[1](!)\ntype=endpoint\n[1](1)\n[1]\ntype=auth\n[2]\ntype=auth\n[x]\n[x]\n"
    assert list(check_duplicates(read({"pjsip.conf": text}))) == []
