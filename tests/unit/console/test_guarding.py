"""What holds for every request and every answer."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from starlette.requests import Request
from starlette.responses import Response

from fastagi.console import guarding
from fastagi.console.front import Front
from fastagi.console.guarding import BODY_MAX, Guarding

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from starlette.types import Message, Receive, Scope, Send

FRONT = Front("https://a.example", {"b.example": "branch"})


async def echo(scope: Scope, receive: Receive, send: Send) -> None:
    """Answer with what was sent, and the site that the host names."""
    request = Request(scope, receive)
    body = await request.body()
    headers = {"X-Site": scope[guarding.SITE]}
    if scope["path"] == "/kept":
        headers["Cache-Control"] = "max-age=60"
    await Response(body, headers=headers)(scope, receive, send)


def browser(front: Front = FRONT, url: str = "https://a.example") -> httpx.AsyncClient:
    """Return somebody who asks."""
    return httpx.AsyncClient(transport=httpx.ASGITransport(Guarding(echo, front)), base_url=url)


async def test_every_answer_is_dressed() -> None:
    """Nothing inline, nothing from elsewhere, in nobody's frame, kept by nobody."""
    async with browser() as asking:
        answer = await asking.get("/")
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["referrer-policy"] == "same-origin"
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["strict-transport-security"].startswith("max-age=")
    assert "server" not in answer.headers


async def test_without_encryption_nothing_is_said_of_it() -> None:
    """A browser that was told would refuse the page afterwards."""
    front = Front("http://localhost:8573")
    async with browser(front, "http://localhost:8573") as asking:
        answer = await asking.get("/")
    assert answer.status_code == 200
    assert "strict-transport-security" not in answer.headers


async def test_what_may_be_kept_says_so_itself() -> None:
    """Styles and scripts."""
    async with browser() as asking:
        assert (await asking.get("/kept")).headers["cache-control"] == "max-age=60"


@pytest.mark.parametrize(
    "host", ["evil.example", "a.example:8573", "a.example.", "", "a.example@b"]
)
async def test_other_names_are_not_ours(host: str) -> None:
    """Whoever has a name point here (DNS rebinding) gets nothing; it is refused with dignity."""
    async with browser() as asking:
        answer = await asking.get("/", headers={"Host": host})
    assert answer.status_code == 421
    assert "content-security-policy" in answer.headers


async def test_two_names_are_none() -> None:
    """Proxies might take the one, and we the other."""
    async with browser() as asking:
        answer = await asking.get("/", headers=[("Host", "a.example"), ("Host", "b.example")])
    assert answer.status_code == 421


async def test_a_name_shows_its_site() -> None:
    """Letters of either case are the same."""
    async with browser() as asking:
        assert (await asking.get("/")).headers["x-site"] == ""
        answer = await asking.get("/", headers={"Host": "B.example:443"})
    assert answer.headers["x-site"] == "branch"


async def test_a_body_arrives_whole() -> None:
    """Up to the bound."""
    async with browser() as asking:
        answer = await asking.post("/", content=b"x" * BODY_MAX)
    assert answer.content == b"x" * BODY_MAX


async def test_a_body_that_is_too_long_is_refused() -> None:
    """Whether it says so or not."""

    async def endless() -> AsyncIterator[bytes]:
        while True:
            yield b"x" * 10_000

    async with browser() as asking:
        assert (await asking.post("/", content=b"x" * (BODY_MAX + 1))).status_code == 413
        assert (await asking.post("/", content=endless())).status_code == 413


async def test_a_body_that_is_too_slow_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """Byte by byte too."""
    monkeypatch.setattr(guarding, "BODY_S", 0.05)
    sent: list[Message] = []

    async def drips() -> Message:
        await asyncio.sleep(0.01)
        return {"type": "http.request", "body": b"x", "more_body": True}

    async def send(message: Message) -> None:
        sent.append(message)

    await Guarding(echo, FRONT)(scope_of(), drips, send)
    assert sent[0]["status"] == 408


async def test_who_goes_away_is_told_of_to_whoever_answers() -> None:
    """A stream of events ends with its browser."""
    messages: list[Message] = [
        {"type": "http.request", "body": b"ab", "more_body": True},
        {"type": "http.disconnect"},
        {"type": "http.disconnect"},
    ]
    heard: list[Any] = []

    async def listens(scope: Scope, receive: Receive, send: Send) -> None:
        heard.extend([await receive(), await receive()])

    async def receive() -> Message:
        return messages.pop(0)

    async def send(message: Message) -> None:
        raise AssertionError(message)

    await Guarding(listens, FRONT)(scope_of(), receive, send)
    assert [each["type"] for each in heard] == ["http.request", "http.disconnect"]


async def test_what_is_no_request_passes() -> None:
    """The server's own start and end."""
    seen: list[str] = []

    async def looks(scope: Scope, receive: Receive, send: Send) -> None:
        seen.append(scope["type"])

    async def nothing(*_: object) -> Any:
        return {}

    await Guarding(looks, FRONT)({"type": "lifespan"}, nothing, nothing)
    assert seen == ["lifespan"]


def scope_of() -> Scope:
    """Return a request's scope."""
    return {
        "type": "http",
        "method": "POST",
        "path": "/",
        "query_string": b"",
        "headers": [(b"host", b"a.example")],
    }
