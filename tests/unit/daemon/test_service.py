"""`run`; with real workers it is run in tests/integration."""

from __future__ import annotations

import json
import os
import pickle
import resource
import signal
import socket
from ipaddress import IPv4Address, IPv4Network
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import structlog

from fastagi.daemon import last_good
from fastagi.daemon.listening import listen
from fastagi.daemon.service import (
    AlertsStart,
    ConsoleStart,
    LookoutStart,
    WorkerStart,
    pipe_of_notices,
    run,
)
from fastagi.daemon.sightings import pipe_of_sightings
from fastagi.daemon.supervisor import Supervisor
from fastagi.errors import SettingsError
from fastagi.settings import Listen
from fastagi.settings.model import (
    AlertSettings,
    ConsoleSettings,
    CredentialSettings,
    LookoutSettings,
    MetricsSettings,
)

if TYPE_CHECKING:
    from fastagi.daemon.life import Start
    from fastagi.settings import Settings


def test_a_service_that_cannot_start_is_status_3(settings: Settings, policy: Path) -> None:
    """The worker's own status is passed on."""
    policy.write_text("[site]\n")
    files = resource.getrlimit(resource.RLIMIT_NOFILE)
    assert run(settings) == 3
    resource.setrlimit(resource.RLIMIT_NOFILE, files)


def test_a_port_that_is_taken_is_status_1(
    settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    """Whoever has it; the log says how to find out."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert run(listening(settings, "127.0.0.1", port)) == 1
    said = json.loads(capsys.readouterr().err.splitlines()[-1])
    assert (said["event"], said["error"]) == ("cannot-listen", "Address already in use")
    assert said["hint"] == f"another dialguard? `ss -ltnp 'sport = :{port}'`"


def test_an_address_of_another_machine_is_status_1(
    settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    """There is nobody to look for."""
    guarded = {"allow": (IPv4Network("10.0.0.1/32"),), "secret_file": Path("secret")}
    assert run(listening(settings, "192.0.2.7", 4573, **guarded)) == 1
    said = json.loads(capsys.readouterr().err.splitlines()[-1])
    assert said["error"] == "Cannot assign requested address"
    assert "hint" not in said


def listening(settings: Settings, host: str, port: int, **more: object) -> Settings:
    """Return the settings with another address."""
    there = Listen(IPv4Address(host), port)
    agi = settings.agi.model_copy(update={"listen": there, **more})
    return settings.model_copy(update={"agi": agi})


def test_settings_that_must_not_be_are_refused(settings: Settings) -> None:
    """Before anything is opened."""
    with pytest.raises(SettingsError):
        run(listening(settings, "192.0.2.7", 4573))


def test_a_worker_that_is_dead_already_is_no_error(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It shows by the end of its pipe, not by an exception in the supervisor."""
    monkeypatch.setattr("sys.executable", "/bin/true")
    monkeypatch.setattr("fastagi.daemon.service.pickle.dumps", lambda _: b"x" * (1 << 20))
    reading, writing = os.pipe()
    with listen(settings) as door:
        memory = last_good.reserve()
        process = WorkerStart(settings, door, memory)(0, writing)
        assert process.wait() == 0
        os.close(memory)
    os.close(reading)
    os.close(writing)
    assert signal.getsignal(signal.SIGPIPE) is signal.SIG_IGN


def test_a_port_for_metrics_that_is_taken_is_status_1(
    settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    """It is said which of the two it is."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        there = Listen(IPv4Address("127.0.0.1"), taken.getsockname()[1])
        metrics = MetricsSettings(listen=there)
        assert run(settings.model_copy(update={"metrics": metrics})) == 1
    said = json.loads(capsys.readouterr().err.splitlines()[-1])
    assert (said["event"], said["address"]) == ("cannot-listen", str(there))


# ------------------------------------------------------------------- the web


def with_web(settings: Settings, port: int) -> Settings:
    """Return the settings with a web."""
    console = ConsoleSettings(listen=Listen(IPv4Address("127.0.0.1"), port))
    return settings.model_copy(update={"console": console})


def test_a_web_that_cannot_listen_is_said(
    settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    """With who may have the port."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert run(with_web(settings, port)) == 1
    said = json.loads(capsys.readouterr().err.splitlines()[-1])
    assert (said["event"], said["address"]) == ("cannot-listen", f"127.0.0.1:{port}")


def test_a_port_for_passwords_that_is_taken_is_status_1(
    settings: Settings, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """Whoever has it could answer Asterisk."""
    secret = tmp_path / "secret"
    secret.touch(0o600)
    secret.write_text("asterisk-asks-for-passwords\n")
    with socket.create_server(("127.0.0.1", 0)) as taken:
        there = Listen(IPv4Address("127.0.0.1"), taken.getsockname()[1])
        lends = CredentialSettings(listen=there, secret_file=secret)
        lending = with_web(settings, 0).model_copy(update={"credentials": lends})
        assert run(lending) == 1
    said = json.loads(capsys.readouterr().err.splitlines()[-1])
    assert (said["event"], said["address"]) == ("cannot-listen", str(there))


def test_the_web_is_given_its_door_its_pipe_and_the_policies(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Inherited, and nothing else; the settings go through its stdin."""
    script = tmp_path / "python"
    script.write_text(f'#!/bin/sh\necho "$@" >{tmp_path}/words; cat >{tmp_path}/settings\n')
    script.chmod(0o755)
    monkeypatch.setattr("sys.executable", str(script))
    reading, writing = os.pipe()
    with listen(settings) as door, listen(settings) as passwords:
        memory = last_good.reserve()
        inherited = [str(each) for each in (os.getpid(), door.fileno(), writing, memory)]
        for more in ((), (None, None, passwords)):
            process = ConsoleStart(settings, door, memory, *more)(0, writing)
            assert process.wait() == 0
            words = (tmp_path / "words").read_text().split()
            assert words[:3] == ["-P", "-m", "fastagi.daemon.console"]
            assert words[3:] == inherited + [str(passwords.fileno())] * bool(more)
    assert (tmp_path / "settings").read_bytes() == pickle.dumps(settings)
    for each in (reading, writing, memory):
        os.close(each)


@pytest.fixture
def with_alerts(settings: Settings, tmp_path: Path) -> Settings:
    """Return settings with somebody to wake."""
    urls = tmp_path / "urls"
    urls.touch(0o600)
    urls.write_text("json://127.0.0.1:1/hunter2\n")
    alert = AlertSettings(name="on-call", urls_file=urls)
    return settings.model_copy(update={"alert": (alert,)})


def test_every_process_is_given_the_pipe_to_those_who_tell(
    with_alerts: Settings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Inherited; the one that tells has the reading end."""
    script = tmp_path / "python"
    script.write_text(f'#!/bin/sh\nfor word; do echo "[$word]"; done >{tmp_path}/words; cat\n')
    script.chmod(0o755)
    monkeypatch.setattr("sys.executable", str(script))
    reading, writing = os.pipe()
    memory = last_good.reserve()

    def words_of(start: Start) -> list[str]:
        process = start(0, writing)
        assert process.wait() == 0
        return (tmp_path / "words").read_text().split()[3:]

    with listen(with_alerts) as door, pipe_of_notices() as (heard, notices):
        alerts = words_of(AlertsStart(with_alerts, heard, tmp_path))
        assert alerts == [f"[{each}]" for each in (os.getpid(), writing, heard, tmp_path)]
        worker = words_of(WorkerStart(with_alerts, door, memory, tmp_path, None, notices))
        assert worker[-3:] == [f"[{tmp_path}]", f"[{notices}]", "[]"]
        assert words_of(WorkerStart(with_alerts, door, memory))[-3:] == ["[]", "[]", "[]"]
        console = words_of(ConsoleStart(with_alerts, door, memory, None, notices))
        assert console[-2:] == [f"[{notices}]", "[]"]
        for start in (
            WorkerStart(with_alerts, door, memory, sightings=notices),  # any pipe will do
            ConsoleStart(with_alerts, door, memory, sightings=notices),
        ):
            assert words_of(start)[-2:] == ["[]", f"[{notices}]"]
    for each in (reading, writing, memory):
        os.close(each)


def test_the_lookout_is_given_both_pipes(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """What others see comes by one, what it says goes by the other; who sees has its end."""
    script = tmp_path / "python"
    script.write_text(f'#!/bin/sh\nfor word; do echo "[$word]"; done >{tmp_path}/words; cat\n')
    script.chmod(0o755)
    monkeypatch.setattr("sys.executable", str(script))
    reading, writing = os.pipe()
    memory = last_good.reserve()
    with pipe_of_sightings() as (seen, _):
        for notices in (None, writing):
            start = LookoutStart(settings, memory, tmp_path, notices, seen)
            assert start(0, writing).wait() == 0
            words = (tmp_path / "words").read_text().split()
            assert words[2] == "[fastagi.daemon.lookout]"
            told = "" if notices is None else notices
            known = (os.getpid(), writing, memory, tmp_path, told, seen)
            assert words[3:] == [f"[{each}]" for each in known]
    for each in (reading, writing, memory):
        os.close(each)


def test_the_lookout_runs_beside_the_workers(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where the settings want one; the workers have the pipe to it."""
    seen: list[Supervisor] = []

    def looks(supervisor: Supervisor) -> int:
        seen.append(supervisor)
        return 0

    monkeypatch.setattr(Supervisor, "run", looks)
    for wanted in (None, LookoutSettings()):
        assert run(settings.model_copy(update={"lookout": wanted})) == 0
    assert [[each.name for each in one.beside] for one in seen] == [[], ["lookout"]]
    without, with_one = (one.start for one in seen)
    assert isinstance(without, WorkerStart)
    assert isinstance(with_one, WorkerStart)
    assert without.sightings is None
    assert with_one.sightings is not None


def test_those_who_tell_run_beside_the_workers(
    with_alerts: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And what the supervisor says goes into their pipe, until it is closed."""
    seen: list[Supervisor] = []
    said: list[bytes] = []

    def looks(supervisor: Supervisor) -> int:
        seen.append(supervisor)
        (beside,) = supervisor.beside
        assert isinstance(beside.start, AlertsStart)
        structlog.get_logger().error("worker-died", worker=0)
        said.append(os.read(beside.start.notices, 4096))
        return 0

    monkeypatch.setattr(Supervisor, "run", looks)
    assert run(with_alerts) == 0
    assert [each.name for each in seen[0].beside] == ["alerts"]
    assert json.loads(said[0])["event"] == "worker-died"
    structlog.get_logger().error("worker-died", worker=0)


def test_the_web_runs_beside_the_workers(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And its door closes with theirs."""
    seen: list[Supervisor] = []

    def looks(supervisor: Supervisor) -> int:
        seen.append(supervisor)
        return 0

    monkeypatch.setattr(Supervisor, "run", looks)
    assert run(with_web(settings, 0)) == 0
    (supervisor,) = seen
    assert [each.name for each in supervisor.beside] == ["console"]
    assert len(supervisor.sockets) == 2
