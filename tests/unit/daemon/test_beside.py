"""A process beside the workers: kept alive, and never waited for."""

from __future__ import annotations

import selectors
import signal
import subprocess
import time
from typing import TYPE_CHECKING, Any

import pytest
import structlog

from fastagi.daemon.beside import Beside
from fastagi.daemon.life import NEVER
from tests.unit.daemon.scripted_workers import (
    STAYS,
    Script,
    reacting,
    supervise,
    to_supervisor,
)

if TYPE_CHECKING:
    from collections.abc import MutableMapping


def run_beside(beside: Beside, stop_at: str, *, times: int = 1) -> list[Any]:
    """Run a worker that stays, with a process beside it, until the log says it so many times."""
    heard = 0

    def react(line: MutableMapping[str, Any]) -> None:
        nonlocal heard
        heard += line["event"] == stop_at
        if line["event"] == stop_at and heard == times:
            to_supervisor(signal.SIGTERM)

    supervisor = supervise(Script([STAYS]))
    supervisor.beside = [beside]
    with reacting(react) as told:
        assert supervisor.run() == 0
    return told


def test_it_starts_after_the_first_worker_and_ends_with_the_service() -> None:
    """The first worker proves the policy and makes the keys."""
    told = run_beside(Beside("web", Script([STAYS])), "process-ready")
    events = [line["event"] for line in told]
    assert events.index("worker-ready") < events.index("process-started")
    assert events[-1] in {"process-ended", "worker-ended"}
    assert [line["status"] for line in told if line["event"] == "process-ended"] == [0]


def test_one_that_dies_is_started_again_ever_more_slowly() -> None:
    """And no worker is."""
    script = Script(["sys.exit(3)", "sys.exit(1)", STAYS])
    told = run_beside(Beside("web", script, pause_s=0.01), "process-ready")
    assert [line["pause_s"] for line in told if line["event"] == "process-died"] == [0.01, 0.02]
    assert [line["event"] for line in told].count("worker-started") == 1


def test_one_that_is_silent_is_killed() -> None:
    """Also one that was stopped."""
    script = Script(["ready(); os.kill(os.getpid(), signal.SIGSTOP)", STAYS])
    told = run_beside(Beside("web", script, silent_s=0.2, pause_s=0.01), "process-ready", times=2)
    assert "process-silent" in [line["event"] for line in told]


def test_one_that_does_not_leave_is_killed(monkeypatch: pytest.MonkeyPatch) -> None:
    """The service ends all the same."""
    monkeypatch.setattr("fastagi.daemon.beside.LEAVE_S", 0.2)
    stays = "signal.signal(signal.SIGTERM, signal.SIG_IGN); say(b'R'); live()"
    told = run_beside(Beside("web", Script([stays])), "process-ready")
    assert [line["status"] for line in told if line["event"] == "process-ended"] == [-9]


def test_a_rolling_restart_renews_it() -> None:
    """A new version is not run by workers alone."""
    asked = False

    def react(line: MutableMapping[str, Any]) -> None:
        nonlocal asked
        if line["event"] == "process-ready" and not asked:
            asked = True
            to_supervisor(signal.SIGUSR2)
        elif line["event"] == "process-ready":
            to_supervisor(signal.SIGTERM)

    script = Script([STAYS])
    supervisor = supervise(Script([STAYS]))
    supervisor.beside = [Beside("web", script)]
    with reacting(react) as told:
        assert supervisor.run() == 0
    assert script.started == [0, 0]
    assert "process-died" not in [line["event"] for line in told]


def test_a_reload_is_passed_on_to_it() -> None:
    """It reads policy and keys again, as workers do."""
    reads = (
        "signal.signal(signal.SIGHUP, lambda *_: os.kill(parent, signal.SIGTERM))\nready(); live()"
    )
    worker = "signal.signal(signal.SIGHUP, signal.SIG_IGN)\n" + STAYS

    def react(line: MutableMapping[str, Any]) -> None:
        if line["event"] == "process-ready":
            to_supervisor(signal.SIGHUP)

    supervisor = supervise(Script([worker]))
    supervisor.beside = [Beside("web", Script([reads]))]
    with reacting(react):
        assert supervisor.run() == 0


def test_who_asks_twice_ends_it_at_once() -> None:
    """Ctrl-C, and Ctrl-C again."""
    stays = "signal.signal(signal.SIGTERM, signal.SIG_IGN); say(b'R'); live()"

    def react(line: MutableMapping[str, Any]) -> None:
        if line["event"] in {"process-ready", "draining"}:
            to_supervisor(signal.SIGTERM)

    supervisor = supervise(Script([stays]))
    supervisor.beside = [Beside("web", Script([stays]))]
    began = time.monotonic()
    with reacting(react):
        supervisor.run()
    assert time.monotonic() - began < 4


def test_one_that_cannot_be_started_is_tried_again() -> None:
    """No memory, no more processes: that may pass."""
    script, tried = Script([STAYS]), 0

    def start(number: int, pipe: int) -> subprocess.Popen[bytes]:
        nonlocal tried
        tried += 1
        if tried == 1:
            raise OSError("no more processes")
        return script(number, pipe)

    supervisor = supervise(Script([STAYS]))
    supervisor.beside = [Beside("web", start, pause_s=0.01)]

    def react(line: MutableMapping[str, Any]) -> None:
        if line["event"] == "process-ready":
            to_supervisor(signal.SIGTERM)

    with reacting(react) as told:
        assert supervisor.run() == 0
    assert "process-not-started" in [line["event"] for line in told]


def test_one_that_lived_long_is_started_without_a_long_pause() -> None:
    """What settled once owes nothing for crashes of long ago."""
    beside = Beside("web", Script(["sys.exit(1)"]), fill_at=0.0, pause_s=32.0)
    selector = selectors.DefaultSelector()
    with structlog.testing.capture_logs() as told, selector:
        beside.look(selector, 0.0)
        assert selector.select(20)
        beside.hear(selector, 100.0)
        beside.hear(selector, 100.0)
    assert [line["pause_s"] for line in told if "pause_s" in line] == [0.5]
    assert beside.look_at() == 100.5


def test_where_it_was_never_started_there_is_nothing_to_end() -> None:
    """The service ended before its first worker was ready."""
    beside = Beside("web", Script([STAYS]))
    beside.kill()
    beside.end(0.0)
    assert beside.is_over
    assert beside.look_at() == NEVER
