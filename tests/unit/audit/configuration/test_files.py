"""`configuration.files`: what is there is read once, and what is not is empty."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fastagi.audit.configuration.files import NAMES, read_files
from fastagi.audit.finding import Kind

if TYPE_CHECKING:
    from pathlib import Path

    from tests.unit.audit.configuration.conftest import Read


def test_a_folder_without_files_is_empty(tmp_path: Path) -> None:
    """Nothing is there, and nothing is wrong with it."""
    files = read_files(tmp_path / "none")
    assert set(files.confs) == set(NAMES)
    assert files.sections("pjsip.conf") == ()
    assert files.findings == ()


def test_templates_are_no_sections(read: Read) -> None:
    """Modules see what is made of a template, never itself."""
    files = read({"pjsip.conf": "[phone](!)\ntype=endpoint\n[101](phone)\n"})
    (section,) = files.sections("pjsip.conf")
    assert section.name == "101"
    assert [each.value for each in section.settings] == ["endpoint"]


def test_a_file_that_is_not_asked_for_has_no_sections(read: Read) -> None:
    """Only files of the list are read."""
    assert read({"other.conf": "[a]\n"}).sections("other.conf") == ()


def test_sections_are_found_by_name_in_any_case(read: Read) -> None:
    """`[General]` is `[general]`."""
    files = read({"http.conf": "[General]\nenabled=yes\n[other]\n[general]\n"})
    assert [each.place.line for each in files.named("http.conf", "general")] == [1, 4]


def test_what_cannot_be_read_is_told_once(read: Read) -> None:
    """Two files that include one with `#exec` tell of it once."""
    files = read(
        {
            "shared.conf": "[shared]\n#exec /bin/true\n",
            "pjsip.conf": '#include "shared.conf"\n',
            "iax.conf": '#include "shared.conf"\n',
        }
    )
    assert [each.kind for each in files.findings] == [Kind.UNREADABLE]
