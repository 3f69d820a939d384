"""The supervisor, with scripted workers: real processes of a few lines each."""

from __future__ import annotations

import signal
import socket
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

import pytest
import structlog

from fastagi.daemon import systemd
from fastagi.daemon.supervisor import INVALID
from tests.unit.daemon.scripted_workers import STAYS, STOPS_ALL, Script, supervise


def test_sigterm_drains_and_ends_with_status_0() -> None:
    """A worker that ends when it is asked to leaves nothing to complain of."""
    script = Script([STOPS_ALL])
    assert supervise(script).run() == 0
    assert script.started == [0]


def test_the_others_start_once_the_first_is_ready() -> None:
    """The first worker proves the policy; every place is filled after it."""
    script = Script([STAYS, STAYS, STOPS_ALL])
    assert supervise(script, workers=3).run() == 0
    assert script.started == [0, 1, 2]


@pytest.mark.parametrize(("status", "seen"), [(INVALID, 3), (1, 1), (7, 1)])
def test_a_worker_that_cannot_start_ends_the_service(status: int, seen: int) -> None:
    """An invalid policy is status 3, whatever else goes wrong at start is 1."""
    script = Script([f"sys.exit({status})"])
    assert supervise(script, workers=2).run() == seen
    assert script.started == [0]


def test_a_worker_that_never_becomes_ready_ends_the_service() -> None:
    """Hanging at start is failing at start."""
    assert supervise(Script(["time.sleep(60)"]), start_s=0.2).run() == 1


def test_a_worker_killed_is_replaced() -> None:
    """`kill -9` of a ready worker costs its own callers only."""
    script = Script(["ready(); os.kill(os.getpid(), signal.SIGKILL)", STOPS_ALL])
    assert supervise(script).run() == 0
    assert script.started == [0, 0]


def test_a_silent_worker_is_killed_and_replaced() -> None:
    """An event loop that stopped turning is ended from outside, and another takes its place."""
    script = Script(["ready(); time.sleep(60)", STOPS_ALL])
    with structlog.testing.capture_logs() as told:
        assert supervise(script, silent_s=0.3).run() == 0
    assert script.started == [0, 0]
    assert any("silent" in line["event"] for line in told)


def test_a_stopped_worker_is_killed_too() -> None:
    """SIGSTOP is the plainest way to hang."""
    script = Script(["ready(); os.kill(os.getpid(), signal.SIGSTOP)", STOPS_ALL])
    assert supervise(script, silent_s=0.3).run() == 0


def test_workers_that_die_in_a_row_are_replaced_ever_more_slowly() -> None:
    """A crash loop does not take the machine's cores."""
    script = Script(["ready()", "sys.exit(3)", "sys.exit(3)", STOPS_ALL])
    with structlog.testing.capture_logs() as told:
        assert supervise(script).run() == 0
    assert [line["pause_s"] for line in told if "pause_s" in line] == [0.1, 0.2, 0.4]


def test_a_worker_that_lived_long_is_replaced_without_delay() -> None:
    """What settled once owes nothing for crashes of long ago."""
    script = Script(["ready()", "ready()", STOPS_ALL])
    supervisor = supervise(script, silent_s=1000, start_s=1000)
    supervisor.clock = lambda: time.monotonic() + 40 * len(script.started)
    with structlog.testing.capture_logs() as told:
        assert supervisor.run() == 0
    assert [line["pause_s"] for line in told if "pause_s" in line] == [0.1, 0.1]


def test_being_ready_is_announced_once() -> None:
    """Also where a worker has to be replaced later."""
    script = Script(["ready()", STOPS_ALL])
    supervisor = supervise(script)
    announced: list[int] = []
    supervisor.when_ready = lambda: announced.append(len(script.started))
    assert supervisor.run() == 0
    assert announced == [1]


def test_sighup_is_passed_on() -> None:
    """Reloading is the workers' own doing."""
    heard = "signal.signal(signal.SIGHUP, lambda *_: os.kill(parent, signal.SIGTERM)); "
    asks = "ready(); os.kill(parent, signal.SIGHUP); live()"
    assert supervise(Script([heard + asks])).run() == 0


def test_a_worker_that_outstays_the_drain_is_killed() -> None:
    """The stated time is kept, whoever still talks."""
    deaf = "ready(); signal.signal(signal.SIGTERM, signal.SIG_IGN); os.kill(parent, 15); live()"
    with structlog.testing.capture_logs() as told:
        assert supervise(Script([deaf]), drain_s=-1.9).run() == 0
    assert any("outstays" in line["event"] for line in told)


def test_asked_twice_it_ends_at_once() -> None:
    """An operator who presses Ctrl-C again means it."""
    twice = (
        "ready(); signal.signal(signal.SIGTERM, lambda *_: os.kill(parent, signal.SIGINT)); "
        "os.kill(parent, signal.SIGINT); live()"
    )
    assert supervise(Script([twice]), drain_s=60).run() == 0


def test_draining_closes_the_door_first() -> None:
    """Callers who come while it drains are refused at once, and do not wait in a queue."""
    door = socket.create_server(("127.0.0.1", 0))
    assert supervise(Script([STOPS_ALL]), sockets=(door,)).run() == 0
    assert door.fileno() == -1


def test_systemd_hears_of_every_turn() -> None:
    """READY once all workers are, WATCHDOG while it turns, STOPPING when it drains."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as ear:
        ear.bind("")  # Linux picks an abstract name
        ear.setblocking(False)
        address = "@" + ear.getsockname()[1:].decode()
        # The kernel keeps ten words (net.unix.max_dgram_qlen): two starts must take no more beats.
        notify = systemd.Systemd(address, watchdog_s=0.5)
        assert supervise(Script([STAYS, STOPS_ALL]), workers=2, notify=notify).run() == 0
        heard = []
        while True:
            try:
                heard.append(ear.recv(64).decode())
            except BlockingIOError:
                break
    assert heard[0] == "WATCHDOG=1"
    assert [word for word in heard if word != "WATCHDOG=1"] == ["READY=1", "STOPPING=1"]


@dataclass
class Poor(Script):
    """A system that is out of processes for every second start."""

    def __call__(self, number: int, pipe: int) -> subprocess.Popen[bytes]:
        """Fail the second start."""
        if len(self.started) == 1:
            self.started.append(number)
            raise BlockingIOError("no more processes")
        return super().__call__(number, pipe)


def test_a_worker_that_cannot_be_started_is_tried_again() -> None:
    """A system that is out of processes for a moment does not cost the service."""
    script = Poor(["ready()", "", STOPS_ALL])
    assert supervise(script).run() == 0
    assert script.started == [0, 0, 0]


def test_signals_are_left_as_they_were() -> None:
    """A supervisor that ended leaves no handler behind."""
    before = signal.getsignal(signal.SIGTERM)
    supervise(Script([STOPS_ALL])).run()
    assert signal.getsignal(signal.SIGTERM) is before


def test_no_descriptor_is_left_open() -> None:
    """Pipes of dead workers are closed."""
    before = len(list(Path("/proc/self/fd").iterdir()))
    supervise(Script(["ready()", STOPS_ALL])).run()
    assert len(list(Path("/proc/self/fd").iterdir())) == before
