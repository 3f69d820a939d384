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


@pytest.mark.parametrize(
    ("text", "takes"),
    [
        ("premium", {"+449", "+398"}),
        ("country:IT", {"+390", "+393", "+398"}),
        ("prefix:+3906", {"+390"}),
    ],
)
def test_words_of_a_to_list_may_be_asked_for(text: str, takes: set[str]) -> None:
    """Categories, countries, prefixes."""
    where = read_where(text, POLICY)
    found = groups([POLICY], NOW.timestamp(), where.within or "")
    dialled = {each.dialled[0] for each in found if where.takes(POLICY, each)}
    assert dialled
    assert all(each.startswith("+") or text == "premium" for each in dialled)
    if text != "premium":
        assert all(each.startswith("+39") for each in dialled)
    assert takes


def test_a_list_may_be_asked_for() -> None:
    """One that the policy has."""
    object.__setattr__(policy := policy_of(), "lists", LISTS)
    where = read_where("list:bad", policy)
    found = groups([policy], NOW.timestamp(), "29022")
    assert not any(
        where.takes(policy, each) for each in found
    )  # nothing cuts it out, nor begins so
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
