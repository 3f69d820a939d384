"""What is odd in a policy that is valid: it does what it says, but hardly what was meant.

What can never be right, `loading` has refused already.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import islice
from typing import TYPE_CHECKING, Final

from fastagi.errors import Problem
from fastagi.numbering.number import Category
from fastagi.policy import odd_limits, odd_watches, pricing, signing_in
from fastagi.policy.extensions import extensions, meant_by, outside_number_in, overlap
from fastagi.policy.hours import CLOSED
from fastagi.policy.model import Then
from fastagi.policy.reach import opened, unreached
from fastagi.policy.scope import APART, Condition
from fastagi.policy.values import LOCALTIME
from fastagi.policy.wording import all_of, quoted
from fastagi.toml_lines import TomlDocument, TomlPath

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from fastagi.numbering.pattern import Pattern
    from fastagi.numbering.plan import NumberingPlan
    from fastagi.policy.model import Limit, Policy, Rule
    from fastagi.policy.scope import Destinations

ANY_NAME: Final = "\0"
"""No endpoint is named so, and only a pattern that takes anything fits it."""

HIDDEN_MAX: Final = 5  # short codes behind an inside pattern that a message lists


def check(policy: Policy) -> tuple[Problem, ...]:
    """Return everything that is odd, by line."""
    file = TomlDocument({}, policy.lines)
    found = (
        *((file.line(path), what) for path, what in _by_path(policy)),
        *_unreached(policy),
        *_wide_open(policy),
        *odd_limits.find_odd(policy),
        *odd_watches.find_odd(policy),
        *_conditions(policy),
    )
    problems = (Problem(policy.source, line, what) for line, what in dict.fromkeys(found))
    return tuple(sorted(problems, key=lambda problem: problem.line))


def _by_path(policy: Policy) -> Iterator[tuple[TomlPath, str]]:
    yield from _nothing(policy)
    yield from _timezone(policy)
    yield from _emergency(policy)
    yield from _inside(policy)
    yield from _mistyped(policy)
    yield from _classes(policy)
    yield from _everybody(policy)
    yield from _overlaps(policy)
    yield from _nobody_speaks_of(policy)
    yield from _lists(policy)
    yield from signing_in.find_odd(policy)
    yield from pricing.find_odd(policy)


def _nothing(policy: Policy) -> Iterator[tuple[TomlPath, str]]:
    """Find policies that let nobody do anything."""
    if not policy.classes and not policy.site.internal:
        what = "there is neither a class nor an `internal` pattern, so no extension is known and"
        yield ("site",), f"{what} none can call; name the phones in `[classes]`"
    if not policy.rules:
        yield ("site",), "there is no rule, so nobody can call outside; write a `[[rule]]`"
    elif all(rule.shadow or rule.then is Then.DENY for rule in policy.rules):
        yield ("site",), "no rule lets anybody call outside; all deny, or only record"


def _timezone(policy: Policy) -> Iterator[tuple[TomlPath, str]]:
    """Find the zone of no place: hours would be others on another machine."""
    if getattr(policy.site.timezone, "key", "") == LOCALTIME:
        what = f"`{LOCALTIME}` is the time zone of whatever machine reads it, in a container UTC's"
        yield ("site", "timezone"), f"{what}; write the site's: `Europe/London`"


# ----------------------------------------------------------------------------- numbers


def _emergency(policy: Policy) -> Iterator[tuple[TomlPath, str]]:
    numbers = policy.plan.emergency_numbers
    if not numbers:
        what = f"no emergency number of `{policy.site.country}` is known; name them here"
        yield ("site", "emergency"), what
    for index, pattern in enumerate(policy.site.internal):
        for number in numbers:
            for dialled in dict.fromkeys((number, policy.site.outside_prefix + number)):
                if pattern.matches(dialled):
                    yield (
                        ("site", "internal", index),
                        f"{quoted(pattern.text)} takes in emergency number `{dialled}`, which "
                        f"always goes out; nobody can call an extension `{dialled}`",
                    )


def _inside(policy: Policy) -> Iterator[tuple[TomlPath, str]]:
    plan = replace(policy.plan, internal=())
    for index, pattern in enumerate(policy.site.internal):
        taken = outside_number_in(pattern, plan)
        if taken is not None:
            what = f"{quoted(pattern.text)} takes in outside numbers such as `{taken}`"
            yield ("site", "internal", index), f"{what}, which nobody can then call"
        hidden = list(islice(_short_codes(pattern, plan), HIDDEN_MAX))
        if hidden:
            what = f"{quoted(pattern.text)} takes in short codes such as {all_of(hidden)}"
            yield ("site", "internal", index), f"{what}, which nobody can then call"


def _short_codes(pattern: Pattern, plan: NumberingPlan) -> Iterator[str]:
    """Find extensions of a pattern that would be short codes.

    Those that cost extra are left out: nobody misses them, and phonenumbers takes thousands that
    only text messages are sent to for such.
    """
    for each in extensions(pattern):
        number = plan.read(each)
        if not number.is_e164 and number.category not in APART | {Category.PREMIUM}:
            yield each


def _mistyped(policy: Policy) -> Iterator[tuple[TomlPath, str]]:
    written = [(("site", "internal", at), each) for at, each in enumerate(policy.site.internal)]
    for group in policy.classes:
        written += [(("classes", group.name, at), each) for at, each in enumerate(group.patterns)]
    for where, pattern in written:
        if meant := meant_by(pattern):
            what = f"{quoted(pattern.text)} is taken as a name, for there is a letter in it"
            yield where, f"{what}; did you mean {quoted(meant)}?"


# ----------------------------------------------------------------------------- classes


def _classes(policy: Policy) -> Iterator[tuple[TomlPath, str]]:
    for each in policy.classes:
        where = ("classes", each.name)
        members = [list(extensions(pattern)) for pattern in each.patterns]
        counted = [member for some in members for member in some]
        if all(members) and not any(
            policy.class_index.find(member) == each.name for member in counted
        ):
            yield where, f"nobody is in class `{each.name}`: others are more specific throughout"
        if (
            policy.site.internal
            and all(members)
            and not any(
                pattern.matches(member) for member in counted for pattern in policy.site.internal
            )
        ):
            yield where, f"no extension of class `{each.name}` is an inside number"
        if policy.rules and not any(
            not rule.scope.classes or each.name in rule.scope.classes for rule in policy.rules
        ):
            what = f"no rule speaks of class `{each.name}`, so it can call no outside number"
            yield where, what


def _everybody(policy: Policy) -> Iterator[tuple[TomlPath, str]]:
    """Find patterns that any endpoint fits: the trunks, too."""
    for each in policy.classes:
        for index, pattern in enumerate(each.patterns):
            if pattern.matches(ANY_NAME):
                what = f"{quoted(pattern.text)} takes in every endpoint, your trunks as well"
                yield (
                    ("classes", each.name, index),
                    f"{what}, so whoever calls in counts as inside; name the phones",
                )


def _overlaps(policy: Policy) -> Iterator[tuple[TomlPath, str]]:
    """Find patterns of two classes that cross: which of them wins is not seen at a glance."""
    patterns = [
        (pattern, each.name, index)
        for each in policy.classes
        for index, pattern in enumerate(each.patterns)
        if pattern.specificity[0] != 0  # a name crosses nothing
    ]
    for place, (pattern, name, index) in enumerate(patterns):
        for other, other_name, _ in patterns[:place]:
            shared = overlap(pattern, other) if name != other_name else None
            if shared is not None:
                yield (
                    ("classes", name, index),
                    f"{quoted(pattern.text)} and {quoted(other.text)} of class `{other_name}` "
                    f"cross: `{shared}` fits both, and is in class "
                    f"`{policy.class_index.find(shared)}`",
                )


# ----------------------------------------------------------------------------- names


def _nobody_speaks_of(policy: Policy) -> Iterator[tuple[TomlPath, str]]:
    scopes = [entry.scope for entry in _entries(policy)]
    spoken_of = {
        "hours": {each.name for scope in scopes for each in scope.when} | {CLOSED},
        "networks": {each.name for scope in scopes for each in scope.networks}
        | {each.name for each in policy.sign_in.networks},
        "lists": {name for to in _destinations(policy) for name in to.lists},
    }
    declared: dict[str, Iterable[str]] = {
        "hours": policy.hours,
        "networks": policy.networks,
        "lists": policy.lists,
    }
    for section, names in declared.items():
        for name in names:
            if name not in spoken_of[section]:
                yield (section, name), f"no rule and no limit speaks of `{name}`"


def _destinations(policy: Policy) -> Iterator[Destinations]:
    """Find all that a policy says of where calls go."""
    said = [
        *(entry.scope.to for entry in _entries(policy)),
        *(each.to for each in policy.guards),
        policy.honeypot.to,
        None if policy.brake is None else policy.brake.to,
    ]
    yield from (each for each in said if each is not None)


def _lists(policy: Policy) -> Iterator[tuple[TomlPath, str]]:
    for name, prefixes in policy.lists.items():
        if not len(prefixes):
            yield ("lists", name), f"list `{name}` is empty"


# ----------------------------------------------------------------------------- rules


def _unreached(policy: Policy) -> Iterator[tuple[int, str]]:
    for each in unreached(policy):
        above = all_of(rule.name for rule in each.by)
        fit = "fits" if len(each.by) == 1 else "fit"
        how = "never reached"
        if each.but_unknown:
            how = "reached by no call of known address and transport"
        what = f"rule `{each.rule.name}` is {how}: {above} above it {fit} all its calls"
        if each.rule.then is Then.DENY and any(rule.then is not Then.DENY for rule in each.by):
            what += ", so what it denies is not denied; move it up"
        yield each.rule.line, what


def _wide_open(policy: Policy) -> Iterator[tuple[int, str]]:
    """Find rules that let through what costs most, and ask for nothing."""
    for rule, costly in opened(policy):
        if rule.scope.to is None:
            what = f"rule `{rule.name}` lets all outside numbers through, {all_of(costly)} too"
            yield rule.line, f"{what}; say where `to`, or deny those above it"
        else:
            what = f"rule `{rule.name}` lets {all_of(costly)} numbers through without a code"
            yield rule.line, f"{what}; deny those above it, or ask for one"


# ----------------------------------------------------------------------------- conditions


def _conditions(policy: Policy) -> Iterator[tuple[int, str]]:
    for entry in _entries(policy):
        networks = entry.scope.networks
        for each in networks:
            if not each.negated and Condition(each.name, negated=True) in networks:
                idle = f"`network` of `{entry.name}` restricts nothing"
                yield entry.line, f"{idle}: every address is in `{each.name}`, or not"


def _entries(policy: Policy) -> tuple[Rule | Limit, ...]:
    return (*policy.rules, *policy.limits)
