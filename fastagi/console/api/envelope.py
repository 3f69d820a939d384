"""What is around every request of the API: its id, its path as it was sent, its headers.

A path is taken only as it is written plainly. What else means the same (`%2F`, `..`, `//`) is
refused: a proxy that lets some paths through may read it otherwise than we do.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from starlette.datastructures import MutableHeaders

from fastagi.console.api.problems import REQUEST_ID, Code, Refused, new_request_id, response

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

PLAIN: Final = re.compile(rb"(?:/(?!\.{1,2}(?:/|\Z))(?:[A-Za-z0-9_.@+~-]|%40|%2[Bb])+)+")
"""A path that can mean but one thing; of what may be written as `%XX`, an extension may hold `@`
and `+`."""

ONCE: Final = frozenset({b"authorization", b"idempotency-key", b"content-type", b"content-length"})
"""Headers that mean nothing if there are two: which counts, somebody else may see otherwise."""

HEADERS: Final = {
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
}


class Envelope:
    """An ASGI application around the API."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or refuse it."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        id = new_request_id()
        scope = {**scope, "state": {**scope.get("state", {}), "request_id": id}}

        async def dressed(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers[REQUEST_ID] = id
                for name, value in HEADERS.items():
                    headers[name] = value
            await send(message)

        if (refused := _refused(scope)) is not None:
            await response(scope, refused)(scope, receive, dressed)
            return
        await self._app(scope, receive, dressed)


def _refused(scope: Scope) -> Refused | None:
    path = scope.get("raw_path") or scope["path"].encode()
    if not PLAIN.fullmatch(path.partition(b"?")[0]):
        return Refused(Code.NOT_FOUND)
    names = [name for name, _ in scope["headers"] if name in ONCE]
    return None if len(names) == len(set(names)) else Refused(Code.BAD_REQUEST)
