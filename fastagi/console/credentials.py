"""A password for a phone in this browser: told to its script, once, to whoever shows two factors.

    GET  /SITE/credentials    {"form": TOKEN}: what has to be sent with the form
    POST /SITE/credentials    form, extension, pin, totp

The form is a form as any other: of a page of this origin, with its token. Whoever is answered is
signed in on the page from then on, and signs off there.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import structlog
from fastapi import APIRouter, HTTPException, Request, Response

from fastagi.call.credentials import HandedOut, hand_out, takes_two_factors
from fastagi.console.people import begin_session, show_factors
from fastagi.console.rendering import Trouble
from fastagi.console.visits import STATUS, Visit, visit_of
from fastagi.errors import LinkError
from fastagi.policy.model import Reason
from fastagi.stores.sign_ins import Way

if TYPE_CHECKING:
    from fastagi.console.visits import Desk

log = structlog.get_logger(__name__)


def make_router(desk: Desk) -> APIRouter:
    """Return the routes."""
    router = APIRouter(prefix="/{site}", include_in_schema=False)

    @router.get("/credentials")
    async def form(request: Request) -> Response:
        visit = _visit(request, desk)
        return visit.told({"form": visit.form_token()})

    @router.post("/credentials")
    async def asks(request: Request) -> Response:
        visit = _visit(request, desk)
        if not await visit.read_form():
            return _refused(visit, Trouble.STALE)
        found = await _try(visit)
        await visit.pace()
        if isinstance(found, Trouble):
            return _refused(visit, found)
        await begin_session(visit, found.sign_in, found.until)
        return visit.told(
            {
                "username": found.username,
                "password": found.password,
                "realm": found.realm,
                "register_by": _moment(found.sign_in.until),
                "until": _moment(found.until),
            }
        )

    return router


def _visit(request: Request, desk: Desk) -> Visit:
    """Take in a request.

    Raises:
        HTTPException: No passwords are handed out, or not to who shows what this policy asks for.
    """
    visit = visit_of(request, desk)
    if not desk.ports.unused_s or not takes_two_factors(visit.policy):
        raise HTTPException(404)
    return visit


async def _try(visit: Visit) -> HandedOut | Trouble:
    """Hold what was typed against the enrolment, and make a password.

    Raises:
        BusyError: Too many PINs are being checked.
        StoreError: The store is away.
        VaultError: What is stored cannot be read.
    """
    shown, ports = await show_factors(visit), visit.desk.ports
    if isinstance(shown, Trouble):
        return shown
    if visit.address is None:
        return Trouble.NOWHERE
    try:
        made = await hand_out(
            visit.policy,
            shown.verified,
            Way.PAGE,
            visit.address,
            ports.unused_s,
            ports.whereabouts.take_off,
            ports.call,
        )
    except LinkError as error:
        extension = shown.verified.extension
        log.warning("phone-not-found", site=visit.site, extension=extension, why=str(error))
        return Trouble.NOWHERE
    if isinstance(made, HandedOut):
        return made
    return Trouble.NOWHERE if made is Reason.UNPLACED else Trouble.WRONG


def _refused(visit: Visit, trouble: Trouble) -> Response:
    return visit.told({"trouble": trouble}, STATUS[trouble])


def _moment(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).isoformat()
