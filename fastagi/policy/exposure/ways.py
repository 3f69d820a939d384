"""What a thief may call: every kind of call that `decide` lets through, with what it claims."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from ipaddress import ip_address
from itertools import product
from math import prod
from typing import TYPE_CHECKING, Final

from fastagi.numbering.pattern import Pattern
from fastagi.policy.decision import class_of, every_decision, networks_of
from fastagi.policy.extensions import EXTENSIONS_MAX, extensions, positions
from fastagi.policy.model import Factor, Facts, Per, Request, Unit, Verdict
from fastagi.policy.scope import Transport
from fastagi.rating.rates import Rates

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import datetime
    from ipaddress import IPv4Address, IPv6Address

    from fastagi.numbering.number import Number
    from fastagi.policy.exposure.destinations import Destination
    from fastagi.policy.model import Decision, Policy
    from fastagi.policy.scope import Scope
    from fastagi.rating.tariff import Tariff


class Thief(StrEnum):
    """What was stolen."""

    PASSWORD = "password"  # noqa: S105 - no password, the word for it
    """That of SIP: rules that ask for a code or a sign-in stop him."""
    CODES = "codes"
    """PIN and one-time codes, too: he keys them at every prompt, but nobody is signed in."""
    ALL = "all"
    """All of it, on a phone that somebody is signed in on: what the budgets alone hold back."""


KNOWS: Final = {
    Thief.PASSWORD: Facts(),
    Thief.CODES: Facts(shown=frozenset(Factor)),
    Thief.ALL: Facts(shown=frozenset(Factor), signed_in=True),
}
"""What the stores take for proven of each."""

_ANYWHERE: Final = ("192.0.2.1", "198.51.100.1", "203.0.113.1", "2001:db8::1")  # RFC 5737, 3849


@dataclass(frozen=True, slots=True)
class Caller:
    """The extensions of one class.

    Attributes:
        class_name: None for phones that are in none.
        extension: One of them.
        count: How many its patterns stand for; None where they have no end.
    """

    class_name: str | None
    extension: str
    count: int | None

    def __str__(self) -> str:
        """Name the class."""
        return self.class_name or "(no class)"


@dataclass(frozen=True, slots=True)
class Way:
    """A call that passes, and what it costs at most.

    Attributes:
        names: Of `[hours]`; it passes while they hold.
        tariff: What it costs; of a `Decision` it is the same.
    """

    caller: Caller
    names: frozenset[str]
    number: Number
    decision: Decision
    tariff: Tariff


@dataclass(frozen=True, slots=True)
class Ways:
    """All that a thief may call.

    Attributes:
        priced: Of those alike in limits and hours, the ones that no other is dearer than.
        unpriced: A number that passes and of which nobody knows what it costs, if there is one.
    """

    priced: Sequence[Way]
    unpriced: Number | None


def callers(policy: Policy) -> Iterator[Caller]:
    """Find the classes that have extensions, and phones that are in none."""
    for each in policy.classes:
        yield from _caller(policy, each.name, each.patterns)
    yield from _caller(policy, None, policy.site.internal)


def ways(
    policy: Policy,
    thief: Thief,
    some: Sequence[Caller],
    moments: Mapping[frozenset[str], datetime],
    destinations: Sequence[Destination],
    at: float,
) -> Ways:
    """Ask `decide` for every kind of call.

    Args:
        policy: The site's.
        thief: What he knows.
        some: Whose extensions he may have.
        moments: One for each set of names that may hold.
        destinations: What there is to call.
        at: When the prices were looked at, seconds since the epoch.
    """
    if policy.rates is not None:
        one = policy.rates
        fixed = _PricesOf(one.file, one.currency, one.sheet, one.unknown, moment=at)
        policy = replace(policy, rates=fixed)
    scopes = [*(rule.scope for rule in policy.rules), *(each.scope for each in policy.limits)]
    # What is new of a call, and what limit it is over, he may wait for: it may be anything.
    hows = list(product(addresses(policy, scopes), transports(scopes)))
    found: dict[object, list[Way]] = {}
    unpriced = None
    for caller, (names, moment), destination in product(some, moments.items(), destinations):
        number = destination.number
        for address, transport in hows:
            request = Request(caller.extension, number, moment, address, transport)
            # Of numbers and addresses, he takes those that nobody reports.
            for decision in every_decision(policy, request, KNOWS[thief]):
                if decision.verdict is not Verdict.ALLOW:
                    continue
                if decision.tariff is None:
                    unpriced = number
                elif decision.tariff.cost(decision.seconds):
                    way = Way(caller, names, number, decision, decision.tariff)
                    _keep(found.setdefault(_counted_as(way), []), way)
    return Ways([way for alike in found.values() for way in alike], unpriced)


def _counted_as(way: Way) -> object:
    """Return what is the same of ways that fall under the same limits at the same hours."""
    decision = way.decision
    return (
        way.caller,
        way.names,
        tuple(
            (each.limit, "" if each.per in (Per.NUMBER, Per.BLOCK) else each.key)
            for each in decision.claims
            if not each.shadow
        ),
        tuple(
            (each.limit, each.unit, "" if each.per in (Per.NUMBER, Per.BLOCK) else each.key)
            for each in decision.budgets
            if not each.shadow
        ),
    )


def _keep(alike: list[Way], way: Way) -> None:
    """Put a way among others, and take out those that it leaves nothing to."""
    if not any(_is_no_better(way, other) for other in alike):
        alike[:] = [other for other in alike if not _is_no_better(other, way)]
        alike.append(way)


def _is_no_better(way: Way, other: Way) -> bool:
    """Tell whether a thief gets no less from another way, in any amount of time.

    Where money is limited, small increments fill what dear ones leave: then only a longer call of
    the same price is better.
    """
    one, two = way.tariff, other.tariff
    if way.decision.seconds > other.decision.seconds:
        return False
    if any(each.unit is Unit.SPEND and not each.shadow for each in way.decision.budgets):
        return one == two
    return (
        one.first_s >= two.first_s
        and one.next_s >= two.next_s
        and one.first_cost <= two.first_cost
        and one.next_cost <= two.next_cost
    )


@dataclass(frozen=True, slots=True)
class _PricesOf(Rates):
    """Prices that stay those of one moment, whatever hours are looked at."""

    moment: float = 0.0

    def tariff(self, number: Number, at: float) -> Tariff | None:  # noqa: ARG002 - see the class
        """See `Rates`."""
        return Rates.tariff(self, number, self.moment)


# ----------------------------------------------------------------------------- who and where


def _caller(
    policy: Policy, class_name: str | None, patterns: Sequence[Pattern]
) -> Iterator[Caller]:
    """Find one extension of a class, if there is any, and count them."""
    few: set[str] = set()
    many, endless, example = 0, False, ""
    for pattern in patterns:
        each_position = positions(pattern)
        if each_position is None:
            stem = pattern.text.removeprefix("_").rstrip(".!")
            tries = [stem, *(f"{stem}{tail}" for tail in ("X", "XX", "XXX"))]
            some = [x for each in tries if each for x in extensions(Pattern(f"_{each}"))]
        elif (size := prod(map(len, each_position))) > EXTENSIONS_MAX:
            some = list(extensions(pattern))
            many += size
        else:
            some = list(extensions(pattern))
        of_class = [
            each for each in some if class_of(policy, each) == class_name and pattern.matches(each)
        ]
        example = example or next(iter(of_class), "")
        endless |= each_position is None
        few.update(of_class)
    if example:
        yield Caller(class_name, example, None if endless else max(many + len(few), 1))


def addresses(policy: Policy, scopes: Sequence[Scope]) -> list[IPv4Address | IPv6Address | None]:
    """Find an address for each set of networks that it may be in; None where that is no matter."""
    names = {each.name for scope in scopes for each in scope.networks}
    if not names:
        return [None]
    found: dict[frozenset[str] | None, IPv4Address | IPv6Address | None] = {}
    for name in sorted(names):
        for network in policy.networks.get(name, ()):  # `reported` is of none
            for address in (network.network_address, network.broadcast_address):
                found.setdefault(networks_of(policy, address), address)
    for text in _ANYWHERE:
        found.setdefault(networks_of(policy, ip_address(text)), ip_address(text))
    return list(found.values())


def transports(scopes: Sequence[Scope]) -> list[Transport | None]:
    """Return the transports that make a difference; None where none does."""
    return list(Transport) if any(scope.transports for scope in scopes) else [None]
