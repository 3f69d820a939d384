"""SIGUSR2 to the supervisor: every worker is replaced, and none before its successor is READY."""

from __future__ import annotations

import os
import signal
import subprocess
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from tests.unit.daemon.scripted_workers import (
    STAYS,
    Script,
    reacting,
    supervise,
    to_supervisor,
)

if TYPE_CHECKING:
    from collections.abc import Callable, MutableMapping
    from typing import Any

    Line = MutableMapping[str, Any]

ROLL = signal.SIGUSR2
END = signal.SIGTERM


@dataclass
class Plan:
    """What is done when a line comes for the so-manieth time, counted from 1."""

    steps: dict[tuple[str, int], Callable[[], object]]
    pids: list[int] = field(default_factory=list)
    seen: Counter[str] = field(default_factory=Counter)

    def __call__(self, line: Line) -> None:
        """Take a line in."""
        event = line["event"]
        self.seen[event] += 1
        if event == "worker-started":
            self.pids.append(line["pid"])
        self.steps.get((event, self.seen[event]), lambda: None)()

    def kill(self, which: int) -> None:
        """Kill the so-manieth worker that was started, and wait until it is dead."""
        os.kill(self.pids[which - 1], signal.SIGKILL)
        os.waitid(os.P_PID, self.pids[which - 1], os.WEXITED | os.WNOWAIT)


def sends(asked: signal.Signals) -> Callable[[], None]:
    """Return what sends a signal to the supervisor."""
    return lambda: to_supervisor(asked)


def test_every_worker_is_replaced_one_after_the_other() -> None:
    """No place is ever without a worker that is ready, and one successor starts at a time."""
    script = Script([STAYS])
    plan = Plan({("worker-ready", 3): sends(ROLL), ("workers-replaced", 1): sends(END)})
    with reacting(plan) as told:
        assert supervise(script, workers=3).run() == 0
    assert script.started == [0, 1, 2, 0, 1, 2]
    assert len(set(plan.pids)) == 6
    begun = [line["event"] for line in told].index("rolling-restart")
    starts = ("worker-started", "worker-ready", "worker-replaced")
    steps = [line["event"] for line in told[begun:] if line["event"] in starts]
    assert steps == list(starts) * 3
    replaced = [line["before"] for line in told if line["event"] == "worker-replaced"]
    assert replaced == plan.pids[:3]
    assert not [line for line in told if line["log_level"] == "error"]


def test_a_successor_that_cannot_start_leaves_the_old_one_in_place() -> None:
    """The roll stops with one error, the other workers are not touched."""
    script = Script([STAYS, STAYS, "sys.exit(3)"])
    plan = Plan({("worker-ready", 2): sends(ROLL), ("rolling-restart-stopped", 1): sends(END)})
    with reacting(plan) as told:
        assert supervise(script, workers=2).run() == 0
    assert script.started == [0, 1, 0]
    errors = [line for line in told if line["log_level"] == "error"]
    assert [(line["event"], line["status"]) for line in errors] == [("rolling-restart-stopped", 3)]
    assert plan.seen["worker-ended"] == 2


def test_a_successor_that_never_becomes_ready_is_killed() -> None:
    """Hanging at start is failing at start; the old one stays."""
    script = Script([STAYS, "time.sleep(60)"])
    supervisor = supervise(script)

    def hurry() -> None:
        supervisor.start_s = 0.1
        to_supervisor(ROLL)

    plan = Plan({("worker-ready", 1): hurry, ("rolling-restart-stopped", 1): sends(END)})
    with reacting(plan) as told:
        assert supervisor.run() == 0
    assert script.started == [0, 0]
    errors = [line["event"] for line in told if line["log_level"] == "error"]
    assert errors == ["worker-silent", "rolling-restart-stopped"]


@dataclass
class Poor(Script):
    """A system that is out of processes from the second start on."""

    def __call__(self, number: int, pipe: int) -> subprocess.Popen[bytes]:
        """Start the first."""
        if self.started:
            raise BlockingIOError("no more processes")
        return super().__call__(number, pipe)


def test_a_system_without_processes_stops_the_roll() -> None:
    """It is not tried again: the old one serves, and the operator reads why."""
    plan = Plan({("worker-ready", 1): sends(ROLL), ("rolling-restart-stopped", 1): sends(END)})
    with reacting(plan):
        assert supervise(Poor([STAYS])).run() == 0
    assert plan.seen["worker-not-started"] == 1
    assert plan.seen["worker-ended"] == 1


def test_a_worker_that_hangs_in_its_drain_is_killed() -> None:
    """The watchdog looks at who leaves, too: callers wait on it."""
    hangs = "ready(); signal.signal(15, lambda *_: os.kill(os.getpid(), signal.SIGSTOP)); live()"
    plan = Plan({("worker-ready", 1): sends(ROLL), ("worker-ended", 1): sends(END)})
    with reacting(plan) as told:
        assert supervise(Script([hangs, STAYS]), drain_s=60.0).run() == 0
    errors = [line["event"] for line in told if line["log_level"] == "error"]
    assert errors == ["worker-silent"]


def test_a_worker_that_outstays_its_drain_is_killed() -> None:
    """Who leaves is given the same time as at the end of the service."""
    deaf = "ready(); signal.signal(15, signal.SIG_IGN); live()"
    plan = Plan({("worker-ready", 1): sends(ROLL), ("worker-ended", 1): sends(END)})
    with reacting(plan) as told:
        assert supervise(Script([deaf, STAYS]), drain_s=-1.9).run() == 0
    errors = [line["event"] for line in told if line["log_level"] == "error"]
    assert errors == ["worker-outstays-the-drain"]


def test_a_worker_that_dies_before_its_successor_is_ready_is_not_replaced_twice() -> None:
    """The successor that starts already has the place from then on."""
    script = Script([STAYS])
    plan = Plan({("worker-ready", 1): sends(ROLL), ("workers-replaced", 1): sends(END)})
    plan.steps["worker-started", 2] = lambda: plan.kill(1)
    with reacting(plan) as told:
        assert supervise(script).run() == 0
    assert script.started == [0, 0]
    assert [line["pause_s"] for line in told if line["event"] == "worker-died"] == [0.0]
    assert plan.seen["worker-replaced"] == 0


def test_a_crash_elsewhere_is_healed_during_a_roll() -> None:
    """And who came in the dead one's place is new, so it is not replaced."""
    script = Script([STAYS])
    plan = Plan({("worker-ready", 2): sends(ROLL), ("worker-ready", 4): sends(END)})
    plan.steps["worker-started", 3] = lambda: plan.kill(2)
    with reacting(plan):
        assert supervise(script, workers=2).run() == 0
    assert script.started == [0, 1, 0, 1]
    assert plan.seen["worker-died"] == 1
    assert plan.seen["workers-replaced"] == 1


def test_sighup_reaches_who_serves_and_who_leaves() -> None:
    """A draining worker still decides: it takes the new keys, too."""
    obeys = (
        "signal.signal(signal.SIGTERM, lambda *_: None); "
        "signal.signal(signal.SIGHUP, lambda *_: os._exit(5)); say(b'R'); live()"
    )
    ended: list[int] = []

    def note(line: Line) -> None:
        plan(line)
        if line.get("status") == 5:
            ended.append(line["status"])
            if len(ended) == 2:
                to_supervisor(END)

    plan = Plan({("worker-ready", 1): sends(ROLL), ("worker-replaced", 1): sends(signal.SIGHUP)})
    with reacting(note):
        assert supervise(Script([obeys, obeys, STAYS])).run() == 0
    assert ended == [5, 5]


def test_sigterm_during_a_roll_ends_all() -> None:
    """Who was about to come in is not waited for, and nothing stays behind."""
    before = len(list(Path("/proc/self/fd").iterdir()))
    script = Script([STAYS, STAYS, "time.sleep(60)"])
    plan = Plan({("worker-ready", 2): sends(ROLL), ("worker-started", 3): sends(END)})
    with reacting(plan):
        assert supervise(script, workers=2).run() == 0
    assert script.started == [0, 1, 0]
    assert plan.seen["worker-ended"] == 3
    assert plan.seen["rolling-restart-stopped"] == 0
    assert len(list(Path("/proc/self/fd").iterdir())) == before


def test_asked_again_it_replaces_once_more() -> None:
    """What the second asking is about may have come after the first successor had read it."""
    script = Script([STAYS])
    plan = Plan({("worker-ready", 1): sends(ROLL), ("workers-replaced", 1): sends(END)})
    plan.steps["worker-started", 2] = sends(ROLL)
    with reacting(plan) as told:
        assert supervise(script).run() == 0
    assert script.started == [0, 0, 0]
    assert [line["again"] for line in told if line["event"] == "rolling-restart"] == [False, True]


def test_asked_before_the_service_has_started_it_says_no() -> None:
    """There is nothing to replace yet."""
    script = Script([STAYS])
    plan = Plan({("worker-started", 1): sends(ROLL), ("rolling-restart-refused", 1): sends(END)})
    with reacting(plan):
        assert supervise(script).run() == 0
    assert script.started == [0]
