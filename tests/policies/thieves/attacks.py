"""Attacks as they were published, call by call: made anew each time, and each time the same.

What is published of an attack is its totals: how many calls, to how many numbers, how fast, how
long. Each is made here with these very totals; whom exactly it calls, and in which order, nobody
published, and is drawn with a fixed seed. Prices are those of `policies/rates/wholesale.csv`,
pound for dollar.
"""

from __future__ import annotations

import csv
import random
from dataclasses import dataclass
from datetime import datetime
from itertools import accumulate
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

HERE: Final = Path(__file__).parent

LONDON: Final = ZoneInfo("Europe/London")

MINUTE_S: Final = 60
HOUR_S: Final = 3600
DAY_S: Final = 24 * HOUR_S

STOLEN: Final = ("101", "102", "103")
"""The phones whose passwords the thief has; one does for some attacks."""


@dataclass(frozen=True, slots=True)
class Call:
    """A call that somebody tries to make.

    Attributes:
        after_s: Seconds after the first.
        extension: Whose phone it comes from, or whose forward causes it.
        number: In E.164, or a short code.
        talks_s: How long it would last; it is answered at once.
        forwarded: Whether it comes of the phone's forward.
    """

    after_s: float
    extension: str
    number: str
    talks_s: int
    forwarded: bool = False


@dataclass(frozen=True, slots=True)
class Attack:
    """One night's work.

    Attributes:
        begins: When the first is made.
        calls: In the order in which they are made.
    """

    name: str
    begins: datetime
    calls: tuple[Call, ...]

    @property
    def days(self) -> int:
        """How often a budget of a day goes into it, rounded up."""
        last_s = max(call.after_s + call.talks_s for call in self.calls)
        return -(-int(last_s) // DAY_S)

    @property
    def extensions(self) -> frozenset[str]:
        """The phones that it comes from."""
        return frozenset(call.extension for call in self.calls)


# ----------------------------------------------------------------------------- the clinic


CLINIC_GAP_S: Final = 8.8
"""The mean; so it takes sixteen minutes."""
CLINIC_LEAST_GAP_S: Final = 0.2


def clinic() -> Attack:
    """A clinic: 111 calls to 89 numbers in 37 countries in 16 minutes, 1,299.66 at stake.

    By day, when codes are remembered: nothing is easier for a thief who has them.
    """
    drawn = random.Random(111)  # noqa: S311 - nothing secret
    numbers = []
    with (HERE / "clinic.csv").open() as file:
        for row in csv.DictReader(line for line in file if not line.startswith("#")):
            first, several = int(row["first_number"]), int(row["numbers"])
            numbers += [f"+{first + each % several}" for each in range(int(row["calls"]))]
    drawn.shuffle(numbers)
    at_s = accumulate(_gaps(drawn, len(numbers) - 1), initial=0.0)
    return Attack(
        "the clinic",
        datetime(2026, 1, 5, 10, tzinfo=LONDON),
        tuple(
            Call(round(after_s, 1), drawn.choice(STOLEN), number, 20 * MINUTE_S)
            for after_s, number in zip(at_s, numbers, strict=True)
        ),
    )


def _gaps(drawn: random.Random, count: int) -> list[float]:
    """Return gaps between calls as they come by chance, of the mean and the least published."""
    spare = round((CLINIC_GAP_S - CLINIC_LEAST_GAP_S) * count, 1)
    shares = [drawn.expovariate(1.0) for _ in range(count)]
    over = [round(each * spare / sum(shares), 1) for each in shares]
    over[over.index(min(over))] = 0.0
    longest = over.index(max(over))
    over[longest] = round(over[longest] + spare - sum(over), 1)
    return [round(each + CLINIC_LEAST_GAP_S, 1) for each in over]


# ----------------------------------------------------------------------------- a weekend


RAIN_GAP_S: Final = 2.67
RAIN_HOURS: Final = 60
RAIN_TO: Final = (
    "+2203012310",  # Gambia
    "+224601123410",  # Guinea
    "+25779561210",  # Burundi
    "+67570123410",  # Papua New Guinea
    "+9607712310",  # Maldives
    "+37121234510",  # Latvia
)


def rain(every: int = 1, *, forwarded: bool = True) -> Attack:
    """A weekend: a call each 2.67 s for 60 hours, of one to four hours each, by forwards.

    Args:
        every: Only each so many-th of its calls is made.
        forwarded: Whether phones forward them; else the thief dials.
    """
    drawn = random.Random(267)  # noqa: S311 - nothing secret
    calls = tuple(
        Call(
            round(each * RAIN_GAP_S, 2),
            drawn.choice(STOLEN),
            drawn.choice(RAIN_TO),
            drawn.randrange(HOUR_S, 4 * HOUR_S + 1),
            forwarded,
        )
        for each in range(int(RAIN_HOURS * HOUR_S / RAIN_GAP_S))
    )
    name = "a weekend's rain" if forwarded else "the same rain, dialled"
    begins = datetime(2026, 1, 9, 19, tzinfo=LONDON)
    return Attack(name, begins, calls[::every])


# ----------------------------------------------------------------------------- a night


DRIP_TO: Final = "+447012345678"
"""A personal number: the thief's own, and all that a PIN opens without a code."""


def drip() -> Attack:
    """A night: 45 calls of a quarter of an hour to one number, one after another.

    No cap on calls at a time, and no pattern of many countries, stands in its way.
    """
    begins = datetime(2026, 1, 9, 20, tzinfo=LONDON)
    return Attack(
        "a slow drip",
        begins,
        tuple(Call(each * 16.0 * MINUTE_S, "102", DRIP_TO, 15 * MINUTE_S) for each in range(45)),
    )


def burst() -> Attack:
    """A call to try it, ten minutes of silence, then sixty calls in a minute."""
    number = "+67077212310"  # Timor-Leste
    begins = datetime(2026, 1, 9, 21, tzinfo=LONDON)
    test = Call(0.0, "101", number, 9)
    return Attack(
        "a test, then a burst",
        begins,
        (
            test,
            *(
                Call(10.0 * MINUTE_S + each, STOLEN[each % 3], number, 30 * MINUTE_S)
                for each in range(60)
            ),
        ),
    )
