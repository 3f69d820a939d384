"""What calls ask for that are let through, worked out once for all that are alike."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from fastagi.stores.budgets import Budget, Unit, amount_of

if TYPE_CHECKING:
    from fastagi.rating.tariff import Tariff
    from fastagi.rehearsal.windows import Name
    from fastagi.stores.store import Hold, Lease

Slot = tuple[tuple[str, str], "Hold"]
"""What a slot is counted under, limit and key; and the slot."""

KINDS: Final = {each: (each.is_reserved, each.is_distinct, each.is_settled) for each in Unit}
"""What a unit is, as a `Due` has it."""


class Due(NamedTuple):
    """What a call is charged to, with all that it takes to know worked out before.

    Attributes:
        whole: What all the seconds that are asked for come to.
    """

    budget: Budget
    window: Name
    unit: Unit
    most: int
    within_s: int
    shadow: bool
    is_reserved: bool
    is_distinct: bool
    is_settled: bool
    whole: int


class Wish(NamedTuple):
    """A lease that is asked for; again and again, by calls that are alike.

    Attributes:
        lease: Of no moment, no call and no sign-in; its `sign_in` says whether one counts.
        slots: What each of `lease.holds` is counted under.
    """

    lease: Lease
    slots: tuple[Slot, ...]
    dues: tuple[Due, ...]


def wish_of(lease: Lease) -> Wish:
    """Work out what a lease asks for: its moment has to be 0."""
    return Wish(
        lease,
        tuple(((each.limit, each.key), each) for each in lease.holds),
        tuple(due_of(each, lease.seconds, lease.tariff) for each in _once(lease.budgets)),
    )


def due_of(budget: Budget, seconds: int = 0, tariff: Tariff | None = None) -> Due:
    """Work out what a call of so many seconds is charged to a budget."""
    unit = budget.unit
    return Due(
        budget,
        budget.window,
        unit,
        budget.most,
        budget.within_s,
        budget.shadow,
        *KINDS[unit],
        amount_of(unit, seconds, tariff),
    )


def _once(budgets: tuple[Budget, ...]) -> tuple[Budget, ...]:
    """Return each window's budget once: the first."""
    found: dict[Name, Budget] = {}
    for each in budgets:
        found.setdefault(each.window, each)
    return tuple(found.values())
