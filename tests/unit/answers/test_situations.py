"""`situations`: those that come to the same are one path, and each is on just one."""

from __future__ import annotations

from itertools import product

from hypothesis import given
from hypothesis import strategies as st

from fastagi.answers.moments import Cell, Slot
from fastagi.answers.networks import Network
from fastagi.answers.situations import AXES, Situation, facts_of, paths, request_of
from fastagi.policy.scope import Novelty, Transport
from tests.unit.answers.samples import ADDRESSES
from tests.unit.policy.samples import policy_of

SIZES = st.lists(st.integers(1, 3), min_size=len(AXES), max_size=len(AXES)).filter(
    lambda sizes: len([each for each in sizes if each > 1]) <= 4
)


@given(SIZES, st.data())
def test_each_situation_is_on_one_path_which_says_what_it_comes_to(
    sizes: list[int], data: st.DataObject
) -> None:
    """By the values that are told, and no others."""
    axes = tuple(tuple((f"{at}.{each}",) for each in range(size)) for at, size in enumerate(sizes))
    every = list(product(*([each[0] for each in axis] for axis in axes)))
    results = data.draw(st.lists(st.integers(0, 2), min_size=len(every), max_size=len(every)))
    found = paths(axes, results)
    for values, result in zip(every, results, strict=True):
        named = dict(zip(AXES, values, strict=True))
        on = [each for each in found if all(named[name] in some for name, some in each.told)]
        assert [each.result for each in on] == [result]
    for path in found:
        assert results[every.index(tuple(map(str, path.situation)))] == path.result


def test_all_values_of_a_set_are_told() -> None:
    """One of them is the example."""
    axes = (*[((None,),)] * 4, ((None,), (Transport.UDP, Transport.TCP)), *[((None,),)] * 3)
    first, second = paths(axes, ["a", "b"])
    assert first.told == (("transport", (None,)),)
    assert second.told == (("transport", (Transport.UDP, Transport.TCP)),)
    assert second.situation.transport is Transport.UDP


def test_a_situation_is_a_request_and_what_the_stores_know() -> None:
    """As `decide` takes them."""
    policy = policy_of()
    address = ADDRESSES[1]
    assert address is not None
    now = Situation(
        "off-net",
        Cell((frozenset(),), [Slot(0, 600)]),
        signed_in=True,
        network=Network(address, (frozenset(),), reported=True),
        transport=Transport.TLS,
        new=frozenset({Novelty.COUNTRY}),
        reported=True,
        over=frozenset({"l"}),
    )
    request = request_of(policy, "101", policy.plan.read("999"), now)
    assert (request.transferred, request.off_net, request.address_reported) == (True,) * 3
    assert (request.address, request.transport) == (address, Transport.TLS)
    assert request.at.timestamp() == 60
    facts = facts_of(now)
    assert (facts.signed_in, facts.known_country, facts.over) == (True, False, frozenset({"l"}))
