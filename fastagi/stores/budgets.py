"""What calls may use up in a rolling window; `store.Budgets` is what stores promise.

A budget is counted under `(limit, key, unit)`, its window. A lease reserves all that its call may
use before it is let through, and is charged for it there; its release settles that, down to what
was used. A charge counts until `within_s` after the moment at which the lease was settled; or, as
long as nobody settled it, after the moment at which it expires: then all of it counts. So what is
used within `within_s` never exceeds `most`, whatever becomes of a call, of Asterisk or of us.

Attempts, and distinct items, count from when the lease was taken, whatever became of the call.
A call that may be a short one is charged, and settled, as what is reserved is: until it is over
for good, it counts as one.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from fastagi.rating.tariff import Tariff


SHORT_S: Final = 30
"""How long a call is answered at most that is a short one."""


class Unit(StrEnum):
    """What a budget counts.

    `SPEND` and `SECONDS` are reserved and settled; `SHORT` buys no seconds, but is settled too;
    what is charged for the others stays as it is.
    """

    SPEND = "spend"
    """Millionths of the currency's unit (`rating.tariff.MONEY_UNIT`)."""
    SECONDS = "seconds"
    ATTEMPTS = "attempts"
    NUMBERS = "numbers"
    """Distinct ones."""
    COUNTRIES = "countries"
    """Distinct ones."""
    EXTENSIONS = "extensions"
    """Distinct ones, that call."""
    SHORT = "short"
    """Calls answered for `SHORT_S` at most, as whoever tries a stolen password makes. One that is
    not over may be one, and counts; when its lease is settled, for 1 or for 0."""

    @property
    def is_reserved(self) -> bool:
        """Whether what is left of it buys seconds, which are reserved before the call."""
        return self in (Unit.SPEND, Unit.SECONDS)

    @property
    def is_settled(self) -> bool:
        """Whether it depends on how long the call lasted: its lease has it, and settles it."""
        return self.is_reserved or self is Unit.SHORT

    @property
    def is_distinct(self) -> bool:
        """Whether the same item counts once."""
        return self in (Unit.NUMBERS, Unit.COUNTRIES, Unit.EXTENSIONS)


@dataclass(frozen=True, slots=True)
class Budget:
    """Of `limit`, counted under `key`, no more than `most` of a unit within any `within_s`.

    Attributes:
        most: Of `unit`; below 2^53.
        within_s: How long the window is, in seconds.
        shadow: Charge it, but neither refuse nor cut anything for it.
        item: What distinct ones are counted of: the number, country or extension; else empty.
    """

    limit: str
    key: str
    unit: Unit
    most: int
    within_s: int
    shadow: bool = False
    item: str = ""

    @property
    def window(self) -> tuple[str, str, Unit]:
        """What it is counted under."""
        return self.limit, self.key, self.unit


@dataclass(frozen=True, slots=True)
class Level:
    """How much of a window is used.

    Attributes:
        used: Of `unit`; what is reserved is in it.
        most: What the last call that was charged there was held to.
        reserved: What of it live leases have reserved, and may give back; told by `spent` only.
    """

    limit: str
    key: str
    unit: Unit
    used: int
    most: int
    reserved: int = 0


@dataclass(frozen=True, slots=True)
class Charge:
    """What one lease, or one item, counts for in a window, as it moves to another store.

    Attributes:
        id: Names it within the window: see `charge_id`; of distinct items it is the item.
        until: When it counts no more.
        within_s: How long the window was when it was charged.
        most: As in `Level`.
        is_held: Whether a lease has it, and its release is to settle it.
    """

    limit: str
    key: str
    unit: Unit
    id: str
    amount: int
    until: float
    within_s: int
    most: int
    is_held: bool = False


def charge_id(call: str, number: str, node: str, since: float) -> str:
    """Name what a lease is charged for: alike in every store that the lease is copied to.

    Of 64 bits: two that are named alike by chance in one window count as two all the same.
    """
    named = "\0".join((call, number, node, f"{since:.3f}")).encode()
    return hashlib.blake2b(named, digest_size=8).hexdigest()


def amount_of(unit: Unit, seconds: int, tariff: Tariff | None) -> int:
    """Return what a call that may last so many seconds uses of a unit at most."""
    match unit:
        case Unit.SPEND:
            return 0 if tariff is None else tariff.cost(seconds)
        case Unit.SECONDS:
            return seconds
        case Unit.ATTEMPTS | Unit.NUMBERS | Unit.COUNTRIES | Unit.EXTENSIONS | Unit.SHORT:
            return 1


def used_of(unit: Unit, seconds: int, tariff: Tariff | None) -> int:
    """Return what a call that was answered for so many seconds has used of a unit; 0: for none."""
    if unit is Unit.SHORT:
        return int(0 < seconds <= SHORT_S)
    return amount_of(unit, seconds, tariff)


def seconds_for(unit: Unit, left: int, at_most_s: int, tariff: Tariff | None) -> int:
    """Return how many seconds, up to `at_most_s`, what is left of a reserved unit buys."""
    if unit is Unit.SECONDS:
        return max(0, min(left, at_most_s))
    return at_most_s if tariff is None else tariff.lasts(max(0, left), at_most_s)


def is_crossed(before: int, after: int, most: int) -> bool:
    """Tell whether a step brought the use of a budget over 80 % of it."""
    return before * 5 <= most * 4 < after * 5
