"""What the gate itself sees of attackers, from every process into the lookout's, through a pipe.

Whoever hands in never waits: the pipe does not block, and what does not fit is counted and said
with the next line. Of one kind no more than `PER_S` a second are handed over by one process, and
of one address `OF_ONE_PER_S`, so that a flood at the door hides no guesses at codes, and one
address no other. A line is shorter than what a pipe takes whole (`PIPE_BUF`, pipe(7)), so that
those of several processes do not mix. While the lookout is started anew, lines wait in the pipe.

Who reads trusts nobody: a worker that was taken over writes whatever it likes. A line counts only
if it is what one of ours says, of the kinds that the gate sees, and of this moment; everything
else is thrown away and counted. So the most that such a worker can do is to tell of what it did
not see, at a pace that is bounded.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import time
from ipaddress import IPv4Address, IPv6Address  # at run time: pydantic reads by them
from typing import TYPE_CHECKING, Annotated, Final, Literal

import structlog
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from fastagi.call.ports import NoSightings
from fastagi.signs.sighting import Seen, Sighting

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from fastagi.call.ports import Sightings

PER_S: Final = 200
"""Of one kind, by one process; several times what any `[[watch]]` counts to."""

OF_ONE_PER_S: Final = 25
"""Of one kind and address, by one process."""

LINE_MOST: Final = 1024
"""Bytes of one line; a quarter of `PIPE_BUF`."""

READ_MOST: Final = 65_536
"""Bytes that are read at once …"""

PAUSE_S: Final = 0.05
"""… and how long the reader rests after so many: the lookout has other things to hear."""

LATE_S: Final = 60.0
"""How long a line may have waited in the pipe; what is older is no news."""

TELL_EVERY_S: Final = 60.0
"""How often the log tells of what was lost."""

log = structlog.get_logger(__name__)


class _Line(BaseModel):
    """One line, as one of our processes writes it."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)

    at: Annotated[float, Field(allow_inf_nan=False)]
    seen: Literal["probe", "wrong-code", "trap"]
    account: Annotated[str, Field(pattern=r"^[A-Za-z0-9_.@+-]{0,80}\z")]
    address: IPv4Address | IPv6Address | None
    transport: Literal["", "udp", "tcp", "tls", "ws", "wss"]
    proven: bool
    site: Annotated[str, Field(pattern=r"^[a-z0-9-]{0,80}\z")]
    node: Annotated[str, Field(max_length=200)]
    lost: Annotated[int, Field(ge=0, le=1 << 40)] = 0

    @property
    def is_sound(self) -> bool:
        """Whether its text is one line, and its address is all of an address: `%…` may be any."""
        return self.node.isprintable() and "%" not in str(self.address)


# ----------------------------------------------------------------------------- handing in


class Sender:
    """The writing end, in one process; a `fastagi.call.ports.Sightings`."""

    def __init__(self, pipe: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._pipe = pipe
        self._clock = clock
        self._second = 0
        self._of_kind: dict[Seen, int] = {}
        self._of_one: dict[tuple[Seen, str], int] = {}
        self._lost = 0
        os.set_blocking(pipe, False)

    def see(self, sighting: Sighting) -> None:
        """Hand a sighting over; never waits, never raises."""
        if not self._has_its_turn(sighting) or not self._written(sighting):
            self._lost += 1

    def _has_its_turn(self, sighting: Sighting) -> bool:
        second = int(self._clock())
        if second != self._second:
            self._second, self._of_kind, self._of_one = second, {}, {}
        kind, one = sighting.seen, (sighting.seen, str(sighting.address))
        of_kind, of_one = self._of_kind.get(kind, 0), self._of_one.get(one, 0)
        if of_kind >= PER_S or of_one >= OF_ONE_PER_S:
            return False
        self._of_kind[kind], self._of_one[one] = of_kind + 1, of_one + 1
        return True

    def _written(self, sighting: Sighting) -> bool:
        try:
            line = _line(sighting, self._lost)
            if len(line) > LINE_MOST:
                return False
            os.write(self._pipe, line)
        except (ValidationError, OSError):  # nothing of ours; it is full, or nobody is there
            return False
        self._lost = 0
        return True


def sightings_into(word: str) -> Sightings:
    """Return where to hand in, of the word that a process is started with; empty for nowhere."""
    return Sender(int(word)) if word else NoSightings()


def _line(sighting: Sighting, lost: int) -> bytes:
    line = _Line.model_validate(
        {
            "at": float(sighting.at),
            "seen": str(sighting.seen),
            "account": sighting.account,
            "address": sighting.address,
            "transport": sighting.transport,
            "proven": sighting.proven,
            "site": sighting.site,
            "node": sighting.node,
            "lost": lost,
        }
    )
    return line.model_dump_json().encode() + b"\n"


# ----------------------------------------------------------------------------- hearing


class Reader:
    """Takes lines apart, however the pipe delivers them.

    Attributes:
        lost: Sightings that senders had to let go.
        odd: Lines that none of ours writes.
    """

    def __init__(self, now: Callable[[], float] = time.time) -> None:
        self._now = now
        self._rest = b""
        self._too_long = False
        self.lost = 0
        self.odd = 0

    def take(self, read: bytes) -> Iterator[Sighting]:
        """Take in what was read; return each sighting that is whole, and no nonsense."""
        *lines, rest = (self._rest + read).split(b"\n")
        for line in lines:
            sighting = None if self._too_long else self._sighting_of(line)
            self._too_long = False
            if sighting is None:
                self.odd += 1
            else:
                yield sighting
        self._too_long = self._too_long or len(rest) > LINE_MOST
        self._rest = b"" if self._too_long else rest

    def _sighting_of(self, text: bytes) -> Sighting | None:
        """Read one line; None for what is none of ours, or no news."""
        if len(text) > LINE_MOST:
            return None
        try:
            line = _Line.model_validate_json(text)
        except ValidationError:
            return None
        now = self._now()
        if not now - LATE_S <= line.at <= now + 1.0 or not line.is_sound:
            return None
        self.lost += line.lost
        return Sighting(
            at=min(line.at, now),
            seen=Seen(line.seen),
            account=line.account,
            # One place has one name: `::ffff:10.0.0.5` is `10.0.0.5` (RFC 4291, 2.5.5.2).
            address=getattr(line.address, "ipv4_mapped", None) or line.address,
            transport=line.transport,
            proven=line.proven,
            site=line.site,
            node=line.node,
        )


async def hear(
    pipe: int,
    see: Callable[[Sighting], None],
    count: Callable[[int, int], None] = lambda lost, odd: None,  # noqa: ARG005 - counts nothing
    now: Callable[[], float] = time.time,
) -> None:
    """Hand every sighting that comes through the pipe to whoever recognises, until cancelled.

    Args:
        pipe: The reading end, which does not block.
        see: Takes one; must not raise.
        count: Told how many sightings were lost, and how many lines were odd, since the last time.
        now: The wall clock, seconds since the epoch.
    """
    loop, reader, told = asyncio.get_running_loop(), Reader(now), _Told()
    readable = asyncio.Event()
    loop.add_reader(pipe, readable.set)
    try:
        while True:
            readable.clear()
            try:
                read = os.read(pipe, READ_MOST)
            except BlockingIOError:
                await readable.wait()
                continue
            if not read:  # every writer is gone, and so is the service
                return
            for sighting in reader.take(read):
                see(sighting)
            if reader.lost or reader.odd:
                count(reader.lost, reader.odd)
                told.tell(reader.lost, reader.odd)
                reader.lost = reader.odd = 0
            await asyncio.sleep(PAUSE_S if len(read) == READ_MOST else 0)
    finally:
        loop.remove_reader(pipe)


class _Told:
    """Says in the log what was lost, once in a while."""

    def __init__(self) -> None:
        self._next = 0.0
        self._lost = self._odd = 0

    def tell(self, lost: int, odd: int) -> None:
        """Say it, or keep it for the next time."""
        self._lost, self._odd = self._lost + lost, self._odd + odd
        if time.monotonic() < self._next:
            return
        self._next = time.monotonic() + TELL_EVERY_S
        log.warning("sightings-lost", lost=self._lost, odd=self._odd)
        self._lost = self._odd = 0


# ----------------------------------------------------------------------------- the pipe


@contextlib.contextmanager
def pipe_of_sightings() -> Iterator[tuple[int, int]]:
    """Make the pipe; its reading and its writing end.

    The supervisor keeps both: what is in it outlives the process that reads.
    """
    reading, writing = os.pipe()
    os.set_blocking(reading, False)
    try:
        yield reading, writing
    finally:
        os.close(reading)
        os.close(writing)
