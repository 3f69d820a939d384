"""The service by HTTP: as SentryPeer's hub and its nodes answer, and nothing else is believed.

200 and a JSON object that says what was found; 404 and a JSON object: not found. Whatever else
comes is a failure: a page of HTML, which every captive portal sends with 200, finds nobody guilty,
and that of a wrong URL, with 404, clears nobody.

No more is read than such an answer can be.
"""

from __future__ import annotations

import asyncio
import json
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final
from urllib.parse import quote

import httpx

from fastagi.errors import LookupFailed
from fastagi.http_client import bounded_client
from fastagi.lookups.subject import Kind

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from fastagi.lookups.pacing import Pace
    from fastagi.lookups.subject import Subject

WITHIN_S: Final = 5.0
"""How long one request may take, whole."""

AT_ONCE: Final = 4
BODY_MAX: Final = 16 << 10  # bytes; an answer has some hundred, a token a few thousand

NOT_OF_THE_SERVICE: Final = frozenset({400, 414, 422})
"""What was asked for is none to it: it has no such number."""

_TOKEN: Final = re.compile(r"[A-Za-z0-9._~+/-]{1,8192}=*")  # RFC 6750, 2.1: b64token
TOKEN_LEAST_S: Final = 60.0
TOKEN_AT_MOST_S: Final = 86400.0


@dataclass(frozen=True, slots=True)
class Credentials:
    """How a token is got (RFC 6749, 4.4: client credentials).

    Attributes:
        audience: What it is to be good for, where the service wants that said.
    """

    url: str
    client_id: str
    secret: str = field(repr=False)
    audience: str = ""


@dataclass(frozen=True, slots=True)
class Place:
    """Where the service is.

    Attributes:
        urls: Of each kind, what the subject is written behind; no such look-ups without.
        before: What thieves dial before a number's digits: with each it is asked for, until it
            is found. The service has numbers as they were dialled.
    """

    urls: Mapping[Kind, str]
    before: tuple[str, ...]
    credentials: Credentials | None = None


class Service:
    """Asks it; to be closed."""

    def __init__(
        self,
        place: Place,
        pace: Pace,
        clock: Callable[[], float],
    ) -> None:
        self._place = place
        self._pace = pace
        self._clock = clock
        self._token = ""
        self._token_until = 0.0
        self._getting = asyncio.Lock()
        self._client = bounded_client(
            WITHIN_S, AT_ONCE, {"Accept": "application/json"}, kept=AT_ONCE
        )

    def knows(self, kind: Kind) -> bool:
        """Whether it can be asked for a kind."""
        return bool(self._place.urls.get(kind))

    async def ask(self, subject: Subject) -> bool:
        """Tell whether a subject is reported.

        Raises:
            LookupFailed: The service cannot be asked, or answered what is no answer.
        """
        befores = self._place.before if subject.kind is Kind.NUMBER else ("",)
        for before in befores:
            if await self._ask(subject.kind, before + subject.text):
                return True
        return False

    async def close(self) -> None:
        """Let go of its connections."""
        await self._client.aclose()

    # ------------------------------------------------------------------- asking

    async def _ask(self, kind: Kind, text: str) -> bool:
        url = self._place.urls[kind] + quote(text, safe="")
        headers = {}
        if self._place.credentials is not None:
            token = await self._token_for(self._place.credentials)
            headers["Authorization"] = f"Bearer {token}"
        status, body = await self._said(self._client.build_request("GET", url, headers=headers))
        if status in {401, 403}:
            self._token = ""  # it may be revoked; the next request gets another
        if status in NOT_OF_THE_SERVICE:
            return False
        if status == 404 and isinstance(_object(body), dict):
            return False
        if status == 200 and _says_found(_object(body)):
            return True
        raise LookupFailed(f"it answered {status}, and not as it does")

    async def _token_for(self, credentials: Credentials) -> str:
        async with self._getting:
            if not self._token or self._clock() >= self._token_until:
                await self._get_token(credentials)
            return self._token

    async def _get_token(self, credentials: Credentials) -> None:
        form = {
            "grant_type": "client_credentials",
            "client_id": credentials.client_id,
            "client_secret": credentials.secret,
        }
        if credentials.audience:
            form["audience"] = credentials.audience
        status, body = await self._said(
            self._client.build_request("POST", credentials.url, data=form)
        )
        said = _object(body)
        token = said.get("access_token") if status == 200 and said is not None else None
        if said is None or not isinstance(token, str) or not _TOKEN.fullmatch(token):
            raise LookupFailed(f"it gave no token, and answered {status}")
        lasts_s = said.get("expires_in")
        lasts_s = float(lasts_s) if isinstance(lasts_s, int) else TOKEN_LEAST_S
        self._token = token
        self._token_until = self._clock() + min(
            max(lasts_s - TOKEN_LEAST_S, TOKEN_LEAST_S), TOKEN_AT_MOST_S
        )

    async def _said(self, request: httpx.Request) -> tuple[int, bytes]:
        """Send a request in its turn; return status and body.

        Raises:
            LookupFailed: Nothing came in time, or too much, or it is asked too often.
        """
        await asyncio.sleep(self._pace.turn(self._clock()))
        try:
            async with asyncio.timeout(WITHIN_S):
                answer = await self._client.send(request, stream=True)
                try:
                    if answer.status_code == 429:
                        raise LookupFailed("it is asked too often (429)", _pause(answer))
                    return answer.status_code, await _read(answer)
                finally:
                    await answer.aclose()
        except TimeoutError:
            raise LookupFailed(f"it did not answer within {WITHIN_S:.0f} s") from None
        except (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError) as error:
            # Its text may hold the URL, and that a number that somebody called.
            raise LookupFailed(type(error).__name__) from None


# ----------------------------------------------------------------------------- answers


async def _read(answer: httpx.Response) -> bytes:
    body = b""
    async for chunk in answer.aiter_raw():
        body += chunk
        if len(body) > BODY_MAX:
            raise LookupFailed(f"its answer is longer than {BODY_MAX >> 10} KiB")
    return body


def _object(body: bytes) -> dict[str, object] | None:
    """Return the JSON object of a body; None where it is none."""
    try:
        said = json.loads(body)
    except (ValueError, RecursionError):
        return None
    return said if isinstance(said, dict) else None


def _says_found(said: dict[str, object] | None) -> bool:
    """Tell whether an object says that something was found.

    A node names it (`phone_number_found`, `ip_address_found`, `bad_actor_found`), the hub says it
    (`Phone Number found.`).
    """
    if said is None:
        return False
    if any(key.endswith("_found") and isinstance(said[key], str) and said[key] for key in said):
        return True
    message = said.get("message")
    return isinstance(message, str) and bool(re.fullmatch(r"(?!.*\bnot\b).* found\.?", message))


def _pause(answer: httpx.Response) -> float:
    """Return for how long, in seconds, the service asks to be left alone; 0 where it does not say.

    A date (RFC 9110, 10.2.3) is not read: the clocks may differ.
    """
    said = answer.headers.get("Retry-After", "")
    return float(said) if re.fullmatch(r"[0-9]{1,9}", said) else 0.0
