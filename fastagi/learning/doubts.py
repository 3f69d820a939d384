"""What of a proposal is out of reason: then calls that nobody made were taken for usual."""

from __future__ import annotations

from collections import Counter
from datetime import date
from statistics import quantiles
from typing import TYPE_CHECKING, Final

from fastagi.policy.wording import printable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from fastagi.learning.habits import Call
    from fastagi.learning.proposal import Entry

DAY_MIN: Final = 24 * 60

TIMES: Final = 10
"""So many times what others do on nearly all of their days is out of reason."""

DAYS: Final = 20
"""Of so many days of others it can be told what they do on nearly all of them."""


def doubts(entries: Sequence[Entry], calls: Sequence[Call]) -> Iterator[str]:
    """Say what is out of reason, a line each; nothing in it acts on a terminal.

    Args:
        entries: What is proposed.
        calls: What it is proposed by, in order of time.
    """
    for entry in entries:
        minutes = entry.keys.get("minutes")
        is_phone_s = (entry.keys.get("per"), entry.keys.get("within")) == ("extension", "24h")
        if is_phone_s and isinstance(minutes, int) and minutes > DAY_MIN:
            yield (
                f"`{entry.name}` lets a phone talk for {minutes:,} minutes a day, which has "
                f"{DAY_MIN:,}: is an attack among what was learnt from?"
            )
    abroad = [call for call in calls if call.is_abroad]
    yield from _alone(abroad, "calls", lambda _: 1)
    yield from _alone(abroad, "minutes", lambda call: -(-call.talked_s // 60))


def _alone(calls: Sequence[Call], what: str, amount: Callable[[Call], int]) -> Iterator[str]:
    """Tell of the phone that did most on a day, if it is far more than what others do."""
    days: Counter[tuple[str, date]] = Counter()
    for call in calls:
        days[call.extension, call.local.date()] += amount(call)
    if not days:
        return
    (extension, day), most = days.most_common(1)[0]
    others = [count for (each, _), count in days.items() if each != extension]
    if len(others) < DAYS:
        return
    usual = quantiles(others, n=100, method="inclusive")[-1]
    if most > TIMES * usual:
        yield printable(
            f"{extension} had {most:,} {what} abroad on {day}, and others at most {usual:,.0f} on "
            "99 of 100 of their days: is that an attack?"
        )
