"""A TOML file as blocks: a table each, with the comments that belong to it.

A comment belongs to what it stands above without a blank line, or beside; one that stands alone
goes with what comes next. Comments at the very top are the file's.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, TypeAlias

from fastagi.toml_layout.values import first_name, key, text_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tree_sitter import Node

Comments: TypeAlias = list[str]
"""Comments in lines one after the other."""

DIRECTIVE: Final = "#:"  # `#:schema …`, which editors look for in the first line


@dataclass(slots=True)
class Entry:
    """A key and its value; neither where comments stand alone.

    Attributes:
        above: Comments in the lines before.
        node: The `key = value`.
        beside: A comment in the same line; else empty.
        name: The first part of the key.
    """

    above: Comments
    node: Node | None = None
    beside: str = ""
    name: str = ""


@dataclass(slots=True)
class Block:
    """A table, or what stands before the first.

    Attributes:
        names: Of the header: `("console", "oidc")`; empty before the first table.
        header: As it is to be written; empty before the first table.
        above: Comments before the header, with blank lines between.
        is_apart: Whether a blank line is between them and the header, too.
        beside: A comment in the header's line.
        groups: Keys that have blank lines between them.
        below: Comments right after the last key.
    """

    names: tuple[str, ...] = ()
    header: str = ""
    above: list[Comments] = field(default_factory=list)
    is_apart: bool = False
    beside: str = ""
    groups: list[list[Entry]] = field(default_factory=list)
    below: Comments = field(default_factory=list)


@dataclass(slots=True)
class Blocks:
    """A whole file.

    Attributes:
        head: Comments that are the file's.
        blocks: Its tables; before them, without a header, keys that are in none.
        foot: Comments after all of them.
    """

    head: list[Comments] = field(default_factory=list)
    blocks: list[Block] = field(default_factory=list)
    foot: list[Comments] = field(default_factory=list)


def blocks_of(root: Node) -> Blocks:
    """Take a file apart."""
    return _Taking().all_of(root)


class _Taking:
    """Goes through a file from top to bottom."""

    def __init__(self) -> None:
        self._block = Block()
        self._blocks = [self._block]
        self._pending: list[Comments] = []  # that do not yet belong to anything
        self._touches = False  # whether the first of them follows what is before without a gap
        self._row = -1  # the last that something stood in
        self._gap = False  # whether there was a blank line since

    def all_of(self, root: Node) -> Blocks:
        """Return all of it."""
        for node in _pieces(root):
            self._gap = node.start_point.row > self._row + 1
            if node.type == "comment":
                self._comment(node)
            elif node.type == "pair":
                self._pair(node)
            else:
                self._table(node)
            self._row = max(self._row, _last_row(node))
        self._leave(is_parted=True)
        found = Blocks(blocks=self._blocks, foot=self._pending)
        if not self._blocks[0].groups and not self._blocks[0].below:
            del self._blocks[0]
        _take_head(found)
        return found

    def _comment(self, node: Node) -> None:
        text = text_of(node).rstrip()
        if node.start_point.row == self._row:
            self._put_beside(text)
            return
        if not self._pending:
            self._touches = not self._gap and self._row >= 0
        if self._gap or not self._pending:
            self._pending.append([])
        self._pending[-1].append(text)

    def _put_beside(self, text: str) -> None:
        if self._block.groups:
            self._block.groups[-1][-1].beside = text
        else:
            self._block.beside = text

    def _pair(self, node: Node) -> None:
        written = node.named_children[0]
        above: Comments = []
        if self._pending and not self._gap:
            above = self._pending.pop()
            begins = bool(self._pending) or not self._touches
        else:
            begins = self._gap or bool(self._pending)
        for alone in self._pending:
            self._block.groups.append([Entry(alone)])
        self._pending = []
        if begins or not self._block.groups:
            self._block.groups.append([])
        self._block.groups[-1].append(Entry(above, node, name=first_name(written)))

    def _table(self, node: Node) -> None:
        self._leave(is_parted=self._gap)
        written = node.named_children[0]
        opening, closing = ("[[", "]]") if node.type == "table_array_element" else ("[", "]")
        self._block = Block(
            tuple(_names(written)), f"{opening}{key(written)}{closing}", self._pending, self._gap
        )
        self._blocks.append(self._block)
        self._pending = []

    def _leave(self, *, is_parted: bool) -> None:
        """Leave to the table what stands right below its last key, and not above what is next."""
        if self._pending and self._touches and (is_parted or len(self._pending) > 1):
            self._block.below = self._pending.pop(0)


def _pieces(root: Node) -> Iterator[Node]:
    """Return headers, keys and comments outside of values, in order."""
    for node in root.named_children:
        yield node
        if node.type in ("table", "table_array_element"):
            for inner in node.named_children[1:]:
                yield inner
                yield from inner.named_children[2:]  # the grammar has a comment in the pair
        else:
            yield from node.named_children[2:]


def _last_row(node: Node) -> int:
    """Return the row in which a piece ends; of a table, its header's."""
    if node.type == "comment":
        return node.end_point.row
    own = 1 if node.type == "pair" else 0
    return node.named_children[own].end_point.row


def _names(node: Node) -> Iterator[str]:
    if node.type == "dotted_key":
        for each in node.named_children:
            yield from _names(each)
    else:
        yield first_name(node)


def _take_head(found: Blocks) -> None:
    """Take from the first table the comments that speak of the whole file."""
    first = found.blocks[0] if found.blocks else Block()
    if first.header and first.above:
        if len(first.above) > 1 or first.is_apart:
            found.head.append(first.above.pop(0))
        else:
            found.head += _directives(first.above[0])
    elif first.groups and first.groups[0][0].node is None:
        found.head.append(first.groups.pop(0)[0].above)
    elif first.groups:
        found.head += _directives(first.groups[0][0].above)


def _directives(comments: Comments) -> list[Comments]:
    """Take what editors look for off the comments of a table or a key."""
    count = 0
    while count < len(comments) and comments[count].startswith(DIRECTIVE):
        count += 1
    taken = comments[:count]
    del comments[:count]
    return [taken] if taken else []
