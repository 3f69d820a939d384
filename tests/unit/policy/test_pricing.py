"""Prices are said in words, and sheets that were hardly meant so are told."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from fastagi.policy.checking import check
from fastagi.policy.loading import load
from fastagi.policy.pricing import TABLE, find_odd, in_words, price_in_words
from fastagi.rating.tariff import Tariff
from tests.unit.policy.samples import SITE, policy_of

if TYPE_CHECKING:
    from pathlib import Path

    from fastagi.policy.model import Policy


def loaded(folder: Path, sheet: str, unknown: str = 'unknown = "9.00"', of: str = "GBP") -> Policy:
    """Return a policy with a sheet."""
    (folder / "s.csv").write_text("prefix,price\n" + sheet)
    file = folder / "p.toml"
    file.write_text(f'{SITE}\n[rates]\nfile = "s.csv"\ncurrency = "{of}"\n{unknown}\n')
    return load(file)


def odd(policy: Policy) -> list[str]:
    """Return what is odd."""
    return [what for _, what in find_odd(policy)]


def test_a_price_is_said_in_words(tmp_path: Path) -> None:
    """By the minute, and how it is billed."""
    tariff = Tariff(30, 130_000, 6, 6_000)
    words = "0.16 GBP a minute: 30 s for 0.13, then 0.006 each 6 s"
    assert in_words(tariff, "GBP") == words
    assert in_words(tariff, "") == words.replace(" GBP", "")
    rates = loaded(tmp_path, "44,1\n").rates
    assert rates is not None
    assert price_in_words(rates, tariff) == words
    assert price_in_words(rates, None).startswith("unknown: the sheet has no price")


def test_nothing_is_odd_in_a_usual_sheet(tmp_path: Path) -> None:
    """Nor where there is none."""
    assert odd(loaded(tmp_path, "44,0.01\n447,0.02\n39,0.03\n")) == []
    assert odd(policy_of()) == []


@pytest.mark.parametrize(
    ("sheet", "unknown", "currency", "what"),
    [
        ("44,0.01\n", "", "GBP", "there is no `unknown`, so nobody knows"),
        ("44,9.50\n", 'unknown = "9"', "JPY", "`9.00` is less than what the sheet's dearest"),
        ("44,2.5\n39,3\n", 'unknown = "9"', "GBP", "half of its prices are 2.50 GBP a minute or"),
        ("44,0.00009\n", 'unknown = "9"', "EUR", "half of its prices are 0.00009 EUR a minute"),
        ("39,0.01\n", 'unknown = "9"', "GBP", "it lists nothing for numbers of `GB` such as `+44"),
    ],
)
def test_what_is_odd_is_told(
    tmp_path: Path, sheet: str, unknown: str, currency: str, what: str
) -> None:
    """Another unit, half a world, and prices that nobody gave."""
    policy = loaded(tmp_path, sheet, unknown, currency)
    (told,) = odd(policy)
    assert told.startswith(what)
    lines = {policy.lines[key] for key in policy.lines if key[0] == TABLE}
    assert [each.line in lines for each in check(policy) if each.what == told] == [True]


def test_prices_of_other_money_are_not_doubted(tmp_path: Path) -> None:
    """What a minute costs in every currency nobody knows here."""
    assert odd(loaded(tmp_path, "44,250\n", 'unknown = "900"', "JPY")) == []
