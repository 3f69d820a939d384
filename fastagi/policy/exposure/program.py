"""The most that a thief can spend, as a linear program: solved by HiGHS, bounded by its duals.

The calls of each shape need not be whole here, which can only be more. What is told is computed
from the dual solution, and what that lacks is added: by weak duality it is no less than the
optimum, however the solver rounds. Needs `highspy` (the extra `dialguard[exposure]`).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import highspy
import numpy as np

from fastagi.rating.tariff import MONEY_UNIT

if TYPE_CHECKING:
    from collections.abc import Sequence

    from fastagi.policy.exposure.rows import Row, Shape
    from fastagi.policy.exposure.ways import Way


@dataclass(frozen=True, slots=True)
class Bound:
    """The most that can be spent, and by what.

    Attributes:
        money: Millionths, rounded up to hundredths of the unit; None where nothing bounds it.
        by: What most of it is spent on; None where nothing can be.
        limits: The names of those that hold it back, what holds back most first.
    """

    money: int | None
    by: Way | None
    limits: tuple[str, ...] = ()


_HUNDREDTH: Final = MONEY_UNIT // 100
_LESS: Final = 0.5 * _HUNDREDTH**-1
"""Half of a millionth, in hundredths: what is spent is whole millionths, so that the bound may be
too small by less, and does not show a hundredth more for want of a float's last digit."""

_SMALL: Final = 1e-6
"""Of the whole; what a limit holds back that is less is none of what binds."""

_Numbers = np.ndarray[tuple[int], np.dtype[np.float64]]


def solved(shapes: Sequence[Shape], rows: Sequence[Row]) -> Bound:
    """Return the most that calls of these shapes come to, within these rows."""
    alone = _most_alone(shapes, rows)
    if any(calls == math.inf for calls in alone):
        free = [shape for shape, calls in zip(shapes, alone, strict=True) if calls == math.inf]
        return Bound(None, max(free, key=lambda shape: shape.cost).way)
    worth = np.array([shape.cost * calls for shape, calls in zip(shapes, alone, strict=True)])
    greatest = float(worth.max(initial=0.0))
    if not greatest:
        return Bound(0, None)
    # A variable is a part of what could be spent on its shape alone, a row a part of its limit:
    # the solver likes numbers that are near to one.
    worth /= greatest
    some = [row for row in rows if row.most]
    scaled = [
        {place: use * alone[place] / row.most for place, use in row.uses.items()} for row in some
    ]
    parts, duals = _solve(worth, scaled)
    lacking = worth.copy()
    for dual, row in zip(duals, scaled, strict=True):
        for place, use in row.items():
            lacking[place] -= dual * use
    total = float(duals.sum() + np.maximum(lacking, 0).sum())  # no part is more than one
    return Bound(
        math.ceil(total * greatest / _HUNDREDTH - _LESS) * _HUNDREDTH,
        _spent_on(shapes, worth, parts, total),
        _holding_back(some, duals, total),
    )


def _most_alone(shapes: Sequence[Shape], rows: Sequence[Row]) -> list[float]:
    """Return how many calls of each shape there may be if there are no others."""
    found = [math.inf] * len(shapes)
    for row in rows:
        for place, use in row.uses.items():
            found[place] = min(found[place], row.most / use)
    return found


def _spent_on(shapes: Sequence[Shape], worth: _Numbers, parts: _Numbers, total: float) -> Way:
    """Return what does it alone, and soonest; or what most is spent on."""
    alone = [
        shape for shape, most in zip(shapes, worth, strict=True) if most >= total * (1 - _SMALL)
    ]
    if alone:
        return max(alone, key=lambda shape: shape.cost / shape.seconds).way
    sums: dict[int, float] = {}
    for shape, spent in zip(shapes, worth * parts, strict=True):
        sums[id(shape.way)] = sums.get(id(shape.way), 0.0) + float(spent)
    return max((shape.way for shape in shapes), key=lambda way: sums[id(way)])


def _holding_back(rows: Sequence[Row], duals: _Numbers, total: float) -> tuple[str, ...]:
    """Return the limits without which more could be spent, what holds back most first."""
    sums: dict[str, float] = {}
    for row, dual in zip(rows, duals, strict=True):
        sums[row.limit] = sums.get(row.limit, 0.0) + float(dual)
    binding = [name for name, part in sums.items() if part > _SMALL * total]
    return tuple(sorted(binding, key=lambda name: -sums[name]))


def _solve(worth: _Numbers, rows: Sequence[dict[int, float]]) -> tuple[_Numbers, _Numbers]:
    """Return the best part of each variable, and what each row would be worth."""
    program = highspy.HighsLp()
    program.num_col_, program.num_row_ = len(worth), len(rows)
    program.sense_ = highspy.ObjSense.kMaximize
    program.col_cost_ = worth
    program.col_lower_ = np.zeros(len(worth))
    program.col_upper_ = np.full(len(worth), highspy.kHighsInf)
    program.row_lower_ = np.full(len(rows), -highspy.kHighsInf)
    program.row_upper_ = np.ones(len(rows))
    program.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
    program.a_matrix_.start_ = np.cumsum([0, *map(len, rows)])
    program.a_matrix_.index_ = np.array([place for row in rows for place in row])
    program.a_matrix_.value_ = np.array([use for row in rows for use in row.values()])
    solver = _Quiet()
    solver.passModel(program)
    solver.run()
    solution = solver.getSolution()
    return np.array(solution.col_value), np.maximum(np.array(solution.row_dual), 0)


class _Quiet(highspy.Highs):
    """The solver without a word: switching its callbacks on prints a banner (highspy 1.16)."""

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]  # it has no annotations
        self.silent()

    def enableCallbacks(self) -> None:
        """Leave them off; nobody listens."""
