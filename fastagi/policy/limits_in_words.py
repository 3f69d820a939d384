"""What a limit does to a call, in words: for explanations."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, assert_never

from fastagi.policy.model import ThenLimit, Unit
from fastagi.policy.wording import duration, quoted, sum_of
from fastagi.rating.tariff import amount

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from fastagi.policy.model import Limit
    from fastagi.rating.tariff import Tariff


WORDS: Final = {unit: "minutes" if unit is Unit.SECONDS else str(unit) for unit in Unit}
"""What policies and their cases call each unit."""


def in_words(limit: Limit, key: str, tariff: Tariff | None, currency: str, longest_s: int) -> str:
    """Say what a limit does to a call that it lets through.

    Args:
        limit: One that the call falls under.
        key: What the call is counted under.
        tariff: What the call costs; None where nobody says.
        currency: That of the policy's money.
        longest_s: The longest any call of the site may last.
    """
    what = sum_of(_effects(limit, key, currency))
    spend = limit.most(Unit.SPEND)
    if spend is None or tariff is None:
        return what
    lasts_s = tariff.lasts(spend, longest_s + 1)
    lasts = "longer than any call may" if lasts_s > longest_s else duration(lasts_s)
    dear = f"{money(tariff.per_minute, currency)} a minute"
    return f"{what}; at {dear}, {money(spend, currency)} lasts {lasts}"


def used_in_words(limit: Limit, used: Mapping[Unit, int], currency: str) -> str:
    """Say how much is used of a limit: `3 of 5 different numbers in 1h`."""
    each = sum_of(
        f"{_bare(unit, used.get(unit, 0), currency)} of {so_much(unit, most, currency)}"
        for unit, most in limit.budgets
    )
    return f"{each} in {duration(limit.within_s)}"


def _bare(unit: Unit, count: int, currency: str) -> str:
    return so_much(unit, count, currency) if unit in (Unit.SPEND, Unit.SECONDS) else str(count)


def why_denied(limit: Limit, tariff: Tariff | None, currency: str) -> str:
    """Say why a limit denies a call whatever was used before."""
    if tariff is None:
        return "nobody says what the number costs; add it to the rate sheet, or write `unknown`"
    if limit.price is not None and tariff.per_minute > limit.price:
        dear = f"{money(tariff.per_minute, currency)} a minute"
        return f"{dear} is more than {money(limit.price, currency)}"
    spend = money(limit.most(Unit.SPEND) or 0, currency)
    first = f"the first {duration(tariff.first_s)} cost {money(tariff.first_cost, currency)}"
    return f"{first}, which is more than {spend}"


def money(millionths: int, currency: str) -> str:
    """Return an amount with its currency: `20.00 GBP`."""
    return f"{amount(millionths)} {currency}"


def so_much(unit: Unit, most: int, currency: str) -> str:
    """Say how much of a unit: `20.00 GBP`, `60 minutes`, `1 attempt`."""
    match unit:
        case Unit.SPEND:
            return money(most, currency)
        case Unit.SECONDS if most % 60:
            return duration(most)
        case Unit.SECONDS:
            return _so_many(most // 60, "minute")
        case Unit.ATTEMPTS:
            return _so_many(most, "attempt")
        case Unit.NUMBERS:
            return _so_many(most, "different number")
        case Unit.EXTENSIONS:
            return _so_many(most, "different extension")
        case Unit.SHORT:
            return _so_many(most, "short call")
        case Unit.COUNTRIES:
            return "1 country" if most == 1 else f"{most} different countries"
        case _:
            assert_never(unit)


def _effects(limit: Limit, key: str, currency: str) -> Iterator[str]:
    if limit.calls is not None:
        of = f"of {limit.per} {quoted(key)}" if key else f"of the {limit.per}"
        yield f"takes one of {limit.calls} at a time {of}"
    if limit.budgets:
        who = f"{limit.per} {quoted(key)}" if key else f"the {limit.per}"
        each = sum_of(so_much(unit, most, currency) for unit, most in limit.budgets)
        if limit.then is ThenLimit.DENY:
            yield f"gives {who} {each} in {duration(limit.within_s)}"
        else:
            yield f"is over once {who} has come to {each} in {duration(limit.within_s)}"
    if limit.price is not None:
        yield f"lets nothing through above {money(limit.price, currency)} a minute"
    if limit.duration_s is not None:
        yield f"ends the call after {duration(limit.duration_s)}"


def _so_many(count: int, what: str) -> str:
    return f"{count} {what}" if count == 1 else f"{count} {what}s"
