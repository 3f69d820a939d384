"""Comments of Asterisk's `.conf` files."""

from __future__ import annotations

import pytest

from fastagi.audit.conf_lines import NESTED_MAX, Comments
from fastagi.audit.place import Place


def bare(text: str) -> list[str]:
    """Return what counts of each line."""
    comments = Comments()
    return [comments.bare(each, Place("x.conf", n)) for n, each in enumerate(text.split("\n"), 1)]


@pytest.mark.parametrize(
    ("line", "counts"),
    [
        ("a = b", "a = b"),
        ("\t a = b \r", "a = b"),
        ("a = b ; c", "a = b"),
        ("; a", ""),
        (r"a = b\;c", "a = b;c"),
        (r"a = b\;c\;d ; e\;f", "a = b;c;d"),
        (r"a = b\\;c", r"a = b\;c"),
        ("a ;--- b", "a"),
        ("a ;-- b --; c", "a  c"),
        ("a ;-- b ;-- c --; d --; e", "a  e"),
        ("a ;-- b --; c ;-- d --; e", "a  c  e"),
        ("a ;-- b ; c --; d", "a  d"),
        ("a ;-- b --; c ; d", "a  c"),
        ("a - ; b", "a -"),
        ("a;--b--;c", "ac"),
        (r"a ;-- b \--; c", "a  c"),
        (r"a = \; ;-- b --; c", "a = ;  c"),
        (";", ""),
        (r"\;", ";"),
    ],
)
def test_a_line_is_bared(line: str, counts: str) -> None:
    """What counts of one line alone."""
    assert bare(line) == [counts]


def test_a_block_hides_lines() -> None:
    """Blocks go over lines, and one stands in the other."""
    text = "a ;-- b\nc ; d\n;-- e\nf --;\ng --; h\ni"
    assert bare(text) == ["a", "", "", "", "h", "i"]


def test_a_line_that_begins_hidden_counts_from_where_the_block_ends() -> None:
    """And from there it is as any other."""
    text = ";--\na --; b ;-- c --; d ; e\nf"
    assert bare(text) == ["", "b  d", "f"]


def test_what_closes_nothing_hides_what_follows() -> None:
    """The line itself counts whole; the next that opens a block ends it."""
    comments = Comments()
    assert comments.bare("a --; b ; c", Place("x", 1)) == "a --; b ; c"
    assert comments.bare("d", Place("x", 2)) == ""
    assert comments.stray == Place("x", 1)
    assert comments.bare("--;", Place("x", 3)) == ""
    assert comments.stray == Place("x", 1)
    assert comments.bare(";--", Place("x", 4)) == ""
    assert comments.bare("e", Place("x", 5)) == ""
    assert comments.bare("f ;-- g ; h", Place("x", 6)) == ""
    assert comments.bare("i", Place("x", 7)) == "i"
    assert comments.begun == []


def test_a_block_on_the_line_of_a_stray_end_only_evens_it_out() -> None:
    """What stands before it counts, nothing behind."""
    assert bare("a --; b ;-- c ; d\ne") == ["a --; b", "e"]


def test_a_block_that_is_open_knows_where_it_began() -> None:
    """The innermost is the one to close."""
    comments = Comments()
    for number, line in enumerate((";--", "a ;-- b", "c --;"), 1):
        comments.bare(line, Place("x", number))
    assert comments.begun == [Place("x", 1)]


def test_blocks_are_nested_only_so_deep() -> None:
    """Where Asterisk would never end, the place is kept."""
    comments = Comments()
    for number in range(1, NESTED_MAX + 2):
        comments.bare(";--", Place("x", number))
    assert comments.too_deep == Place("x", NESTED_MAX + 1)
    assert comments.depth == NESTED_MAX
