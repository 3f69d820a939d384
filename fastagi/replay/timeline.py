"""Money over the time of an attack, however long that is, in as many points as can be drawn."""

from __future__ import annotations

from typing import Final

STEP_S: Final = 10.0
"""Where it begins; the step doubles whenever there would be too many."""

POINTS: Final = 240


class Timeline:
    """What an attack cost as it was, and what it would have cost still, added up by steps.

    Args:
        at: When it begins, in seconds since the epoch. What was before counts as of then.
    """

    __slots__ = ("_at", "_cells", "_step_s")

    def __init__(self, at: float) -> None:
        self._at = at
        self._step_s = STEP_S
        self._cells: dict[int, tuple[int, int]] = {}

    def add(self, at: float, was: int, still: int) -> None:
        """Add a call's money, in millionths."""
        cell = max(0, int((at - self._at) // self._step_s))
        while cell >= POINTS:
            self._double()
            cell //= 2
        before = self._cells.get(cell, (0, 0))
        self._cells[cell] = before[0] + was, before[1] + still

    def points(self) -> list[tuple[float, int, int]]:
        """Return when, and both amounts up to then."""
        was = still = 0
        told = []
        for cell in sorted(self._cells):
            was += self._cells[cell][0]
            still += self._cells[cell][1]
            told.append((self._at + (cell + 1) * self._step_s, was, still))
        return told

    def _double(self) -> None:
        self._step_s *= 2
        cells: dict[int, tuple[int, int]] = {}
        for cell, (was, still) in self._cells.items():
            before = cells.get(cell // 2, (0, 0))
            cells[cell // 2] = before[0] + was, before[1] + still
        self._cells = cells
