"""The pages that change by themselves, and what is new on them."""

from __future__ import annotations

import asyncio
import contextlib
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from fastagi.console.operators import accounts, live, watching
from fastagi.console.operators.accounts import Role
from fastagi.console.operators.visits import SESSION
from fastagi.errors import StoreError
from fastagi.policy.loading import load_text
from fastagi.rating.tariff import Tariff
from fastagi.stores.budgets import Budget, Unit
from tests.unit.console.world import POLICY

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    import httpx
    from starlette.types import Message

    from tests.unit.console.operators.backstage import Console


class Stream:
    """A stream of events, as a browser hears it. httpx would wait for its end."""

    def __init__(self) -> None:
        self.status = 0
        self.headers: dict[str, str] = {}
        self.over = False
        self._heard: asyncio.Queue[str] = asyncio.Queue()
        self._gone = asyncio.Event()
        self._asked = False

    async def receive(self) -> Message:
        """Say that there is no body; and, at the end, that the browser is gone."""
        if not self._asked:
            self._asked = True
            return {"type": "http.request", "body": b"", "more_body": False}
        await self._gone.wait()
        return {"type": "http.disconnect"}

    async def send(self, message: Message) -> None:
        """Hear."""
        if message["type"] == "http.response.start":
            self.status = message["status"]
            self.headers = {name.decode(): value.decode() for name, value in message["headers"]}
        else:
            self.over = not message.get("more_body", False)
            self._heard.put_nowait(message.get("body", b"").decode())

    def leave(self) -> None:
        """Go away."""
        self._gone.set()

    async def next(self) -> str:
        """Return what is heard next."""
        return await asyncio.wait_for(self._heard.get(), 10)

    async def parts(self) -> dict[str, str]:
        """Return the parts that are heard next."""
        event, _, data = (await self.next()).strip().partition("\n")
        assert event == "event: parts"
        parts: dict[str, str] = json.loads(data.removeprefix("data: "))["parts"]
        return parts


@contextlib.asynccontextmanager
async def listening(
    console: Console, asking: httpx.AsyncClient, query: str
) -> AsyncIterator[Stream]:
    """Yield what a browser hears meanwhile."""
    stream = Stream()
    cookie = f"__Host-{SESSION}={asking.cookies[f'__Host-{SESSION}']}"
    scope: dict[str, Any] = {
        "type": "http",
        "method": "GET",
        "path": "/console/events",
        "raw_path": b"/console/events",
        "root_path": "",
        "scheme": "https",
        "http_version": "1.1",
        "query_string": query.encode(),
        "headers": [(b"host", b"phones.example.org"), (b"cookie", cookie.encode())],
        "client": ("192.0.2.7", 40_000),
        "server": ("phones.example.org", 443),
    }

    async def answer() -> None:
        await console.app(scope, stream.receive, stream.send)

    answering = asyncio.create_task(answer())
    try:
        yield stream
    finally:
        stream.leave()
        await asyncio.wait_for(answering, 10)


@pytest.fixture(autouse=True)
def often(monkeypatch: pytest.MonkeyPatch) -> None:
    """Read as often as a test can wait for."""
    monkeypatch.setattr("fastagi.console.operators.board.FRESH_S", 0.02)


async def test_a_call_comes_and_goes(console: Console) -> None:
    """What did not change is not said again."""
    async with (
        console.entered() as asking,
        listening(console, asking, "page=calls") as stream,
    ):
        first = await stream.parts()
        assert set(first) == {"brakes", "uses", "budgets", "calls", "day"}
        assert "No call is up." in first["calls"]
        lease = await console.call()
        came = await stream.parts()
        assert set(came) == {"uses", "calls"}
        assert lease.number in came["calls"]
        await console.store.release("office", lease.call, None, None, console.now)
        assert "No call is up." in (await stream.parts())["calls"]
    assert stream.status == 200
    assert stream.headers["content-type"].startswith("text/event-stream")
    assert stream.headers["cache-control"] == "no-store"
    assert "content-security-policy" in stream.headers


async def test_decisions_come_as_they_fall(console: Console) -> None:
    """Of those with the words that one looks for."""
    console.decide(extension="102")
    async with (
        console.entered() as asking,
        listening(console, asking, "page=decisions&words=abroad+104") as stream,
    ):
        assert "There is no such decision." in (await stream.parts())["decisions"]
        console.decide(extension="103")
        console.decide(extension="104")
        heard = (await stream.parts())["decisions"]
        assert "104</th>" in heard
        assert "103</th>" not in heard


@pytest.mark.parametrize("page", ["lockouts", "sign-ins"])
async def test_lockouts_and_sign_ins_come(console: Console, page: str) -> None:
    """Each on its page."""
    async with (
        console.entered() as asking,
        listening(console, asking, f"page={page}") as stream,
    ):
        assert "Nobody" in (await stream.parts())[page]
        await console.lock_out("102")
        await console.sign_in("102")
        await console.sign_in("101")
        while "Nobody" in (heard := (await stream.parts())[page]):
            pass
        assert "<tbody>" in heard


async def test_who_may_no_more_hears_no_more(
    console: Console, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Within seconds; the page is told, and asks who it is."""
    monkeypatch.setattr(watching, "LOOKED_AFTER_S", 0.05)
    async with (
        console.entered() as asking,
        listening(console, asking, "page=calls") as stream,
    ):
        await stream.parts()
        await accounts.remove(console.store, "olga", console.now)
        assert (await stream.next()).startswith("event: over\n")
        assert await stream.next() == ""
        assert stream.over


async def test_who_watches_while_it_is_not_known_whether_they_may_hears_nothing(
    console: Console, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A store that is busy is no reason to leave; but after a while it is."""
    monkeypatch.setattr(watching, "LOOKED_AFTER_S", 0.05)
    monkeypatch.setattr(watching, "UNKNOWN_S", 0.5)
    async with (
        console.entered() as asking,
        listening(console, asking, "page=lockouts") as stream,
    ):
        await stream.parts()

        async def away(*_: object, **__: object) -> None:
            raise StoreError("away")

        monkeypatch.setattr("fastagi.console.operators.entering.session_of", away)
        await asyncio.sleep(0.2)
        await console.lock_out("102")
        assert (await stream.next()).startswith("event: over\n")


async def test_a_silent_stream_shows_that_it_lives(
    console: Console, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Proxies end those that do not."""
    monkeypatch.setattr(live, "SIGN_OF_LIFE_S", 0.05)
    async with (
        console.entered() as asking,
        listening(console, asking, "page=lockouts") as stream,
    ):
        await stream.parts()
        assert await stream.next() == ": still here\n\n"
        assert await stream.next() == ": still here\n\n"


async def test_watchers_are_bounded(console: Console, monkeypatch: pytest.MonkeyPatch) -> None:
    """Over all; and, of those for whom something is made by itself, more closely."""
    monkeypatch.setattr(live, "WATCHERS", 2)
    monkeypatch.setattr(live, "FILTERS", 1)
    console.build()
    async with console.entered() as asking:
        async with listening(console, asking, "page=decisions&words=x") as stream:
            await stream.parts()
            refused = await asking.get("/console/events?page=decisions&words=y")
            assert refused.status_code == 503
            async with listening(console, asking, "page=calls") as other:
                await other.parts()
                assert (await asking.get("/console/events?page=calls")).status_code == 503
        async with listening(console, asking, "page=decisions&words=x") as stream:
            await stream.parts()
            assert stream.status == 200


async def test_there_are_four_pages_to_watch(console: Console) -> None:
    """And no other."""
    async with console.entered(role=Role.VIEWER) as asking:
        for page in ("", "trail", "policy", "../calls"):
            answer = await asking.get("/console/events", params={"page": page})
            assert answer.status_code == 404


async def test_each_page_is_whole_without_a_script(console: Console) -> None:
    """With what is there, and the words that it was asked for."""
    await console.call()
    await console.lock_out("102")
    await console.sign_in("103")
    console.decide(extension="104")
    async with console.entered(role=Role.VIEWER) as asking:
        for path, what in (
            ("/", "+390612345678"),
            ("/lockouts", "extension 102"),
            ("/sign-ins", "103</th>"),
            ("/decisions?words=104", 'value="104"'),
            ("/decisions?words=104", "104</th>"),
            ("/decisions?words=105", "There is no such decision."),
        ):
            assert what in (await asking.get(f"/console{path}")).text
        page = (await asking.get("/console/decisions?words=104")).text
        assert 'data-events="/console/events?page=decisions&amp;words=104"' in page
        first = await asking.get("/console")
        assert (first.status_code, first.headers["location"]) == (303, "/console/")


async def test_what_calls_cost_is_seen_while_they_do(console: Console) -> None:
    """So far, of what is reserved; and how near the budget is to its end."""
    limit = '[[limit]]\nname = "a-day"\nper = "extension"\nminutes = 60\nwithin = "24h"\n'
    console.world.sites.by_site["office"] = load_text(POLICY + limit, Path("office.toml"))
    minute = Tariff(60, 600_000, 60, 600_000)
    budgets = (
        Budget("a-day", "101", Unit.SECONDS, 3600, 86_400),
        Budget("a-day", "101", Unit.SPEND, 20_000_000, 86_400),
    )
    await console.call(since=console.now - 30, seconds=600, budgets=budgets, tariff=minute)
    async with console.entered() as asking:
        page = (await asking.get("/console/")).text
    assert "<td>0.60 of 6.00" in page
    assert "6.00 of 20.00" in page
    assert "10 minutes of 60 minutes" in page
