"""The web's own process, in the tests' own event loop."""

from __future__ import annotations

import asyncio
import io
import os
import pickle
import resource
import signal
import socket
import sys
from dataclasses import replace
from ipaddress import IPv4Address
from typing import TYPE_CHECKING

import httpx
import pytest

from fastagi.daemon import console, heartbeat, last_good
from fastagi.daemon.console import Given, answer, bounds_of, front_of, limit_files, main
from fastagi.daemon.keys import make_keys
from fastagi.errors import VaultError
from fastagi.settings import Listen
from fastagi.settings.model import ConsoleSettings, CredentialSettings

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from structlog.typing import EventDict

    from fastagi.settings import Settings


@pytest.fixture
def heard() -> Iterator[tuple[int, int]]:
    """Return the two ends of the pipe that the supervisor listens to."""
    reading, writing = os.pipe()
    os.set_blocking(writing, False)
    yield reading, writing
    os.close(reading)
    os.close(writing)


@pytest.fixture
def given(settings: Settings, heard: tuple[int, int]) -> Iterator[Given]:
    """Return what the process is given, with a door on some port."""
    door = socket.create_server(("127.0.0.1", 0))
    door.setblocking(False)
    port = door.getsockname()[1]
    web = ConsoleSettings.model_validate({"url": f"http://127.0.0.1:{port}"})
    settings = settings.model_copy(update={"console": web})
    memory = last_good.reserve()
    yield Given(door, heard[1], memory, settings, web)
    os.close(memory)
    door.close()


async def test_it_answers_until_it_is_told_to_end(given: Given, heard: tuple[int, int]) -> None:
    """SIGTERM, as to a worker; SIGHUP has it read policy and keys again."""
    make_keys(given.settings.keys.file)
    answering = asyncio.create_task(answer(given))
    async with httpx.AsyncClient(base_url=given.console.public_url) as asking:
        async with asyncio.timeout(30):
            found = await asking.get("/api/v1/openapi.json", timeout=20)
        assert found.status_code == 200
        os.kill(os.getpid(), signal.SIGHUP)
        await asyncio.sleep(0.05)
        assert (await asking.get("/api/v1/openapi.json")).status_code == 200
    os.kill(os.getpid(), signal.SIGTERM)
    async with asyncio.timeout(20):
        await answering
    assert heartbeat.READY in os.read(heard[0], 4096)


async def test_asterisk_is_answered_at_a_door_of_its_own(
    given: Given, heard: tuple[int, int], tmp_path: Path
) -> None:
    """Where the settings hand passwords out; who shows another secret is told nothing."""
    make_keys(given.settings.keys.file)
    secret = tmp_path / "asks"
    secret.touch(0o600)
    secret.write_text("asterisk-asks-for-passwords\n")
    lends = CredentialSettings(secret_file=secret)
    settings = given.settings.model_copy(update={"credentials": lends})
    with socket.create_server(("127.0.0.1", 0)) as door:
        door.setblocking(False)
        url = f"http://127.0.0.1:{door.getsockname()[1]}/auths/single"
        answering = asyncio.create_task(answer(replace(given, settings=settings, passwords=door)))
        async with httpx.AsyncClient() as asking, asyncio.timeout(30):
            for password, status in (("asterisk-asks-for-passwords", 200), ("x", 403)):
                login = httpx.BasicAuth("asterisk", password)
                found = await asking.post(url, data={"id": "office/101"}, auth=login, timeout=20)
                assert (found.status_code, found.content) == (status, b"")
        await asyncio.to_thread(os.read, heard[0], 1)  # it has got as far as to hear SIGTERM
        os.kill(os.getpid(), signal.SIGTERM)
        async with asyncio.timeout(20):
            await answering


async def test_without_keys_it_does_not_start(given: Given) -> None:
    """The first worker makes them."""
    with pytest.raises(VaultError):
        await answer(given)


def test_what_the_settings_say_reaches_the_web() -> None:
    """How it is reached, and who may connect."""
    said = ConsoleSettings.model_validate(
        {
            "listen": "0.0.0.0:8573",
            "url": "https://a.example/",
            "proxies": ["10.0.0.1"],
            "hosts": {"b.example": "branch"},
            "languages": ["de", "en"],
            "connections": 10,
            "peer_connections": 2,
        }
    )
    front, bounds = front_of(said), bounds_of(said)
    assert (front.url, front.languages) == ("https://a.example", ("de", "en"))
    assert front.names()["b.example"] == "branch"
    assert (bounds.connections, bounds.peer_connections) == (10, 2)
    assert bounds.proxies_only
    assert not bounds_of(
        said.model_copy(update={"listen": Listen(IPv4Address("127.0.0.1"), 1)})
    ).proxies_only


def test_it_may_open_so_many_files(monkeypatch: pytest.MonkeyPatch) -> None:
    """And no more than the system allows."""
    asked: list[object] = []
    monkeypatch.setattr(resource, "getrlimit", lambda _: (1024, 4096))
    monkeypatch.setattr(resource, "setrlimit", lambda _, limits: asked.append(limits))
    limit_files(100)
    limit_files(100_000)
    assert asked == [(356, 4096), (4096, 4096)]


# ------------------------------------------------------------------- as a process


@pytest.fixture
def _as_a_process(given: Given, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Give `main` what the supervisor gives the process."""
    door = os.dup(given.door.fileno())
    words = ["console", str(os.getppid()), str(door), str(given.pipe), str(given.memory)]
    words += ["", "", ""]
    monkeypatch.setattr(sys, "argv", words)
    stdin = io.TextIOWrapper(io.BytesIO(pickle.dumps(given.settings)))
    monkeypatch.setattr(sys, "stdin", stdin)
    monkeypatch.setattr(console, "die_with", lambda parent: parent == os.getppid())
    monkeypatch.setattr(console, "limit_files", lambda _: None)
    monkeypatch.setattr(os, "nice", lambda _: 0)
    monkeypatch.setattr("fastagi.service_log.configure", lambda **_: None)
    before = {asked: signal.getsignal(asked) for asked in (signal.SIGINT, signal.SIGHUP)}
    yield
    for asked, handler in before.items():
        signal.signal(asked, handler)


@pytest.mark.usefixtures("_as_a_process")
def test_main_says_why_it_cannot_start(told: list[EventDict]) -> None:
    """There is no key file, say."""
    assert main() == 1
    assert told[-1]["event"] == "console-cannot-start"


@pytest.mark.usefixtures("_as_a_process")
def test_main_takes_the_door_for_passwords_where_it_gets_one(
    given: Given, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As the last of its words."""
    with socket.create_server(("127.0.0.1", 0)) as passwords:
        where = passwords.getsockname()
        monkeypatch.setattr(sys, "argv", [*sys.argv, str(os.dup(passwords.fileno()))])
        seen: list[object] = []

        async def done(got: Given) -> None:
            assert got.passwords is not None
            seen.append(got.passwords.getsockname())

        monkeypatch.setattr(console, "answer", done)
        assert main() == 0
    assert seen == [where]


@pytest.mark.usefixtures("_as_a_process")
def test_main_does_not_begin_as_an_orphan(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its supervisor died while it started."""
    monkeypatch.setattr(console, "die_with", lambda _: False)
    assert main() == 1


@pytest.mark.usefixtures("_as_a_process")
def test_main_ends_with_status_0_after_a_graceful_end(monkeypatch: pytest.MonkeyPatch) -> None:
    """As the supervisor expects it."""

    async def done(_: Given) -> None:
        return

    monkeypatch.setattr(console, "answer", done)
    assert main() == 0
