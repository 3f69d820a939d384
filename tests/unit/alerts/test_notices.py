"""Words of the log through a pipe that never blocks."""

from __future__ import annotations

import fcntl
import os
from typing import TYPE_CHECKING

import pytest

from fastagi.alerts.notices import (
    LINE_MOST,
    PER_S,
    UNTOLD,
    VALUE_MOST,
    Notices,
    Reader,
    notices_into,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

WORD = {"event": "bypass", "time": "t", "worker": 0}


@pytest.fixture
def pipe() -> Iterator[tuple[int, int]]:
    """Return both ends."""
    reading, writing = os.pipe()
    os.set_blocking(reading, False)
    yield reading, writing
    os.close(reading)
    os.close(writing)


def read(reading: int) -> list[dict[str, object]]:
    """Return what is in the pipe."""
    try:
        return list(Reader().take(os.read(reading, 1 << 20)))
    except BlockingIOError:
        return []


def test_what_matters_is_handed_over_and_nothing_else(pipe: tuple[int, int]) -> None:
    """Without what tells of errors at length."""
    tell = notices_into(str(pipe[1]))
    tell({**WORD, "channel": "c" * 999, "exc_info": "trace"})
    tell({"event": "worker-ready"})
    tell({"event": "operator-did", "deed": "ended-call"})
    tell({"event": "operator-did", "deed": "entered"})
    first, second = read(pipe[0])
    assert first == {**WORD, "channel": "c" * VALUE_MOST}
    assert second == {"event": "operator-did", "deed": "entered"}


def test_where_nobody_listens_nothing_is_done() -> None:
    """Without `[[alert]]`."""
    notices_into("")(WORD)


def test_a_flood_of_one_word_leaves_room_for_others(pipe: tuple[int, int]) -> None:
    """What was not handed over is counted, and said with the next."""
    now = [0.0]
    notices = Notices(pipe[1], lambda: now[0])
    for _ in range(1000):
        notices({**WORD, "event": "secret-unreadable"})
    notices(WORD)
    said = read(pipe[0])
    assert [each["event"] for each in said] == ["secret-unreadable"] * PER_S + ["bypass"]
    assert said[-1][UNTOLD] == 1000 - PER_S
    now[0] = 1.0
    notices({**WORD, "event": "secret-unreadable"})
    assert [UNTOLD in each for each in read(pipe[0])] == [False]


def test_a_flood_at_one_site_leaves_room_for_others(pipe: tuple[int, int]) -> None:
    """A hundred brakes of a neighbour hide none of ours."""
    notices = Notices(pipe[1], lambda: 0.0)
    for _ in range(100):
        notices({**WORD, "site": "loud"})
    notices({**WORD, "site": "quiet"})
    assert [each["site"] for each in read(pipe[0])] == ["loud"] * PER_S + ["quiet"]


def test_who_logs_waits_for_no_pipe(pipe: tuple[int, int]) -> None:
    """It is full, or nobody reads; that is counted."""
    fcntl.fcntl(pipe[1], fcntl.F_SETPIPE_SZ, 4096)
    now = [0.0]
    notices = Notices(pipe[1], lambda: now[0])
    for second in range(200):
        now[0] = float(second)
        notices({**WORD, "channel": "c" * 200})
    there = len(read(pipe[0]))
    assert there < 200
    now[0] = 999.0
    notices(WORD)
    assert read(pipe[0])[-1][UNTOLD] == 200 - there


def test_a_long_line_is_taken_whole_by_a_pipe(pipe: tuple[int, int]) -> None:
    """So that those of several processes do not mix."""
    Notices(pipe[1])({**WORD, **{f"field{n}": "\u20ac" * 200 for n in range(9)}})
    (said,) = read(pipe[0])
    assert said == WORD
    assert LINE_MOST <= 4096


def test_lines_are_put_together_however_they_come() -> None:
    """And what is none of ours is passed over."""
    reader = Reader()
    sent = b'{"event":"a"}\nnonsense\n[1]\n{"event":"b"}\n'
    said = [each for n in range(len(sent)) for each in reader.take(sent[n : n + 1])]
    assert said == [{"event": "a"}, {"event": "b"}]
