"""What an explanation holds against what: values and their thresholds, as data and in words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, assert_never

from fastagi.policy.limits import LEAST_S
from fastagi.policy.limits_in_words import money, so_much
from fastagi.policy.model import Unit
from fastagi.policy.wording import duration
from fastagi.rating.tariff import amount

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from fastagi.policy.model import Factor, Limit, Rule
    from fastagi.policy.used import Used
    from fastagi.rating.tariff import Tariff

CALLS: Final = "calls"
PRICE: Final = "price"
DURATION: Final = "duration"

SECONDS: Final = "s"
"""The unit of what is a time; money has its currency, and what is merely counted has none."""


@dataclass(frozen=True, slots=True)
class Figure:
    """One value, held against one threshold of a rule or a limit.

    Attributes:
        what: `calls` at a time, a `model.Unit` within a time, `price` a minute, `duration` of a
            call, or a `model.Factor` that is remembered.
        value: What there is of it, money in millionths; None where that is not known.
        threshold: What it is held against, likewise.
        unit: The currency, `s`, or nothing.
        needs: What the call takes of it at least; None where it takes nothing.
    """

    what: str
    value: int | None
    threshold: int
    unit: str = ""
    needs: int | None = None

    @property
    def is_money(self) -> bool:
        """Whether value, threshold and needs are money."""
        return self.what in (PRICE, Unit.SPEND)

    @property
    def brief(self) -> str:
        """The figure in a few characters, for a column: `spend 12.40 of 20.00 GBP`."""
        value = "?" if self.value is None else self._shown(self.value)
        return f"{self.what} {value} of {self._shown(self.threshold)}{self._unit}"

    @property
    def _unit(self) -> str:
        return "" if self.unit in ("", SECONDS) else f" {self.unit}"

    def _shown(self, value: int) -> str:
        if self.is_money:
            return amount(value)
        return duration(value) if self.unit == SECONDS else str(value)

    def as_json(self) -> dict[str, object]:
        """Return it for programs; money is text, so that nobody makes floats of it."""
        told = {"value": self.value, "threshold": self.threshold, "needs": self.needs}
        shown: dict[str, object] = {
            name: amount(each) if self.is_money and each is not None else each
            for name, each in told.items()
        }
        return {"what": self.what, **shown, "unit": self.unit}


def of_limit(
    limit: Limit, tariff: Tariff | None, currency: str, used: Used | None
) -> Iterator[Figure]:
    """Find what a call is held against by a limit.

    Args:
        limit: One that the call falls under.
        tariff: What the call costs; None where nobody says.
        currency: That of the policy's money.
        used: What of the limit is used before the call; None where that is not known.
    """
    if limit.calls is not None:
        yield Figure(CALLS, None if used is None else used.calls, limit.calls, needs=1)
    for unit, most in limit.budgets:
        so_far = None if used is None else used.units.get(unit, 0)
        match unit:
            case Unit.SPEND:
                needs = None if tariff is None else tariff.cost(LEAST_S)
                yield Figure(unit, so_far, most, currency, needs)
            case Unit.SECONDS:
                yield Figure(unit, so_far, most, SECONDS, LEAST_S)
            case Unit.ATTEMPTS | Unit.NUMBERS | Unit.COUNTRIES | Unit.EXTENSIONS | Unit.SHORT:
                yield Figure(unit, so_far, most, needs=1)
            case _:
                assert_never(unit)
    if limit.price is not None:
        yield Figure(PRICE, None if tariff is None else tariff.per_minute, limit.price, currency)
    if limit.duration_s is not None:
        yield Figure(DURATION, None, limit.duration_s, SECONDS)


def of_rule(rule: Rule, proven_s: Mapping[Factor, float]) -> Iterator[Figure]:
    """Find what a call is held against by a rule: how long ago each factor was shown."""
    for factor in rule.then.factors if rule.remember_s else ():
        ago_s = proven_s.get(factor)
        value = None if ago_s is None else int(ago_s)
        yield Figure(factor, value, rule.remember_s, SECONDS)


def in_words(figures: Iterable[Figure]) -> str:
    """Say what is known of some figures: `2 of 2 calls are up; 12.40 of 20.00 GBP used, …`."""
    return "; ".join(filter(None, map(_words, figures)))


def _words(figure: Figure) -> str:
    if figure.value is None:
        return ""
    if figure.what == CALLS:
        return f"{figure.value} of {so_many_calls(figure.threshold)} up"
    if figure.what == PRICE:
        dear, most = money(figure.value, figure.unit), money(figure.threshold, figure.unit)
        return f"{dear} a minute, of {most} at most"
    if figure.what in list(Unit):
        return _of_budget(figure, Unit(figure.what))
    ago = f"{figure.what} shown {duration(figure.value)} ago"
    return f"{ago}, remembered for {duration(figure.threshold)}"


def _of_budget(figure: Figure, unit: Unit) -> str:
    value = figure.value or 0
    shown = amount(value) if unit is Unit.SPEND else str(value)
    if unit is Unit.SECONDS:
        used = f"{duration(value)} of {duration(figure.threshold)} used"
    else:
        used = f"{shown} of {so_much(unit, figure.threshold, figure.unit)} used"
    if not unit_is_reserved(unit) or figure.needs is None:
        return used
    least = duration(figure.needs) if unit is Unit.SECONDS else money(figure.needs, figure.unit)
    return f"{used}, this call needs at least {least}"


def unit_is_reserved(unit: Unit) -> bool:
    """Tell whether a call reserves of a unit what it may come to use."""
    return unit in (Unit.SPEND, Unit.SECONDS)


def so_many_calls(count: int) -> str:
    """Return a number of calls in words."""
    return "1 call" if count == 1 else f"{count} calls"
