"""The page for people: sign in, see how long it lasts, sign off, and read why it is over."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import structlog
from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, Response

from fastagi.call.guess import Guesser, Shown, guess
from fastagi.call.identify import ENDPOINT
from fastagi.call.sign_in import sign_in, sign_off
from fastagi.console import sessions
from fastagi.console.rendering import Trouble, duration, moment
from fastagi.console.visits import Visit, visit_of
from fastagi.errors import LinkError
from fastagi.policy.model import Reason
from fastagi.stores.sign_ins import SignedOff, SignIn, Way

if TYPE_CHECKING:
    from fastagi.console.visits import Desk

log = structlog.get_logger(__name__)

SESSION: Final = "dialguard-session"
"""The cookie."""

SIGNED_OFF: Final = "signed-off"
"""In the address that a browser is sent to after it signed off."""


def make_router(desk: Desk) -> APIRouter:
    """Return the routes."""
    router = APIRouter(prefix="/{site}", include_in_schema=False)

    @router.get("/")
    async def page(request: Request) -> Response:
        visit = visit_of(request, desk)
        found = await sessions.sign_in_of(visit.site, visit.cookie(SESSION), desk.ports)
        if found is not None and found.ended is None:
            return _signed_in(visit, found)
        return _signed_out(visit, over=found)

    @router.get("/state")
    async def state(request: Request) -> Response:
        visit = visit_of(request, desk)
        found = await sessions.sign_in_of(visit.site, visit.cookie(SESSION), desk.ports)
        return JSONResponse({"live": found is not None and found.ended is None})

    @router.post("/sign-in")
    async def signs_in(request: Request) -> Response:
        visit = visit_of(request, desk)
        if not await visit.read_form():
            return _signed_out(visit, Trouble.STALE)
        found = await _try_to_sign_in(visit)
        await visit.pace()
        if isinstance(found, Trouble):
            return _signed_out(visit, found)
        await begin_session(visit, found, found.until)
        return visit.elsewhere(visit.home)

    @router.post("/sign-off")
    async def signs_off(request: Request) -> Response:
        visit = visit_of(request, desk)
        if not await visit.read_form():
            return visit.elsewhere(visit.home)  # which says what is, and has a form that is good
        key = visit.cookie(SESSION)
        found = await sessions.sign_in_of(visit.site, key, desk.ports)
        if found is not None:
            ports = desk.ports.call
            await sign_off(visit.site, found.extension, found.id, SignedOff.PAGE, ports)
            await sessions.end(visit.site, key, desk.ports)
        visit.keep(SESSION, None)
        return visit.elsewhere(f"{visit.home}?{SIGNED_OFF}")

    return router


async def begin_session(visit: Visit, opened: SignIn, until: float) -> None:
    """Have the browser be signed in until a moment, in the place of whatever it was before.

    Raises:
        StoreError: The store is away.
    """
    ports = visit.desk.ports
    if before := visit.cookie(SESSION):
        await sessions.end(visit.site, before, ports)
    visit.keep(SESSION, await sessions.begin(opened, ports, until))


async def show_factors(visit: Visit) -> Shown | Trouble:
    """Hold what was typed against the enrolment.

    What there is to say of an extension is said only to whoever has shown its factors.

    Raises:
        BusyError: Too many PINs are being checked.
        StoreError: The store is away.
        VaultError: What is stored cannot be read.
    """
    policy, ports = visit.policy, visit.desk.ports
    extension = visit.fields.get("extension", "")
    typed = {
        factor: "".join(visit.fields.get(factor, "").split()) for factor in policy.sign_in.factors
    }
    if not extension or not typed or not all(typed.values()):
        return Trouble.INCOMPLETE  # a policy that asks for nothing opens nothing
    if not ENDPOINT.fullmatch(extension):
        return Trouble.WRONG  # nobody can have it, so that there is nothing to count
    shown = await guess(policy, Guesser(extension, visit.address, proven=True), typed, ports.call)
    if isinstance(shown, Shown):
        return shown
    return Trouble.LOCKED_OUT if shown is Reason.LOCKED_OUT else Trouble.WRONG


async def _try_to_sign_in(visit: Visit) -> SignIn | Trouble:
    """Open a sign-in for whoever shows the factors.

    Raises:
        BusyError: Too many PINs are being checked.
        StoreError: The store is away.
        VaultError: What is stored cannot be read.
    """
    shown = await show_factors(visit)
    if isinstance(shown, Trouble):
        return shown
    policy, ports, extension = visit.policy, visit.desk.ports, shown.verified.extension
    try:
        phones = await ports.whereabouts.phones(visit.site, extension)
    except LinkError as error:
        log.warning("phone-not-found", site=visit.site, extension=extension, why=str(error))
        return Trouble.NOWHERE
    if len(phones) != 1:
        return Trouble.NOWHERE
    opened = await sign_in(
        policy,
        phones[0],
        extension,
        shown.verified,
        Way.PAGE,
        ports.call,
        browser=visit.address,
    )
    if isinstance(opened, SignIn):
        return opened
    return Trouble.NOWHERE if opened is Reason.UNPLACED else Trouble.WRONG


def _signed_out(
    visit: Visit, trouble: Trouble | None = None, over: SignIn | None = None
) -> Response:
    ended = None
    if over is not None and over.ended is not None:
        ended = moment(
            over.ended, visit.desk.ports.now(), visit.policy.site.timezone, visit.language
        )
    return visit.page(
        "sign_in.html",
        visit.home,
        trouble,
        factors=visit.policy.sign_in.factors,
        extension=visit.fields.get("extension", "") or (over.extension if over else ""),
        why=None if over is None else over.why,
        ended=ended,
        has_signed_off=trouble is None and SIGNED_OFF in visit.request.query_params,
    )


def _signed_in(visit: Visit, live: SignIn) -> Response:
    now, zone = visit.desk.ports.now(), visit.policy.site.timezone
    left_s = max(0.0, live.until - now)
    return visit.page(
        "signed_in.html",
        visit.home,
        extension=live.extension,
        until=moment(live.until, now, zone, visit.language),
        left=duration(left_s, visit.language),
        left_s=int(left_s),
        idle=duration(live.idle_s, visit.language) if live.idle_s else None,
    )
