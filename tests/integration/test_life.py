"""The life of a real service: start, drain, reload, death and hanging."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest

from fastagi.cli.pretend_asterisk import Leg, environment
from fastagi.daemon.heartbeat import DRAIN_S
from tests.integration.running import (
    DEADLINE_S,
    NATIONAL,
    POLICY,
    ROME,
    SATELLITE,
    Service,
    dialguard,
    prepare,
)

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

BROKEN = POLICY.replace('then = "allow"', 'then = "alow"')
STRICT = POLICY.replace('then = "allow"', 'then = "deny"')


def at_a_prompt(service: Service) -> socket.socket:
    """Return the line of a caller who hears a prompt, and keys nothing yet."""
    line = socket.create_connection(("127.0.0.1", service.port), DEADLINE_S)
    leg = Leg("101", ROME, f"prompt-{time.time():.6f}", "127.0.0.1")
    arguments = {"call": leg.uniqueid, "dialled": ROME, "endpoint": "101"}
    line.sendall(environment(leg, "outbound", arguments))
    said = b""
    while b"GET DATA" not in said:
        heard = line.recv(4096)
        assert heard, said
        said += heard
        if said.endswith(b"\n") and b"GET DATA" not in said:
            answer = b"200 result=1\n" if b"SET VARIABLE" in heard else b"200 result=0\n"
            line.sendall(answer)
    return line


def until_closed(line: socket.socket) -> float:
    """Answer whatever is said until the service closes; return how long that took."""
    began = time.monotonic()
    with line:
        while True:
            try:
                heard = line.recv(4096)
                if not heard:
                    return time.monotonic() - began
                line.sendall(b"200 result=0\n")
            except ConnectionError:
                return time.monotonic() - began


def until_open(port: int) -> None:
    """Knock until somebody listens."""
    until = time.monotonic() + DEADLINE_S
    while time.monotonic() < until:
        try:
            socket.create_connection(("127.0.0.1", port), DEADLINE_S).close()
        except ConnectionError:
            continue
        return
    pytest.fail("nobody listens")


def until_refused(port: int) -> None:
    """Knock until supervisor and worker have both closed the door."""
    until = time.monotonic() + DEADLINE_S
    while time.monotonic() < until:
        try:
            socket.create_connection(("127.0.0.1", port), DEADLINE_S).close()
        except ConnectionError:
            return
    pytest.fail("the door is still open")


def enrol(folder: Path) -> None:
    """Give 101 a second factor."""
    done = dialguard(folder, "phone", "add", "101", "--pin-stdin", "--uri", typed="80911\n")
    assert done.returncode == 0, done.stderr


# ------------------------------------------------------------------- start


def test_a_broken_policy_at_start_is_status_3_with_file_and_line(
    start: Callable[..., Service],
) -> None:
    """The service does not start, and says where to look."""
    service = start(policy=BROKEN)
    assert service.ended() == 3
    line = BROKEN.splitlines().index('then = "alow"') + 1
    refused = service.wait_for("policy-refused")
    assert str(refused["where"]).endswith(f"policy.toml:{line}")


def test_failing_cases_at_start_are_status_3(
    tmp_path: Path, start: Callable[..., Service]
) -> None:
    """A policy that breaks its own cases does not come into force."""
    (tmp_path / "policy.cases.toml").write_text(
        '[[case]]\nname = "free Rome"\n'
        f'call = {{ from = "101", dial = "{ROME}", at = "2026-01-05T10:10:00" }}\n'
        'expect = { verdict = "allow", rule = "at-home" }\n'
    )
    service = start()
    assert service.ended() == 3
    assert "free Rome" in str(service.wait_for("policy-refused")["what"])


def test_a_budget_without_prices_is_status_3(start: Callable[..., Service]) -> None:
    """A budget that nobody can reckon with would be worse than none."""
    limit = '\n[[limit]]\nname = "a-day"\nper = "extension"\nspend = "20.00"\nwithin = "24h"\n'
    service = start(policy=POLICY + limit)
    assert service.ended() == 3


def test_a_port_that_is_taken_is_status_1(service: Service) -> None:
    """The second service says so, and leaves the first alone."""
    second = dialguard(service.folder, "serve")
    assert second.returncode == 1
    assert "cannot-listen" in second.stderr
    assert service.verdict("101", NATIONAL)[0] == "ALLOW"


def test_an_open_door_is_status_3(tmp_path: Path) -> None:
    """Away from loopback it takes a list of peers and a secret."""
    prepare(tmp_path)
    file = tmp_path / "dialguard.toml"
    file.write_text(file.read_text().replace("127.0.0.1", "0.0.0.0"))  # noqa: S104 - to be refused
    done = dialguard(tmp_path, "serve")
    assert done.returncode == 3
    assert "secret_file" in done.stderr


def test_keys_that_others_can_read_are_status_1(
    tmp_path: Path, start: Callable[..., Service]
) -> None:
    """Whoever reads the keys can search all PINs."""
    (tmp_path / "keys").write_text("x")
    (tmp_path / "keys").chmod(0o644)
    assert start().ended() == 1


# ------------------------------------------------------------------- end


@pytest.mark.parametrize("asked", [signal.SIGTERM, signal.SIGINT])
def test_it_drains(service: Service, asked: signal.Signals) -> None:
    """Nobody new comes in; who is at a prompt finishes; then status 0."""
    enrol(service.folder)
    line = at_a_prompt(service)
    service.process.send_signal(asked)
    service.wait_for("draining")
    until_refused(service.port)
    assert service.process.poll() is None
    line.sendall(b"200 result= (timeout)\n")
    assert until_closed(line) < DRAIN_S / 2
    assert service.ended() == 0


# ------------------------------------------------------------------- reload


def test_a_changed_policy_comes_into_force(service: Service) -> None:
    """Saving the file is enough."""
    assert service.verdict("101", NATIONAL)[0] == "ALLOW"
    (service.folder / "policy.toml").write_text(STRICT)
    service.wait_for("policy-reloaded")
    assert service.verdict("102", NATIONAL) == ("DENY", "rule")


def test_sighup_reloads(service: Service) -> None:
    """Where the system cannot watch files, it can be told."""
    service.process.send_signal(signal.SIGHUP)
    service.wait_for("policy-unchanged")


def test_a_broken_policy_changes_nothing(service: Service) -> None:
    """It is said loudly, with file and line, and the one in force stays."""
    (service.folder / "policy.toml").write_text(BROKEN)
    service.process.send_signal(signal.SIGHUP)
    refused = service.wait_for("policy-refused")
    assert "policy.toml:" in str(refused["where"])
    assert "alow" in str(refused["what"])
    service.wait_for("policy-in-force-stays")
    assert service.verdict("101", NATIONAL)[0] == "ALLOW"


def test_a_worker_that_dies_while_the_policy_is_broken_has_a_successor(service: Service) -> None:
    """Two things wrong at once are still no outage: the policy in force outlives the worker."""
    (service.folder / "policy.toml").write_text(BROKEN)
    service.wait_for("policy-in-force-stays")
    service.signal_worker(signal.SIGKILL)
    service.ready(2)
    assert service.verdict("101", NATIONAL)[0] == "ALLOW"
    assert service.verdict("101", SATELLITE) == ("DENY", "rule")


# ------------------------------------------------------------------- death and hanging


def test_a_killed_worker_is_replaced(service: Service) -> None:
    """What it had let through is still counted."""
    for _ in range(2):
        assert service.verdict("101", NATIONAL)[0] == "ALLOW"
    service.signal_worker(signal.SIGKILL)
    service.ready(2)
    assert service.verdict("101", NATIONAL) == ("DENY", "limit-reached")
    assert service.verdict("102", NATIONAL) == ("ALLOW", "allowed")


def test_a_hung_worker_frees_its_callers_within_5_seconds(service: Service) -> None:
    """SIGSTOP: the watchdog outside the event loop ends it, and its sockets close."""
    enrol(service.folder)
    line = at_a_prompt(service)
    service.signal_worker(signal.SIGSTOP)
    assert until_closed(line) < 5.0
    service.wait_for("worker-silent")
    service.ready(2)
    assert service.verdict("102", NATIONAL)[0] == "ALLOW"


def test_a_supervisor_that_dies_takes_its_workers_with_it(service: Service) -> None:
    """Also a worker that hangs; the port is free for the next service."""
    enrol(service.folder)
    line = at_a_prompt(service)
    service.signal_worker(signal.SIGSTOP)
    service.process.kill()
    assert until_closed(line) < DEADLINE_S
    assert service.ended() == -signal.SIGKILL
    socket.create_server(("127.0.0.1", service.port)).close()


def test_nobody_reads_the_log(tmp_path: Path) -> None:
    """The journal is stopped, `tee` is killed: calls are judged and recorded as ever."""
    port = prepare(tmp_path)
    settings = tmp_path / "dialguard.toml"
    settings.write_text(settings.read_text().replace("[keys]", 'allow = ["127.0.0.1"]\n\n[keys]'))
    reading, writing = os.pipe()
    os.close(reading)
    command = [sys.executable, "-m", "fastagi", "serve", "--settings", str(settings)]
    with os.fdopen(writing, "wb") as deaf:
        process = subprocess.Popen(command, stderr=deaf)
    service = Service(tmp_path, port)
    try:
        until_open(port)
        assert service.verdict("101", NATIONAL)[0] == "ALLOW"
        for _ in range(2):
            stranger = socket.create_connection(
                ("127.0.0.1", port), DEADLINE_S, source_address=("127.0.0.2", 0)
            )
            assert until_closed(stranger) < DEADLINE_S
        assert service.verdict("102", SATELLITE) == ("DENY", "rule")
        process.send_signal(signal.SIGHUP)
        assert service.verdict("102", NATIONAL)[0] == "ALLOW"
    finally:
        process.terminate()
        status = process.wait(DEADLINE_S)
    assert status == 0
    recorded = (tmp_path / "decisions.jsonl").read_text().splitlines()
    verdicts = [json.loads(each)["verdict"] for each in recorded]
    assert verdicts[-3:] == ["allow", "deny", "allow"]


def test_the_module_is_the_command() -> None:
    """`python -m fastagi` needs nothing on the PATH."""
    done = subprocess.run(
        [sys.executable, "-m", "fastagi", "--version"], capture_output=True, text=True, check=True
    )
    assert done.stdout.startswith("dialguard ")


def test_only_what_the_settings_ask_for_is_imported(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By supervisor and workers: a worker that died is missed until its successor has imported.

    Python itself says what each process imports.
    """
    monkeypatch.setenv("PYTHONPROFILEIMPORTTIME", "1")
    service = Service(tmp_path, prepare(tmp_path)).start()
    service.ready()
    service.stop()
    imported = {str(line["event"]).rpartition("|")[2].strip() for line in service.log}
    assert {"fastagi.daemon.supervisor", "fastagi.call.flow", "apsw"} <= imported
    assert imported.isdisjoint({"fastapi", "authlib", "jinja2", "redis", "httpx", "panoramisk"})
    assert imported.isdisjoint({"prometheus_client", "fastagi.policy.cases", "fastagi.audit"})
