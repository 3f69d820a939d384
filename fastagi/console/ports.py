"""What the web needs of the world; the daemon gives it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from fastagi.call.ports import NoSightings
from fastagi.call.ports import Ports as CallPorts

if TYPE_CHECKING:
    from collections.abc import Sequence

    from fastagi.call.ports import Clock, Decisions, HashPool, Sightings
    from fastagi.call.sign_in import Phone
    from fastagi.policy.model import Policy
    from fastagi.second_factor.vault import Vault
    from fastagi.stores.store import Store


class PoliciesOfAll(Protocol):
    """The policies in force."""

    def of(self, site: str) -> Policy | None:
        """Return the site's policy; of an empty name, the only one there is."""
        ...

    def all(self) -> Sequence[Policy]:
        """Return every site's."""
        ...


class Whereabouts(Protocol):
    """Where phones are registered, as Asterisk has it at this moment."""

    async def phones(self, site: str, extension: str) -> Sequence[Phone]:
        """Return every place that an endpoint is registered at; none where it is not.

        Raises:
            LinkError: Asterisk cannot be asked, or does not answer.
        """
        ...

    async def take_off(self, site: str, extension: str) -> bool:
        """Take what is registered for an endpoint off Asterisk, whose password the site hands out.

        Returns:
            Whether there is such an endpoint.

        Raises:
            LinkError: Asterisk cannot be asked, or does not do it.
        """
        ...


@dataclass(frozen=True, slots=True)
class Ports:
    """All of them, as the daemon hands them to the web.

    Attributes:
        hash_pool: A pool of its own: guesses by the web do not keep callers waiting.
        now: The clock of the leases.
        unused_s: How long a password that is handed out waits for its phone; 0 where none is.
        sightings: Who is told of wrong codes, passwords and tokens.
    """

    policies: PoliciesOfAll
    store: Store
    vault: Vault
    hash_pool: HashPool
    decisions: Decisions
    now: Clock
    whereabouts: Whereabouts
    unused_s: int = 0
    sightings: Sightings = field(default_factory=NoSightings)

    @property
    def call(self) -> CallPorts:
        """What guesses and sign-ins need, which are the same by whatever way they come."""
        return CallPorts(
            self.policies,
            self.store,
            self.vault,
            self.hash_pool,
            self.decisions,
            self.now,
            sightings=self.sightings,
        )
