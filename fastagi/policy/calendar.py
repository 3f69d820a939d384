"""Nights, weekends and public holidays: words of `when` that nobody has to write `[hours]` for.

They are of the clock and the calendar on the site's wall, and hold whatever `closed` says: else a
rule for nights would not hold at Christmas.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, time, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

NIGHT: Final = "night"
WEEKEND: Final = "weekend"
HOLIDAY: Final = "holiday"

BUILT_IN: Final = frozenset({NIGHT, WEEKEND, HOLIDAY})

NIGHT_BEGINS: Final = time(22)
NIGHT_ENDS: Final = time(6)

_SATURDAY: Final = 6  # ISO 8601
_YEARS_KEPT: Final = 64
_ANY_YEAR: Final = 2000


@dataclass(frozen=True, slots=True)
class Calendar:
    """Which of the words hold at a moment.

    Attributes:
        country: ISO 3166-1; whose weekends and public holidays.
        region: A subdivision of it, ISO 3166-2 without the country; empty for all of it.
        words: Those that a policy asks for and does not define itself.
    """

    country: str
    region: str = ""
    words: frozenset[str] = BUILT_IN

    def holding(self, local: datetime) -> frozenset[str]:
        """Return the words that hold at a moment of the site's clock."""
        if not self.words:
            return self.words
        today, clock = local.date(), local.time()
        holding = set()
        if NIGHT in self.words and not NIGHT_ENDS <= clock < NIGHT_BEGINS:
            holding.add(NIGHT)
        if not self.words.isdisjoint((WEEKEND, HOLIDAY)):
            year = _year(self.country, self.region, today.year)
            holding |= {word for word in (WEEKEND, HOLIDAY) if today in year[word]} & self.words
        return frozenset(holding)

    @property
    def clocks(self) -> frozenset[time]:
        """The times of day at which one of the words begins or ends to hold; but midnight."""
        return frozenset({NIGHT_BEGINS, NIGHT_ENDS} if NIGHT in self.words else ())

    def prepare(self) -> None:
        """Load what is known of the country, so that no call has to wait for it."""
        if not self.words.isdisjoint((WEEKEND, HOLIDAY)):
            _year(self.country, self.region, _ANY_YEAR)


def has_holidays(country: str) -> bool:
    """Tell whether the public holidays of a country are known."""
    import holidays  # takes a tenth of a second, and most policies ask for none

    return country in holidays.list_supported_countries()


def regions(country: str) -> Mapping[str, str]:
    """Return the regions of a country that have holidays of their own: what may be said for each.

    That is its code of ISO 3166-2, without the country, and perhaps its name.
    """
    import holidays  # as above

    if not has_holidays(country):
        return {}
    known = holidays.country_holidays(country)
    return {**known.subdivisions_aliases, **{each: each for each in known.subdivisions}}


@lru_cache(maxsize=_YEARS_KEPT)
def _year(country: str, region: str, year: int) -> Mapping[str, frozenset[date]]:
    """Return the days of a year that are a weekend's, and those that are public holidays.

    Where nothing is known of a country, its weekends are Saturdays and Sundays.
    """
    import holidays  # as above

    first = date(year, 1, 1)
    days = [first + timedelta(days=each) for each in range(366)]
    days = [each for each in days if each.year == year]
    if not has_holidays(country):
        weekend = frozenset(each for each in days if each.isoweekday() >= _SATURDAY)
        return {WEEKEND: weekend, HOLIDAY: frozenset()}
    known = holidays.country_holidays(country, subdiv=region or None, years=year)
    return {
        WEEKEND: frozenset(each for each in days if known.is_weekend(each)),
        HOLIDAY: frozenset(each for each in days if each in known),
    }
