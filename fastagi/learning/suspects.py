"""Calls that look like an attack: a first policy must not take a thief's for what is usual.

Only calls that cost more are looked at, as only those pay. A phone's day is held against what the
phone does on its other days, if it has enough of them, and else against all phones' days: by the
upper quartile of all but its busiest, which the thief's own few days do not move. What is found is
told of, as a holiday campaign may look the same; it is left out of what is learnt and kept out of
nothing else.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import date, datetime
from statistics import quantiles
from typing import TYPE_CHECKING, Final, NamedTuple

from fastagi.numbering.number import Category

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from fastagi.learning.habits import Call

COSTLY: Final = frozenset(
    {
        Category.INTERNATIONAL,
        Category.PREMIUM,
        Category.SATELLITE,
        Category.SHARED_COST,
        Category.PERSONAL,
        Category.PAGER,
    }
)

FEW: Final = 10
"""So many costly calls on one day of one phone are never odd by their number."""

DAYS_KNOWN: Final = 5
"""On so many days a phone must have made costly calls to be held against itself."""

BUSIEST: Final = 4
"""So many of a phone's days are not taken for usual: an attack may last from Friday to Monday.

Of a phone that hardly ever makes costly calls they might be most of the days there are.
"""

TIMES: Final = 3
"""How many times the upper quartile of days a day must have to be odd."""

NIGHT_FROM, NIGHT_UNTIL = 22, 6
AT_NIGHT: Final = 3
"""So many calls of a night, to countries that nobody calls by day, are odd."""

WORKS_AT_NIGHT: Final = 0.1
"""Where a larger share of all calls is made at night, people work then."""

BESIDE_S: Final = 12 * 3600
"""Costly calls of the phone so shortly before or after are taken for the thief's as well."""

SEVERAL_DAYS: Final = 3
"""On so many other days a range of numbers must be called to be nobody's but honest people's."""

RENTED: Final = 3
"""So often a range is called in an attack that it is the thief's, and no customer's."""

SAME_RANGE: Final = 3
"""Last digits in which numbers of one range differ: who rents numbers rents a thousand."""


class Suspicion(NamedTuple):
    """A stretch of calls of one phone that looks like an attack.

    Attributes:
        extension: Whose.
        day: When it began, at the site.
        calls: How many calls.
        countries: Where to; the most called first.
        why: What is odd about it.
    """

    extension: str
    day: date
    calls: int
    countries: tuple[str, ...]
    why: str


@dataclass(frozen=True, slots=True)
class Suspects:
    """What looks like an attack.

    Attributes:
        places: The places of those calls in the sequence.
        found: A line for each stretch.
    """

    places: frozenset[int]
    found: tuple[Suspicion, ...]


def find_suspects(calls: Sequence[Call]) -> Suspects:
    """Find calls that look like an attack.

    Args:
        calls: All of them, in order of time.
    """
    days: dict[tuple[str, date], list[int]] = defaultdict(list)
    for place, call in enumerate(calls):
        if COSTLY & call.number.categories:
            days[call.extension, call.local.date()].append(place)
    odd = _many(days) | _strange(calls, days)
    spans = {
        key: (calls[days[key][0]].at - BESIDE_S, calls[days[key][-1]].at + BESIDE_S) for key in odd
    }
    rented = Counter(_range(calls[place]) for key in odd for place in days[key])
    ranges = {each for each, count in rented.items() if count >= RENTED}
    ranges -= _usual_ranges(calls, [days[key] for key in days if key not in odd])
    by_key: dict[tuple[str, date], list[int]] = defaultdict(list)
    for (extension, day), places in days.items():
        for place in places:
            key = _span(extension, calls[place].at, spans)
            if key is not None:
                by_key[key].append(place)
            elif _range(calls[place]) in ranges:
                by_key[extension, day].append(place)
    found = [
        _suspicion(key, [calls[place] for place in places], odd.get(key, "the same numbers"))
        for key, places in sorted(by_key.items(), key=lambda each: (each[0][1], each[0][0]))
    ]
    return Suspects(
        frozenset(place for places in by_key.values() for place in places), tuple(found)
    )


def _many(days: Mapping[tuple[str, date], list[int]]) -> dict[tuple[str, date], str]:
    """Find days on which a phone made many more costly calls than is usual."""
    own: dict[str, list[int]] = defaultdict(list)
    for (extension, _), places in days.items():
        own[extension].append(len(places))
    known = {
        extension: sorted(counts)[:-BUSIEST]
        for extension, counts in own.items()
        if len(counts) >= DAYS_KNOWN
    }
    of_all = _upper_quartile(count for counts in known.values() for count in counts)
    usual = {extension: _upper_quartile(counts) for extension, counts in known.items()}
    odd: dict[tuple[str, date], str] = {}
    for (extension, day), places in days.items():
        if len(places) > max(FEW, TIMES * usual.get(extension, of_all)):
            odd[extension, day] = "many more on a day than is usual"
    return odd


def _strange(
    calls: Sequence[Call], days: Mapping[tuple[str, date], list[int]]
) -> dict[tuple[str, date], str]:
    """Find nights on which countries were called that nobody ever calls by day."""
    if sum(_is_night(call.local) for call in calls) > WORKS_AT_NIGHT * len(calls):
        return {}
    costly = [calls[place] for places in days.values() for place in places]
    by_day = {call.number.country for call in costly if not _is_night(call.local)}
    odd: dict[tuple[str, date], str] = {}
    for key, places in days.items():
        strange = [
            place
            for place in places
            if _is_night(calls[place].local) and calls[place].number.country not in by_day
        ]
        if len(strange) >= AT_NIGHT:
            odd[key] = "at night, to where nobody calls by day"
    return odd


def _is_night(local: datetime) -> bool:
    return local.hour >= NIGHT_FROM or local.hour < NIGHT_UNTIL


def _upper_quartile(counts: Iterable[int]) -> float:
    listed = list(counts)
    return quantiles(listed, n=4)[2] if len(listed) > 1 else sum(listed)


def _range(call: Call) -> str:
    return call.number.number[:-SAME_RANGE]


def _span(
    extension: str, at: float, spans: Mapping[tuple[str, date], tuple[float, float]]
) -> tuple[str, date] | None:
    """Return the odd day that a call is of, or close to."""
    for key, (first, last) in spans.items():
        if key[0] == extension and first <= at <= last:
            return key
    return None


def _usual_ranges(calls: Sequence[Call], days: Iterable[list[int]]) -> set[str]:
    """Return the ranges of numbers that were called on several days, by whomever."""
    seen = Counter(each for places in days for each in {_range(calls[place]) for place in places})
    return {each for each, count in seen.items() if count >= SEVERAL_DAYS}


def _suspicion(key: tuple[str, date], calls: Sequence[Call], why: str) -> Suspicion:
    countries = Counter(call.number.country for call in calls)
    return Suspicion(
        key[0], key[1], len(calls), tuple(country for country, _ in countries.most_common(5)), why
    )
