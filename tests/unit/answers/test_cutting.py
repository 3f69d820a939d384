"""`cutting`: pieces are what a policy's prefixes and lists say, and cost what the sheet does."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from fastagi.answers.cutting import Cutter, Range
from fastagi.policy.model import Rule, Then
from fastagi.policy.scope import Destinations, Scope
from fastagi.rating.tariff import Tariff
from tests.unit.answers.samples import LISTS, NOW
from tests.unit.policy.samples import policy_of, rates_of

PREFIXES = st.lists(
    st.text("0123", max_size=4).map(lambda rest: f"290{rest}"), min_size=1, max_size=5
)
NAMES = st.lists(st.sampled_from(sorted(LISTS)), max_size=2, unique=True)


@given(PREFIXES, NAMES, st.integers(29000000, 29099999))
def test_a_number_is_in_a_piece_with_what_takes_it(
    prefixes: list[str], names: list[str], number: int
) -> None:
    """Prefixes and lists of one `to` count as one."""
    to = Destinations(("x",), prefixes=tuple(prefixes), lists=tuple(names))
    rule = Rule("r", Scope(to=to), Then.DENY)
    policy = replace(policy_of(), rules=(rule,), lists=LISTS)
    whole = Range(8, 29000000, 29100000)
    pieces = list(Cutter([policy], NOW.timestamp()).pieces(whole))
    (taken,) = (taken for each, taken in pieces if each.first <= number < each.end)
    listed = any(LISTS[name].longest(str(number)) for name in names)
    assert taken == (listed or str(number).startswith(tuple(prefixes)),)
    assert [each.first for each, _ in pieces[1:]] == [each.end for each, _ in pieces[:-1]]
    assert (pieces[0][0].first, pieces[-1][0].end) == (whole.first, whole.end)


def test_pieces_are_cut_where_prices_change() -> None:
    """And a number that no sheet lists costs what is unknown."""
    dear = Tariff(60, 9, 60, 9)
    policy = replace(policy_of(), rates=rates_of({"2902": dear}))
    cutter = Cutter([policy, policy_of()], NOW.timestamp())
    pieces = [each for each, _ in cutter.pieces(Range(5, 29000, 29100))]
    assert pieces == [Range(5, 29000, 29020), Range(5, 29020, 29030), Range(5, 29030, 29100)]
    numbers = (policy.plan.read("+29022000"),) * 2
    assert cutter.tariffs(numbers, "29022000") == (dear, None)
    assert cutter.tariffs((policy.plan.read("999"),) * 2, "") == (Tariff(60, 0, 60, 0), None)
