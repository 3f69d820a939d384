"""The process that tells, in the tests' own event loop."""

from __future__ import annotations

import asyncio
import io
import json
import os
import pickle
import signal
import sys
from typing import TYPE_CHECKING

import pytest
from prometheus_client import values

from fastagi import service_log
from fastagi.alerts import sending
from fastagi.alerts.alert import Message
from fastagi.alerts.notices import Notices
from fastagi.daemon import alerts, heartbeat
from fastagi.daemon.alerts import main, tell
from fastagi.metrics.folder import VARIABLE, registry_of
from fastagi.settings.model import AlertSettings, MetricsSettings

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from structlog.typing import EventDict

    from fastagi.settings import Settings

DIED = {"event": "worker-died", "time": "2027-01-15T08:00:00Z", "worker": 1}


@pytest.fixture
def waking(settings: Settings, tmp_path: Path) -> Settings:
    """Return settings with somebody to wake, and somebody who counts."""
    urls = tmp_path / "urls"
    urls.touch(0o600)
    urls.write_text("json://127.0.0.1:1/hunter2\n")
    alert = AlertSettings(name="on-call", urls_file=urls)
    return settings.model_copy(update={"alert": (alert,), "metrics": MetricsSettings()})


@pytest.fixture
def pipes() -> Iterator[list[int]]:
    """Return the pipe of heartbeats and the pipe of notices, each the reading end first."""
    ends = [*os.pipe(), *os.pipe()]
    for each in ends:
        os.set_blocking(each, False)
    yield ends
    for each in ends:
        os.close(each)


async def test_what_the_log_says_is_told_until_the_end(
    waking: Settings, pipes: list[int], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And counted where the workers' scrapes find it."""
    told: list[str] = []
    came = asyncio.Event()

    async def send(_url: str, message: Message) -> str:
        told.append(message.title)
        came.set()
        return ""

    monkeypatch.setattr(sending, "send", send)
    monkeypatch.setenv(VARIABLE, "")
    monkeypatch.setattr(values, "ValueClass", values.ValueClass)
    running = asyncio.create_task(tell(waking, pipes[1], pipes[2], tmp_path))
    notices = Notices(pipes[3])
    notices(DIED)
    await came.wait()
    came.clear()
    notices({**DIED, "event": "process-died", "process": "console"})
    await came.wait()
    os.kill(os.getpid(), signal.SIGTERM)
    await running
    counted = registry_of(tmp_path / "metrics").get_sample_value(
        "dialguard_alerts_total", {"alert": "on-call", "kind": "process"}
    )
    assert heartbeat.READY in os.read(pipes[0], 4096)
    assert told[0] == "dialguard: process: Worker 1 died; another takes its place"
    assert counted == 2


def test_one_that_cannot_start_says_why(
    waking: Settings, pipes: list[int], monkeypatch: pytest.MonkeyPatch, told: list[EventDict]
) -> None:
    """Its supervisor starts it again, ever more slowly."""
    waking.alert[0].urls_file.unlink()
    stdin = io.TextIOWrapper(io.BytesIO(pickle.dumps(waking)))
    monkeypatch.setattr(sys, "stdin", stdin)
    words = ["alerts", str(os.getppid()), str(pipes[1]), str(pipes[2]), ""]
    monkeypatch.setattr(sys, "argv", words)
    monkeypatch.setattr(service_log, "configure", lambda **_: None)
    monkeypatch.setattr(os, "nice", lambda _: 0)
    monkeypatch.setattr(signal, "signal", lambda *_: None)
    monkeypatch.setattr(alerts, "die_with", lambda _: True)
    assert main() == 1
    assert told[-1]["event"] == "alerts-cannot-start"
    assert "hunter2" not in json.dumps(told, default=str)


def test_one_that_was_told_to_end_ends_well(
    waking: Settings, pipes: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    """As the supervisor expects it."""

    async def done(*_: object) -> None:
        return

    stdin = io.TextIOWrapper(io.BytesIO(pickle.dumps(waking)))
    monkeypatch.setattr(sys, "stdin", stdin)
    monkeypatch.setattr(sys, "argv", ["alerts", "1", str(pipes[1]), str(pipes[2]), "/x"])
    monkeypatch.setattr(service_log, "configure", lambda **_: None)
    monkeypatch.setattr(os, "nice", lambda _: 0)
    monkeypatch.setattr(signal, "signal", lambda *_: None)
    monkeypatch.setattr(alerts, "die_with", lambda _: True)
    monkeypatch.setattr(alerts, "tell", done)
    assert main() == 0


def test_one_whose_supervisor_is_gone_does_nothing(
    waking: Settings, pipes: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody would end it."""
    stdin = io.TextIOWrapper(io.BytesIO(pickle.dumps(waking)))
    monkeypatch.setattr(sys, "stdin", stdin)
    monkeypatch.setattr(sys, "argv", ["alerts", "1", str(pipes[1]), str(pipes[2]), ""])
    monkeypatch.setattr(service_log, "configure", lambda **_: None)
    monkeypatch.setattr(signal, "signal", lambda *_: None)
    monkeypatch.setattr(alerts, "die_with", lambda _: False)
    assert main() == 1


async def test_where_nobody_writes_any_more_there_is_nothing_to_hear(pipes: list[int]) -> None:
    """The service is gone."""
    reading, writing = os.pipe()
    os.set_blocking(reading, False)
    os.close(writing)
    await alerts.hear(None, reading)  # type: ignore[arg-type]  # nothing is said to it
    os.close(reading)
