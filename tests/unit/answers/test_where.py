"""`where`: what numbers a question is about, and what to write instead."""

from __future__ import annotations

import pytest

from fastagi.answers.numbers import groups
from fastagi.answers.where import read_where
from fastagi.errors import WhereError
from tests.unit.answers.samples import LISTS, NOW
from tests.unit.policy.samples import policy_of

BAD = '[lists]\nbad = "bad.csv"\n'
POLICY = policy_of()


@pytest.mark.parametrize("text", ["+882…", "+882...", "+882*"])
def test_a_prefix_may_be_asked_for(text: str) -> None:
    """However it can be typed."""
    assert read_where(text, POLICY).within == "882"


@pytest.mark.parametrize("text", ["premium", "country:IT", "prefix:+3906"])
def test_words_of_a_to_list_may_be_asked_for(text: str) -> None:
    """Categories, countries, prefixes."""
    where = read_where(text, POLICY)
    found = groups([POLICY], NOW.timestamp(), where.within)
    some = [each for each in found if where.takes(POLICY, each)]
    assert some
    for each in some:
        number = each.number
        fits = {
            "premium": "premium" in number.categories,
            "country:IT": number.country == "IT",
            "prefix:+3906": number.number.startswith("+3906"),
        }
        assert fits[text]


def test_a_list_may_be_asked_for() -> None:
    """One that the policy has."""
    object.__setattr__(policy := policy_of(), "lists", LISTS)
    where = read_where("list:bad", policy)
    texts = [f"29022{each:0{more}}" for more in (2, 3) for each in range(10**more)]
    numbers = [each for each in texts if policy.plan.read(f"+{each}").number]
    listed = len([each for each in numbers if LISTS["bad"].longest(each)])
    assert listed > 100
    found = groups([policy], NOW.timestamp(), "29022", where.table(policy))
    assert sum(each.count for each in found if where.takes(policy, each)) == listed
    with pytest.raises(WhereError, match=r"there is no list `bat`; did you mean `bad`\?"):
        read_where("list:bat", policy)


def test_one_number_may_be_asked_for() -> None:
    """As it is dialled."""
    where = read_where("902079460000", POLICY)
    assert (where.number, where.text) == ("+442079460000", "902079460000")
    assert where.takes(POLICY, groups([POLICY], NOW.timestamp(), "2902")[0])


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("12", "is no number: "),
        ("premum", "did you mean `premium`"),
        ("reported", "is no place; write"),
        ("first-time-country", "is no place; write"),
        ("country:XX", "XX"),
    ],
)
def test_what_is_no_place_is_refused(text: str, what: str) -> None:
    """With what to write."""
    with pytest.raises(WhereError, match=what):
        read_where(text, POLICY)
