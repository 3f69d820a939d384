"""Several workers on one socket: one hangs, or all are replaced, and no call is refused."""

from __future__ import annotations

import functools
import os
import signal
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest

from tests.integration.running import NATIONAL, Service, prepare
from tests.integration.test_life import BROKEN, at_a_prompt, enrol

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable, Iterator

PROMPT_S: Final = 2.0
"""What answers sooner was not waited for: a hung worker is killed after three seconds."""


ALLOWED: Final = ("ALLOW", "allowed")

SLOW_STORE: Final = ("DENY", "store-down")
"""An answer, too: two cores that start interpreters meanwhile may keep a disk waiting."""


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Service]:
    """Return a service of two workers that takes any number of calls a second."""
    port = prepare(tmp_path, workers=2)
    settings = tmp_path / "dialguard.toml"
    file = settings.read_text()
    settings.write_text(file.replace("workers = 2", "workers = 2\npeer_per_s = 100000"))
    service = Service(tmp_path, port).start().ready(2)
    yield service
    service.stop()


def children(service: Service) -> set[int]:
    """Return the processes that the supervisor has now."""
    pid = service.process.pid
    return set(map(int, Path(f"/proc/{pid}/task/{pid}/children").read_text().split()))


def finish(line: socket.socket) -> str:
    """Key a wrong code at every prompt until the call is over; return what was said."""
    said = b""
    line.sendall(b"200 result=0\n")
    with line:
        while heard := line.recv(4096):
            said += heard
            for command in heard.splitlines():
                done = b"SET VARIABLE" in command
                line.sendall(b"200 result=1\n" if done else b"200 result=0\n")
    return said.decode()


def timed(call: Callable[[], tuple[str, str]]) -> tuple[tuple[str, str], float]:
    """Return what a call was answered, and after how many seconds."""
    began = time.monotonic()
    answer = call()
    return answer, time.monotonic() - began


def test_a_worker_that_hangs_keeps_nobody_waiting(service: Service) -> None:
    """The other one takes every caller out of the queue that they share."""
    os.kill(service.workers[1], signal.SIGSTOP)
    with ThreadPoolExecutor(2) as phones:
        calls = [
            phones.submit(timed, functools.partial(service.verdict, str(100 + n), NATIONAL))
            for n in range(40)
        ]
        answers = [each.result() for each in calls]
    assert ALLOWED in {answer for answer, _ in answers} <= {ALLOWED, SLOW_STORE}
    assert max(took_s for _, took_s in answers) < PROMPT_S
    service.wait_for("worker-silent")


def test_workers_are_replaced_under_calls(service: Service) -> None:
    """No call is refused, all processes are new, and who was at a prompt ends where he was."""
    enrol(service.folder)
    line = at_a_prompt(service)
    old = children(service)
    assert old == set(service.workers)
    over = threading.Event()

    def keep_dialling(extension: str) -> list[tuple[str, str]]:
        answers = []
        while not over.is_set():
            answers.append(service.verdict(extension, NATIONAL))
        return answers

    with ThreadPoolExecutor(2) as phones:
        dialling = [phones.submit(keep_dialling, f"20{n}") for n in range(2)]
        try:
            service.process.send_signal(signal.SIGUSR2)
            service.wait_for("workers-replaced")
        finally:
            over.set()
        answers = [answer for each in dialling for answer in each.result()]
    full = ("DENY", "limit-reached")
    assert {ALLOWED, full} <= set(answers) <= {ALLOWED, full, SLOW_STORE}  # a refused one raises
    assert len(answers) > 20
    assert len(children(service) - old) == 2
    said = finish(line)
    assert "GUARD_VERDICT=DENY" in said
    assert "GUARD_REASON=wrong-code" in said
    service.wait_for("worker-ended", times=2)
    assert children(service) == set(service.workers[2:])
    assert service.verdict("101", NATIONAL) == ALLOWED
    assert not [each for each in service.log if each["event"] == "worker-died"]


def test_a_roll_goes_on_with_the_policy_in_force(service: Service) -> None:
    """What is broken on disk does not come into force by it, and stops nothing."""
    (service.folder / "policy.toml").write_text(BROKEN)
    service.wait_for("policy-in-force-stays", times=2)
    service.process.send_signal(signal.SIGUSR2)
    service.wait_for("workers-replaced")
    service.wait_for("worker-ended", times=2)
    assert service.verdict("101", NATIONAL) == ALLOWED


def test_keys_that_cannot_be_read_stop_the_roll(service: Service) -> None:
    """The workers that have them go on."""
    (service.folder / "keys").chmod(0o644)
    service.process.send_signal(signal.SIGUSR2)
    service.wait_for("rolling-restart-stopped")
    assert children(service) == set(service.workers[:2])
    assert service.verdict("101", NATIONAL) == ALLOWED
