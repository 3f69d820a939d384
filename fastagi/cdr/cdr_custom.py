"""What `cdr_custom` writes: the columns are what its configuration says."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from fastagi.errors import RecordsError

if TYPE_CHECKING:
    from pathlib import Path

MAPPING: Final = re.compile(r"\s*([^;=\s]+)\s*=>?\s*(.+?)\s*")
ROTATED: Final = re.compile(r"(?:[.-][0-9]+|\.(?:gz|bz2|xz|old|bak))+\Z")
VALUE: Final = re.compile(r"\$\{.*?(CDR|CHANNEL)\(([^()]*)\)")

OF_CHANNEL: Final = {
    "name": "channel",
    "endpoint": "extension",
    "peername": "extension",
    "uniqueid": "uniqueid",
    "pjsip,remote_addr": "address",
    "recvip": "address",
    "dialplan_context": "dcontext",
}
"""What `CHANNEL(…)` gives, by the name of the column of the same meaning."""


def mapping_of(file: Path, name: str) -> list[str]:
    """Return the names of the columns that a file of records has, by `cdr_custom.conf`.

    A column that is something else than `CDR(…)` or `CHANNEL(…)` has an empty name.

    Args:
        file: The configuration.
        name: What the file of records is called; a rotated one is known by its beginning.

    Raises:
        RecordsError: The configuration cannot be read, or says nothing of that file.
    """
    try:
        lines = file.read_text("utf-8", "replace").splitlines()
    except OSError as error:
        raise RecordsError(f"`{file}` cannot be read: {error.strerror}") from None
    found = dict(_mappings(lines))
    wanted = ROTATED.sub("", name)
    if wanted not in found:
        if len(found) != 1:
            has = ", ".join(f"`{each}`" for each in found) or "none"
            raise RecordsError(
                f"{file}: there is no mapping for `{wanted}`; it has {has}. A line like "
                "`Master.csv => ${CSV_QUOTE(${CDR(start)})},…` is looked for in `[mappings]`"
            )
        (wanted,) = found
    return [_name(cell) for cell in _cells(found[wanted])]


def _mappings(lines: list[str]) -> list[tuple[str, str]]:
    found, inside = [], False
    for line in lines:
        plain = line.strip()
        if plain.startswith("["):
            inside = plain.lower().startswith("[mappings]")
        elif inside and (match := MAPPING.fullmatch(line)):
            found.append((match[1], match[2]))
    return found


def _cells(text: str) -> list[str]:
    """Take a mapping apart at commas that are in no brackets."""
    cells, depth = [""], 0
    for each in text:
        depth += (each in "({") - (each in ")}")
        if each == "," and not depth:
            cells.append("")
        else:
            cells[-1] += each
    return cells


def _name(cell: str) -> str:
    match = VALUE.search(cell)
    if match is None:
        return ""
    inner = match[2].replace(" ", "").lower()
    if match[1] == "CHANNEL":
        return OF_CHANNEL.get(inner, "")
    return inner.partition(",")[0]
