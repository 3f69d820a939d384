"""What Asterisk is told of the passwords of phones that have none of their own.

It asks whenever such a phone shows one, in the words of its realtime configuration by HTTP
(res_config_curl.c): `id=SITE%2FEXTENSION`, by POST, at `…/single`. The answer is one line of such
pairs, or nothing; of nothing Asterisk makes a refusal. So whatever is wrong with a question, with
whoever asks, or with us, the answer is nothing, and no phone gets in by it. Nor is more than one
told at a time: who asks for all that there are gets none.

Asked by this machine only, at a socket of its own, which no browser's crowd can fill.
"""

from __future__ import annotations

import base64
import hmac
from typing import TYPE_CHECKING, Final
from urllib.parse import parse_qsl, urlencode

import structlog
from starlette.requests import Request
from starlette.responses import PlainTextResponse

from fastagi.call.credentials import REALM, asked_for, ha1_of
from fastagi.call.identify import read_address
from fastagi.console.api.problems import Refused
from fastagi.console.guarding import whole
from fastagi.console.serving import Bounds
from fastagi.errors import StoreError, VaultError
from fastagi.signs.sighting import Seen, Sighting

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send

    from fastagi.call.credentials import Credential
    from fastagi.call.ports import Ports

NAME: Final = "asterisk"
"""As whom Asterisk shows the secret."""

PATH: Final = "/auths/single"
BODY_MAX: Final = 1_024
"""Bytes of a question: a site's name, and an extension's."""

BOUNDS: Final = Bounds(connections=200, peer_connections=200)
"""Who may ask: threads of Asterisk, of which each waits for its answer."""

log = structlog.get_logger(__name__)


def make_passwords(ports: Ports, secret: str) -> ASGIApp:
    """Return what answers Asterisk.

    Args:
        ports: The world.
        secret: What Asterisk shows.
    """
    expected = b"Basic " + base64.b64encode(f"{NAME}:{secret}".encode())

    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        request = Request(scope, receive)
        told, status = "", 200
        if not _is_asterisk(request, expected):
            log.warning("passwords-refused", peer=request.client.host if request.client else "")
            ports.sightings.see(Sighting(at=ports.now(), seen=Seen.PROBE))  # from this machine
            status = 403
        elif request.method == "POST" and scope["path"] == PATH:
            told = await _answer(request, ports)
        response = PlainTextResponse(told, status, {"Cache-Control": "no-store"})
        await response(scope, receive, send)

    return answer


def _is_asterisk(request: Request, expected: bytes) -> bool:
    """Whether whoever asks is on this machine, and shows the secret."""
    address = None if request.client is None else read_address(request.client.host)
    shown = request.headers.get("authorization", "").encode("latin-1")
    is_right = hmac.compare_digest(shown, expected)
    return address is not None and address.is_loopback and is_right


async def _answer(request: Request, ports: Ports) -> str:
    """Return what is told; empty where that is nothing, for any reason."""
    try:
        body = await whole(request.scope, request.receive, BODY_MAX)
        asked = parse_qsl(body.decode("ascii"), strict_parsing=True, max_num_fields=1)
    except (Refused, ValueError):  # too long, too slow, or no such pair
        return ""
    if [name for name, _ in asked] != ["id"]:  # `id LIKE` would be all of them
        return ""
    try:
        found = await asked_for(asked[0][1], ports.policies, ports.store, ports.now())
    except StoreError as error:
        log.error("passwords-without-store", error=str(error), cause=repr(error.__cause__))
        return ""
    if found is None:
        return ""
    try:
        return _told(found, ha1_of(found, ports.vault))
    except VaultError as error:
        whose = {"site": found.site, "extension": found.extension}
        log.error("secret-unreadable", **whose, error=str(error))
        return ""


def _told(found: Credential, ha1: str) -> str:
    return urlencode(
        {
            "id": f"{found.site}/{found.extension}",
            "auth_type": "md5",
            "username": found.extension,
            "realm": REALM,
            "md5_cred": ha1,
        }
    )
