"""A real service: its own folder, its own port, its own processes; and what it says of itself.

Nothing here sleeps: everything waits for a condition, with a deadline.
"""

from __future__ import annotations

import itertools
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from fastagi.call.channel import Argument
from fastagi.cli.handset import Handset
from fastagi.cli.pretend_asterisk import Call, Leg

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

DEADLINE_S: Final = 30.0
"""For what should take a second: two cores may be busy with other things."""

POLICY: Final = """\
[site]
name           = "office"
country        = "GB"
timezone       = "Europe/London"
internal       = ["1XX", "2XX"]
outside_prefix = "9"
languages      = ["en"]

[classes]
staff = ["1XX", "2XX"]

[[rule]]
name = "pays-the-caller"
to   = ["premium", "satellite"]
then = "deny"

[[rule]]
name = "abroad"
to   = ["international"]
then = "pin+totp"

[[rule]]
name = "at-home"
to   = ["national", "mobile", "toll-free"]
then = "allow"

[[limit]]
name  = "two-at-a-time"
per   = "extension"
calls = 2

[lockout]
wrong = 5
for   = "15m"
"""

SETTINGS: Final = """\
[policy]
file = "policy.toml"

[agi]
listen = "127.0.0.1:{port}"
workers = {workers}

[keys]
file = "keys"

[store]
url = "sqlite://dialguard.db"

[log]
decisions = "decisions.jsonl"
"""

NATIONAL: Final = "902079460000"
ROME: Final = "900390612345678"
SATELLITE: Final = "900881612345678"


def free_port() -> int:
    """Return a port that nobody listens at."""
    with socket.create_server(("127.0.0.1", 0)) as door:
        port: int = door.getsockname()[1]
    return port


def dialguard(
    folder: Path, *words: str, typed: str = "", more: Sequence[str] = ()
) -> subprocess.CompletedProcess[str]:
    """Run the command with the folder's settings."""
    return subprocess.run(
        [sys.executable, "-m", "fastagi", *words, "--settings", str(folder / "dialguard.toml")],
        input=typed,
        capture_output=True,
        text=True,
        check=False,
        timeout=DEADLINE_S,
    )


def prepare(folder: Path, *, policy: str = POLICY, workers: int = 1) -> int:
    """Write settings and policy into the folder; return the port."""
    port = free_port()
    (folder / "policy.toml").write_text(policy)
    settings = SETTINGS.format(port=port, workers=workers)
    (folder / "dialguard.toml").write_text(settings)
    return port


HANDING_OVER: Final = """
import os, sys
os.dup2(int(sys.argv[1]), 3)
os.environ |= {"LISTEN_PID": str(os.getpid()), "LISTEN_FDS": "1", "LISTEN_FDNAMES": "x.socket"}
os.execv(sys.executable, [sys.executable, *sys.argv[2:]])
"""
"""Hands a socket over as systemd does: as descriptor 3, told by the environment."""


@dataclass
class Service:
    """A service that runs in a folder that was prepared; `door` is handed over to it."""

    folder: Path
    port: int
    door: socket.socket | None = None
    log: list[dict[str, object]] = field(default_factory=list)
    _more: threading.Condition = field(default_factory=threading.Condition)
    _calls: itertools.count[int] = field(default_factory=itertools.count)

    def start(self) -> Service:
        """Start it, without waiting for anything."""
        passed = [] if self.door is None else [self.door.fileno()]
        by = ["-c", HANDING_OVER, str(passed[0])] if passed else []
        settings = str(self.folder / "dialguard.toml")
        self.process = subprocess.Popen(
            [sys.executable, *by, "-m", "fastagi", "serve", "--settings", settings],
            stderr=subprocess.PIPE,
            text=True,
            pass_fds=passed,
        )
        self._reader = threading.Thread(target=self._read)
        self._reader.start()
        return self

    def ready(self, workers: int = 1) -> Service:
        """Wait until it answers calls."""
        self.wait_for("worker-ready", times=workers)
        return self

    def _read(self) -> None:
        assert self.process.stderr is not None
        for line in self.process.stderr:
            with self._more:
                said = json.loads(line) if line.startswith("{") else {"event": line.strip()}
                self.log.append(said)
                self._more.notify_all()
        with self._more:
            self.log.append({"event": "(end)"})
            self._more.notify_all()

    def wait_for(self, event: str, *, times: int = 1) -> dict[str, object]:
        """Wait until it has said something so many times; return the last of it."""

        def found() -> list[dict[str, object]]:
            return [line for line in self.log if line["event"] == event]

        with self._more:
            enough = self._more.wait_for(
                lambda: len(found()) >= times or self.log[-1:] == [{"event": "(end)"}], DEADLINE_S
            )
            assert enough, f"no {event} in {self.log}"
            assert len(found()) >= times, f"ended without {event}: {self.log}"
            return found()[-1]

    def ended(self) -> int:
        """Wait until it has ended; return its exit status."""
        status = self.process.wait(DEADLINE_S)
        self._reader.join()
        assert self.process.stderr is not None
        self.process.stderr.close()
        return status

    def stop(self) -> None:
        """End it, however it is."""
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(DEADLINE_S)
            except subprocess.TimeoutExpired:
                self.process.kill()
        self.ended()

    @property
    def workers(self) -> list[int]:
        """The process ids of the workers started so far."""
        return [int(str(line["pid"])) for line in self.log if line["event"] == "worker-started"]

    def signal_worker(self, asked: signal.Signals) -> None:
        """Send a signal to the worker started last."""
        os.kill(self.workers[-1], asked)

    # ------------------------------------------------------------------- calls

    def handset(self, extension: str, dialled: str) -> Handset:
        """Return a phone about to make a call of its own."""
        leg = Leg(extension, dialled, f"it-{time.time():.0f}.{next(self._calls)}", "127.0.0.1")
        more = {Argument.ADDRESS: "10.0.0.5:5060", Argument.TRANSPORT: "udp"}
        return Handset(("127.0.0.1", self.port), leg, "", more)

    def dial(self, extension: str, dialled: str, *keyed: str) -> dict[str, str]:
        """Make a call and leave it up; return the variables it was answered with."""
        keys = list(keyed)
        call = Call(hear=lambda _: None, key=lambda _: keys.pop(0) if keys else "")
        self.handset(extension, dialled).dial(call)
        return call.variables

    def verdict(self, extension: str, dialled: str, *keyed: str) -> tuple[str, str]:
        """Make a call; return verdict and reason."""
        variables = self.dial(extension, dialled, *keyed)
        return variables["GUARD_VERDICT"], variables["GUARD_REASON"]
