"""Handing out credentials: what a phone in a browser registers with, for PIN and code.

The program passes on what the person showed; the gate holds it against their enrolment, and counts
what is wrong as it does on its own page. The password is told in the first answer and never again:
the same request sent twice is answered without it.
"""

from __future__ import annotations

import json
from typing import Any, Final
from urllib.parse import quote

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import JSONResponse
from fastapi.security import HTTPBearer

from fastagi.call.credentials import HandedOut, hand_out, takes_two_factors
from fastagi.call.guess import Guesser, Shown, guess
from fastagi.call.identify import read_address
from fastagi.console.api import body, once
from fastagi.console.api.access import Access
from fastagi.console.api.pace import Pace
from fastagi.console.api.ports import ApiPorts
from fastagi.console.api.problems import PREFIX, Code, Refused, Wrong, documented
from fastagi.console.api.shapes import Asking, CredentialAnswer, credential_of
from fastagi.console.api.sign_ins import OF_ONE, REPLAYED, Extension, Key, Site, located
from fastagi.errors import BusyError
from fastagi.policy.model import Factor, Policy, Reason
from fastagi.stores.sign_ins import Way
from fastagi.tokens import Scope, Token

ASKING: Final = (
    *OF_ONE,
    *(Code.BAD_JSON, Code.WRONG_FACTORS, Code.LOCKED_OUT, Code.NOT_HANDED_OUT, Code.IN_PROGRESS),
    *(Code.SLOW_BODY, Code.BIG_BODY, Code.NOT_JSON, Code.BAD_FIELDS, Code.BAD_PARAMETERS),
    *(Code.OTHER_BODY, Code.BUSY, Code.ASTERISK_AWAY),
)
BODY: Final[dict[str, Any]] = {
    "requestBody": {
        "required": True,
        "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Asking"}}},
    }
}


def make_router(ports: ApiPorts, access: Access, pace: Pace) -> APIRouter:
    """Return the route."""
    scheme = HTTPBearer(auto_error=False, description="made by `dialguard token add`")
    router = APIRouter(dependencies=[Depends(scheme)])  # for the document; `access` looks at it

    @router.post(
        "/sites/{site}/extensions/{extension}/credentials",
        status_code=201,
        response_model=CredentialAnswer,
        responses=documented(*ASKING) | located(),
        openapi_extra=BODY,
        operation_id="hand_out_credential",
        summary="Hand out a credential for a phone in a browser",
    )
    async def hand_one_out(
        request: Request, site: Site, extension: Extension, idempotency_key: Key = None
    ) -> Response:
        """For PIN and code of the extension; with it a sign-in. Needs `credentials:write`."""
        token, policy = await access.grant(request, site, Scope.WRITE_CREDENTIALS, pace, extension)
        asking = await body.read(request, Asking)
        if idempotency_key is None:
            return _created(await _made(ports, policy, extension, asking))
        return await _made_once(ports, policy, token, extension, asking, idempotency_key)

    return router


async def _made(
    ports: ApiPorts, policy: Policy, extension: str, asking: Asking
) -> CredentialAnswer:
    """Make a credential.

    Raises:
        Refused: There is none for this extension, now.
        LinkError: Asterisk cannot be asked about the phone.
        StoreError: Nobody knows the password of what may have been made.
    """
    browser = read_address(asking.address)
    if browser is None:
        wrong = Wrong(where="/address", what="this is no address")
        raise Refused(Code.BAD_FIELDS, wrong=(wrong,))
    if not ports.unused_s or not takes_two_factors(policy):
        raise Refused(Code.NOT_HANDED_OUT)
    typed = {Factor.PIN: asking.pin, Factor.TOTP: asking.code}
    try:
        shown = await guess(policy, Guesser(extension, browser), typed, ports.gate)
    except BusyError:
        raise Refused(Code.BUSY, headers={"Retry-After": "1"}) from None
    if not isinstance(shown, Shown):
        raise Refused(Code.LOCKED_OUT if shown is Reason.LOCKED_OUT else Code.WRONG_FACTORS)
    made = await hand_out(
        policy,
        shown.verified,
        Way.API,
        browser,
        ports.unused_s,
        ports.whereabouts.take_off,
        ports.gate,
        for_s=asking.seconds,
    )
    if isinstance(made, HandedOut):
        return credential_of(made)
    raise Refused(Code.NOT_HANDED_OUT if made is Reason.UNPLACED else Code.WRONG_FACTORS)


async def _made_once(
    ports: ApiPorts, policy: Policy, token: Token, extension: str, asking: Asking, key: str
) -> Response:
    """Make a credential, or answer as the first time, without its password.

    What is kept of the request is where it came from, and nothing of what was shown: of so few
    PINs a digest would tell which.
    """
    store, now = ports.gate.store, ports.gate.now
    asked = json.dumps([asking.address, asking.seconds])
    claimed = await once.claim(store, token, f"{extension}/credentials", key, asked, now())
    if isinstance(claimed, str):
        first = _created(CredentialAnswer.model_validate_json(claimed))
        first.headers[REPLAYED] = "true"
        return first
    done = None
    try:
        done = await _made(ports, policy, extension, asking)
    finally:
        if done is None:
            await once.give_up(store, claimed, now())
    kept = done.model_copy(update={"password": None})
    await once.answer(store, claimed, kept.model_dump_json(), now())
    return _created(done)


def _created(answer: CredentialAnswer) -> JSONResponse:
    phone = f"{PREFIX}/sites/{quote(answer.site)}/extensions/{quote(answer.extension, safe='@+')}"
    place = {"Location": f"{phone}/sign-ins/{quote(answer.sign_in)}"}
    return JSONResponse(json.loads(answer.model_dump_json()), 201, place)
