"""`cells`: a scope fits exactly the cells in which a call fits it."""

from __future__ import annotations

from itertools import product

from hypothesis import given
from hypothesis import strategies as st

from fastagi.numbering.number import Category, Number
from fastagi.policy.cells import NAMES_MAX, World
from fastagi.policy.explain import misfit, unknown
from fastagi.policy.scope import Circumstances, Condition, Novelty, Scope, Transport
from tests.unit.policy.samples import policy_of
from tests.unit.policy.test_matching import CONDITIONS

ANYWHERE = st.builds(
    Scope,
    classes=st.frozensets(st.sampled_from(["staff", "lobby"])),
    when=st.lists(CONDITIONS, max_size=2).map(tuple),
    networks=st.lists(CONDITIONS, max_size=2).map(tuple),
    transports=st.frozensets(st.sampled_from(Transport), max_size=2),
)
NUMBER = Number("1", "+442079460000", "GB", Category.NATIONAL, frozenset({Category.NATIONAL}))
NONE = frozenset[Novelty]()
SETS = [
    frozenset[str](),
    frozenset({"office"}),
    frozenset({"night"}),
    frozenset({"office", "night"}),
]
EVERY_CALL = [
    Circumstances(*each)
    for each in product(
        [None, "staff", "lobby"],
        [NUMBER],
        [NONE],
        SETS,
        [NONE],
        [NONE],
        [None, *SETS],
        [None, *Transport],
    )
]
POLICY = policy_of()


@given(ANYWHERE, ANYWHERE)
def test_what_one_scope_leaves_another_is_seen_in_the_cells(one: Scope, other: Scope) -> None:
    """There are cells of the one that the other does not fit just if there are such calls."""
    world = World([one, other], ["staff", "lobby"])
    assert world.tells_apart(one)
    for fits_unknown in (False, True):
        left = world.fitting(one, unknown=True) & ~world.fitting(other, unknown=fits_unknown)
        calls = [
            call
            for call in EVERY_CALL
            if misfit(POLICY, one, call) is None
            and not (
                misfit(POLICY, other, call) is None
                and (fits_unknown or unknown(other, call) is None)
            )
        ]
        assert bool(left) is bool(calls)
        assert bool(left & world.known) is any(
            call.networks is not None and call.transport is not None for call in calls
        )


def test_what_limits_a_call_is_over_is_not_told_apart() -> None:
    """Who asks for that leaves everything to others, and may want everything."""
    over, night = Condition("over:burst"), Condition("night")
    world = World([Scope(when=(over, night)), Scope()], [])
    assert not world.tells_apart(Scope(when=(over,)))
    assert world.fitting(Scope(when=(over,)), unknown=False) == world.fitting(
        Scope(), unknown=False
    )
    assert world.fitting(Scope(when=(over, night)), unknown=False) == world.fitting(
        Scope(when=(night,)), unknown=False
    )


def test_nights_are_nights_whatever_is_closed() -> None:
    """Hours of the policy's own are not."""
    conditions = [Condition("closed"), Condition("night"), Condition("office")]
    closed, night, office = (Scope(when=(each,)) for each in conditions)
    world = World([closed, night, office], [])
    at_all = world.fitting(closed, unknown=False)
    assert at_all & world.fitting(night, unknown=False)
    assert not at_all & world.fitting(office, unknown=False)


def test_too_many_names_are_not_told_apart() -> None:
    """What speaks of the last ones may fit everywhere."""
    names = [Condition(f"n{place}") for place in range(NAMES_MAX + 1)]
    hours = [Scope(when=(each,)) for each in names]
    networks = [Scope(networks=(each,)) for each in names]
    world = World([*hours, *networks], [])
    assert [world.tells_apart(each) for each in hours] == [True] * NAMES_MAX + [False]
    assert [world.tells_apart(each) for each in networks] == [True] * NAMES_MAX + [False]
    everywhere = world.fitting(Scope(), unknown=False)
    assert world.fitting(hours[-1], unknown=False) == everywhere
    assert world.fitting(networks[-1], unknown=True) == everywhere
    assert world.fitting(hours[0], unknown=False) != everywhere
