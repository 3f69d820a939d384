"""HTTP to the provider is bounded, whatever it does."""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING

import httpx
import pytest

from fastagi.console.oidc import asking
from fastagi.console.oidc.asking import LONGEST, Asking
from fastagi.errors import ProviderAway
from tests.doubles.identity_provider import wire

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

URL = "https://id.example.org/keys"


@contextlib.asynccontextmanager
async def answering(answer: Callable[[httpx.Request], httpx.Response]) -> AsyncIterator[Asking]:
    """Yield what asks somebody who answers like this."""
    made = Asking(wire(answer))
    yield made
    await made.close()


async def test_what_is_asked_says_no_more_than_it_must() -> None:
    """No cookie, no name and password of the environment."""
    seen: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return httpx.Response(200, json={"a": 1}, headers={"Set-Cookie": "a=b"})

    async with answering(answer) as client:
        assert await client.get(URL) == {"a": 1}
        assert await client.post(URL, {"X": "y"}, "a=b") == (200, {"a": 1})
    assert seen[0].headers["accept-encoding"] == "identity"
    assert seen[1].content == b"a=b"
    assert not any("authorization" in each.headers for each in seen)


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (httpx.Response(302, headers={"Location": "https://evil.example.org"}), "answers 302"),
        (httpx.Response(404, json={}), "answers 404"),
        (httpx.Response(200, text="<html>"), "something else"),
        (httpx.Response(200, json=[1]), "something else"),
        (httpx.Response(200, content=b"[" * 100_000), "something else"),
        (httpx.Response(200, content=b" " * (LONGEST + 1)), "more than 262144 bytes"),
    ],
)
async def test_what_is_no_json_object_is_told(answer: httpx.Response, said: str) -> None:
    """No redirect is followed, and nothing read without end."""
    count = 0

    def once(_: httpx.Request) -> httpx.Response:
        nonlocal count
        count += 1
        return answer

    async with answering(once) as client:
        with pytest.raises(ProviderAway, match=said):
            await client.get(URL)
    assert count == 1


async def test_who_drips_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """The whole of an answer has a time, not each byte of it."""
    monkeypatch.setattr(asking, "WITHIN_S", 0.05)
    left = asyncio.Event()

    async def drip() -> AsyncIterator[bytes]:
        try:
            while True:
                yield b" "
                await asyncio.sleep(0)
        finally:
            left.set()

    async with answering(lambda _: httpx.Response(200, content=drip())) as client:
        monkeypatch.setattr(asking, "LONGEST", 10**12)
        with pytest.raises(ProviderAway, match=r"`id.example.org` did not answer within"):
            await client.get(URL)
    await left.wait()


@pytest.mark.parametrize(
    "error", [httpx.ConnectError("no route"), httpx.ReadError(""), httpx.InvalidURL("no URL")]
)
async def test_who_cannot_be_asked_is_told(error: Exception) -> None:
    """In the words that know most."""

    def fail(_: httpx.Request) -> httpx.Response:
        raise error

    async with answering(fail) as client:
        with pytest.raises(ProviderAway, match=f"cannot be asked: {str(error) or 'ReadError'}"):
            await client.post(URL, {}, "")
