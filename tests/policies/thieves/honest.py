"""Weeks of an office that nobody robs: ten desks, a lobby, ten thousand calls in four of them."""

from __future__ import annotations

import random
from datetime import date, datetime, time
from typing import TYPE_CHECKING, Final

from tests.policies.thieves.attacks import DAY_S, HOUR_S, LONDON, MINUTE_S, Attack, Call

if TYPE_CHECKING:
    from collections.abc import Iterator

FIRST_DAY: Final = date(2026, 1, 5)
WORKING_DAYS: Final = 5
CALLS_A_WEEK: Final = 2_500
"""The last of Friday's may be left out."""

CALLS_A_DAY: Final = {
    "108": 150,  # sells, on the telephone all day
    **dict.fromkeys(("100", "101", "102", "103", "104", "105", "106", "107", "109"), 36),
    **dict.fromkeys(("201", "202"), 13),  # the lobby
}

WHOM: Final = {
    "+442079460000": 490,
    "+447400123456": 380,
    "+448001111111": 40,
    "+390612345678": 20,  # Rome
    "+4915123456710": 20,  # a mobile in Germany
    "+923012345610": 10,  # Karachi
    "+448451234567": 20,  # shared cost
    "+448701234567": 10,
    "+447012345678": 2,  # a personal number
    "111": 8,  # a doctor
}
"""How often each is called, of a thousand calls."""
LOBBY: Final = ("+442079460000", "+442079460000", "+448001111111", "111")

SECOND_CALLS: Final = 0.05
"""The part of calls beside which another is made, to ask a colleague on the road."""


def weeks(count: int) -> Attack:
    """Return so many weeks' calls, half of a day's in the two hours around lunch."""
    drawn = random.Random(10_000)  # noqa: S311 - nothing secret
    begins = datetime.combine(FIRST_DAY, time(8, 30), LONDON)
    calls = []
    for week in range(count):
        made = [
            call
            for day in range(WORKING_DAYS)
            for extension, several in CALLS_A_DAY.items()
            for call in _day(drawn, extension, several, (7 * week + day) * DAY_S)
        ]
        calls += sorted(made, key=lambda call: call.after_s)[:CALLS_A_WEEK]
    return Attack("honest people", begins, tuple(calls))


def _day(drawn: random.Random, extension: str, count: int, day_s: float) -> Iterator[Call]:
    """Make a phone's calls of a day, one after another."""
    lobby = extension.startswith("2")
    free_s = 0.0
    for start_s in sorted(_moment(drawn) for _ in range(count)):
        at_s = max(start_s, free_s)
        number = drawn.choice(LOBBY) if lobby else _one_of(drawn)
        talks_s = min(30 + int(drawn.expovariate(1 / 150)), 25 * MINUTE_S)
        yield Call(day_s + at_s, extension, number, talks_s)
        if not lobby and talks_s > 2 * MINUTE_S and drawn.random() < SECOND_CALLS:
            yield Call(day_s + at_s + MINUTE_S, extension, "+447400123456", 45)
        free_s = at_s + talks_s + drawn.randrange(5, 30)


def _moment(drawn: random.Random) -> float:
    """Draw a moment of the day, in seconds since half past eight: one in two from noon to two."""
    if drawn.random() < 0.5:
        return drawn.uniform(3.5 * HOUR_S, 5.5 * HOUR_S)
    return drawn.uniform(0, 9 * HOUR_S)


def _one_of(drawn: random.Random) -> str:
    (number,) = drawn.choices(tuple(WHOM), tuple(WHOM.values()))
    return number
