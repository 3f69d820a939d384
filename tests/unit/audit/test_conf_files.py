"""Which files an `#include` names."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from fastagi.audit.conf_files import ETC, etc_of, named, told

if TYPE_CHECKING:
    from tests.unit.audit.conftest import Etc


@pytest.mark.parametrize(
    ("text", "folder"),
    [
        ("[directories](!)\n", ETC),
        ("[directories]\nastetcdir => /opt/pbx/etc/\n", "/opt/pbx/etc"),
        (";astetcdir => /nowhere\n  astetcdir=/a;b\n", "/a"),
    ],
)
def test_a_folder_is_known_by_what_it_says_itself(etc: Etc, text: str, folder: str) -> None:
    """`asterisk.conf` names it; else it is the usual one."""
    assert etc_of(etc({"asterisk.conf": text})) == folder


def test_a_folder_without_asterisk_conf_is_the_usual_one(tmp_path: Path) -> None:
    """Many a copy has the dialplan only."""
    assert etc_of(tmp_path) == ETC


@pytest.mark.parametrize(
    ("name", "files"),
    [
        ("a.conf", ["a.conf"]),
        ("missing.conf", ["missing.conf"]),
        ("d/*.conf", ["d/b.conf", "d/c.conf"]),
        ("d/[^b].conf", ["d/c.conf"]),
        ("d/?.txt", []),
        ("none/*.conf", []),
        ("{d/c,a}.conf", ["d/c.conf", "a.conf"]),
        ("{a,d/*}.conf", ["a.conf", "d/b.conf", "d/c.conf"]),
        ("{x,y}{1,2}", ["x1", "x2", "y1", "y2"]),
        ("{a}", ["{a}"]),
        ("{a,b}" * 7, ["{a,b}" * 7]),
        ("/etc/asterisk/d/*.conf", ["d/b.conf", "d/c.conf"]),
        ("/etc/asterisk/a.conf", ["a.conf"]),
        ("/etc/asterisk-old/a.conf", ["/etc/asterisk-old/a.conf"]),
    ],
)
def test_a_name_stands_for_files(etc: Etc, name: str, files: list[str]) -> None:
    """As glob(3) has it, in its order; hidden files are not meant."""
    folder = etc(dict.fromkeys(("a.conf", "d/c.conf", "d/b.conf", "d/.h.conf"), ""))
    assert named(folder, ETC, name) == [folder / each for each in files]


def test_a_folder_that_is_hidden_is_told(etc: Etc, monkeypatch: pytest.MonkeyPatch) -> None:
    """A pattern that leads through it is not taken for one that fits nothing."""
    folder = etc({"d/a.conf": ""})
    monkeypatch.setattr(os, "access", lambda path, mode: Path(path) != folder / "d")
    with pytest.raises(PermissionError, match="hidden"):
        named(folder, ETC, "d/*.conf")
    assert named(folder, ETC, "*/a.conf") == [folder / "d/a.conf"]


def test_a_file_is_told_relative_to_the_folder() -> None:
    """Others by their whole name; what is not UTF-8 in it can be printed all the same."""
    folder = Path("/etc/asterisk")
    assert told(folder, folder / "d/a.conf") == "d/a.conf"
    assert told(folder, Path("/opt/a.conf")) == "/opt/a.conf"
    assert told(folder, folder / os.fsdecode(b"\xff.conf")) == r"\xff.conf"
