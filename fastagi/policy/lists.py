"""Lists of prefixes: files of one E.164 prefix a line, up to a million and more.

# what stands behind a `#` is a remark
+88213      # EMSAT
8835110
"""

from __future__ import annotations

import re
from hashlib import sha256
from typing import TYPE_CHECKING, Final

from fastagi.errors import PolicyError, Problem
from fastagi.numbering.prefixes import PrefixTable
from fastagi.policy.files import read_file
from fastagi.policy.wording import quoted

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

BYTES_MAX: Final = 256 << 20  # ten million lines; more is a mistake, or a device
PROBLEMS_MAX: Final = 20
"""Lines of one list that are complained of; a list of another format is wrong in every line."""

_PREFIX: Final = re.compile(r"[1-9][0-9]{0,14}")  # ITU-T E.164 (11/2010), 6.2.1


def read_list(file: Path) -> tuple[PrefixTable, bytes]:
    """Read a list; also returns its SHA-256.

    Raises:
        PolicyError: It cannot be read, or lines of it are no prefixes.
    """
    raw = read_file(file, BYTES_MAX)
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise PolicyError([Problem(file, line, "this is not UTF-8; save it as UTF-8")]) from None
    problems: list[Problem] = []
    table = PrefixTable(_prefixes(file, text, problems))
    if len(problems) > PROBLEMS_MAX:
        more = len(problems) - PROBLEMS_MAX
        last = Problem(file, problems[PROBLEMS_MAX].line, f"and {more} more lines are no prefixes")
        problems[PROBLEMS_MAX:] = [last]
    if problems:
        raise PolicyError(problems)
    return table, sha256(raw).digest()


def _prefixes(file: Path, text: str, problems: list[Problem]) -> Iterator[str]:
    for number, line in enumerate(text.split("\n"), start=1):
        prefix = line.partition("#")[0].strip().removeprefix("+")
        if _PREFIX.fullmatch(prefix):
            yield prefix
        elif prefix:
            problems.append(Problem(file, number, _why_not(prefix)))


def _why_not(written: str) -> str:
    if "," in written or ";" in written:
        return (
            f"{quoted(written)} has several columns; keep the prefix (`cut -d, -f1`), "
            "and put remarks behind `#`"
        )
    return (
        f"{quoted(written)} is no prefix of E.164; write the country code first, such as `+39`, "
        "and at most 15 digits"
    )
