"""Lockouts and sign-ins, found by a look at the store, as alerts."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING, Final

from fastagi.alerts.alert import Alert, foreign, own
from fastagi.alerts.heard import Entered, id_of
from fastagi.alerts.kind import Kind
from fastagi.events.event import Kind as EventKind
from fastagi.stores.records import EVERYWHERE
from fastagi.stores.store import FailureKind, SubjectKind

if TYPE_CHECKING:
    from fastagi.events.event import Event

LOOKED_FOR: Final = {Kind.LOCKOUT: EventKind.LOCKOUT, Kind.NEW_ADDRESS: EventKind.SIGN_IN}
"""What is looked for in the store, by the kind of alert it may become."""

WRONG: Final = {FailureKind.CODE: "wrong codes", FailureKind.NUMBER: "numbers that are none"}


def of_lockout(event: Event) -> Alert:
    """Return that somebody is locked out."""
    facts = event.facts
    kind, name = SubjectKind(str(facts["kind"])), str(facts["name"])
    shown = foreign(name)
    site = "" if event.site == EVERYWHERE else event.site
    where = "" if kind is SubjectKind.OPERATOR else f" --site {shlex.quote(event.site)}"
    clear = "dialguard lockouts"
    if shown == name and not name.startswith("-"):  # else it is no name to be typed
        clear = f"dialguard lockouts clear {kind} {shlex.quote(name)}{where}"
    return Alert(
        kind=Kind.LOCKOUT,
        subject=f"{event.site} {kind} {name}",
        id=event.id,
        at=event.at,
        what=f"{str(kind).capitalize()} {shown} is locked out{_at(site)}",
        do=f"ask whether it was them; if so: `{clear}`; else leave it, and change the PIN",
        site=own(site),
        facts=(
            ("Who", f"{kind} {shown}"),
            ("Why", WRONG[FailureKind(str(facts["failure"]))]),
            ("Until", own(facts["until"])),
            ("In a row", own(facts["in_a_row"])),
        ),
    )


def of_sign_in(event: Event) -> Alert:
    """Return that somebody signed in from where they never did before."""
    facts = event.facts
    person, extension = str(facts["person"]), str(facts["extension"])
    end = "dialguard signins"
    if foreign(extension) == extension and not extension.startswith("-"):
        end = f"dialguard signins end {shlex.quote(extension)} --site {shlex.quote(event.site)}"
    return Alert(
        kind=Kind.NEW_ADDRESS,
        subject=f"{event.site} {person}",
        id=event.id,
        at=event.at,
        what=f"{foreign(person)} signed in from a new address{_at(event.site)}",
        do=f"ask whether it was them; if not: `{end}`, and change the PIN",
        site=own(event.site),
        facts=(
            ("Who", foreign(person)),
            ("Phone", foreign(extension)),
            ("Address", foreign(facts["address"])),
            ("By", own(facts["way"])),
        ),
    )


def of_entering(entered: Entered) -> Alert:
    """Return that an operator entered the console from where they never did before."""
    operator = foreign(entered.operator)
    return Alert(
        kind=Kind.NEW_ADDRESS,
        subject=f"{EVERYWHERE} {entered.operator}",
        id=id_of(Kind.NEW_ADDRESS, entered.operator, entered.address, repr(entered.at)),
        at=entered.at,
        what=f"Operator {operator} entered the console from a new address",
        do=f"ask whether it was them; if not: `dialguard operator password {operator}`, which "
        "ends what they do there",
        facts=(("Who", f"operator {operator}"), ("Address", foreign(entered.address))),
    )


def _at(site: str) -> str:
    return f" at {own(site)}" if site else ""
