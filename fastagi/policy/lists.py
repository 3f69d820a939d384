"""Lists of prefixes: files as they are published, up to a million lines and more.

    # what stands behind a `#` is a remark
    +88213      # EMSAT
    8835110

    Country;Range start;Range end;Date
    Cuba;+53 5 550 0000;+53 5 559 9999;2026-01-05

What a cell may hold is `list_numbers`', which column it is in, `list_columns`'.
"""

from __future__ import annotations

import codecs
import io
import re
from hashlib import sha256
from typing import TYPE_CHECKING, Final

from fastagi.errors import PolicyError, Problem
from fastagi.numbering.prefixes import PrefixTable
from fastagi.policy.files import read_file
from fastagi.policy.list_columns import columns_of
from fastagi.toml_lines import WHOLE_FILE

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

BYTES_MAX: Final = 256 << 20  # ten million lines; more is a mistake, or a device
PROBLEMS_MAX: Final = 20
"""Lines of one list that are complained of; a list of another format is wrong in every line."""

_REMARK: Final = re.compile(r"#(?!\s*[\t;,|])")
"""Begins a remark; with a separator behind it, it is the name of a column."""

_SAYS_SEPARATOR: Final = re.compile(r"sep=([\t;,|])", re.IGNORECASE)
"""A first line that spreadsheets write for one another."""


def read_list(file: Path) -> tuple[PrefixTable, bytes]:
    """Read a list; also returns its SHA-256.

    Raises:
        PolicyError: It cannot be read, nothing is in it, or lines of it hold no number.
    """
    raw = read_file(file, BYTES_MAX)
    if not raw.removeprefix(codecs.BOM_UTF8).strip():
        what = "nothing is in this file; a list that is to be empty says so: write `# none yet`"
        raise PolicyError([Problem(file, WHOLE_FILE, what)])
    problems: list[Problem] = []
    table = PrefixTable(_prefixes(file, raw, problems))
    if len(problems) > PROBLEMS_MAX:
        more = len(problems) - PROBLEMS_MAX
        last = Problem(file, problems[PROBLEMS_MAX].line, f"and {more} more lines are wrong")
        problems[PROBLEMS_MAX:] = [last]
    if problems:
        raise PolicyError(problems)
    return table, sha256(raw).digest()


def _prefixes(file: Path, raw: bytes, problems: list[Problem]) -> Iterator[str]:
    columns = separator = None
    for number, line in enumerate(_lines(raw), start=1):
        if not line.strip() or _REMARK.match(line.lstrip(" ")):
            continue
        try:
            if columns is None:
                said = _SAYS_SEPARATOR.fullmatch(line.strip(" \r\n"))
                if said is not None:
                    separator = said[1]
                    continue
                columns, is_header = columns_of(_REMARK.split(line, 1)[0], separator)
                if is_header:
                    continue
            yield from columns.prefixes(line)
        except ValueError as error:
            problems.append(Problem(file, number, str(error)))
            if columns is None:
                return  # of lines whose columns nobody knows, none is right or wrong


def _lines(raw: bytes) -> Iterator[str]:
    """Return the lines, whatever wrote them.

    Numbers are ASCII in nearly all encodings, and remarks do not matter: what cannot be read is
    wrong only where a number should be.
    """
    is_wide = raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    encoding = "utf-16" if is_wide else "utf-8-sig"
    return io.TextIOWrapper(io.BytesIO(raw), encoding, errors="replace", newline=None)
