"""docs/attacks.md says what the attacks come to: each that is made whole in a moment, again."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from fastagi.policy.loading import load
from fastagi.rating.tariff import amount
from tests.policies.thieves import attacks, tables
from tests.policies.thieves.attacks import Attack
from tests.policies.thieves.defences import Thief
from tests.policies.thieves.replay import budget
from tests.policies.thieves.tables import markdown

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "attacks.md").read_text()
OFFICE = load(ROOT / "policies" / "office.toml")

WHOLE = (attacks.clinic(), attacks.drip(), attacks.burst())
WEEKENDS = (attacks.rain(), attacks.rain(100, forwarded=False))


def _name(attack: Attack) -> str:
    return attack.name


@pytest.mark.parametrize("attack", WHOLE, ids=_name)
async def test_what_other_defences_lose_is_what_is_told(attack: Attack) -> None:
    """Line by line, as the benchmark prints it."""
    assert markdown(await tables.behind_others(attack, OFFICE)) in PAGE.splitlines()


@pytest.mark.parametrize("thief", Thief, ids=str)
@pytest.mark.parametrize("attack", WHOLE, ids=_name)
async def test_what_the_gate_loses_is_what_is_told(attack: Attack, thief: Thief) -> None:
    """Line by line, as the benchmark prints it."""
    assert markdown(await tables.behind_the_gate(attack, thief, OFFICE)) in PAGE.splitlines()


def test_the_weekends_are_there_for_every_thief_with_what_they_cost_at_most() -> None:
    """They take minutes: what they came to is looked at, not made again."""
    for attack in WEEKENDS:
        rows = re.findall(rf"^\| {attack.name} \| ([^|]*) \| ([\d.]+) \| ([\d.]+) \|", PAGE, re.M)
        most = amount(budget(OFFICE, attack))
        assert [(who, at_most) for who, _, at_most in rows] == [
            (Thief.PASSWORD.value, "0.00"),
            (Thief.PIN.value, most),
            (Thief.ALL.value, most),
        ]
        assert all(float(lost) <= float(at_most) for _, lost, at_most in rows)


def test_every_column_is_there() -> None:
    """Under the names that the benchmark gives them."""
    assert markdown(tables.OTHERS) in PAGE.splitlines()
    assert markdown(tables.GATE) in PAGE.splitlines()
