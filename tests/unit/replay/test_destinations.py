"""Where calls of the past went."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import pytest

from fastagi.numbering.number import Category
from fastagi.policy.loading import load_text
from fastagi.replay.destinations import Atlas
from tests.unit.replay.samples import AT_HOME, GAMBIA, ITALY, OFFICE, moment, office

if TYPE_CHECKING:
    from fastagi.numbering.number import Number

SAO_TOME = "9002399901234"
AT = moment("2026-12-07 10:00")


@pytest.mark.parametrize(
    ("dialled", "apart", "costs", "pays", "dear"),
    [
        ("104", True, False, False, False),
        ("999", True, False, False, False),
        ("908081570001", True, False, False, False),
        (AT_HOME, False, False, False, False),
        (ITALY, False, True, False, False),
        (GAMBIA, False, True, False, True),
        ("909012345678", False, True, True, True),
        ("900881612345678", False, True, True, True),
        ("90070123", False, False, False, False),
    ],
    ids=[
        *("inside", "emergency", "toll-free", "at home", "Italy", "Gambia", "premium"),
        *("satellite", "no number"),
    ],
)
def test_what_a_thief_would_care_for(
    dialled: str, *, apart: bool, costs: bool, pays: bool, dear: bool
) -> None:
    """By category, and by the price beside that of a call at home."""
    found = Atlas(office()).find(dialled, AT)
    assert (found.apart, found.costs, found.pays, found.dear) == (apart, costs, pays, dear)
    assert found.risky is (costs or pays or dear)


def test_a_list_that_a_rule_denies_is_known() -> None:
    """The sample's has whole countries that hardly any office has business in."""
    policy = office()
    assert Atlas(policy).find(SAO_TOME, AT).listed
    assert not Atlas(policy).find(AT_HOME, AT).listed


def test_a_list_that_no_rule_denies_speaks_against_nobody() -> None:
    """It may be one of customers."""
    text = OFFICE.read_text().replace('"satellite", "list:irsf"', '"satellite"')
    rule = '[[rule]]\nname = "friends"\nto   = ["list:irsf"]\nthen = "allow"\n\n[[rule]]'
    policy = load_text(text.replace("[[rule]]", rule, 1), OFFICE)
    assert not Atlas(policy).find(SAO_TOME, AT).listed


def test_what_a_call_costs() -> None:
    """By the sheet; nothing where nobody answered, and unknown without rates."""
    priced = Atlas(office()).find(GAMBIA, AT)
    assert priced.tariff is not None
    assert priced.cost(61) == priced.tariff.cost(61)
    assert priced.cost(0) == 0
    unpriced = Atlas(dataclasses.replace(office(), rates=None)).find(GAMBIA, AT)
    assert (unpriced.cost(61), unpriced.cost(0), unpriced.dear) == (None, 0, False)


def test_prices_are_those_of_the_day() -> None:
    """What was found of a number is found anew once the sheet has changed."""
    sheet = OFFICE.parent / "rates" / "wholesale.csv"
    assert sheet.exists()
    atlas = Atlas(office())
    atlas._changes = [int(AT) + 1]
    before, same = atlas.find(ITALY, AT), atlas.find(ITALY, AT)
    assert before is same
    assert atlas.find(ITALY, AT + 2) is not before


def test_only_so_many_numbers_are_remembered() -> None:
    """Those that were not asked for longest are forgotten."""
    atlas = Atlas(office(), most=2)
    first, second = atlas.find(AT_HOME, AT), atlas.find(ITALY, AT)
    assert atlas.find(AT_HOME, AT) is first
    atlas.find(GAMBIA, AT)
    assert atlas.find(AT_HOME, AT) is first
    assert atlas.find(ITALY, AT) is not second


def test_what_is_no_number_goes_nowhere() -> None:
    """It is invalid, and costs nothing that is known."""
    found = Atlas(office()).find("9", AT)
    assert found.number.category is Category.INVALID
    assert not found.risky


def test_what_is_read_already_is_not_read_again() -> None:
    """Whoever reads numbers besides lends what it found."""
    policy = office()
    read: list[str] = []

    def lent(dialled: str) -> Number:
        read.append(dialled)
        return policy.plan.read(dialled)

    found = Atlas(policy, read=lent).find(GAMBIA, AT)
    assert read == [GAMBIA]
    assert found == Atlas(policy).find(GAMBIA, AT)
