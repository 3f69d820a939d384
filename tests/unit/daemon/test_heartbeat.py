"""What a worker says to its supervisor."""

from __future__ import annotations

import asyncio
import os

from fastagi.daemon import heartbeat


def test_a_word_reaches_the_reader() -> None:
    """One byte, and it is there."""
    reading, writing = os.pipe()
    assert heartbeat.say(writing, heartbeat.READY)
    assert os.read(reading, 10) == b"R"
    os.close(reading)
    os.close(writing)


def test_a_full_pipe_counts_as_said() -> None:
    """A supervisor that is behind has plenty to read; the worker must not wait for it."""
    reading, writing = os.pipe()
    os.set_blocking(writing, False)
    filled = 0
    while filled < 1 << 20:
        try:
            filled += os.write(writing, bytes(4096))
        except BlockingIOError:
            break
    assert heartbeat.say(writing, heartbeat.ALIVE)
    os.close(reading)
    os.close(writing)


async def test_a_dead_supervisor_is_noticed() -> None:
    """Nobody reads the pipe: the worker is told that it is an orphan, once."""
    reading, writing = os.pipe()
    os.close(reading)
    orphaned: list[bool] = []
    await heartbeat.beat(writing, lambda: orphaned.append(True))
    os.close(writing)
    assert orphaned == [True]


async def test_it_beats_until_cancelled() -> None:
    """The first beat comes at once; the worker ends the beating when it ends."""
    reading, writing = os.pipe()
    beating = asyncio.create_task(heartbeat.beat(writing, lambda: None))
    assert await asyncio.to_thread(os.read, reading, 1) == heartbeat.ALIVE
    beating.cancel()
    await asyncio.wait([beating])
    assert beating.cancelled()
    os.close(reading)
    os.close(writing)
