"""How keys and values are written: short arrays in a line, long ones an item a line, plain quotes.

Works on the nodes of tree-sitter's grammar, so that what is not touched stays as it was written:
`0x1F`, `1_000`, a string of several lines.
"""

from __future__ import annotations

import re
import tomllib
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tree_sitter import Node

WIDTH: Final = 99  # columns that a line with an array in it may have
INDENT: Final = "  "
DEEPEST: Final = 20
"""Levels of arrays within arrays that are laid out; what is deeper stays as it is."""

_BARE: Final = re.compile(r"[A-Za-z0-9_-]+")
_PLAIN: Final = re.compile(r"'[^'\"\\\n]*'")


def text_of(node: Node) -> str:
    """Return a node as it is written."""
    return (node.text or b"").decode()


def key(node: Node) -> str:
    """Return a key, its parts in quotes only where they need them."""
    if node.type == "dotted_key":
        return ".".join(key(each) for each in node.named_children)
    written = text_of(node)
    if node.type == "bare_key":
        return written
    ((name, _),) = tomllib.loads(f"{written} = 0").items()
    return name if _BARE.fullmatch(name) else _string(written)


def first_name(node: Node) -> str:
    """Return the first part of a key: `console` of `console.oidc`."""
    while node.type == "dotted_key":
        node = node.named_children[0]
    written = text_of(node)
    return written if node.type == "bare_key" else next(iter(tomllib.loads(f"{written} = 0")))


def value(node: Node, room: int) -> str:
    """Return a value as it is to be written, in one line if there is room for it.

    Args:
        node: The value.
        room: Columns that are left in the line.
    """
    flat = _flat(node, 0)
    if flat is not None and (len(flat) <= room or node.type != "array"):
        return flat
    if node.type != "array" or not _can_be_broken(node, 0):
        return text_of(node)
    return "\n".join(_broken(node, 0))


def comments_in(node: Node) -> Iterator[Node]:
    """Return every comment in a node, in order; nesting is the file's, so no recursion."""
    pending = [node]
    while pending:
        each = pending.pop()
        if each.type == "comment":
            yield each
        pending += reversed(each.children)


def _string(written: str) -> str:
    return f'"{written[1:-1]}"' if _PLAIN.fullmatch(written) else written


def _flat(node: Node, depth: int) -> str | None:
    """Return a value in one line; None where that cannot be, or is better left alone."""
    if node.type == "string":
        written = text_of(node)
        return _string(written) if depth == 0 or "\n" not in written else None
    if node.type not in ("array", "inline_table"):
        return text_of(node)
    if depth > DEEPEST or any(each.type == "comment" for each in node.named_children):
        return None
    items = [_flat_item(each, depth + 1) for each in node.named_children]
    if None in items:
        return None
    inside = ", ".join(each for each in items if each is not None)
    if node.type == "array":
        return f"[{inside}]"
    return f"{{ {inside} }}" if inside else "{}"


def _flat_item(node: Node, depth: int) -> str | None:
    if node.type == "pair":
        written, inner = node.named_children[:2]
        flat = _flat(inner, depth)
        return None if flat is None else f"{key(written)} = {flat}"
    return _flat(node, depth)


def _can_be_broken(node: Node, depth: int) -> bool:
    """Say whether every item is either one line or an array that can be broken itself."""
    return depth <= DEEPEST and all(
        each.type == "comment"
        or _flat_item(each, depth + 1) is not None
        or (each.type == "array" and _can_be_broken(each, depth + 1))
        for each in node.named_children
    )


def _broken(node: Node, depth: int) -> Iterator[str]:
    """Return the lines of an array, an item each; comments stay with their items."""
    inner, row = INDENT * (depth + 1), -1
    lines = ["["]
    for each in node.named_children:
        if each.type == "comment":
            comment = text_of(each).rstrip()
            if each.start_point.row == row:
                lines[-1] += f" {comment}"
            else:
                lines.append(inner + comment)
            row = -1
            continue
        flat = _flat_item(each, depth + 1)
        if flat is not None and (each.type != "array" or len(inner) + len(flat) < WIDTH):
            lines.append(f"{inner}{flat},")
        else:
            first, *more = _broken(each, depth + 1)
            lines += [inner + first, *more[:-1], f"{more[-1]},"]
        row = each.end_point.row
    lines.append(INDENT * depth + "]")
    yield from lines
