"""Files as they are become files as they are to be."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from fastagi.errors import InstallError
from fastagi.freepbx.edits import (
    EMERGENCY,
    EXTENSIONS,
    FILES,
    GLOBALS,
    ROUTINE,
    Wanted,
    install,
    remove,
)
from fastagi.freepbx.hook import HOOK
from tests.unit.freepbx.shapes import VERSIONS, copy, dialplan

if TYPE_CHECKING:
    from pathlib import Path

PLAIN = Wanted("GB", ("112", "999"), "", b"; the routine\n[dialguard]\n")
OWN_TRUNK = Wanted("GB", ("112", "999"), "my-trunk", PLAIN.routine)


class Folder:
    """A FreePBX, and edits made to it."""

    def __init__(self, path: Path) -> None:
        self.path = path

    @property
    def files(self) -> dict[str, bytes | None]:
        """What all files of the edits hold."""
        return {
            name: file.read_bytes() if (file := self.path / name).exists() else None
            for name in FILES
        }

    def install(self, wanted: Wanted = PLAIN) -> list[str]:
        """Install, and return what was edited."""
        edits = install(self.files, dialplan(self.path), wanted)
        for each in edits:
            self.write(each.name, each.after)
        return [each.name for each in edits]

    def remove(self) -> list[str]:
        """Remove, and return what was edited."""
        edits = remove(self.files)
        for each in edits:
            self.write(each.name, each.after)
        return [each.name for each in edits]

    def write(self, name: str, content: bytes) -> None:
        """Have a file hold something."""
        file = self.path / name
        file.parent.mkdir(exist_ok=True)
        file.write_bytes(content)

    def append(self, name: str, more: bytes) -> None:
        """Add to a file."""
        self.write(name, (self.path / name).read_bytes() + more)

    def refusal(self, wanted: Wanted = PLAIN) -> str:
        """Return why nothing is installed."""
        with pytest.raises(InstallError) as refused:
            self.install(wanted)
        return str(refused.value)


@pytest.fixture(params=VERSIONS)
def folder(request: pytest.FixtureRequest, tmp_path: Path) -> Folder:
    """One of either version."""
    return Folder(copy(request.param, tmp_path))


def test_twice_is_once(folder: Folder) -> None:
    """The second time there is nothing to do."""
    assert folder.install() == [EXTENSIONS, ROUTINE]
    assert folder.install() == []
    assert folder.install(OWN_TRUNK) == [EXTENSIONS, GLOBALS, EMERGENCY]
    assert folder.install(OWN_TRUNK) == []
    assert folder.install() == [EXTENSIONS, GLOBALS]


@pytest.mark.parametrize("wanted", [PLAIN, OWN_TRUNK], ids=["plain", "own-trunk"])
def test_removed_the_sites_files_are_what_they_were(folder: Folder, wanted: Wanted) -> None:
    """Those of the routine stay, for another file may include them."""
    folder.write(EXTENSIONS, b"; \xe9\xff\r\n[from-internal-custom]\r\nexten => *43,1,Echo()")
    before = folder.files
    folder.install(wanted)
    folder.remove()
    assert folder.files == {
        **folder.files,
        EXTENSIONS: before[EXTENSIONS],
        GLOBALS: before[GLOBALS],
    }
    assert folder.files[ROUTINE] == wanted.routine
    assert folder.remove() == []


def test_a_file_that_is_not_there_is_told(folder: Folder) -> None:
    """FreePBX includes it, and Asterisk would have no dialplan at all."""
    (folder.path / EXTENSIONS).unlink()
    assert f"{EXTENSIONS}: there is no such file" in folder.refusal()
    assert folder.remove() == []


def test_an_older_block_is_replaced_as_a_whole(folder: Folder) -> None:
    """Where it stands, with what the site wrote behind it."""
    folder.install()
    folder.append(EXTENSIONS, b"; more\n[mine]\nexten => s,1,NoOp()\n")
    assert folder.install(Wanted("GB", ("118",), "", PLAIN.routine)) == [EXTENSIONS]
    content = folder.files[EXTENSIONS] or b""
    assert content.endswith(b"; END dialguard\n; more\n[mine]\nexten => s,1,NoOp()\n")
    assert (content.count(b"BEGIN"), b"exten => 999" in content) == (1, False)


def test_what_is_no_freepbx_is_refused(tmp_path: Path) -> None:
    """Where nothing calls the hook, nothing would ask."""
    (tmp_path / "extensions.conf").write_text("[phones]\nexten => s,1,NoOp()\n")
    for name in (EXTENSIONS, GLOBALS):
        (tmp_path / name).touch()
    assert "name the folder of a FreePBX" in Folder(tmp_path).refusal()


def test_a_changed_block_is_refused_with_its_line(folder: Folder) -> None:
    """By both, in either file."""
    folder.install(OWN_TRUNK)
    for name in (EXTENSIONS, GLOBALS):
        content = folder.files[name] or b""
        old = b"include => dialguard-sign-in" if name == EXTENSIONS else b"= my-trunk"
        line = content[: content.index(old)].count(b"\n") + 1
        folder.write(name, content.replace(old, b"; " + old))
        assert f"{name}:{line}: somebody changed the lines" in folder.refusal(OWN_TRUNK)
        with pytest.raises(InstallError, match=f"{name}:.*somebody changed"):
            folder.remove()
        folder.write(name, content)


def test_a_changed_block_that_is_wanted_no_more_is_refused_too(folder: Folder) -> None:
    """Pointed at by its beginning: there is nothing to hold it against."""
    folder.install(OWN_TRUNK)
    folder.write(GLOBALS, (folder.files[GLOBALS] or b"").replace(b"= my-trunk", b"= other"))
    assert f"{GLOBALS}:2: somebody changed" in folder.refusal()


def test_marks_that_do_not_pair_are_refused(folder: Folder) -> None:
    """With file and line."""
    folder.append(EXTENSIONS, b"; BEGIN dialguard\n")
    assert f"{EXTENSIONS}:5: `; BEGIN dialguard` and" in folder.refusal()
    with pytest.raises(InstallError, match="do not pair"):
        folder.remove()


@pytest.mark.parametrize(
    "name", [EXTENSIONS, "extensions_override_freepbx.conf", "extensions_additional.conf"]
)
def test_another_hook_is_refused_with_its_line(folder: Folder, name: str) -> None:
    """It would run instead of ours, or between our lines."""
    lines = (folder.path / name).read_bytes().count(b"\n")
    folder.append(name, f"[{HOOK}]\nexten => s,1,NoOp(mine)\n".encode())
    assert f"{name}:{lines + 2}: `[{HOOK}]` has lines of somebody else's" in folder.refusal()


@pytest.mark.parametrize(
    ("more", "line"), [(b";-- a list\nof mine\n", 5), (b"x --;\n", 5)], ids=["open", "stray"]
)
def test_a_comment_that_would_hide_the_block_is_refused(
    folder: Folder, more: bytes, line: int
) -> None:
    """Asterisk would read no line of it, and nothing would ask."""
    folder.append(EXTENSIONS, more)
    assert f"{EXTENSIONS}:{line}: a block comment" in folder.refusal()


def test_lines_that_would_join_the_block_are_refused(folder: Folder) -> None:
    """Behind its end they would be the hook's."""
    folder.install()
    folder.append(EXTENSIONS, b"\n; mine\nexten => 0123,1,Dial(PJSIP/0123@my-trunk)\n")
    refusal = folder.refusal()
    assert "belong to the block's last context" in refusal
    assert f"{EXTENSIONS}:{(folder.files[EXTENSIONS] or b'').count(chr(10).encode())}:" in refusal


def test_globals_behind_a_section_are_refused(folder: Folder) -> None:
    """They would be none."""
    folder.append(GLOBALS, b"[mine]\nx = 1\n")
    assert f"{GLOBALS}:2: a section begins here" in folder.refusal(OWN_TRUNK)
    assert EXTENSIONS in folder.install()
