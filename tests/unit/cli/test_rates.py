"""`dialguard rates …`."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.unit.policy.samples import SITE

if TYPE_CHECKING:
    from pathlib import Path

    from tests.unit.cli.conftest import Dialguard

SHEET = """\
prefix,surtax,price,increments,effective,status
44,UK,0.01,1/1,2020-01-01,
447,UK mobile,0.02,1/1,,
39,Italy,0.03,30/6,,
39,Italy,0.05,30/6,2100-01-01,
393,Italy mobile,0.03,30/6,,
49,Germany,0,60/60,,
881,Satellite,9,60/60,,Blocked
"""


@pytest.fixture
def sheet(tmp_path: Path) -> Path:
    """A sheet with a little of everything."""
    file = tmp_path / "wholesale.csv"
    file.write_text(SHEET)
    return file


@pytest.fixture
def policy(tmp_path: Path, sheet: Path) -> Path:
    """A policy that names it."""
    file = tmp_path / "p.toml"
    rates = f'[rates]\nfile = "{sheet.name}"\ncurrency = "GBP"\nunknown = "3.00"\n'
    file.write_text(f"{SITE}\n{rates}")
    return file


def test_a_sheet_is_checked(dialguard: Dialguard, sheet: Path) -> None:
    """How many, the cheapest and the dearest, and what is odd."""
    done = dialguard("rates", "check", str(sheet))
    assert done.exit_code == 0, done.output
    assert f"{sheet}: valid\n" in done.stdout
    for line in ("rows      7", "prefixes  6 in force, 5 of them with a price", "memory    40 kB"):
        assert f"  {line}" in done.stdout
    assert "cheapest\t+49\t0.00 a minute: 60 s for 0.00, then 0.00 each 60 s\n" in done.stdout
    assert "dearest\t+39" in done.stdout
    for odd in (
        "nothing is read from column `surtax`",
        "it does not say what currency it is in",
        "1 prefixes cost nothing",
        "1 prefixes are not served",
        "1 prices change later, the first on 2100-01-01 00:00 UTC",
    ):
        assert odd in done.stderr


def test_a_check_is_told_to_programs(dialguard: Dialguard, sheet: Path) -> None:
    """The same, and what is odd in the same words."""
    told = json.loads(dialguard("rates", "check", str(sheet), "--json").stdout)
    assert (told["rows"], told["prefixes"], told["priced"]) == (7, 6, 5)
    assert told["cheapest"][0]["prefix"] == "49"
    assert told["dearest"][0]["first_seconds"] == 30
    assert len(told["oddities"]) == 5


def test_a_sheet_for_the_future_is_odd(dialguard: Dialguard, sheet: Path) -> None:
    """It was loaded too early, or its dates are wrong. Its size is told, whatever it is."""
    rows = "".join(f"39{n:05},0.01,2100-01-01\n39{n:05},0.01,2100-01-01\n" for n in range(60_000))
    sheet.write_text("prefix,price,start\n39,0.01,2100-01-01\n" + rows + "# thanks\n")
    done = dialguard("rates", "check", str(sheet))
    for odd in (
        "no price of it is in force now",
        "60,000 prices stand there more than once",
        "60,000 prices are those of the next shorter prefix",
        "1 rows with neither prefix nor price are passed over",
        "it has no increments; every minute that is begun counts as a whole one",
    ):
        assert odd in done.stderr
    assert "memory    1.2 MB, once for all workers" in done.stdout


def test_a_wrong_sheet_is_told_by_line(dialguard: Dialguard, sheet: Path) -> None:
    """Status 3, as of a policy; also of another currency, and of one that is not there."""
    sheet.write_text('prefix,price\n39,"0,1"\n')
    done = dialguard("rates", "check", str(sheet))
    assert done.exit_code == 3
    assert f"{sheet}:2: `0,1` has a decimal comma" in done.stderr
    sheet.write_text("prefix,rate (USD)\n39,0.1\n")
    assert dialguard("rates", "check", str(sheet), "--currency", "EUR").exit_code == 3
    assert dialguard("rates", "check", str(sheet), "--currency", "USD").exit_code == 0
    assert dialguard("rates", "check", str(sheet), "--currency", "dollars").exit_code == 1
    assert dialguard("rates", "check", str(sheet.parent)).exit_code == 3


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (
            "+393331234567",
            [
                "+393331234567: 0.03 GBP a minute: 30 s for 0.015, then 0.003 each 6 s",
                "  by       prefix +393 of ",
                "  10 min    0.30 GBP",
            ],
        ),
        ("902079460000", ["  by       prefix +44 of ", ", since 2020-01-01 00:00 UTC"]),
        ("+33123456789", ["3.00 GBP a minute", "does not list it", "  10 min    30.00 GBP"]),
        ("+881612345678", ["3.00 GBP a minute", "prefix +881 is not served"]),
        ("9118118", ["3.00 GBP a minute", "it is no number of E.164"]),
        ("101", ["101: 0.00 GBP a minute"]),
    ],
)
def test_a_price_is_told(
    dialguard: Dialguard, policy: Path, number: str, words: list[str]
) -> None:
    """And by what: a line of the sheet, or `unknown`."""
    done = dialguard("rates", "price", str(policy), number, "--minutes", "10")
    assert done.exit_code == 0, done.output
    for each in words:
        assert each in done.stdout


def test_a_price_is_told_to_programs(dialguard: Dialguard, policy: Path) -> None:
    """Money is text, which is exact; and of the moment that is asked for."""
    words = ("rates", "price", str(policy), "+390612345678", "--json")
    told = json.loads(dialguard(*words).stdout)
    assert (told["by"], told["prefix"], told["price_per_minute"]) == ("sheet", "39", "0.03")
    assert (told["minutes"], told["cost"], told["currency"]) == (5, "0.15", "GBP")
    later = json.loads(dialguard(*words, "--at", "2100-06-01T10:00").stdout)
    assert later["price_per_minute"] == "0.05"
    unlisted = json.loads(dialguard(*words[:3], "+33123456789", "--json").stdout)
    assert (unlisted["by"], unlisted["prefix"], unlisted["cost"]) == ("unknown", None, "15.00")


def test_where_nobody_knows_that_is_said(dialguard: Dialguard, policy: Path, sheet: Path) -> None:
    """Status 1: no price, no sheet, no policy, no number."""
    policy.write_text(policy.read_text().replace('unknown = "3.00"', ""))
    done = dialguard("rates", "price", str(policy), "+33123456789")
    assert done.exit_code == 1
    assert "unknown: the sheet has no price, and `[rates]` no `unknown`" in done.stdout
    told = json.loads(dialguard("rates", "price", str(policy), "+33123456789", "--json").stdout)
    assert (told["by"], told["cost"], told["price_per_minute"]) == ("none", None, None)
    done = dialguard("rates", "price", str(policy), "nobody")
    assert done.exit_code == 1
    assert "`nobody` means nothing" in done.stderr
    policy.write_text(SITE)
    done = dialguard("rates", "price", str(policy), "+33123456789")
    assert done.exit_code == 1
    assert "gives no prices; write a table `[rates]`" in done.stderr
    policy.write_text("[")
    assert dialguard("rates", "price", str(policy), "+33123456789").exit_code == 3
