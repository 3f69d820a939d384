"""`limits_in_words`: what a limit does to a call, as an administrator would say it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from fastagi.policy.limits_in_words import in_words, so_much, used_in_words, why_denied
from fastagi.policy.model import Limit, Per, ThenLimit, Unit
from fastagi.policy.scope import Scope
from fastagi.rating.tariff import Tariff
from tests.unit.policy.samples import MINUTES

LONGEST_S = 4 * 3600
SPEND = Limit("l", Scope(), Per.EXTENSION, budgets=((Unit.SPEND, 20_000_000),), within_s=86400)


@pytest.mark.parametrize(
    ("unit", "most", "words"),
    [
        (Unit.SPEND, 20_000_000, "20.00 GBP"),
        (Unit.SECONDS, 60, "1 minute"),
        (Unit.SECONDS, 3600, "60 minutes"),
        (Unit.SECONDS, 3601, "1h1s"),
        (Unit.ATTEMPTS, 1, "1 attempt"),
        (Unit.ATTEMPTS, 40, "40 attempts"),
        (Unit.NUMBERS, 1, "1 different number"),
        (Unit.NUMBERS, 10, "10 different numbers"),
        (Unit.EXTENSIONS, 2, "2 different extensions"),
        (Unit.SHORT, 3, "3 short calls"),
        (Unit.COUNTRIES, 1, "1 country"),
        (Unit.COUNTRIES, 3, "3 different countries"),
    ],
)
def test_amounts_are_in_the_words_of_the_unit(unit: Unit, most: int, words: str) -> None:
    """One of a thing is one."""
    assert so_much(unit, most, "GBP") == words


@pytest.mark.parametrize(
    ("tariff", "lasts"),
    [
        (MINUTES, "; at 1.20 GBP a minute, 20.00 GBP lasts 16m"),
        (Tariff(1, 20_000, 1, 20_000), "; at 1.20 GBP a minute, 20.00 GBP lasts 16m40s"),
        (
            Tariff(30, 5_600_000, 6, 120_000),
            "; at 6.20 GBP a minute, 20.00 GBP lasts 12m30s",
        ),
        (
            Tariff(60, 0, 60, 0),
            "; at 0.00 GBP a minute, 20.00 GBP lasts longer than any call may",
        ),
        (None, ""),
    ],
)
def test_money_is_said_in_time(tariff: Tariff | None, lasts: str) -> None:
    """So that whoever reads it knows what comes of it."""
    said = in_words(SPEND, "101", tariff, "GBP", LONGEST_S)
    assert said == f"gives extension `101` 20.00 GBP in 24h{lasts}"


def test_all_that_one_limit_does_is_said() -> None:
    """In one sentence."""
    limit = Limit(
        "l",
        Scope(),
        Per.SITE,
        calls=2,
        duration_s=1800,
        budgets=((Unit.ATTEMPTS, 40),),
        within_s=3600,
        price=500_000,
    )
    assert in_words(limit, "", None, "EUR", LONGEST_S) == (
        "takes one of 2 at a time of the site, gives the site 40 attempts in 1h, "
        "lets nothing through above 0.50 EUR a minute and ends the call after 30m"
    )


def test_what_a_limit_that_watches_looks_at_is_said() -> None:
    """And how much of it is used."""
    units = ((Unit.NUMBERS, 5), (Unit.SPEND, 20_000_000))
    limit = replace(SPEND, budgets=units, within_s=3600, then=ThenLimit.WATCH)
    assert in_words(limit, "101", None, "GBP", LONGEST_S) == (
        "is over once extension `101` has come to 5 different numbers and 20.00 GBP in 1h"
    )
    assert used_in_words(limit, {Unit.NUMBERS: 3}, "GBP") == (
        "3 of 5 different numbers and 0.00 GBP of 20.00 GBP in 1h"
    )


def test_why_a_limit_denies_is_said_with_both_amounts() -> None:
    """What it costs, and what it may."""
    price = Limit("l", Scope(), price=500_000)
    assert why_denied(price, MINUTES, "GBP") == "1.20 GBP a minute is more than 0.50 GBP"
    assert why_denied(SPEND, Tariff(60, 30_000_000, 60, 1), "GBP") == (
        "the first 1m cost 30.00 GBP, which is more than 20.00 GBP"
    )
    assert why_denied(price, None, "GBP").startswith("nobody says what the number costs; ")
