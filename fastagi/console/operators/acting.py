"""What operators do: end calls and sign-ins, clear lockouts, lift brakes, and what watches hold.

Each is written down first.
"""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Final

import structlog

from fastagi.call import brakes, evidence
from fastagi.call.ports import soon
from fastagi.call.sign_in import sign_off
from fastagi.console.operators.accounts import Role
from fastagi.console.operators.audit import Deed
from fastagi.console.operators.parts import clearing
from fastagi.console.operators.visits import names
from fastagi.errors import DialguardError, StoreError
from fastagi.policy.model import Stage
from fastagi.stores.sign_ins import SignedOff
from fastagi.stores.store import SubjectKind

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from fastapi import Response

    from fastagi.console.operators.audit import Entry
    from fastagi.console.operators.visits import Doors, Visit

NOT_ENDED: Final = "Asterisk did not end the call"

log = structlog.get_logger(__name__)


def open_doors(doors: Doors) -> None:
    """Open them."""
    doors.form("/calls/end", Role.OPERATOR, end_call)
    doors.form("/lockouts/clear", Role.OPERATOR, clear_lockout)
    doors.form("/brakes/lift", Role.OPERATOR, lift_brake)
    doors.form("/watches/lift", Role.OPERATOR, lift_watch)
    doors.form("/sign-ins/end", Role.OPERATOR, end_sign_in)


async def end_call(visit: Visit) -> Response:
    """Hang a call up, at Asterisk; only one that holds slots, by what it was let through as."""
    which = names(visit.fields.get("which", ""), 4)
    end = visit.desk.backstage.end_call
    if which is None or end is None:
        return visit.say("That cannot be ended here.", 400)
    site, call, number, node = which
    seen = await visit.look(anew=True)
    if seen.trouble:
        return visit.say("The store does not answer, so that this could not be done.", 503)
    if not any(
        (each.site, each.call, each.number, each.node) == (site, call, number, node)
        for each in seen.calls
    ):
        return visit.elsewhere("/?said=gone")
    async with written_down(visit, Deed.ENDED_CALL, site, f"{call} to {number} at {node}") as say:
        try:
            ended = await end(site, call, number, node)
        except DialguardError as error:
            say(f"failed: {error}")
            log.warning("call-not-ended", node=node, error=str(error))
            return visit.say(f"{NOT_ENDED}: {error}.", 502)
        say(f"hung up {', '.join(ended)}" if ended else "was up no more")
    await visit.desk.board.look_anew()
    return visit.elsewhere(f"/?said={'ended' if ended else 'gone'}")


async def clear_lockout(visit: Visit) -> Response:
    """End a lockout, and forget the failures behind it."""
    which = names(visit.fields.get("which", ""), 3)
    if which is None or which[1] not in set(SubjectKind):
        return visit.say("That is no lockout.", 400)
    site, kind, name = which[0], SubjectKind(which[1]), which[2]
    seen = await visit.look(anew=True)
    if seen.trouble:
        return visit.say("The store does not answer, so that this could not be done.", 503)
    found = next(
        (
            each
            for each in seen.lockouts
            if (each.site, each.kind, each.name) == (site, kind, name)
        ),
        None,
    )
    if found is None:
        return visit.elsewhere("/lockouts?said=nothing")
    if not visit.may(clearing(found)):
        return visit.say("A lockout of the console itself is an administrator's to clear.", 403)
    web = visit.desk.backstage.web
    async with written_down(visit, Deed.CLEARED_LOCKOUT, site, f"{kind} {name}") as say:
        cleared = await soon(web.store.clear(site, kind, name, web.now()))
        say("done" if cleared else "there was none")
    await visit.desk.board.look_anew()
    return visit.elsewhere(f"/lockouts?said={'cleared' if cleared else 'nothing'}")


async def lift_brake(visit: Visit) -> Response:
    """Lift a brake: that of an extension, a class or the site, and no other."""
    which = names(visit.fields.get("which", ""), 3)
    if which is None or which[1] not in set(Stage):
        return visit.say("That is no brake.", 400)
    site, stage, name = which[0], Stage(which[1]), which[2]
    seen = await visit.look(anew=True)
    if seen.trouble:
        return visit.say("The store does not answer, so that this could not be done.", 503)
    if not any((each.site, each.stage, each.name) == (site, stage, name) for each in seen.brakes):
        return visit.elsewhere("/lockouts?said=off")
    web = visit.desk.backstage.web
    what = brakes.in_words(stage, name)
    async with written_down(visit, Deed.LIFTED_BRAKE, site, what) as say:
        lifted = await brakes.lift(web.store, site, stage, name, web.now())
        say("there was none" if lifted is None else "done")
    await visit.desk.board.look_anew()
    return visit.elsewhere(f"/lockouts?said={'off' if lifted is None else 'lifted'}")


async def lift_watch(visit: Visit) -> Response:
    """Hold no more against an extension what one watch saw; what others saw is held on."""
    which = names(visit.fields.get("which", ""), 3)
    if which is None:
        return visit.say("That is no watch.", 400)
    site, extension, watch = which
    seen = await visit.look(anew=True)
    if seen.trouble:
        return visit.say("The store does not answer, so that this could not be done.", 503)
    if not any(
        (each.site, each.extension, each.watch) == (site, extension, watch) for each in seen.held
    ):
        return visit.elsewhere("/lockouts?said=free")
    web = visit.desk.backstage.web
    what = f"{extension}, {watch}"
    async with written_down(visit, Deed.LIFTED_WATCH, site, what) as say:
        lifted = await evidence.lift(web.store, site, extension, watch, web.now())
        say("there was none" if lifted is None else "done")
    await visit.desk.board.look_anew()
    return visit.elsewhere(f"/lockouts?said={'free' if lifted is None else 'freed'}")


async def end_sign_in(visit: Visit) -> Response:
    """Sign somebody off."""
    which = names(visit.fields.get("which", ""), 3)
    if which is None:
        return visit.say("That is no sign-in.", 400)
    site, extension, id = which
    ports = visit.desk.backstage.web.call
    seen = await visit.look(anew=True)
    if seen.trouble:
        return visit.say("The store does not answer, so that this could not be done.", 503)
    if not any(
        (each.site, each.extension, each.id) == (site, extension, id) for each in seen.sign_ins
    ):
        return visit.elsewhere("/sign-ins?said=over")
    async with written_down(visit, Deed.ENDED_SIGN_IN, site, extension) as say:
        count = await sign_off(site, extension, id, SignedOff.OPERATOR, ports)
        say("done" if count else "was over")
    await visit.desk.board.look_anew()
    return visit.elsewhere(f"/sign-ins?said={'signed-off' if count else 'over'}")


@contextlib.asynccontextmanager
async def written_down(
    visit: Visit, deed: Deed, site: str, what: str
) -> AsyncIterator[Callable[[str], None]]:
    """Write a deed down before it is done, and what came of it after; `say` says that."""
    entry: Entry = await visit.note(deed, site, what)
    outcome = ["failed"]

    def say(what_came: str) -> None:
        outcome[0] = what_came

    try:
        yield say
    except StoreError:
        outcome[0] = "the store did not answer; whether it was done is not known"
        raise
    finally:
        await visit.close(entry, outcome[0])
