"""Every way in which the world can be at a call, as cells that can be counted.

A cell is the caller's class, which hours hold, which networks the address is in, and the
transport; the last two may be unknown. The cells that a scope fits are the bits of an integer, so
that what scopes leave to one another is `&` and `~`. Where the call goes is not of this: `reach`.
Nor is which limits it is over: a scope that asks for that may fit fewer cells than it is said to.
"""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING, Final

from fastagi.policy.calendar import BUILT_IN
from fastagi.policy.hours import CLOSED
from fastagi.policy.scope import Transport

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from fastagi.policy.scope import Condition, Scope

NAMES_MAX: Final = 5
"""Hours, or networks, that are told apart: each doubles the cells."""


class World:
    """The cells of some scopes.

    Attributes:
        known: The cells in which neither address nor transport is unknown.
    """

    def __init__(self, scopes: Sequence[Scope], classes: Iterable[str]) -> None:
        """Lay out the cells that the scopes can tell apart.

        Args:
            scopes: All that will be asked for.
            classes: Names of the policy's classes; a caller may be in none, too.
        """
        self._known_hours = _names(
            [each for each in scope.when if each.limit is None] for scope in scopes
        )
        self._known_networks = _names(scope.networks for scope in scopes)
        self._classes: list[str | None] = [None, *classes]
        self._hours = [
            each
            for each in _subsets(self._known_hours)
            if CLOSED not in each or each <= {CLOSED, *BUILT_IN}
        ]
        self._networks = [None, *_subsets(self._known_networks)]
        self._transports: list[Transport | None] = [None, *Transport]
        self.known = _crossed(
            [True] * len(self._classes),
            [True] * len(self._hours),
            [names is not None for names in self._networks],
            [each is not None for each in self._transports],
        )

    def tells_apart(self, scope: Scope) -> bool:
        """Tell whether a scope surely fits its cells; else it may fit in fewer."""
        return all(each.name in self._known_hours for each in scope.when) and all(
            each.name in self._known_networks for each in scope.networks
        )

    def fitting(self, scope: Scope, *, unknown: bool) -> int:
        """Return the cells that a scope may fit.

        Args:
            scope: One of those that the world is of.
            unknown: Whether it fits where it restricts what is unknown.
        """
        when = [each for each in scope.when if each.name in self._known_hours]
        # Of any that are not told apart one may hold, and then those that are do not restrict.
        told_apart = all(each.name in self._known_networks for each in scope.networks)
        networks = scope.networks if told_apart else ()
        return _crossed(
            [not scope.classes or each in scope.classes for each in self._classes],
            [all(each.holds(hours) for each in when) for hours in self._hours],
            [
                (unknown or not scope.networks)
                if names is None
                else (not networks or any(each.holds(names) for each in networks))
                for names in self._networks
            ],
            [
                not scope.transports or (unknown if each is None else each in scope.transports)
                for each in self._transports
            ],
        )


def _crossed(*dimensions: Sequence[bool]) -> int:
    """Return the cells that fit in every dimension, as the bits of an integer."""
    bits, width = 1, 1
    for fits in dimensions:
        bits = sum(bits << place * width for place, each in enumerate(fits) if each)
        width *= len(fits)
    return bits


def _names(conditions: Iterable[Sequence[Condition]]) -> list[str]:
    """Return the first names that conditions speak of."""
    return list(dict.fromkeys(each.name for some in conditions for each in some))[:NAMES_MAX]


def _subsets(names: Sequence[str]) -> list[frozenset[str]]:
    return [
        frozenset(each) for size in range(len(names) + 1) for each in combinations(names, size)
    ]
