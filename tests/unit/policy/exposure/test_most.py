"""No thief spends more than is told, and one who knows the policy not much less."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

from hypothesis import given, settings
from hypothesis import strategies as st

from fastagi.policy.exposure.most import exposures
from fastagi.policy.exposure.spans import SPANS
from fastagi.policy.exposure.ways import Thief
from tests.unit.policy.exposure.policies import DIALLED, EXTENSIONS, World, worlds
from tests.unit.policy.exposure.thief import Ledger, passes

if TYPE_CHECKING:
    from collections.abc import Sequence

SUNDAY: Final = datetime(2026, 1, 4, tzinfo=UTC)

Step = tuple[int, int, int, int]
"""Seconds to wait, which extension, which number, how long."""

STEPS: Final = st.lists(
    st.tuples(
        st.one_of(st.just(0), st.integers(1, 90), st.sampled_from([600, 3600, 18_000, 86_400])),
        st.integers(0, len(EXTENSIONS) - 1),
        st.integers(0, len(DIALLED) - 1),
        st.one_of(st.just(1), st.integers(1, 1800), st.just(1800)),
    ),
    max_size=40,
)


def spent(
    world: World, thief: Thief, steps: Sequence[Step], begin: datetime, span_s: int, mine: int
) -> int:
    """Make calls as the steps say, from the first `mine` extensions; return what they cost."""
    ledger, now = Ledger(), 0
    for wait, extension, number, seconds in steps:
        now += wait
        if now >= span_s:
            break
        decision = passes(
            world.policy,
            thief,
            EXTENSIONS[extension % mine],
            world.numbers[number].number,
            begin + timedelta(seconds=now),
        )
        if decision is not None:
            ledger.make(decision, seconds, now)
    return ledger.cost(span_s)


@settings(max_examples=150, deadline=None)
@given(worlds(), st.sampled_from(Thief), STEPS, st.integers(0, 7 * 24))
def test_no_thief_spends_more(world: World, thief: Thief, steps: list[Step], hour: int) -> None:
    """Whatever is called whenever, from one extension, a class or all."""
    found = exposures(world.policy, [thief], SUNDAY, numbers=world.numbers)[thief].found
    begin = SUNDAY + timedelta(hours=hour)
    for what, of, mine in (("extension", "staff", 1), ("class", "staff", 3), ("site", "", 5)):
        for span in SPANS:
            money = next(
                x.bound.money for x in found if (x.what, x.of, x.span) == (what, of, span)
            )
            if money is not None:
                assert spent(world, thief, steps, begin, span.seconds, mine) <= money, (
                    what,
                    span.name,
                )
