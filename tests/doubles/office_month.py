"""The calls of an honest office in a month, made up from a seed: the same each time.

Ten desks, of which one, a salesman's, calls as much as three; and a lobby with two phones. Most of
it in office hours, with a peak at noon; little on Saturdays, next to nothing on Sundays and
holidays. Most calls go to people who were called before: landlines, mobiles, hotlines, colleagues.
Some go abroad, in bursts: nobody there, again, a colleague of theirs, back again. From the second
week on there is a new customer in Italy, whom the salesman calls.

What it is not: measured. No office has given us its calls; the shares are guesses, and `abroad`
is there to see what comes of others. Nobody in it dials a number that does not exist, and a phone
has two lines: whoever is on both makes no third call, but makes it when one is over.
"""

from __future__ import annotations

import heapq
import itertools
import math
import random
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

from fastagi.policy.model import Prompt, Verdict

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from fastagi.decision_log.record import Record
    from tests.doubles.virtual_gate import VirtualGate

LONDON: Final = ZoneInfo("Europe/London")
BEGIN: Final = date(2026, 12, 1)
DAYS: Final = 31
HOLIDAYS: Final = (date(2026, 12, 25), date(2026, 12, 28))
SATURDAY, SUNDAY = 6, 7  # ISO 8601
QUIET_FROM: Final = date(2026, 12, 23)
"""From then on half of the office is away."""

CALLS: Final = 10_000

SALESMAN: Final = "104"
TRAVELLED: Final = ("102", "107")
"""Who also have people to talk to abroad."""

CALLERS: Final = {
    **{f"{desk}": 1.0 for desk in range(100, 110)},
    SALESMAN: 3.0,
    "201": 0.2,
    "202": 0.2,
}
"""Who calls how much."""

BY_HALF_HOUR: Final = (
    *((8.0, 0.3), (8.5, 0.6), (9.0, 1.0), (9.5, 1.2), (10.0, 1.4), (10.5, 1.4), (11.0, 1.4)),
    *((11.5, 1.6), (12.0, 2.2), (12.5, 2.2), (13.0, 1.0), (13.5, 0.7), (14.0, 1.2), (14.5, 1.3)),
    *((15.0, 1.2), (15.5, 1.1), (16.0, 1.1), (16.5, 1.0), (17.0, 0.8), (17.5, 0.4), (18.0, 0.2)),
    *((7.0, 0.1), (18.5, 0.1), (19.0, 0.1), (20.5, 0.05)),
)
"""When, on a day, and how much."""

KINDS: Final = {
    "national": 0.46,
    "mobile": 0.31,
    "toll-free": 0.05,
    "internal": 0.179,
    "shared-cost": 0.001,
}
"""Of what is not abroad."""

UNANSWERED: Final = 0.18
CONSULTS: Final = 0.02
"""Of so many calls another one is made meanwhile, to ask or to transfer."""

SLIPS: Final = 0.05
"""How often the PIN is keyed wrong, the first time."""

NEW_CUSTOMER: Final = tuple(f"9003906123456{last}" for last in (78, 79, 80))
NEW_SINCE: Final = date(2026, 12, 8)
ABROAD: Final = (
    *("90033142614701", "90033612345678", "9004930123456", "900493012345678"),
    *("90012025550123", "90012125550188", "900353861234567", "90034912345678"),
)
IN_AMERICA: Final = ("90012025550123", "90012125550188")
"""Who have just had lunch when the office closes."""


@dataclass(frozen=True, slots=True)
class Call:
    """One that somebody wants to make.

    Attributes:
        at: When, in seconds since the epoch.
        talk_s: For how long it is talked; 0 where nobody answers.
        meanwhile: Whether it is made though another one of that phone is up.
        slips: Whether the PIN is keyed wrong the first time, if it is asked for.
    """

    at: float
    extension: str
    dialled: str
    ring_s: float
    talk_s: float
    meanwhile: bool = False
    slips: bool = False


def calls(seed: int, count: int = CALLS, *, abroad: float = 1.0) -> list[Call]:
    """Make up the calls of the month, in order.

    Args:
        seed: Of chance.
        count: How many.
        abroad: How much more often, or less, the same people call abroad.
    """
    dice = random.Random(seed)  # noqa: S311 - nothing secret
    made = list(_abroad(dice, abroad))
    contacts = _contacts(dice)
    days = [BEGIN + timedelta(days=day) for day in range(DAYS)]
    busy = [_weight(day) for day in days]
    while len(made) < count:
        (day,) = dice.choices(days, busy)
        made.append(_ordinary(dice, day, contacts))
        if made[-1].talk_s > 60 and dice.random() < CONSULTS and len(made) < count:
            at = made[-1].at + made[-1].ring_s + 30
            other = _ordinary(dice, day, contacts, made[-1].extension)
            made.append(replace(other, at=at, meanwhile=True))
    return sorted(made[:count], key=lambda each: each.at)


def _weight(day: date) -> float:
    """How much is called on a day."""
    if day in HOLIDAYS or day.isoweekday() == SUNDAY:
        return 0.01
    if day.isoweekday() == SATURDAY:
        return 0.05
    return 0.5 if day >= QUIET_FROM else 1.0


def _contacts(dice: random.Random) -> dict[str, list[str]]:
    """Make up who is called, those first who are called most."""
    landlines = [f"902079460{dice.randrange(1000):03}" for _ in range(250)]
    landlines += [f"901614960{dice.randrange(1000):03}" for _ in range(100)]
    banks = [f"903{dice.choice('04')}{dice.choice('05')}1234{last:03}" for last in range(20)]
    return {
        "national": dice.sample([*landlines, *banks], len(landlines) + len(banks)),
        "mobile": [f"907400{dice.randrange(10**6):06}" for _ in range(300)],
        "toll-free": [f"90808157{last:04}" for last in range(15)],
        "internal": [*(f"{desk}" for desk in range(100, 110)), "201", "202"],
        "shared-cost": [f"90845123456{last}" for last in range(5)],
    }


def _ordinary(
    dice: random.Random, day: date, contacts: dict[str, list[str]], extension: str = ""
) -> Call:
    """Make up a call that does not go abroad, of anybody if nobody is named."""
    if not extension:
        (extension,) = dice.choices([*CALLERS], [*CALLERS.values()])
    (kind,) = dice.choices([*KINDS], [*KINDS.values()])
    if extension.startswith("2") and kind not in ("internal", "national"):
        kind = "internal"  # it is a lobby
    known = contacts[kind]
    place = int((len(known) - 1) * dice.random() ** 2)
    others = [each for each in known[place : place + 2] if each != extension]
    return _call(dice, _moment(dice, day), extension, others[0])


def _moment(dice: random.Random, day: date) -> float:
    ((hour, _),) = dice.choices(BY_HALF_HOUR, [weight for _, weight in BY_HALF_HOUR])
    return _at(day, hour + dice.random() / 2)


def _at(day: date, hour: float) -> float:
    midnight = datetime(day.year, day.month, day.day, tzinfo=LONDON)
    return (midnight + timedelta(hours=hour)).timestamp()


def _call(dice: random.Random, at: float, extension: str, dialled: str) -> Call:
    """Make up how long it takes: both are log-normal, around 9 s and 110 s."""
    ring_s = min(45.0, dice.lognormvariate(math.log(9), 0.5))
    talk_s = 0.0 if dice.random() < UNANSWERED else dice.lognormvariate(math.log(110), 1.0)
    return Call(at, extension, dialled, ring_s, talk_s, slips=dice.random() < SLIPS)


def _abroad(dice: random.Random, times: float) -> Iterator[Call]:
    """Make up all calls abroad."""
    for day in (BEGIN + timedelta(days=day) for day in range(DAYS)):
        if _weight(day) < 0.1:
            continue
        if day >= NEW_SINCE:
            yield from _bursts(dice, 0.6 * times, day, SALESMAN, NEW_CUSTOMER)
        yield from _bursts(dice, 0.7 * times, day, SALESMAN, ABROAD)
        for extension in TRAVELLED:
            yield from _bursts(dice, 0.4 * times, day, extension, ABROAD)
        if dice.random() < 0.25 * times:
            late = _at(day, 18.6 + dice.random())
            yield _call(dice, late, SALESMAN, dice.choice(IN_AMERICA))


def _bursts(
    dice: random.Random, times: float, day: date, extension: str, contacts: Sequence[str]
) -> Iterator[Call]:
    """Make up a few calls in a row, on so many days of one; above 1, as often a day."""
    for _ in range(int(times) + (dice.random() < times % 1)):
        at = _at(day, dice.uniform(9.0, 17.5))
        for _ in range(dice.choice((1, 2, 3, 3, 4))):
            yield _call(dice, at, extension, dice.choice(contacts))
            at += dice.uniform(60, 420)


# ------------------------------------------------------------------------ how they went


@dataclass
class Month:
    """How the calls of a month went.

    Attributes:
        decisions: One of each call, in order.
        cut_off: How many were cut off before they were to end.
        cost: What all cost, in millionths.
    """

    decisions: list[Record] = field(default_factory=list)
    cut_off: int = 0
    cost: int = 0

    @property
    def refused(self) -> list[Record]:
        """Calls that were not let through."""
        return [each for each in self.decisions if each.verdict is not Verdict.ALLOW]

    @property
    def stepped_up(self) -> list[Record]:
        """Calls at which a PIN or a code was asked for, however often and whatever was keyed."""
        return [each for each in self.decisions if each.asked]


async def replay(gate: VirtualGate, wanted: Sequence[Call]) -> Month:
    """Make the calls; who has no line free calls once one is."""
    for extension in CALLERS:
        await gate.enrol(extension)
    month, order = Month(), itertools.count()
    waiting = [(each.at, next(order), each) for each in wanted]
    heapq.heapify(waiting)
    while waiting:
        at, _, call = heapq.heappop(waiting)
        await gate.wait_until(at)
        up = gate.up(call.extension)
        if len(up) > call.meanwhile:
            heapq.heappush(waiting, (up[0].ends + 5, next(order), call))
            continue
        keys = _slipping(gate, call.extension) if call.slips else None
        month.decisions.append(
            await gate.call(
                call.extension, call.dialled, ring_s=call.ring_s, talk_s=call.talk_s, keys=keys
            )
        )
    await gate.wait_until(gate.clock.now + 86_400)
    month.cut_off, month.cost = len(gate.cut_off), gate.cost()
    return month


def _slipping(gate: VirtualGate, extension: str) -> Callable[[Prompt], str]:
    """Key the PIN wrong the first time, and all else right."""
    asked: list[Prompt] = []

    def keys(prompt: Prompt) -> str:
        right = gate.right(extension, prompt)
        asked.append(prompt)
        return right[::-1] if prompt is Prompt.PIN and asked == [prompt] else right

    return keys
