"""What holds for every request and every answer, whatever it is for.

A request: for a name of ours, and no longer nor slower than one of ours can be. An answer: shows
nothing that is not from here, is not shown within other pages, and is kept by nobody.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final

from starlette.datastructures import MutableHeaders
from starlette.responses import PlainTextResponse

from fastagi.console.api import problems
from fastagi.console.api.problems import Code, Refused

if TYPE_CHECKING:
    from starlette.responses import Response
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from fastagi.console.front import Front

BODY_MAX: Final = 65_536
"""Bytes of a request's body: a form has some hundred, a question to the API some thousand."""

BODY_S: Final = 10.0
"""How long a body may take to arrive, whole."""

YEAR_S: Final = 31_536_000

POLICY: Final = "; ".join((
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self'",
    "connect-src 'self'",
    "form-action 'self'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
))  # fmt: skip
"""Content-Security-Policy: nothing inline, nothing from elsewhere, in nobody's frame."""

# Not `no-referrer`: browsers would say `Origin: null` with our own forms, as others' do.
HEADERS: Final = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}

HSTS: Final = {"Strict-Transport-Security": f"max-age={YEAR_S}"}

SITE: Final = "dialguard.site"
"""The key of a request's scope under which the site is, that the host names; empty for none."""


class Guarding:
    """An ASGI application around another."""

    def __init__(self, app: ASGIApp, front: Front) -> None:
        self._app = app
        self._names = front.names()
        self._headers = {**HEADERS, **(HSTS if front.is_encrypted else {})}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def dressed(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in self._headers.items():
                    headers[name] = value
                headers.setdefault("Cache-Control", "no-store")
            await send(message)

        hosts = [value for name, value in scope["headers"] if name == b"host"]
        host = hosts[0].decode("latin-1").lower() if len(hosts) == 1 else ""
        if host not in self._names:
            await _say(scope, Refused(Code.MISDIRECTED))(scope, receive, dressed)
            return
        scope[SITE] = self._names[host]
        try:
            body = await whole(scope, receive)
        except Refused as refused:
            await _say(scope, refused)(scope, receive, dressed)
            return
        await self._app(scope, _replayed(body, receive), dressed)


def _say(scope: Scope, refused: Refused) -> Response:
    """Refuse a request, in the words of whoever asks: a program's, or a person's."""
    refused.headers = {"Connection": "close"}
    if scope["path"].startswith(f"{problems.PREFIX}/"):
        return problems.response(scope, refused)
    return PlainTextResponse(f"{refused.code.detail}\n", refused.code.status, refused.headers)


async def whole(scope: Scope, receive: Receive, most: int = BODY_MAX) -> bytes:
    """Read the body, all of it; `most` bytes.

    Raises:
        Refused: It is too long, or too slow.
    """
    for name, value in scope["headers"]:
        if name == b"content-length" and int(value) > most:  # h11 has seen that it is a number
            raise Refused(Code.BIG_BODY)
    body = bytearray()
    try:
        async with asyncio.timeout(BODY_S):
            while True:
                message = await receive()
                if message["type"] != "http.request":
                    break  # it went away; whoever reads on is told so again
                body += message.get("body", b"")
                if len(body) > most:
                    raise Refused(Code.BIG_BODY)
                if not message.get("more_body", False):
                    break
    except TimeoutError:
        raise Refused(Code.SLOW_BODY) from None
    return bytes(body)


def _replayed(body: bytes, receive: Receive) -> Receive:
    """Give the body once, and then whatever follows."""
    given = False

    async def again() -> Message:
        nonlocal given
        if given:
            return await receive()
        given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return again
