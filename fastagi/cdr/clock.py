"""When a call began: what a record writes, as seconds since the epoch."""

from __future__ import annotations

import re
from collections import Counter
from datetime import datetime, timedelta, tzinfo
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

EPOCH: Final = re.compile(r"[0-9]{9,10}(?:\.[0-9]{1,9})?")
MILLISECONDS: Final = re.compile(r"[0-9]{12,13}")
AS_ASTERISK: Final = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[ T][0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{1,9})?", re.ASCII
)
GERMAN: Final = "%d.%m.%Y %H:%M:%S"
"""No other way round is in use with full stops; with strokes there is, and nobody guesses."""

FORMATS: Final = tuple(
    f"{day} {clock}"
    for day in ("%d/%m/%Y", "%m/%d/%Y", "%Y/%m/%d", "%d-%m-%Y", "%m-%d-%Y", "%d.%m.%Y", "%Y-%m-%d")
    for clock in ("%H:%M:%S", "%H:%M", "%I:%M:%S %p", "%I:%M %p")
)
"""How others write times; none is taken unless somebody says so."""

HOURS: Final = 20_000
"""Of so many hours it is remembered when they began: more than two years."""

AGREES_S: Final = 120.0
"""A row's first second and the second in its `uniqueid` may be this far apart."""


class Clock:
    """Reads times, in one zone; rows are shown in the order of their file.

    A local hour that comes twice: `uniqueid`, in which Asterisk writes when the channel came to
    be, tells which of both it was; without it, that rows are written in the order in which
    calls end.
    """

    def __init__(
        self, zone: tzinfo, time_format: str = "", *, perhaps: tzinfo | None = None
    ) -> None:
        """Make one.

        Args:
            zone: Of times that do not say their own.
            perhaps: Another one, of whose times it may be, where a `uniqueid` says so: in winter
                nobody can tell London's from UTC's.
            time_format: As `strptime` takes it; what Asterisk writes, ISO 8601 and epochs are
                understood without.
        """
        self._zone = zone
        self._format = time_format
        self._hours: dict[str, float | None] = {}
        self._latest = 0.0
        self._perhaps = None if perhaps is None else Clock(perhaps, time_format)

    def read(self, text: str, came_to_be: float, lasts_s: float) -> float:
        """Return a moment, in seconds since the epoch.

        Args:
            text: As it is on record.
            came_to_be: By the `uniqueid`; 0 where that does not tell.
            lasts_s: How long the call took, in seconds.

        Raises:
            ValueError: It is no time that is understood.
        """
        at = self._in_zone(text, came_to_be, lasts_s)
        if self._perhaps is not None and came_to_be and abs(at - came_to_be) > AGREES_S:
            other = self._perhaps.read(text, came_to_be, lasts_s)
            if abs(other - came_to_be) <= AGREES_S:
                return other
        return at

    def _in_zone(self, text: str, came_to_be: float, lasts_s: float) -> float:
        if len(text) == 19 and not self._format:
            hour = text[:13]
            try:
                begun = self._hours[hour]
            except KeyError:
                begun = self._hour(text)
            if begun is not None:
                at = begun + int(text[14:16]) * 60 + int(text[17:])
                if at + lasts_s > self._latest:
                    self._latest = at + lasts_s
                return at
        at = self._read(text, came_to_be, lasts_s)
        self._latest = max(self._latest, at + lasts_s)
        return at

    def _hour(self, text: str) -> float | None:
        """Return when an hour began; None where it comes twice, or is written otherwise."""
        if not AS_ASTERISK.fullmatch(text):
            return None
        if len(self._hours) >= HOURS:
            self._hours.clear()
        first = datetime.fromisoformat(f"{text[:13]}:00:00").replace(tzinfo=self._zone)
        last = first.replace(minute=59, second=59)
        offsets = {
            each.replace(fold=fold).utcoffset() for each in (first, last) for fold in (0, 1)
        }
        begun = first.timestamp() if len(offsets) == 1 else None
        self._hours[text[:13]] = begun
        return begun

    def _read(self, text: str, came_to_be: float, lasts_s: float) -> float:
        text = text.strip()
        if self._format:
            moment = datetime.strptime(text, self._format)  # noqa: DTZ007 - the zone is set below
        elif EPOCH.fullmatch(text):
            return float(text)
        elif MILLISECONDS.fullmatch(text):
            return int(text) / 1000
        elif text[2:3] == ".":
            moment = datetime.strptime(text, GERMAN)  # noqa: DTZ007 - likewise
        else:
            moment = datetime.fromisoformat(text)
        if moment.tzinfo is not None:
            return moment.timestamp()
        first, second = (
            moment.replace(tzinfo=self._zone, fold=fold).timestamp() for fold in (0, 1)
        )
        if first == second:
            return first
        if came_to_be:
            return min((first, second), key=lambda at: abs(at - came_to_be))
        is_past = first + lasts_s < self._latest - 60  # else clocks of others would seem to turn
        return second if is_past else first


def zone_by(
    times: Iterable[tuple[str, float]], zones: Sequence[tzinfo], time_format: str = ""
) -> tuple[tzinfo, float]:
    """Choose the zone that times are of.

    Args:
        times: Of some rows, what is on record, and the second in the `uniqueid`.
        zones: Those it may be, the likeliest first.
        time_format: As `Clock` takes it.

    Returns:
        The first that fits, or else the likeliest; and how many seconds its times are off by what
        most of the rows say: 0 where it fits, or nothing tells.
    """
    told = [(text, came_to_be) for text, came_to_be in times if came_to_be]
    offs: dict[tzinfo, float] = {}
    for zone in zones:
        clock = Clock(zone, time_format)
        off = Counter[float]()
        for text, came_to_be in told:
            try:
                apart = clock.read(text, came_to_be, 0) - came_to_be
            except ValueError:
                continue
            off[0.0 if abs(apart) <= AGREES_S else round(apart / 900) * 900.0] += 1
        offs[zone] = off.most_common(1)[0][0] if off else 0.0
        if not offs[zone]:
            return zone, 0.0
    return zones[0], offs[zones[0]]


def formats_of(text: str) -> list[str]:
    """Return the formats by which a time could be read, if somebody said so, of those in use."""
    return [each for each in FORMATS if _is_of(text.strip(), each)]


def _is_of(text: str, time_format: str) -> bool:
    try:
        datetime.strptime(text, time_format)  # noqa: DTZ007 - it is only asked whether it is one
    except ValueError:
        return False
    return True


def words(off_s: float) -> str:
    """Return a difference of hours in words: `1:30 h`."""
    return f"{'-' if off_s < 0 else ''}{str(timedelta(seconds=abs(off_s)))[:-3]} h"
