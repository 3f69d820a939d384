"""`matching`: the index says of every scope what a plain reading of it says."""

from __future__ import annotations

from dataclasses import replace
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fastagi.numbering.number import GLOBAL, Category, Number
from fastagi.numbering.pattern import Pattern
from fastagi.numbering.prefixes import PrefixTable
from fastagi.policy.explain import misfit, unknown
from fastagi.policy.matching import ClassIndex, ScopeIndex, places
from fastagi.policy.reach import ABROAD_ONLY, HOME_ONLY
from fastagi.policy.scope import (
    APART,
    Circumstances,
    Condition,
    Destinations,
    Novelty,
    Scope,
    Transport,
)
from tests.unit.policy.samples import policy_of

LISTS = {"irsf": PrefixTable(["88213", "3906"]), "home": PrefixTable(["44"])}
POLICY = replace(policy_of(), lists=LISTS)

CLASSES = st.sampled_from(["staff", "lobby"])
HOURS = st.sampled_from(["office", "night"])
COUNTRIES = st.sampled_from(["GB", "IT", GLOBAL])
CONDITIONS = st.builds(Condition, HOURS, negated=st.booleans())
OVER = st.sampled_from(["over:l", "over:m"])
WHEN = CONDITIONS | st.builds(Condition, OVER, negated=st.booleans())

DESTINATIONS = st.builds(
    Destinations,
    text=st.just(("x",)),
    categories=st.frozensets(st.sampled_from(Category), max_size=3),
    countries=st.frozensets(COUNTRIES, max_size=2),
    prefixes=st.lists(st.sampled_from(["39", "3906", "44", "8"]), max_size=2).map(tuple),
    lists=st.lists(st.sampled_from(sorted(LISTS)), max_size=2).map(tuple),
    novel=st.frozensets(st.sampled_from(Novelty), max_size=2),
)
SCOPES = st.builds(
    Scope,
    classes=st.frozensets(CLASSES),
    to=st.none() | DESTINATIONS,
    when=st.lists(WHEN, max_size=2).map(tuple),
    networks=st.lists(CONDITIONS, max_size=2).map(tuple),
    transports=st.frozensets(st.sampled_from(Transport), max_size=2),
    also_unallocated=st.booleans(),
)


HOME = "GB"


@st.composite
def numbers(draw: st.DrawFn) -> Number:
    """Draw a number of any category; as in numbering, what is abroad is international."""
    category = draw(st.sampled_from(Category))
    if category in APART:
        return Number("1", "1", "", category, frozenset({category}))
    text = draw(st.sampled_from(["+390612345678", "+442079460000", "+88213123456", "118500"]))
    home = category not in ABROAD_ONLY and (category in HOME_ONLY or draw(st.booleans()))
    if home:
        return Number(text, text, HOME, category, frozenset({category}))
    country = draw(st.sampled_from(["IT", GLOBAL]))
    return Number(text, text, country, category, frozenset({category, Category.INTERNATIONAL}))


@st.composite
def calls(draw: st.DrawFn) -> Circumstances:
    """Draw a call; only a country abroad can be new to an extension."""
    number = draw(numbers())
    return Circumstances(
        class_name=draw(st.none() | CLASSES),
        number=number,
        novel=draw(st.frozensets(st.sampled_from(Novelty))),
        hours=draw(st.frozensets(HOURS)),
        over=(over := draw(st.frozensets(OVER))),
        may_be_over=draw(st.frozensets(OVER)) - over,
        networks=draw(st.none() | st.frozensets(HOURS)),
        transport=draw(st.none() | st.sampled_from(Transport)),
        signed_in=draw(st.booleans()),
    )


CALLS = calls()


@given(st.lists(SCOPES, max_size=6), CALLS)
def test_a_scope_fits_when_its_plain_reading_does(
    scopes: list[Scope], call: Circumstances
) -> None:
    """The bits of the index are the scopes in which nothing misfits, the doubtful ones apart."""
    expected = [0, 0]
    for place, scope in enumerate(scopes):
        if misfit(POLICY, scope, call) is None:
            expected[unknown(scope, call) is not None] |= 1 << place
    assert ScopeIndex(scopes, LISTS).fitting(call) == tuple(expected)


@pytest.mark.parametrize(
    ("text", "fitting"), [("+390612345678", 0b11), ("+391612345678", 0b01), ("118500", 0)]
)
def test_prefixes_and_lists_are_of_e164_numbers(text: str, fitting: int) -> None:
    """A short code begins with no country code."""
    scopes = [
        Scope(to=Destinations(("x",), prefixes=("39",))),
        Scope(to=Destinations(("x",), lists=("irsf",))),
    ]
    number = Number(text, text, "IT", Category.PREMIUM, frozenset({Category.PREMIUM}))
    assert ScopeIndex(scopes, LISTS).fitting(Circumstances(None, number)) == (fitting, 0)


def test_the_most_specific_pattern_names_the_class() -> None:
    """Whatever the order in the file, a name wins over a set, and a small set over a large one."""
    classes = [
        ("desk", [Pattern("100")]),
        ("first-floor", [Pattern("10X")]),
        ("staff", [Pattern("1XX"), Pattern("alice")]),
        ("everybody", [Pattern("_X.")]),
    ]
    for order in permutations(classes):
        index = ClassIndex(order)
        found = {each: index.find(each) for each in ("100", "101", "111", "alice", "2222", "bob")}
        assert found == {
            "100": "desk",
            "101": "first-floor",
            "111": "staff",
            "alice": "staff",
            "2222": "everybody",
            "bob": None,
        }


def test_of_equal_patterns_the_first_wins() -> None:
    """Policies with these are refused; the index still has one answer."""
    assert ClassIndex([("a", [Pattern("100")]), ("b", [Pattern("100")])]).find("100") == "a"
    assert ClassIndex([("a", [Pattern("1XX")]), ("b", [Pattern("1XX")])]).find("100") == "a"


@given(st.sets(st.integers(0, 200)))
def test_the_places_of_bits_are_found_in_order(found: set[int]) -> None:
    """However many there are."""
    assert list(places(sum(1 << each for each in found))) == sorted(found)
