"""`callers`: every combination of patterns that an extension fits is met, and no other."""

from __future__ import annotations

from itertools import product

from hypothesis import given
from hypothesis import strategies as st

from fastagi.answers.callers import caller_of, callers, examples, in_words
from fastagi.numbering.pattern import Pattern
from tests.unit.answers.samples import SITE
from tests.unit.policy.samples import policy_of

TEXTS = st.sampled_from(
    ["1XX", "_1[0-3]X", "15.", "_1!", "101", "_[12]5", "2Z", "anna", "_a.", "_N-1", "1X"]
)
ALL = ["".join(each) for size in range(1, 5) for each in product("0125an", repeat=size)]


def _fits(patterns: list[Pattern], extension: str) -> frozenset[Pattern]:
    return frozenset(each for each in patterns if each.matches(extension))


@given(st.lists(TEXTS, min_size=1, max_size=4, unique=True))
def test_every_combination_of_patterns_is_met(texts: list[str]) -> None:
    """Held against all extensions of some characters, one by one."""
    patterns = [Pattern(each) for each in texts]
    found = list(examples(patterns))
    met = {_fits(patterns, each) for each in found}
    assert {_fits(patterns, each) for each in ALL} <= met
    assert all(found)


TRAPS = '\n[honeypot]\nextensions = ["666"]\n'


def test_callers_are_told_apart_by_what_policies_see_of_them() -> None:
    """Classes, inside phones of none, traps, and strangers at the end."""
    policy = policy_of(TRAPS, site=SITE)
    found = callers([policy])
    words = [in_words(each, policy) for each in found]
    assert set(words) == {
        "`staff` (1XX, 150)",
        "`lobby` (2XX, _15[0-4], anna)",
        "inside phones of no class (`10X`, `2XX` and `3XX`)",
        "traps",
        "who is no phone of the site",
    }
    assert words[-2:] == ["traps", "who is no phone of the site"] or words[-1] == words[4]
    assert all(caller_of([policy], each.extension) == each for each in found)


def test_two_policies_may_see_a_caller_otherwise() -> None:
    """Then it is one of its own."""
    other = SITE.replace('staff = ["1XX", "150"]', 'staff = ["1XX"]')
    both = [policy_of(site=SITE), policy_of(site=other)]
    seen = {tuple(place.class_name for place in each.places) for each in callers(both)}
    assert seen == {("staff",) * 2, ("lobby",) * 2, (None, None), ("staff", "lobby")}
    assert caller_of(both, "150").places[0].class_name == "staff"
