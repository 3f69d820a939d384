"""What limits make of an outside call that rules let through: what it claims, and how long.

Whether there is room is the store's to say. What no use could change is decided here: a number
that is dearer than a limit's `price`, whose price nobody knows, or of which not even the first
seconds can be paid, is denied. What is unknown of a call falls to the stricter side: a limit that
may fit, does.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final, assert_never

from fastagi.policy.matching import places
from fastagi.policy.model import (
    BudgetClaim,
    Claim,
    Decision,
    Per,
    Reason,
    ThenLimit,
    Unit,
    Verdict,
)
from fastagi.policy.scope import APART

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from collections.abc import Set as AbstractSet

    from fastagi.policy.model import Limit, Policy, Request
    from fastagi.policy.scope import Circumstances
    from fastagi.rating.tariff import Tariff


BLOCK_DIGITS: Final = 2
"""Digits by which the numbers of a block differ: the last ones."""

LEAST_S: Final = 60
"""What a budget must have left for a call, if the call might last so long. It is bounded from when
it is dialled, and rings first: with less, whoever got through would be cut off in mid-sentence."""


def bounded(decision: Decision, policy: Policy, request: Request, call: Circumstances) -> Decision:
    """Hold a call that rules let through against every limit that it falls under.

    Args:
        decision: What rules say: ALLOW or CHALLENGE. Nobody is asked for a code to be told then
            that the number is too dear.
        policy: The site's.
        request: The call.
        call: Its circumstances.
    """
    limits = tuple(limits_of(policy, call))
    tariff = tariff_of(policy, request)
    over = []
    for limit in limits:
        reason = why_never(limit, tariff)
        if reason is not None and not limit.only_counts:
            return Decision(Verdict.DENY, limit.name, reason, shadows=decision.shadows)
        if reason is not None and limit.shadow:
            over.append(limit.name)
    return replace(
        decision,
        claims=tuple(_claims(limits, request, call)),
        budgets=tuple(budgets_of(limits, request, call)),
        tariff=tariff,
        seconds=_seconds(limits, tariff, policy.site.longest_s),
        over=tuple(over),
    )


def limits_of(policy: Policy, call: Circumstances) -> Iterator[Limit]:
    """Find every limit that a call falls or may fall under; only outside calls fall under any."""
    if call.number.category not in APART:
        fits, may_fit = policy.limit_index.fitting(call)
        for place in places(fits | may_fit):
            yield policy.limits[place]


def over(
    policy: Policy, request: Request, call: Circumstances, used_up: AbstractSet[str]
) -> tuple[frozenset[str], frozenset[str]]:
    """Return the limits that rules ask for by `over:`, and that a call is over, or may be.

    Whoever knows not what a call costs knows not what it leaves of money: nothing, then.

    Args:
        policy: The site's.
        request: The call.
        call: Its circumstances, as far as limits depend on them.
        used_up: Names of limits of which nothing was left before it.
    """
    if call.number.category in APART:
        return frozenset(), frozenset()
    surely, maybe = (
        frozenset(
            limit.name
            for limit in map(policy.limits.__getitem__, places(bits))
            if limit.name in policy.asks_for_limits
            and (limit.name in used_up or _pays_nothing(limit, policy, request))
        )
        for bits in policy.limit_index.fitting(call)
    )
    return surely, maybe - surely


def _pays_nothing(limit: Limit, policy: Policy, request: Request) -> bool:
    """Tell whether a call is over a limit on money whatever was used before."""
    spend = limit.most(Unit.SPEND)
    if spend is None:
        return False
    tariff = tariff_of(policy, request)
    return tariff is None or not tariff.lasts(spend, 1)


def under_shadow(policy: Policy, names: Iterable[str]) -> tuple[str, ...]:
    """Return which of some limits only record what they would have done."""
    wanted = set(names)
    return tuple(each.name for each in policy.limits if each.shadow and each.name in wanted)


def putting_brake_on(policy: Policy, names: Iterable[str]) -> tuple[str, ...]:
    """Return which of some limits put the brake on where they are too small for a call."""
    wanted = set(names)
    return tuple(
        each.name
        for each in policy.limits
        if each.then is ThenLimit.BRAKE and not each.shadow and each.name in wanted
    )


# ----------------------------------------------------------------------------- money


def tariff_of(policy: Policy, request: Request) -> Tariff | None:
    """Return what an outside call costs that begins at that moment; None where nobody says."""
    if policy.rates is None or request.number.category in APART:
        return None
    return policy.rates.tariff(request.number, request.at.timestamp())


def currency_of(policy: Policy) -> str:
    """Return the currency that the policy's money is of; empty where it has none."""
    return "" if policy.rates is None else policy.rates.currency


def why_never(limit: Limit, tariff: Tariff | None) -> Reason | None:
    """Return why a limit denies a call whatever was used before; None where it does not."""
    spend = limit.most(Unit.SPEND)
    if limit.price is None and spend is None:
        return None
    if tariff is None:
        return Reason.NO_PRICE
    if limit.price is not None and tariff.per_minute > limit.price:
        return Reason.TOO_DEAR
    if spend is not None and not tariff.lasts(spend, 1):
        return Reason.TOO_DEAR
    return None


def spends(decision: Decision) -> bool:
    """Tell whether a call costs money that a limit counts, and does not only record."""
    tariff = decision.tariff
    return (
        tariff is not None
        and tariff.cost(decision.seconds) > 0
        and any(each.unit is Unit.SPEND and not each.shadow for each in decision.budgets)
    )


# ----------------------------------------------------------------------------- claims


def _claims(limits: Sequence[Limit], request: Request, call: Circumstances) -> Iterator[Claim]:
    for limit in limits:
        if limit.per is not None and limit.calls is not None:
            key = key_of(limit, request, call)
            yield Claim(limit.name, limit.per, key, limit.calls, limit.only_counts)


def budgets_of(
    limits: Iterable[Limit], request: Request, call: Circumstances
) -> Iterator[BudgetClaim]:
    """Find what a call needs of every budget of some limits that it falls under."""
    for limit in limits:
        if limit.per is None:
            continue
        key = key_of(limit, request, call)
        for unit, most in limit.budgets:
            yield BudgetClaim(
                limit.name,
                limit.per,
                key,
                unit,
                most,
                limit.within_s,
                limit.only_counts,
                _item(unit, request),
            )


def _item(unit: Unit, request: Request) -> str:
    """Name what is counted once however often it is called; empty where every call counts."""
    match unit:
        case Unit.NUMBERS:
            return request.number.number
        case Unit.COUNTRIES:
            return request.number.country
        case Unit.EXTENSIONS:
            return request.extension
        case Unit.SPEND | Unit.SECONDS | Unit.ATTEMPTS | Unit.SHORT:
            return ""
        case _:
            assert_never(unit)


def key_of(limit: Limit, request: Request, call: Circumstances) -> str:
    """Name what is counted together; calls without a class, or a trunk, count as one of them."""
    match limit.per:
        case Per.EXTENSION:
            return request.extension
        case Per.CLASS:
            return call.class_name or ""
        case Per.COUNTRY:
            return request.number.country
        case Per.NUMBER:
            return request.number.number
        case Per.BLOCK:
            return request.number.number[:-BLOCK_DIGITS]
        case Per.TRUNK:
            return request.trunk
        case Per.SITE | None:
            return ""
        case _:
            assert_never(limit.per)


def _seconds(limits: Sequence[Limit], tariff: Tariff | None, longest_s: int) -> int:
    """Return how long a call may last that finds nothing of its budgets used."""
    seconds = longest_s
    for limit in limits:
        if not limit.only_counts:
            seconds = min(
                seconds, limit.duration_s or seconds, limit.most(Unit.SECONDS) or seconds
            )
            spend = limit.most(Unit.SPEND)
            if spend is not None and tariff is not None:
                seconds = tariff.lasts(spend, seconds)
    return seconds
