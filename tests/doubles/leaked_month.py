"""A month of an office's calls as Asterisk puts them on record, with an attack hidden in it.

The office is that of `office_month`; the attack is a published one, `thieves.attacks.rain`,
thinned out and dialled from one phone whose password leaked, from a Friday evening until Monday
morning.
"""

from __future__ import annotations

import csv
import heapq
import itertools
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from fastagi.cdr.past_call import PastCall
from tests.doubles import office_month
from tests.policies.thieves import attacks

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

LEAKED: Final = "109"
BEGINS: Final = datetime(2026, 12, 11, 19, tzinfo=office_month.LONDON)  # a Friday
THINNED: Final = 100
LINES: Final = 2
"""Of a phone: who is on both makes a call when one is over."""


def honest(seed: int = 1, count: int = office_month.CALLS) -> list[PastCall]:
    """Return the office's calls in order; each is made when the phone has a line free."""
    order = itertools.count()
    waiting = [(each.at, next(order), each) for each in office_month.calls(seed, count)]
    heapq.heapify(waiting)
    up: dict[str, list[float]] = {}
    made = []
    while waiting:
        at, turn, call = heapq.heappop(waiting)
        ends = sorted(each for each in up.get(call.extension, ()) if each > at)
        if len(ends) > call.meanwhile:
            heapq.heappush(waiting, (ends[0] + 5, turn, call))
            continue
        talked_s = round(call.talk_s)
        up[call.extension] = [*ends, at + call.ring_s + talked_s]
        made.append(
            PastCall(
                *(float(int(at)), call.extension, call.dialled, round(call.ring_s), talked_s),
                call=f"{at:.0f}.{turn}",
            )
        )
    return made


def attack(
    made: attacks.Attack | None = None,
    extension: str = LEAKED,
    begins: datetime = BEGINS,
) -> list[PastCall]:
    """Return the attack's calls in order, all from one phone."""
    made = made or attacks.rain(THINNED, forwarded=False)
    return [
        PastCall(
            begins.timestamp() + int(each.after_s),
            extension,
            f"900{each.number[1:]}",
            talked_s=each.talks_s,
            call=f"{begins.timestamp() + int(each.after_s):.0f}.9{turn}",
        )
        for turn, each in enumerate(made.calls)
    ]


def month(seed: int = 1, count: int = office_month.CALLS) -> list[PastCall]:
    """Return all of it in order."""
    return sorted([*honest(seed, count), *attack()])


def rows(calls: Iterable[PastCall]) -> Iterator[Sequence[str]]:
    """Return calls as rows of `Master.csv`, in UTC (`usegmtime = yes`), `uniqueid` logged."""
    for turn, each in enumerate(calls):
        answered = each.at + each.rings_s
        ended = answered + each.talked_s
        yield (
            *("", each.extension, each.dialled, "phones"),
            f'"Desk {each.extension}" <{each.extension}>',
            *(f"PJSIP/{each.extension}-{turn:08x}", f"PJSIP/trunk-{turn:08x}"),
            *("Dial", f"PJSIP/{each.dialled}@trunk,60", _clock(each.at)),
            *(_clock(answered) if each.talked_s else "", _clock(ended)),
            *(str(round(ended - each.at)), str(each.talked_s)),
            *("ANSWERED" if each.talked_s else "NO ANSWER", "DOCUMENTATION", each.call, ""),
        )


def write(file: Path, calls: Iterable[PastCall]) -> int:
    """Write `Master.csv` in the order in which calls ended, as Asterisk does; returns how many."""
    ended = sorted(calls, key=lambda each: each.at + each.rings_s + each.talked_s)
    with file.open("w", newline="", encoding="utf-8") as to:
        csv.writer(to, quoting=csv.QUOTE_ALL, lineterminator="\n").writerows(rows(ended))
    return len(ended)


def _clock(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%d %H:%M:%S")
