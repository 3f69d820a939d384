"""The page for people who were invited: scan a QR code, choose a PIN, keep the recovery codes.

Opening the link does nothing but show a button: mail programs and messengers open links, too, and
must not use an invitation up.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final
from urllib.parse import quote

from fastapi import APIRouter, Request
from fastapi.responses import Response

from fastagi.call.invitations import WrongCode, accept, draft_of, finish
from fastagi.console.rendering import Trouble
from fastagi.console.visits import Visit, visit_of
from fastagi.errors import WeakPinError
from fastagi.second_factor import one_time_code, qr
from fastagi.second_factor.pin import LEAST_DIGITS, MOST_DIGITS

if TYPE_CHECKING:
    from fastagi.call.invitations import Draft
    from fastagi.console.visits import Desk

DRAFT: Final = "dialguard-draft"
"""The cookie with the key to the draft."""


def make_router(desk: Desk) -> APIRouter:
    """Return the routes."""
    router = APIRouter(prefix="/{site}", include_in_schema=False)

    @router.get("/invitation/{token}")
    async def invitation(request: Request, token: str) -> Response:
        return _invitation(visit_of(request, desk), token)

    @router.post("/invitation")
    async def accepts(request: Request) -> Response:
        visit = visit_of(request, desk)
        if not await visit.read_form():
            return _invitation(visit, visit.fields.get("token", ""), Trouble.STALE)
        key = await accept(visit.site, visit.fields.get("token", ""), desk.ports.call)
        await visit.pace()
        if key is None:
            return _void(visit)
        visit.keep(DRAFT, key)
        return visit.elsewhere(f"{visit.home}enrol")

    @router.get("/enrol")
    async def enrol(request: Request) -> Response:
        visit = visit_of(request, desk)
        draft = await draft_of(visit.site, visit.cookie(DRAFT), desk.ports.call)
        return _void(visit) if draft is None else _form(visit, draft)

    @router.get("/enrol/qr.svg")
    async def picture(request: Request) -> Response:
        visit = visit_of(request, desk)
        draft = await draft_of(visit.site, visit.cookie(DRAFT), desk.ports.call)
        if draft is None:
            return Response(status_code=404)
        return Response(qr.svg(_uri(visit, draft)), media_type="image/svg+xml")

    @router.post("/enrol")
    async def enrols(request: Request) -> Response:
        visit = visit_of(request, desk)
        is_ours = await visit.read_form()
        key = visit.cookie(DRAFT)
        draft = await draft_of(visit.site, key, desk.ports.call)
        if draft is None:
            return _void(visit)
        if not is_ours:
            return _form(visit, draft, Trouble.STALE)
        chosen, again = (visit.fields.get(name, "") for name in ("pin", "again"))
        code = "".join(visit.fields.get("code", "").split())
        if chosen != again:
            return _form(visit, draft, Trouble.OTHER_PIN)
        if not chosen or not code:
            return _form(visit, draft, Trouble.INCOMPLETE)
        found = await finish(visit.site, key, chosen, code, desk.ports.call)
        if found is None:
            return _void(visit)
        if isinstance(found, WrongCode):
            return _form(visit, draft, Trouble.WRONG_CODE)
        if isinstance(found, WeakPinError):
            is_pin = chosen.isdecimal() and LEAST_DIGITS <= len(chosen) <= MOST_DIGITS
            return _form(visit, draft, Trouble.WEAK_PIN if is_pin else Trouble.NO_PIN)
        visit.keep(DRAFT, None)
        return visit.page("enrolled.html", "", extension=draft.extension, codes=found)

    return router


def _uri(visit: Visit, draft: Draft) -> str:
    return one_time_code.uri(draft.secret, draft.extension, visit.site)


def _invitation(visit: Visit, token: str, trouble: Trouble | None = None) -> Response:
    here = f"{visit.home}invitation/{quote(token, safe='')}"
    return visit.page("invitation.html", here, trouble, token=token)


def _form(visit: Visit, draft: Draft, trouble: Trouble | None = None) -> Response:
    blocks = [draft.secret[at : at + 4] for at in range(0, len(draft.secret), 4)]
    return visit.page(
        "enrol.html",
        f"{visit.home}enrol",
        trouble,
        extension=draft.extension,
        secret=" ".join(blocks),
        uri=_uri(visit, draft),
        least=LEAST_DIGITS,
        most=MOST_DIGITS,
    )


def _void(visit: Visit) -> Response:
    return visit.page("trouble.html", "", Trouble.VOID)
