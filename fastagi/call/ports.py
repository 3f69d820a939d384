"""What the story needs of the world, as small doors; the daemon gives the real ones."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Protocol, TypeVar

from fastagi.errors import StoreError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from ipaddress import IPv4Address, IPv6Address

    from fastagi.call.identify import Caller
    from fastagi.call.stopgap import Stopgap
    from fastagi.decision_log.record import Record
    from fastagi.numbering.number import Number
    from fastagi.policy.model import Facts, Policy, Request
    from fastagi.second_factor.vault import Vault
    from fastagi.signs.sighting import Sighting
    from fastagi.stores.store import Lease, Store

Found = TypeVar("Found")

STORE_PATIENCE_S: Final = 0.5
"""How long a caller waits for one answer of the store before it counts as down."""

LISTING_PATIENCE_S: Final = 10.0
"""How long a list of all leases or lockouts may take: tens of thousands come in many steps."""


class Policies(Protocol):
    """The policies in force, by site."""

    def of(self, site: str) -> Policy | None:
        """Return the site's policy; of an empty name, the only one there is."""
        ...


class HashPool(Protocol):
    """Threads for PIN checks, bounded so that guessing starves neither calls nor other sites."""

    async def run(self, check: Callable[[], Found], site: str) -> Found:
        """Run a check of a site in a thread; raises `BusyError` when too many are waiting."""
        ...


class Decisions(Protocol):
    """Where decisions go on record."""

    def record(self, record: Record) -> None:
        """Take a record, at once; never waits, never raises."""
        ...


@dataclass(frozen=True, slots=True)
class Reports:
    """What others report of a call, as far as is known at that moment."""

    number: bool = False
    address: bool = False


class Lookups(Protocol):
    """Where it is known what numbers and addresses others report."""

    def known(
        self,
        policy: Policy,
        extension: str,
        number: Number,
        address: IPv4Address | IPv6Address | None,
    ) -> Reports:
        """Return what is known, at once; never waits, never raises."""
        ...


class NoLookups:
    """A `Lookups` where nobody is asked, and nothing known."""

    def known(
        self,
        policy: Policy,  # noqa: ARG002 - as of the others, which ask
        extension: str,  # noqa: ARG002 - likewise
        number: Number,  # noqa: ARG002 - likewise
        address: IPv4Address | IPv6Address | None,  # noqa: ARG002 - likewise
    ) -> Reports:
        """Return that nothing is."""
        return Reports()


class Sightings(Protocol):
    """Where it is told what was seen of somebody who may be an attacker."""

    def see(self, sighting: Sighting) -> None:
        """Take it, at once; never waits, never raises."""
        ...


class NoSightings:
    """Where nobody is on the lookout."""

    def see(self, sighting: Sighting) -> None:
        """Forget it."""


class Lived(Protocol):
    """What is known of a call that has its answer: of `ending.Story`, what shadows go by."""

    call: str
    claimed_extension: str
    claimed_number: str
    reference: str
    began: float
    caller: Caller | None
    number: Number | None
    request: Request | None
    known: Facts | None
    override: str
    taken: Lease | None
    lease: Lease | None


class Shadows(Protocol):
    """Where it is seen what a policy in shadow would have done."""

    def judged(self, story: Lived, record: Record) -> None:
        """Take a call that has its answer, and what went on record; never waits, never raises."""
        ...


class NoShadows:
    """Where no policy is in shadow."""

    def judged(self, story: Lived, record: Record) -> None:
        """Forget it."""


class Clock(Protocol):
    """The wall clock."""

    def __call__(self) -> float:
        """Return the seconds since the epoch, UTC."""
        ...


class Slices(Protocol):
    """Whether somebody sees to it that calls go on which are paid for slice by slice."""

    def seconds(self, node: str) -> int:
        """Return how long a slice is for calls of an Asterisk; 0 where all is reserved at once."""
        ...


class NoSlices:
    """Where nobody does."""

    def seconds(self, node: str) -> int:  # noqa: ARG002 - of any node
        """Return 0."""
        return 0


@dataclass(frozen=True, slots=True)
class Ports:
    """All of them, as the daemon hands them to the gate.

    Attributes:
        local: Where calls hold slots while the store is away; None lets none through then.
        slices: For how long budgets are reserved at a time.
        lookups: Who knows what is reported.
        sightings: Who is told of wrong codes, and of traps that were touched.
        shadows: Who judges calls by policies in shadow, once they have their answer.
    """

    policies: Policies
    store: Store
    vault: Vault
    hash_pool: HashPool
    decisions: Decisions
    now: Clock
    local: Stopgap | None = None
    slices: Slices = field(default_factory=NoSlices)
    lookups: Lookups = field(default_factory=NoLookups)
    sightings: Sightings = field(default_factory=NoSightings)
    shadows: Shadows = field(default_factory=NoShadows)


async def soon(answer: Awaitable[Found], within_s: float | None = None) -> Found:
    """Await an answer of the store, but not for ever.

    Args:
        answer: What was asked.
        within_s: How long, `STORE_PATIENCE_S` where nothing is said; `LISTING_PATIENCE_S` for all
            that there is, which no caller waits for.

    Raises:
        StoreError: The store failed, or did not answer in time. What was asked may still be done
            later.
    """
    patience_s = STORE_PATIENCE_S if within_s is None else within_s
    try:
        async with asyncio.timeout(patience_s):
            return await answer
    except TimeoutError as error:
        raise StoreError(f"the store did not answer within {patience_s} s") from error
