"""Whether a call of the past looks legitimate or like fraud, and why.

Each call is judged by its own record and by what was before it, never by what came after: so this
is what somebody on duty could have seen when the call was over. Only calls that cost more than one
at home can look like fraud: that is what toll fraud is for.
"""

from __future__ import annotations

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
            return looked((Trait.INSIDE,), risky=False)
        if to.number.category is Category.INVALID:
            return looked((Trait.NO_NUMBER,), risky=False)
        traits = list(_always(call, to, moment, habit))
        if to.risky:
            habit.forget(call.at)
            traits += self._novelty(call, to, habit)
            traits += _when(call, moment)
            traits += _pattern(call, to, moment, habit)
        elif not moment.open:
            traits.append(Trait.OUT_OF_HOURS)
        seen = looked(traits, risky=to.risky)
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
        if seen.risky:
            is_new = Trait.NEW_NUMBER in seen.traits
            ends = call.at + call.rings_s + call.talked_s
            habit.recent.append(
                Recent(call.at, ends, number.number, to.block, call.talked_s, is_new)
            )
        if seen.look is Look.FRAUD:
            habit.fraud_at = call.at
            return
        if seen.look is Look.UNCLEAR and not moment.open:
            return
        if seen.risky and call.at - habit.fraud_at < SETTLES_S:
            return
        habit.numbers.note(number.number, call.at)
        if seen.risky:
            habit.pace(_within(habit, call.at, BURST_S), moment.day)
            self._habits.numbers.note(number.number, call.at)
            for countries in (habit.countries, self._habits.countries):
                countries.setdefault(to.abroad, call.at)


def _always(call: PastCall, to: Destination, moment: Moment, habit: Habit) -> Iterator[Trait]:
    """Tell what speaks for any call."""
    if not to.risky:
        yield Trait.CHEAP
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
