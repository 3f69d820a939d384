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


OVER: Final = "over:"
"""What stands before the name of a limit in `when`, of which nothing is to be left."""

REPORTED: Final = "reported"
"""In `to`, numbers that others report; in `network`, addresses that they do."""


class Novelty(StrEnum):
    """What of a call may be the first of its kind; one word of a `to` list each.

    "Prefix" is the calling code and the three digits behind it: in North America the area code.
    """

    COUNTRY = "first-time-country"
    PREFIX = "first-time-prefix"
    NUMBER = "first-time-number"
    SITE_COUNTRY = "first-time-country-of-site"
    SITE_PREFIX = "first-time-prefix-of-site"
    SITE_NUMBER = "first-time-number-of-site"


COUNTRIES_ABROAD: Final = frozenset({Novelty.COUNTRY, Novelty.SITE_COUNTRY})
"""What the site's own country never is."""


class Transport(StrEnum):
    """How a phone's SIP reached Asterisk."""

    UDP = "udp"
    TCP = "tcp"
    TLS = "tls"
    WS = "ws"
    WSS = "wss"


@dataclass(frozen=True, slots=True)
class Condition:
    """One word of a `when` or a `network` list: a name, or `not` that name.

    Attributes:
        name: Of hours or of a network; in `when` also `over:` and the name of a limit.
    """

    name: str
    negated: bool = False

    @property
    def limit(self) -> str | None:
        """The limit of which nothing is to be left; None where it is on something else."""
        return self.name.removeprefix(OVER) if self.name.startswith(OVER) else None

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
        novel: What never was before may fit. The site's own country is never a new one.
        reported: Whether a number that others report fits.
    """

    text: tuple[str, ...]
    categories: frozenset[Category] = frozenset()
    countries: frozenset[str] = frozenset()
    prefixes: tuple[str, ...] = ()
    lists: tuple[str, ...] = ()
    novel: frozenset[Novelty] = frozenset()
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
        novel: What of it is the first of its kind; a country only abroad.
        reported: Whether others report the number.
        hours: Names of `[hours]`, and words for them of ours, that hold at that moment.
        over: Of limits that it falls under and of which nothing is left, as `over:` and the name.
        may_be_over: Likewise, of those that it falls under only if it comes from where, or how, is
            unknown.
        networks: Names of `[networks]` that the address is in, and `reported` where others report
            it; None where the address is unknown.
        transport: None where it is unknown.
        signed_in: Whether a sign-in counts for it.
    """

    class_name: str | None
    number: Number
    novel: frozenset[Novelty] = frozenset()
    hours: frozenset[str] = frozenset()
    over: frozenset[str] = frozenset()
    may_be_over: frozenset[str] = frozenset()
    networks: frozenset[str] | None = None
    transport: Transport | None = None
    signed_in: bool = False
    reported: bool = False


def named_limits(scope: Scope) -> frozenset[str]:
    """Return the limits that a scope asks for by `over:`."""
    return frozenset(each.limit for each in scope.when if each.limit is not None)


def asks_for_number(scope: Scope) -> bool:
    """Tell whether a scope speaks of reported numbers."""
    return scope.to is not None and scope.to.reported


def asks_for_address(scope: Scope) -> bool:
    """Tell whether a scope speaks of reported addresses."""
    return any(each.name == REPORTED for each in scope.networks)
