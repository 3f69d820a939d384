"""dialguard itself, as a real process, with a folder of its own."""

from __future__ import annotations

import contextlib
import json
import os
import re
import signal
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final, Self

import pyotp

from tests.e2e.rig.roots import REPOSITORY, RigError
from tests.e2e.rig.waiting import until

if TYPE_CHECKING:
    from types import TracebackType

POLICY: Final = (Path(__file__).resolve().parents[1] / "policy.toml").read_text()


LISTEN: Final = "0A"
"""The state of a socket in /proc/net/tcp (include/net/tcp_states.h)."""


STEP_S: Final = 30  # of a one-time code; RFC 6238


@dataclass(frozen=True, slots=True)
class Enrolled:
    """What a phone's owner knows; none of it may turn up anywhere."""

    pin: str = field(repr=False)
    secret: str = field(repr=False)
    recovery: tuple[str, ...] = field(repr=False)
    shown: list[str] = field(default_factory=list, repr=False)

    def code(self, steps: int = 0) -> str:
        """Return the one-time code of now, or of so many steps later."""
        code = pyotp.TOTP(self.secret).at(int(time.time()), counter_offset=steps)
        self.shown.append(code)
        return code

    def good_until(self, code: str) -> float:
        """Return when a code is accepted no more: a step after its own is over."""
        step = int(time.time()) // STEP_S
        its = next(
            each
            for each in range(step - 4, step + 4)
            if pyotp.TOTP(self.secret).at(each * STEP_S) == code
        )
        return float((its + 2) * STEP_S)


class Service:
    """A dialguard with its policy, its store, its keys and its logs in one folder.

    Attributes:
        store: The URL of its store; by default one of its own.
        keys: The file of its keys; gates that share a store share it too.
    """

    def __init__(
        self,
        folder: Path,
        port: int,
        policy: str = POLICY,
        *,
        store: str = "",
        keys: Path | None = None,
        more: str = "",
    ) -> None:
        self.folder = folder
        self.port = port
        self.known: list[Enrolled] = []
        self._process: subprocess.Popen[bytes] | None = None
        (folder / "policy.toml").write_text(policy)
        (folder / "dialguard.toml").write_text(
            f'[policy]\nfile = "{folder}/policy.toml"\n'
            f'[agi]\nlisten = "127.0.0.1:{port}"\n'
            f'[store]\nurl = "{store or f"sqlite:///{folder}/store/dialguard.db"}"\n'
            f'[keys]\nfile = "{keys or folder / "keys"}"\n'
            f'[log]\ndecisions = "{folder}/decisions.jsonl"\n'
            f"{more}"
        )
        (folder / "store").mkdir()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.kill()

    # ------------------------------------------------------------------------- its life

    def start(self, within_s: float = 60.0) -> None:
        """Start it, and wait until it answers.

        Raises:
            RigError: It does not; nothing of it is left.
        """
        said = len(self.log)
        with (self.folder / "service.log").open("ab") as log:
            self._process = subprocess.Popen(
                self._command("serve"),
                cwd=REPOSITORY,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        end = time.monotonic() + within_s
        while "worker-ready" not in self.log[said:]:
            if self._process.poll() is not None or time.monotonic() > end:
                self.kill()
                message = f"dialguard did not start:\n{self.log[-3000:]}"
                raise RigError(message)
            time.sleep(0.05)

    def stop(self, within_s: float = 20.0) -> int:
        """Ask it to stop (SIGTERM) and return its exit status."""
        assert self._process is not None
        self._process.terminate()
        status = self._process.wait(within_s)
        self._process = None
        return status

    def kill(self) -> None:
        """Kill it, workers and all (SIGKILL); its port is free then."""
        if self._process is not None:
            family = self._signal(signal.SIGKILL)
            self._process.wait()
            until(lambda: not any(map(_lives, family)))
            self._process = None

    def share_secret(self, secret: str) -> Path:
        """Start anew, with a secret that the dialplan must know; return the file it is in."""
        file = self.folder / "agi-secret"
        file.touch(0o600)
        file.write_text(f"{secret}\n")
        settings = self.folder / "dialguard.toml"
        text = settings.read_text()
        settings.write_text(text.replace("[agi]\n", f'[agi]\nsecret_file = "{file}"\n'))
        self.kill()
        self.start()
        return file

    def watch(self, ami_port: int, policy: str = "") -> None:
        """Have it watch an Asterisk from its next start on; `policy` is added to its own."""
        secret = self.folder / "ami-secret"
        secret.touch(0o600)
        secret.write_text("watcher-of-the-rig\n")
        with (self.folder / "dialguard.toml").open("a") as settings:
            settings.write(f'[ami]\nport = {ami_port}\nsecret_file = "{secret}"\n')
        with (self.folder / "policy.toml").open("a") as file:
            file.write(policy)

    def change_policy(self, old: str, new: str) -> None:
        """Have another policy in force, as an administrator does who saves the file."""
        file, said = self.folder / "policy.toml", len(self.log)
        text = file.read_text()
        assert old in text
        draft = file.with_suffix(".draft")
        draft.write_text(text.replace(old, new))
        draft.rename(file)
        until(lambda: "policy-reloaded" in self.log[said:])

    def freeze(self) -> None:
        """Stop it in its tracks, workers, supervisor and all (SIGSTOP)."""
        self._signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """Let it go on."""
        self._signal(signal.SIGCONT)

    @property
    def processes(self) -> list[int]:
        """Its process ids, the supervisor's first."""
        assert self._process is not None
        family = [self._process.pid]
        for pid in family:  # grows while its children are found
            with contextlib.suppress(FileNotFoundError, ProcessLookupError):  # over by now
                children = Path(f"/proc/{pid}/task/{pid}/children").read_text()
                family.extend(int(child) for child in children.split())
        return family

    @property
    def resident_kib(self) -> int:
        """The memory of all its processes."""
        return sum(
            int(line.split()[1])
            for pid in self.processes
            for line in Path(f"/proc/{pid}/status").read_text().splitlines()
            if line.startswith("VmRSS:")
        )

    def _signal(self, number: signal.Signals) -> list[int]:
        """Send it to every process, and return which those are."""
        family = self.processes
        for pid in family:
            with contextlib.suppress(ProcessLookupError):  # it has ended by itself
                os.kill(pid, number)
        return family

    # ------------------------------------------------------------------------- asking it

    def command(self, *words: str, stdin: str = "") -> str:
        """Run a `dialguard` command with its settings and return what it printed."""
        done = subprocess.run(
            self._command(*words),
            cwd=REPOSITORY,
            input=stdin,
            text=True,
            capture_output=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def enrol(self, extension: str, pin: str) -> Enrolled:
        """Enrol a phone as an administrator does."""
        said = self.command("phone", "add", extension, "--pin-stdin", "--uri", stdin=f"{pin}\n")
        secret = re.search(r"secret=([A-Z2-7]+)", said)
        assert secret, said
        spare = tuple(re.findall(r"\b\d{10}\b", said.replace(" ", "")))
        enrolled = Enrolled(pin, secret[1], spare)
        self.known.append(enrolled)
        return enrolled

    @property
    def serves(self) -> bool:
        """Whether it is there, and its store as well."""
        return self._process is not None and (self.folder / "store").is_dir()

    @property
    def slots(self) -> list[dict[str, object]]:
        """The calls that hold slots."""
        listed: list[dict[str, object]] = json.loads(self.command("calls", "--json"))
        return listed

    @property
    def connections(self) -> int:
        """How many connections its workers hold, in whatever state: forgotten ones too."""
        here = f":{self.port:04X}"
        rows = (line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:])
        ours = {f"socket:[{row[9]}]" for row in rows if row[1].endswith(here) and row[3] != LISTEN}
        return sum(_points_to(file) in ours for pid in self.processes for file in _files(pid))

    @property
    def log(self) -> str:
        """What the service logged."""
        file = self.folder / "service.log"
        return file.read_text(errors="replace") if file.exists() else ""

    @property
    def decisions(self) -> list[dict[str, object]]:
        """The record of decisions."""
        file = self.folder / "decisions.jsonl"
        if not file.exists():
            return []
        return [json.loads(line) for line in file.read_text().splitlines()]

    def _command(self, *words: str) -> list[str]:
        settings = ["--settings", str(self.folder / "dialguard.toml")]
        return [sys.executable, "-m", "fastagi", *words, *settings]


def _files(pid: int) -> list[Path]:
    return list(Path(f"/proc/{pid}/fd").iterdir())


def _points_to(file: Path) -> str:
    try:
        return str(file.readlink())
    except FileNotFoundError:  # closed meanwhile
        return ""


def _lives(pid: int) -> bool:
    """Say whether a process still has its sockets; a zombie has none."""
    try:
        status = Path(f"/proc/{pid}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return False
    return status.rpartition(")")[2].split()[0] not in "ZX"
