"""`run`: the whole service, from its settings to its exit status."""

from __future__ import annotations

import contextlib
import errno
import os
import pickle
import resource
import subprocess
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import structlog

from fastagi import service_log
from fastagi.alerts.notices import Notices
from fastagi.daemon import heartbeat, last_good, local_store
from fastagi.daemon.beside import Beside
from fastagi.daemon.listening import (
    check_settings,
    listen,
    listen_for_browsers,
    listen_for_passwords,
    listen_for_scrapes,
)
from fastagi.daemon.sightings import pipe_of_sightings
from fastagi.daemon.supervisor import Supervisor
from fastagi.daemon.systemd import Systemd

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from fastagi.settings import Listen, Settings

LOOKOUT_LATE_S: Final = 120.0
"""What the lookout may be silent, and take to start: it runs when nobody else wants to, and so is
late in a flood that keeps Asterisk busy; to end it then would have it forget what it counted."""

log = structlog.get_logger(__name__)


def run(settings: Settings, when_ready: Callable[[], None] = lambda: None) -> int:
    """Run the service until it is told to stop.

    Args:
        settings: Where things are.
        when_ready: Called once, when it answers calls.

    Returns:
        The exit status: 0 after a graceful end, 3 for an invalid policy, 1 for other failures.

    Raises:
        SettingsError: The settings ask for what must not, or cannot yet, be done; or systemd hands
            over other sockets than they name.
    """
    service_log.configure(process="supervisor")
    check_settings(settings)
    _allow_many_files()
    with contextlib.ExitStack() as opened:
        try:
            door = opened.enter_context(listen(settings, os.environ))
        except OSError as error:
            return _cannot_listen(settings.agi.listen, error)
        try:
            scrapes = listen_for_scrapes(settings)
        except OSError as error:
            assert settings.metrics is not None  # noqa: S101 - else none was opened
            return _cannot_listen(settings.metrics.listen, error)
        if scrapes is not None:
            opened.enter_context(scrapes)
        try:
            browsers = listen_for_browsers(settings)
        except OSError as error:
            assert settings.console is not None  # noqa: S101 - else none was opened
            return _cannot_listen(settings.console.listen, error)
        doors = [door]
        if browsers is not None:
            doors.append(opened.enter_context(browsers))
        try:
            passwords = listen_for_passwords(settings)
        except OSError as error:
            assert settings.credentials is not None  # noqa: S101 - else none was opened
            return _cannot_listen(settings.credentials.listen, error)
        if passwords is not None:
            doors.append(opened.enter_context(passwords))
        local = opened.enter_context(local_store.folder(os.environ))
        memory, beside = last_good.reserve(), list[Beside]()
        notices = None
        if settings.alert:
            reading, notices = opened.enter_context(pipe_of_notices())
            beside.append(Beside("alerts", AlertsStart(settings, reading, local)))
            service_log.configure(process="supervisor", overhear=Notices(notices))
        sightings = None
        if settings.lookout is not None:
            seen, sightings = opened.enter_context(pipe_of_sightings())
            start_lookout = LookoutStart(settings, memory, local, notices, seen)
            beside.append(
                Beside("lookout", start_lookout, start_s=LOOKOUT_LATE_S, silent_s=LOOKOUT_LATE_S)
            )
        if browsers is not None:
            start_console = ConsoleStart(
                settings, browsers, memory, local, notices, passwords, sightings
            )
            beside.append(Beside("console", start_console))
        start = WorkerStart(settings, door, memory, local, scrapes, notices, sightings)
        log.info("listening", address=str(settings.agi.listen), workers=settings.agi.workers)
        notify = Systemd.of(os.environ)
        return Supervisor(
            start,
            settings.agi.workers,
            doors,
            heartbeat.DRAIN_S,
            notify,
            when_ready=when_ready,
            beside=beside,
        ).run()


def _cannot_listen(address: Listen, error: OSError) -> int:
    """Say why not; returns the exit status."""
    number = error.errno or 0
    hints = {"hint": in_use(address)} if number == errno.EADDRINUSE else {}
    log.error(
        "cannot-listen",
        address=str(address),
        error=os.strerror(number),  # its own `strerror` repeats the address
        **hints,
    )
    return 1


def in_use(address: Listen) -> str:
    """Say how to find out who has the port."""
    return f"another dialguard? `ss -ltnp 'sport = :{address.port}'`"


@dataclass(frozen=True, slots=True)
class WorkerStart:
    """Starts workers as `fastagi.daemon.worker` expects it."""

    settings: Settings
    door: socket.socket
    memory: int
    local: Path | None = None
    scrapes: socket.socket | None = None
    notices: int | None = None
    sightings: int | None = None

    def __call__(self, number: int, pipe: int) -> subprocess.Popen[bytes]:
        """Start a worker: descriptors are passed on, the settings go through its stdin."""
        passed = [self.door.fileno(), pipe, self.memory]
        words = [str(each) for each in (number, os.getpid(), *passed, self.local or "")]
        words += [_passed_on(each, passed) for each in (self.notices, self.sightings)]
        if self.scrapes is not None:
            passed.append(self.scrapes.fileno())
            words.append(str(self.scrapes.fileno()))
        return _begun("fastagi.daemon.worker", words, passed, self.settings)


@dataclass(frozen=True, slots=True)
class ConsoleStart:
    """Starts the web's process as `fastagi.daemon.console` expects it."""

    settings: Settings
    door: socket.socket
    memory: int
    local: Path | None = None
    notices: int | None = None
    passwords: socket.socket | None = None
    sightings: int | None = None

    def __call__(self, number: int, pipe: int) -> subprocess.Popen[bytes]:  # noqa: ARG002 - one
        """Start it: descriptors are passed on, the settings go through its stdin."""
        passed = [self.door.fileno(), pipe, self.memory]
        words = [str(each) for each in (os.getpid(), *passed, self.local or "")]
        words += [_passed_on(each, passed) for each in (self.notices, self.sightings)]
        if self.passwords is not None:
            passed.append(self.passwords.fileno())
            words.append(str(self.passwords.fileno()))
        return _begun("fastagi.daemon.console", words, passed, self.settings)


@dataclass(frozen=True, slots=True)
class AlertsStart:
    """Starts the process that tells alerts as `fastagi.daemon.alerts` expects it."""

    settings: Settings
    notices: int
    local: Path | None

    def __call__(self, number: int, pipe: int) -> subprocess.Popen[bytes]:  # noqa: ARG002 - one
        """Start it: descriptors are passed on, the settings go through its stdin."""
        passed = [pipe, self.notices]
        words = [str(each) for each in (os.getpid(), *passed, self.local or "")]
        return _begun("fastagi.daemon.alerts", words, passed, self.settings)


@dataclass(frozen=True, slots=True)
class LookoutStart:
    """Starts the process that looks for attacks as `fastagi.daemon.lookout` expects it."""

    settings: Settings
    memory: int
    local: Path | None
    notices: int | None
    sightings: int

    def __call__(self, number: int, pipe: int) -> subprocess.Popen[bytes]:  # noqa: ARG002 - one
        """Start it: descriptors are passed on, the settings go through its stdin."""
        passed = [pipe, self.memory]
        words = [str(each) for each in (os.getpid(), *passed, self.local or "")]
        words += [_passed_on(each, passed) for each in (self.notices, self.sightings)]
        return _begun("fastagi.daemon.lookout", words, passed, self.settings)


@contextlib.contextmanager
def pipe_of_notices() -> Iterator[tuple[int, int]]:
    """Make the pipe that what the log says goes through; its reading and its writing end.

    The supervisor keeps both: what is in it outlives the process that reads.
    """
    reading, writing = os.pipe()
    os.set_blocking(reading, False)
    try:
        yield reading, writing
    finally:
        os.close(reading)
        service_log.configure(process="supervisor")  # nobody writes to what is closed
        os.close(writing)


def _passed_on(pipe: int | None, passed: list[int]) -> str:
    """Pass a pipe on, where there is one; returns the word that names it."""
    if pipe is None:
        return ""
    passed.append(pipe)
    return str(pipe)


def _begun(
    module: str, words: Sequence[str], passed: Sequence[int], settings: Settings
) -> subprocess.Popen[bytes]:
    process = subprocess.Popen(  # noqa: S603 - ourselves, by absolute path
        # -P: modules come from where they are installed, never from the current folder.
        [sys.executable, "-P", "-m", module, *words],
        stdin=subprocess.PIPE,
        pass_fds=passed,
        process_group=0,  # Ctrl-C is for the supervisor, which drains its workers
    )
    assert process.stdin is not None  # noqa: S101 - it was asked for
    # A process that is dead already shows by the end of its pipe.
    with contextlib.suppress(BrokenPipeError), process.stdin as stdin:
        stdin.write(pickle.dumps(settings))
    return process


def _allow_many_files() -> None:
    """Let workers have as many open sockets as the system allows this user."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
