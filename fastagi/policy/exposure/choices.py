"""How many different numbers, or countries, may be called: each that is chosen is one of them.

The program's other variables: how often a kind of number, or a country, is among the `numbers` or
`countries` that a limit counts within its time. They are whole, together no more than the limit
says, and what is called of a kind is no more than so many of it leave.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from fastagi.policy.exposure.rows import DIFFERENT, Counted, Row, some_of, whole
from fastagi.policy.model import Per, Unit

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from fastagi.policy.exposure.rows import Columns


@dataclass(frozen=True, slots=True)
class Choice:
    """How often one kind is chosen: a whole number, up to `most`."""

    most: int


@dataclass(frozen=True, slots=True)
class Choices:
    """All of them, their places after those of the shapes, and the rows that they are in."""

    each: Sequence[Choice]
    rows: Sequence[Row]


def choices(counted: Sequence[Counted], columns: Columns, span_s: int) -> Choices:
    """Write down what limits on different numbers and countries leave of a span."""
    found: list[Choice] = []
    rows: list[Row] = []
    for distinct in counted:
        if distinct.unit in DIFFERENT:
            for part, often in _parts(distinct, columns, span_s):
                most = distinct.most * distinct.keys * often
                kinds = _kinds(distinct, part, columns)
                first = len(columns.shapes) + len(found)
                found += [Choice(most)] * len(kinds)
                rows.append(
                    Row(distinct.limit, {first + at: 1.0 for at in range(len(kinds))}, most)
                )
                for at, kind in enumerate(kinds):
                    for other in counted:
                        rows += _leaves(distinct, kind, other, columns, span_s, first + at)
    return Choices(found, rows)


def _parts(distinct: Counted, columns: Columns, span_s: int) -> Iterator[tuple[list[int], int]]:
    """Split what a limit counts by the times in which it does, and say how many each may be."""
    shapes, within_s = columns.shapes, distinct.within_s
    if any(
        shapes[place].since // within_s != (shapes[place].until - 1) // within_s
        for place in distinct.places
    ):
        yield distinct.places, -(-span_s // within_s)  # not cut there: there were too many
        return
    parts: dict[int, list[int]] = {}
    for place in distinct.places:
        parts.setdefault(shapes[place].since // within_s, []).append(place)
    yield from ((part, 1) for part in parts.values())


def _kinds(distinct: Counted, part: Sequence[int], columns: Columns) -> list[list[int]]:
    found: dict[str, list[int]] = {}
    for place in part:
        number = columns.shapes[place].way.number
        kind = number.country if distinct.unit is Unit.COUNTRIES else number.number
        found.setdefault(kind, []).append(place)
    return list(found.values())


def _leaves(
    distinct: Counted,
    kind: Sequence[int],
    other: Counted,
    columns: Columns,
    span_s: int,
    choice: int,
) -> Iterator[Row]:
    """Write down what a limit leaves to calls of one kind, each time that it is chosen."""
    if other.unit in DIFFERENT or (other.per is Per.NUMBER and distinct.unit is Unit.COUNTRIES):
        return
    among = set(other.places)
    some = [place for place in kind if place in among]
    if not some:
        return
    apart = other.per is Per.NUMBER or other.per is distinct.per is Per.EXTENSION
    there = whole(other, some, columns) * (1 if apart else other.keys)
    places = np.array(some)
    # The calls of one choice begin within its time, and the last ones outlast it.
    length_s = min(span_s, distinct.within_s)
    if other.unit is None:
        seconds = columns.seconds[places]
        for longest_s in some_of(seconds):
            fits = seconds <= longest_s
            uses = dict(zip(places[fits].tolist(), seconds[fits].tolist(), strict=True))
            most = there * min(length_s + longest_s - 1, span_s)
            yield Row(other.limit, {**uses, choice: -most}, 0)
    else:
        uses = dict(zip(some, columns.weights(other, places).tolist(), strict=True))
        most = float(there * -(-length_s // other.within_s))
        yield Row(other.limit, {**uses, choice: -most}, 0)
