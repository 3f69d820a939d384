"""What the API needs of the world, as the daemon hands it over."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from fastagi.call.sign_in import Phone

if TYPE_CHECKING:
    from collections.abc import Sequence

    from fastagi.call.ports import Ports
    from fastagi.console import ports


class Whereabouts(Protocol):
    """Where phones are registered, as Asterisk has it at this moment."""

    async def phones(self, site: str, extension: str) -> Sequence[Phone]:
        """Return every place that an endpoint is registered at; none where it is not.

        Raises:
            LinkError: Asterisk cannot be asked, or does not answer.
        """
        ...


@dataclass(frozen=True, slots=True)
class OnePlace:
    """Whereabouts by a port that knows of one place or of none, and does not say why of none."""

    known: ports.Whereabouts

    async def phones(self, site: str, extension: str) -> Sequence[Phone]:
        """Return the one place, if there is one."""
        origin = await self.known(site, extension)
        return () if origin is None else (Phone(extension, origin, ""),)


@dataclass(frozen=True, slots=True)
class ApiPorts:
    """All of it.

    Attributes:
        gate: The ports that sign-ins are opened and ended with.
        per_s: Requests a second that a token has.
        burst: Requests that it may have at once.
    """

    gate: Ports
    whereabouts: Whereabouts
    per_s: float = 10.0
    burst: int = 50
