"""How numbers are dialled at a site: the country, the prefix for a line, the numbers inside."""

from __future__ import annotations

import functools
from collections import Counter
from dataclasses import dataclass
from importlib.resources import files
from typing import TYPE_CHECKING, Final

from fastagi.numbering.number import Category
from fastagi.numbering.pattern import Pattern
from fastagi.numbering.plan import NumberingPlan
from fastagi.policy.extensions import outside_number_in

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence
    from zoneinfo import ZoneInfo

    from fastagi.cdr.past_call import PastCall

PREFIXES: Final = ("", "9", "0", "8", "1", "7", "00", "99")
"""What is tried as the prefix for a line; the first of two that explain as much is taken."""

BETTER: Final = 1.02
"""How many times as much a later prefix must explain."""

SHORTEST: Final = 6
"""Digits of what is surely no number inside, for guessing the prefix."""

LONGEST_INSIDE: Final = 5

OFTEN: Final = 3
"""How often a number must be dialled to be one inside, if nobody calls from it."""

TEN: Final = 5
"""How many of ten extensions that differ in the last digit make a pattern of them (`10X`)."""

_NOT_UNDERSTOOD: Final = frozenset({Category.INVALID, Category.UNALLOCATED})


@dataclass(frozen=True, slots=True)
class Site:
    """What was found of a site.

    Attributes:
        country: ISO 3166-1 alpha-2.
        timezone: Its time zone.
        outside_prefix: What is dialled for a line.
        internal: Patterns of the numbers inside.
        extensions: Who called, in order.
        understood: Which share of what was dialled to the outside is some number.
    """

    country: str
    timezone: ZoneInfo
    outside_prefix: str
    internal: tuple[str, ...]
    extensions: tuple[str, ...]
    understood: float

    @property
    def outside_plan(self) -> NumberingPlan:
        """The numbering plan without the numbers inside."""
        return NumberingPlan(self.country, (), self.outside_prefix)

    @property
    def plan(self) -> NumberingPlan:
        """The numbering plan."""
        patterns = tuple(Pattern.parse(each) for each in self.internal)
        return NumberingPlan(self.country, patterns, self.outside_prefix)


def country_of(timezone: ZoneInfo) -> str | None:
    """Return the country of a time zone; None where it is of several, or of none (`UTC`)."""
    return _countries().get(timezone.key)


def learn_site(
    calls: Sequence[PastCall], timezone: ZoneInfo, country: str, outside_prefix: str | None = None
) -> Site:
    """Find how numbers are dialled at a site.

    Args:
        calls: Of the site.
        timezone: Its time zone.
        country: Its country.
        outside_prefix: What is dialled for a line; None to find it.
    """
    extensions = sorted({call.extension for call in calls}, key=lambda each: (len(each), each))
    dialled = Counter(call.dialled for call in calls)
    outside = {each: count for each, count in dialled.items() if _is_long(each)}
    prefix = _prefix(outside, country) if outside_prefix is None else outside_prefix
    bare = NumberingPlan(country, (), prefix)
    inside = [each for each in extensions if each.isdecimal() and _is_inside(each, bare)]
    lengths = {len(each) for each in inside}
    inside += [
        each
        for each, count in dialled.items()
        if count >= OFTEN and len(each) in lengths and each.isdecimal() and _is_inside(each, bare)
    ]
    codes = sorted(
        each for each, count in dialled.items() if count >= OFTEN and _is_feature_code(each)
    )
    understood = sum(
        count for each, count in outside.items() if bare.read(each).category not in _NOT_UNDERSTOOD
    )
    return Site(
        country,
        timezone,
        prefix,
        (*patterns_of(set(inside), bare), *codes),
        tuple(extensions),
        understood / (sum(outside.values()) or 1),
    )


def patterns_of(
    numbers: Collection[str], plan: NumberingPlan, taken: Collection[str] = ()
) -> tuple[str, ...]:
    """Return patterns that take these numbers in, and few others; no outside number is hidden.

    Args:
        numbers: Digits; of names, each is a pattern of its own.
        plan: The site's, without its numbers inside.
        taken: Patterns that are not to be used.
    """
    found = [each for each in numbers if not each.isdecimal()]
    numbers = [each for each in numbers if each.isdecimal()]
    tens: dict[str, list[str]] = {}
    for each in sorted(numbers, key=lambda each: (len(each), each)):
        tens.setdefault(each[:-1], []).append(each)
    for ten, members in tens.items():
        pattern = f"{ten}X"
        is_one = len(members) >= TEN and ten != "" and pattern not in taken
        found += [pattern] if is_one and _hides_nothing(pattern, plan) else members
    return tuple(found)


def _hides_nothing(pattern: str, plan: NumberingPlan) -> bool:
    parsed = Pattern.parse(pattern)
    return (
        not any(parsed.matches(each) for each in _emergency(plan))
        and outside_number_in(parsed, plan) is None
    )


def _emergency(plan: NumberingPlan) -> tuple[str, ...]:
    numbers = plan.emergency_numbers
    return (*numbers, *(plan.outside_prefix + each for each in numbers))


def _prefix(dialled: dict[str, int], country: str) -> str:
    """Return the prefix with which most of what was dialled is some number."""
    best, most = "", -1.0
    for prefix in PREFIXES:
        plan = NumberingPlan(country, (), prefix)
        score = sum(
            count
            for each, count in dialled.items()
            if plan.read(each).category not in _NOT_UNDERSTOOD
        )
        if score > most * (BETTER if best != prefix and most >= 0 else 1):
            best, most = prefix, score
    return best


def _is_long(dialled: str) -> bool:
    return len(dialled) >= SHORTEST and dialled.isdecimal()


def _is_inside(number: str, plan: NumberingPlan) -> bool:
    """Say whether a number is one inside: short, and none outside that somebody may need."""
    if len(number) > LONGEST_INSIDE:
        return False
    return plan.read(number).category in _NOT_UNDERSTOOD


def _is_feature_code(dialled: str) -> bool:
    """Say whether something can only be a code inside, such as `*97`."""
    return 1 < len(dialled) <= LONGEST_INSIDE and dialled[0] in "*#" and dialled[1:].isdecimal()


@functools.cache
def _countries() -> dict[str, str]:
    """Return the country of every time zone that is of one only (IANA's `zone1970.tab`)."""
    table = (files("tzdata") / "zoneinfo" / "zone.tab").read_text("utf-8")
    rows: Iterable[list[str]] = (
        line.split("\t") for line in table.splitlines() if not line.startswith("#")
    )
    return {row[2]: row[0] for row in rows}
