"""What the API needs of the world, as the daemon hands it over."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from fastagi.call.ports import Ports
    from fastagi.console.past_decisions import PastDecisions
    from fastagi.console.ports import Whereabouts


@dataclass(frozen=True, slots=True)
class ApiPorts:
    """All of it.

    Attributes:
        gate: The ports that sign-ins are opened and ended with.
        per_s: Requests a second that a token has.
        burst: Requests that it may have at once.
        strangers_per_s: The same of an address, while it shows no token that is in force.
        strangers_burst: As many as a token's, as it begins by being unknown.
        unused_s: How long a password that is handed out waits for its phone; 0 where none is.
        record: Where decisions of the past are found; None where none can be.
    """

    gate: Ports
    whereabouts: Whereabouts
    per_s: float = 10.0
    burst: int = 50
    strangers_per_s: float = 1.0
    strangers_burst: int = 50
    unused_s: int = 0
    record: PastDecisions | None = None
