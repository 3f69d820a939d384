"""One worker, in the tests' own event loop."""

from __future__ import annotations

import asyncio
import io
import os
import pickle
import signal
import socket
import sys
import time
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from fastagi.cli.handset import Handset
from fastagi.cli.pretend_asterisk import Call, Leg
from fastagi.daemon import heartbeat, last_good, worker
from fastagi.daemon.keys import rotate_keys
from fastagi.daemon.listening import listen
from fastagi.daemon.local_store import stopgap_in
from fastagi.daemon.places import store_url
from fastagi.daemon.worker import (
    Task,
    adopt,
    ceilings_of,
    guard_of,
    main,
    policies_of,
    ready,
    serve,
    share_of,
    tidy,
)
from fastagi.errors import PolicyError, StoreError
from fastagi.server.capacity import Ceilings
from fastagi.settings.model import AmiSettings, PolicySettings
from fastagi.stores.opening import open_store
from tests.contract.store_kinds import a_lease
from tests.doubles.manager import Manager

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator
    from pathlib import Path

    from structlog.typing import EventDict

    from fastagi.settings import Settings
    from fastagi.stores.store import Store


@pytest.fixture
def memory() -> Iterator[int]:
    """Return an empty memory for policies."""
    descriptor = last_good.reserve()
    yield descriptor
    os.close(descriptor)


@pytest.fixture
def pipe() -> Iterator[tuple[int, int]]:
    """Return a pipe's reading and writing end."""
    reading, writing = os.pipe()
    yield reading, writing
    os.close(reading)
    os.close(writing)


@pytest.fixture
def task(settings: Settings, memory: int, pipe: tuple[int, int]) -> Iterator[Task]:
    """Return what a first worker is given."""
    with listen(settings) as door:
        yield Task(0, door, pipe[1], memory, settings)


@asynccontextmanager
async def working(task: Task, reading: int) -> AsyncIterator[asyncio.Task[None]]:
    """Run a worker from READY on; what the test leaves running is drained."""
    running = asyncio.create_task(serve(task))
    while heartbeat.READY not in await asyncio.to_thread(os.read, reading, 1):
        pass
    yield running
    if not running.done():
        os.kill(os.getpid(), signal.SIGTERM)
    async with asyncio.timeout(20):
        await running


def dial(task: Task, dialled: str) -> str:
    """Make a call and return its verdict."""
    host, port = task.door.getsockname()
    call = Call(hear=lambda _: None, key=lambda _: "")
    leg = Leg("101", dialled, f"1.{time.monotonic_ns()}", host)
    Handset((host, port), leg, "", {}).dial(call)
    return call.variables["GUARD_VERDICT"]


async def test_a_worker_answers_until_sigterm(
    task: Task, pipe: tuple[int, int], told: list[EventDict]
) -> None:
    """READY, calls, and a graceful end; decisions are on record by then."""
    async with working(task, pipe[0]):
        assert await asyncio.to_thread(dial, task, "902079460000") == "ALLOW"
        assert await asyncio.to_thread(dial, task, "900390612345678") == "DENY"
    decisions = task.settings.log.decisions.read_text().splitlines()
    assert len(decisions) == 2
    assert [line["event"] for line in told if line["event"] == "draining"]


def events(told: list[EventDict]) -> list[str]:
    """Return what was said, by name."""
    return [line["event"] for line in told]


async def until(said: Callable[[], bool]) -> None:
    """Let the loop turn until it was said."""
    async with asyncio.timeout(20):
        while not said():  # noqa: ASYNC110 - a few turns of the loop
            await asyncio.sleep(0)


def forbid(policy: Path) -> None:
    """Turn the policy's rule round."""
    policy.write_text(policy.read_text().replace('"allow"', '"deny"'))


async def test_sighup_reloads(task: Task, pipe: tuple[int, int], policy: Path) -> None:
    """What the file says now is in force afterwards."""
    async with working(task, pipe[0]):
        forbid(policy)
        os.kill(os.getpid(), signal.SIGHUP)
        async with asyncio.timeout(20):
            while await asyncio.to_thread(dial, task, "902079460000") == "ALLOW":
                pass


async def test_the_second_worker_leaves_chores_to_the_first(
    task: Task, pipe: tuple[int, int], memory: int
) -> None:
    """It neither tidies the store nor keeps policies."""
    second = Task(1, task.door, task.pipe, task.memory, task.settings)
    async with working(second, pipe[0]):
        assert last_good.recall(memory) is None


async def test_the_first_worker_watches_each_asterisk(
    task: Task, pipe: tuple[int, int], told: list[EventDict], tmp_path: Path
) -> None:
    """By the settings; calls are answered meanwhile."""
    async with Manager() as manager:
        file = tmp_path / "ami-secret"
        file.touch(0o600)
        file.write_text(manager.secret)
        ami = AmiSettings(port=manager.port, secret_file=file)
        settings = task.settings.model_copy(update={"ami": (ami,)})
        async with working(replace(task, settings=settings), pipe[0]):
            await until(lambda: manager.asked("Status") != [])
            assert await asyncio.to_thread(dial, task, "902079460000") == "ALLOW"
    assert [line["node"] for line in told if line["event"] == "ami-linked"] == ["127.0.0.1"]


async def test_the_first_hands_its_chores_over_before_it_drains(
    task: Task,
    pipe: tuple[int, int],
    policy: Path,
    told: list[EventDict],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A successor does them by then; the drained one only finishes its calls, and lives."""
    over = asyncio.Event()

    async def tidying(_store: Store) -> None:
        try:
            await asyncio.Event().wait()
        finally:
            over.set()

    monkeypatch.setattr(worker, "tidy", tidying)
    async with working(task, pipe[0]) as running:
        kept = os.pread(task.memory, 1 << 20, 0)
        with socket.create_connection(task.door.getsockname()):
            assert await asyncio.to_thread(dial, task, "902079460000") == "ALLOW"
            os.kill(os.getpid(), signal.SIGTERM)
            async with asyncio.timeout(20):
                await over.wait()
            os.read(pipe[0], 1 << 16)  # what it said before
            assert await asyncio.to_thread(os.read, pipe[0], 1) == heartbeat.ALIVE
            forbid(policy)
            await until(lambda: "policy-reloaded" in events(told))
            assert os.pread(task.memory, 1 << 20, 0) == kept
            assert not running.done()


async def test_a_chore_that_breaks_is_told_and_calls_go_on(
    task: Task, pipe: tuple[int, int], told: list[EventDict], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A bug in tidying must not cost a call."""

    async def broken(_store: Store) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(worker, "tidy", broken)
    async with working(task, pipe[0]):
        assert await asyncio.to_thread(dial, task, "902079460000") == "ALLOW"
    (line,) = [line for line in told if line["event"] == "chore-broke"]
    assert line["chore"] == "tidy"


async def test_sighup_rereads_the_keys(
    task: Task, pipe: tuple[int, int], told: list[EventDict]
) -> None:
    """A new key is at hand before anything is stored under it; a broken file leaves the old."""
    file = task.settings.keys.file
    async with working(task, pipe[0]):
        rotate_keys(file)
        os.kill(os.getpid(), signal.SIGHUP)
        await until(lambda: "key-file-reread" in events(told))
        file.write_text("")
        os.kill(os.getpid(), signal.SIGHUP)
        await until(lambda: "key-file-refused" in events(told))
        assert await asyncio.to_thread(dial, task, "902079460000") == "ALLOW"


# ------------------------------------------------------------------- policies


def test_a_broken_policy_stops_the_first_worker(task: Task, policy: Path) -> None:
    """There is nothing in force yet that could stay."""
    policy.write_text("[site]\n")
    with pytest.raises(PolicyError):
        policies_of(task)


def test_a_broken_policy_stops_no_other_site(
    task: Task, policy: Path, told: list[EventDict]
) -> None:
    """Its own has no policy, and its calls are denied; it is told, and comes in once mended."""
    place = policy.with_name("policies")
    place.mkdir()
    (place / "office.toml").write_text(policy.read_text())
    folder = task.settings.model_copy(update={"policy": PolicySettings(folder=place)})
    broken = place / "hotel.toml"
    broken.write_text("[site]\n")
    policies = policies_of(replace(task, settings=folder))
    assert policies.sites == ("office",)
    assert "policy-refused" in [each["event"] for each in told]
    broken.write_text(policy.read_text().replace('"office"', '"hotel"'))
    assert share_of(policies, "office") is None
    assert asyncio.run(policies.reload())
    assert [share_of(policies, each) for each in ("office", "hotel", "", "x")] == [
        *("office", "hotel", "", "")
    ]


def test_a_broken_policy_does_not_stop_a_successor(
    task: Task, policy: Path, told: list[EventDict]
) -> None:
    """It takes what its predecessor had, and says so."""
    before = policies_of(task).of("office")
    policy.write_text("[site]\n")
    after = policies_of(task).of("office")
    assert before is not None
    assert after is not None
    assert after.version == before.version
    assert told[-1]["event"] == "policy-in-force-stays"


def test_a_successor_tells_when_the_policy_is_mended(
    task: Task, policy: Path, told: list[EventDict]
) -> None:
    """As its predecessor, who said that it was broken, would have."""
    policies_of(task)
    right = policy.read_text()
    policy.write_text("[site]\n")
    successor = policies_of(task)
    policy.write_text(right)
    assert asyncio.run(successor.reload())
    assert told[-1]["event"] == "policy-valid-again"


def test_a_shared_secret_is_asked_for(settings: Settings, tmp_path: Path) -> None:
    """Where the settings name a file of it."""
    file = tmp_path / "secret"
    file.write_text("open-sesame-123456\n")
    file.chmod(0o600)
    agi = settings.agi.model_copy(update={"secret_file": file})
    assert guard_of(settings.model_copy(update={"agi": agi})).admits("127.0.0.1")


async def test_the_settings_bound_the_door(
    task: Task, pipe: tuple[int, int], told: list[EventDict]
) -> None:
    """A worker takes on what they say, and closes upon more."""
    agi = task.settings.agi.model_copy(update={"sessions": 3, "peer_sessions": 2, "peer_per_s": 1})
    settings = task.settings.model_copy(update={"agi": agi})
    assert ceilings_of(settings) == Ceilings(sessions=3, peer_sessions=2, peer_per_s=1.0)
    async with working(replace(task, settings=settings), pipe[0]):
        host, port = task.door.getsockname()
        lines = [await asyncio.open_connection(host, port) for _ in range(2)]
        assert await lines[1][0].read() == b""
        for _, writer in lines:
            writer.close()
    kinds = [line["kind"] for line in told if line["event"] == "refused"]
    assert kinds[0] == "too-many-connections-of-peer"


# ------------------------------------------------------------------- chores


class Away:
    """A store that is away once, and then there."""

    def __init__(self) -> None:
        self.asked = asyncio.Event()
        self.times = 0

    async def tidy(self, now: float) -> int:
        """Fail the first time."""
        self.times += 1
        if self.times == 1:
            raise StoreError("away")
        self.asked.set()
        return 0


async def test_a_store_that_is_away_is_tidied_later(
    monkeypatch: pytest.MonkeyPatch, told: list[EventDict]
) -> None:
    """It is told, and tried again."""
    monkeypatch.setattr(worker, "TIDY_S", 0.0)
    away = Away()
    chore = asyncio.create_task(tidy(away))  # type: ignore[arg-type]  # only `tidy` of a store
    async with asyncio.timeout(20):
        await away.asked.wait()
    chore.cancel()
    await asyncio.wait([chore])
    assert told[0]["event"] == "store-not-tidied"


async def test_a_store_that_is_away_stops_the_first_worker_and_no_successor(
    told: list[EventDict],
) -> None:
    """Calls that may pass without the store must find somebody to ask, also after a crash."""
    store = open_store("redis://127.0.0.1:1")
    with pytest.raises(StoreError):
        await ready(store, is_successor=False)
    assert told == []
    await ready(store, is_successor=True)
    assert told[0]["event"] == "store-away-at-start"
    await store.close()


async def test_calls_without_the_store_move_into_it(
    task: Task, pipe: tuple[int, int], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first worker does that, as soon as the store is back."""
    monkeypatch.setattr(worker, "ADOPT_S", 0.0)
    local = await stopgap_in(tmp_path, 5)
    assert local is not None
    async with working(replace(task, local=tmp_path), pipe[0]):
        lease = a_lease("1.1", since=time.time(), expires=time.time() + 60)
        await local.take(lease, time.time())
        async with asyncio.timeout(20):
            while await local.live(time.time()):  # noqa: ASYNC110 - a few turns of the loop
                await asyncio.sleep(0)
    store = open_store(store_url(task.settings))
    assert await store.live(None, time.time()) == [lease]
    await store.close()
    await local.store.close()


async def test_a_store_that_is_away_adopts_later(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is tried again; nothing is asked while nothing is local."""
    monkeypatch.setattr(worker, "ADOPT_S", 0.0)
    local = await stopgap_in(tmp_path, 5)
    assert local is not None
    tried = 0
    enough = asyncio.Event()

    class Twice:
        async def run(self) -> None:
            nonlocal tried
            tried += 1
            if tried == 1:
                raise StoreError("away")
            enough.set()

    chore = asyncio.create_task(adopt(Twice(), local))  # type: ignore[arg-type]  # only `run` of it
    await asyncio.sleep(0)
    assert not tried
    await local.take(a_lease("1.1"), 0.0)
    async with asyncio.timeout(20):
        await enough.wait()
    chore.cancel()
    await asyncio.wait([chore])
    await local.store.close()


# ------------------------------------------------------------------- as a process


@pytest.fixture
def _as_a_process(task: Task, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Give `main` what the supervisor gives a worker."""
    door = os.dup(task.door.fileno())
    words = ["worker", "0", str(os.getppid()), str(door), str(task.pipe), str(task.memory)]
    words += ["", "", ""]
    monkeypatch.setattr(sys, "argv", words)
    stdin = io.TextIOWrapper(io.BytesIO(pickle.dumps(task.settings)))
    monkeypatch.setattr(sys, "stdin", stdin)
    monkeypatch.setattr(worker, "die_with", lambda parent: parent == os.getppid())
    monkeypatch.setattr("fastagi.service_log.configure", lambda **_: None)
    before = {asked: signal.getsignal(asked) for asked in (signal.SIGINT, signal.SIGHUP)}
    yield
    for asked, handler in before.items():
        signal.signal(asked, handler)


@pytest.mark.usefixtures("_as_a_process")
def test_main_tells_a_broken_policy_by_status_3(policy: Path, told: list[EventDict]) -> None:
    """With file and line in the log."""
    policy.write_text("[site]\n")
    assert main() == 3
    assert {line["event"] for line in told} == {"policy-refused"}


@pytest.mark.usefixtures("_as_a_process")
def test_main_tells_other_failures_by_status_1(task: Task, told: list[EventDict]) -> None:
    """Keys that others can read, say."""
    task.settings.keys.file.write_text("x")
    task.settings.keys.file.chmod(0o644)
    assert main() == 1
    assert told[-1]["event"] == "worker-cannot-start"


@pytest.mark.usefixtures("_as_a_process")
def test_main_does_not_begin_as_an_orphan(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its supervisor died while it started."""
    monkeypatch.setattr(worker, "die_with", lambda _: False)
    assert main() == 1


@pytest.mark.usefixtures("_as_a_process")
def test_main_tells_an_unusable_secret_by_status_3(
    task: Task, monkeypatch: pytest.MonkeyPatch, told: list[EventDict], tmp_path: Path
) -> None:
    """It is named by the settings."""
    agi = task.settings.agi.model_copy(update={"secret_file": tmp_path / "nowhere"})
    settings = task.settings.model_copy(update={"agi": agi})
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(pickle.dumps(settings))))
    assert main() == 3
    assert told[-1]["event"] == "settings-refused"


@pytest.mark.usefixtures("_as_a_process")
def test_main_ends_with_status_0_after_a_graceful_end(monkeypatch: pytest.MonkeyPatch) -> None:
    """As the supervisor expects it."""

    async def done(_task: Task) -> None:
        return

    monkeypatch.setattr(worker, "serve", done)
    assert main() == 0
