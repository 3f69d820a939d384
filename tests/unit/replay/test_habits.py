"""What extensions used to do, in bounded memory."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from fastagi.replay.habits import RECENT_S, Habit, Habits, Recent, Seen


def test_a_name_is_known_since_it_first_came() -> None:
    """Not since it last came; and never before it."""
    seen = Seen(2)
    assert seen.since("a", 5.0) == -1.0
    seen.note("a", 10.0)
    seen.note("a", 20.0)
    assert seen.since("a", 25.0) == 15.0
    assert seen.since("a", 5.0) == 0.0


@given(st.lists(st.sampled_from("abcdefgh"), max_size=50), st.integers(1, 4))
def test_the_names_that_came_last_are_those_that_are_known(names: list[str], most: int) -> None:
    """So many of them."""
    seen = Seen(most)
    for at, name in enumerate(names):
        seen.note(name, float(at))
    last = list(dict.fromkeys(reversed(names)))
    assert {each for each in names if seen.since(each, 100.0) >= 0} == set(last[:most])


def test_what_was_too_long_ago_is_forgotten_unless_it_is_up() -> None:
    """A call of many hours is one of those at once."""
    habit = Habit()
    habit.recent.append(Recent(0.0, 60.0, "1", "", 60, new=True))
    habit.recent.append(Recent(1.0, 9 * RECENT_S, "2", "", 60, new=True))
    habit.forget(RECENT_S)
    assert len(habit.recent) == 2
    habit.forget(RECENT_S + 0.5)
    assert [each.number for each in habit.recent] == ["2"]
    habit.forget(2 * RECENT_S)
    assert [each.number for each in habit.recent] == ["2"]


def test_the_extension_that_called_last_is_forgotten_last() -> None:
    """Whoever makes names up pushes nobody out who calls."""
    habits = Habits(most=2)
    first = habits.of("101")
    assert habits.of("102") is not first
    assert habits.of("101") is first
    habits.of("103")
    assert habits.of("101") is first
