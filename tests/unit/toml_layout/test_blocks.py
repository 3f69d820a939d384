"""A TOML file as blocks, and whose each comment is."""

from __future__ import annotations

from fastagi.toml_layout.blocks import Block, blocks_of
from fastagi.toml_lines import tree_of

TEXT = """\
# the file's

# alone
a = 1 # beside a

# of the table
[b . "c"] # beside the header
# of d
d = 2
# below d

# alone, too

# of e
e = 3

[[f]]

# the end
"""


def _keys(block: Block) -> list[list[tuple[list[str], str, str]]]:
    return [[(each.above, each.name, each.beside) for each in group] for group in block.groups]


def test_each_comment_belongs_to_something() -> None:
    """What it stands above or beside; else what comes next."""
    found = blocks_of(tree_of(TEXT))
    root, table, last = found.blocks
    assert found.head == [["# the file's"]]
    assert _keys(root) == [[(["# alone"], "a", "# beside a")]]
    assert (table.names, table.header) == (("b", "c"), "[b.c]")
    assert (table.above, table.is_apart) == ([["# of the table"]], False)
    assert table.beside == "# beside the header"
    assert _keys(table) == [
        [(["# of d"], "d", "")],
        [(["# below d"], "", "")],
        [(["# alone, too"], "", "")],
        [(["# of e"], "e", "")],
    ]
    assert last.header == "[[f]]"
    assert found.foot == [["# the end"]]


def test_a_comment_between_a_key_and_a_header_is_the_header_s() -> None:
    """Unless a blank line parts them."""
    (first, second) = blocks_of(tree_of("[a]\nb = 1\n# of c\n[c]\n")).blocks
    assert (first.below, second.above) == ([], [["# of c"]])
    (first, second) = blocks_of(tree_of("[a]\nb = 1\n# of b\n\n[c]\n")).blocks
    assert (first.below, second.above) == (["# of b"], [])
