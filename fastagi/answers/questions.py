"""The two questions about one policy: who can call there, and what can this phone call?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from fastagi.answers import callers as who
from fastagi.answers.moments import cell_at, cells
from fastagi.answers.networks import networks
from fastagi.answers.numbers import alone, groups
from fastagi.answers.outcome import Outcome
from fastagi.answers.situations import paths
from fastagi.answers.table import Tables
from fastagi.answers.wording import Conditions, Vocabulary
from fastagi.policy.model import Verdict
from fastagi.policy.wording import printable

if TYPE_CHECKING:
    from collections.abc import Hashable, Sequence
    from datetime import datetime

    from fastagi.answers.callers import Caller
    from fastagi.answers.numbers import Group
    from fastagi.answers.where import Where
    from fastagi.policy.model import Policy

_ORDER = {verdict: place for place, verdict in enumerate(Verdict)}


@dataclass(frozen=True, slots=True)
class Answer:
    """What comes of calls that are treated alike.

    Attributes:
        numbers: Which numbers, in words.
        groups: The same numbers themselves.
        callers: Who calls.
        conditions: When, from where …, in words; empty where that is always so.
        outcomes: What comes of it; they differ in price and length only.
        example: A number that is dialled so.
    """

    numbers: str
    groups: tuple[Group, ...]
    callers: tuple[Caller, ...]
    conditions: str
    outcomes: tuple[Outcome, ...]
    example: str

    @property
    def outcome(self) -> Outcome:
        """What comes of it, with one price of all."""
        return self.outcomes[0]

    @property
    def count(self) -> int:
        """How many numbers of E.164 it is about."""
        return sum(each.count for each in self.groups)


def who_can(
    policy: Policy, where: Where, now: datetime, at: datetime | None = None
) -> list[Answer]:
    """Tell who can call somewhere, when and how, and who cannot.

    Args:
        policy: The site's.
        where: Which numbers.
        now: From when on a year is looked at, and whose prices count; aware.
        at: The only moment in question; None for all of them.
    """
    moment = (at or now).timestamp()
    if where.number:
        every = [alone([policy], where.text, moment)]
    else:
        every = groups([policy], moment, where.within, where.table(policy))
    some = [each for each in every if where.takes(policy, each)]
    everybody = [
        each for each in who.callers([policy]) if each.places[0].known and not each.places[0].trap
    ]
    moments = cells([policy], now.date()) if at is None else [cell_at([policy], at)]
    tables = Tables([policy], moment, moments, networks([policy]), passed_on=("",))
    vocabulary = Vocabulary(some, policy, printable(where.text))
    return _answers(policy, vocabulary, some, everybody, tables)


def what_can(
    policy: Policy, extension: str, at: datetime, *, signed_in: bool = False
) -> list[Answer]:
    """Tell everything that a phone can call at a moment, and what it cannot.

    Args:
        policy: The site's.
        extension: The phone's.
        at: The moment; aware.
        signed_in: Whether somebody is signed in on it.
    """
    every = groups([policy], at.timestamp())
    moments = [cell_at([policy], at)]
    tables = Tables(
        [policy],
        at.timestamp(),
        moments,
        networks([policy]),
        passed_on=("",),
        signed_in=signed_in,
    )
    everybody = [who.caller_of([policy], extension)]
    return _answers(policy, Vocabulary(every, policy), every, everybody, tables)


def _answers(
    policy: Policy,
    vocabulary: Vocabulary,
    some: Sequence[Group],
    everybody: Sequence[Caller],
    tables: Tables,
) -> list[Answer]:
    """Put together what comes to the same: numbers first, then who calls them."""
    conditions = Conditions(policy)
    found: dict[_Key, tuple[list[Group], list[Outcome], str]] = {}
    for group in some:
        for caller in everybody:
            table = tables.of(caller, group)
            whole = [each[0] for each in table.outcomes]
            for path in paths(table.axes, [each.in_brief for each in whole]):
                key = _Key(caller, conditions.words(path, table), path.result)
                known = found.setdefault(key, ([], [], group.dialled[0]))
                known[0].append(group)
                known[1].extend(each for each in whole if each.in_brief == path.result)
    together: dict[object, list[_Key]] = {}
    for key, (numbers, _, _) in found.items():
        alike = (tuple(map(id, numbers)), key.when, key.result)
        together.setdefault(alike, []).append(key)
    answers = []
    for keys in together.values():
        numbers, _, example = found[keys[0]]
        outcomes = dict.fromkeys(each for key in keys for each in found[key][1])
        answers.append(
            Answer(
                vocabulary.words(numbers),
                tuple(numbers),
                tuple(key.caller for key in keys),
                keys[0].when,
                tuple(outcomes),
                example,
            )
        )
    return sorted(answers, key=lambda each: (_ORDER[each.outcome.verdict], each.numbers))


class _Key(NamedTuple):
    """What makes calls one answer: who calls, when, and what comes of it."""

    caller: Caller
    when: str
    result: Hashable
