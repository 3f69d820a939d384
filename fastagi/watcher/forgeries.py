"""What somebody forged, told in the service's log: an attack, which must not fill it."""

from __future__ import annotations

import math
import time
from typing import Final

import structlog

log = structlog.get_logger(__name__)

TELL_EVERY_S: Final = 1.0


class Forgeries:
    """Those that one link brought.

    Attributes:
        count: How many there were.
    """

    def __init__(self, node: str) -> None:
        self.count = 0
        self._node = node
        self._told_at = -math.inf
        self._untold = 0

    def found(self, what: str) -> None:
        """Take one in, and tell of it, of one a second at most."""
        self.count += 1
        now = time.monotonic()
        if now < self._told_at + TELL_EVERY_S:
            self._untold += 1
            return
        log.error("ami-forged", node=self._node, what=what, untold=self._untold)
        self._told_at, self._untold = now, 0
