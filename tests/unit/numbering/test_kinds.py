"""`kinds`: all numbers of a kind are read alike, and no number is of none."""

from __future__ import annotations

import functools
from bisect import bisect_right
from typing import TypeAlias

import phonenumbers
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from fastagi.numbering.calling_codes import CALLING_CODES
from fastagi.numbering.kinds import Block, blocks_of, short_blocks_of
from fastagi.numbering.number import Category
from fastagi.numbering.pattern import Pattern
from fastagi.numbering.plan import NumberingPlan

Reading: TypeAlias = tuple[object, ...]

HOMES = ("GB", "US", "AU", "JM", "BR")
NOBODY: Reading = ()


@functools.cache
def _plan(home: str) -> NumberingPlan:
    return NumberingPlan(home)


@functools.cache
def _blocks(code: str, home: str) -> dict[int, list[Block]]:
    found: dict[int, list[Block]] = {}
    for each in blocks_of(code, frozenset({home})):
        found.setdefault(each.length, []).append(each)
    return found


def _reading(home: str, code: str, digits: str) -> Reading:
    """Return what a number is; nothing where it is nobody's, or another number."""
    read = _plan(home).read(f"+{code}{digits}")
    if not read.number or read.number not in {f"+{code}{digits}", digits}:
        return NOBODY
    return (read.country, read.categories, read.is_e164)


@functools.cache
def _of_kind(home: str, block: Block) -> Reading:
    return _reading(home, block.code, block.example[1 + len(block.code) :])


def _by_kind(home: str, code: str, digits: str) -> Reading:
    """Return the same by the kind that it is of."""
    blocks = _blocks(code, home).get(len(digits), [])
    if not blocks:
        return NOBODY
    number = int(digits)
    block = blocks[bisect_right(blocks, number, key=lambda each: each.first) - 1]
    assert block.first <= number < block.end
    first = next(each for each in blocks if each.kind == block.kind)
    return _of_kind(home, first)


@pytest.mark.parametrize(
    ("home", "code", "begins", "more"),
    [
        ("GB", "290", "", 4),
        ("GB", "290", "2", 4),
        ("SH", "290", "23", 3),
        ("GB", "247", "", 4),
        ("AC", "247", "65", 3),
        ("GB", "500", "", 3),
        ("FK", "500", "5", 4),
        ("GB", "683", "", 4),
        ("NU", "683", "888", 4),
        ("US", "690", "4", 3),
        ("GB", "44", "792405", 4),
        ("JE", "44", "30", 3),
        ("US", "1", "876976", 4),
        ("CA", "1", "6005551", 3),
        ("CA", "1", "3100", 3),
        ("BR", "55", "40040", 3),
        ("AU", "61", "13", 4),
        ("FR", "33", "596601", 3),
        ("RU", "7", "9401234", 3),
        ("IL", "972", "569012", 3),
        ("GB", "882", "1370", 3),
    ],
)
def test_every_number_of_small_plans_is_read_as_its_kind(
    home: str, code: str, begins: str, more: int
) -> None:
    """All that begin so, of a length, one by one."""
    for each in range(10**more):
        digits = f"{begins}{each:0{more}}"
        assert _by_kind(home, code, digits) == _reading(home, code, digits), digits


@settings(max_examples=400)
@example("CN", "86", 0, 0.5)
@given(
    st.sampled_from(HOMES),
    st.sampled_from(sorted(CALLING_CODES)),
    st.integers(0, 10**6),
    st.floats(0, 1, exclude_max=True),
)
def test_any_number_of_the_world_is_read_as_its_kind(
    home: str, code: str, which: int, where: float
) -> None:
    """Wherever in a block of it it is."""
    blocks = [each for some in _blocks(code, home).values() for each in some]
    block = blocks[which % len(blocks)]
    number = block.first + int((block.end - block.first) * where)
    digits = f"{number:0{block.length}}"
    assert _by_kind(home, code, digits) == _reading(home, code, digits)


@settings(max_examples=400)
@given(
    st.sampled_from(HOMES),
    st.sampled_from(sorted(CALLING_CODES)),
    st.text("0123456789", max_size=13),
)
def test_any_digits_at_all_are_read_as_their_kind(home: str, code: str, digits: str) -> None:
    """Of lengths that no number has, too: nobody's."""
    digits = digits[: 15 - len(code)]
    if not any(code.startswith(each) and code != each for each in CALLING_CODES):
        assert _by_kind(home, code, digits) == _reading(home, code, digits)


@settings(max_examples=200)
@given(
    st.sampled_from(sorted(phonenumbers.SUPPORTED_REGIONS)),
    st.text("0123456789", min_size=3, max_size=12),
)
def test_whatever_is_dialled_within_a_country_is_one_of_these_numbers(
    home: str, digits: str
) -> None:
    """As far as it is a number of E.164: dialled with a plus, it is the same."""
    number = _plan(home).read(digits)
    if number.is_e164:
        again = _plan(home).read(number.number)
        assert (again.number, again.categories) == (number.number, number.categories)


@settings(max_examples=150, deadline=None)
@given(
    st.sampled_from(sorted(phonenumbers.SUPPORTED_REGIONS)),
    st.integers(0, 10**6),
    st.floats(0, 1, exclude_max=True),
    st.sampled_from(["", "9"]),
)
def test_short_codes_of_a_kind_are_read_alike(
    country: str, which: int, where: float, prefix: str
) -> None:
    """Behind an outside prefix, and where inside numbers hide some."""
    plan = NumberingPlan(country, (Pattern("1XX"), Pattern("_50[0-4].")), prefix)
    blocks = list(short_blocks_of(plan))
    if blocks:
        block = blocks[which % len(blocks)]
        number = block.first + int((block.end - block.first) * where)
        digits = f"{number:0{block.length}}"
        assert _short(plan, digits) == _short(plan, block.example)


def _short(plan: NumberingPlan, digits: str) -> Category | None:
    number = plan.read(plan.outside_prefix + digits)
    return number.category if number.number == digits else None


def test_short_codes_of_a_site_are_among_them() -> None:
    """Those of the country, what the site says of its own, and letters hide nothing."""
    plan = NumberingPlan("GB", (Pattern("_[a-z]1!"),), short_codes=("4711",))
    examples = [each for each in short_blocks_of(plan) if _short(plan, each.example)]
    every = {f"{n:0{each.length}}" for each in examples for n in range(each.first, each.end)}
    assert {"4711", "101", "116123"} <= every
    assert all(not each.code for each in examples)
