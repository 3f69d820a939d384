"""Which column of a record is what: by Asterisk's names, by others', or as somebody says."""

from __future__ import annotations

import re
from enum import StrEnum
from operator import itemgetter
from typing import TYPE_CHECKING, Final, NamedTuple

from fastagi.errors import RecordsError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence


class Field(StrEnum):
    """What a column tells. The values are what `--column` calls them."""

    AT = "at"
    DIALLED = "dialled"
    EXTENSION = "extension"
    CHANNEL = "channel"
    DURATION = "duration"
    TALKED = "talked"
    DISPOSITION = "disposition"
    CALL = "call"
    TO_CHANNEL = "dstchannel"
    CONTEXT = "context"
    DID = "did"
    TRUNK = "trunk"
    NODE = "node"
    ADDRESS = "address"
    TRANSPORT = "transport"


FIELDS: Final = tuple(Field)

CDR_CSV: Final = (
    *("accountcode", "src", "dst", "dcontext", "clid", "channel", "dstchannel", "lastapp"),
    *("lastdata", "start", "answer", "end", "duration", "billsec", "disposition", "amaflags"),
)
"""The columns that `cdr_csv` always writes (`build_csv_record`); there is no heading. What is
switched on beside them follows in this order: `uniqueid`, `userfield`, and of
`newcdrcolumns` `peeraccount`, `linkedid`, `sequence`."""

NEW_COLUMNS: Final = ("peeraccount", "linkedid", "sequence")
OPTIONAL: Final[Mapping[int, tuple[str, ...]]] = {
    16: (),
    18: ("uniqueid", "userfield"),
    19: NEW_COLUMNS,
    21: ("uniqueid", "userfield", *NEW_COLUMNS),
}
"""By how many columns there are; of 17 and 20 the content tells which one is there."""

UNIQUEID: Final = re.compile(r"(?:.+-)?[0-9]{9,10}\.[0-9]+")

NAMES: Final[Mapping[str, Field]] = {
    "calldate": Field.AT,
    "start": Field.AT,
    "starttime": Field.AT,
    "start_time": Field.AT,
    "start_stamp": Field.AT,
    "at": Field.AT,
    "dst": Field.DIALLED,
    "dialled": Field.DIALLED,
    "dialed": Field.DIALLED,
    "destination": Field.DIALLED,
    "destination_number": Field.DIALLED,
    "extension": Field.EXTENSION,
    "channel": Field.CHANNEL,
    "duration": Field.DURATION,
    "billsec": Field.TALKED,
    "talked": Field.TALKED,
    "disposition": Field.DISPOSITION,
    "uniqueid": Field.CALL,
    "dstchannel": Field.TO_CHANNEL,
    "dcontext": Field.CONTEXT,
    "context": Field.CONTEXT,
    "did": Field.DID,
    "trunk": Field.TRUNK,
    "node": Field.NODE,
    "systemname": Field.NODE,
    "address": Field.ADDRESS,
    "remote_addr": Field.ADDRESS,
    "transport": Field.TRANSPORT,
}
"""Names of columns as tables and headings have them, in small letters. `src` is not among them:
it is caller ID, which the caller chooses; who knows better says `--column extension=src`."""


class Layout(NamedTuple):
    """Where in a row each field stands.

    Attributes:
        places: From 0.
        least: Shorter rows are broken; where 0, those that lack a field.
    """

    places: Mapping[Field, int]
    least: int = 0

    def reader(self) -> Callable[[Sequence[str]], tuple[str, ...]]:
        """Return what takes all fields out of a row, in their order.

        The row has an empty cell at its end, for those that it does not have.
        """
        return itemgetter(*(self.places.get(field, -1) for field in FIELDS))

    @property
    def width(self) -> int:
        """How many columns a row must have for all fields."""
        return max(self.places.values()) + 1

    @property
    def needs(self) -> int:
        """How many columns a row must have at least."""
        return self.least or self.width


def of_names(names: Sequence[str], chosen: Mapping[Field, str], *, of: str) -> Layout:
    """Read a heading, or the names of a table's columns.

    Args:
        names: The columns' names, in their order.
        chosen: What somebody says of fields: a name of them, or a number from 1.
        of: What has the columns, for messages.

    Raises:
        RecordsError: A column that was named is not there, or one that is needed was not found.
    """
    plain = [name.strip().lower() for name in names]
    places: dict[Field, int] = {}
    for place, name in enumerate(plain):
        if (field := NAMES.get(name)) is not None:
            places.setdefault(field, place)
    if Field.EXTENSION in chosen:
        places.pop(Field.CHANNEL, None)
    places |= _chosen(chosen, plain, of)
    return _complete(places, of, names)


def of_places(width: int, chosen: Mapping[Field, str], *, of: str) -> Layout:
    """Read what somebody says of rows that have no heading: the number of each column, from 1.

    Raises:
        RecordsError: There is no such column, or one that is needed was not said.
    """
    return _complete(_chosen(chosen, [""] * width, of), of, ())


def of_cdr_csv(row: Sequence[str]) -> Layout | None:
    """Return what `cdr_csv` wrote, by a row of it; None where it is something else."""
    width = len(row)
    if not _is_cdr_csv(row):
        return None
    if width in OPTIONAL:
        more = OPTIONAL[width]
    elif width in (17, 20):
        first = "uniqueid" if UNIQUEID.fullmatch(row[16]) else "userfield"
        more = (first, *(NEW_COLUMNS if width == 20 else ()))
    else:
        return None
    layout = of_names([*CDR_CSV, *more], {}, of="cdr_csv")
    return layout._replace(least=len(CDR_CSV))  # the others may have been switched on later


def _is_cdr_csv(row: Sequence[str]) -> bool:
    if len(row) < len(CDR_CSV):
        return False
    started, duration, talked, disposition = row[9], row[12], row[13], row[14]
    return (
        started[4:5] == "-"
        and duration.isdigit()
        and talked.isdigit()
        and disposition.replace(" ", "").isalpha()
    )


def is_heading(row: Sequence[str], chosen: Mapping[Field, str]) -> bool:
    """Tell whether a row names columns: two that are known, or one that somebody named."""
    plain = {name.strip().lower() for name in row}
    named = {name.lower() for name in chosen.values()}
    return len(plain & NAMES.keys()) >= 2 or bool(plain & named)


def _chosen(chosen: Mapping[Field, str], names: Sequence[str], of: str) -> dict[Field, int]:
    found = {}
    for field, name in chosen.items():
        if name.strip().lower() in names:
            found[field] = names.index(name.strip().lower())
        elif name.isascii() and name.isdigit() and 0 < int(name) <= len(names):
            found[field] = int(name) - 1
        else:
            has = ", ".join(f"`{each}`" for each in names if each) or f"{len(names)} columns"
            raise RecordsError(f"{of}: there is no column {name!r} for `{field}`; it has {has}")
    return found


def _complete(places: Mapping[Field, int], of: str, names: Sequence[str]) -> Layout:
    missing = [field for field in (Field.AT, Field.DIALLED) if field not in places]
    if Field.CHANNEL not in places and Field.EXTENSION not in places:
        missing.append(Field.EXTENSION)
    if missing:
        has = f"; it has {', '.join(f'`{each}`' for each in names)}" if names else ""
        which = " and ".join(f"`--column {each}=…`" for each in missing)
        raise RecordsError(f"{of}: say which column it is: {which}{has}")
    return Layout(places)
