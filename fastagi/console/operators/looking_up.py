"""A decision by the four digits that a caller heard: over all of the record, one at a time."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import re
from typing import TYPE_CHECKING, Final

import structlog

from fastagi.console.operators.accounts import Role
from fastagi.decision_log import lookup

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

    doors.form("/lookup", Role.VIEWER, look_up)


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
