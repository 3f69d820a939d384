"""A rehearsal answers what the running gate answers: verdicts, rules, seconds and money.

On one loop only: which turns the gate is no matter here.
"""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from tests.contract.rehearsal_calls import SITES, Site
from tests.contract.rehearsal_sides import EVERYTHING, compare, compare_by_records, expected

if TYPE_CHECKING:
    from pathlib import Path

SEED = 20_261_130

RUNS = [
    pytest.param(site, slice_s, id=f"{site.name}-{slice_s}")
    for site in SITES
    for slice_s in sorted({0, site.slice_s})
]

OF_EVERYTHING = SITES[-1]


@pytest.mark.parametrize(("site", "slice_s"), RUNS)
def test_rehearsed_as_it_is_run(site: Site, slice_s: int) -> None:
    """Whatever calls are made, both sides answer the same, and settle the same money."""
    compared = asyncio.run(compare(site, SEED, 400, slice_s))
    assert not compared.differences, "\n".join(compared.differences)


@pytest.mark.parametrize(("site", "slice_s"), RUNS)
def test_replayed_from_records_as_it_was_run(site: Site, slice_s: int, tmp_path: Path) -> None:
    """Calls that Asterisk put on record come to the same once they are read back and replayed."""
    compared = asyncio.run(compare_by_records(site, SEED, 250, tmp_path, slice_s))
    assert not compared.differences, "\n".join(compared.differences)
    assert compared.calls >= 250


def test_all_that_a_policy_can_say_is_reached() -> None:
    """The comparison is of calls that reach every rule, limit and reason there is."""
    compared = asyncio.run(compare(OF_EVERYTHING, 7, 2_500, OF_EVERYTHING.slice_s))
    assert not compared.differences, "\n".join(compared.differences)
    missed = (expected(OF_EVERYTHING) | {*EVERYTHING}) - compared.reached.keys()
    assert not missed, sorted(missed)


def test_a_difference_is_seen() -> None:
    """Of another policy the rehearsal answers something else, and that shows."""
    policy = OF_EVERYTHING.policy()
    limits = [
        replace(each, calls=1) if each.name == "two-at-a-time" else each for each in policy.limits
    ]
    rehearsed = replace(policy, limits=tuple(limits))
    compared = asyncio.run(compare(OF_EVERYTHING, 7, 400, rehearsed=rehearsed))
    assert any("two-at-a-time" in each for each in compared.differences)
