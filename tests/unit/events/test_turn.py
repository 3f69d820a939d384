"""Which of several machines tells."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fastagi.events.turn import TURN_S, Turn
from tests.unit.webhooks.conftest import NOW

if TYPE_CHECKING:
    from tests.doubles.shaky_store import ShakyStore


async def test_one_has_it_and_keeps_it(shaky: ShakyStore) -> None:
    """While it asks in time."""
    one, other = Turn(shaky.store, "one"), Turn(shaky.store, "one")
    for second in range(60):
        assert await one.ask(NOW + second)
        assert not await other.ask(NOW + second)
        assert (one.is_mine(NOW + second), other.is_mine(NOW + second)) == (True, False)
    assert shaky.asked.count("put_record") < 60 + 20


async def test_it_runs_out(shaky: ShakyStore) -> None:
    """Whoever died, or slept, has it no more, and does not take it back."""
    one, other = Turn(shaky.store, "one"), Turn(shaky.store, "one")
    assert await one.ask(NOW)
    assert not one.is_mine(NOW + TURN_S)
    assert await other.ask(NOW + TURN_S)
    assert not await one.ask(NOW + TURN_S)


async def test_it_can_be_left(shaky: ShakyStore) -> None:
    """Then another has it at once; whoever does not have it leaves nothing."""
    one, other = Turn(shaky.store, "one"), Turn(shaky.store, "one")
    assert await one.ask(NOW)
    await other.leave(NOW)
    assert not await other.ask(NOW)
    await one.leave(NOW)
    assert not one.is_mine(NOW)
    assert await other.ask(NOW)


async def test_each_thing_has_its_own(shaky: ShakyStore) -> None:
    """So several machines share the work."""
    assert await Turn(shaky.store, "one").ask(NOW)
    assert await Turn(shaky.store, "other").ask(NOW)
