"""`configuration.entries`: every way in, of all files."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fastagi.audit.configuration.entries import check_entries, read_entries
from fastagi.audit.finding import Kind, Severity

if TYPE_CHECKING:
    from tests.unit.audit.configuration.conftest import Read


def test_all_files_are_asked(read: Read) -> None:
    """PJSIP, the other channels, and what sends people on."""
    files = read(
        {
            "pjsip.conf": "[101]\ntype=endpoint\ncontext=a\n",
            "iax.conf": "[g]\ntype=user\ncontext=b\n",
            "queues.conf": "[q]\ncontext=c\n",
        }
    )
    assert [each.context for each in read_entries(files)] == ["a", "a", "a", "b", "c"]


def test_global_variables_say_where_transfers_go(read: Read) -> None:
    """The dialplan has them."""
    files = read({"pjsip.conf": "[101]\ntype=endpoint\ncontext=a\n"})
    found = read_entries(files, {"TRANSFER_CONTEXT": "b"})
    assert [each.context for each in found] == ["a", "b", "a"]


def test_that_nobody_calls_is_told(read: Read) -> None:
    """Else a folder with half its files looks sound."""
    (finding,) = check_entries(read({"queues.conf": "[q]\n"}))
    assert (finding.kind, finding.severity) == (Kind.UNKNOWN, Severity.MEDIUM)
    assert list(check_entries(read({"pjsip.conf": "[101]\ntype=endpoint\n"}))) == []
