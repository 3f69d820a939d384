"""What comes of all calls of a caller to a group of numbers: a table over everything else.

Everything else is when, from where, how, who is signed in, what is new or reported, what is used
up. Of it only that is told apart which a rule or a limit asks for that speaks of the caller and
the numbers. Each cell is judged by `decide` itself, so a table says nothing of its own.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import combinations, product
from typing import TYPE_CHECKING, Final, NamedTuple

from fastagi.answers.outcome import Outcome, outcome_of
from fastagi.policy.decision import decide
from fastagi.policy.explain import destination_of
from fastagi.policy.model import Facts, Request, Then
from fastagi.policy.possible import may_be_new
from fastagi.policy.scope import (
    APART,
    REPORTED,
    Circumstances,
    Novelty,
    Transport,
    named_limits,
)
from fastagi.policy.traps import is_touched
from fastagi.rating.rates import Rates

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable, Iterator, Sequence

    from fastagi.answers.callers import Caller
    from fastagi.answers.moments import Cell
    from fastagi.answers.networks import Network
    from fastagi.answers.numbers import Group
    from fastagi.numbering.number import Number
    from fastagi.policy.model import Limit, Policy, Rule
    from fastagi.policy.scope import Scope
    from fastagi.rating.tariff import Tariff

PASSED_ON: Final = ("", "transferred", "off-net")
"""Of a call: it is the caller's own; it was passed on; and somebody outside talks."""


class Situation(NamedTuple):
    """Everything about a call but who calls what; in the order in which it is spoken of."""

    passed_on: str
    cell: Cell
    signed_in: bool
    network: Network | None
    transport: Transport | None
    new: frozenset[Novelty]
    reported: bool
    over: frozenset[str]


AXES: Final = Situation._fields


@dataclass(frozen=True, slots=True)
class Table:
    """What comes of calls in every situation that is told apart.

    Attributes:
        axes: Of each field of `Situation` the values that are told apart; one where nothing is.
        outcomes: What comes of it by each policy, the last axis changing first.
    """

    axes: tuple[tuple[object, ...], ...]
    outcomes: tuple[tuple[Outcome, ...], ...]

    def situations(self) -> Iterator[Situation]:
        """Return all situations, in the order of the outcomes."""
        for values in product(*self.axes):
            yield Situation(*values)  # type: ignore[arg-type]  # each axis has a field's values


class Path(NamedTuple):
    """Situations that come to the same.

    Attributes:
        told: The fields that matter, each with those of its values that are meant.
        result: What they come to.
        situation: One of them.
    """

    told: tuple[tuple[str, tuple[object, ...]], ...]
    result: Hashable
    situation: Situation


class Tables:
    """Makes tables, each kind once.

    Args:
        policies: Those that judge.
        at: The moment whose prices count; seconds since the epoch.
        cells: The moments that are told apart.
        networks: The addresses that are, known ones; that one may be unknown is added.
        passed_on: Some of `PASSED_ON`.
        signed_in: Whether somebody is; None for either.
    """

    def __init__(
        self,
        policies: Sequence[Policy],
        at: float,
        cells: Sequence[Cell],
        networks: Sequence[Network],
        *,
        passed_on: Sequence[str] = PASSED_ON,
        signed_in: bool | None = None,
    ) -> None:
        self._policies = [_at_prices_of(each, at) for each in policies]
        self._cells = tuple(cells)
        self._networks = (None, *networks)
        self._passed_on = tuple(passed_on)
        self._signed_in = signed_in
        self._known: dict[object, Table] = {}
        self._speaking: dict[int, tuple[tuple[bool, ...], ...]] = {}
        self._traits: dict[int, object] = {}

    def of(self, caller: Caller, group: Group) -> Table:
        """Return what comes of all calls of a caller to the numbers of a group."""
        speaking = self._speaking_of(group)
        entries = [
            (policy, entry)
            for policy, place, flags in zip(self._policies, caller.places, speaking, strict=True)
            for entry, flag in zip((*policy.rules, *policy.limits), flags, strict=True)
            if flag and (not entry.scope.classes or place.class_name in entry.scope.classes)
        ]
        names = tuple((id(policy), entry.name, type(entry)) for policy, entry in entries)
        key = (caller.places, names, self._traits[id(group)])
        table = self._known.get(key)
        if table is None:
            table = self._known[key] = self._made(caller, group, entries)
        return table

    def judge(self, caller: Caller, group: Group, situation: Situation) -> tuple[Outcome, ...]:
        """Judge one call by each policy."""
        found = []
        for policy, number in zip(self._policies, group.numbers, strict=True):
            request = request_of(policy, caller.extension, number, situation)
            found.append(outcome_of(decide(policy, request, facts_of(situation))))
        return tuple(found)

    def prove(self, caller: Caller, group: Group, situation: Situation) -> tuple[Outcome, ...]:
        """Judge one call anew, from the digits that are dialled."""
        numbers = tuple(
            policy.plan.read(dialled)
            for policy, dialled in zip(self._policies, group.dialled, strict=True)
        )
        return self.judge(caller, replace(group, numbers=numbers), situation)

    def _speaking_of(self, group: Group) -> tuple[tuple[bool, ...], ...]:
        """Tell which rules and limits of each policy may take the numbers of a group."""
        known = self._speaking.get(id(group))
        if known is None:
            pairs = list(zip(self._policies, group.numbers, strict=True))
            known = tuple(
                tuple(_may_take(policy, each.scope, number) for each in entries(policy))
                for policy, number in pairs
            )
            self._speaking[id(group)] = known
            self._traits[id(group)] = tuple(
                (_traits(policy, number), tariff)
                for (policy, number), tariff in zip(pairs, group.tariffs, strict=True)
            )
        return known

    def _made(
        self,
        caller: Caller,
        group: Group,
        speaking: Sequence[tuple[Policy, Rule | Limit]],
    ) -> Table:
        scopes = [each.scope for _, each in speaking]
        new = {
            each
            for policy, number in zip(self._policies, group.numbers, strict=True)
            for each in may_be_new(policy, number)
        } & {each for scope in scopes if scope.to for each in scope.to.novel}
        limits = {each for scope in scopes for each in named_limits(scope)}
        axes: tuple[tuple[object, ...], ...] = (
            self._passed_on,
            self._told_apart(self._cells, scopes),
            self._sign_ins(speaking),
            self._from_where([each for _, each in speaking]),
            _transports(scopes),
            tuple(_subsets(sorted(new))),
            (False, True) if any(each.to and each.to.reported for each in scopes) else (False,),
            tuple(_subsets(sorted(limits))),
        )
        judged: dict[Situation, tuple[Outcome, ...]] = {}
        outcomes = []
        table = Table(axes, ())
        for situation in table.situations():
            if situation.passed_on:  # of these nothing is known but that
                situation = situation._replace(signed_in=False, network=None, transport=None)
            place = situation._replace(cell=id(situation.cell))  # type: ignore[arg-type]  # a key
            if place not in judged:
                judged[place] = self.judge(caller, group, situation)
            outcomes.append(judged[place])
        return replace(table, outcomes=tuple(outcomes))

    def _told_apart(self, cells: Sequence[Cell], scopes: Sequence[Scope]) -> tuple[Cell, ...]:
        asked = any(each.limit is None for scope in scopes for each in scope.when)
        return tuple(cells) if asked else tuple(cells[:1])

    def _sign_ins(self, speaking: Sequence[tuple[Policy, Rule | Limit]]) -> tuple[bool, ...]:
        if self._signed_in is not None:
            return (self._signed_in,)
        asked = any(getattr(each, "then", None) is Then.SIGN_IN for _, each in speaking)
        return (False, True) if asked else (False,)

    def _from_where(self, speaking: Sequence[Rule | Limit]) -> tuple[Network | None, ...]:
        """Return the networks that are told apart, one for all that are not."""
        asked = {each.name for one in speaking for each in one.scope.networks}
        if not asked:
            return (None,)
        found: dict[object, Network | None] = {}
        for each in self._networks:
            key = None if each is None else tuple(names & asked for names in each.names)
            reported = each is not None and each.reported
            if not reported or REPORTED in asked:
                found.setdefault((key, reported), each)
        return tuple(found.values())


def entries(policy: Policy) -> tuple[Rule | Limit, ...]:
    """Return all of a policy that has a scope, in order."""
    return (*policy.rules, *policy.limits)


def request_of(policy: Policy, extension: str, number: Number, situation: Situation) -> Request:
    """Return a call in a situation, as a request."""
    network = situation.network
    return Request(
        extension=extension,
        number=number,
        at=situation.cell.moment(policy),
        address=None if network is None else network.address,
        transport=situation.transport,
        transferred=bool(situation.passed_on),
        off_net=situation.passed_on == "off-net",
        number_reported=situation.reported,
        address_reported=network is not None and network.reported,
    )


def facts_of(situation: Situation) -> Facts:
    """Return what the stores would know in a situation."""
    return Facts(
        signed_in=situation.signed_in,
        known_country=Novelty.COUNTRY not in situation.new,
        novel=situation.new,
        over=situation.over,
    )


def paths(table: Table, results: Sequence[Hashable]) -> list[Path]:
    """Put situations together that come to the same, field by field.

    Args:
        table: Whose situations they are.
        results: What each comes to, in its order.
    """
    return list(_paths(table.axes, 0, list(results), ()))


def _paths(
    axes: tuple[tuple[object, ...], ...],
    at: int,
    results: list[Hashable],
    chosen: tuple[object, ...],
) -> Iterator[Path]:
    if at == len(axes):
        yield Path((), results[0], Situation(*chosen))  # type: ignore[arg-type]  # as above
        return
    size = len(results) // len(axes[at])
    alike: dict[tuple[Hashable, ...], list[object]] = {}
    for place, value in enumerate(axes[at]):
        alike.setdefault(tuple(results[place * size : (place + 1) * size]), []).append(value)
    for some, values in alike.items():
        told = ((AXES[at], tuple(values)),) if len(alike) > 1 else ()
        for path in _paths(axes, at + 1, list(some), (*chosen, values[0])):
            yield path._replace(told=(*told, *path.told))


# ----------------------------------------------------------------------------- what matters


def _may_take(policy: Policy, scope: Scope, number: Number) -> bool:
    """Tell whether a scope takes a number if all of it that may be new or reported is."""
    if scope.to is None:
        return number.category not in APART
    call = Circumstances(None, number, novel=may_be_new(policy, number), reported=True)
    return destination_of(policy, scope.to, call) is not None


def _traits(policy: Policy, number: Number) -> object:
    """Return what of a number a decision hangs on besides which scopes may take it, and how."""
    told = number.category if number.category in APART else ""
    surely = Circumstances(None, number)
    taken = tuple(
        each.scope.to is not None and destination_of(policy, each.scope.to, surely) is not None
        for each in entries(policy)
    )
    unallocated = number.category == "unallocated"
    trap = is_touched(policy, "", number)
    return (told, unallocated, trap, may_be_new(policy, number), taken)


def _transports(scopes: Iterable[Scope]) -> tuple[Transport | None, ...]:
    """Return the transports that are told apart, one for all others; None is unknown."""
    asked = {each for scope in scopes for each in scope.transports}
    others = [each for each in Transport if each not in asked]
    return (None, *sorted(asked), *others[:1]) if asked else (None,)


def _subsets(names: Sequence[str]) -> Iterator[frozenset[str]]:
    for size in range(len(names) + 1):
        yield from map(frozenset, combinations(names, size))


# ----------------------------------------------------------------------------- prices


class _PricesOf(Rates):
    """Prices that are those of one moment whenever a call is."""

    __slots__ = ("moment",)

    moment: float

    def tariff(self, number: Number, at: float) -> Tariff | None:  # noqa: ARG002  # that is it
        """Return what a call costs at the moment."""
        return Rates.tariff(self, number, self.moment)


def _at_prices_of(policy: Policy, at: float) -> Policy:
    if policy.rates is None:
        return policy
    rates = policy.rates
    fixed = _PricesOf(rates.file, rates.currency, rates.sheet, rates.unknown)
    object.__setattr__(fixed, "moment", at)
    return replace(policy, rates=fixed)
