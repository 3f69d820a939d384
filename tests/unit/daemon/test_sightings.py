"""What the gate sees goes to the lookout through a pipe that never blocks; nothing else does."""

from __future__ import annotations

import asyncio
import json
import os
from dataclasses import replace
from ipaddress import ip_address
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from structlog.testing import capture_logs

from fastagi.call.ports import NoSightings
from fastagi.daemon.sightings import (
    LATE_S,
    LINE_MOST,
    OF_ONE_PER_S,
    PER_S,
    READ_MOST,
    Reader,
    Sender,
    hear,
    pipe_of_sightings,
    sightings_into,
)
from fastagi.signs.sighting import Seen, Sighting

if TYPE_CHECKING:
    from collections.abc import Iterator

NOW = 1_700_000_000.0
WRONG = Sighting(
    at=NOW,
    seen=Seen.WRONG_CODE,
    account="101",
    address=ip_address("192.0.2.7"),
    transport="tls",
    proven=True,
    site="home",
    node="pbx",
)
LINE = {
    "at": NOW,
    "seen": "wrong-code",
    "account": "101",
    "address": "192.0.2.7",
    "transport": "udp",
    "proven": False,
    "site": "home",
    "node": "",
}


def clock() -> float:
    """Return the moment of these tests."""
    return NOW


@pytest.fixture
def pipe() -> Iterator[tuple[int, int]]:
    """Return both ends."""
    with pipe_of_sightings() as ends:
        yield ends


def drained(reading: int, reader: Reader) -> list[Sighting]:
    """Return what is in the pipe."""
    found: list[Sighting] = []
    while True:
        try:
            found += reader.take(os.read(reading, READ_MOST))
        except BlockingIOError:
            return found


def test_what_was_seen_arrives_as_it_was(pipe: tuple[int, int]) -> None:
    """With every field that the gate knows."""
    nobody = Sighting(at=NOW, seen=Seen.PROBE)
    six = replace(WRONG, address=ip_address("2001:db8::7"), seen=Seen.TRAP)
    sender = sightings_into(str(pipe[1]))
    for each in (WRONG, nobody, six):
        sender.see(each)
    reader = Reader(clock)
    assert drained(pipe[0], reader) == [WRONG, nobody, six]
    assert (reader.lost, reader.odd) == (0, 0)


def test_without_a_lookout_nothing_is_done() -> None:
    """There is no pipe, and nobody to tell."""
    sightings = sightings_into("")
    assert isinstance(sightings, NoSightings)
    sightings.see(WRONG)


def test_a_full_pipe_keeps_nobody_waiting_and_what_is_lost_is_said(pipe: tuple[int, int]) -> None:
    """Whoever answers calls goes on; the first line that fits again says how many did not."""
    now = iter(range(1_000_000))
    sender = Sender(pipe[1], lambda: float(next(now)))
    for _ in range(2_000):
        sender.see(WRONG)
    reader = Reader(clock)
    arrived = len(drained(pipe[0], reader))
    assert 0 < arrived < 2_000
    sender.see(WRONG)
    assert drained(pipe[0], reader) == [WRONG]
    assert reader.lost == 2_000 - arrived


def test_a_flood_from_one_address_hides_no_other_and_no_other_kind(pipe: tuple[int, int]) -> None:
    """Ten thousand strangers at the door a second, and somebody guesses at codes."""
    second = [0.0]
    sender, reader = Sender(pipe[1], lambda: second[0]), Reader(clock)
    probe = Sighting(at=NOW, seen=Seen.PROBE, address=ip_address("198.51.100.1"))
    for _ in range(10_000):
        sender.see(probe)
    other = replace(probe, address=ip_address("198.51.100.2"))
    sender.see(other)
    sender.see(WRONG)
    assert drained(pipe[0], reader) == [probe] * OF_ONE_PER_S + [other, WRONG]
    assert reader.lost == 10_000 - OF_ONE_PER_S
    for last in range(1, 255):
        sender.see(replace(probe, address=ip_address(f"203.0.113.{last}")))
    assert len(drained(pipe[0], reader)) == PER_S - OF_ONE_PER_S - 1
    second[0] = 1.0
    sender.see(probe)
    assert drained(pipe[0], reader) == [probe]


@pytest.mark.parametrize(
    "odd",
    [
        {"seen": "wrong-password"},  # not the gate's to see
        {"seen": "registered"},
        {"account": "101\n"},
        {"account": "1" * 81},
        {"account": 101},
        {"address": "192.0.2"},
        {"address": 3221225991},
        {"address": "fe80::1%eth0"},
        {"proven": "yes"},
        {"proven": 1},
        {"site": "Home"},
        {"site": "home\n"},
        {"transport": "sctp"},
        {"node": "a\x1b[2J"},
        {"node": "n" * 201},
        {"at": "now"},
        {"at": NOW - LATE_S - 1},
        {"at": NOW + 2},
        {"lost": -1},
        {"lost": 1 << 41},
        {"more": ""},
    ],
    ids=str,
)
def test_a_line_that_none_of_ours_writes_is_thrown_away(odd: dict[str, object]) -> None:
    """And counted; the next is heard."""
    reader = Reader(clock)
    lines = [json.dumps({**LINE, **odd}), json.dumps(LINE)]
    (heard,) = reader.take("".join(f"{each}\n" for each in lines).encode())
    assert heard.account == "101"
    assert (reader.lost, reader.odd) == (0, 1)


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"{",
        b"[" * 1_000,
        b"null",
        b'{"at": NaN}',
        b'{"at": 1e999}',
        b"\xff\xfe",
        b"1" * 1_000,
    ],
)
def test_what_would_upset_a_parser_upsets_nobody(text: bytes) -> None:
    """Deeply nested, endless, not a number, no text."""
    reader = Reader(clock)
    assert list(reader.take(text + b"\n")) == []
    assert reader.odd == 1


def test_what_has_no_end_is_not_kept() -> None:
    """A megabyte without a line break takes no memory, is one odd line, and then all is well."""
    reader = Reader(clock)
    for _ in range(1_000):
        assert list(reader.take(b"x" * 1_000)) == []
        assert len(reader._rest) <= LINE_MOST
    assert len(list(reader.take(b"\n" + json.dumps(LINE).encode() + b"\n"))) == 1
    assert reader.odd == 1
    assert list(reader.take(b"x" * (LINE_MOST + 1) + b"\n")) == []
    assert reader.odd == 2


@given(st.lists(st.binary(max_size=200), max_size=20))
def test_no_bytes_whatever_make_the_reader_raise(chunks: list[bytes]) -> None:
    """Whoever took a worker over can write what they like."""
    reader = Reader(clock)
    for each in chunks:
        list(reader.take(each))


@given(st.integers(1, 40))
def test_it_does_not_matter_how_the_pipe_cuts_lines(size: int) -> None:
    """Byte by byte, or whole."""
    reader, text = Reader(clock), (json.dumps(LINE) + "\n").encode() * 3
    heard = [
        sighting
        for start in range(0, len(text), size)
        for sighting in reader.take(text[start : start + size])
    ]
    assert len(heard) == 3
    assert reader.odd == 0


def test_the_moment_is_never_after_now() -> None:
    """A second of difference is a clock's; windows do not begin in the future."""
    (heard,) = Reader(clock).take((json.dumps({**LINE, "at": NOW + 0.5}) + "\n").encode())
    assert heard.at == NOW


def test_what_cannot_be_written_is_lost_and_nobody_is_told_off(pipe: tuple[int, int]) -> None:
    """A name that no endpoint has is not worth a line, nor is one that is too long."""
    sender, reader = Sender(pipe[1]), Reader(clock)
    sender.see(replace(WRONG, account="1\n2"))
    sender.see(replace(WRONG, node="\x01" * 200))
    sender.see(WRONG)
    assert drained(pipe[0], reader) == [WRONG]
    assert reader.lost == 2


async def test_the_lookout_hears_until_everybody_is_gone() -> None:
    """And is told how many it could not hear; the log says so once, not with every line."""
    reading, writing = os.pipe()
    os.set_blocking(reading, False)
    seen: list[Sighting] = []
    counted: list[tuple[int, int]] = []
    told = asyncio.Event()

    def count(lost: int, odd: int) -> None:
        counted.append((lost, odd))
        told.set()

    with capture_logs() as said:
        hearing = asyncio.create_task(hear(reading, seen.append, count, clock))
        await asyncio.sleep(0)  # it waits for something to read
        for line in ({**LINE, "lost": 7}, {"no": "line"}):
            os.write(writing, (json.dumps(line) + "\n").encode())
            await told.wait()
            told.clear()
        Sender(writing).see(WRONG)
        os.close(writing)
        await hearing
    os.close(reading)
    assert [each.seen for each in seen] == [Seen.WRONG_CODE] * 2
    assert counted == [(7, 0), (0, 1)]
    assert [(each["event"], each["lost"], each["odd"]) for each in said] == [
        ("sightings-lost", 7, 0)
    ]


async def test_a_pipe_that_never_ends_leaves_room_for_the_rest_of_the_process() -> None:
    """Whoever writes without end is read with pauses; others have their turn meanwhile."""
    with pipe_of_sightings() as (reading, writing):
        hearing = asyncio.create_task(hear(reading, lambda _: None, now=clock))
        os.set_blocking(writing, False)
        turns = 0
        for _ in range(3):
            try:
                while True:
                    os.write(writing, b"\n" * 4096)
            except BlockingIOError:
                await asyncio.sleep(0)
                turns += 1
        hearing.cancel()
        with pytest.raises(asyncio.CancelledError):
            await hearing
    assert turns == 3
