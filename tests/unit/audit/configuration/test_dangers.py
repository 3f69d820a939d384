"""`configuration.dangers`: guards of Asterisk's own that are taken away."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from fastagi.audit.configuration.dangers import check_dangers
from fastagi.audit.finding import Kind, Severity

if TYPE_CHECKING:
    from tests.unit.audit.configuration.conftest import Read


@pytest.mark.parametrize(
    ("name", "text", "severity"),
    [
        ("asterisk.conf", "[options]\nlive_dangerously = yes\n", Severity.MEDIUM),
        ("asterisk.conf", "[options]\nlive_dangerously = no\n", None),
        ("asterisk.conf", "[options]\nverbose = 3\n", None),
        ("rtp.conf", "[general]\nstrictrtp=no\n", Severity.LOW),
        ("rtp.conf", "[general]\nstrictrtp=seqno\n", None),
        ("rtp.conf", "[general]\n", None),
    ],
)
def test_guards_that_are_taken_away(
    read: Read, name: str, text: str, severity: Severity | None
) -> None:
    """Both are as they should be by default."""
    found = list(check_dangers(read({name: text})))
    assert [(each.kind, each.severity) for each in found] == (
        [(Kind.OPEN_DOOR, severity)] if severity else []
    )
    assert {str(each.place) for each in found} <= {f"{name}:2"}
