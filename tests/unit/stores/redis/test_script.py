"""Asking a server step by step."""

from __future__ import annotations

import asyncio
import contextlib
import time
from typing import TYPE_CHECKING, cast

import pytest

from fastagi.errors import StoreError
from fastagi.stores.records import EVERYWHERE
from fastagi.stores.redis import script
from fastagi.stores.redis.client import DEADLINE_S, IN_FLIGHT, read_url
from fastagi.stores.redis.script import SHA, Steps
from tests.servers.farm import empty_store
from tests.servers.node import HOST, Node, free_ports, wait_until

if TYPE_CHECKING:
    from pathlib import Path

    from redis.asyncio import RedisCluster

ALL = ("", 9, "0")
"""The first nine leases that are live at 0."""


async def test_a_server_that_forgot_the_script_learns_it_anew(steps: Steps) -> None:
    """As one that was restarted."""
    for _ in range(2):
        await steps.client.script_flush()
        assert await steps.client.script_exists(SHA) == [False]
        assert await steps.ask("office", "live", *ALL) == [[], None]
        assert await steps.client.script_exists(SHA) == [True]


async def test_the_server_judges_where_clocks_differ(url: str) -> None:
    """By a second or more; less is what the way takes."""
    for ahead_s, shift in ((0.0, 0.0), (0.5, 0.0), (100.0, -100.0), (-100.0, 100.0)):
        asked = Steps(read_url(url), lambda ahead_s=ahead_s: time.time() + ahead_s)  # type: ignore[misc]
        assert asked.shift_of("office") == 0.0
        await asked.ask("office", "live", *ALL)
        assert asked.shift_of("office") == pytest.approx(shift, abs=1.0)
        await asked.close()


async def test_a_server_that_is_not_there_is_a_store_that_is_away() -> None:
    """And after a few who asked, nobody waits for it."""
    asked = Steps(read_url("redis://:hunter2@127.0.0.1:1"))
    for _ in range(3):
        with pytest.raises(StoreError, match="does not answer as it should") as said:
            await asked.ask("office", "live", *ALL)
        assert "hunter2" not in f"{said.value}{said.value.__cause__}"
    with pytest.raises(StoreError, match=r"away \(ConnectionError\); it is asked again"):
        await asked.ask("office", "live", *ALL)
    await asked.close()


@pytest.mark.filterwarnings("ignore::ResourceWarning")
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
async def test_a_server_that_says_nothing_is_waited_for_no_longer_than_the_deadline(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """It took the connection, so nothing else ends the wait."""
    monkeypatch.setattr(script, "DEADLINE_S", DEADLINE_S)
    taken: list[asyncio.StreamWriter] = []
    server = await asyncio.start_server(lambda _, way: taken.append(way), "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    asked = Steps(read_url(f"redis://127.0.0.1:{port}"))
    began = time.monotonic()
    with pytest.raises(StoreError):
        await asked.ask("office", "live", *ALL)
    assert DEADLINE_S / 2 < time.monotonic() - began < DEADLINE_S + 1
    await asked.close()
    for way in taken:
        way.close()
        await way.wait_closed()
    server.close()


@pytest.mark.filterwarnings("ignore::ResourceWarning")
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
async def test_who_stands_in_line_does_not_wait_for_a_server_that_others_found_away(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A crowd is told after one deadline, not after one each for every few of it."""
    monkeypatch.setattr(script, "DEADLINE_S", DEADLINE_S)
    taken: list[asyncio.StreamWriter] = []
    server = await asyncio.start_server(lambda _, way: taken.append(way), "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    asked = Steps(read_url(f"redis://127.0.0.1:{port}"))
    crowd = 20 * IN_FLIGHT
    began = time.monotonic()
    told = await asyncio.gather(
        *(asked.ask("office", "live", *ALL) for _ in range(crowd)), return_exceptions=True
    )
    assert time.monotonic() - began < 5 * DEADLINE_S
    assert all(isinstance(each, StoreError) for each in told)
    assert len(taken) < 2 * IN_FLIGHT  # some come before it is plain
    await asked.close()
    for way in taken:
        way.close()
        await way.wait_closed()
    server.close()


async def test_who_is_told_to_stop_stops_at_whatever_moment(steps: Steps) -> None:
    """Of one who asks on and on: else a chore that is ended goes on, and who waits for its end."""
    enough = asyncio.Event()

    async def on_and_on() -> None:
        while not enough.is_set():
            await steps.ask("office", "live", *ALL)

    await steps.ask("office", "probe")  # it is connected, and the script is known
    for turns in range(1, 24):
        asking = asyncio.create_task(on_and_on())
        for _ in range(turns):
            await asyncio.sleep(0)
        asking.cancel()
        _, going_on = await asyncio.wait({asking}, timeout=5)
        if going_on:
            enough.set()
            await asyncio.wait(going_on)
        assert not going_on, turns


async def test_a_step_that_breaks_is_said_and_keeps_nobody_else_out(steps: Steps) -> None:
    """An error in the script, or in what was asked, says nothing of the server."""
    for _ in range(5):
        with pytest.raises(StoreError):
            await steps.ask("office", "take", "no moment")
        with pytest.raises(StoreError, match="UnicodeEncodeError"):
            await steps.ask("office", "live", "", 9, "\ud800")
    assert await steps.ask("office", "live", *ALL) == [[], None]


async def test_who_asks_for_replicas_is_refused_without_them(url: str) -> None:
    """Fails closed: it may be done, and it may be forgotten."""
    asked = Steps(read_url(f"{url}?replicas=1"))
    await asked.client.script_flush()
    with pytest.raises(StoreError, match="only 0 of 1 replicas"):
        await asked.ask("office", "probe", is_lasting=True)
    assert await asked.ask("office", "live", *ALL) == [
        [],
        None,
    ]  # what may be forgotten does not wait
    await asked.client.config_set("maxmemory", "1")
    try:
        with pytest.raises(StoreError, match="does not answer as it should"):
            await asked.ask("office", "probe", is_lasting=True)
    finally:
        await asked.client.config_set("maxmemory", "0")
    await asked.close()


async def _until_replicas_follow(asked: Steps, site: str) -> None:
    """Wait for servers that are new: a replica's first acknowledgement may take it a second."""
    async with asyncio.timeout(20):
        while True:
            with contextlib.suppress(StoreError):
                await asked.ask(site, "probe", is_lasting=True)
                return


async def test_replicas_that_have_it_let_it_through(url: str, tmp_path: Path) -> None:
    """Two servers, one of which follows the other."""
    (port,) = free_ports(1)
    master = url.removeprefix("redis://").partition("/")[0].replace(":", " ")
    follower = Node(tmp_path, port, ("--replicaof", master, "--repl-diskless-sync-delay", "0"))
    follower.start()
    asked = Steps(read_url(f"{url}?replicas=1"))
    try:
        assert HOST in master
        wait_until(lambda: "link_status:up" in str(_told(follower)), "a replica")
        await _until_replicas_follow(asked, "office")
        assert await asked.ask("office", "probe", is_lasting=True) == 1
    finally:
        await asked.close()
        follower.stop()


async def test_a_site_may_want_replicas_that_the_url_does_not(url: str) -> None:
    """Its policy says so; other sites go on without, and so does this one once it is changed."""
    asked = Steps(read_url(url))
    asked.keep_on({"office": 1, "hotel": 0})
    with pytest.raises(StoreError, match="only 0 of 1 replicas"):
        await asked.ask("office", "probe", is_lasting=True)
    for site in ("hotel", "unheard-of"):
        assert await asked.ask(site, "probe", is_lasting=True) == 1
    asked.keep_on({"office": 0})
    assert await asked.ask("office", "probe", is_lasting=True) == 1
    await asked.close()


async def test_what_is_of_no_site_is_kept_as_well_as_that_of_any(url: str) -> None:
    """Operators and their sessions: no policy can say it for them."""
    asked = Steps(read_url(url))
    assert await asked.ask(EVERYWHERE, "probe", is_lasting=True) == 1
    asked.keep_on({"office": 1, "hotel": 0})
    with pytest.raises(StoreError, match="only 0 of 1 replicas"):
        await asked.ask(EVERYWHERE, "probe", is_lasting=True)
    asked.keep_on({"hotel": 0})
    assert await asked.ask(EVERYWHERE, "probe", is_lasting=True) == 1
    await asked.close()


async def test_replicas_of_a_cluster_have_it() -> None:
    """Each master has one and not two; and a master that lost the script learns it anew."""
    asked = Steps(read_url(f"{empty_store('redis-cluster')}?replicas=1"))
    for site in ("office", "hotel", "branch"):  # on several masters
        await _until_replicas_follow(asked, site)
        await cast("RedisCluster", asked.client).script_flush()
        assert await asked.ask(site, "probe", is_lasting=True) == 1
    asked.keep_on({"office": 2})
    with pytest.raises(StoreError, match="only 1 of 2 replicas"):
        await asked.ask("office", "probe", is_lasting=True)
    await asked.close()


async def test_a_server_that_comes_back_is_asked_again(tmp_path: Path) -> None:
    """By itself: the first caller after that succeeds."""
    (port,) = free_ports(1)
    node = Node(tmp_path, port)
    asked = Steps(read_url(f"redis://{HOST}:{port}"))
    for _ in range(3):
        with pytest.raises(StoreError):
            await asked.ask("office", "live", *ALL)
    node.start()
    try:
        async with asyncio.timeout(20):
            while asked._keeper_of("office").breaker.is_open:  # noqa: ASYNC110 - there is nothing to wait for
                await asyncio.sleep(0.05)
        assert await asked.ask("office", "live", *ALL) == [[], None]
    finally:
        await asked.close()
        node.stop()


def _told(node: Node) -> object:
    return node.ask("INFO", "replication")


def test_the_script_is_whole() -> None:
    """Every part is in it, in the order in which each knows those before it."""
    assert script.text().count("function STEPS.") == 43


@pytest.mark.parametrize(
    ("step", "words", "done"),
    [
        ("probe", (), None),
        ("release", ("0", "office\0no-such-call", "", ""), 0),
        ("end_sign_ins", ("0", "101", "", "1", "operator"), []),
    ],
)
async def test_what_comes_too_late_is_not_done_unless_it_gives_back(
    steps: Steps,
    monkeypatch: pytest.MonkeyPatch,
    step: str,
    words: tuple[str, ...],
    done: object,
) -> None:
    """Whoever asked was told otherwise long ago: a slot that is taken now would stay taken."""
    await steps.ask("office", "probe")  # now its clock is known
    await steps.client.flushdb()
    monkeypatch.setattr(steps, "_clock", lambda: time.time() - 3)
    if done is not None:
        assert await steps.ask("office", step, *words) == done
    else:
        with pytest.raises(StoreError, match="asked too late, and did nothing"):
            await steps.ask("office", step, *words)
        assert await steps.client.keys("*") == []
    monkeypatch.undo()
    await steps.ask("office", "probe")
    assert await steps.ask("office", "probe") == 1


async def test_a_cluster_that_is_to_be_looked_at_anew_is_let_go_of_all_the_same() -> None:
    """After an error the client does so at the next step; until then it would close nothing."""
    asked = Steps(read_url(empty_store("redis-cluster")))
    await asked.ask("office", "probe")
    client = cast("RedisCluster", asked.client)
    nodes = client.nodes_manager.nodes_cache | client.nodes_manager.startup_nodes
    open_ones = [each for node in nodes.values() for each in node._connections]
    assert any(each.is_connected for each in open_ones)
    client._initialize = True
    await asked.close()
    assert not any(each.is_connected for each in open_ones)
