"""What comes of calls, as values that can be compared: a decision without whose call it is."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, NamedTuple

from fastagi.policy.limits import currency_of
from fastagi.policy.limits_in_words import money, so_much
from fastagi.policy.model import Factor, Per, Reason, Then, ThenLimit, Unit, Verdict
from fastagi.policy.wording import all_of, duration, quoted

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from fastagi.policy.model import Decision, Policy
    from fastagi.rating.tariff import Tariff


class Slots(NamedTuple):
    """A limit on calls at one time that a call falls under."""

    limit: str
    per: Per
    calls: int
    only_counts: bool


class Budget(NamedTuple):
    """A limit on what is used within a time that a call falls under."""

    limit: str
    per: Per
    unit: Unit
    most: int
    within_s: int
    only_counts: bool


@dataclass(frozen=True, slots=True)
class Outcome:
    """What comes of a call: as `Decision`, but for keys that every call has of its own."""

    verdict: Verdict
    rule: str
    reason: Reason
    then: Then | None
    asks: tuple[Factor, ...]
    remember_s: int
    seconds: int
    slots: tuple[Slots, ...]
    budgets: tuple[Budget, ...]
    tariff: Tariff | None
    shadows: tuple[tuple[str, Then], ...]
    over: tuple[str, ...]
    without_store: bool
    puts_brake_on: bool

    @property
    def limits(self) -> tuple[str, ...]:
        """The limits that the call counts on, in their order."""
        names = (*(each.limit for each in self.slots), *(each.limit for each in self.budgets))
        return tuple(dict.fromkeys(names))

    @property
    def in_brief(self) -> Outcome:
        """The same without what it costs, and for how long it may last by that."""
        return replace(self, tariff=None, seconds=0)


def outcome_of(decision: Decision) -> Outcome:
    """Return what comes of a call, of what was decided."""
    return Outcome(
        decision.verdict,
        decision.rule,
        decision.reason,
        decision.then,
        decision.asks,
        decision.remember_s,
        decision.seconds,
        tuple(Slots(each.limit, each.per, each.calls, each.shadow) for each in decision.claims),
        tuple(
            Budget(each.limit, each.per, each.unit, each.most, each.within_s, each.shadow)
            for each in decision.budgets
        ),
        decision.tariff,
        decision.shadows,
        decision.over,
        decision.without_store,
        decision.puts_brake_on,
    )


_FACTORS = {Factor.PIN: "PIN", Factor.TOTP: "one-time code"}


def how(outcome: Outcome) -> str:
    """Say whether and how a call passes: `after PIN and one-time code, by rule `abroad``."""
    rule = quoted(outcome.rule)
    match outcome.verdict:
        case Verdict.CHALLENGE:
            factors = " and ".join(_FACTORS[each] for each in outcome.asks)
            return f"after {factors}, by rule {rule}"
        case Verdict.ALLOW if outcome.then is Then.SIGN_IN:
            return f"allowed while signed in, by rule {rule}"
        case Verdict.ALLOW:
            by = f", by rule {rule}" if outcome.then is not None else f" ({outcome.reason})"
            return f"allowed{by}"
        case _:
            return f"refused: {why(outcome)}"


def why(outcome: Outcome) -> str:
    """Say why a call is refused."""
    rule = quoted(outcome.rule)
    match outcome.reason:
        case Reason.RULE if outcome.then is None:
            return "a trap"
        case Reason.RULE:
            return f"rule {rule}"
        case Reason.NO_RULE:
            return "no rule lets it through"
        case Reason.INVALID_NUMBER if outcome.then is not None:
            return f"nobody's number, as far as is known; rule {rule}"
        case Reason.INVALID_NUMBER:
            return "nobody's number, as far as is known"
        case Reason.UNKNOWN_EXTENSION:
            return "no phone of the site"
        case Reason.SIGN_IN_REQUIRED:
            return f"rule {rule} asks for a sign-in"
        case Reason.CANNOT_CHALLENGE:
            return f"rule {rule} asks for a code, and another would hear the prompt"
        case Reason.OFF_NET:
            return f"rule {rule} does not let it through for somebody outside"
        case Reason.TOO_DEAR:
            return f"too dear for limit {rule}"
        case Reason.NO_PRICE:
            return f"limit {rule} is on money, and nobody says what it costs"
        case other:
            return str(other)


def bounds(outcomes: Iterable[Outcome], policy: Policy) -> str:
    """Say what bounds calls that come to the same but for price and length; empty if nothing."""
    some = list(outcomes)
    parts = []
    seconds = sorted({each.seconds for each in some if each.seconds})
    if seconds:
        parts.append(f"for {_span([duration(seconds[0]), duration(seconds[-1])])} at most")
    prices = sorted({each.tariff.per_minute for each in some if each.tariff is not None})
    if prices:
        currency = currency_of(policy)
        dear = _span([money(prices[0], currency), money(prices[-1], currency)])
        parts.append(f"at {dear} a minute")
    limits = list(dict.fromkeys(name for each in some for name in each.limits))
    if limits:
        parts.append(f"under {all_of(limits)}")
    return ", ".join(parts)


def _span(both: list[str]) -> str:
    return both[0] if both[0] == both[1] else f"{both[0]} to {both[1]}"


# ----------------------------------------------------------------------------- what changed


def changes(before: Outcome, after: Outcome, policies: Sequence[Policy]) -> list[str]:
    """Say which limits of calls are others: `limit `two`: 2 at a time an extension → 3 …`."""
    found = []
    for name in dict.fromkeys((*before.limits, *after.limits)):
        old, new = (
            _limit(each, name, policy)
            for each, policy in zip((before, after), policies, strict=True)
        )
        if old != new:
            found.append(f"limit {quoted(name)}: {old} → {new}")
    for what, old_s, new_s in (
        ("lasts at most", before.seconds, after.seconds),
        ("a code is remembered for", before.remember_s, after.remember_s),
    ):
        if old_s != new_s:
            found.append(f"{what} {duration(old_s)} → {duration(new_s)}")
    prices = [
        "unknown" if each.tariff is None else money(each.tariff.per_minute, currency_of(policy))
        for each, policy in zip((before, after), policies, strict=True)
    ]
    if before.tariff != after.tariff:
        found.append(f"costs {prices[0]} → {prices[1]} a minute")
    for what, old_names, new_names in (
        ("under `shadow` it would have been refused by", before.over, after.over),
        (
            "under `shadow` rules would have said",
            tuple(f"{rule}: {then}" for rule, then in before.shadows),
            tuple(f"{rule}: {then}" for rule, then in after.shadows),
        ),
    ):
        if old_names != new_names:
            shown = (all_of(each) if each else "nothing" for each in (old_names, new_names))
            found.append(f"{what} {' → '.join(shown)}")
    if before.without_store != after.without_store:
        passes = ("passes" if each.without_store else "is refused" for each in (before, after))
        found.append(f"while the store is away it {' → '.join(passes)}")
    if before.puts_brake_on != after.puts_brake_on:
        puts = ("yes" if each.puts_brake_on else "no" for each in (before, after))
        found.append(f"puts the brake on: {' → '.join(puts)}")
    return found


def _limit(outcome: Outcome, name: str, policy: Policy) -> str:
    """Say what a limit leaves to calls."""
    currency = currency_of(policy)
    counting = _counting(name, policy)
    parts = [
        *(
            f"{each.calls} at a time per {each.per}{counting}"
            for each in outcome.slots
            if each.limit == name
        ),
        *(
            f"{so_much(each.unit, each.most, currency)} in {duration(each.within_s)} per "
            f"{each.per}{counting}"
            for each in outcome.budgets
            if each.limit == name
        ),
    ]
    return " and ".join(parts) or "none"


def _counting(name: str, policy: Policy) -> str:
    """Say what a limit does that refuses no call by itself."""
    for each in policy.limits:
        if each.name == name:
            if each.shadow:
                return " (under `shadow`: only counts)"
            if each.then is ThenLimit.WATCH:
                return " (only counts, for `over:`)"
            if each.then is ThenLimit.BRAKE:
                return " (puts the brake on)"
    return ""
