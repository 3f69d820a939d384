"""`configuration.entries`: every way in, of all files."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fastagi.audit.configuration.entries import read_entries

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
