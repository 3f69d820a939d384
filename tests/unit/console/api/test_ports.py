"""What the API needs of the world."""

from __future__ import annotations

from typing import cast

from fastagi.call.ports import Ports
from fastagi.console.api.ports import ApiPorts
from fastagi.console.ports import Whereabouts


def test_a_token_has_a_call_centres_requests() -> None:
    """A shift of fifty begins at one moment."""
    ports = ApiPorts(cast("Ports", None), cast("Whereabouts", None))
    assert (ports.per_s, ports.burst) == (10.0, 50)
    assert ports.strangers_burst == ports.burst  # none of them is known yet
