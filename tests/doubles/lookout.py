"""Somebody on the lookout who remembers what they are told of."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from fastagi.signs.sighting import Sighting


class Lookout:
    """A `fastagi.call.ports.Sightings`.

    Attributes:
        seen: Everything, in order.
    """

    def __init__(self) -> None:
        """Begin with nothing."""
        self.seen: list[Sighting] = []

    def see(self, sighting: Sighting) -> None:
        """Remember it."""
        self.seen.append(sighting)
