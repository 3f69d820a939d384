"""Findings that somebody has looked at and accepts, each with the reason: a TOML file.

What is accepted is known again by its kind, its file and what was said of it: lines move. An entry
that no finding fits any more is stale, and told, so that the file does not fill with what would
one day hide something new.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from fastagi.audit.finding import Kind
from fastagi.errors import AcceptedError, Problem, TomlError
from fastagi.policy.wording import nearest
from fastagi.toml_lines import WHOLE_FILE, parse

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from fastagi.audit.finding import Finding
    from fastagi.toml_lines import TomlDocument

TABLE: Final = "accepted"

KINDS: Final = tuple(each.value for each in Kind)

FIELDS: Final = ("kind", "file", "text", "why")

MADE_OF: Final = f"`[[{TABLE}]]` with `kind`, `file`, `text` and `why`"


@dataclass(frozen=True, slots=True)
class Accepted:
    """One entry.

    Attributes:
        file: The finding's, as it is told; empty for the loaded dialplan.
        text: The finding's message, the whole of it.
        why: The reason.
        line: Where the entry begins in its own file.
    """

    kind: Kind
    file: str
    text: str
    why: str
    line: int

    def fits(self, finding: Finding) -> bool:
        """Whether this is the finding that was accepted."""
        said = (finding.kind, finding.place.file, finding.message)
        return said == (self.kind, self.file, self.text)


def read_accepted(file: Path) -> tuple[Accepted, ...]:
    """Read the file.

    Raises:
        AcceptedError: It cannot be read, or something in it is wrong; with all that is.
    """
    try:
        document = parse(file.read_bytes())
    except OSError as error:
        what = f"cannot be read: {error.strerror or error}"
        raise AcceptedError([Problem(file, WHOLE_FILE, what)]) from error
    except TomlError as error:
        raise AcceptedError([Problem(file, error.line, error.what)]) from error
    problems = [
        Problem(file, document.line((key,)), f"`{key}` means nothing here; write {MADE_OF}")
        for key in document.data
        if key != TABLE
    ]
    tables = document.data.get(TABLE, [])
    if not isinstance(tables, list):
        problems.append(Problem(file, document.line((TABLE,)), f"write {MADE_OF}"))
        tables = []
    found = []
    for index, table in enumerate(tables):
        line = document.line((TABLE, index))
        wrong = [Problem(file, at, what) for at, what in _wrong_with(table, index, document)]
        problems += wrong
        if not wrong:
            fields = {name: value for name, value in table.items() if name != "kind"}
            found.append(Accepted(kind=Kind(table["kind"]), **fields, line=line))
    if problems:
        raise AcceptedError(problems)
    return tuple(found)


def match(
    findings: Sequence[Finding], accepted: Sequence[Accepted]
) -> tuple[Mapping[Finding, str], Sequence[Accepted]]:
    """Return why findings are accepted, and the entries that fit none."""
    reasons = {
        finding: entry.why
        for entry in reversed(accepted)  # of two that fit, the first tells why
        for finding in findings
        if entry.fits(finding)
    }
    stale = [entry for entry in accepted if not any(map(entry.fits, findings))]
    return reasons, stale


def _wrong_with(table: object, index: int, document: TomlDocument) -> Iterator[tuple[int, str]]:
    start = document.line((TABLE, index))
    if not isinstance(table, dict):
        yield start, f"write {MADE_OF}"
        return
    for key in table:
        if key not in FIELDS:
            hint = nearest(key, FIELDS)
            yield document.line((TABLE, index, key)), f"`{key}` means nothing here; {hint}"
    for key in FIELDS:
        value = table.get(key)
        line = document.line((TABLE, index, key))
        if value is None:
            yield start, f"`{key}` is missing; write {MADE_OF}"
        elif not isinstance(value, str):
            yield line, f"`{key}` is text; write it in quotes"
        elif key in ("text", "why") and not value.strip():
            yield line, f"`{key}` is empty; say what is accepted, and why"
        elif key == "kind" and value not in KINDS:
            yield line, f"`{value}` is no kind of finding; {nearest(value, KINDS)}"
