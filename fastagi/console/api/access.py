"""Whose token it is, and what that may do: asked before anything else is.

Whoever shows no token that is in force learns nothing: not which sites there are, not which
extensions, nor who is signed in. A token that is void, removed, or of another site is none.

Nor do they keep the store busy: each address has its requests without one, counted before
the store is asked and given back where the token is in force. One that was a moment ago is not
held up by what else comes from its address.
"""

from __future__ import annotations

import re
import time
from typing import TYPE_CHECKING, Final

import structlog

from fastagi import tokens
from fastagi.call.guess import source_of
from fastagi.call.identify import read_address
from fastagi.call.ports import soon
from fastagi.console.api.pace import Pace
from fastagi.console.api.problems import Code, Refused, request_id
from fastagi.errors import StoreError
from fastagi.signs.sighting import Seen, Sighting

if TYPE_CHECKING:
    from starlette.requests import Request

    from fastagi.console.api.ports import ApiPorts
    from fastagi.policy.model import Policy
    from fastagi.tokens import Scope, Token

BEARER: Final = re.compile(r"bearer +([!-~]+)", re.IGNORECASE)  # RFC 6750, 2.1

log = structlog.get_logger(__name__)


class Access:
    """Looks at tokens."""

    def __init__(self, ports: ApiPorts) -> None:
        self._ports = ports
        self._strangers = Pace(ports.strangers_per_s, ports.strangers_burst)

    async def grant(
        self, request: Request, site: str, scope: Scope, pace: Pace, extension: str | None = None
    ) -> tuple[Token, Policy]:
        """Return the token of a request, and the policy of its site.

        Raises:
            Refused: There is no such token, it has had its requests, it may not do that, or not
                for this extension.
            StoreError: Nothing is known of it.
        """
        token, policy = await self._shown(request, site, pace)
        log.info(
            "api-request",
            request=request_id(request.scope),
            token=token.name,
            site=site,
            extension=extension or "",
            asked=request.method,
        )
        _take(pace, _name(site, token.digest))
        await self._note_use(token)
        if not token.may(scope):
            raise Refused(Code.NOT_GRANTED)
        if extension is not None and not token.speaks_for(extension):
            raise Refused(Code.NOT_SPOKEN_FOR)
        return token, policy

    async def _shown(self, request: Request, site: str, pace: Pace) -> tuple[Token, Policy]:
        """Return the token that a request shows, and the policy of its site.

        Raises:
            Refused: There is no such token, or its address has had its requests without one.
            StoreError: Nothing is known of it.
        """
        gate, policy = self._ports.gate, self._ports.gate.policies.of(site)
        shown = BEARER.fullmatch(request.headers.get("authorization", ""))
        secret = "" if shown is None else shown[1]
        name, address = _name(site, tokens.digest_of(secret)), _address(request)
        is_strange = not pace.knows(name)
        if is_strange:
            _take(self._strangers, address)
        known = None if policy is None else site
        token = await soon(tokens.find(gate.store, known, secret, gate.now()))
        if token is None or policy is None:
            pace.forget(name)
            if secret:
                self._tell(request)
            raise Refused(Code.NO_TOKEN, headers={"WWW-Authenticate": "Bearer"})
        if is_strange:
            self._strangers.give_back(address)
        return token, policy

    def _tell(self, request: Request) -> None:
        """Tell whoever is on the lookout that somebody shows a token that is none."""
        gate = self._ports.gate
        address = None if request.client is None else read_address(request.client.host)
        gate.sightings.see(
            Sighting(at=gate.now(), seen=Seen.PROBE, address=address, proven=address is not None)
        )

    async def _note_use(self, token: Token) -> None:
        gate = self._ports.gate
        try:
            await soon(tokens.note_use(gate.store, token, gate.now()))
        except StoreError as error:  # no reason to refuse: what it asks for will say so
            log.info("token-use-not-noted", token=token.name, error=str(error))


def _take(pace: Pace, name: str) -> None:
    """Take one request.

    Raises:
        Refused: There is none left.
    """
    if wait_s := pace.wait_s(name, time.monotonic()):
        raise Refused(Code.TOO_MANY, headers={"Retry-After": str(wait_s)})


def _name(site: str, digest: str) -> str:
    """Name a token for its pace: of each site its own."""
    return f"{site} {digest}"


def _address(request: Request) -> str:
    """Name whom a request is from; all who are from nowhere are one."""
    address = None if request.client is None else read_address(request.client.host)
    return "unknown" if address is None else source_of(address)
