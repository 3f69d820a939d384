"""What one call costs, in whole increments as carriers bill it, and how long money lasts.

Integers only: money in millionths of the currency's unit, time in seconds. All of them stay below
2^53, so that Redis' Lua, which has doubles and nothing else, counts them exactly.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

MONEY_UNIT: Final = 1_000_000
"""Money is an integer of millionths of the currency's unit."""

MONEY_MAX: Final = 2**53 - 1
"""The most money there is, nine billion units: what costs more costs this."""

INCREMENT_MAX_S: Final = 3600
"""The longest increment; the longest that carriers bill by is a few minutes."""

INCREMENT_COST_MAX: Final = 10**14
"""The most that one increment may cost: a hundred million units, below 2^53 millionths."""


def amount(money: int) -> str:
    """Return money as people write it, exactly: `0.0123`, `20.00`."""
    units, millionths = divmod(money, MONEY_UNIT)
    return f"{units}.{f'{millionths:06}'.rstrip('0'):0<2}"


@dataclass(frozen=True, slots=True)
class Tariff:
    """What a call to one prefix costs: 60/60, 30/6, 1/1, as carriers write it.

    Attributes:
        first_s: Seconds that are billed at once when the call is answered, 1 to 3600.
        first_cost: What these cost, connect fee included; millionths, rounded up.
        next_s: Seconds of each further increment that is begun, 1 to 3600.
        next_cost: What each of those costs; millionths, rounded up.

    Raises:
        ValueError: One of them is out of bounds.
    """

    first_s: int
    first_cost: int
    next_s: int
    next_cost: int

    def __post_init__(self) -> None:
        """Refuse what is out of bounds."""
        for seconds in (self.first_s, self.next_s):
            if not 1 <= seconds <= INCREMENT_MAX_S:
                raise ValueError(f"an increment lasts 1 to {INCREMENT_MAX_S} seconds: {seconds}")
        for cost in (self.first_cost, self.next_cost):
            if not 0 <= cost <= INCREMENT_COST_MAX:
                raise ValueError(f"an increment costs 0 to {INCREMENT_COST_MAX}: {cost}")

    def cost(self, seconds: int) -> int:
        """Return what a call of so many seconds costs, at most `MONEY_MAX`; 0 if unanswered."""
        if seconds <= self.first_s:
            return self.first_cost if seconds > 0 else 0
        further = -(-(seconds - self.first_s) // self.next_s)
        cost = self.first_cost + further * self.next_cost
        return cost if cost < MONEY_MAX else MONEY_MAX

    def lasts(self, money: int, at_most_s: int) -> int:
        """Return the most seconds, up to `at_most_s`, that cost no more than `money`.

        0 where not even the first increment can be paid.
        """
        if self.first_cost > money or at_most_s <= 0:
            return 0
        if self.next_cost == 0 or self.cost(at_most_s) <= money:
            return at_most_s
        further = (money - self.first_cost) // self.next_cost
        return min(self.first_s + further * self.next_s, at_most_s)

    @property
    def per_minute(self) -> int:
        """The price a minute, in millionths: what the dearest minute of a call costs.

        That is the first, with the connect fee in it: a number with a small price and a large fee
        is dear. Where later minutes cost more than the first (it may be free), it is one of those.
        By 60/60 and without a fee it is the price that the sheet gives. For display, and for
        limits on the price a minute.
        """
        return max(self.cost(60), min(-(-60 // self.next_s) * self.next_cost, MONEY_MAX))
