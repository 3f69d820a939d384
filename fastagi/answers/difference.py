"""What a policy does otherwise than another, in calls: every set of them that differs, proven.

Each set is shown with one of its calls, judged anew from its digits by both policies. What no call
of ours depends on — lockouts, brake, watches, terms of signing in — is compared as it is written.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import IntEnum
from typing import TYPE_CHECKING, NamedTuple

from fastagi.answers import callers as who
from fastagi.answers.contents import contents
from fastagi.answers.moments import cells
from fastagi.answers.networks import networks
from fastagi.answers.numbers import groups
from fastagi.answers.situations import paths
from fastagi.answers.table import Tables
from fastagi.answers.wording import Conditions, Vocabulary
from fastagi.answers.written import settings
from fastagi.policy.model import Verdict

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from collections.abc import Set as AbstractSet
    from datetime import datetime

    from fastagi.answers.callers import Caller
    from fastagi.answers.numbers import Group
    from fastagi.answers.outcome import Outcome
    from fastagi.answers.situations import Situation
    from fastagi.answers.written import Setting
    from fastagi.policy.model import Policy


class Change(IntEnum):
    """What became of calls, the most important first."""

    ALLOWED = 0
    """They were refused, and pass now."""
    EASIER = 1
    """They pass with less shown than before."""
    REFUSED = 2
    """They passed, and are refused now."""
    HARDER = 3
    """They pass with more, or something else, shown than before."""
    BOUNDS = 4
    """Limits, length, price, for how long a code is remembered, or what becomes of them while the
    store is away, are others."""
    RULE = 5
    """The same comes of them by another rule, or for another reason, or besides."""
    SHADOW = 6
    """Nothing becomes of them; what rules and limits under `shadow` record of them is another."""


@dataclass(frozen=True, slots=True)
class Example:
    """A call that shows a difference.

    Attributes:
        caller: The extension.
        dialled: What it dials at each site.
        situation: When, from where, and so on.
        outcomes: What comes of it by each policy.
    """

    caller: str
    dialled: tuple[str, ...]
    situation: Situation
    outcomes: tuple[Outcome, ...]


@dataclass(frozen=True, slots=True)
class Difference:
    """Calls of which something else comes.

    Attributes:
        change: What became of them.
        numbers: Which numbers they go to, in words.
        groups: The same numbers themselves.
        callers: Who calls.
        conditions: When, from where …; empty where that is always so.
        before: What came of them …
        after: … and what comes of them; of all these calls alike, but for price and length.
        example: One of them.
    """

    change: Change
    numbers: str
    groups: tuple[Group, ...]
    callers: tuple[Caller, ...]
    conditions: str
    before: Outcome
    after: Outcome
    example: Example

    @property
    def count(self) -> int:
        """How many numbers of E.164 it is about."""
        return sum(each.count for each in self.groups)


@dataclass(frozen=True, slots=True)
class Differences:
    """All that differs between two policies.

    Attributes:
        calls: Sets of calls, the most important first.
        settings: What else is written otherwise.
        unread: Whether digits without a plus are read otherwise by the two sites; then calls are
            compared that are dialled with one, inside, and for help.
    """

    calls: tuple[Difference, ...]
    settings: tuple[Setting, ...]
    unread: bool = False

    def __bool__(self) -> bool:
        """Tell whether anything differs."""
        return bool(self.calls or self.settings)


def differences(before: Policy, after: Policy, now: datetime, within: str = "") -> Differences:
    """Find every set of calls of which the policies make something else.

    Args:
        before: The one.
        after: The other.
        now: From when on a year is looked at, and whose prices count; aware.
        within: Digits that numbers of E.164 begin with, if only such are in question.
    """
    policies = [before, after]
    every = groups(policies, now.timestamp(), within)
    tables = Tables(policies, now.timestamp(), cells(policies, now.date()), networks(policies))
    vocabulary, conditions = Vocabulary(every, after), Conditions(after)
    shadows = tuple(
        frozenset(each.name for each in policy.limits if each.shadow) for policy in policies
    )
    found: dict[_Key, list[Group]] = {}
    examples: dict[_Key, Example] = {}
    sizes: dict[_Key, int] = {}
    for caller in who.callers(policies):
        for group in every:
            table = tables.of(caller, group)
            results = [_difference(each[0], each[1], shadows) for each in table.outcomes]
            if not any(results):
                continue
            for path in paths(table.axes, results):
                if not isinstance(path.result, _Became):
                    continue
                key = _Key(caller, conditions.words(path, table), path.result)
                found.setdefault(key, []).append(group)
                if key not in examples or group.count > sizes[key]:
                    sizes[key] = group.count
                    outcomes = tables.prove(caller, group, path.situation)
                    examples[key] = Example(
                        caller.extension, group.dialled, path.situation, outcomes
                    )
    calls = sorted(
        _together(found, examples, vocabulary),
        key=lambda each: (each.change, -each.count, each.numbers),
    )
    same_plan = before.plan == after.plan
    told = frozenset(_told(calls))
    held = tuple(contents(before, after, now.timestamp()))
    known = {each.name for each in held}
    written = (*(x for x in settings(before, after, told) if x.name not in known), *held)
    return Differences(tuple(calls), written, not same_plan)


def _told(calls: Iterable[Difference]) -> Iterator[str]:
    """Name the rules and limits that calls show to be others, as `rule.NAME` and `limit.NAME`."""
    for each in calls:
        for outcome in (each.before, each.after):
            yield f"rule.{outcome.rule}"
            yield from (f"rule.{rule}" for rule, _ in outcome.shadows)
        before, after = each.before, each.after
        yield from (f"limit.{one.limit}" for one in {*before.slots} ^ {*after.slots})
        yield from (f"limit.{one.limit}" for one in {*before.budgets} ^ {*after.budgets})


def _together(
    found: dict[_Key, list[Group]], examples: dict[_Key, Example], vocabulary: Vocabulary
) -> Iterator[Difference]:
    """Put the callers together of whom the same is said."""
    alike: dict[object, list[_Key]] = {}
    for key, numbers in found.items():
        same = (tuple(map(id, numbers)), key.when, key.became)
        alike.setdefault(same, []).append(key)
    for keys in alike.values():
        first = keys[0]
        numbers, example = found[first], examples[first]
        yield Difference(
            first.became.change,
            vocabulary.words(numbers),
            tuple(numbers),
            tuple(key.caller for key in keys),
            first.when,
            example.outcomes[0],
            example.outcomes[1],
            example,
        )


class _Became(NamedTuple):
    """What makes differences one: what became of calls, and whether bounds are wider or closer."""

    change: Change
    before: Outcome
    after: Outcome
    bounds: tuple[int, ...]


class _Key(NamedTuple):
    """Calls of one caller that become the same."""

    caller: Caller
    when: str
    became: _Became


def _difference(
    before: Outcome, after: Outcome, shadows: Sequence[AbstractSet[str]]
) -> _Became | None:
    """Return what became of a call, and what makes it one with others; None where nothing did.

    Args:
        before: What came of it …
        after: … and what comes of it.
        shadows: The limits under `shadow` of each policy.
    """
    if before == after:
        return None
    bounds = tuple(_is_more(*each) for each in _bounds(before, after))
    change = _change(before, after)
    if _without(before, shadows[0]) == _without(after, shadows[1]):
        change = Change.SHADOW
    return _Became(change, before.in_brief, after.in_brief, bounds)


def _without(outcome: Outcome, shadows: AbstractSet[str]) -> Outcome:
    """Return what comes of a call but for what is under `shadow`."""
    return replace(
        outcome,
        slots=tuple(each for each in outcome.slots if each.limit not in shadows),
        budgets=tuple(each for each in outcome.budgets if each.limit not in shadows),
        shadows=(),
        over=(),
    )


def _bounds(before: Outcome, after: Outcome) -> Iterator[tuple[int, int]]:
    yield before.seconds, after.seconds
    prices = (each.tariff.per_minute if each.tariff else -1 for each in (before, after))
    yield next(prices), next(prices)


def _is_more(before: int, after: int) -> int:
    return (after > before) - (after < before)


def _change(before: Outcome, after: Outcome) -> Change:
    passed, passes = (each.verdict is not Verdict.DENY for each in (before, after))
    if passed != passes:
        return Change.ALLOWED if passes else Change.REFUSED
    if before.asks != after.asks:
        return Change.EASIER if set(after.asks) < set(before.asks) else Change.HARDER
    if not passes or _bound(before) == _bound(after):
        return Change.RULE
    return Change.BOUNDS


def _bound(outcome: Outcome) -> tuple[object, ...]:
    return (
        outcome.slots,
        outcome.budgets,
        outcome.seconds,
        outcome.tariff,
        outcome.remember_s,
        outcome.over,
        outcome.without_store,
    )
