"""What calls cost under a policy: said in words, and what of its prices is odd."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from fastagi.numbering.examples import dialled_numbers
from fastagi.policy.wording import quoted
from fastagi.rating.sheet import MOMENT_MAX
from fastagi.rating.tariff import MONEY_UNIT, amount

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from fastagi.policy.model import Policy
    from fastagi.rating.rates import Rates
    from fastagi.rating.tariff import Tariff
    from fastagi.toml_lines import TomlPath

TABLE: Final = "rates"

DOLLAR_LIKE: Final = frozenset({"USD", "EUR", "GBP", "CHF", "CAD", "AUD", "NZD", "SGD"})
"""Currencies in which what a usual minute costs is known well enough to doubt a sheet."""

DEAR: Final = 2 * MONEY_UNIT
"""A minute to most of the world costs less, in any of those."""

CHEAP: Final = MONEY_UNIT // 10_000
"""A minute to most of the world costs more."""

MOST: Final = 99
"""Of a hundred prices, how many `unknown` should not be below."""


# ----------------------------------------------------------------------------- in words


def in_words(tariff: Tariff, currency: str) -> str:
    """Say what a call costs: `0.0123 GBP a minute: 60 s for 0.0123, then 0.0123 each 60 s`.

    Args:
        tariff: What it costs.
        currency: Of what; empty where that is not known.
    """
    steps = f"{tariff.first_s} s for {amount(tariff.first_cost)}"
    further = f"then {amount(tariff.next_cost)} each {tariff.next_s} s"
    return " ".join(
        filter(None, (amount(tariff.per_minute), currency, f"a minute: {steps}, {further}"))
    )


def price_in_words(rates: Rates, tariff: Tariff | None) -> str:
    """Say what a call costs, also where nobody knows."""
    if tariff is None:
        return "unknown: the sheet has no price, and `[rates]` no `unknown`"
    return in_words(tariff, rates.currency)


# ----------------------------------------------------------------------------- what is odd


def find_odd(policy: Policy) -> Iterator[tuple[TomlPath, str]]:
    """Find what an administrator hardly meant by a rate sheet, where there is one."""
    rates = policy.rates
    if rates is None:
        return
    prices = rates.sheet.prices()
    if rates.unknown is None:
        yield (
            (TABLE,),
            "there is no `unknown`, so nobody knows what a call costs that the sheet does not "
            'list, and limits on money refuse it; write the price of a minute: `unknown = "3.00"`',
        )
    elif prices and rates.unknown.per_minute < (most := _at_hundredth(prices, MOST)):
        yield (
            (TABLE, "unknown"),
            f"`{amount(rates.unknown.per_minute)}` is less than what the sheet's dearest cost "
            f"({amount(most)} and more); what it does not list is seldom cheap",
        )
    yield from _unit(rates, prices)
    yield from _at_home(policy, rates)


def _unit(rates: Rates, prices: Mapping[Tariff, int]) -> Iterator[tuple[TomlPath, str]]:
    """Find prices that are hardly in units of the currency, a minute."""
    if rates.currency not in DOLLAR_LIKE or not prices:
        return
    half = _at_hundredth(prices, 50)
    if half > DEAR:
        what = f"half of its prices are {amount(half)} {rates.currency} a minute or more"
        yield (TABLE, "file"), f"{what}; are they in hundredths, or thousandths?"
    elif 0 < half < CHEAP:
        what = f"half of its prices are {amount(half)} {rates.currency} a minute or less"
        yield (TABLE, "file"), f"{what}; are they of a second?"


def _at_home(policy: Policy, rates: Rates) -> Iterator[tuple[TomlPath, str]]:
    """Find sheets of the rest of the world."""
    for dialled in dialled_numbers(policy.site.country)[:1]:
        number = policy.plan.read(policy.site.outside_prefix + dialled)
        if number.is_e164 and rates.sheet.find(number.number, MOMENT_MAX) is None:
            yield (
                (TABLE, "file"),
                f"it lists nothing for numbers of {quoted(policy.site.country)} such as "
                f"`{number.number}`, so calls at home cost what `unknown` says",
            )


def _at_hundredth(prices: Mapping[Tariff, int], hundredth: int) -> int:
    """Return the price a minute that so many of a hundred prefixes do not exceed."""
    wanted = sum(prices.values()) * hundredth / 100
    for tariff in sorted(prices, key=lambda each: each.per_minute):
        wanted -= prices[tariff]
        if wanted <= 0:
            break
    return tariff.per_minute
