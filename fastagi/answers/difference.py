"""What a policy does otherwise than another, in calls: every set of them that differs, proven.

Each set is shown with one of its calls, judged anew from its digits by both policies. What no call
of ours depends on — lockouts, brake, watches, terms of signing in — is compared as it is written.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, is_dataclass
from enum import IntEnum
from typing import TYPE_CHECKING, Final

from fastagi.answers import callers as who
from fastagi.answers.moments import cells
from fastagi.answers.networks import networks
from fastagi.answers.numbers import groups
from fastagi.answers.table import Tables, paths
from fastagi.answers.wording import Conditions, Vocabulary
from fastagi.policy.model import Verdict
from fastagi.policy.wording import printable

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import datetime

    from fastagi.answers.callers import Caller
    from fastagi.answers.numbers import Group
    from fastagi.answers.outcome import Outcome
    from fastagi.answers.table import Situation
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
    """Limits, length, price, or for how long a code is remembered, are others."""
    RULE = 5
    """The same comes of them by another rule, or for another reason, or besides."""


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
class Setting:
    """Something written otherwise that is on no single call.

    Attributes:
        name: As in the policy: `lockout.wrong`.
    """

    name: str
    before: str
    after: str


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


def differences(before: Policy, after: Policy, now: datetime) -> Differences:
    """Find every set of calls of which the policies make something else.

    Args:
        before: The one.
        after: The other.
        now: From when on a year is looked at, and whose prices count; aware.
    """
    policies = [before, after]
    every = groups(policies, now.timestamp())
    tables = Tables(policies, now.timestamp(), cells(policies, now.date()), networks(policies))
    vocabulary, conditions = Vocabulary(every, after), Conditions(after)
    found: dict[object, list[Group]] = {}
    examples: dict[object, Example] = {}
    sizes: dict[object, int] = {}
    for caller in who.callers(policies):
        for group in every:
            table = tables.of(caller, group)
            results = [_difference(*each) for each in table.outcomes]
            if not any(results):
                continue
            for path in paths(table, results):
                if path.result is None:
                    continue
                key = (caller, conditions.words(path, table), path.result)
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
    return Differences(tuple(calls), tuple(_settings(before, after, calls)), not same_plan)


def _together(
    found: dict[object, list[Group]], examples: dict[object, Example], vocabulary: Vocabulary
) -> Iterator[Difference]:
    """Put the callers together of whom the same is said."""
    alike: dict[object, list[tuple[object, Caller]]] = {}
    for key, numbers in found.items():
        caller, when, result = key  # type: ignore[misc]  # the keys made above
        alike.setdefault((tuple(map(id, numbers)), when, result), []).append((key, caller))
    for same, some in alike.items():
        _, when, (change, *_rest) = same  # type: ignore[misc]  # likewise
        first = some[0][0]
        numbers, example = found[first], examples[first]
        yield Difference(
            change,
            vocabulary.words(numbers),
            tuple(numbers),
            tuple(caller for _, caller in some),
            when,
            example.outcomes[0],
            example.outcomes[1],
            example,
        )


def _difference(before: Outcome, after: Outcome) -> tuple[object, ...] | None:
    """Return what became of a call, and what makes it one with others; None where nothing did."""
    if before == after:
        return None
    bounds = tuple(_is_more(*each) for each in _bounds(before, after))
    return _change(before, after), before.in_brief, after.in_brief, bounds


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
    )


# ----------------------------------------------------------------------------- settings

_COMPARED: Final = ("lockout", "challenge", "bypass", "sign_in", "brake", "prompts")
_OF_THE_SITE: Final = (
    "name",
    "country",
    "timezone",
    "outside_prefix",
    "internal",
    "emergency",
    "languages",
    "longest_s",
    "short_codes",
    "replicas",
    "region",
)


def _settings(before: Policy, after: Policy, calls: Iterable[Difference]) -> Iterator[Setting]:
    for name in _OF_THE_SITE:
        yield from _written(f"site.{name}", getattr(before.site, name), getattr(after.site, name))
    for name in _COMPARED:
        yield from _written(name, getattr(before, name), getattr(after, name))
    yield from _by_name("watch", before.watches, after.watches)
    told = {
        name
        for each in calls
        for outcome in (each.before, each.after)
        for name in (*outcome.limits, outcome.rule)
    }
    for each in _by_name("limit", before.limits, after.limits):
        if each.name.split(".")[1] not in told:  # what no call shows that passes by itself
            yield each


def _by_name(kind: str, before: Sequence[object], after: Sequence[object]) -> Iterator[Setting]:
    """Compare what has a name with what has the same."""
    old = {getattr(each, "name", ""): each for each in before}
    new = {getattr(each, "name", ""): each for each in after}
    for name in dict.fromkeys((*old, *new)):
        yield from _written(f"{kind}.{name}", old.get(name), new.get(name))


def _written(name: str, before: object, after: object) -> Iterator[Setting]:
    """Compare two values, field by field where both have fields."""
    if is_dataclass(before) and is_dataclass(after) and type(before) is type(after):
        for field in fields(before):
            if field.compare and field.name not in ("line", "name"):
                yield from _written(
                    f"{name}.{field.name}",
                    getattr(before, field.name),
                    getattr(after, field.name),
                )
    elif before != after:
        yield Setting(name, _shown(before), _shown(after))


def _shown(value: object) -> str:
    """Show a value as text that nothing in a terminal acts on."""
    if value is None:
        return "(none)"
    if isinstance(value, frozenset):
        return ", ".join(sorted(map(_shown, value))) or "(none)"
    if isinstance(value, tuple):
        return ", ".join(map(_shown, value)) or "(none)"
    if is_dataclass(value):
        text = getattr(value, "text", None)
        if text:
            return _shown(text)
        if hasattr(value, "name"):
            return "there"
        return ", ".join(
            f"{each.name} {_shown(getattr(value, each.name))}"
            for each in fields(value)
            if each.repr
        )
    return printable(str(value))
