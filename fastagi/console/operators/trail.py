"""The page of what operators did, for administrators."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from fastagi.console.operators import audit
from fastagi.console.operators.accounts import Role

if TYPE_CHECKING:
    from fastapi import Response

    from fastagi.console.operators.visits import Doors, Visit

ROWS: Final = 100


def open_doors(doors: Doors) -> None:
    """Open them."""
    doors.page("/trail", Role.ADMIN, show)


async def show(visit: Visit) -> Response:
    """Show them, newest first, a page at a time."""
    web, after = visit.desk.backstage.web, visit.asked("after")
    entries, older = await audit.page_for(web.store, after, ROWS, web.now(), visit.sees)
    return visit.page("trail.html", entries=entries, after=after, older=older)
