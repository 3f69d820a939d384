"""What the API needs of the world."""

from __future__ import annotations

from typing import cast

from fastagi.call.ports import Ports
from fastagi.call.sign_in import Phone
from fastagi.console.api.ports import ApiPorts, OnePlace, Whereabouts
from tests.unit.console.world import DESK, Phones


def test_a_token_has_a_call_centres_requests() -> None:
    """A shift of fifty begins at one moment."""
    ports = ApiPorts(cast("Ports", None), cast("Whereabouts", None))
    assert (ports.per_s, ports.burst) == (10.0, 50)


async def test_one_place_or_none() -> None:
    """As the pages know it."""
    whereabouts = OnePlace(Phones({("office", "101"): DESK}))
    assert list(await whereabouts.phones("office", "101")) == [Phone("101", DESK, "")]
    assert list(await whereabouts.phones("office", "102")) == []
