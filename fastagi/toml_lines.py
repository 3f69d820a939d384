"""Where in a TOML file a key stands.

`tomllib` reads the values and says what is no TOML; tree-sitter's TOML grammar tells the lines,
which `tomllib` does not. Nothing here knows what a policy or a setting is, and nothing here reads
files: the loaders bring the text, and make a `PolicyError` or a `SettingsError` of a `TomlError`.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, TypeAlias

import tree_sitter_toml
from tree_sitter import Language, Parser

from fastagi.errors import TomlError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tree_sitter import Node

TomlPath: TypeAlias = tuple[str | int, ...]
"""Keys and, within arrays, indices: `("rule", 2, "to", 0)` is the first item of the third
`[[rule]]`'s `to`. The same shape as the `loc` of a pydantic error."""

WHOLE_FILE: Final = 0  # the line of a `Problem` that no single line is to blame for

DOTS_MAX: Final = 200
"""Dots in a line: reading the key `a.a.a.…` takes `tomllib`, and us, the square of its length."""


@dataclass(frozen=True, slots=True)
class TomlDocument:
    """A TOML file: its values, and the line of each.

    Attributes:
        data: What `tomllib` made of it.
        lines: The line, from 1, of every table, key and array item.
    """

    data: dict[str, object]
    lines: Mapping[TomlPath, int]

    def line(self, path: TomlPath) -> int:
        """Return the line of what stands at `path`, else of its nearest parent that exists.

        The empty path, and a table that is missing altogether, give `WHOLE_FILE`.
        """
        for length in range(len(path), 0, -1):
            if (line := self.lines.get(path[:length])) is not None:
                return line
        return WHOLE_FILE


def parse(text: str | bytes) -> TomlDocument:
    """Read a TOML document; bytes must be UTF-8, and a byte order mark is overlooked.

    Raises:
        TomlError: It is no TOML 1.0; nothing else is ever raised.
    """
    if isinstance(text, bytes):
        text = decoded(text)
    text = text.removeprefix("\ufeff")
    _bound_keys(text)
    try:
        data: dict[str, object] = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise _in_plain_words(str(error), last_line=text.count("\n") + 1) from None
    except RecursionError:
        raise TomlError(WHOLE_FILE, "arrays or tables are nested too deep") from None
    except ValueError:  # int() refuses more than 4300 digits
        raise TomlError(WHOLE_FILE, "a number has too many digits") from None
    return TomlDocument(data, _lines(tree_of(text)))


def tree_of(text: str) -> Node:
    """Return the syntax tree of a TOML text, comments included; what is no TOML has errors."""
    # What tomllib has read holds no lone surrogates but in strings handed over as str.
    return Parser(_GRAMMAR).parse(text.encode(errors="replace")).root_node


def decoded(raw: bytes) -> str:
    """Return the text of a file.

    Raises:
        TomlError: It is not UTF-8.
    """
    try:
        return raw.decode()
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise TomlError(line, "this is not UTF-8; save the file as UTF-8") from None


# ----------------------------------------------------------------------------- lines

_GRAMMAR: Final = Language(tree_sitter_toml.language())


def _lines(root: Node) -> dict[TomlPath, int]:
    """Walk the tree once, with a stack of its own: nesting is the file's, not Python's."""
    lines: dict[TomlPath, int] = {}
    pending = list(_tables(root, lines))
    while pending:
        path, node = pending.pop()
        if node.type == "array":
            items = (child for child in node.named_children if child.type != "comment")
            for index, item in enumerate(items):
                lines[*path, index] = _line(item)
                pending.append(((*path, index), item))
        else:
            for pair in _pairs(node):
                where = (*path, *_keys(pair.named_children[0]))
                _note(lines, where, _line(pair))
                value = pair.named_children[1]  # after it there may be a comment
                pending.append((where, value))
    return lines


def _tables(root: Node, lines: dict[TomlPath, int]) -> Iterator[tuple[TomlPath, Node]]:
    """Find the path of every `[table]` and `[[table]]`, counting the latter."""
    yield (), root
    seen: dict[TomlPath, int] = {}  # of each array of tables, how many so far
    for node in root.named_children:
        if node.type not in ("table", "table_array_element"):
            continue
        path: TomlPath = ()
        for key in _keys(node.named_children[0]):
            if path in seen:  # `[rule.x]` speaks of the last `[[rule]]` before it
                path = (*path, seen[path] - 1)
            path = (*path, key)
        if node.type == "table_array_element":
            lines.setdefault(path, _line(node))
            seen[path] = seen.get(path, 0) + 1
            path = (*path, seen[path] - 1)
        _note(lines, path, _line(node))
        yield path, node


def _pairs(node: Node) -> Iterator[Node]:
    """Find the `key = value` children; any other value has none."""
    return (child for child in node.named_children if child.type == "pair")


def _keys(node: Node) -> Iterator[str]:
    """Read a key, which may be quoted or dotted, as `tomllib` itself does."""
    text = (node.text or b"").decode()
    if node.type == "bare_key":
        yield text
        return
    nested: object = tomllib.loads(f"{text} = 0")
    while isinstance(nested, dict):
        ((key, nested),) = nested.items()
        yield key


def _note(lines: dict[TomlPath, int], path: TomlPath, line: int) -> None:
    """Note a line, and for parents that `a.b.c = 1` only implies, the same."""
    lines[path] = line
    for length in range(1, len(path)):
        lines.setdefault(path[:length], line)


def _line(node: Node) -> int:
    """Return the line, from 1, on which the node begins."""
    return node.start_point.row + 1


# ----------------------------------------------------------------------------- errors

_PLACE: Final = re.compile(r" \(at (?:line (\d+), column (\d+)|end of document)\)\Z")

_PLAIN_WORDS: Final = {
    "Invalid statement": "this is neither `key = value` nor a `[table]`",
    "Invalid value": 'this is no value; text goes in quotes: `key = "text"`',
    "Cannot overwrite a value": "this key is already set; keep one of the two",
    "Invalid date or datetime": "this date or time does not exist",
    "Unclosed array": "the array is not closed; end it with `]`",
    "Unclosed inline table": "the table is not closed; end it with `}`",
    "Unterminated string": "the string is not closed; end it with a quote",
    "Illegal character '\\n'": "the string is not closed; end it with a quote",
    "Unescaped '\\' in a string": "a `\\` in a string must be doubled, or the quotes be single",
    "Expected '=' after a key in a key/value pair": "there must be a `=` after the key",
}
"""What `tomllib` says, and what an administrator can do about it. The rest is shown as it is."""


_TWICE: Final = re.compile(r"Cannot declare \((.*)\) twice")


def _in_plain_words(message: str, last_line: int) -> TomlError:
    """Split `tomllib`'s message into the line and what is wrong there."""
    place = _PLACE.search(message)
    what = message[: place.start()] if place else message
    if twice := _TWICE.fullmatch(what):
        table = ".".join(re.findall(r"'([^']*)'", twice[1]))
        what = f"`[{table}]` is here already; where there may be several, each is `[[{table}]]`"
    what = _PLAIN_WORDS.get(what, what[:1].lower() + what[1:])
    if place is None or place[1] is None:
        return TomlError(last_line, what)
    return TomlError(int(place[1]), f"{what} (column {place[2]})")


def _bound_keys(text: str) -> None:
    for number, line in enumerate(text.split("\n"), start=1):
        if line.count(".") > DOTS_MAX:
            raise TomlError(
                number, "there are too many dots in this line; write a long list in several lines"
            )
