"""The file of cases beside a policy: read, and checked as far as it can be without the policy.

`office.toml` has its cases and sequences in `office.cases.toml`. What is wrong in it is told as
what is wrong in a policy: every problem, with file and line.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pydantic import Field

from fastagi.policy.case_document import CaseTable
from fastagi.policy.document import Table
from fastagi.policy.files import read_file
from fastagi.policy.reading import BYTES_MAX, Reader
from fastagi.policy.sequence_document import SequenceTable
from fastagi.policy.sequences import read_sequences
from fastagi.policy.wording import quoted

if TYPE_CHECKING:
    from pathlib import Path

    from fastagi.policy.case_document import CallTable, ExpectTable, SiteOverride
    from fastagi.policy.sequences import Sequence


class CaseDocument(Table):
    """All cases and sequences of a policy, as they are written."""

    case: list[CaseTable] = Field([])
    sequence: list[SequenceTable] = Field([])


@dataclass(frozen=True, slots=True)
class Case:
    """One call, and what must come of it.

    Attributes:
        line: Where in its file the case stands.
        site: What of the policy's site is otherwise; None where nothing is.
    """

    name: str
    line: int
    site: SiteOverride | None
    call: CallTable
    expect: ExpectTable


@dataclass(frozen=True, slots=True)
class CaseFile:
    """All cases and sequences of a policy."""

    source: Path
    cases: tuple[Case, ...] = ()
    sequences: tuple[Sequence, ...] = ()

    def __len__(self) -> int:
        return len(self.cases) + len(self.sequences)


def load_cases(path: Path) -> tuple[Case, ...]:
    """Load the cases of a file; its sequences are checked, and left out.

    Raises:
        PolicyError: They cannot be used; holds every problem, with file and line.
    """
    return load_case_file(path).cases


def load_case_file(path: Path) -> CaseFile:
    """Load cases and sequences from their file.

    Raises:
        PolicyError: They cannot be used; holds every problem, with file and line.
    """
    return read_cases(read_file(path, BYTES_MAX), path)


def read_cases(text: str | bytes, source: Path) -> CaseFile:
    """Read cases and sequences that are in no file yet.

    Args:
        text: TOML.
        source: What messages call it.

    Raises:
        PolicyError: As `load_case_file`.
    """
    reader = Reader(source, text)
    reader.only_keys(["case", "sequence"])
    if not (reader.has("case") or reader.has("sequence")):
        what = "there is no case; write `[[case]]` with `name`, `call` and `expect`"
        reader.wrong((), f"{what}, or a `[[sequence]]`")
    cases, sequences = _cases(reader), read_sequences(reader)
    reader.raise_if_wrong()
    return CaseFile(source, cases, sequences)


def _cases(reader: Reader) -> tuple[Case, ...]:
    cases: dict[str, Case] = {}
    for where, table in reader.each(CaseTable, "case"):
        if table.name in cases:
            what = f"there is a case {quoted(table.name)} already; give this one another name"
            reader.wrong((*where, "name"), what)
        line = reader.line(where)
        cases[table.name] = Case(table.name, line, table.site, table.call, table.expect)
    return tuple(cases.values())
