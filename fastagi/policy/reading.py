"""One TOML file of ours, read table by table: every mistake becomes a problem with its line.

pydantic says what does not fit, in its own words; here those become the administrator's. Policies
and cases are both read this way.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, TypeVar, get_args

from pydantic import BaseModel, ValidationError

from fastagi.errors import PolicyError, Problem, TomlError
from fastagi.policy.wording import nearest, printable, quoted
from fastagi.toml_lines import WHOLE_FILE, parse

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

    from pydantic_core import ErrorDetails

    from fastagi.policy.document import Table
    from fastagi.toml_lines import TomlDocument, TomlPath

AnyTable = TypeVar("AnyTable", bound="Table")
Value = TypeVar("Value")

BYTES_MAX: Final = 1 << 20
"""Bytes of a policy or its cases: a thousand rules take a sixth of it."""

_REORDERING: Final = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
"""Characters that make a line read otherwise than it is (Unicode TR 36; CVE-2021-42574)."""

_SAID: Final = {
    "missing": "`{key}` is missing",
    "int_type": "`{key}` must be a whole number, such as `{key} = 2`",
    "bool_type": "`{key}` must be `true` or `false`",
    "list_type": '`{key}` must be a list, such as `{key} = ["…"]`',
    "dict_type": "`{key}` must be a table, such as `[{key}]`",
    "model_type": "`{key}` must be a table of `key = value`",
    "too_short": "`{key}` is empty and would fit nothing; leave it out if it is not to restrict",
    "greater_than_equal": "`{key}` must be at least {ge}",
    "less_than_equal": "`{key}` must be at most {le}",
}
"""Of each type of pydantic's errors, what we say; of any other, what pydantic does."""


class Reader:
    """Reads the tables of one file, and gathers what is wrong in it.

    Attributes:
        source: The file, for messages.
        problems: What is wrong so far.
    """

    def __init__(self, source: Path, raw: str | bytes) -> None:
        """Parse the file.

        Raises:
            PolicyError: It is no TOML at all, or no policy could be so large.
        """
        self.source = source
        self.problems: list[Problem] = []
        self._toml = self._parsed(raw)

    def _parsed(self, raw: str | bytes) -> TomlDocument:
        if len(raw) > BYTES_MAX:
            what = f"this is larger than {BYTES_MAX >> 20} MiB; put long lists into files"
            raise PolicyError([Problem(self.source, WHOLE_FILE, what)])
        try:
            toml = parse(raw)
        except TomlError as error:
            what = printable(error.what)
            raise PolicyError([Problem(self.source, error.line, what)]) from None
        text = raw if isinstance(raw, str) else raw.decode(errors="replace")
        for found in _REORDERING.finditer(text):
            line = text.count("\n", 0, found.start()) + 1
            what = f"a character that reorders text ({quoted(found[0])}) stands here; delete it"
            self.problems.append(Problem(self.source, line, what))
        return toml

    @property
    def lines(self) -> dict[TomlPath, int]:
        """The line of every key."""
        return dict(self._toml.lines)

    def line(self, path: TomlPath) -> int:
        """Return the line of what stands at `path`."""
        return self._toml.line(path)

    def top(self, key: str) -> object:
        """Return what is written of a key that is in no table; None where nothing is."""
        return self._toml.data.get(key)

    def wrong(self, path: TomlPath, what: str) -> None:
        """Note that what stands at `path` is wrong."""
        self.problems.append(Problem(self.source, self._toml.line(path), printable(what)))

    def raise_if_wrong(self) -> None:
        """End the reading if anything was wrong.

        Raises:
            PolicyError: Something was; all of it.
        """
        if self.problems:
            raise PolicyError(dict.fromkeys(self.problems))

    def only_keys(self, known: Iterable[str]) -> None:
        """Note every top-level key but those known."""
        names = list(known)
        for key in self._toml.data:
            if key not in names:
                self.wrong((key,), f"{quoted(key)} is not known here; {nearest(key, names)}")

    def has(self, section: str) -> bool:
        """Tell whether a top-level key is there."""
        return section in self._toml.data

    def count(self, section: str) -> int:
        """Return how many `[[section]]` there are, right or wrong."""
        entries = self._toml.data.get(section, [])
        return len(entries) if isinstance(entries, list) else 0

    def table(self, shape: type[AnyTable], section: str) -> AnyTable | None:
        """Read `[section]`; None where it is not there, or wrong."""
        if not self.has(section):
            return None
        return self._read(shape.model_validate, (section,), self._toml.data[section], shape)

    def named(
        self,
        key: Callable[[object], object],
        value: Callable[[object], Value],
        section: str,
    ) -> dict[str, Value | None]:
        """Read the entries of `[section]`, each a key and a value; None for values that are wrong.

        Args:
            key: Reads a key, or raises what pydantic does.
            value: The same of a value.
            section: The table.
        """
        entries = self._toml.data.get(section, {})
        if not isinstance(entries, dict):
            self.wrong((section,), _SAID["dict_type"].format(key=section))
            return {}
        for name in entries:
            self._read(key, (section, name), name)
        return {name: self._read(value, (section, name), entry) for name, entry in entries.items()}

    def each(
        self, shape: type[AnyTable], section: str
    ) -> Iterator[tuple[tuple[str, int], AnyTable]]:
        """Read every `[[section]]`, and yield those that are right with their path."""
        entries = self._toml.data.get(section, [])
        if not isinstance(entries, list):
            what = f"`{section}` must be an array of tables: write `[[{section}]]`"
            self.wrong((section,), what)
            return
        for index, entry in enumerate(entries):
            read = self._read(shape.model_validate, (section, index), entry, shape)
            if read is not None:
                yield (section, index), read

    def _read(
        self,
        validate: Callable[[object], Value],
        path: TomlPath,
        raw: object,
        shape: type[BaseModel] = BaseModel,
    ) -> Value | None:
        try:
            return validate(raw)
        except ValidationError as error:
            for detail in error.errors(include_url=False, include_input=False):
                self.wrong((*path, *detail["loc"]), _in_plain_words(detail, path, shape))
        return None


def _in_plain_words(detail: ErrorDetails, path: TomlPath, shape: type[BaseModel]) -> str:
    """Say what is wrong in the table at `path`, and what to write instead."""
    context = detail.get("ctx", {})
    if detail["type"] == "value_error":
        return str(context["error"])
    inside = detail["loc"]
    key = next(part for part in reversed((*path, *inside)) if isinstance(part, str))
    if detail["type"] == "extra_forbidden":
        return f"{quoted(key)} is not known here; {nearest(key, _keys(shape, inside[:-1]))}"
    said = _SAID.get(detail["type"], "`{key}`: {msg}")
    return said.format(key=key, msg=detail["msg"], **context)


def _keys(shape: type[BaseModel], inside: TomlPath) -> list[str]:
    """Return the keys of a table, or of a table inside it."""
    for part in inside:
        if str(part) not in shape.model_fields:
            continue  # the name of one of several tables of the same shape
        within = shape.model_fields[str(part)].annotation
        shape = next(
            each
            for each in (within, *get_args(within))
            if isinstance(each, type) and issubclass(each, BaseModel)
        )
    return [field.alias or name for name, field in shape.model_fields.items()]
