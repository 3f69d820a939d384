"""Which calls a rule or a limit speaks of, and what of a call that depends on.

Values only: `matching` finds the scopes that a call fits, `explain` says why it does not.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from fastagi.numbering.number import Category

if TYPE_CHECKING:
    from collections.abc import Set as AbstractSet

    from fastagi.numbering.number import Number


APART: Final = frozenset({Category.EMERGENCY, Category.INTERNAL, Category.INVALID})
"""Categories of calls to no outside number: a scope speaks of them by name or not at all."""


REPORTED: Final = "reported"
"""In `to`, numbers that others report; in `network`, addresses that they do."""


class Transport(StrEnum):
    """How a phone's SIP reached Asterisk."""

    UDP = "udp"
    TCP = "tcp"
    TLS = "tls"
    WS = "ws"
    WSS = "wss"


@dataclass(frozen=True, slots=True)
class Condition:
    """One word of a `when` or a `network` list: a name, or `not` that name."""

    name: str
    negated: bool = False

    def __str__(self) -> str:
        """Show the condition as it is written."""
        return f"not {self.name}" if self.negated else self.name

    def holds(self, names: AbstractSet[str]) -> bool:
        """Tell whether it holds where just these names do."""
        return (self.name in names) is not self.negated


@dataclass(frozen=True, slots=True)
class Destinations:
    """What a `to` list means: a number fits when any part of it does.

    Attributes:
        text: The items as the administrator wrote them, for messages.
        categories: Plain words: `premium`, `international` …
        countries: Of `country:FR`.
        prefixes: Of `prefix:+39`, without the plus.
        lists: Names of `list:NAME`, looked up in `Policy.lists`.
        first_time_country: Whether a country never dialled from this extension before fits. The
            site's own country is never such a one.
        reported: Whether a number that others report fits.
    """

    text: tuple[str, ...]
    categories: frozenset[Category] = frozenset()
    countries: frozenset[str] = frozenset()
    prefixes: tuple[str, ...] = ()
    lists: tuple[str, ...] = ()
    first_time_country: bool = False
    reported: bool = False


@dataclass(frozen=True, slots=True)
class Scope:
    """Which calls a rule or a limit speaks of; an empty field does not restrict.

    Attributes:
        to: None means every outside number, and never an inside or an invalid one.
        when: All must hold (`"office and not closed"`).
        networks: Any must hold.
        transports: Any may be the call's.
        also_unallocated: Whether what takes other outside numbers takes unallocated ones too, as
            in rules that deny and in limits; else only `unallocated` by name does.
    """

    classes: frozenset[str] = frozenset()
    to: Destinations | None = None
    when: tuple[Condition, ...] = ()
    networks: tuple[Condition, ...] = ()
    transports: frozenset[Transport] = frozenset()
    also_unallocated: bool = False


@dataclass(frozen=True, slots=True)
class Circumstances:
    """Everything about a call that rules and limits can depend on.

    Attributes:
        class_name: The caller's class of service; None where it is in none.
        first_time: Whether the number's country is abroad and new to this extension.
        reported: Whether others report the number.
        hours: Names of `[hours]` that hold at that moment.
        networks: Names of `[networks]` that the address is in, and `reported` where others report
            it; None where the address is unknown.
        transport: None where it is unknown.
        signed_in: Whether a sign-in counts for it.
    """

    class_name: str | None
    number: Number
    first_time: bool = False
    hours: frozenset[str] = frozenset()
    networks: frozenset[str] | None = None
    transport: Transport | None = None
    signed_in: bool = False
    reported: bool = False


def asks_for_number(scope: Scope) -> bool:
    """Tell whether a scope speaks of reported numbers."""
    return scope.to is not None and scope.to.reported


def asks_for_address(scope: Scope) -> bool:
    """Tell whether a scope speaks of reported addresses."""
    return any(each.name == REPORTED for each in scope.networks)
