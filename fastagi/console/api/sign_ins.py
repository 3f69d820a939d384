"""What can be asked for: opening, reading and ending sign-ins.

A sign-in that the API opens asks the person for nothing: the program vouches for them, by its
token. Where the phone is, Asterisk says, never the program: a token opens no rule to a phone that
is not the extension's own.
"""

from __future__ import annotations

import json
from typing import Annotated, Any, Final
from urllib.parse import quote

from fastapi import APIRouter, Depends, Header, Path, Query, Request, Response
from fastapi.responses import JSONResponse
from fastapi.security import HTTPBearer

from fastagi.call.ports import LISTING_PATIENCE_S, soon
from fastagi.call.sign_in import Phone, sign_in, sign_off
from fastagi.console.api import body, once, shapes
from fastagi.console.api.access import Access
from fastagi.console.api.pace import Pace
from fastagi.console.api.ports import ApiPorts
from fastagi.console.api.problems import PREFIX, Code, Refused, Wrong, documented
from fastagi.console.api.shapes import Opening, SignInAnswer, SignInList, SignInPage, answer_of
from fastagi.policy.model import Policy, Reason, Then
from fastagi.stores.sign_ins import SignedOff, SignIn, Way
from fastagi.tokens import Scope, Token

Site = Annotated[str, Path(pattern=shapes.SITE, description="the policy's `site.name`")]
Extension = Annotated[
    str, Path(pattern=shapes.EXTENSION, description="the phone, as its PJSIP section is named")
]
Id = Annotated[str, Path(pattern=shapes.ID, description="of the sign-in")]
Key = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        pattern=shapes.KEY,
        description="your own name for this request: sent again within a day, with the same body, "
        "it has the same answer, and nothing is done twice",
    ),
]
Limit = Annotated[int, Query(ge=1, le=shapes.PAGE_MAX, description="how many")]
After = Annotated[
    str | None, Query(pattern=shapes.CURSOR, description="`next` of the page before")
]

ALWAYS: Final = (Code.NO_TOKEN, Code.NOT_GRANTED, Code.TOO_MANY, Code.STORE_AWAY, Code.BAD_REQUEST)
OF_ONE: Final = (*ALWAYS, Code.NOT_FOUND, Code.NOT_SPOKEN_FOR)
OPENING: Final = (
    *OF_ONE,
    *(Code.BAD_JSON, Code.UNKNOWN_EXTENSION, Code.NOT_REGISTERED, Code.REGISTERED_TWICE),
    *(Code.NOT_PLACED, Code.LOCKED_OUT, Code.NO_RULE, Code.IN_PROGRESS, Code.SLOW_BODY),
    *(Code.BIG_BODY, Code.NOT_JSON, Code.BAD_FIELDS, Code.BAD_PARAMETERS, Code.OTHER_BODY),
    Code.ASTERISK_AWAY,
)

BODY: Final[dict[str, Any]] = {
    "requestBody": {
        "description": "may be left out",
        "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Opening"}}},
    }
}
REPLAYED: Final = "Idempotency-Replayed"


def make_router(ports: ApiPorts, access: Access, pace: Pace) -> APIRouter:
    """Return the routes."""
    gate = ports.gate
    scheme = HTTPBearer(auto_error=False, description="made by `dialguard token add`")
    router = APIRouter(dependencies=[Depends(scheme)])  # for the document; `access` looks at it
    one_s = "/sites/{site}/extensions/{extension}/sign-ins"

    @router.post(
        one_s,
        status_code=201,
        response_model=SignInAnswer,
        responses=documented(*OPENING) | located(),
        openapi_extra=BODY,
        operation_id="open_sign_in",
        summary="Open a sign-in",
    )
    async def open_one(
        request: Request, site: Site, extension: Extension, idempotency_key: Key = None
    ) -> Response:
        """Sign an extension in on the phone that is registered for it; needs `sign-ins:write`."""
        token, policy = await access.grant(request, site, Scope.WRITE_SIGN_INS, pace, extension)
        opening = await body.read(request, Opening)
        if idempotency_key is None:
            return _created(await _opened(ports, policy, extension, opening))
        return await _opened_once(ports, policy, token, extension, opening, idempotency_key)

    @router.get(
        one_s,
        response_model=SignInList,
        responses=documented(*OF_ONE, Code.BAD_PARAMETERS),
        operation_id="list_sign_ins_of_extension",
        summary="List an extension's live sign-ins",
    )
    async def list_of_extension(request: Request, site: Site, extension: Extension) -> Response:
        """Oldest first; needs `sign-ins:read`."""
        await access.grant(request, site, Scope.READ_SIGN_INS, pace, extension)
        known = await soon(gate.store.known(site, extension, "", "", "", "", "", gate.now()))
        return _shown(SignInList(sign_ins=[answer_of(each) for each in known.sign_ins]))

    @router.get(
        f"{one_s}/{{id}}",
        response_model=SignInAnswer,
        responses=documented(*OF_ONE, Code.UNKNOWN_SIGN_IN, Code.BAD_PARAMETERS),
        operation_id="read_sign_in",
        summary="Read a sign-in",
    )
    async def read_one(request: Request, site: Site, extension: Extension, id: Id) -> Response:
        """Also for a day after it is over, with when and why; needs `sign-ins:read`."""
        await access.grant(request, site, Scope.READ_SIGN_INS, pace, extension)
        return _shown(answer_of(await _known(ports, site, extension, id)))

    @router.delete(
        f"{one_s}/{{id}}",
        status_code=204,
        responses=documented(*OF_ONE, Code.UNKNOWN_SIGN_IN, Code.BAD_PARAMETERS),
        operation_id="end_sign_in",
        summary="End a sign-in",
    )
    async def end_one(request: Request, site: Site, extension: Extension, id: Id) -> Response:
        """Whether it lives or is over already; needs `sign-ins:write`."""
        await access.grant(request, site, Scope.WRITE_SIGN_INS, pace, extension)
        if not await sign_off(site, extension, id, SignedOff.API, gate):
            await _known(ports, site, extension, id)
        return Response(status_code=204)

    @router.get(
        "/sites/{site}/sign-ins",
        response_model=SignInPage,
        responses=documented(*ALWAYS, Code.NOT_FOUND, Code.BAD_PARAMETERS),
        operation_id="list_sign_ins",
        summary="List a site's live sign-ins",
    )
    async def list_of_site(
        request: Request, site: Site, limit: Limit = 100, after: After = None
    ) -> Response:
        """Those that the token speaks for, oldest first, page by page; needs `sign-ins:read`."""
        token, _ = await access.grant(request, site, Scope.READ_SIGN_INS, pace)
        found = await soon(gate.store.sign_ins(site, gate.now()), LISTING_PATIENCE_S)
        return _shown(
            _page([each for each in found if token.speaks_for(each.extension)], limit, after)
        )

    return router


# ----------------------------------------------------------------------------- opening


async def _opened(
    ports: ApiPorts, policy: Policy, extension: str, opening: Opening
) -> SignInAnswer:
    """Open a sign-in.

    Raises:
        Refused: There is none for this extension, now.
        LinkError: Asterisk does not say where the phone is.
        StoreError: It is unknown whether it was opened.
    """
    _look_for_rule(policy, extension)
    phones = await ports.whereabouts.phones(policy.site.name, extension)
    if len(phones) != 1:
        raise Refused(Code.REGISTERED_TWICE if phones else Code.NOT_REGISTERED)
    phone = Phone(extension, phones[0].origin, phones[0].node)
    opened = await sign_in(
        policy, phone, extension, None, Way.API, ports.gate, for_s=opening.seconds
    )
    match opened:
        case SignIn():
            return answer_of(opened)
        case Reason.UNPLACED:
            raise Refused(Code.NOT_PLACED)
        case _:  # with nothing shown that could be wrong, it is a lockout
            raise Refused(Code.LOCKED_OUT)


def _look_for_rule(policy: Policy, extension: str) -> None:
    """Refuse an extension to which a sign-in would open nothing."""
    found = policy.class_index.find(extension)
    if found is None and not any(each.matches(extension) for each in policy.site.internal):
        raise Refused(Code.UNKNOWN_EXTENSION)
    asking = [rule.scope.classes for rule in policy.rules if rule.then is Then.SIGN_IN]
    if not any(not classes or found in classes for classes in asking):
        raise Refused(Code.NO_RULE)


async def _opened_once(
    ports: ApiPorts, policy: Policy, token: Token, extension: str, opening: Opening, key: str
) -> Response:
    """Open a sign-in, or answer as the first time."""
    store, now = ports.gate.store, ports.gate.now
    claimed = await once.claim(
        store, token, f"{extension}/sign-ins", key, opening.model_dump_json(), now()
    )
    if isinstance(claimed, str):
        first = _created(SignInAnswer.model_validate_json(claimed))
        first.headers[REPLAYED] = "true"
        return first
    done = None
    try:
        done = await _opened(ports, policy, extension, opening)
    finally:
        if done is None:
            await once.give_up(store, claimed, now())
    await once.answer(store, claimed, done.model_dump_json(), now())
    return _created(done)


# ----------------------------------------------------------------------------- reading


async def _known(ports: ApiPorts, site: str, extension: str, id: str) -> SignIn:
    """Return a sign-in, live or over."""
    found = await soon(ports.gate.store.sign_in(site, extension, id, ports.gate.now()))
    if found is None:
        raise Refused(Code.UNKNOWN_SIGN_IN)
    return found


def _page(found: list[SignIn], limit: int, after: str | None) -> SignInPage:
    try:
        beyond = None if after is None else shapes.read_cursor(after)
    except ValueError:
        wrong = Wrong(where="after", what="this is no `next` of ours")
        raise Refused(Code.BAD_PARAMETERS, wrong=(wrong,)) from None
    found.sort(key=shapes.place_of)
    rest = [each for each in found if beyond is None or shapes.place_of(each) > beyond]
    shown = rest[:limit]
    more = shapes.cursor_of(shapes.place_of(shown[-1])) if len(rest) > limit else None
    return SignInPage(sign_ins=[answer_of(each) for each in shown], next=more)


# ----------------------------------------------------------------------------- answers


def _shown(answer: shapes.Answer) -> JSONResponse:
    return JSONResponse(json.loads(answer.model_dump_json()))


def _created(answer: SignInAnswer) -> JSONResponse:
    phone = f"{PREFIX}/sites/{quote(answer.site)}/extensions/{quote(answer.extension, safe='@+')}"
    place = {"Location": f"{phone}/sign-ins/{quote(answer.id)}"}
    return JSONResponse(json.loads(answer.model_dump_json()), 201, place)


def located() -> dict[int | str, dict[str, Any]]:
    """Describe the headers of what was opened."""
    text = {"type": "string"}
    return {
        201: {
            "description": "it is open",
            "headers": {
                "Location": {"description": "where it can be read and ended", "schema": text},
                REPLAYED: {
                    "description": "`true` where this is the answer to an earlier request",
                    "schema": text,
                },
            },
        }
    }
