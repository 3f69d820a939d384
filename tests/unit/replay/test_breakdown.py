"""What came of calls, added up."""

from __future__ import annotations

import dataclasses

from hypothesis import given
from hypothesis import strategies as st

from fastagi.policy.model import Reason
from fastagi.replay.breakdown import NAMES_MOST, SHOWN, Breakdown
from fastagi.replay.judged import Effect, Judged, Under
from fastagi.replay.report import Sums
from tests.unit.replay.samples import FRAUD, GAMBIA, LEGITIMATE, UNCLEAR, a_call, judged

EFFECTS = st.sampled_from(Effect)


def _made(effect: Effect, extension: str, turn: int) -> Judged:
    seen = (LEGITIMATE, UNCLEAR, FRAUD)[turn % 3]
    under = Under(effect, f"rule-{turn % 4}", Reason.RULE, None if turn % 5 == 0 else turn)
    call = a_call("2026-12-07 10:00", GAMBIA if turn % 2 else "104", extension=extension)
    return judged(call, under, seen=seen, was=10 * turn)


@given(st.lists(st.tuples(EFFECTS, st.sampled_from(("101", "102", "103")))))
def test_every_breakdown_comes_to_the_same_total(calls: list[tuple[Effect, str]]) -> None:
    """By extension, country, look and day; by rule, what was changed."""
    breakdown = Breakdown()
    for turn, (effect, extension) in enumerate(calls):
        made = _made(effect, extension, turn)
        breakdown.add(made, made.under)
    parts = breakdown.parts()
    total = parts.total
    assert total.calls == len(calls) == total.same + total.changed
    assert total.refused == sum(effect is Effect.REFUSED for effect, _ in calls)
    assert total.saved == total.was - total.still
    groups = (
        [each.sums for each in parts.extensions.names],
        [each.sums for each in parts.countries.names],
        [*parts.looks.values()],
        [each.sums for each in parts.days],
    )
    for sums in groups:
        for field in dataclasses.fields(Sums):
            added = sum(getattr(each, field.name) for each in sums)
            assert added == getattr(total, field.name), field.name
    assert sum(each.sums.calls for each in parts.rules.names) == total.changed
    assert sum(map(sum, parts.called)) == total.calls
    assert sum(map(sum, parts.week)) == total.refused


def test_hours_are_those_of_the_week_on_the_sites_clock() -> None:
    """Monday, ten in the morning."""
    breakdown = Breakdown()
    made = _made(Effect.REFUSED, "101", 1)
    breakdown.add(made, made.under)
    parts = breakdown.parts()
    assert (parts.week[0][10], parts.called[0][10]) == (1, 1)
    assert [each.name for each in parts.days] == ["2026-12-07"]


def test_where_most_was_changed_comes_first() -> None:
    """The rest is added up together, and those without a name have one."""
    breakdown = Breakdown()
    for turn in range(SHOWN + 5):
        for _ in range(turn + 1):
            made = _made(Effect.REFUSED, f"{turn:03}" if turn else "", 1)
            breakdown.add(made, made.under)
    ranked = breakdown.parts().extensions
    assert [each.sums.refused for each in ranked.names] == list(range(SHOWN + 5, 5, -1))
    assert ranked.beyond.refused == 5 + 4 + 3 + 2 + 1
    alone = Breakdown()
    alone.add(_made(Effect.SAME, "", 1), _made(Effect.SAME, "", 1).under)
    assert [each.name for each in alone.parts().extensions.names] == ["none"]


def test_very_many_names_are_added_up_together() -> None:
    """Nothing is lost of them but their names."""
    breakdown = Breakdown()
    for turn in range(NAMES_MOST + 10):
        made = _made(Effect.CUT, str(turn), 1)
        breakdown.add(made, made.under)
    ranked = breakdown.parts().extensions
    assert len(ranked.names) == SHOWN
    assert ranked.beyond.cut == NAMES_MOST + 10 - SHOWN
