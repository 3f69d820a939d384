"""Whose token it is, and what that may do: asked before anything else is.

Whoever shows no token that is in force learns nothing: not which sites there are, not which
extensions, nor who is signed in. A token that is void, removed, or of another site is none.
"""

from __future__ import annotations

import re
import time
from typing import TYPE_CHECKING, Final

import structlog

from fastagi import tokens
from fastagi.call.ports import soon
from fastagi.console.api.problems import Code, Refused, request_id
from fastagi.errors import StoreError

if TYPE_CHECKING:
    from starlette.requests import Request

    from fastagi.console.api.pace import Pace
    from fastagi.console.api.ports import ApiPorts
    from fastagi.policy.model import Policy
    from fastagi.tokens import Scope, Token

BEARER: Final = re.compile(r"bearer +([!-~]+)", re.IGNORECASE)  # RFC 6750, 2.1

log = structlog.get_logger(__name__)


class Access:
    """Looks at tokens."""

    def __init__(self, ports: ApiPorts) -> None:
        self._ports = ports

    async def grant(
        self, request: Request, site: str, scope: Scope, pace: Pace, extension: str | None = None
    ) -> tuple[Token, Policy]:
        """Return the token of a request, and the policy of its site.

        Raises:
            Refused: There is no such token, it has had its requests, it may not do that, or not
                for this extension.
            StoreError: Nothing is known of it.
        """
        gate, policy = self._ports.gate, self._ports.gate.policies.of(site)
        shown = BEARER.fullmatch(request.headers.get("authorization", ""))
        secret = "" if shown is None else shown[1]
        known = None if policy is None else site
        token = await soon(tokens.find(gate.store, known, secret, gate.now()))
        if token is None or policy is None:
            raise Refused(Code.NO_TOKEN, headers={"WWW-Authenticate": "Bearer"})
        log.info(
            "api-request",
            request=request_id(request.scope),
            token=token.name,
            site=site,
            extension=extension or "",
            asked=request.method,
        )
        if wait_s := pace.wait_s(f"{site} {token.digest}", time.monotonic()):
            raise Refused(Code.TOO_MANY, headers={"Retry-After": str(wait_s)})
        await self._note_use(token)
        if not token.may(scope):
            raise Refused(Code.NOT_GRANTED)
        if extension is not None and not token.speaks_for(extension):
            raise Refused(Code.NOT_SPOKEN_FOR)
        return token, policy

    async def _note_use(self, token: Token) -> None:
        gate = self._ports.gate
        try:
            await soon(tokens.note_use(gate.store, token, gate.now()))
        except StoreError as error:  # no reason to refuse: what it asks for will say so
            log.info("token-use-not-noted", token=token.name, error=str(error))
