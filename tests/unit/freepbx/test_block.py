"""A marked block goes in and comes out, and leaves all else as it is."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fastagi.freepbx.block import Block, Stumble, find, first_change, put, without

LINES = ("[a]", "exten => s,1,NoOp(é)", "")
OTHERS = (";-- open\n", "[x]\r\n", "; é\n", "exten => 1,1,NoOp()", "\n", "\r\n", "\ufeff", "\r")

foreign = st.one_of(
    st.binary(max_size=60),
    st.lists(st.sampled_from(OTHERS)).map(lambda some: "".join(some).encode()),
).filter(lambda content: find(content) is None)


def _block(content: bytes) -> Block:
    found = find(content)
    assert isinstance(found, Block)
    return found


@given(foreign)
def test_in_and_out_gives_the_file_back(content: bytes) -> None:
    """Byte for byte: line ends, none at the end, any encoding or none."""
    installed = put(content, LINES, None)
    assert without(installed, _block(installed)) == content


@given(foreign, foreign)
def test_twice_is_once(before: bytes, after: bytes) -> None:
    """Wherever the block stands, be it made anew or as another version."""
    installed = put(before + b"\n" * (not before.endswith(b"\n")), LINES, None)
    whole = installed + b"\n" * (not installed.endswith(b"\n")) + after
    assert put(whole, LINES, _block(whole)) == whole
    other = put(whole, ("[b]",), _block(whole))
    assert _block(other).is_whole
    assert put(other, LINES, _block(other)) == whole


def test_it_is_written_with_the_files_own_line_ends() -> None:
    """A file of Windows' stays one."""
    installed = put(b"[x]\r\n", LINES, None)
    assert installed.count(b"\r\n") == installed.count(b"\n")
    assert _block(installed).is_whole


def test_line_ends_are_no_change() -> None:
    """An editor that writes other ones has changed nothing that Asterisk reads."""
    installed = put(b"", LINES, None)
    assert _block(installed.replace(b"\n", b"\r\n")).is_whole


@pytest.mark.parametrize(
    ("change", "line"),
    [
        ((b"[a]", b"[b]"), 3),
        ((b"exten =>", b"exten  =>"), 4),
        ((b"\n; END", b"\nmore\n; END"), 6),
        ((b"[a]\n", b""), 3),
    ],
)
def test_a_change_inside_is_seen_and_pointed_at(change: tuple[bytes, bytes], line: int) -> None:
    """The first line that differs, from the top of the file."""
    found = _block(put(b"; above\n", LINES, None).replace(*change))
    assert not found.is_whole
    assert first_change(found, LINES) == line


def test_a_block_that_lacks_its_last_lines_is_pointed_at_by_its_end() -> None:
    """There is no line to point at but the mark."""
    found = _block(put(b"", ("[a]", "b"), None).replace(b"\nb\n", b"\n"))
    assert first_change(found, ("[a]", "b")) == found.last


@pytest.mark.parametrize(
    ("content", "line"),
    [
        (b"; END dialguard\n", 1),
        (b"; END dialguard\n; BEGIN dialguard\n", 1),
        (b"x\n; BEGIN dialguard\n", 2),
        (b"; BEGIN dialguard\n; BEGIN dialguard\n; END dialguard\n", 2),
        (b"; BEGIN dialguard\n; END dialguard\nx\n; END dialguard\n", 4),
    ],
)
def test_marks_that_do_not_pair_are_told(content: bytes, line: int) -> None:
    """With the line; nothing is guessed."""
    found = find(content)
    assert isinstance(found, Stumble)
    assert found.line == line
