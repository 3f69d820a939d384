"""The most that a thief can spend, as a linear program: solved by HiGHS, bounded by its duals.

The calls of each shape need not be whole here, which can only be more. What is told is computed
from the dual solution, and what that lacks is added: by weak duality it is no less than the
optimum, however the solver rounds. Where choices have to be whole (`choices`) and are not, the
bound of its branches counts, with a margin. Needs `highspy` (the extra `dialguard[exposure]`).
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import highspy
import numpy as np

from fastagi.rating.tariff import MONEY_UNIT

if TYPE_CHECKING:
    from collections.abc import Sequence

    from fastagi.policy.exposure.rows import Row
    from fastagi.policy.exposure.slices import Shape
    from fastagi.policy.exposure.ways import Way


@dataclass(frozen=True, slots=True)
class Bound:
    """The most that can be spent, and by what.

    Attributes:
        money: Millionths, rounded up to hundredths of the unit; None where nothing bounds it.
        by: What most of it is spent on; None where nothing can be.
        limits: The names of those that hold it back, what holds back most first.
        plan: What would be called and how often, were a part of a call possible: how a thief may
            come near to it.
    """

    money: int | None
    by: Way | None
    limits: tuple[str, ...] = ()
    plan: tuple[tuple[Shape, float], ...] = field(default=(), repr=False, compare=False)


_HUNDREDTH: Final = MONEY_UNIT // 100
_LESS: Final = 0.5 * _HUNDREDTH**-1
"""Half of a millionth, in hundredths: what is spent is whole millionths, so that the bound may be
too small by less, and does not show a hundredth more for want of a float's last digit."""

_SMALL: Final = 1e-6
"""Of the whole; what a limit holds back that is less is none of what binds."""

SECONDS_MAX: Final = 1.0
"""For whole choices; what is not found by then is bounded all the same, only not as closely."""

_GAP: Final = 0.005
"""Between the best found and what is told, at which the solver may stop."""

_MARGIN: Final = 1e-5
"""Of the greatest; for what the solver rounds where no duals prove it."""

_Numbers = np.ndarray[tuple[int], np.dtype[np.float64]]


def solved(shapes: Sequence[Shape], rows: Sequence[Row], chosen: Sequence[int] = ()) -> Bound:
    """Return the most that calls of these shapes come to, within these rows.

    Args:
        shapes: What may be called; each is a variable.
        rows: What holds it back.
        chosen: The most of each further variable: they cost nothing, and are whole.
    """
    most = _most_alone(shapes, rows, chosen)
    alone = most[: len(shapes)]
    if any(calls == math.inf for calls in alone):
        free = [shape for shape, calls in zip(shapes, alone, strict=True) if calls == math.inf]
        return Bound(None, max(free, key=lambda shape: shape.cost).way)
    worth = np.array([shape.cost * calls for shape, calls in zip(shapes, alone, strict=True)])
    greatest = float(worth.max(initial=0.0))
    if not greatest:
        return Bound(0, None)
    # A variable is a part of what could be spent on its shape alone, a row a part of its limit:
    # the solver likes numbers that are near to one.
    worth = np.concatenate([worth / greatest, np.zeros(len(chosen))])
    units = np.array([*alone, *([1.0] * len(chosen))])
    upper = np.array([*([1.0] * len(shapes)), *map(float, chosen)])
    program = _Program(worth, upper, rows, units, len(shapes))
    parts, duals = program.relaxed()
    total = program.no_less(duals)
    picked = parts[len(shapes) :]
    if (np.abs(picked - np.round(picked)) > _SMALL).any():
        total = min(total, program.whole())
    return Bound(
        math.ceil(total * greatest / _HUNDREDTH - _LESS) * _HUNDREDTH,
        _spent_on(shapes, worth[: len(shapes)], parts[: len(shapes)], total),
        _holding_back(rows, program.held_back(parts, duals), total),
        tuple(
            (shape, float(calls))
            for shape, calls in zip(shapes, parts[: len(shapes)] * alone, strict=True)
            if calls > _SMALL
        ),
    )


def _most_alone(
    shapes: Sequence[Shape], rows: Sequence[Row], chosen: Sequence[int]
) -> list[float]:
    """Return how many calls of each shape there may be if there are no others."""
    found = [math.inf] * len(shapes) + [float(each) for each in chosen]
    for row in rows:
        most = row.most - sum(
            use * chosen[place - len(shapes)] for place, use in row.uses.items() if use < 0
        )
        for place, use in row.uses.items():
            if use > 0:
                found[place] = min(found[place], most / use)
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


def _holding_back(rows: Sequence[Row], parts: _Numbers, total: float) -> tuple[str, ...]:
    """Return the limits without which more could be spent, what holds back most first."""
    sums: dict[str, float] = {}
    for row, part in zip(rows, parts, strict=True):
        sums[row.limit] = sums.get(row.limit, 0.0) + float(part)
    binding = [name for name, part in sums.items() if part > _SMALL * total]
    return tuple(sorted(binding, key=lambda name: -sums[name]))


class _Program:
    """Find the most of `worth`, where no variable is above `upper`, within all rows.

    Attributes:
        units: What a variable that is one stands for.
        whole_from: The place of the first variable that is whole.
    """

    def __init__(
        self,
        worth: _Numbers,
        upper: _Numbers,
        rows: Sequence[Row],
        units: _Numbers,
        whole_from: int,
    ) -> None:
        self._worth, self._upper, self._whole_from = worth, upper, whole_from
        self._starts = np.cumsum([0, *(len(row.uses) for row in rows)])
        self._rows = np.repeat(np.arange(len(rows)), [len(row.uses) for row in rows])
        self._places = np.array([place for row in rows for place in row.uses], dtype=np.int64)
        uses = np.array([use for row in rows for use in row.uses.values()], dtype=np.float64)
        uses *= units[self._places]
        # A row is a part of its limit; of those that only choices give anything, of a choice's.
        scale = np.array([row.most or -min(row.uses.values(), default=-1) or 1 for row in rows])
        self._uses = uses / scale[self._rows]
        self._ends = np.array([1.0 if row.most else 0.0 for row in rows])

    def relaxed(self) -> tuple[_Numbers, _Numbers]:
        """Return the best part of each variable, whole or not, and what each row is worth."""
        solver = self._solved(whole=False)
        solution = solver.getSolution()
        return np.array(solution.col_value), np.maximum(np.array(solution.row_dual), 0)

    def no_less(self, duals: _Numbers) -> float:
        """Return what the best is no more than, by weak duality, whatever the duals are."""
        spent = self._uses * duals[self._rows]
        lacking = self._worth - np.bincount(self._places, spent, len(self._worth))
        return float(duals @ self._ends + np.maximum(lacking, 0) @ self._upper)

    def whole(self) -> float:
        """Return the same where choices are whole; infinite where nothing is known in time."""
        bound = float(self._solved(whole=True).getInfo().mip_dual_bound)
        return bound * (1 + _MARGIN) + _MARGIN if math.isfinite(bound) and bound >= 0 else math.inf

    def held_back(self, parts: _Numbers, duals: _Numbers) -> _Numbers:
        """Return how much of the best each row holds back."""
        used = np.maximum(self._uses, 0) * parts[self._places]
        return duals * np.bincount(self._rows, used, len(duals))

    def _solved(self, *, whole: bool) -> _Quiet:
        program = highspy.HighsLp()
        program.num_col_, program.num_row_ = len(self._worth), len(self._ends)
        program.sense_ = highspy.ObjSense.kMaximize
        program.col_cost_ = self._worth
        program.col_lower_ = np.zeros(len(self._worth))
        upper = self._upper.copy()
        upper[: self._whole_from] = highspy.kHighsInf  # rows say it, and are to be named
        program.col_upper_ = upper
        program.row_lower_ = np.full(len(self._ends), -highspy.kHighsInf)
        program.row_upper_ = self._ends
        program.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
        program.a_matrix_.start_ = self._starts
        program.a_matrix_.index_ = self._places
        program.a_matrix_.value_ = self._uses
        solver = _Quiet()
        if whole:
            further = len(self._worth) - self._whole_from
            program.integrality_ = [
                *([highspy.HighsVarType.kContinuous] * self._whole_from),
                *([highspy.HighsVarType.kInteger] * further),
            ]
            solver.setOptionValue("time_limit", SECONDS_MAX)
            solver.setOptionValue("mip_rel_gap", _GAP)
        solver.passModel(program)
        solver.run()
        return solver


class _Quiet(highspy.Highs):
    """The solver without a word: switching its callbacks on prints a banner (highspy 1.16)."""

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]  # it has no annotations
        self.silent()

    def enableCallbacks(self) -> None:
        """Leave them off; nobody listens."""
