"""The process that looks for attacks, in the tests' own event loop."""

from __future__ import annotations

import asyncio
import io
import os
import pickle
import signal
import sys
import time
from typing import TYPE_CHECKING, cast

import pytest
from prometheus_client import values

from fastagi import service_log
from fastagi.call import evidence
from fastagi.daemon import heartbeat, last_good, lookout
from fastagi.daemon.lookout import look, main, recall
from fastagi.daemon.places import store_url
from fastagi.daemon.sightings import Sender
from fastagi.errors import StoreError
from fastagi.metrics.folder import VARIABLE, registry_of
from fastagi.settings.model import AmiSettings, LookoutSettings, MetricsSettings
from fastagi.signs.sighting import Seen, Sighting
from fastagi.stores.opening import open_store
from tests.doubles.manager import Manager
from tests.unit.lookout.samples import until
from tests.unit.lookout.test_hearing import event

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator
    from pathlib import Path

    from structlog.typing import EventDict

    from fastagi.lookout.watch import Lookout
    from fastagi.settings import Settings

WATCHES = """
[[watch]]
name = "guesses"
sign = "guessing"
per = "account"
count = 3
within = "1m"
then = ["step-up"]

[[watch]]
name = "codes"
sign = "code-guessing"
per = "site"
count = 2
within = "1h"
"""


def wrong(account: str) -> bytes:
    """Return that a wrong password was shown, just now."""
    more = ("Challenge: 1", "Response: 2", "ExpectedResponse: ")
    now = time.strftime("%Y-%m-%dT%H:%M:%S.000+0000", time.gmtime())
    raw = event("ChallengeResponseFailed", *more, account=account).decode()
    return raw.replace("2026-11-30T14:00:00.123+0000", now).encode()


@pytest.fixture
async def manager() -> AsyncIterator[Manager]:
    """An Asterisk."""
    async with Manager() as playing:
        yield playing


@pytest.fixture
def looking(settings: Settings, policy: Path, manager: Manager, tmp_path: Path) -> Settings:
    """Return settings with somebody who looks for attacks on that Asterisk."""
    with policy.open("a") as file:
        file.write(WATCHES)
    secret = tmp_path / "ami-secret"
    secret.touch(0o600)
    secret.write_text(f"{manager.secret}\n")
    ami = AmiSettings.model_validate({"port": manager.port, "secret_file": secret, "node": "pbx"})
    more = {"ami": (ami,), "lookout": LookoutSettings(), "metrics": MetricsSettings()}
    return settings.model_copy(update=more)


@pytest.fixture
def pipes() -> Iterator[list[int]]:
    """Return the pipe of heartbeats and the pipe of sightings, each the reading end first."""
    ends = [*os.pipe(), *os.pipe()]
    for each in ends:
        os.set_blocking(each, False)
    yield ends
    for each in ends:
        os.close(each)


@pytest.fixture
def memory() -> Iterator[int]:
    """Where the policies in force are kept."""
    reserved = last_good.reserve()
    yield reserved
    os.close(reserved)


async def test_what_is_seen_is_held_against_the_extension_until_the_end(
    looking: Settings,
    manager: Manager,
    pipes: list[int],
    memory: int,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    told: list[EventDict],
) -> None:
    """By the events of Asterisk and by what the gate's own doors see; SIGHUP has it read anew."""
    monkeypatch.setenv(VARIABLE, "")
    monkeypatch.setattr(values, "ValueClass", values.ValueClass)
    running = asyncio.create_task(look(looking, pipes[1], memory, tmp_path, pipes[2]))

    def said(word: str) -> list[EventDict]:
        return [each for each in told if each["event"] == word]

    await until(lambda: said("lookout-linked"))
    manager.send(3 * wrong("101"))
    await until(lambda: said("extension-watched"))
    assert said("attack-seen")[0]["extension"] == "101"
    assert not said("ami-linked")
    sender = Sender(pipes[3])
    for extension in ("102", "103"):
        sender.see(
            Sighting(time.time(), Seen.WRONG_CODE, extension, None, site="office", proven=True)
        )
    await until(lambda: len(said("attack-seen")) == 2)
    os.kill(os.getpid(), signal.SIGHUP)
    await until(lambda: said("policy-reloaded") or said("policy-unchanged"))
    os.kill(os.getpid(), signal.SIGTERM)
    await running
    assert heartbeat.READY in os.read(pipes[0], 4096)
    store = open_store(store_url(looking))
    held = await evidence.every(store, "office", time.time())
    await store.close()
    assert [(each.extension, each.watch) for each in held] == [("101", "guesses")]
    counted = registry_of(tmp_path / "metrics").get_sample_value(
        "dialguard_evidence_total", {"site": "office", "sign": "guessing"}
    )
    assert counted == 1


async def test_a_store_that_is_away_keeps_nobody_from_looking(
    told: list[EventDict], monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is asked again until it has said what was known before; told once."""
    asked: list[int] = []

    class Forgetful:
        async def to_recall(self) -> None:
            if len(asked) == 3:
                raise asyncio.CancelledError

        async def recall(self) -> None:
            asked.append(1)
            if len(asked) < 3:
                raise StoreError("away")

    monkeypatch.setattr(lookout, "RECALL_AGAIN_S", 0.0)
    with pytest.raises(asyncio.CancelledError):
        await recall(cast("Lookout", Forgetful()))
    assert [each["event"] for each in told] == ["places-not-recalled"]


def started(settings: Settings, pipes: list[int], monkeypatch: pytest.MonkeyPatch) -> None:
    """Have `main` find what the supervisor gives it."""
    stdin = io.TextIOWrapper(io.BytesIO(pickle.dumps(settings)))
    monkeypatch.setattr(sys, "stdin", stdin)
    words = ["lookout", str(os.getppid()), str(pipes[1]), "0", "", "", str(pipes[2])]
    monkeypatch.setattr(sys, "argv", words)
    monkeypatch.setattr(service_log, "configure", lambda **_: None)
    monkeypatch.setattr(os, "nice", lambda _: 0)
    monkeypatch.setattr(os, "sched_setscheduler", lambda *_: None)
    monkeypatch.setattr(signal, "signal", lambda *_: None)
    monkeypatch.setattr(lookout, "die_with", lambda _: True)


def test_one_that_cannot_start_says_why(
    settings: Settings,
    pipes: list[int],
    monkeypatch: pytest.MonkeyPatch,
    told: list[EventDict],
    tmp_path: Path,
) -> None:
    """Its supervisor starts it again, ever more slowly."""
    geoip = LookoutSettings(geoip=tmp_path / "c.mmdb")
    started(settings.model_copy(update={"lookout": geoip}), pipes, monkeypatch)
    assert main() == 1
    assert told[-1]["event"] == "lookout-cannot-start"
    assert "c.mmdb" in told[-1]["error"]


def test_one_that_was_told_to_end_ends_well(
    settings: Settings, pipes: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    """As the supervisor expects it."""

    async def done(*_: object) -> None:
        return

    started(settings.model_copy(update={"lookout": LookoutSettings()}), pipes, monkeypatch)
    monkeypatch.setattr(lookout, "look", done)
    assert main() == 0


def test_one_that_nobody_wants_does_nothing(
    settings: Settings, pipes: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    """There is no `[lookout]`; or its supervisor is gone, and nobody would end it."""
    started(settings, pipes, monkeypatch)
    assert main() == 1
    started(settings.model_copy(update={"lookout": LookoutSettings()}), pipes, monkeypatch)
    monkeypatch.setattr(lookout, "die_with", lambda _: False)
    assert main() == 1
