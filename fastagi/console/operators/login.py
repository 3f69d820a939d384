"""The console's own door: log in, and log out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from fastagi.console.operators import entering
from fastagi.console.operators.accounts import Role
from fastagi.console.operators.audit import Deed
from fastagi.console.operators.entering import Typed
from fastagi.console.operators.visits import FORM, SESSION

if TYPE_CHECKING:
    from fastapi import Response

    from fastagi.console.operators.visits import Doors, Visit

REFUSED: Final = (
    "Name, password or code is wrong, or there were too many tries. Each code is good once."
)
"""Of all of these one sentence: which it was is told to nobody."""


def open_doors(doors: Doors) -> None:
    """Open them."""
    doors.page("/login", None, ask)
    doors.form("/login", None, log_in)
    doors.form("/logout", Role.VIEWER, log_out)


async def ask(visit: Visit) -> Response:
    """Ask who it is."""
    if visit.session is not None:
        return visit.elsewhere("/")
    return ask_anew(visit, "", 200)


def ask_anew(visit: Visit, said: str, status: int) -> Response:
    """Ask, and say what came of it before; by the provider, too, where there is one."""
    single_sign_on = visit.desk.backstage.single_sign_on
    label = "" if single_sign_on is None else single_sign_on.label
    return visit.page("login.html", status, said=said, label=label)


async def log_in(visit: Visit) -> Response:
    """Let somebody in, with a session of its own."""
    web = visit.desk.backstage.web
    typed = Typed(
        visit.fields.get("name", "").strip().lower(),
        visit.fields.get("password", ""),
        "".join(visit.fields.get("code", "").split()),
        visit.address,
    )
    session = await entering.enter(typed, web)
    await visit.pace()
    if session is None:
        return ask_anew(visit, REFUSED, 403)
    if visit.session is not None:
        await entering.leave(visit.session, web)
    visit.session = session
    await visit.close(await visit.note(Deed.ENTERED, what="by password and code"), "done")
    visit.keep(SESSION, session.key)
    visit.keep(FORM, None)
    return visit.elsewhere("/")


async def log_out(visit: Visit) -> Response:
    """End the session; what its cookie was is good for nothing from now on."""
    assert visit.session is not None  # noqa: S101 - the door has seen to it
    session = visit.session
    await entering.leave(session, visit.desk.backstage.web)
    await visit.close(await visit.note(Deed.LEFT), "done")
    visit.session = None
    visit.keep(SESSION, None)
    return visit.elsewhere("/login")
