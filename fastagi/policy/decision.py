"""May this phone make this call? A pure and total function of policy, request and facts.

    emergency → who is it → inside → locked out → invalid → rules, from top to bottom → override
        → limits → brake → watches

The first rule that fits decides; the last line denies. What is unknown of a call falls to the
stricter side. Why it fell so, rule by rule, is for `explain` to say. A little longer than other
files: all that a verdict is made of is read in one place.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final, assert_never

from fastagi.numbering.number import Category
from fastagi.policy.braking import braked, touches
from fastagi.policy.hours import names_at
from fastagi.policy.limits import bounded, over, spends
from fastagi.policy.matching import places
from fastagi.policy.model import Decision, Facts, Reason, Then, Verdict
from fastagi.policy.possible import may_be_new, that_may_decide
from fastagi.policy.scope import OVER, REPORTED, Circumstances, Novelty
from fastagi.policy.watching import touching, watched

if TYPE_CHECKING:
    from collections.abc import Iterator
    from ipaddress import IPv4Address, IPv6Address

    from fastagi.policy.model import Factor, Policy, Request, Rule, Watch

EMERGENCY: Final = Decision(Verdict.ALLOW, "emergency", Reason.EMERGENCY)
UNKNOWN: Final = Decision(Verdict.DENY, "unknown", Reason.UNKNOWN_EXTENSION)
LOCKED_OUT: Final = Decision(Verdict.DENY, "locked-out", Reason.LOCKED_OUT)

ALL_NEW: Final = Facts(known_country=False, novel=frozenset(Novelty))
"""As if nothing of a call was ever there before."""

_STRICTNESS: Final = {
    then: place
    for place, then in enumerate(
        (Then.ALLOW, Then.PIN, Then.TOTP, Then.PIN_TOTP, Then.SIGN_IN, Then.DENY)
    )
}


def decide(policy: Policy, request: Request, facts: Facts) -> Decision:
    """Judge one call: may it be made, and what must be done before that counts?

    A lockout denies every call but two kinds: emergency calls, and inside calls that need no code.
    An override lifts what rules demand, and nothing else: no lockout, no limit, no brake, no
    watch. Of a transferred call, whoever talks may be anybody: none counts.
    """
    category = request.number.category
    if category is Category.EMERGENCY:
        return EMERGENCY
    call = circumstances(policy, request, facts)
    if not is_known(policy, request.extension, call.class_name):
        return UNKNOWN
    if facts.locked_out and category is not Category.INTERNAL:
        return LOCKED_OUT
    rule, shadows = that_decides(policy, call)
    return _judged(policy, request, facts, call, rule, shadows)


def _judged(
    policy: Policy,
    request: Request,
    facts: Facts,
    call: Circumstances,
    rule: Rule | None,
    shadows: tuple[tuple[str, Then], ...],
) -> Decision:
    """Judge a call of a phone that is known by the rule that decides, if there is one."""
    category = request.number.category
    if category is Category.INVALID:
        return _invalid(rule, shadows)
    if category is Category.UNALLOCATED and (rule is None or rule.then is Then.DENY):
        decision = _invalid(rule, shadows)
    elif rule is not None:
        decision = _by_rule(rule, policy, request, facts, call, shadows)
        if facts.locked_out and _needs_a_code(decision):
            return LOCKED_OUT
    elif category is Category.INTERNAL:
        longest_s = policy.site.longest_s
        return Decision(
            Verdict.ALLOW, "internal", Reason.INTERNAL, seconds=longest_s, shadows=shadows
        )
    else:
        decision = Decision(Verdict.DENY, "none", Reason.NO_RULE, shadows=shadows)
    if facts.overridden and decision.verdict is not Verdict.ALLOW and not request.transferred:
        decision = _lifted(decision, policy, request, call)
    if facts.braked is not None and touches(policy, call):
        decision = braked(decision, policy, request, facts, facts.braked)
    if facts.watched:
        saw = [each for each in touching(policy, call) if each.name in facts.watched]
        decision = watched(decision, request, facts, saw)
    return decision


def decide_without_store(policy: Policy, request: Request) -> Decision | None:
    """Judge one call of which nothing is known, as the store is away.

    It is let through only where whatever could be new of it, and whatever limit it could be over,
    it comes to ALLOW by a rule that is to hold without a store. Of all the decisions the one that
    claims most counts. What costs money that a limit counts is denied: the store alone knows how
    much of it is left. So is what a brake or a watch touches: the store alone knows whether one
    is on, or saw something.

    Returns:
        The ALLOW; None where the call must be denied.
    """
    if may_be_braked(policy, request) or may_be_watched(policy, request):
        return None
    call = circumstances(policy, request, ALL_NEW)
    for rule in that_may_decide(policy, call):
        if rule is None or comes_to(rule, call) is not Then.ALLOW or not rule.without_store:
            return None
        if _is_off_net(request) and not rule.off_net:
            return None
    decision = decide(policy, request, ALL_NEW)
    if decision.verdict is not Verdict.ALLOW or not decision.without_store or spends(decision):
        return None
    return decision


def every_decision(policy: Policy, request: Request, facts: Facts) -> Iterator[Decision]:
    """Find all that may come of a call, whatever is new of it and whatever limit it is over.

    There may be some that never come of it, but none is missing. Each claims what it does where
    what is new, and what it is over, is as `facts` have it.
    """
    call = circumstances(policy, request, facts)
    category = request.number.category
    unknown = not is_known(policy, request.extension, call.class_name)
    if category is Category.EMERGENCY or unknown or facts.locked_out:
        yield decide(policy, request, facts)
        return
    for rule in that_may_decide(policy, call):
        yield _judged(policy, request, facts, call, rule, ())


# ----------------------------------------------------------------------------- brake, watches


def may_be_braked(policy: Policy, request: Request) -> bool:
    """Tell whether the brake touches a call, of which nothing else is known."""
    return policy.brake is not None and touches(policy, circumstances(policy, request, Facts()))


def guards_of(policy: Policy, request: Request) -> tuple[Watch, ...]:
    """Return the watches that touch a call, of which nothing else is known; any `shadow`, too."""
    if not policy.guards:
        return ()
    return touching(policy, circumstances(policy, request, Facts()))


def may_be_watched(policy: Policy, request: Request) -> bool:
    """Tell whether a watch may hold a call, of which nothing else is known."""
    return any(not each.shadow for each in guards_of(policy, request))


# ----------------------------------------------------------------------------- who, and how


def class_of(policy: Policy, extension: str) -> str | None:
    """Return the class of service of an extension: that of the most specific pattern it fits."""
    return policy.class_index.find(extension)


def is_known(policy: Policy, extension: str, class_name: str | None) -> bool:
    """Tell whether an endpoint is one of the site's phones: in a class, or an inside number."""
    return class_name is not None or any(each.matches(extension) for each in policy.site.internal)


def circumstances(policy: Policy, request: Request, facts: Facts) -> Circumstances:
    """Gather everything that a rule or a limit can depend on.

    Of a transferred call, address and transport are those of whoever was transferred, if anything
    is told of them; those of the extension that is judged are unknown. Nor is whoever talks at the
    phone that somebody signed in on.
    """
    call = Circumstances(
        class_name=class_of(policy, request.extension),
        number=request.number,
        novel=_novel(policy, request, facts),
        hours=names_at(policy, request.at),
        networks=_networks(policy, request),
        transport=None if request.transferred else request.transport,
        signed_in=facts.signed_in and not request.transferred,
        reported=request.number_reported,
    )
    if not policy.asks_for_limits:
        return call
    surely, maybe = over(policy, request, call, facts.over)
    if not (surely or maybe):
        return call
    return replace(
        call,
        over=frozenset(f"{OVER}{each}" for each in surely),
        may_be_over=frozenset(f"{OVER}{each}" for each in maybe),
    )


def _novel(policy: Policy, request: Request, facts: Facts) -> frozenset[Novelty]:
    """Return what of a call is new, of that which rules and limits speak of."""
    novel = facts.novel if facts.known_country else facts.novel | {Novelty.COUNTRY}
    return novel & may_be_new(policy, request.number) if novel else novel


def _networks(policy: Policy, request: Request) -> frozenset[str] | None:
    found = networks_of(policy, None if request.transferred else request.address)
    return found if found is None or not request.address_reported else found | {REPORTED}


def networks_of(
    policy: Policy, address: IPv4Address | IPv6Address | None
) -> frozenset[str] | None:
    """Return the names of `[networks]` that an address is in; None where it is not known."""
    if address is None:
        return None
    # A socket that takes both families shows 10.0.0.5 as ::ffff:10.0.0.5 (RFC 4291, 2.5.5.2).
    address = getattr(address, "ipv4_mapped", None) or address
    return frozenset(
        name
        for name, networks in policy.networks.items()
        if any(address in network for network in networks)
    )


# ----------------------------------------------------------------------------- rules


def that_decides(
    policy: Policy, call: Circumstances
) -> tuple[Rule | None, tuple[tuple[str, Then], ...]]:
    """Return the rule that decides, and what those under `shadow` before it would have said.

    It is the first that fits, or a stricter one above it that may fit, where address or transport
    are unknown: else a transfer would be a way round every rule that names one of them. One that
    asks for a sign-in denies until there is one, and from then on allows.
    """
    fits, may_fit = policy.rule_index.fitting(call)
    strictest: Rule | None = None
    shadows: list[tuple[str, Then]] = []
    before: tuple[tuple[str, Then], ...] = ()
    for place in places(fits | may_fit):
        rule = policy.rules[place]
        surely = bool(fits >> place & 1)
        then = comes_to(rule, call)
        if then is Then.ALLOW and not surely:
            continue
        if rule.shadow:
            shadows.append((rule.name, rule.then))
            continue
        if strictest is None or _STRICTNESS[then] > _STRICTNESS[comes_to(strictest, call)]:
            strictest, before = rule, tuple(shadows)
        if surely or rule.then is Then.DENY:
            return strictest, before
    if strictest is not None and call.number.category is Category.INTERNAL:
        return strictest, before  # inside calls pass where no rule fits; all others are denied
    return None, tuple(shadows)


def comes_to(rule: Rule, call: Circumstances) -> Then:
    """Return what a rule demands, or ALLOW where it asks for a sign-in that is there."""
    return Then.ALLOW if rule.then is Then.SIGN_IN and call.signed_in else rule.then


def _by_rule(
    rule: Rule,
    policy: Policy,
    request: Request,
    facts: Facts,
    call: Circumstances,
    shadows: tuple[tuple[str, Then], ...],
) -> Decision:
    verdict, reason, asks = _demand(rule, request, facts, call)
    if verdict is Verdict.ALLOW and _is_off_net(request) and not rule.off_net:
        verdict, reason = Verdict.DENY, Reason.OFF_NET
    if verdict is Verdict.DENY:
        return Decision(
            verdict, rule.name, reason, rule.then, shadows=shadows, puts_brake_on=rule.brake
        )
    passing = Decision(
        verdict,
        rule.name,
        reason,
        rule.then,
        asks,
        remember_s=rule.remember_s,
        shadows=shadows,
        without_store=rule.without_store,
    )
    return bounded(passing, policy, request, call)


def _is_off_net(request: Request) -> bool:
    """Tell whether the call would connect two parties outside with one another.

    A rule that allows it has to say so: else it denies, and no rule further down is asked. So
    nothing is let through for somebody outside that would not be for the extension itself.
    """
    return request.off_net and request.number.category is not Category.INTERNAL


def _lifted(decision: Decision, policy: Policy, request: Request, call: Circumstances) -> Decision:
    """Allow what a rule, or the want of one, does not; within every limit."""
    freed = replace(
        decision,
        verdict=Verdict.ALLOW,
        reason=Reason.OVERRIDDEN,
        asks=(),
        remember_s=0,
        puts_brake_on=False,
    )
    return bounded(freed, policy, request, call)


def _demand(
    rule: Rule, request: Request, facts: Facts, call: Circumstances
) -> tuple[Verdict, Reason, tuple[Factor, ...]]:
    """Hold what the rule demands against what is shown, proven and signed in."""
    match comes_to(rule, call):
        case Then.ALLOW:
            return Verdict.ALLOW, Reason.ALLOWED, ()
        case Then.DENY:
            return Verdict.DENY, Reason.RULE, ()
        case Then.SIGN_IN:
            return Verdict.DENY, Reason.SIGN_IN_REQUIRED, ()
        case Then.PIN | Then.TOTP | Then.PIN_TOTP:
            asks = tuple(each for each in rule.then.factors if not _is_done(each, rule, facts))
            if not asks:
                return Verdict.ALLOW, Reason.ALLOWED, ()
            if request.transferred:
                return Verdict.DENY, Reason.CANNOT_CHALLENGE, ()
            return Verdict.CHALLENGE, Reason.CHALLENGE, asks
        case unknown:
            assert_never(unknown)


def _is_done(factor: Factor, rule: Rule, facts: Facts) -> bool:
    """Tell whether a factor was shown in this call, or is remembered."""
    if factor in facts.shown:
        return True
    ago_s = facts.proven_s.get(factor)
    return ago_s is not None and 0 <= ago_s < rule.remember_s


def _invalid(rule: Rule | None, shadows: tuple[tuple[str, Then], ...]) -> Decision:
    """Deny what means nothing, or is nobody's number as far as is known, by whatever rule.

    The reason stays, for it counts as a failure.
    """
    if rule is None:
        return Decision(Verdict.DENY, "invalid", Reason.INVALID_NUMBER, shadows=shadows)
    return Decision(
        Verdict.DENY,
        rule.name,
        Reason.INVALID_NUMBER,
        rule.then,
        shadows=shadows,
        puts_brake_on=rule.brake,
    )


def _needs_a_code(decision: Decision) -> bool:
    """Tell whether a code has to be shown, or had to be: to sign in, too."""
    then = decision.then
    return decision.verdict is not Verdict.ALLOW or then not in (None, Then.ALLOW)
