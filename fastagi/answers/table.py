"""What comes of all calls of a caller to a group of numbers: a table over everything else.

Everything else is when, from where, how, who is signed in, what is new or reported, what is used
up. Of it only that is told apart which a rule or a limit asks for that speaks of the caller and
the numbers. Each cell is judged by `decide` itself, so a table says nothing of its own.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import product
from math import prod
from typing import TYPE_CHECKING, TypeAlias

from fastagi.answers import axes
from fastagi.answers.axes import Speaking
from fastagi.answers.entries import entries
from fastagi.answers.outcome import Outcome, outcome_of
from fastagi.answers.situations import PASSED_ON, Situation, facts_of, request_of
from fastagi.errors import ManySituationsError
from fastagi.numbering.number import Category
from fastagi.policy.decision import decide
from fastagi.policy.explain import destination_of
from fastagi.policy.model import Rule
from fastagi.policy.possible import may_be_new
from fastagi.policy.reach import BY_NAME
from fastagi.policy.scope import (
    APART,
    Circumstances,
)
from fastagi.policy.traps import is_touched
from fastagi.policy.wording import all_of, quoted
from fastagi.rating.rates import Rates

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from fastagi.answers.axes import Axis
    from fastagi.answers.callers import Caller
    from fastagi.answers.moments import Cell
    from fastagi.answers.networks import Network
    from fastagi.answers.numbers import Group
    from fastagi.numbering.number import Number
    from fastagi.policy.model import Policy
    from fastagi.policy.scope import Scope
    from fastagi.rating.tariff import Tariff


@dataclass(frozen=True, slots=True)
class Table:
    """What comes of calls in every situation that is told apart.

    Attributes:
        axes: Those of each field of `Situation`.
        outcomes: What comes of it by each policy, the last axis changing first.
    """

    axes: tuple[Axis, ...]
    outcomes: tuple[tuple[Outcome, ...], ...]

    def situations(self) -> Iterator[Situation]:
        """Return one situation of every set, in the order of the outcomes."""
        for values in product(*([each[0] for each in axis] for axis in self.axes)):
            yield Situation(*values)  # type: ignore[arg-type]  # each axis has a field's values


_Taken: TypeAlias = tuple[tuple[tuple[bool, bool], ...], ...]
"""Of each policy, of each rule and limit: whether it may take a number, or surely does."""


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
        self._known_taken: dict[int, _Taken] = {}
        self._traits: dict[int, object] = {}

    def of(self, caller: Caller, group: Group) -> Table:
        """Return what comes of all calls of a caller to the numbers of a group.

        Raises:
            ManySituationsError: More situations are told apart than can be looked at.
        """
        taken = self._taken(group)
        told = [
            (Speaking(whose, entry), flags[1])
            for whose, place in enumerate(caller.places)
            for entry, flags in zip(entries(self._policies[whose]), taken[whose], strict=True)
            if flags[0] and (not entry.scope.classes or place.class_name in entry.scope.classes)
        ]
        speaking = _that_matter(told)
        names = tuple(id(each.entry) for each in speaking)
        key = (caller.places, names, self._traits[id(group)])
        table = self._known.get(key)
        if table is None:
            table = self._known[key] = self._made(caller, group, speaking)
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

    def _taken(self, group: Group) -> _Taken:
        """Tell which rules and limits of each policy may take some numbers, and which surely do.

        Surely means whatever is new of them, and whether others report them or not.
        """
        known = self._known_taken.get(id(group))
        if known is None:
            pairs = list(zip(self._policies, group.numbers, strict=True))
            known = tuple(
                tuple(_takes(policy, each.scope, number) for each in entries(policy))
                for policy, number in pairs
            )
            self._known_taken[id(group)] = known
            self._traits[id(group)] = (
                tuple(
                    (_traits(policy, number), tariff)
                    for (policy, number), tariff in zip(pairs, group.tariffs, strict=True)
                ),
                known,
            )
        return known

    def _made(self, caller: Caller, group: Group, speaking: Sequence[Speaking]) -> Table:
        new = frozenset(
            each
            for policy, number in zip(self._policies, group.numbers, strict=True)
            for each in may_be_new(policy, number)
        )
        table = Table(
            (
                tuple((each,) for each in self._passed_on),
                axes.of_cells(self._cells, speaking),
                axes.of_sign_ins(speaking) if self._signed_in is None else ((self._signed_in,),),
                axes.of_networks(self._networks, speaking),
                axes.of_transports(speaking),
                axes.of_novelty(new, speaking),
                axes.of_reports(speaking),
                axes.of_limits(speaking),
            ),
            (),
        )
        count = prod(map(len, table.axes))
        if count > axes.SITUATIONS_MAX:
            names = all_of(dict.fromkeys(each.entry.name for each in speaking))
            raise ManySituationsError(
                f"{count} situations of calls of {quoted(caller.extension)} to "
                f"{quoted(group.dialled[0])} are told apart, and {axes.SITUATIONS_MAX} can be "
                f"looked at; let fewer of these ask for hours, networks, transports, `over:` or "
                f"what is new: {names}"
            )
        judged: dict[Situation, tuple[Outcome, ...]] = {}
        outcomes = []
        for situation in table.situations():
            if situation.passed_on:  # of these nothing is known but that
                situation = situation._replace(signed_in=False, network=None, transport=None)
            if situation not in judged:
                judged[situation] = self.judge(caller, group, situation)
            outcomes.append(judged[situation])
        return replace(table, outcomes=tuple(outcomes))


def _that_matter(told: Iterable[tuple[Speaking, bool]]) -> list[Speaking]:
    """Return what may have a say: no rule below one that decides whatever the situation is."""
    found: list[Speaking] = []
    settled: set[int] = set()
    for each, surely in told:
        if isinstance(each.entry, Rule):
            if each.whose in settled:
                continue
            scope = each.scope
            always = not (scope.when or scope.networks or scope.transports)
            if surely and always and not each.entry.shadow:
                settled.add(each.whose)
        found.append(each)
    return found


# ----------------------------------------------------------------------------- what matters


def _takes(policy: Policy, scope: Scope, number: Number) -> tuple[bool, bool]:
    """Tell whether a scope may take a number, and whether it surely does."""
    if _has_to_be_named(scope, number):
        return False, False
    if scope.to is None:
        return (number.category not in APART,) * 2
    new = may_be_new(policy, number)
    anything = Circumstances(None, number, novel=new, reported=True)
    if destination_of(policy, scope.to, anything) is None:
        return False, False
    nothing = Circumstances(None, number)
    return True, destination_of(policy, scope.to, nothing) is not None


def _has_to_be_named(scope: Scope, number: Number) -> bool:
    """Tell whether a scope would have to name `unallocated` to take a number, and does not."""
    if number.category is not Category.UNALLOCATED or scope.also_unallocated:
        return False
    return scope.to is None or Category.UNALLOCATED not in scope.to.categories


def _traits(policy: Policy, number: Number) -> object:
    """Return what of a number a decision hangs on besides which scopes take it."""
    told = number.category if number.category in BY_NAME else ""
    return (told, is_touched(policy, "", number), may_be_new(policy, number))


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
