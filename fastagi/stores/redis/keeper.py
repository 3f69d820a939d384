"""Whoever keeps a site: whether it is there, and what its clock says.

One server keeps all sites, or each master of a Cluster some of them: what is known of one says
nothing of another.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import structlog

if TYPE_CHECKING:
    from fastagi.stores.redis.breaker import Breaker

DIFFER_S: Final = 1.0
"""Clocks that differ by less count as one."""

JUMP_S: Final = 5.0
"""A clock that moves against ours by so much at once is worth a word."""

log = structlog.get_logger(__name__)


@dataclass(slots=True)
class Keeper:
    """One of them, as a gate sees it.

    Attributes:
        breaker: Whether it is away.
    """

    breaker: Breaker
    _offset_s: float | None = None

    @property
    def shift_s(self) -> float:
        """How many seconds its clock is ahead of ours, as far as that counts.

        Every answer tells its time. Where gates' clocks differ from it, it is the judge: moments
        are shifted by this on their way in, and back on their way out.
        """
        offset_s = self._offset_s or 0.0
        return offset_s if abs(offset_s) >= DIFFER_S else 0.0

    def time_at(self, ours: float) -> float | None:
        """Return what its clock says at a moment of ours; None where it has not told yet."""
        return None if self._offset_s is None else ours + self._offset_s

    def learn(self, site: str, offset_s: float) -> None:
        """Take in what its clock said."""
        if self._offset_s is not None and abs(offset_s - self._offset_s) >= JUMP_S:
            by_s = round(offset_s - self._offset_s, 1)
            log.error("store-clock-jumped", site=site, by_s=by_s)
        self._offset_s = offset_s
