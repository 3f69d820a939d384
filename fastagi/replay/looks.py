"""Whether a call of the past looks legitimate or like fraud, and why.

Each call is judged by its own record and by what was before it, never by what came after: so this
is what somebody on duty could have seen when the call was over. Only calls that cost more than one
at home can look like fraud: that is what toll fraud is for.
"""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Final

from fastagi.numbering.number import Category
from fastagi.replay.habits import SETTLES_S, Habits, Recent
from fastagi.replay.traits import Look, Trait, looked

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fastagi.cdr.past_call import PastCall
    from fastagi.replay.destinations import Destination
    from fastagi.replay.habits import Habit
    from fastagi.replay.office_hours import Moment
    from fastagi.replay.traits import Looked

EARLY_S: Final = 7 * 86_400.0
"""In the first week of the records, that a country is new says less."""

TALK_S: Final = range(20, 45 * 60)
"""As long as people talk."""

AT_ONCE: Final = 3
"""Dear calls of one phone at once: one, and one to transfer it to, are usual."""

BURST_S, BURST = 600.0, 5
"""Dear calls within this time, and more than half as many again as ever before."""
SPREAD_S, SPREAD = 1800.0, 4
BLOCK_S, BLOCK = 3600.0, 3
AGAIN = 3
SHORT_S, SHORT, SHORT_WITHIN_S = 10, 3, 3600.0


def _cheap(*, known: bool, is_open: bool, talked: bool) -> Looked:
    """Return what a call looks like for which nobody steals a password."""
    traits = [Trait.CHEAP]
    traits += [Trait.KNOWN] * known
    traits += [Trait.OFFICE_HOURS if is_open else Trait.OUT_OF_HOURS]
    traits += [Trait.TALKED] * talked
    return looked(traits, risky=False)


_CHEAP: Final = {
    each: _cheap(known=each[0], is_open=each[1], talked=each[2])
    for each in itertools.product((False, True), repeat=3)
}
"""By whether the number is known, whether it is in office hours, and whether people talked."""

_APART: Final = looked((Trait.INSIDE,), risky=False)
_NO_NUMBER: Final = looked((Trait.NO_NUMBER,), risky=False)


class Looks:
    """Looks at one call after another, in order of time."""

    def __init__(self) -> None:
        self._habits = Habits()

    def look(self, call: PastCall, to: Destination, moment: Moment) -> Looked:
        """Look at a call, and learn from it."""
        habits = self._habits
        if habits.began is None:
            habits.began = call.at
        habit = habits.of(call.extension)
        if to.apart:
            return _APART
        if to.number.category is Category.INVALID:
            return _NO_NUMBER
        if not to.risky:  # nearly all calls are: it pays to be quick
            number = to.number.number
            is_known = habit.numbers.since(number, call.at) >= SETTLES_S
            habit.numbers.note(number, call.at)
            return _CHEAP[is_known, moment.open, call.talked_s in TALK_S]
        habit.forget(call.at)
        traits = [
            *_always(call, to, moment, habit),
            *self._novelty(call, to, habit),
            *_when(call, moment),
            *_pattern(call, to, moment, habit),
        ]
        seen = looked(traits, risky=True)
        self._learn(call, to, habit, seen, moment)
        return seen

    def _novelty(self, call: PastCall, to: Destination, habit: Habit) -> Iterator[Trait]:
        """Tell what nobody here called before, or has for long."""
        habits, number, country = self._habits, to.number.number, to.abroad
        since = habits.numbers.since(number, call.at)
        if since < 0:
            yield Trait.NEW_NUMBER
        elif since >= SETTLES_S and habit.numbers.since(number, call.at) < SETTLES_S:
            yield Trait.KNOWN_TO_OTHERS
        if not country:
            return
        if country not in habits.countries:
            began = call.at if habits.began is None else habits.began
            yield (Trait.NEW_COUNTRY if call.at - began >= EARLY_S else Trait.NEW_COUNTRY_EARLY)
        elif call.at - habit.countries.get(country, call.at) >= SETTLES_S:
            yield Trait.COUNTRY_KNOWN

    def _learn(
        self, call: PastCall, to: Destination, habit: Habit, seen: Looked, moment: Moment
    ) -> None:
        """Remember the call, and learn from what is no fraud.

        From what is unclear only in office hours: nobody sits there at night to be asked.
        """
        number = to.number
        is_new = Trait.NEW_NUMBER in seen.traits
        ends = call.at + call.rings_s + call.talked_s
        habit.recent.append(Recent(call.at, ends, number.number, to.block, call.talked_s, is_new))
        if seen.look is Look.FRAUD:
            habit.fraud_at = call.at
            return
        if seen.look is Look.UNCLEAR and not moment.open:
            return
        if call.at - habit.fraud_at < SETTLES_S:
            return
        habit.numbers.note(number.number, call.at)
        habit.pace(_within(habit, call.at, BURST_S), moment.day)
        self._habits.numbers.note(number.number, call.at)
        for countries in (habit.countries, self._habits.countries):
            countries.setdefault(to.abroad, call.at)


def _always(call: PastCall, to: Destination, moment: Moment, habit: Habit) -> Iterator[Trait]:
    """Tell what of a call does not hang on those before it, and whether the number is known."""
    if habit.numbers.since(to.number.number, call.at) >= SETTLES_S:
        yield Trait.KNOWN
    if moment.open:
        yield Trait.OFFICE_HOURS
    if call.talked_s in TALK_S:
        yield Trait.TALKED
    if to.pays:
        yield Trait.PAYS
    elif to.costs:
        yield Trait.COSTS
    if to.dear:
        yield Trait.DEAR
    if to.listed:
        yield Trait.LISTED


def _when(call: PastCall, moment: Moment) -> Iterator[Trait]:
    if moment.open:
        return
    yield Trait.OUT_OF_HOURS
    if moment.night:
        yield Trait.NIGHT
    if moment.weekend:
        yield Trait.WEEKEND
    if call.talked_s >= TALK_S.stop:
        yield Trait.LONG


def _pattern(call: PastCall, to: Destination, moment: Moment, habit: Habit) -> Iterator[Trait]:
    """Tell what the extension's dear calls of the last hours look like together with this one."""
    at, recent = call.at, habit.recent
    if not recent:
        return
    if 1 + sum(each.ends > at for each in recent) >= AT_ONCE:
        yield Trait.AT_ONCE
    if 1 + _within(habit, at, BURST_S) > max(BURST - 1, habit.busiest * 3 // 2):
        yield Trait.BURST
    new = {each.number for each in recent if each.new and at - each.at <= SPREAD_S}
    if len(new | {to.number.number}) >= SPREAD:
        yield Trait.SPREAD
    row = {each.number for each in recent if each.block == to.block and at - each.at <= BLOCK_S}
    if len(row | {to.number.number}) >= BLOCK and any(each.new for each in recent):
        yield Trait.BLOCK
    again = 1 + sum(each.number == to.number.number for each in recent)
    if not moment.open and again >= AGAIN:
        yield Trait.AGAIN
    short = sum(0 < each.talked_s <= SHORT_S and at - each.at <= SHORT_WITHIN_S for each in recent)
    if 0 < call.talked_s <= SHORT_S and 1 + short >= SHORT:
        yield Trait.SHORT


def _within(habit: Habit, at: float, seconds: float) -> int:
    """Count dear calls of so long."""
    return sum(at - each.at <= seconds for each in habit.recent)
