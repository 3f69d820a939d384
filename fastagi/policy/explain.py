"""Why a call is judged as it is: every rule and every limit, and why it fits or not.

This is the plain reading of a scope, one condition after the other, in words; `matching` answers
the same question for all scopes at once, without any. The tests hold the two against each other.
A little longer than other files: a line of it for each word that a scope or a limit may have.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from fastagi.numbering.number import GLOBAL, Category
from fastagi.policy import figures, traps, wording
from fastagi.policy.decision import circumstances, comes_to, decide
from fastagi.policy.limits import currency_of, key_of, tariff_of, why_never
from fastagi.policy.limits_in_words import in_words, used_in_words, why_denied
from fastagi.policy.model import Reason, Stage, Then, ThenLimit, Verdict
from fastagi.policy.pricing import price_in_words
from fastagi.policy.scope import APART, OVER, REPORTED
from fastagi.policy.wording import all_of, one_of, quoted
from fastagi.rating.tariff import amount

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from fastagi.numbering.number import Number
    from fastagi.policy.figures import Figure
    from fastagi.policy.model import Decision, Facts, Limit, Policy, Request, Rule, SignInTerms
    from fastagi.policy.scope import Circumstances, Destinations, Scope
    from fastagi.policy.used import Used
    from fastagi.rating.tariff import Tariff

NOT_SHOWN: Final = {
    Reason.NOT_ENROLLED: "the extension has none",
    Reason.WRONG_CODE: "the right one was not keyed",
    Reason.NO_DIGITS: "none was keyed",
    Reason.HUNG_UP: "the caller hung up",
}
"""How a challenge ends, other than well."""

PREFIX: Final = "prefix:"

NOTHING_KNOWN: Final[Mapping[str, Used]] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Step:
    """One line of an explanation: a rule or a limit, whether the call fits it, and why (not).

    Attributes:
        decides: Whether this is the rule, or the limit, that decided.
        figures: What of the call was held against which threshold; of a call that fits.
        hours: Names in its `when`, of hours, that hold at that moment.
    """

    name: str
    fits: bool
    why: str
    decides: bool = False
    figures: tuple[Figure, ...] = ()
    hours: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Doubt:
    """A condition that the call may fit or not.

    Attributes:
        what: What of the call is unknown.
        only: What the condition demands of it, in words.
    """

    what: str
    only: str

    def so(self, outcome: str) -> str:
        """Say what comes of it."""
        return f"the {self.what} is unknown, so {outcome} ({self.only})"


@dataclass(frozen=True, slots=True)
class Explanation:
    """A decision and how it came about, ready to print.

    Attributes:
        class_name: The caller's class of service; None where it is in none.
        number: The number in words: `+390612345678`: international, of IT.
        summary: The decision in one sentence.
        rules: Every rule, in order.
        limits: Every limit, in order; none but the one that denies it fits a call that is denied.
        sign_in: How to sign in, where the rule that decided asks for that; else None.
        price: What the call costs, in words; empty where the policy gives no prices.
        seconds: How long it may last, if nothing of its budgets is used; 0 where it is denied,
            or nothing bounds it, as nothing does inside calls.
        lasts: The same in words; empty where it is denied.
    """

    decision: Decision
    class_name: str | None
    number: str
    summary: str
    rules: tuple[Step, ...]
    limits: tuple[Step, ...]
    sign_in: SignInTerms | None = None
    price: str = ""
    seconds: int = 0
    lasts: str = ""


def explain(
    policy: Policy,
    request: Request,
    facts: Facts,
    used: Mapping[str, Used] = NOTHING_KNOWN,
    *,
    came_to: Decision | None = None,
    shown: Number | None = None,
) -> Explanation:
    """Judge one call, and say why.

    Args:
        policy: The site's.
        request: The call.
        facts: What is known of it; what limits it is over, too.
        used: How much is used of limits, as far as that is known.
        came_to: What came of it in the end, where the store or the caller had the last word; what
            the policy says, if left out.
        shown: The number as it is to be written, where not all of its digits are to be seen.
    """
    decided = decide(policy, request, facts)
    decision = decided if came_to is None else came_to
    call = circumstances(policy, request, facts)
    named = request if shown is None else replace(request, number=shown)
    seconds = 0 if request.number.category is Category.INTERNAL else decision.seconds
    lasts = f"{wording.duration(seconds)} at most" if seconds else "any time"
    return Explanation(
        decision,
        call.class_name,
        number_in_words(named.number),
        summary(decision, named, call),
        tuple(_rules(policy, decided, decision, facts, call, used, named.number.number)),
        tuple(_limits(policy, decision, request, named, call, used)),
        policy.sign_in if _is_for_who_signs_in(decision) else None,
        _price(policy, request, decision),
        seconds,
        "" if decision.verdict is Verdict.DENY else lasts,
    )


def _price(policy: Policy, request: Request, decision: Decision) -> str:
    """Say what the call costs, and what at most if it is let through."""
    if policy.rates is None or not request.number.number:
        return ""
    tariff = policy.rates.tariff(request.number, request.at.timestamp())
    words = price_in_words(policy.rates, tariff)
    if tariff is None or decision.verdict is Verdict.DENY or not decision.seconds:
        return words
    most = amount(tariff.cost(decision.seconds))
    return f"{words}; at most {most} for {wording.duration(decision.seconds)}"


def _is_for_who_signs_in(decision: Decision) -> bool:
    return decision.then is Then.SIGN_IN and decision.reason is not Reason.OVERRIDDEN


# ----------------------------------------------------------------------------- in one sentence


def number_in_words(number: Number) -> str:
    """Say what a number turned out to be."""
    if number.category is Category.INVALID:
        return f"{quoted(number.dialled)} means nothing: {number.why}"
    if number.category is Category.UNALLOCATED:
        return f"{quoted(number.number)}: {number.category}, {_whence(number)}: {number.why}"
    others = sorted(number.categories - {number.category})
    where = f", {_whence(number)}" if number.country else ""
    return f"{quoted(number.number)}: {', '.join((number.category, *others))}{where}"


def _whence(number: Number) -> str:
    return "of no country" if number.country == GLOBAL else f"of {number.country}"


def summary(decision: Decision, request: Request, call: Circumstances) -> str:
    """Say in one sentence what happens to the call, and by what."""
    who = quoted(request.extension)
    rule = quoted(decision.rule)
    match decision.reason:
        case Reason.EMERGENCY:
            return "allowed: emergency calls always pass"
        case Reason.INTERNAL:
            return "allowed: it never leaves the PBX, and no rule speaks of it"
        case Reason.UNKNOWN_EXTENSION:
            return f"denied: {who} is in no class, and no inside number"
        case Reason.OVERRIDDEN if decision.then is None:
            return "allowed by an override, though no rule lets it through"
        case Reason.OVERRIDDEN:
            return f"allowed by an override, though rule {rule} says `{decision.then}`"
        case Reason.LOCKED_OUT:
            return f"denied: {who} is locked out"
        case Reason.INVALID_NUMBER:
            return f"denied: {number_in_words(request.number)}"
        case Reason.NO_RULE:
            of = f" (class {quoted(call.class_name)})" if call.class_name else ""
            return f"denied: no rule lets {who}{of} call there"
        case Reason.RULE if decision.rule == traps.NAME:
            return f"denied: {who}, or what it dials, is a trap (`[honeypot]`)"
        case Reason.RULE:
            return f"denied by rule {rule}"
        case Reason.SIGN_IN_REQUIRED if request.transferred:
            return (
                f"denied: rule {rule} asks for a sign-in, but the call was transferred, "
                "and whoever talks is not who signed in"
            )
        case Reason.SIGN_IN_REQUIRED:
            return f"denied by rule {rule}: nobody is signed in on {who}"
        case Reason.CANNOT_CHALLENGE:
            return (
                f"denied: rule {rule} asks for a code, but the call was transferred, "
                "so another would hear the prompt"
            )
        case Reason.OFF_NET:
            return (
                f"denied: rule {rule} allows it, but not for somebody outside who was transferred "
                "or forwarded: that takes `off_net = true`"
            )
        case Reason.TOO_DEAR:
            return f"denied by limit {rule}: the number is too dear"
        case Reason.NO_PRICE:
            return f"denied: limit {rule} is on money, and nobody says what the number costs"
        case Reason.BRAKED:
            return f"denied: the brake is on for {braked_in_words(decision, request, call)}"
        case Reason.WATCHED if request.transferred:
            return (
                f"denied: watch {rule} saw an attack on {who} and asks for a code, but the call "
                "was transferred, so another would hear the prompt"
            )
        case Reason.WATCHED:
            return f"denied: watch {rule} saw an attack on {who}"
        case Reason.LIMIT_REACHED:
            return f"denied by limit {rule}: as many calls are up as it lets be"
        case Reason.BUDGET_REACHED:
            return f"denied by limit {rule}: too little of it is left"
        case Reason.STORE_DOWN:
            return "denied: the store was away, so that nobody knew what is used"
        case Reason.NOT_ENROLLED | Reason.WRONG_CODE | Reason.NO_DIGITS | Reason.HUNG_UP:
            return f"denied: rule {rule} asks for a code, and {NOT_SHOWN[decision.reason]}"
        case Reason.CHALLENGE if decision.brake is not None or decision.watches:
            besides = " and ".join(_asking_besides(decision, request, call))
            return f"rule {rule} and {besides} ask for {all_of(decision.asks)}, then allow it"
        case Reason.CHALLENGE:
            return f"rule {rule} asks for {all_of(decision.asks)}, then allows it"
        case _ if decision.then is Then.SIGN_IN:
            return f"allowed by rule {rule}, as somebody is signed in on {who}"
        case _:
            return f"allowed by rule {rule}"


def _asking_besides(decision: Decision, request: Request, call: Circumstances) -> Iterator[str]:
    """Say what may ask for a code besides a rule."""
    if decision.brake is not None:
        yield f"the brake, which is on for {braked_in_words(decision, request, call)},"
    who = quoted(request.extension)
    if decision.watches:
        watch = "watch" if len(decision.watches) == 1 else "watches"
        yield f"{watch} {all_of(decision.watches)}, which saw an attack on {who},"


def braked_in_words(decision: Decision, request: Request, call: Circumstances) -> str:
    """Say whose calls the brake is on for."""
    match decision.brake:
        case Stage.EXTENSION:
            return f"extension {quoted(request.extension)}"
        case Stage.CLASS:
            return f"class {quoted(call.class_name or '')}"
        case _:
            return "the site"


# ----------------------------------------------------------------------------- rules


def _rules(
    policy: Policy,
    decided: Decision,
    decision: Decision,
    facts: Facts,
    call: Circumstances,
    used: Mapping[str, Used],
    shown: str,
) -> Iterator[Step]:
    """Say of each rule why it fits or not.

    Args:
        policy: The site's.
        decided: What the policy says.
        decision: What came of it in the end.
        facts: What is known of the call.
        call: Its circumstances.
        used: How much is used of limits, as far as that is known.
        shown: The number as it is to be written.
    """
    for rule in policy.rules:
        hours = _holding(rule.scope, call)
        why_not = misfit(policy, rule.scope, call, used)
        if why_not is not None:
            yield Step(rule.name, False, why_not, hours=hours)
            continue
        doubt = unknown(rule.scope, call)
        if doubt and comes_to(rule, call) is Then.ALLOW:
            why_not = f"{doubt.only}; the {doubt.what} is unknown"
            yield Step(rule.name, False, why_not, hours=hours)
            continue
        fits = doubt.so("it may fit") if doubt else _fits_by(policy, rule.scope, call, used, shown)
        held = () if decided.verdict is Verdict.DENY else _remembered(rule, facts)
        remembered = figures.in_words(held)
        fits = f"{fits}; {remembered}" if remembered else fits
        decides = False
        if rule.shadow:
            says = f"{fits}; under `shadow`, so it only records"
        elif decided.then is not None and decided.rule == rule.name:
            away = ", also without the store" if rule.without_store else ""
            braking = ", and puts the brake on" if rule.brake else ""
            outside = ", for somebody outside too" if rule.off_net else ""
            says = f"{fits}; says `{rule.then}`{away}{outside}{braking}"
            decides = decision.rule == decided.rule
        else:
            says = f"{fits}; but {quoted(decided.rule)} decides"
        yield Step(rule.name, True, says, decides, held, hours)


def _remembered(rule: Rule, facts: Facts) -> tuple[Figure, ...]:
    return tuple(figures.of_rule(rule, facts.proven_s))


def _holding(scope: Scope, call: Circumstances) -> tuple[str, ...]:
    """Return which names of hours in a `when` hold, negated there or not."""
    return tuple(each.name for each in scope.when if each.name in call.hours)


def misfit(
    policy: Policy,
    scope: Scope,
    call: Circumstances,
    used: Mapping[str, Used] = NOTHING_KNOWN,
) -> str | None:
    """Return the first condition of a scope that the call does not fit; None if it fits all."""
    if scope.classes and call.class_name not in scope.classes:
        own = f"of class {quoted(call.class_name)}" if call.class_name else "in no class"
        return f"only from {one_of(sorted(scope.classes))}; the caller is {own}"
    if scope.to is None and call.number.category in APART:
        return f"only to outside numbers, not {quoted(call.number.category)}"
    if _has_to_be_named(scope, call.number):
        return f"only to allocated numbers; {quoted(Category.UNALLOCATED)} is not in its `to`"
    if scope.to is not None and destination_of(policy, scope.to, call) is None:
        return f"only to {one_of(scope.to.text)}"
    for condition in scope.when:
        if condition.limit is not None:
            if condition.name not in call.may_be_over and not condition.holds(call.over):
                left = _how_full(policy, condition.limit, call, used)
                return f"only when {quoted(str(condition))}; {left}"
        elif not condition.holds(call.hours):
            now = f"{all_of(sorted(call.hours))} holds" if call.hours else "no hours hold"
            return f"only when {quoted(str(condition))}; {now}"
    inside = call.networks
    if inside is not None and scope.networks and not any(x.holds(inside) for x in scope.networks):
        own = all_of(sorted(inside)) if inside else "none of ours"
        return f"{_from_where(scope)}; the address is in {own}"
    if call.transport is not None and scope.transports and call.transport not in scope.transports:
        return f"{_how(scope)}; the call is {quoted(call.transport)}"
    return None


def _has_to_be_named(scope: Scope, number: Number) -> bool:
    """Tell whether a scope would have to name `unallocated` to take a number, and does not."""
    if number.category is not Category.UNALLOCATED or scope.also_unallocated:
        return False
    return scope.to is None or Category.UNALLOCATED not in scope.to.categories


def unknown(scope: Scope, call: Circumstances) -> Doubt | None:
    """Return the first condition of a scope that nobody can hold the call against, if any."""
    for each in scope.when:
        if each.name in call.may_be_over:
            return Doubt("address or transport", f"only when {quoted(str(each))}")
    if scope.networks and call.networks is None:
        return Doubt("address", _from_where(scope))
    if scope.transports and call.transport is None:
        return Doubt("transport", _how(scope))
    return None


def _from_where(scope: Scope) -> str:
    return f"only from network {one_of(map(str, scope.networks))}"


def _how(scope: Scope) -> str:
    return f"only by {one_of(sorted(scope.transports))}"


def destination_of(policy: Policy, to: Destinations, call: Circumstances) -> str | None:
    """Return the item of a `to` list that takes the number, as written; None if none does."""
    number = call.number
    for category in sorted(to.categories & number.categories):
        return category
    if number.category in APART:
        return None
    if number.country in to.countries:
        return f"country:{number.country}"
    for novelty in sorted(to.novel & call.novel):
        return novelty
    if to.reported and call.reported:
        return REPORTED
    if number.is_e164:
        for prefix in to.prefixes:
            if number.number.startswith(f"+{prefix}"):
                return f"prefix:+{prefix}"
        for name in to.lists:
            if policy.lists[name].longest(number.number) is not None:
                return f"list:{name}"
    return None


def _fits_by(
    policy: Policy, scope: Scope, call: Circumstances, used: Mapping[str, Used], shown: str
) -> str:
    fits = "fits every outside call"
    if scope.to is not None:
        item = destination_of(policy, scope.to, call) or ""
        if item.startswith(PREFIX):  # the number begins with it, and may not be told so far
            item = f"{PREFIX}{shown[: len(item) - len(PREFIX)]}"
        fits = f"fits by {quoted(item)}"
    named = [each.limit for each in scope.when if each.limit is not None]
    return "; ".join((fits, *(_how_full(policy, each, call, used) for each in named)))


def _how_full(policy: Policy, name: str, call: Circumstances, used: Mapping[str, Used]) -> str:
    """Say whether a call is over a limit, and how much of it is used, where that is known."""
    limit = next((each for each in policy.limits if each.name == name), None)
    if limit is None or misfit(policy, limit.scope, call) is not None:
        return f"{quoted(name)} counts no such call"
    is_over = f"{OVER}{name}" in call.over
    if name in used:
        so_much = used_in_words(limit, used[name].units, currency_of(policy))
        return f"of {quoted(name)}, {so_much} are used"
    return f"{'nothing' if is_over else 'something'} of {quoted(name)} is left"


# ----------------------------------------------------------------------------- limits


def _limits(
    policy: Policy,
    decision: Decision,
    request: Request,
    named: Request,
    call: Circumstances,
    used: Mapping[str, Used],
) -> Iterator[Step]:
    """Say of each limit what it does to the call, or why nothing.

    Args:
        policy: The site's.
        decision: What came of the call.
        request: The call.
        named: The same, as it is to be written.
        call: Its circumstances.
        used: How much is used of limits, as far as that is known.
    """
    tariff, currency = tariff_of(policy, request), currency_of(policy)
    for limit in policy.limits:
        why_not, hours = misfit(policy, limit.scope, call), _holding(limit.scope, call)
        held: tuple[Figure, ...] = ()
        if why_not is None and request.number.category not in APART:
            held = tuple(figures.of_limit(limit, tariff, currency, used.get(limit.name)))
        if limit.name == decision.rule:
            why = _why_denied(limit, decision, tariff, currency, held)
            yield Step(limit.name, True, why, True, held, hours)
        elif decision.verdict is Verdict.DENY:
            yield Step(limit.name, False, "the call is denied", False, held, hours)
        elif request.number.category in APART:
            yield Step(limit.name, False, "limits are on outside calls", hours=hours)
        elif why_not is not None:
            yield Step(limit.name, False, why_not, hours=hours)
        else:
            if limit.name in decision.over and why_never(limit, tariff) is not None:
                effect = why_denied(limit, tariff, currency)
            else:
                key = key_of(limit, named, call)
                effect = in_words(limit, key, tariff, currency, policy.site.longest_s)
            so_far = figures.in_words(held) if limit.name in used else ""
            effect = f"{effect}; {so_far}" if so_far else effect
            if limit.shadow:
                effect += "; under `shadow`, so it only records"
            elif limit.then is ThenLimit.WATCH:
                effect += "; it only watches"
            elif limit.then is ThenLimit.BRAKE:
                effect += "; a call over it is not denied, but puts the brake on"
            doubt = unknown(limit.scope, call)
            why = f"{effect}; {doubt.so('it counts')}" if doubt else effect
            yield Step(limit.name, True, why, False, held, hours)


def _why_denied(
    limit: Limit,
    decision: Decision,
    tariff: Tariff | None,
    currency: str,
    held: tuple[Figure, ...],
) -> str:
    """Say why a limit denies a call: for its price, or for what is used of it."""
    if decision.reason not in (Reason.LIMIT_REACHED, Reason.BUDGET_REACHED):
        return why_denied(limit, tariff, currency)
    full = decision.reason is Reason.LIMIT_REACHED
    why = "all its slots are taken" if full else "too little of it is left for the call"
    known = figures.in_words(each for each in held if (each.what == figures.CALLS) is full)
    return f"{why}: {known}" if known else why
