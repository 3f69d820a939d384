"""`wording`: words for numbers take what is meant and nothing else; situations read well."""

from __future__ import annotations

from ipaddress import ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fastagi.answers import wording
from fastagi.answers.moments import Cell, Slot
from fastagi.answers.networks import Network
from fastagi.answers.numbers import Group, groups
from fastagi.answers.situations import paths
from fastagi.answers.table import Table
from fastagi.answers.wording import Conditions, Vocabulary
from fastagi.numbering.number import Category
from fastagi.policy.scope import APART, Novelty, Transport
from tests.unit.answers.samples import NOW
from tests.unit.policy.samples import policy_of

CUT = '[[rule]]\nname = "cut"\nto = ["prefix:+39069", "prefix:+882"]\nthen = "deny"\n'
POLICY = policy_of(CUT)
EVERY = groups([POLICY], NOW.timestamp())
WORDS = Vocabulary(EVERY, POLICY)


def _of(*countries: str) -> list[Group]:
    return [each for each in EVERY if each.number.country in countries]


def _known(some: list[Group]) -> list[Group]:
    return [each for each in some if each.number.category is not Category.UNALLOCATED]


def test_countries_are_named() -> None:
    """In English; the codes of no country by ours."""
    assert wording.country("JM") == "Jamaica"
    assert wording.country("001") == "global codes"
    assert wording.country("ZZ9") == "ZZ9"


def test_numbers_are_said_by_the_broadest_word() -> None:
    """With exceptions where these are few."""
    assert WORDS.words(EVERY) == "every number"
    assert WORDS.words([]) == "no number"
    assert WORDS.words(_known(_of("IT"))) == "Italy"
    outside = [each for each in _known(EVERY) if each.number.category not in APART]
    assert WORDS.words(outside) == "every outside number"
    abroad = [each for each in outside if each.number.country != "GB"]
    assert WORDS.words(abroad) == "numbers abroad"
    assert WORDS.words([each for each in abroad if each.number.country != "IT"]) == (
        "numbers abroad but Italy"
    )
    assert WORDS.words([each for each in EVERY if each not in outside]).startswith(
        "unallocated numbers, "
    )
    assert "+882…" in WORDS.words([e for e in EVERY if e.dialled[0].startswith("+882")])


def test_numbers_without_a_word_are_prefixes() -> None:
    """Some of them, and how many more there are."""
    italy = [each for each in _known(_of("IT")) if each.number.category is Category.INTERNATIONAL]
    assert [each.number.number[:6] for each in italy].count("+39069") == 1
    rome = [each for each in italy if each.number.number.startswith("+39069")]
    assert "+39069…" in WORDS.words(rome)
    lonely = Vocabulary(italy, policy_of())  # whose words know no prefix
    assert lonely.words(rome) == "+39069…"
    others = [each for each in italy if each not in rome]
    assert lonely.words(others).startswith("+390")
    assert " more prefixes" in lonely.words(others)


@pytest.mark.timeout(600)  # half a minute with coverage, where nothing else runs
@given(st.sets(st.integers(0, len(EVERY) - 1), max_size=4))
def test_different_numbers_have_different_words(some: set[int]) -> None:
    """One group more, and other words."""
    meant = [EVERY[each] for each in sorted(some)]
    rest = [each for each in EVERY if each not in meant]
    if meant:
        assert WORDS.words(meant) != WORDS.words(rest)


CELLS = (
    Cell((frozenset({"office"}),), [Slot(0, 60)]),
    Cell((frozenset(),), [Slot(60, 120)]),
)
DESK = Network(ip_address("10.0.0.1"), (frozenset({"desk"}),))
ELSEWHERE = Network(ip_address("192.0.2.1"), (frozenset(),))


@pytest.mark.parametrize(
    ("at", "axis", "words"),
    [
        (0, (("",), ("transferred", "off-net")), ["", "if the call is transferred or off-net"]),
        (
            0,
            (("", "transferred"), ("off-net",)),
            ["if the call is transferred, or not", "if the call is off-net"],
        ),
        (1, ((CELLS[0],), (CELLS[1],)), ["when `office`", "when not `office`"]),
        (2, ((False,), (True,)), ["while nobody is signed in", "while somebody is signed in"]),
        (
            3,
            ((None, ELSEWHERE), (DESK,)),
            ["from an address nobody knows or from no named network", "from `desk`"],
        ),
        (4, ((None,), (Transport.TLS,)), ["by a transport nobody knows", "by tls"]),
        (
            5,
            ((frozenset(),), (frozenset({Novelty.NUMBER}),)),
            ["where nothing is new", "where new is `first-time-number`"],
        ),
        (6, ((False,), (True,)), ["if nobody reports it", "if others report the number"]),
        (
            7,
            ((frozenset(), frozenset({"a"})), (frozenset({"a", "b"}),)),
            [
                "while something is left of each limit, or with nothing left of `a`",
                "with nothing left of `a` and `b`",
            ],
        ),
    ],
)
def test_situations_are_said(
    at: int, axis: tuple[tuple[object, ...], ...], words: list[str]
) -> None:
    """Field by field."""
    axes = tuple(axis if place == at else ((None,),) for place in range(8))
    table = Table(axes, ())
    conditions = Conditions(POLICY)
    found = [conditions.words(path, table) for path in paths(axes, ["a", "b"])]
    assert [each.partition(" (")[0] for each in found] == words
    assert found == [conditions.words(path, table) for path in paths(axes, ["a", "b"])]
