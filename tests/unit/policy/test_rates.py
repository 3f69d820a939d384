"""A policy's prices are loaded with it, and are part of its version."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from fastagi.errors import PolicyError
from fastagi.policy.loading import load
from fastagi.rating.shared import MappedSheet
from fastagi.rating.tariff import Tariff
from tests.unit.policy.samples import SITE

if TYPE_CHECKING:
    from pathlib import Path

RATES = '\n[rates]\nfile = "s.csv"\ncurrency = "GBP"\n'
LINE = SITE.count("\n") + 2
NOW = 1_800_000_000.0


@pytest.fixture
def policy(tmp_path: Path) -> Path:
    """A policy with a sheet."""
    (tmp_path / "s.csv").write_text("prefix,price\n44,1\n")
    file = tmp_path / "p.toml"
    file.write_text(SITE + RATES + 'unknown = "3.00"\n')
    return file


def test_prices_are_loaded_with_the_policy(policy: Path) -> None:
    """With the price of what the sheet does not list, in whole minutes."""
    loaded = load(policy)
    rates = loaded.rates
    assert rates is not None
    assert (rates.currency, rates.file) == ("GBP", policy.parent / "s.csv")
    assert rates.unknown == Tariff(60, 3_000_000, 60, 3_000_000)
    assert rates.tariff(loaded.plan.read("902079460000"), NOW) == Tariff(60, 10**6, 60, 10**6)
    assert rates.tariff(loaded.plan.read("900390612345678"), NOW) == rates.unknown


def test_the_version_changes_when_a_price_does(policy: Path) -> None:
    """So a reload notices, and records tell by which prices a call was judged."""
    before = load(policy).version
    assert load(policy).version == before
    (policy.parent / "s.csv").write_text("prefix,price\n44,2\n")
    after = load(policy).version
    assert after != before
    policy.write_text(SITE)
    assert load(policy).version not in {before, after}
    assert load(policy).rates is None


def test_processes_share_a_sheet(policy: Path, tmp_path: Path) -> None:
    """The first reads it, all map it; one by itself needs no folder. Other sheets are others."""
    shared = tmp_path / "shared"
    shared.mkdir()
    for _ in range(2):
        loaded = load(policy, shared=shared)
        assert loaded.rates is not None
        assert isinstance(loaded.rates.sheet, MappedSheet)
        assert loaded.version == load(policy).version
    assert len(list(shared.glob("*.rates"))) == 1
    policy.write_text(SITE + RATES.replace("GBP", "EUR"))
    load(policy, shared=shared)
    assert len(list(shared.glob("*.rates"))) == 2


def test_what_is_wrong_is_told_where_it_is(policy: Path, tmp_path: Path) -> None:
    """In the sheet with its lines; a sheet that is not there by the line that names it."""
    sheet = tmp_path / "s.csv"
    sheet.write_text("prefix,price,currency\n44,1,USD\n39,x,USD\n")
    with pytest.raises(PolicyError) as caught:
        load(policy)
    assert [each.where for each in caught.value.problems] == [f"{sheet}:2", f"{sheet}:3"]
    sheet.unlink()
    with pytest.raises(PolicyError) as caught:
        load(policy)
    (problem,) = caught.value.problems
    assert problem.where == f"{policy}:{LINE + 1}"
    assert problem.what == f"{sheet}: this file cannot be read: no such file or directory"


@pytest.mark.parametrize(
    ("unknown", "why"),
    [('"0,5"', "no amount of money"), ("3.0", "no text"), ('"1000001"', "out of reason")],
)
def test_an_unknown_price_is_a_price(policy: Path, unknown: str, why: str) -> None:
    """As exact as those of the sheet, and as bounded."""
    policy.write_text(SITE + RATES + f"unknown = {unknown}\n")
    with pytest.raises(PolicyError, match=why):
        load(policy)
