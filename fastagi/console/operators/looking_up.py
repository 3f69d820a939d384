"""A decision by the four digits that a caller heard: over all of the record, one at a time.

And why it fell, by the policy that was in force then.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import re
from typing import TYPE_CHECKING, Final

import structlog

from fastagi.console.operators.accounts import Role
from fastagi.console.past_decisions import PastDecisions
from fastagi.decision_log import lookup
from fastagi.errors import BusyError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Mapping
    from pathlib import Path

    from fastapi import Response

    from fastagi.console.operators.visits import Doors, Visit

MOST: Final = 50

WAITING: Final = 4
"""Operators who may wait for their turn: each reads through hundreds of MiB."""

log = structlog.get_logger(__name__)


def open_doors(doors: Doors) -> None:
    """Open them."""
    turn, waiting = asyncio.Lock(), asyncio.Semaphore(WAITING)
    waiting_of: set[frozenset[str]] = set()

    async def look_up(visit: Visit) -> Response:
        """Show the decisions with a reference."""
        reference = visit.fields.get("reference", "").strip()
        if not re.fullmatch(r"[0-9]{4}", reference):
            return visit.say("A reference has four digits.", 400)
        if waiting.locked() or visit.sites in waiting_of:
            return visit.say("Others are looking something up. Try it again.", 503)
        async with waiting, _one_of(visit.sites, waiting_of), turn:
            try:
                found = await asyncio.to_thread(
                    _find, visit.desk.backstage.decisions, reference, visit.sees
                )
            except OSError as error:
                log.warning("decisions-unreadable", error=str(error))
                return visit.say("The record of decisions cannot be read.", 503)
        acts = visit.may(Role.OPERATOR)
        return visit.page(
            "lookup.html", reference=reference, decisions=found, most=MOST, acts=acts
        )

    backstage = doors.desk.backstage
    explained_of: set[frozenset[str]] = set()
    past = PastDecisions(backstage.decisions, backstage.versions, backstage.web.policies)

    async def why(visit: Visit) -> Response:
        """Explain one decision, as it was."""
        reference = visit.asked("reference")
        if not re.fullmatch(r"[0-9]{4}", reference):
            return visit.say("A reference has four digits.", 400)

        def sees(entry: Mapping[str, object]) -> bool:
            return visit.sees(str(entry.get("site", "")))

        if visit.sites in explained_of:
            return visit.say("Others are looking something up. Try it again.", 503)
        time, call = visit.asked("time"), visit.asked("call")
        try:
            async with _one_of(visit.sites, explained_of):
                whose = " ".join(sorted(visit.sites))
                found = await past.explain(reference, whose, sees, time, call)
        except BusyError:
            return visit.say("Others are looking something up. Try it again.", 503)
        except OSError as error:
            log.warning("decisions-unreadable", error=str(error))
            return visit.say("The record of decisions cannot be read.", 503)
        if found is None:
            return visit.say("There is no such decision on record.", 404)
        return visit.page("why.html", past=found, entry=found.entry)

    doors.form("/lookup", Role.VIEWER, look_up)
    doors.page("/why", Role.VIEWER, why)


@contextlib.asynccontextmanager
async def _one_of(sites: frozenset[str], there: set[frozenset[str]]) -> AsyncIterator[None]:
    """Let one at a time wait of those who see the same sites, that they leave turns for others."""
    if sites:
        there.add(sites)
    try:
        yield
    finally:
        there.discard(sites)


def _find(file: Path, reference: str, sees: Callable[[str], bool]) -> list[Mapping[str, object]]:
    found = (each for each in lookup(file, reference) if sees(str(each.get("site", ""))))
    return list(itertools.islice(found, MOST))
