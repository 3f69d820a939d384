"""The routes of a sign-in at the provider: out to it, and back.

Nothing that the provider or the address says is shown, nor decides where a browser goes on to.
"""

from __future__ import annotations

import hmac
from typing import TYPE_CHECKING, Final

import structlog

from fastagi.console.oidc import attempt as attempts
from fastagi.console.oidc.attempt import Attempt
from fastagi.console.operators import entering
from fastagi.console.operators.admitting import Person, Refused, admit, subject_of
from fastagi.console.operators.audit import Deed
from fastagi.console.operators.entitlement import name_in, role_in, sites_in
from fastagi.console.operators.login import ask_anew
from fastagi.console.operators.visits import FORM, SESSION
from fastagi.errors import ProviderAway, ProviderError, WeakSignInError

if TYPE_CHECKING:
    from fastapi import Response

    from fastagi.console.operators.ports import SingleSignOn
    from fastagi.console.operators.visits import Doors, Visit

BEGIN: Final = "/oidc/login"
CALLBACK: Final = "/oidc/callback"

ATTEMPT: Final = "dialguard-oidc"
"""The cookie with what must come back; `__Host-` stands before it where all is encrypted."""

ANSWER_MAX: Final = 4_000
"""Characters of a code; theirs have some hundred, or a thousand."""

AWAY: Final = "The provider does not answer. Try it again, or log in with a password."
STALE: Final = "That took too long, or was begun in another browser. Try it again."
DECLINED: Final = "The provider did not let you in."
UNTRUSTED: Final = (
    "What the provider says cannot be relied upon; the log of the service says why. "
    "You can log in with a password, if you have one."
)
WEAK: Final = (
    "The provider asked you for less than the console demands. Sign in there with a second factor."
)
NOT_ADMITTED: Final = "You may not enter the console. An administrator can say why."

log = structlog.get_logger(__name__)


def open_doors(doors: Doors) -> None:
    """Open them, where there is a provider."""
    if doors.desk.backstage.single_sign_on is not None:
        doors.page(BEGIN, None, begin)
        doors.page(CALLBACK, None, come_back)


async def begin(visit: Visit) -> Response:
    """Send a browser to the provider."""
    if visit.session is not None:
        return visit.elsewhere("/")
    # Nobody is to be signed in by a page of somebody else's.
    if visit.request.headers.get("sec-fetch-site", "none") not in {"none", "same-origin"}:
        return visit.elsewhere("/login")
    web = visit.desk.backstage.web
    attempt = Attempt(web.now())
    try:
        address = await _ours(visit).provider.address(attempt)
    except ProviderError as error:
        return _failed(visit, error)
    visit.keep(ATTEMPT, attempts.sealed(attempt, web.vault))
    return visit.away(address)


async def come_back(visit: Visit) -> Response:
    """Let in whom the provider vouches for, if they may enter."""
    web = visit.desk.backstage.web
    attempt = attempts.opened(visit.cookie(ATTEMPT), web.vault, web.now())
    visit.keep(ATTEMPT, None)
    state = _said(visit, "state") or ""
    if (
        attempt is None
        or not hmac.compare_digest(attempt.state.encode(), state.encode(errors="replace"))
        or not await attempts.use_up(attempt, web)
    ):
        return visit.elsewhere("/") if visit.session is not None else ask_anew(visit, STALE, 403)
    try:
        person = await _person(visit, attempt)
    except ProviderError as error:
        return _failed(visit, error)
    if person is None:
        return ask_anew(visit, DECLINED, 403)
    try:
        operator = await admit(person, web, makes_accounts=_ours(visit).entitlement.makes_accounts)
    except Refused as refused:
        log.warning(
            "operator-not-admitted",
            operator=person.name,
            subject=person.subject,
            address=person.address,
            why=str(refused),
        )
        return ask_anew(visit, NOT_ADMITTED, 403)
    if visit.session is not None:
        await entering.leave(visit.session, web)
    visit.session = await entering.begin(operator, web)
    issuer = _ours(visit).provider.client.issuer
    await visit.close(await visit.note(Deed.ENTERED, what=f"by {issuer}"), "done")
    visit.keep(SESSION, visit.session.key)
    visit.keep(FORM, None)
    # Not a redirect: what begins at the provider comes without the cookie that was just set.
    return visit.page("arrived.html")


async def _person(visit: Visit, attempt: Attempt) -> Person | None:
    """Return whom the provider vouches for; None where it says that it does so for nobody.

    Raises:
        ProviderError: It does not answer, or what it says is not to be believed.
    """
    provider = _ours(visit).provider
    await provider.check_issuer(_said(visit, "iss"))
    code, error = _said(visit, "code"), _said(visit, "error")
    if error is not None or not code:
        log.warning("provider-declined", error=f"{error!r:.80}", address=str(visit.address))
        return None
    claims = await provider.redeem(code, attempt)
    entitlement = _ours(visit).entitlement
    return Person(
        name_in(claims, entitlement),
        subject_of(provider.client.issuer, claims),
        role_in(claims, entitlement),
        bool(entitlement.roles),
        str(visit.address or ""),
        sites_in(claims, entitlement) if entitlement.sites_claim else None,
        bool(entitlement.sites_claim),
    )


def _said(visit: Visit, name: str) -> str | None:
    """Return what the address says of something; None where nothing, empty where two things."""
    found = visit.request.query_params.getlist(name)
    if not found:
        return None
    return found[0] if len(found) == 1 and len(found[0]) <= ANSWER_MAX else ""


def _failed(visit: Visit, error: ProviderError) -> Response:
    # No error of ours: anybody can come with a code that is none.
    log.warning("provider-failed", error=str(error), address=str(visit.address))
    match error:
        case ProviderAway():
            return ask_anew(visit, AWAY, 503)
        case WeakSignInError():
            return ask_anew(visit, WEAK, 403)
        case _:
            return ask_anew(visit, UNTRUSTED, 502)


def _ours(visit: Visit) -> SingleSignOn:
    found = visit.desk.backstage.single_sign_on
    assert found is not None  # noqa: S101 - these doors are open only where there is one
    return found
