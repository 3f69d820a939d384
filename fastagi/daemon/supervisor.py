"""The process outside every event loop: it keeps workers alive, and ends those that hang.

It owns the listening sockets, so that a caller who comes while a worker is being replaced waits
in the kernel's queue instead of being refused. Workers are fresh interpreters (`subprocess` with
`pass_fds`) and no forks of this one: no lock, thread or half-read file comes along, only the
sockets and one pipe. All it does itself is wait on pipes and signals; what could block or crash
is done by workers.

    start -> READY -> ALIVE ALIVE ALIVE … -> silent for 3 s -> SIGKILL -> pause -> start
"""

from __future__ import annotations

import contextlib
import os
import selectors
import signal
import socket
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Protocol

import structlog

from fastagi.daemon import heartbeat, systemd

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from subprocess import Popen

PAUSE_S: Final = 0.1
"""Before a dead worker's place is filled again; doubles with each death in a row …"""

PAUSE_AT_MOST_S: Final = 5.0
"""… up to this."""

SETTLED_S: Final = 30.0
"""A worker that lived this long owes its death to something new: the pause starts anew."""

DRAIN_MARGIN_S: Final = 2.0
"""What a draining worker may take over its stated time before it is killed."""

INVALID: Final = 3
"""The exit status of a worker (and of the service) whose policy or settings are invalid."""


SIGNALS: Final = -1
"""Stands among the workers' numbers for the socket that signals come by."""

ASKED: Final = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)


log = structlog.get_logger(__name__)


class Start(Protocol):
    """How a worker is started: the writing end of its pipe is all that it must be given."""

    def __call__(self, number: int, pipe: int) -> Popen[bytes]:
        """Start worker `number`, which says its words on `pipe`."""
        ...


@dataclass(slots=True)
class Place:
    """One place for a worker: who is in it, or when it is filled again."""

    number: int
    fill_at: float
    process: Popen[bytes] | None = None
    pipe: int = -1
    started_at: float = 0.0
    heard_at: float = 0.0
    ready: bool = False
    pause_s: float = PAUSE_S


@dataclass(slots=True)
class Supervisor:
    """Runs `workers` workers until it is told to stop.

    Attributes:
        sockets: The listening sockets; closed when draining begins, so that callers who come then
            are refused by Asterisk at once.
        drain_s: What workers are given to finish their calls after SIGTERM.
        clock: Monotonic seconds.
        when_ready: Called once, when all workers are ready for the first time.
        start_s: What a worker may take to become ready.
        silent_s: What a ready worker may be silent.
    """

    start: Start
    workers: int
    sockets: Sequence[socket.socket]
    drain_s: float
    notify: systemd.Systemd = field(default_factory=systemd.Systemd)
    clock: Callable[[], float] = time.monotonic
    when_ready: Callable[[], None] = lambda: None
    start_s: float = heartbeat.START_S
    silent_s: float = heartbeat.SILENT_S

    _places: list[Place] = field(init=False, default_factory=list)
    _selector: selectors.BaseSelector = field(
        init=False, default_factory=selectors.DefaultSelector
    )
    _begun: bool = field(init=False, default=False)
    _announced: bool = field(init=False, default=False)
    _drained_by: float | None = field(init=False, default=None)
    _status: int = field(init=False, default=0)

    def run(self) -> int:
        """Keep the workers running; returns the service's exit status once none is left."""
        # The first worker proves the policy and makes the store; only then do the others start.
        never = float("inf")
        self._places = [Place(n, never if n else 0.0) for n in range(self.workers)]
        with _signals() as signals:
            self._selector.register(signals, selectors.EVENT_READ, SIGNALS)
            while True:
                now = self.clock()
                self._end_the_silent(now)
                self._fill_places(now)
                if self._drained_by is not None and not self._staffed():
                    break
                self._wait(signals, now)
        self._selector.close()
        return self._status

    # ------------------------------------------------------------------- workers

    def _staffed(self) -> list[Place]:
        return [place for place in self._places if place.process is not None]

    def _silent_at(self, place: Place) -> float:
        """When the place's worker has been silent for too long."""
        return place.heard_at + (self.silent_s if place.ready else self.start_s)

    def _fill_places(self, now: float) -> None:
        """Start a worker in every place whose pause is over, unless the service is ending."""
        if self._drained_by is not None:
            return
        for place in self._places:
            if place.process is not None or place.fill_at > now:
                continue
            self._fill(place, now)

    def _fill(self, place: Place, now: float) -> None:
        reading, writing = os.pipe()
        os.set_blocking(reading, False)
        os.set_blocking(writing, False)
        place.pipe, place.ready = reading, False
        place.started_at = place.heard_at = now
        try:
            place.process = self.start(place.number, writing)
        except OSError as error:  # no memory, no more processes: that may pass
            log.error("worker-not-started", worker=place.number, error=str(error))
            os.close(reading)
            self._mourn(place, now, status=1)
            return
        finally:
            os.close(writing)
        self._selector.register(reading, selectors.EVENT_READ, place.number)
        log.info("worker-started", worker=place.number, pid=place.process.pid)

    def _end_the_silent(self, now: float) -> None:
        """Kill every worker whose event loop stopped turning, and what outstays the drain.

        Its sockets close with it, and so Asterisk frees the callers who waited on it. SIGKILL
        ends a stopped process too.
        """
        for place in self._staffed():
            if now >= self._silent_at(place):
                log.error(
                    "worker-silent",
                    worker=place.number,
                    silent_s=round(now - place.heard_at, 1),
                )
            elif self._drained_by is not None and now >= self._drained_by:
                log.error("worker-outstays-the-drain", worker=place.number)
            else:
                continue
            self._bury(place, now)

    def _hear(self, place: Place, now: float) -> None:
        """Take in what a worker says; the end of its pipe is the end of the worker."""
        try:
            words = os.read(place.pipe, 4096)
        except BlockingIOError:  # pragma: no cover - a spurious wakeup; select(2), BUGS
            return
        if not words:
            self._bury(place, now)
            return
        place.heard_at = now
        if heartbeat.READY in words and not place.ready:
            place.ready = True
            log.info("worker-ready", worker=place.number)
            self._begin(now)

    def _begin(self, now: float) -> None:
        """Start the other workers after the first, and tell systemd once all are ready."""
        if not self._begun:
            self._begun = True
            for place in self._places[1:]:
                place.fill_at = now
        if not self._announced and all(place.ready for place in self._places):
            self._announced = True
            self.notify.tell(systemd.READY)
            self.when_ready()

    def _bury(self, place: Place, now: float) -> None:
        """End what is left of a worker."""
        if place.process is None:  # pragma: no cover - only staffed places are buried
            return
        place.process.kill()
        status = place.process.wait()
        self._selector.unregister(place.pipe)
        os.close(place.pipe)
        place.process, place.pipe, place.ready = None, -1, False
        self._mourn(place, now, status)

    def _mourn(self, place: Place, now: float, status: int) -> None:
        """Decide what follows from a worker's death: a successor, or the end of the service."""
        if self._drained_by is not None:
            log.info("worker-ended", worker=place.number, status=status)
            return
        if not self._begun:
            log.error("service-cannot-start", status=status)
            self._status = INVALID if status == INVALID else 1
            self._drain(now)
            return
        if now - place.started_at >= SETTLED_S:
            place.pause_s = PAUSE_S
        place.fill_at = now + place.pause_s
        log.error("worker-died", worker=place.number, status=status, pause_s=place.pause_s)
        place.pause_s = min(2 * place.pause_s, PAUSE_AT_MOST_S)

    # ------------------------------------------------------------------- signals and time

    def _wait(self, signals: socket.socket, now: float) -> None:
        """Sleep until a worker speaks, a signal comes, or the next moment to look."""
        moments = [self._silent_at(place) for place in self._staffed()]
        if self._drained_by is None:
            moments += [place.fill_at for place in self._places if place.process is None]
        else:
            moments.append(self._drained_by)
        if self.notify.watchdog_s is not None:
            self.notify.tell(systemd.WATCHDOG)
            moments.append(now + self.notify.watchdog_s)
        spoken = {key.data for key, _ in self._selector.select(max(0.0, min(moments) - now))}
        # Workers are heard before signals: who said READY before SIGHUP came, is told of it.
        for place in self._places:
            if place.number in spoken:
                self._hear(place, self.clock())
        if SIGNALS in spoken:
            for number in signals.recv(64):
                self._obey(signal.Signals(number))

    def _obey(self, asked: signal.Signals) -> None:
        """Do what a signal asks: reload, drain, or (asked twice) end at once."""
        if asked is signal.SIGHUP:
            # A worker that is not ready reads the files anyway, and SIGHUP would still kill it.
            self._pass_on(signal.SIGHUP, [place for place in self._places if place.ready])
        elif self._drained_by is None:
            log.info("draining", drain_s=self.drain_s)
            self._drain(self.clock())
        else:
            self._pass_on(signal.SIGKILL, self._staffed())

    def _drain(self, now: float) -> None:
        """Take no more calls, and have the workers finish theirs within the stated time."""
        self._drained_by = now + self.drain_s + DRAIN_MARGIN_S
        self.notify.tell(systemd.STOPPING)
        for each in self.sockets:
            each.close()
        self._pass_on(signal.SIGTERM, self._staffed())

    def _pass_on(self, asked: signal.Signals, places: Sequence[Place]) -> None:
        for process in filter(None, (place.process for place in places)):
            process.send_signal(asked)


@contextlib.contextmanager
def _signals() -> Iterator[socket.socket]:
    """Turn SIGTERM, SIGINT and SIGHUP into bytes on a socket, which the selector can wait for."""
    reading, writing = socket.socketpair()
    reading.setblocking(False)
    writing.setblocking(False)
    # A handler must exist for the wakeup descriptor to be written to; it has nothing to do.
    before = {asked: signal.signal(asked, lambda *_: None) for asked in ASKED}
    wakeup = signal.set_wakeup_fd(writing.fileno())
    try:
        yield reading
    finally:
        signal.set_wakeup_fd(wakeup)
        for asked, handler in before.items():
            signal.signal(asked, handler)
        reading.close()
        writing.close()
