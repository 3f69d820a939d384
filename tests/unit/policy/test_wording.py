"""`wording`: what is quoted is short and harmless, and what was meant is guessed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fastagi.policy.wording import (
    QUOTED_MAX,
    all_of,
    duration,
    nearest,
    one_of,
    quoted,
    sum_of,
)


def test_a_word_is_quoted_in_backticks() -> None:
    """Messages show what the administrator wrote."""
    assert quoted("premum") == "`premum`"


def test_a_long_word_is_cut() -> None:
    """A message stays a line."""
    assert quoted("x" * 100) == f"`{'x' * QUOTED_MAX}…`"


@given(st.text())
def test_nothing_quoted_moves_a_terminal(text: str) -> None:
    """Control characters, and those that reorder text, are shown as escapes."""
    assert quoted(text).isprintable()


@pytest.mark.parametrize(
    ("word", "known", "hint"),
    [
        ("premum", ["premium", "personal"], "did you mean `premium`?"),
        ("MOBILE", ["mobile", "voip"], "did you mean `mobile`?"),
        ("totp+pin", ["pin", "totp", "pin+totp"], "did you mean `pin+totp`?"),
        ("zebra", ["a", "b"], "write `a` or `b`"),
        ("zebra", [], "there is none to name"),
        ("zebra", [f"n{each}" for each in range(14)], None),
    ],
)
def test_the_nearest_name_is_guessed(word: str, known: list[str], hint: str | None) -> None:
    """What was meant, or else what there is to choose from."""
    expected = f"write {', '.join(f'`n{each}`' for each in range(12))} or 2 more"
    assert nearest(word, known) == (hint or expected)


def test_names_are_joined_as_a_choice_or_a_sum() -> None:
    """One alone needs no word between."""
    assert one_of(["a", "b", "c"]) == "`a`, `b` or `c`"
    assert all_of(["a", "b"]) == "`a` and `b`"
    assert all_of(["a"]) == "`a`"


@pytest.mark.parametrize(
    ("seconds", "text"), [(0, "0s"), (45, "45s"), (1800, "30m"), (9001, "2h30m1s"), (86400, "24h")]
)
def test_a_duration_reads_as_a_policy_writes_it(seconds: int, text: str) -> None:
    """Seconds become hours, minutes and seconds."""
    assert duration(seconds) == text


def test_parts_of_a_sentence_are_summed_up() -> None:
    """Without backticks: they are our own words."""
    assert sum_of(["one"]) == "one"
    assert sum_of(["one", "two", "three"]) == "one, two and three"
