"""The web beside the gate: whatever becomes of it, calls go on."""

from __future__ import annotations

import json
import os
import signal
import socket
import time
from typing import TYPE_CHECKING

import httpx
import pytest

from tests.integration.running import (
    DEADLINE_S,
    NATIONAL,
    Service,
    dialguard,
    free_port,
    prepare,
)

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

ALLOWED = ("ALLOW", "allowed")


@pytest.fixture
def port() -> int:
    """Return the web's port."""
    return free_port()


@pytest.fixture
def service(tmp_path: Path, port: int) -> Iterator[Service]:
    """Return a service with its web."""
    gate = prepare(tmp_path)
    with (tmp_path / "dialguard.toml").open("a") as settings:
        settings.write(f'\n[console]\nlisten = "127.0.0.1:{port}"\npeer_connections = 100\n')
    service = Service(tmp_path, gate).start().ready()
    service.wait_for("process-ready")
    yield service
    service.stop()


def page(port: int) -> int:
    """Ask for the page; return its status."""
    return httpx.get(f"http://127.0.0.1:{port}/office/", timeout=DEADLINE_S).status_code


def pid_of(service: Service) -> int:
    """Return the web's process."""
    return int(str(service.wait_for("process-started")["pid"]))


def test_it_yields_to_the_gate(service: Service, port: int) -> None:
    """It has a process of its own, of lower priority, and answers."""
    web = pid_of(service)
    assert web not in service.workers
    assert os.getpriority(os.PRIO_PROCESS, web) > os.getpriority(
        os.PRIO_PROCESS, service.workers[0]
    )
    assert page(port) == 200


def test_the_doctor_finds_it_well(service: Service, port: int, tmp_path: Path) -> None:
    """As it is served, without a token and without a store."""
    done = dialguard(tmp_path, "doctor", "--asterisk", "/nowhere", "--json")
    told = {each["what"]: each["mark"] for each in json.loads(done.stdout)}
    assert told[f"web answers at 127.0.0.1:{port}"] == "OK"


def test_one_that_is_killed_costs_no_call_and_comes_back(service: Service, port: int) -> None:
    """Who knocks meanwhile waits."""
    os.kill(pid_of(service), signal.SIGKILL)
    service.wait_for("process-died")
    assert service.verdict("101", NATIONAL) == ALLOWED
    assert page(port) == 200
    assert len(service.workers) == 1


def test_one_that_hangs_costs_no_call(service: Service) -> None:
    """Until it is ended, and after."""
    os.kill(pid_of(service), signal.SIGSTOP)
    assert service.verdict("101", NATIONAL) == ALLOWED
    service.wait_for("process-silent")
    service.wait_for("process-ready", times=2)
    assert service.verdict("101", NATIONAL) == ALLOWED


def test_connections_that_say_nothing_hold_nobody_up(service: Service, port: int) -> None:
    """Neither a caller, nor, from elsewhere, a browser; and they do not stay."""
    idle = [socket.create_connection(("127.0.0.1", port)) for _ in range(150)]
    assert service.verdict("101", NATIONAL) == ALLOWED
    closed = 0
    ends = time.monotonic() + DEADLINE_S
    for each in idle:
        each.settimeout(max(0.1, ends - time.monotonic()))
        try:
            closed += each.recv(1) == b""
        except ConnectionError:
            closed += 1
        each.close()
    assert closed == 150
    assert page(port) == 200


def test_a_rolling_restart_takes_it_along(service: Service, port: int) -> None:
    """Who knocks meanwhile waits."""
    service.process.send_signal(signal.SIGUSR2)
    service.wait_for("workers-replaced")
    service.wait_for("process-ready", times=2)
    assert page(port) == 200
    assert "process-died" not in [line["event"] for line in service.log]


def test_it_ends_with_the_service(service: Service, port: int) -> None:
    """Also with a browser that keeps its connection."""
    with httpx.Client() as browser:
        assert browser.get(f"http://127.0.0.1:{port}/office/").status_code == 200
        service.process.terminate()
        assert service.ended() == 0
    with pytest.raises(httpx.ConnectError):
        page(port)


def test_a_port_that_is_taken_is_said(tmp_path: Path, port: int) -> None:
    """The service does not start without what it was told to do."""
    gate = prepare(tmp_path)
    with (tmp_path / "dialguard.toml").open("a") as settings:
        settings.write(f'\n[console]\nlisten = "127.0.0.1:{port}"\n')
    with socket.create_server(("127.0.0.1", port)):
        service = Service(tmp_path, gate).start()
        assert service.ended() == 1
    assert service.log[-2]["event"] == "cannot-listen"
