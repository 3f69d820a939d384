"""A policy with one slip in it: what its cases have to notice.

Of each rule and each limit: as if it were not there. Besides, small changes that people make in a
hurry: a rule that lets through what it asked a code for, two neighbours swapped, a figure doubled,
`when` forgotten, a class or a word of `to` left out. It is the model that is changed, not the
text, so that a policy still stands whose rules ask for a limit (`over:NAME`) that is gone: it is
then never over.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING, TypeVar

from fastagi.policy.destinations import destinations, read_destination
from fastagi.policy.model import Honeypot, Then, ThenLimit
from fastagi.policy.wording import quoted

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from fastagi.policy.model import Limit, Policy, Rule
    from fastagi.policy.scope import Scope

Entry = TypeVar("Entry")


class Part(StrEnum):
    """What of a policy cases can reach."""

    RULE = "rule"
    LIMIT = "limit"
    WATCH = "watch"
    BRAKE = "brake"
    HONEYPOT = "honeypot"


@dataclass(frozen=True, slots=True)
class Mutant:
    """A policy with one slip in it.

    Attributes:
        what: What is otherwise: "delete rule `abroad`".
        part: What of the policy is changed.
        name: Its name; `extensions` or `to` of the honeypot, empty of the brake.
        line: Where in the policy that stands.
        is_deletion: Whether it is gone altogether.
        policy: The whole.
        scopes: A call that does not fit all of these is judged as before.
    """

    what: str
    part: Part
    name: str
    line: int
    is_deletion: bool
    policy: Policy
    scopes: tuple[Scope, ...] = ()


def deletions(policy: Policy) -> Iterator[Mutant]:
    """Find every part of a policy that a case can reach, and the policy without it."""
    for place, rule in enumerate(policy.rules):
        rest = replace(policy, rules=_without(policy.rules, place))
        yield _deletion(Part.RULE, rule.name, rule.line, rest, rule.scope)
    for place, limit in enumerate(policy.limits):
        rest = replace(policy, limits=_without(policy.limits, place))
        yield _deletion(Part.LIMIT, limit.name, limit.line, rest, limit.scope)
    for place, watch in enumerate(policy.watches):
        if watch.guards:  # others hold no call: no case can speak of them
            rest = replace(policy, watches=_without(policy.watches, place))
            yield _deletion(Part.WATCH, watch.name, watch.line, rest)
    if policy.brake is not None:
        line = policy.lines.get(("brake",), 0)
        yield _deletion(Part.BRAKE, "", line, _without_brake(policy))
    yield from _without_traps(policy)


def slips(policy: Policy) -> Iterator[Mutant]:
    """Find the small changes; some may make no difference at all."""
    for place, rule in enumerate(policy.rules):
        if not rule.shadow:
            yield from _rule_slips(policy, place, rule)
    for place, limit in enumerate(policy.limits):
        yield from _limit_slips(policy, place, limit)


def _deletion(part: Part, name: str, line: int, rest: Policy, *scopes: Scope) -> Mutant:
    what = f"delete {part} {quoted(name)}" if name else f"delete the {part}"
    return Mutant(what, part, name, line, True, rest, scopes)


def _without_brake(policy: Policy) -> Policy:
    """Leave the brake out, and all that puts it on: limits then only watch."""
    return replace(
        policy,
        brake=None,
        rules=tuple(replace(each, brake=False) for each in policy.rules),
        limits=tuple(
            replace(each, then=ThenLimit.WATCH) if each.then is ThenLimit.BRAKE else each
            for each in policy.limits
        ),
    )


def _without_traps(policy: Policy) -> Iterator[Mutant]:
    traps = policy.honeypot
    for key, is_there, rest in (
        ("extensions", bool(traps.extensions), Honeypot(to=traps.to)),
        ("to", traps.to is not None, Honeypot(extensions=traps.extensions)),
    ):
        if is_there:
            line = policy.lines.get(("honeypot", key), 0)
            what = f"delete {quoted(key)} of the honeypot"
            without = replace(policy, honeypot=rest)
            yield Mutant(what, Part.HONEYPOT, key, line, True, without)


# ----------------------------------------------------------------------------- slips


def _rule_slips(policy: Policy, place: int, rule: Rule) -> Iterator[Mutant]:
    def changed(what: str, scope: Scope, other: Rule) -> Mutant:
        rules = _with(policy.rules, place, other)
        line = rule.line
        new = replace(policy, rules=rules)
        return Mutant(what, Part.RULE, rule.name, line, False, new, (scope,))

    if rule.then is not Then.ALLOW:
        weak = replace(rule, then=Then.ALLOW, remember_s=0, brake=False)
        what = f"write `allow` for {quoted(rule.then)} in rule {quoted(rule.name)}"
        yield changed(what, rule.scope, weak)
    for what, scope in _wider_or_narrower(rule.scope):
        wider = scope if scope.when != rule.scope.when else rule.scope
        told = f"{what} in rule {quoted(rule.name)}"
        yield changed(told, wider, replace(rule, scope=scope))
    for what, scope in _less_far(rule.scope):
        yield changed(
            f"{what} in rule {quoted(rule.name)}", rule.scope, replace(rule, scope=scope)
        )
    below = policy.rules[place + 1] if place + 1 < len(policy.rules) else None
    if below is not None and not below.shadow and below.then is not rule.then:
        rules = _with(_with(policy.rules, place, below), place + 1, rule)
        yield Mutant(
            f"swap rules {quoted(rule.name)} and {quoted(below.name)}",
            Part.RULE,
            rule.name,
            rule.line,
            False,
            replace(policy, rules=rules),
            (rule.scope, below.scope),
        )


def _limit_slips(policy: Policy, place: int, limit: Limit) -> Iterator[Mutant]:
    doubled = replace(
        limit,
        calls=limit.calls and 2 * limit.calls,
        duration_s=limit.duration_s and 2 * limit.duration_s,
        price=limit.price and 2 * limit.price,
        budgets=tuple((unit, 2 * most) for unit, most in limit.budgets),
    )
    changes = [(f"double what limit {quoted(limit.name)} gives", limit.scope, doubled)]
    for what, scope in _wider_or_narrower(limit.scope):
        wider = scope if scope.when != limit.scope.when else limit.scope
        told = f"{what} in limit {quoted(limit.name)}"
        changes.append((told, wider, replace(limit, scope=scope)))
    for what, scope, other in changes:
        new = replace(policy, limits=_with(policy.limits, place, other))
        yield Mutant(what, Part.LIMIT, limit.name, limit.line, False, new, (scope,))


def _wider_or_narrower(scope: Scope) -> Iterator[tuple[str, Scope]]:
    if scope.when:
        yield "leave `when` out", replace(scope, when=())
    if len(scope.classes) > 1:
        for name in sorted(scope.classes):
            rest = scope.classes - {name}
            yield f"leave {quoted(name)} out of `from`", replace(scope, classes=rest)


def _less_far(scope: Scope) -> Iterator[tuple[str, Scope]]:
    words = () if scope.to is None else scope.to.text
    for place, word in enumerate(words if len(words) > 1 else ()):
        rest = destinations([read_destination(each) for each in _without(words, place)])
        yield f"leave {quoted(word)} out of `to`", replace(scope, to=rest)


def _without(entries: Sequence[Entry], place: int) -> tuple[Entry, ...]:
    return (*entries[:place], *entries[place + 1 :])


def _with(entries: Sequence[Entry], place: int, entry: Entry) -> tuple[Entry, ...]:
    return (*entries[:place], entry, *entries[place + 1 :])
