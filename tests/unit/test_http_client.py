"""The HTTP client that everybody here uses is led nowhere."""

from __future__ import annotations

import httpx

from fastagi import __version__
from fastagi.http_client import bounded_client

URL = "https://a.example.org/"


async def test_a_request_says_who_asks_and_no_more() -> None:
    """A redirect is an answer like any, and the environment has no say."""
    seen: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return httpx.Response(302, headers={"Location": "https://evil.example.org"})

    made = bounded_client(3.0, 2, {"Accept": "text/x"}, transport=httpx.MockTransport(answer))
    async with made as client:
        assert (await client.get(URL)).status_code == 302
    (asked,) = seen
    assert asked.headers["user-agent"] == f"dialguard/{__version__}"
    assert (asked.headers["accept"], asked.headers["accept-encoding"]) == ("text/x", "identity")
    assert asked.extensions["timeout"] == dict.fromkeys(("connect", "read", "write", "pool"), 3.0)
    assert not client.trust_env
