"""What the page of a replay draws: SVG without a script or a style of its own.

Calls over days are drawn as `attacks.plots` draws them. Beside each plot stand its numbers.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

from fastagi.attacks.plots import WIDTH, Plot, draw
from fastagi.replay.judged import Effect
from fastagi.replay.text import money

if TYPE_CHECKING:
    from collections.abc import Sequence

    from fastagi.replay.report import Attack, Named, Ranked, Report, Sums

BARS: Final = 190
"""Bars of a plot over days, at most; of more days, several go into one."""

WEEKDAYS: Final = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
HOURS: Final = 24
CELL: Final = 26
LEFT: Final = 44
SHADES: Final = 5
"""Shades of a cell that is not empty."""

CURVE_HEIGHT: Final = 180
CURVE_TICKS: Final = 4
BAR_WIDTH: Final = 100.0


def over_days(report: Report) -> Plot:
    """Draw calls over days, by what would have come of them."""
    days = report.parts.days
    each = max(1, -(-len(days) // BARS))
    groups = [days[start : start + each] for start in range(0, len(days), each)]
    counts = [
        (str(Effect.SAME), [sum(day.sums.same for day in group) for group in groups]),
        (str(Effect.STEPPED_UP), [sum(day.sums.stepped_up for day in group) for group in groups]),
        (str(Effect.CUT), [sum(day.sums.cut for day in group) for group in groups]),
        (str(Effect.REFUSED), [sum(day.sums.refused for day in group) for group in groups]),
    ]
    title = "calls by day" if each == 1 else f"calls by {each} days"
    return draw(title, [group[0].name for group in groups], counts)


# ----------------------------------------------------------------------------- the week


@dataclass(frozen=True, slots=True)
class Cell:
    """An hour of the week.

    Attributes:
        shade: 0 of none, then 1 to `SHADES`.
        label: In words.
    """

    x: int
    y: int
    shade: int
    label: str


@dataclass(frozen=True, slots=True)
class Week:
    """Refusals by the hour of the week."""

    cells: Sequence[Cell]
    label: str
    rows: Sequence[tuple[int, str]]
    columns: Sequence[tuple[int, str]]
    size: int = CELL
    width: int = LEFT + HOURS * CELL
    height: int = 8 * CELL


def week(counts: Sequence[Sequence[int]]) -> Week:
    """Draw counts by weekday, Monday first, and hour."""
    most = max(max(row) for row in counts)
    cells, peak = [], ""
    for day, row in enumerate(counts):
        for hour, count in enumerate(row):
            name = f"{WEEKDAYS[day]} {hour:02}–{(hour + 1) % 24 or 24:02}"
            peak = name if count == most and not peak else peak
            shade = -(-count * SHADES // most) if most else 0
            cells.append(Cell(LEFT + hour * CELL, day * CELL, shade, f"{name}: {count} refused"))
    total = sum(map(sum, counts))
    label = f"{total} refused by the hour of the week"
    label += f"; most on {peak}, {most}" if most else ""
    return Week(
        cells,
        label,
        [(day * CELL + CELL * 2 // 3, name) for day, name in enumerate(WEEKDAYS)],
        [(LEFT + hour * CELL, f"{hour:02}") for hour in range(0, HOURS, 3)],
    )


# ----------------------------------------------------------------------------- bars in tables


@dataclass(frozen=True, slots=True)
class Row:
    """A name with its sums, and a bar of what was changed: (kind, x, width), of 100."""

    name: str
    sums: Sums
    bar: Sequence[tuple[str, float, float]]


def bars(ranked: Ranked) -> list[Row]:
    """Draw what was changed of the calls of each name, beside the name of which most was."""
    shown = [each for each in ranked.names if each.sums.changed]
    most = max((each.sums.changed for each in shown), default=1)
    return [_row(each, most) for each in shown]


def _row(each: Named, most: int) -> Row:
    x, bar = 0.0, []
    sums = each.sums
    for effect, count in (
        (Effect.REFUSED, sums.refused),
        (Effect.CUT, sums.cut),
        (Effect.STEPPED_UP, sums.stepped_up),
    ):
        width = count * BAR_WIDTH / most
        if count:
            bar.append((str(effect), round(x, 2), round(max(0.5, width), 2)))
        x += width
    return Row(each.name, sums, bar)


# ----------------------------------------------------------------------------- money


@dataclass(frozen=True, slots=True)
class Curve:
    """An attack's money over its time, as it was and with the policy.

    Attributes:
        was: Points of a line: `x,y x,y`.
        still: Likewise.
        most: What the height stands for, in words.
        ticks: Where, and what stands there.
        table: When, and both amounts, in words.
    """

    label: str
    was: str
    still: str
    most: str
    ticks: Sequence[tuple[float, str]]
    table: Sequence[tuple[str, str, str]]
    width: int = WIDTH
    height: int = CURVE_HEIGHT


def curve(report: Report, attack: Attack) -> Curve:
    """Draw an attack's money."""
    zone, currency = ZoneInfo(report.timezone), report.currency
    points = [(attack.first, 0, 0), *attack.money]
    begin, end = points[0][0], points[-1][0]
    most = max(1, *(max(was, still) for _, was, still in points))
    span = max(1.0, end - begin)

    def line(values: Sequence[int]) -> str:
        told, before = [], CURVE_HEIGHT * 1.0
        for (at, _, _), value in zip(points, values, strict=True):
            x = round((at - begin) * WIDTH / span, 1)
            y = round(CURVE_HEIGHT * (1 - value / most), 1)
            told += [f"{x},{before}", f"{x},{y}"]
            before = y
        return " ".join(told)

    def clock(at: float) -> str:
        form = "%a %H:%M" if span > HOURS * 3600 / 2 else "%H:%M:%S"
        return datetime.fromtimestamp(at, UTC).astimezone(zone).strftime(form)

    step = max(1, -(-len(points) // 24))
    table = [*points[::step], *([points[-1]] if (len(points) - 1) % step else [])]
    return Curve(
        f"What the attack cost over its time: {money(attack.was, currency)} as it was, "
        f"{money(attack.out, currency)} with the policy",
        line([was for _, was, _ in points]),
        line([still for _, _, still in points]),
        money(most, currency),
        [
            (round(WIDTH * place / CURVE_TICKS, 1), clock(begin + span * place / CURVE_TICKS))
            for place in range(CURVE_TICKS)
        ],
        [(clock(at), money(was, currency), money(still, currency)) for at, was, still in table],
    )
