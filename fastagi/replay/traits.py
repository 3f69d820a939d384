"""What speaks for a call of the past, and what against it: each with its weight and its words.

The weights are guesses of people who have read many bills, not measured; they are here in one
place so that everybody can see them. What they come to is tried on a month with an attack in it
(`tests/unit/replay/test_looks.py`).
"""

from __future__ import annotations

from enum import Enum, StrEnum
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence


class Look(StrEnum):
    """What a call of the past looks like, by its record and by what was before it."""

    LEGITIMATE = "legitimate"
    UNCLEAR = "unclear"
    FRAUD = "fraud"


class Trait(Enum):
    """One thing about a call: how much it speaks for fraud, below 0 against it; and in words."""

    INSIDE = (-9, "an inside call, a call for help, or a free one")
    CHEAP = (-3, "a number at home that costs little")
    KNOWN = (-3, "the extension called the number before")
    KNOWN_TO_OTHERS = (-2, "others here called the number before")
    COUNTRY_KNOWN = (-1, "the extension called the country before")
    OFFICE_HOURS = (-1, "in office hours")
    TALKED = (-1, "answered, and as long as people talk")

    NO_NUMBER = (1, "no number that there is")
    COSTS = (1, "to where calls cost more than at home")
    PAYS = (2, "to a number that pays whoever owns it, or a satellite's")
    DEAR = (2, "more than ten times as dear as a call at home")
    LISTED = (4, "on a list that a rule of the policy denies")
    NEW_NUMBER = (1, "nobody here called the number before")
    NEW_COUNTRY = (2, "nobody here called the country before")
    NEW_COUNTRY_EARLY = (1, "the first call to the country, in the first days of the records")
    OUT_OF_HOURS = (1, "outside office hours")
    NIGHT = (1, "at night, from 22 to 6")
    WEEKEND = (1, "on a weekend")
    AT_ONCE = (2, "three dear calls of the extension at once, or more")
    BURST = (2, "many more dear calls in ten minutes than the extension ever made")
    SPREAD = (2, "many new numbers within half an hour")
    BLOCK = (2, "many numbers in a row within an hour")
    AGAIN = (2, "the same number again and again, out of hours")
    SHORT = (1, "many calls that are over at once")
    LONG = (1, "longer than people talk, out of hours")

    def __init__(self, points: int, words: str) -> None:
        self.points = points
        self.words = words


FRAUD_FROM: Final = 5
"""Points from which on a call looks like fraud."""

LEGITIMATE_TO: Final = 0
"""Points up to which a call looks legitimate."""


class Looked(NamedTuple):
    """What a call looks like, and why.

    Attributes:
        points: What its traits come to.
        risky: Whether it goes where fraud is worth the trouble: only such a call can look like it.
    """

    look: Look
    points: int
    traits: tuple[Trait, ...]
    risky: bool


def looked(traits: Sequence[Trait], *, risky: bool) -> Looked:
    """Add up what speaks for a call and against it."""
    points = sum(each.points for each in traits)
    if points <= LEGITIMATE_TO:
        look = Look.LEGITIMATE
    elif points >= FRAUD_FROM and risky:
        look = Look.FRAUD
    else:
        look = Look.UNCLEAR
    return Looked(look, points, tuple(traits), risky)


def in_words(seen: Looked, most: int = len(Trait)) -> str:
    """Say why a call looks as it does, what weighs most first, and no more than so much."""
    strongest = sorted(seen.traits, key=lambda each: -abs(each.points))
    return "; ".join(each.words for each in strongest[:most])
