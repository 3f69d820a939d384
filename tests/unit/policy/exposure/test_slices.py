"""Where a span is cut, and which lengths calls have there."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from fastagi.policy.exposure.slices import COLUMNS_MAX, cuts, shapes, split
from fastagi.policy.exposure.ways import Caller, Way
from fastagi.policy.model import BudgetClaim, Decision, Per, Reason, Unit, Verdict
from fastagi.rating.tariff import Tariff
from tests.unit.policy.samples import HOME, MINUTES, policy_of

if TYPE_CHECKING:
    from collections.abc import Sequence

HOUR, NIGHT = 3600, 12 * 3600
NUMBER = policy_of().plan.read(HOME)


def way(*within_s: int, tariff: Tariff = MINUTES, shadow: bool = False) -> Way:
    """Return calls of an hour at most, that count as money within these times."""
    budgets = tuple(
        BudgetClaim("l", Per.SITE, "", Unit.SPEND, 10**8, each, shadow) for each in within_s
    )
    decision = Decision(Verdict.ALLOW, "a", Reason.ALLOWED, budgets=budgets, seconds=HOUR)
    return Way(Caller("staff", "101", 1), frozenset(), NUMBER, decision, tariff)


def lengths(some: Sequence[Way], span_s: int) -> list[tuple[int, int, int]]:
    """Return where shapes begin, how long they are, and which lengths they stand for."""
    return [(each.since, each.seconds, each.least_s) for each in shapes(some, span_s)]


def test_a_span_is_cut_where_a_budget_is_there_again() -> None:
    """Not where it only counts in the shadow, nor by times that are longer than the span."""
    assert cuts([way(24 * HOUR)], NIGHT) == [0, NIGHT]
    assert cuts([way(5 * HOUR)], NIGHT) == [0, 5 * HOUR, 10 * HOUR, NIGHT]
    assert cuts([way(5 * HOUR, shadow=True)], NIGHT) == [0, NIGHT]
    assert cuts([way(5 * HOUR), way(7 * HOUR)], NIGHT) == [
        each * HOUR for each in (0, 5, 7, 10, 12)
    ]


def test_the_shortest_times_are_left_out_where_there_would_be_too_many_slices() -> None:
    """The longer ones stay."""
    some = [way(1, 5 * HOUR)]
    assert cuts(some, NIGHT) == [0, 5 * HOUR, 10 * HOUR, NIGHT]
    assert len(list(shapes(some, NIGHT))) <= COLUMNS_MAX


def test_calls_end_with_the_span() -> None:
    """Hung up at once, one more increment, and all that there is time for."""
    assert lengths([way(40 * 60)], HOUR) == [
        (0, 1, 1),
        (0, 61, 1),
        (0, 59 * 60 + 1, 61),
        (2400, 1, 1),
        (2400, 61, 1),
        (2400, 19 * 60 + 1, 61),
    ]


def test_what_is_free_is_no_shape() -> None:
    """A free first minute costs nothing to whoever hangs up in it."""
    free = Tariff(60, 0, 60, 1_000_000)
    assert [each.seconds for each in shapes([way(24 * HOUR, tariff=free)], HOUR)] == [61, 3541]


def test_a_length_that_is_used_is_split() -> None:
    """Between it and the one before, until that makes no difference to what calls hold."""
    some = [way(HOUR)]
    found = list(shapes(some, NIGHT))
    longest = max(found, key=lambda each: each.seconds)
    after = split([longest], {}, sliced=False)
    assert after == {MINUTES: {15, 30, 44}}
    again = list(shapes(some, NIGHT, after))
    assert {each.seconds for each in again} >= {14 * 60 + 61, 29 * 60 + 61, 43 * 60 + 61}
    assert split([longest], after, sliced=False) is None
    assert split([replace(longest, least_s=longest.seconds - 60)], {}, sliced=False) is None
    assert split([found[0]], {}, sliced=False) is None


def test_lengths_matter_to_money_and_to_slots_in_slices() -> None:
    """Calls that hold neither are not split."""
    plain = way()
    longest = list(shapes([plain], NIGHT))[-1]
    assert split([longest], {}, sliced=True) is None
    assert split([longest], {}, sliced=False) is None
