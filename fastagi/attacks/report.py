"""What a report says, as values: all text in it is fit to be shown anywhere.

`tally` makes one, `text` and `page` write it down.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

Named = tuple[str, int]
"""A name, and how often."""


@dataclass(frozen=True, slots=True)
class Most:
    """The most frequent of some names.

    Attributes:
        beyond: How often others came.
    """

    names: Sequence[Named] = ()
    beyond: int = 0


@dataclass(frozen=True, slots=True)
class Attack:
    """One line of the book.

    Attributes:
        day: As `2026-11-30`, UTC.
        seen: In words.
        did: What was done, in words.
    """

    day: str
    first: float
    last: float
    site: str
    watch: str
    sign: str
    seen: str
    country: str
    proven: bool
    did: Sequence[str]


@dataclass(frozen=True, slots=True)
class Through:
    """A call that was let through while its extension or its address was attacked, or soon after.

    Attributes:
        shown: The factors that the caller could show.
        why: What was seen of whom, as `success-after-guessing of extension 101`.
        cost: What it cost, in millionths; None where that is not known, or it is not over.
    """

    time: str
    site: str
    extension: str
    address: str
    number: str
    country: str
    rule: str
    shown: Sequence[str]
    reference: str
    why: str
    cost: int | None
    currency: str


@dataclass(frozen=True, slots=True)
class Estimate:
    """What refused calls would have cost in a currency; see `Tally`.

    Attributes:
        calls: Refused calls of which the price is known.
        money: In millionths.
        attackers: Calls of these from whom was attacked, or attacked, at that time.
        attackers_money: What those would have cost.
    """

    currency: str
    calls: int
    money: int
    attackers: int
    attackers_money: int


@dataclass(frozen=True, slots=True)
class Day:
    """One day, UTC.

    Attributes:
        signs: Entries of the book, by sign.
    """

    day: str
    signs: Mapping[str, int]
    allowed: int
    denied: int


@dataclass(frozen=True, slots=True)
class Report:
    """All of it.

    Attributes:
        sites: Those that it is about.
        since: From when on, in seconds since the epoch.
        until: Until when; the moment at which it was made.
        minutes: How long a refused call is taken to have lasted.
        files: How many files of decisions were read, and of how many gates' logs.
        through: Calls that were let through, those after the gravest attacks first.
        through_count: How many there were.
        attacks: Some of each sign, the gravest first.
        attack_count: Entries of the book.
        unplaced: Pieces of evidence that had no entry of their own any more.
        unmatched: Attacked names beyond what a report remembers; their calls are not looked at.
        by_sign: Entries by sign.
        addresses: Those from which attacks were proven to come.
        written: Those that anybody may have written into a packet.
        did: Entries by what was done.
        held: What refused how many calls, as (reason, by what, calls).
        unpriced: Refused outside calls of which nobody knows the price.
        free: Refused calls that would have cost nothing: inside ones, and calls for help.
        locked_out: How many are locked out at this moment.
    """

    sites: Sequence[str]
    since: float
    until: float
    minutes: int
    files: int
    gates: int
    days: Sequence[Day]
    allowed: int
    denied: int
    through: Sequence[Through]
    through_count: int
    attacks: Sequence[Attack]
    attack_count: int
    unplaced: int
    unmatched: int
    by_sign: Sequence[Named]
    addresses: Most
    written: Most
    networks: Most
    countries: Most
    accounts: Most
    numbers: Most
    destinations: Most
    did: Sequence[Named]
    held: Sequence[tuple[str, str, int]]
    held_beyond: int
    estimates: Sequence[Estimate]
    unpriced: int
    free: int
    locked_out: int
