"""The process outside every event loop: it keeps workers alive, and ends those that hang.

It owns the listening sockets, so that a caller who comes while a worker is being replaced waits
in the kernel's queue instead of being refused. Workers are fresh interpreters (`subprocess` with
`pass_fds`) and no forks of this one: no lock, thread or half-read file comes along, only the
sockets and one pipe. All it does itself is wait on pipes and signals; what could block or crash
is done by workers.

    start -> READY -> ALIVE ALIVE ALIVE … -> silent for 3 s -> SIGKILL -> pause -> start

SIGUSR2 replaces the workers one after another, and no call is refused: a place's successor starts
while its worker still serves, and only when it is READY is the old one told to leave.

A little longer than other files: one loop with one state, of which each half would reach into the
other. What one worker is, and what signals are, lies in `life` and `signals`.
"""

from __future__ import annotations

import selectors
import signal
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import structlog

from fastagi.daemon import heartbeat, signals, systemd
from fastagi.daemon.life import NEVER, Life

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable, Sequence

    from fastagi.daemon.beside import Beside
    from fastagi.daemon.life import Start

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


SIGNALS: Final = "signals"
"""Stands among the workers for the socket that signals come by."""

ASKED: Final = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGUSR2)


log = structlog.get_logger(__name__)


@dataclass(slots=True)
class Place:
    """One place for a worker: who is in it, or when it is filled again."""

    number: int
    fill_at: float
    worker: Life | None = None
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
        beside: Processes that no call waits for; they come after the first worker.
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
    beside: Sequence[Beside] = ()

    _places: list[Place] = field(init=False, default_factory=list)
    _successor: Life | None = field(init=False, default=None)
    _leaving: list[Life] = field(init=False, default_factory=list)
    _replace_before: float | None = field(init=False, default=None)
    _selector: selectors.BaseSelector = field(
        init=False, default_factory=selectors.DefaultSelector
    )
    _begun: bool = field(init=False, default=False)
    _announced: bool = field(init=False, default=False)
    _ending: bool = field(init=False, default=False)
    _status: int = field(init=False, default=0)

    def run(self) -> int:
        """Keep the workers running; returns the service's exit status once none is left."""
        # The first worker proves the policy and makes the store; only then do the others start.
        self._places = [Place(n, NEVER if n else 0.0) for n in range(self.workers)]
        with signals.heard(ASKED) as ear:
            self._selector.register(ear, selectors.EVENT_READ, SIGNALS)
            while True:
                now = self.clock()
                self._end_the_silent(now)
                self._fill_places(now)
                self._replace_the_next(now)
                for each in self.beside:
                    each.look(self._selector, now)
                if (
                    self._ending
                    and not self._alive()
                    and all(each.is_over for each in self.beside)
                ):
                    break
                self._wait(ear, now)
        self._selector.close()
        return self._status

    # ------------------------------------------------------------------- workers

    def _alive(self) -> list[Life]:
        """Return every worker there is: in places, on the way into one, on the way out."""
        among = [*(place.worker for place in self._places), self._successor, *self._leaving]
        return [worker for worker in among if worker is not None]

    def _fill_places(self, now: float) -> None:
        """Start a worker in every place whose pause is over, unless the service is ending."""
        if self._ending:
            return
        for place in self._places:
            if place.worker is None and place.fill_at <= now:
                place.worker = self._begin_life(place.number, now)
                if place.worker is None:
                    self._mourn(place, now, lived_s=0.0, status=1)

    def _begin_life(self, number: int, now: float) -> Life | None:
        try:
            worker = Life.begin(self.start, number, now)
        except OSError as error:  # no memory, no more processes: that may pass
            log.error("worker-not-started", worker=number, error=str(error))
            return None
        self._selector.register(worker.pipe, selectors.EVENT_READ, worker)
        log.info("worker-started", worker=number, pid=worker.process.pid)
        return worker

    def _end_the_silent(self, now: float) -> None:
        """Kill every worker whose event loop stopped turning, and what outstays its drain.

        Its sockets close with it, and so Asterisk frees the callers who waited on it. SIGKILL
        ends a stopped process too.
        """
        for worker in self._alive():
            if now >= worker.silent_at(self.start_s, self.silent_s):
                silent_s = round(now - worker.heard_at, 1)
                log.error("worker-silent", worker=worker.number, silent_s=silent_s)
            elif now >= worker.leave_by:
                log.error("worker-outstays-the-drain", worker=worker.number)
            else:
                continue
            self._bury(worker, now)

    def _hear(self, worker: Life, now: float) -> None:
        """Take in what a worker says; the end of its pipe is the end of the worker."""
        was_ready = worker.ready
        try:
            words = worker.hear(now)
        except BlockingIOError:  # pragma: no cover - a spurious wakeup; select(2), BUGS
            return
        if not words:
            self._bury(worker, now)
        elif worker.ready and not was_ready:
            log.info("worker-ready", worker=worker.number)
            if worker is self._successor:
                self._take_over(worker, now)
            elif not self._ending:
                self._begin(now)

    def _begin(self, now: float) -> None:
        """Start the other workers after the first, and tell systemd once all are ready."""
        if not self._begun:
            self._begun = True
            for place in self._places[1:]:
                place.fill_at = now
            for beside in self.beside:
                beside.fill_at = now
        workers = [place.worker for place in self._places]
        if not self._announced and all(each is not None and each.ready for each in workers):
            self._announced = True
            self.notify.tell(systemd.READY)
            self.when_ready()

    def _bury(self, worker: Life, now: float) -> None:
        """End what is left of a worker, and see to what it leaves behind."""
        self._selector.unregister(worker.pipe)
        status = worker.bury()
        place = self._places[worker.number]
        if worker is self._successor:
            self._successor = None
            self._stop_replacing(worker.number, status)
        elif worker is not place.worker:
            self._leaving.remove(worker)
            log.info("worker-ended", worker=worker.number, status=status)
        elif self._successor is not None and self._successor.number == worker.number:
            place.worker, self._successor = self._successor, None
            log.error("worker-died", worker=worker.number, status=status, pause_s=0.0)
        else:
            place.worker = None
            self._mourn(place, now, lived_s=now - worker.started_at, status=status)

    def _mourn(self, place: Place, now: float, *, lived_s: float, status: int) -> None:
        """Decide what follows from a worker's death: a successor, or the end of the service."""
        if self._ending:
            log.info("worker-ended", worker=place.number, status=status)
            return
        if not self._begun:
            log.error("service-cannot-start", status=status)
            self._status = INVALID if status == INVALID else 1
            self._drain(now)
            return
        if lived_s >= SETTLED_S:
            place.pause_s = PAUSE_S
        place.fill_at = now + place.pause_s
        log.error("worker-died", worker=place.number, status=status, pause_s=place.pause_s)
        place.pause_s = min(2 * place.pause_s, PAUSE_AT_MOST_S)

    # ------------------------------------------------------------------- rolling restart

    def _ask_to_replace(self, now: float) -> None:
        """Have every worker replaced that was started before now.

        Asked again meanwhile, those that are new already are replaced once more: what the second
        asking is about may have come after they had read it.
        """
        if self._ending or not self._begun:
            log.warning("rolling-restart-refused", why="the service is starting or ending")
            return
        log.info("rolling-restart", again=self._replace_before is not None)
        for each in self.beside:
            each.renew(now)
        self._replace_before = now

    def _replace_the_next(self, now: float) -> None:
        """Start the next successor, one at a time: two would take the callers' cores."""
        if self._ending or self._replace_before is None or self._successor is not None:
            return
        for place in self._places:
            old = place.worker  # a place that is empty will be filled by a fresh one anyway
            if old is not None and old.started_at < self._replace_before:
                self._successor = self._begin_life(place.number, now)
                if self._successor is None:
                    self._stop_replacing(place.number, status=1)
                return
        self._replace_before = None
        log.info("workers-replaced")

    def _take_over(self, successor: Life, now: float) -> None:
        """Put the successor, which is READY, in its place; the old one finishes its calls."""
        place = self._places[successor.number]
        old, place.worker, self._successor = place.worker, successor, None
        if old is not None:
            self._leaving.append(old)
            old.leave(now + self.drain_s + DRAIN_MARGIN_S)
            log.info("worker-replaced", worker=place.number, before=old.process.pid)

    def _stop_replacing(self, number: int, status: int) -> None:
        """Leave those workers where they are that serve: better an old one than none."""
        self._replace_before = None
        log.error("rolling-restart-stopped", worker=number, status=status)

    # ------------------------------------------------------------------- signals and time

    def _wait(self, ear: socket.socket, now: float) -> None:
        """Sleep until a worker speaks, a signal comes, or the next moment to look."""
        moments = [
            min(worker.silent_at(self.start_s, self.silent_s), worker.leave_by)
            for worker in self._alive()
        ]
        if not self._ending:
            moments += [place.fill_at for place in self._places if place.worker is None]
        moments += [each.look_at() for each in self.beside]
        if self.notify.watchdog_s is not None:
            self.notify.tell(systemd.WATCHDOG)
            moments.append(now + self.notify.watchdog_s)
        spoken = [key.data for key, _ in self._selector.select(max(0.0, min(moments) - now))]
        # Workers are heard before signals: who said READY before SIGHUP came, is told of it.
        for worker in spoken:
            if worker in self.beside:
                worker.hear(self._selector, self.clock())
            elif worker is not SIGNALS:
                self._hear(worker, self.clock())
        if SIGNALS in spoken:
            for number in ear.recv(64):
                self._obey(signal.Signals(number))

    def _obey(self, asked: signal.Signals) -> None:
        """Do what a signal asks: reload, replace, drain, or (asked twice) end at once."""
        if asked is signal.SIGHUP:
            # A worker that is not ready reads the files anyway, and SIGHUP would still kill it.
            among = [*self._alive(), *(each.life for each in self.beside)]
            self._pass_on(signal.SIGHUP, [each for each in among if each and each.ready])
        elif asked is signal.SIGUSR2:
            self._ask_to_replace(self.clock())
        elif not self._ending:
            log.info("draining", drain_s=self.drain_s)
            self._drain(self.clock())
        else:
            self._pass_on(signal.SIGKILL, self._alive())
            for each in self.beside:
                each.kill()

    def _drain(self, now: float) -> None:
        """Take no more calls, and have the workers finish theirs within the stated time."""
        self._ending = True
        self.notify.tell(systemd.STOPPING)
        for each in self.sockets:
            each.close()
        if self._successor is not None:
            self._leaving.append(self._successor)
            self._successor = None
        for worker in self._alive():
            worker.leave(now + self.drain_s + DRAIN_MARGIN_S)
        for beside in self.beside:
            beside.end(now)

    def _pass_on(self, asked: signal.Signals, workers: Sequence[Life]) -> None:
        for worker in workers:
            worker.signal(asked)
