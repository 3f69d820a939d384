"""One delivery by HTTP: as little as can be, and nothing of the answer but its status.

The answer's body is not read at all.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final

import httpx

from fastagi.http_client import bounded_client
from fastagi.webhooks import signature

if TYPE_CHECKING:
    from fastagi.webhooks.hook import Hook

WITHIN_S: Final = 15.0
"""How long a delivery may take, whole: a server that drips its headers has no more."""

AT_ONCE: Final = 4
"""Deliveries to one hook at a time."""

TAKEN_IN: Final = range(200, 300)


class Post:
    """Delivers to one hook; to be closed."""

    def __init__(self, hook: Hook, transport: httpx.AsyncBaseTransport | None = None) -> None:
        self._hook = hook
        self._client = bounded_client(
            WITHIN_S, AT_ONCE, {"Content-Type": "application/json"}, transport=transport
        )

    async def deliver(self, id: str, body: str, now: float) -> str:
        """Deliver an event; return why it was not taken in, or nothing.

        Args:
            id: The event's.
            body: What is sent.
            now: What the signature is dated.
        """
        content = body.encode()
        headers = signature.headers(self._hook.secret, id, content, now)
        try:
            async with (
                asyncio.timeout(WITHIN_S),
                self._client.stream(
                    "POST", self._hook.url, content=content, headers=headers
                ) as answer,
            ):
                taken_in = answer.status_code in TAKEN_IN
                return "" if taken_in else f"it answered {answer.status_code}"
        except TimeoutError:
            return f"it did not answer within {WITHIN_S:.0f} s"
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            return type(error).__name__  # its text may hold the URL

    async def close(self) -> None:
        """Let go of its connections."""
        await self._client.aclose()
