"""`numbers`: every number is in one group, with all that are read and treated like it."""

from __future__ import annotations

from itertools import pairwise

from fastagi.answers.numbers import alone, groups, prefixes_of
from fastagi.numbering.number import Category
from tests.unit.answers.samples import NOW
from tests.unit.policy.samples import SITE, policy_of

AT = NOW.timestamp()
CUT = '[[rule]]\nname = "cut"\nto = ["prefix:+29022", "prefix:+290223"]\nthen = "deny"\n'


def test_numbers_are_cut_where_a_prefix_begins_and_ends() -> None:
    """And counted."""
    policy = policy_of(CUT)
    found = groups([policy], AT, "2902")
    inside = next(each for each in found if each.count == 1000)
    assert inside.count == 1000
    assert list(prefixes_of(inside.ranges)) == [("29022", 8)]
    assert inside.dialled == ("+29022000",)
    assert inside.number.category is Category.INTERNATIONAL
    uncut = groups([policy_of()], AT, "2902")
    assert sum(each.count for each in found) == sum(each.count for each in uncut)
    assert sum(each.count for each in groups([policy], AT, "29022345")) == 1
    assert groups([policy], AT, "290223456789") == []
    assert groups([policy], AT, "999") == []


def test_every_number_of_the_world_is_in_one_group() -> None:
    """No range lies upon another."""
    found = groups([policy_of(CUT)], AT)
    ranges = sorted(each for group in found for each in group.ranges)
    assert all(
        one.length < other.length or one.end <= other.first for one, other in pairwise(ranges)
    )
    assert sum(each.count for each in found) > 10**12


def test_what_is_dialled_as_it_stands_is_there_too() -> None:
    """Calls for help, inside numbers, short codes."""
    found = groups([policy_of('[honeypot]\nextensions = ["299", "666"]\n')], AT)
    texts = {each.number.category: each.texts for each in found if each.texts}
    assert texts[Category.EMERGENCY] == ["112", "999", "18000"]
    inside = [each.texts for each in found if each.number.category is Category.INTERNAL]
    assert sorted(inside) == [["10X", "2XX"], ["299 (of 2XX)"]]
    invalid = [each.texts for each in found if each.number.category is Category.INVALID]
    assert sorted(invalid) == [["666"], ["invalid numbers but traps"]]
    codes = [text for each in found for text in each.texts]
    assert "101" in codes
    assert any(each.startswith("118") for each in codes)


def test_a_number_may_be_asked_for_alone() -> None:
    """However it is dialled; what is none of E.164 has no range."""
    policy = policy_of()
    london = alone([policy], "902079460000", AT)
    assert (london.count, london.number.number) == (1, "+442079460000")
    assert alone([policy], "999", AT).texts == ["999"]


def test_sites_that_differ_share_no_short_codes() -> None:
    """What is dialled with a plus, they do."""
    site = SITE.replace('"10X"', '"11X"')
    found = groups([policy_of(), policy_of(site=site)], AT)
    texts = [text for each in found for text in each.texts]
    invalid = "invalid numbers but traps"
    assert set(texts) == {"112", "999", "18000", "10X", "11X", "2XX", invalid}
