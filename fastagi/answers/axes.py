"""What of a situation matters to some rules and limits: values that they cannot tell apart.

Each field of a situation is an axis, and its values fall into sets. Those of one set are the same
to every scope in question, so one of them is judged for all.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING, Final, TypeAlias, TypeVar

from fastagi.errors import ManySituationsError
from fastagi.policy.model import Rule, Then
from fastagi.policy.scope import Transport, named_limits

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
    from collections.abc import Set as AbstractSet

    from fastagi.answers.moments import Cell
    from fastagi.answers.networks import Network
    from fastagi.policy.model import Limit
    from fastagi.policy.scope import Novelty, Scope

SITUATIONS_MAX: Final = 1 << 14
"""So many of one caller and one kind of number are looked at: a second or two."""

Value = TypeVar("Value")

Axis: TypeAlias = tuple[tuple[object, ...], ...]
"""The values of a field of `Situation`, in sets of those that cannot be told apart."""


@dataclass(frozen=True, slots=True)
class Speaking:
    """A rule or a limit that may take a call.

    Attributes:
        whose: The place of its policy among all.
    """

    whose: int
    entry: Rule | Limit

    @property
    def scope(self) -> Scope:
        """Which calls it is about."""
        return self.entry.scope


def of_cells(cells: Iterable[Cell], speaking: Sequence[Speaking]) -> Axis:
    """Return moments by what `when` makes of them."""
    return _sets(
        cells,
        lambda cell: tuple(
            all(
                condition.holds(cell.names[each.whose])
                for condition in each.scope.when
                if condition.limit is None
            )
            for each in speaking
        ),
    )


def of_networks(networks: Iterable[Network | None], speaking: Sequence[Speaking]) -> Axis:
    """Return addresses by what `network` makes of them; None is an unknown one."""
    asking = [each for each in speaking if each.scope.networks]
    if not asking:
        return ((None,),)
    return _sets(
        networks,
        lambda network: (
            network
            and tuple(
                any(
                    condition.holds(network.names[each.whose]) for condition in each.scope.networks
                )
                for each in asking
            )
        ),
    )


def of_transports(speaking: Sequence[Speaking]) -> Axis:
    """Return transports by what `transport` makes of them; None is an unknown one."""
    asking = [each.scope.transports for each in speaking if each.scope.transports]
    if not asking:
        return ((None,),)
    return _sets(
        (None, *Transport),
        lambda transport: transport and tuple(transport in each for each in asking),
    )


def of_novelty(may_be: AbstractSet[Novelty], speaking: Sequence[Speaking]) -> Axis:
    """Return what may be new of a call by what `to` makes of it."""
    asking = [each.scope.to.novel for each in speaking if each.scope.to and each.scope.to.novel]
    asked = sorted(may_be & frozenset().union(*asking))
    return _sets(_subsets(asked), lambda new: tuple(not new.isdisjoint(each) for each in asking))


def of_reports(speaking: Iterable[Speaking]) -> Axis:
    """Return whether others report a number, where that matters."""
    asking = any(each.scope.to is not None and each.scope.to.reported for each in speaking)
    return ((False,), (True,)) if asking else ((False,),)


def of_sign_ins(speaking: Iterable[Speaking]) -> Axis:
    """Return whether somebody is signed in, where that matters."""
    asking = any(
        isinstance(each.entry, Rule) and each.entry.then is Then.SIGN_IN for each in speaking
    )
    return ((False,), (True,)) if asking else ((False,),)


def of_limits(speaking: Iterable[Speaking]) -> Axis:
    """Return of which limits nothing is left, of those that rules ask for.

    Raises:
        ManySituationsError: They are more than can be looked at in every combination.
    """
    asked = {name for each in speaking for name in named_limits(each.scope)}
    if 2 ** len(asked) > SITUATIONS_MAX:
        raise ManySituationsError(
            f"rules ask for {len(asked)} limits by `over:` of the same calls, and every "
            f"combination of them is looked at; let them ask for {SITUATIONS_MAX.bit_length() - 1}"
            " at most"
        )
    return tuple((each,) for each in _subsets(sorted(asked)))


def _sets(values: Iterable[Value], seen: Callable[[Value], Hashable]) -> Axis:
    """Put values together of which the same is seen."""
    found: dict[Hashable, list[object]] = {}
    for each in values:
        found.setdefault(seen(each), []).append(each)
    return tuple(map(tuple, found.values()))


def _subsets(names: Sequence[Value]) -> Iterator[frozenset[Value]]:
    for size in range(len(names) + 1):
        yield from map(frozenset, combinations(names, size))
