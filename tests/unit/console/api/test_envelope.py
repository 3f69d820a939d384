"""What is around every request: its path as it was sent, its headers, its id."""

from __future__ import annotations

from typing import TYPE_CHECKING

import httpx
import pytest

from fastagi.console.api.envelope import Envelope
from tests.unit.console.api.conftest import told

if TYPE_CHECKING:
    from starlette.types import Message, Receive, Scope, Send

    from tests.unit.console.api.conftest import Api

OF_101 = "/sites/office/extensions/101/sign-ins"


async def ask(
    api: Api, raw_path: bytes, path: str, headers: list[tuple[bytes, bytes]]
) -> httpx.Response:
    """Ask as no well-bred client does."""
    scope: Scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": "GET",
        "scheme": "http",
        "path": path,
        "raw_path": raw_path,
        "query_string": b"",
        "root_path": "",
        "headers": headers,
        "client": ("127.0.0.1", 1),
        "server": ("web", 80),
    }
    sent: list[Message] = []

    async def receive() -> Message:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Message) -> None:
        sent.append(message)

    await api.app(scope, receive, send)
    body = b"".join(each.get("body", b"") for each in sent[1:])
    return httpx.Response(sent[0]["status"], headers=sent[0]["headers"], content=body)


async def of(api: Api, *more: tuple[str, str]) -> list[tuple[bytes, bytes]]:
    """Return headers with a token."""
    headers = [*(await api.token()).items(), *more]
    return [(name.lower().encode(), value.encode()) for name, value in headers]


@pytest.mark.parametrize(
    ("raw_path", "path"),
    [
        (b"/sites/office/extensions/101%2Fsign-ins", OF_101),
        (b"/sites/office/extensions/101%2fsign-ins", OF_101),
        (b"/sites/office/extensions/%31%30%31/sign-ins", OF_101),
        (b"/sites/office/extensions/201/../101/sign-ins", OF_101),
        (b"/sites/office/extensions/201/%2e%2e/101/sign-ins", OF_101),
        (b"/sites/office/extensions/./101/sign-ins", OF_101),
        (b"/sites/office//extensions/101/sign-ins", OF_101),
        (b"//sites/office/extensions/101/sign-ins", OF_101),
        (b"/sites/office/extensions/101/sign-ins/", OF_101),
        (b"/sites/office/extensions/101;x/sign-ins", OF_101),
        (b"/sites/office/extensions/101%00/sign-ins", OF_101),
        (b"/sites/office/extensions/101%252F/sign-ins", OF_101),
        (b"/sites/office/extensions/101\\..\\102/sign-ins", OF_101),
        (b"/sites/office/extensions/\xc2\xb9/sign-ins", OF_101),
    ],
)
async def test_a_path_that_may_mean_two_things_is_none(
    api: Api, raw_path: bytes, path: str
) -> None:
    """Though it would be read as one that is there."""
    assert told(await ask(api, raw_path, path, await of(api))) == (404, "not-found")


@pytest.mark.parametrize("path", [OF_101, f"{OF_101}?x=%2F.."])
async def test_a_plain_path_is_one(api: Api, path: str) -> None:
    """Whatever is in the query; with or without the path as it was sent."""
    for raw_path in (path.encode(), b""):
        assert (await ask(api, raw_path, OF_101, await of(api))).status_code == 200


@pytest.mark.parametrize("name", ["authorization", "idempotency-key", "content-length"])
async def test_a_header_that_comes_twice_is_refused(api: Api, name: str) -> None:
    """Which of the two counts, a proxy may see otherwise."""
    twice = await of(api, (name, "0"), (name, "1"))
    assert told(await ask(api, OF_101.encode(), OF_101, twice)) == (400, "bad-request")


async def test_nothing_that_is_sent_gets_into_a_header(api: Api) -> None:
    """The id of a request is ours, and what is answered is not kept by anybody."""
    evil = await of(api, ("x-request-id", "mine\r\nSet-Cookie: a=b"), ("host", "evil.example"))
    answer = await ask(api, OF_101.encode(), OF_101, evil)
    assert "mine" not in answer.headers["X-Request-Id"]
    assert "evil" not in str(answer.headers)
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    again = await ask(api, OF_101.encode(), OF_101, evil)
    assert again.headers["X-Request-Id"] != answer.headers["X-Request-Id"]


async def test_a_key_that_would_be_two_lines_is_refused(api: Api) -> None:
    """Visible ASCII, and not for ever."""
    token = await api.token()
    for key in ("a b", "é", "a" * 129, "", "a\tb"):
        headers = [(b"idempotency-key", key.encode())]
        refused = await api.client.post(
            OF_101, headers=[*((k.encode(), v.encode()) for k, v in token.items()), *headers]
        )
        assert told(refused) == (422, "bad-parameters")
        assert refused.json()["wrong"][0]["where"].lower() == "idempotency-key"


async def test_what_is_no_request_is_passed_on() -> None:
    """A server that starts tells the application so."""
    seen = []

    async def app(scope: Scope, _receive: Receive, _send: Send) -> None:
        seen.append(scope["type"])

    async def receive() -> Message:
        return {}

    async def send(_message: Message) -> None:
        pass

    await Envelope(app)({"type": "lifespan"}, receive, send)
    assert seen == ["lifespan"]
