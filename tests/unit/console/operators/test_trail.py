"""The page of what operators did."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fastagi.console.operators import audit
from fastagi.console.operators.accounts import Role
from fastagi.console.operators.audit import Deed, Entry

if TYPE_CHECKING:
    from tests.unit.console.operators.backstage import Console


async def test_it_goes_back_a_page_at_a_time(console: Console) -> None:
    """Newest first; the last page says that there is nothing older."""
    for number in range(150):
        entry = Entry(
            console.now - 1000 + number, "olga", "", Deed.ENDED_CALL, "office", f"call-{number}."
        )
        await audit.note(console.store, entry)
    async with console.entered("ada", Role.ADMIN) as asking:
        first = await asking.get("/console/trail")
        assert "entered" in first.text
        assert "call-149." in first.text
        assert "call-50." not in first.text
        older = first.text.partition('href="/console/trail?after=')[2].partition('"')[0]
        second = await asking.get("/console/trail", params={"after": older})
        assert "call-50." in second.text
        assert "call-0." in second.text
        assert "Older" not in second.text
        nothing = await asking.get("/console/trail", params={"after": "~"})
        assert "There is nothing older." in nothing.text


async def test_nobody_but_administrators_sees_it(console: Console) -> None:
    """It is not in the others' menu either."""
    async with console.entered("olga", Role.OPERATOR) as asking:
        assert (await asking.get("/console/trail")).status_code == 403
        assert "/console/trail" not in (await asking.get("/console/")).text
