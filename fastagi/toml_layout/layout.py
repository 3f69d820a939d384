"""The layout: tables and keys in order, `=` under `=`, comments under comments.

Whatever comes of it is read again and held against what it was made of (`sameness`): a layout that
would change anything is not given out.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from rich.cells import cell_len

from fastagi.errors import LayoutError
from fastagi.toml_layout.blocks import blocks_of
from fastagi.toml_layout.sameness import says_the_same
from fastagi.toml_layout.values import WIDTH, key, value
from fastagi.toml_lines import decoded, parse, tree_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from fastagi.toml_layout.blocks import Block, Blocks, Entry
    from fastagi.toml_layout.order import Order

COMMENTS_FROM: Final = 38
"""Columns before a comment that stands beside something, where that leaves room: so what one line
says moves the comment of no other."""


def laid_out(raw: bytes, order: Order) -> str:
    """Return a TOML text in its one layout: LF, UTF-8 without a mark, a newline at the end.

    Laying out what is laid out already changes nothing.

    Args:
        raw: The text.
        order: Of tables and keys; those that it does not name keep theirs, after the others.

    Raises:
        TomlError: It is no TOML.
        LayoutError: Something in it cannot be laid out without changing what it says.
    """
    parse(raw)
    before = decoded(raw).removeprefix("\ufeff").replace("\r\n", "\n")
    root = tree_of(before)
    if root.has_error:  # tomllib reads what this grammar does not
        raise LayoutError("something here is written in a way that no layout is known for")
    after = "\n".join(_lines(blocks_of(root), order)).strip("\n") + "\n"
    if not says_the_same(before, after):
        raise LayoutError("a layout would change what is said here")
    return after


def _lines(found: Blocks, order: Order) -> Iterator[str]:
    for comments in found.head:
        yield from (*comments, "")
    for block in _in_order(found.blocks, order):
        yield from _block(block, order)
        yield ""
    for comments in found.foot:
        yield from (*comments, "")


def _in_order(blocks: Iterable[Block], order: Order) -> list[Block]:
    """Sort tables by the first part of their name: those of one name keep their order."""
    first = list(order.get((), ()))
    return sorted(blocks, key=lambda each: _rank(each.names[0], first) if each.names else -1)


def _rank(name: str, order: Sequence[str]) -> int:
    return order.index(name) if name in order else len(order)


def _block(block: Block, order: Order) -> Iterator[str]:
    for place, comments in enumerate(block.above):
        yield from comments
        if block.is_apart or place < len(block.above) - 1:
            yield ""
    if block.header:
        yield _with_comment(block.header, block.beside)
    keys = order.get(block.names, ())
    widest = max((cell_len(_key(each)) for group in block.groups for each in group), default=0)
    for place, group in enumerate(block.groups):
        if place:
            yield ""
        for entry in sorted(group, key=lambda each: _rank(each.name, keys)):
            yield from _entry(entry, widest)
    yield from block.below


def _entry(entry: Entry, widest: int) -> Iterator[str]:
    yield from entry.above
    if entry.node is None:
        return
    name = _key(entry)
    padded = f"{name}{' ' * (widest - cell_len(name))} = "
    written = value(entry.node.named_children[1], WIDTH - cell_len(padded))
    yield _with_comment(padded + written, entry.beside)


def _key(entry: Entry) -> str:
    return "" if entry.node is None else key(entry.node.named_children[0])


def _with_comment(line: str, comment: str) -> str:
    if not comment:
        return line
    used = cell_len(line.rpartition("\n")[2])
    return f"{line}{' ' * max(1, COMMENTS_FROM - used)}{comment}"
