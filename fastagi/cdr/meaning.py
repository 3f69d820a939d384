"""What a row of the records means: an attempt of a phone to call, or what else.

Asterisk writes a row for each party that a channel dials: several where a call is tried on one
trunk after another, or rings several phones. `fastagi.cdr.folding` makes one call of them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from fastagi.cdr.channel_name import LOCAL, owner, stem
from fastagi.cdr.columns import Field
from fastagi.cdr.tally import Kind

if TYPE_CHECKING:
    from collections.abc import Sequence

    from fastagi.cdr.clock import Clock
    from fastagi.cdr.columns import Layout
    from fastagi.cdr.plan import Assumed
    from fastagi.cdr.tally import Tally

FROM_OUTSIDE: Final = (
    *("from-trunk", "from-pstn", "from-did", "from-dahdi", "from-zaptel", "from-digital"),
    *("from-analog", "from-outside", "from-sip-external", "ext-did", "incoming", "inbound"),
)
"""How contexts begin in which calls come from outside, in FreePBX and by custom."""

LONGEST: Final = 80
"""Characters of an extension; AST_MAX_EXTENSION."""

OUTSIDE: Final = 6
"""Digits of a number that is taken for one outside, to tell trunks from phones."""

CHANNELS: Final = 50_000
"""Of so many names of endpoints it is remembered whose they are."""


class Attempt(NamedTuple):
    """A row, as a tuple that sorts by when it began, then by where it stands.

    Attributes:
        at: In seconds since the epoch.
        file: Which source, from 0.
        row: Which line or row of it, from 1.
        extension: Who dialled.
        dialled: What.
        lasts_s: From its begin to its end, in seconds.
        talked_s: Of these, how long it was answered.
        call: The `uniqueid`, or what there is; empty where there is nothing.
        channel: The channel's name; empty where the record has none.
        node: Which Asterisk.
        trunk: Who carried it.
        address: From where.
        transport: How.
    """

    at: float
    file: int
    row: int
    extension: str
    dialled: str
    lasts_s: float
    talked_s: float
    call: str
    channel: str
    node: str
    trunk: str
    address: str
    transport: str


class Reader:
    """Reads the rows of one source."""

    def __init__(
        self, layout: Layout, clock: Clock, assumed: Assumed, tally: Tally, number: int, name: str
    ) -> None:
        """Make one.

        Args:
            layout: What its columns are.
            clock: Reads its times.
            assumed: What is said beside the records.
            tally: Counts what is left out.
            number: Which source it is, from 0.
            name: What it is called, in messages.
        """
        self._cells = layout.reader()
        self._needs, self._width = layout.needs, layout.width
        self._clock = clock
        self._assumed = assumed
        self._tally = tally
        self._number = number
        self._name = name
        self._inbound = FROM_OUTSIDE + tuple(sorted(assumed.inbound))
        self._has_channel = Field.CHANNEL in layout.places
        self._has_other = Field.TO_CHANNEL in layout.places
        self._has_disposition = Field.DISPOSITION in layout.places
        self._carried: set[str] = set()
        self.unread = ""
        """The last time, as it is on record, that could not be read."""
        self._owners: dict[str, tuple[str, str]] = {}

    def read(self, row: list[str], place: int) -> tuple[object, ...] | None:
        """Return the attempt (an `Attempt`, as a plain tuple), or count why it is none.

        Args:
            row: The cells; one is added to them.
            place: Which line or row, from 1.
        """
        if len(row) < self._needs:
            self._skip(Kind.BROKEN, place, f"{len(row)} cells, where {self._needs} are needed")
            return None
        row.extend([""] * (self._width + 1 - len(row)) or [""])
        cells = self._cells(row)
        started, dialled, extension, channel, lasts, talked, disposition, call, other = cells[:9]
        context, did, trunk, node, address, transport = cells[9:]
        systemname, came_to_be = of_uniqueid(call)
        try:
            lasts_s = _seconds(lasts)
            at = self._clock.read(started, came_to_be, lasts_s)
            talked_s = _seconds(talked)
        except (ValueError, OverflowError):
            self._skip(Kind.BROKEN, place, _span(started, lasts, talked))
            self._keep_if_no_time(started)
            return None
        assumed = self._assumed
        if not assumed.since <= at < assumed.until:
            self._skip(Kind.ELSEWHEN, place, started)
            return None
        if self._has_channel:
            technology, extension = self._owner(channel)
            if not extension:
                self._skip(_of_no_phone(technology, dialled, other), place, channel)
                return None
        elif not (extension := extension.strip()):
            self._skip(Kind.NO_PHONE, place, dialled)
            return None
        if extension in assumed.trunks or did or context.startswith(self._inbound):
            self._tally.came_in_by(extension)
            self._skip(Kind.INBOUND, place, f"{channel or extension} to {dialled}")
            return None
        if (kind := _odd(dialled)) is not None:
            self._skip(kind, place, f"{channel or extension} dialled {dialled!r}")
            return None
        if other and not trunk:
            trunk = self._owner(other)[1]
            if len(dialled) >= OUTSIDE and trunk not in self._carried:
                self._carried.add(trunk)
                self._tally.carried_by(trunk)
        if self._has_disposition and disposition != "ANSWERED" and not _is_answered(disposition):
            talked_s = 0
        elif self._has_other and not other:
            talked_s = 0  # prompts, and nobody at the other end
        elif disposition == "ANSWERED" and not talked_s:
            talked_s = 1  # Asterisk cuts off what is less than a second
        return (
            *(at, self._number, place, extension, dialled, max(lasts_s, talked_s), talked_s),
            *(call, channel, node or systemname or assumed.node),
            *(trunk, address or assumed.address, transport or assumed.transport),
        )

    def _owner(self, channel: str) -> tuple[str, str]:
        key = stem(channel)
        found = self._owners.get(key)
        if found is None:
            if len(self._owners) >= CHANNELS:
                self._owners.clear()
            found = self._owners[key] = owner(channel)
        return found

    def _keep_if_no_time(self, started: str) -> None:
        try:
            self._clock.read(started, 0, 0)
        except (ValueError, OverflowError):
            self.unread = started

    def _skip(self, kind: Kind, place: int, what: str) -> None:
        self._tally.skip(kind, f"{self._name}:{place}", what)


def of_uniqueid(call: str) -> tuple[str, float]:
    """Return the name of the Asterisk in a `uniqueid`, and when its channel came to be.

    `[systemname-]epoch.number`; an empty name and 0 where there are none.
    """
    head, dot, _ = call.rpartition(".")
    node, _, epoch = head.rpartition("-")
    if dot and 9 <= len(epoch) <= 10 and epoch.isascii() and epoch.isdigit():
        return node, float(epoch)
    return "", 0.0


def first_seconds(rows: Sequence[Sequence[str]], layout: Layout) -> list[tuple[str, float]]:
    """Return of some rows when they began, as it is on record, and by their `uniqueid`."""
    at, call = layout.places[Field.AT], layout.places.get(Field.CALL)
    if call is None:
        return []
    return [(row[at], of_uniqueid(row[call])[1]) for row in rows if len(row) > max(at, call)]


def _span(started: str, lasts: str, talked: str) -> str:
    """Say when it began and how long it took, as it is on record, if it is."""
    said = (("began", started), ("took", lasts), ("talked", talked))
    return ", ".join(f"{word} {text}" for word, text in said if text.strip()) or "no time"


def _seconds(text: str) -> float:
    """Return a time span: `61`, `60.5`, `60,5` or `1:01`.

    Raises:
        ValueError: It is none.
    """
    if text.isascii() and text.isdigit():
        return int(text)
    total = 0.0
    for part in text.strip().replace(",", ".").split(":") if text.strip() else ():
        total = total * 60 + float(part)
    if not 0 <= total < 1e9:
        raise ValueError(text)
    return total


def _of_no_phone(technology: str, dialled: str, other: str) -> Kind:
    if technology != LOCAL:
        return Kind.NO_PHONE
    is_outside = len(dialled) >= OUTSIDE and _odd(dialled) is None and owner(other)[1]
    return Kind.FORWARD if is_outside else Kind.LOCAL


def _odd(dialled: str) -> Kind | None:
    """Tell what it is that was dialled where it is no number."""
    if dialled.isdigit() and dialled.isascii() and len(dialled) <= LONGEST:
        return None
    if dialled.startswith(("*", "#")):
        return Kind.FEATURE_CODE
    digits = sum("0" <= each <= "9" for each in dialled)
    if not digits or not dialled.isprintable() or len(dialled) > LONGEST:
        return Kind.NOTHING_DIALLED
    return None


def _is_answered(disposition: str) -> bool:
    """Tell whether somebody answered, as others write it; of nothing at all, seconds tell."""
    return disposition.strip().upper() in {"", "ANSWERED", "ANSWER", "8", "16", "NORMAL_CLEARING"}
