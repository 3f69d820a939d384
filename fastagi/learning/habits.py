"""What a site's people do with their phones: who calls what, when, and how much of it at most."""

from __future__ import annotations

import heapq
import math
from collections import Counter, defaultdict, deque
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final, NamedTuple

from fastagi.numbering.number import Category, Number

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence

    from fastagi.cdr.past_call import PastCall
    from fastagi.learning.site import Site

DAY_S: Final = 86_400
BURST_S: Final = 600

INSIDE: Final = frozenset({Category.INTERNAL, Category.EMERGENCY})
NOWHERE: Final = frozenset({Category.INVALID, Category.UNALLOCATED})
FREE: Final = frozenset({Category.TOLL_FREE})

WORKING_DAY: Final = 0.2
"""A day of the week with a smaller share of what the busiest day has is none of work."""

EDGE: Final = 0.01
"""Share of the calls before the beginning of the hours, and of those after their end."""

STEP_MIN: Final = 30
"""Minutes that hours are rounded to, outwards."""

DAY_MIN: Final = 24 * 60
ROUND_THE_CLOCK_MIN: Final = 20 * 60
"""Hours as long as this are none: people work all day and night."""

USUAL: Final = 0.999
"""Share of calls by which it is told how many a phone holds at a time."""

CHEAP: Final = FREE | {Category.NATIONAL}
ENOUGH: Final = 20
"""So many calls of a phone say that it is one that never calls anything but what is cheap."""

ABROAD_DAYS: Final = 2
"""On so many days a phone must have called abroad to be one that does."""


class Call(NamedTuple):
    """A call, understood.

    Attributes:
        at: When, in seconds since the epoch.
        local: When, at the site.
        extension: Who called.
        number: Whom.
        ends: When it was over, in seconds since the epoch.
        talked_s: How long it was talked.
    """

    at: float
    local: datetime
    extension: str
    number: Number
    ends: float
    talked_s: int

    @property
    def is_outside(self) -> bool:
        """Whether it went outside, to a number that there is."""
        return self.number.category not in INSIDE | NOWHERE

    @property
    def is_abroad(self) -> bool:
        """Whether it went abroad."""
        return Category.INTERNATIONAL in self.number.categories


class Opening(NamedTuple):
    """Hours of work.

    Attributes:
        days: ISO weekdays, Monday is 1.
        begin: Minutes from midnight.
        end: Likewise.
    """

    days: tuple[int, ...]
    begin: int
    end: int


@dataclass(frozen=True, slots=True)
class Most:
    """The most there was.

    Attributes:
        at_a_time: Calls of one phone, but for one call in a thousand.
        abroad_at_a_time: Calls abroad of the whole site.
        abroad_minutes: Of one phone, abroad, within a day that rolls.
        abroad_calls: Likewise.
        abroad_burst: Of one phone, abroad, within ten minutes.
        abroad_talk_s: Of one call abroad.
        talk_s: Of one call.
    """

    at_a_time: int
    abroad_at_a_time: int
    abroad_minutes: int
    abroad_calls: int
    abroad_burst: int
    abroad_talk_s: int
    talk_s: int


@dataclass(frozen=True, slots=True)
class Habits:
    """What people do.

    Attributes:
        calls: How many calls there were, and how many went outside.
        outside: Likewise.
        begin: When the first was.
        end: When the last was.
        kinds: How many calls went to each category, but for those inside.
        abroad: Phones that call abroad.
        home: Phones that do not.
        lobby: Phones that call nothing but landlines of the country, and what is free.
        opening: When people work; empty where there is no telling, or it is always.
        abroad_in_hours: Calls abroad within them.
        abroad_calls: Calls abroad.
        countries: Those called, with how often; most first.
        most: The most there was.
    """

    calls: int
    outside: int
    begin: datetime
    end: datetime
    kinds: Counter[Category]
    abroad: tuple[str, ...]
    home: tuple[str, ...]
    lobby: tuple[str, ...]
    opening: tuple[Opening, ...]
    abroad_in_hours: int
    abroad_calls: int
    countries: tuple[tuple[str, int], ...]
    most: Most


def understood(calls: Iterable[PastCall], site: Site) -> list[Call]:
    """Return what each call was, in order of time; a quarter of a large site fits into memory."""
    plan, numbers = site.plan, dict[str, Number]()
    made = []
    for call in calls:
        number = numbers.get(call.dialled)
        if number is None:
            number = numbers[call.dialled] = plan.read(call.dialled)
        local = datetime.fromtimestamp(call.at, UTC).astimezone(site.timezone)
        ends = call.at + call.rings_s + call.talked_s
        made.append(Call(call.at, local, call.extension, number, ends, call.talked_s))
    return made


def find_habits(calls: Sequence[Call], extensions: Sequence[str]) -> Habits:
    """Return what people do.

    Args:
        calls: What is not an attack, in order of time; at least one.
        extensions: Every phone there is.
    """
    outside = [call for call in calls if call.is_outside]
    abroad = [call for call in outside if call.is_abroad]
    days_abroad = defaultdict(set)
    for call in abroad:
        days_abroad[call.extension].add(call.local.date())
    far = {each for each, days in days_abroad.items() if len(days) >= ABROAD_DAYS}
    made = Counter(call.extension for call in calls)
    dearer = {call.extension for call in outside if not call.number.categories <= CHEAP}
    near = {each for each, count in made.items() if count >= ENOUGH} - dearer
    opening = tuple(_opening(outside))
    return Habits(
        calls=len(calls),
        outside=len(outside),
        begin=calls[0].local,
        end=calls[-1].local,
        kinds=Counter(call.number.category for call in outside),
        abroad=tuple(each for each in extensions if each in far),
        home=tuple(each for each in extensions if each not in near | far),
        lobby=tuple(each for each in extensions if each in near),
        opening=opening,
        abroad_in_hours=sum(is_open(opening, call.local) for call in abroad),
        abroad_calls=len(abroad),
        countries=tuple(Counter(call.number.country for call in abroad).most_common()),
        most=Most(
            at_a_time=_at_a_time(outside, lambda call: call.extension, USUAL),
            abroad_at_a_time=_at_a_time(abroad, lambda _: None, 1.0),
            abroad_minutes=_within(abroad, DAY_S, lambda call: -(-call.talked_s // 60)),
            abroad_calls=_within(abroad, DAY_S, lambda _: 1),
            abroad_burst=_within(abroad, BURST_S, lambda _: 1),
            abroad_talk_s=max((call.talked_s for call in abroad), default=0),
            talk_s=max((call.talked_s for call in outside), default=0),
        ),
    )


def is_open(opening: Iterable[Opening], local: datetime) -> bool:
    """Say whether a moment is within the hours."""
    minute = local.hour * 60 + local.minute
    return any(
        local.isoweekday() in each.days and each.begin <= minute < each.end for each in opening
    )


# ----------------------------------------------------------------------------- hours


def _opening(calls: Sequence[Call]) -> Iterator[Opening]:
    """Find the hours of the working week, and those of the days at its end, if they are others."""
    by_day = Counter(call.local.isoweekday() for call in calls)
    busiest = max(by_day.values(), default=0)
    open_days = {day for day, count in by_day.items() if count >= WORKING_DAY * busiest}
    for days in ((1, 2, 3, 4, 5), (6,), (7,)):
        chosen = tuple(day for day in days if day in open_days)
        minutes = sorted(
            call.local.hour * 60 + call.local.minute
            for call in calls
            if call.local.isoweekday() in chosen
        )
        if not minutes:
            continue
        edge = int(EDGE * len(minutes))
        begin = minutes[edge] // STEP_MIN * STEP_MIN
        end = min(DAY_MIN, (minutes[-1 - edge] // STEP_MIN + 1) * STEP_MIN)
        if end - begin < ROUND_THE_CLOCK_MIN:
            yield Opening(chosen, begin, end)


# ----------------------------------------------------------------------------- the most


def _at_a_time(calls: Iterable[Call], key: Callable[[Call], Hashable], share: float) -> int:
    """Return how many calls of one key were up at a time, at most, when so many of them began."""
    up: dict[Hashable, list[float]] = defaultdict(list)
    found: list[int] = []
    for call in calls:
        ends = up[key(call)]
        while ends and ends[0] <= call.at:
            heapq.heappop(ends)
        heapq.heappush(ends, call.ends)
        found.append(len(ends))
    found.sort()
    return found[max(0, math.ceil(share * len(found)) - 1)] if found else 0


def _within(calls: Iterable[Call], within_s: int, amount: Callable[[Call], int]) -> int:
    """Return the most that one phone used within a time that rolls."""
    return most_within(((call.at, call.extension, amount(call)) for call in calls), within_s)


def most_within(used: Iterable[tuple[float, str, int]], within_s: int) -> int:
    """Return the most that was used under one name within a time that rolls.

    Args:
        used: When, under which name, how much; in order of time.
        within_s: The time, in seconds.
    """
    recent: dict[str, deque[tuple[float, int]]] = defaultdict(deque)
    sums: Counter[str] = Counter()
    most = 0
    for at, name, amount in used:
        window = recent[name]
        while window and window[0][0] <= at - within_s:
            sums[name] -= window.popleft()[1]
        window.append((at, amount))
        sums[name] += amount
        most = max(most, sums[name])
    return most
