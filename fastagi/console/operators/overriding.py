"""Overrides: who has one, giving one, ending it. See `call.overrides`.

A refused decision has a button that gives one, for one call within the hour to where that call
was to go; the form of the page gives any other.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from fastagi.call import overrides
from fastagi.console.operators.accounts import Role
from fastagi.console.operators.acting import written_down
from fastagi.console.operators.audit import Deed
from fastagi.console.operators.visits import names
from fastagi.policy.decision import class_of, is_known
from fastagi.policy.values import read_duration

if TYPE_CHECKING:
    from fastapi import Response

    from fastagi.call.overrides import Override
    from fastagi.console.operators.visits import Doors, Visit

SAID: Final = {
    "given": "The override was given.",
    "ended": "The override was ended.",
    "over": "That override is used up, or over, or was ended.",
}
"""What the page says of what was done, by the word for it in its address."""


def open_doors(doors: Doors) -> None:
    """Open them."""
    doors.page("/overrides", Role.VIEWER, show)
    doors.form("/overrides/give", Role.OPERATOR, give)
    doors.form("/overrides/end", Role.OPERATOR, end)


async def show(visit: Visit) -> Response:
    """Show the overrides that are left, of every site there is to see, and the form for one."""
    web = visit.desk.backstage.web
    found: list[Override] = []
    policies = visit.policies()
    for policy in policies:
        found += await overrides.every(web.store, policy.site.name, web.now())
    return visit.page(
        "overrides.html",
        overrides=found,
        sites=[policy.site.name for policy in policies],
        said=SAID.get(visit.asked("said"), ""),
        most=overrides.MOST_USES,
        acts=visit.may(Role.OPERATOR),
    )


async def give(visit: Visit) -> Response:
    """Let an extension's next calls through: as a button says it, or as the form was filled in."""
    fields = visit.fields
    which = names(fields["which"], 3) if "which" in fields else _filled_in(visit)
    if which is None:
        return visit.say("That is no override.", 400)
    site, extension, to = which
    web = visit.desk.backstage.web
    policy = visit.policy_of(site) if site else None
    if policy is None:
        return visit.say("There is no such site.", 400)
    if not is_known(policy, extension, class_of(policy, extension)):
        return visit.say("That extension is in no class, and no inside number.", 400)
    why = fields.get("why", "").strip()
    try:
        uses, for_s = int(fields.get("uses", "1")), read_duration(fields.get("for", "1h"))
        overrides.check(extension, to, uses, for_s, why)
    except ValueError as error:
        return visit.say(f"That cannot be given: {error}.", 400)
    assert visit.session is not None  # noqa: S101 - the door has seen to it
    by = visit.session.operator.name
    what = f"{extension} to {to or 'any number'}, {uses} at most, for {for_s} s"
    async with written_down(visit, Deed.GAVE_OVERRIDE, site, what) as say:
        given = await overrides.give(
            web.store, site, extension, to, uses, for_s, by, why, web.now()
        )
        say(given.id)
    return visit.elsewhere("/overrides?said=given")


async def end(visit: Visit) -> Response:
    """End an override."""
    which = names(visit.fields.get("which", ""), 2)
    if which is None:
        return visit.say("That is no override.", 400)
    (site, id), web = which, visit.desk.backstage.web
    there = await overrides.every(web.store, site, web.now()) if visit.sees(site) else ()
    if not any(each.id == id for each in there):
        return visit.elsewhere("/overrides?said=over")
    async with written_down(visit, Deed.ENDED_OVERRIDE, site, id) as say:
        ended = await overrides.end(web.store, site, id, web.now())
        say("was over" if ended is None else f"done; {ended.uses} left")
    return visit.elsewhere(f"/overrides?said={'over' if ended is None else 'ended'}")


def _filled_in(visit: Visit) -> list[str]:
    return [visit.fields.get(name, "").strip() for name in ("site", "extension", "to")]
