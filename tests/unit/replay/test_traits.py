"""What speaks for a call and against it, added up."""

from __future__ import annotations

from itertools import chain, combinations

from hypothesis import given
from hypothesis import strategies as st

from fastagi.replay.traits import FRAUD_FROM, LEGITIMATE_TO, Look, Trait, in_words, looked

TRAITS = st.lists(st.sampled_from(Trait), unique=True)


def test_bounds_are_where_they_are_said_to_be() -> None:
    """Up to the one legitimate, from the other on like fraud, between them unclear."""
    seen = {
        looked(each, risky=True).points: looked(each, risky=True).look
        for each in chain.from_iterable(combinations(Trait, size) for size in range(4))
    }
    assert {look for points, look in seen.items() if points <= LEGITIMATE_TO} == {Look.LEGITIMATE}
    assert {look for points, look in seen.items() if points >= FRAUD_FROM} == {Look.FRAUD}
    between = {look for points, look in seen.items() if LEGITIMATE_TO < points < FRAUD_FROM}
    assert between == {Look.UNCLEAR}


@given(TRAITS)
def test_what_costs_nothing_never_looks_like_fraud(traits: list[Trait]) -> None:
    """Whatever else speaks against it."""
    assert looked(traits, risky=False).look is not Look.FRAUD


@given(TRAITS, st.sampled_from(Trait))
def test_what_speaks_against_a_call_never_makes_it_look_better(
    traits: list[Trait], more: Trait
) -> None:
    """Nor does what speaks for it make it look worse."""
    order = list(Look)
    before = order.index(looked(traits, risky=True).look)
    after = order.index(looked([*traits, more], risky=True).look)
    assert after >= before if more.points > 0 else after <= before


def test_reasons_are_said_with_what_weighs_most_first() -> None:
    """In words."""
    seen = looked((Trait.COSTS, Trait.LISTED), risky=True)
    assert in_words(seen) == (
        "on a list that a rule of the policy denies; to where calls cost more than at home"
    )
