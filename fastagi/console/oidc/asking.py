"""HTTP to the provider: as little as can be, within a bound of time and of size."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

import httpx

from fastagi.errors import ProviderAway
from fastagi.http_client import bounded_client

if TYPE_CHECKING:
    from collections.abc import Mapping

WITHIN_S: Final = 8.0
"""How long one question may take, whole; somebody waits before a browser."""

AT_ONCE: Final = 8
"""Questions at a time; the next wait, and no longer than `WITHIN_S`."""

LONGEST: Final = 262_144
"""Bytes of an answer: keys with their certificates have some ten thousand."""

OK: Final = 200


class Asking:
    """Asks one provider; to be closed."""

    def __init__(self, transport: httpx.AsyncBaseTransport | None = None) -> None:
        # None is kept: hours lie between two sign-ins, and one that the provider closes just as it
        # is used again would send somebody away.
        self._client = bounded_client(
            WITHIN_S, AT_ONCE, {"Accept": "application/json"}, kept=0, transport=transport
        )

    async def get(self, url: str, headers: Mapping[str, str] | None = None) -> dict[str, object]:
        """Fetch a JSON object.

        Raises:
            ProviderAway: It does not come whole, in time, or is none.
        """
        status, found = await self._ask("GET", url, headers or {}, b"")
        if status != OK:
            raise ProviderAway(f"`{url}` answers {status}")
        if found is None:
            raise ProviderAway(f"`{url}` answers something else than a JSON object")
        return found

    async def post(
        self, url: str, headers: Mapping[str, str], body: str
    ) -> tuple[int, dict[str, object]]:
        """Send a form; returns the status, and the JSON object that came: empty where none did.

        Raises:
            ProviderAway: The answer does not come whole, in time.
        """
        status, found = await self._ask("POST", url, headers, body.encode())
        return status, found or {}

    async def _ask(
        self, method: str, url: str, headers: Mapping[str, str], content: bytes
    ) -> tuple[int, dict[str, object] | None]:
        body, host = bytearray(), urlsplit(url).netloc
        try:
            async with (
                asyncio.timeout(WITHIN_S),
                self._client.stream(method, url, headers=headers, content=content) as answer,
            ):
                async for part in answer.aiter_raw():
                    body += part
                    if len(body) > LONGEST:
                        raise ProviderAway(f"`{url}` answers more than {LONGEST} bytes")
        except TimeoutError:
            raise ProviderAway(f"`{host}` did not answer within {WITHIN_S:.0f} s") from None
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise ProviderAway(f"`{host}` cannot be asked: {_why(error)}") from error
        try:
            found = json.loads(body)
        except (ValueError, RecursionError):
            found = None
        return answer.status_code, found if isinstance(found, dict) else None

    async def close(self) -> None:
        """Let go of its connections."""
        await self._client.aclose()


def _why(error: Exception) -> str:
    """Say it in the words that know most: OpenSSL's, say, of a certificate."""
    return str(error) or type(error).__name__
