"""Scripted workers for the supervisor: real processes of a few lines each."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import structlog

from fastagi.daemon import systemd
from fastagi.daemon.supervisor import Supervisor

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable, Iterator, MutableMapping
    from typing import Any

BEGIN = """
import os, signal, sys, time
pipe, parent = int(sys.argv[1]), os.getppid()
say = lambda word: os.write(pipe, word)
def ready(): signal.signal(signal.SIGTERM, lambda *_: os._exit(0)); say(b"R")
def live():
    while True: say(b"."); time.sleep(0.02)
"""

STAYS = "ready(); live()"
STOPS_ALL = "ready(); os.kill(parent, signal.SIGTERM); live()"


@dataclass
class Script:
    """Starts one scripted worker after the other, and counts."""

    lives: list[str]
    started: list[int] = field(default_factory=list)

    def __call__(self, number: int, pipe: int) -> subprocess.Popen[bytes]:
        """Start the next worker of the script; the last one again and again."""
        life = self.lives[min(len(self.started), len(self.lives) - 1)]
        self.started.append(number)
        return subprocess.Popen(
            [sys.executable, "-S", "-E", "-c", BEGIN + life, str(pipe)], pass_fds=[pipe]
        )


def supervise(
    script: Script,
    *,
    workers: int = 1,
    drain_s: float = 5.0,
    sockets: tuple[socket.socket, ...] = (),
    notify: systemd.Systemd | None = None,
    start_s: float = 20.0,
    silent_s: float = 1.0,
) -> Supervisor:
    """Return a supervisor of scripted workers, quicker to lose patience than the real one."""
    return Supervisor(
        script,
        workers=workers,
        sockets=sockets,
        drain_s=drain_s,
        notify=notify or systemd.Systemd(),
        start_s=start_s,
        silent_s=silent_s,
    )


@contextlib.contextmanager
def reacting(
    react: Callable[[MutableMapping[str, Any]], None],
) -> Iterator[list[MutableMapping[str, Any]]]:
    """Capture the log, and react to each line while the supervisor waits for it to be written."""
    with structlog.testing.capture_logs() as told:

        def first(_: object, __: str, line: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
            react(line)
            return line

        structlog.get_config()["processors"].insert(0, first)
        yield told


def to_supervisor(asked: signal.Signals) -> None:
    """Send a signal to the supervisor, which runs in the test's own process."""
    os.kill(os.getpid(), asked)
