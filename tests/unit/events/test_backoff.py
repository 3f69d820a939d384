"""How long to wait for who takes nothing in."""

from __future__ import annotations

from fastagi.events.backoff import FIRST_PAUSE_S, PAUSE_AT_MOST_S, pause_s


def test_it_doubles_up_to_the_longest() -> None:
    """Less a random part, of a half at most."""
    for tries in range(2000):
        longest_s = min(FIRST_PAUSE_S * 2 ** min(tries, 30), PAUSE_AT_MOST_S)
        assert longest_s / 2 <= pause_s(tries) <= longest_s
    assert pause_s(2000, 60.0) <= 60.0
