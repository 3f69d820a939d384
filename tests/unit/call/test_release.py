"""Giving slots back: twice does no harm, and a store that is away is asked again."""

from __future__ import annotations

from dataclasses import replace

import pytest

from fastagi.call import release as door
from fastagi.call.channel import Question, Script
from fastagi.call.release import release
from fastagi.errors import StoreError
from tests.doubles.scripted_channel import ScriptedChannel
from tests.unit.call.conftest import CALL, NATIONAL, World, question


def _release(**arguments: str) -> Question:
    return replace(question("", **arguments), script=Script.RELEASE)


async def test_a_call_is_released_once(world: World) -> None:
    """The second knock finds nothing, and says so."""
    await world.gate.answer(question(NATIONAL), ScriptedChannel())
    assert await release(_release(), world.ports) == 1
    assert await release(_release(), world.ports) == 0


async def test_one_number_of_a_call_is_released(world: World) -> None:
    """The leg of one number does not end the lease of another."""
    await world.gate.answer(question(NATIONAL), ScriptedChannel())
    assert await release(_release(number="+442079460001"), world.ports) == 0
    assert await release(_release(number="+442079460000"), world.ports) == 1


@pytest.mark.parametrize("number", ["", "+442079460000"])
async def test_the_call_of_another_asterisk_is_not_released(world: World, number: str) -> None:
    """It has the same name, and its leg is up."""
    await world.gate.answer(question(NATIONAL), ScriptedChannel())
    await world.gate.answer(question(NATIONAL, node="pbx2"), ScriptedChannel())
    for node in ("pbx2", "pbx3"):
        assert await release(_release(number=number, node=node), world.ports) == (node == "pbx2")
    (held,) = await world.store.live(None, world.clock.now)
    assert held.node == "127.0.0.1"
    assert await release(_release(number=number), world.ports) == 1


@pytest.mark.parametrize("arguments", [{"site": "elsewhere"}, {"call": "a b"}])
async def test_an_odd_release_ends_nothing(world: World, arguments: dict[str, str]) -> None:
    """Nobody else's calls can be named."""
    await world.gate.answer(question(NATIONAL), ScriptedChannel())
    assert await release(_release(**arguments), world.ports) == 0
    assert [each.call for each in await world.store.live(None, world.clock.now)] == [CALL]


class _Away:
    def __init__(self, failures: int) -> None:
        self.failures = failures

    async def release(
        self,
        site: str,
        call: str,
        number: str | None,
        node: str | None,
        now: float,
        talked_s: int | None,
    ) -> int:
        self.failures -= 1
        if self.failures >= 0:
            raise StoreError("away")
        return 1


@pytest.mark.parametrize("failures", [1, 2, 3])
async def test_a_store_that_comes_back_is_asked_again(
    world: World, failures: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody waits for a release, so it is tried again."""
    monkeypatch.setattr(door, "PAUSES_S", (0, 0, 0))
    ports = replace(world.ports, store=_Away(failures))  # type: ignore[arg-type]  # only release is asked
    assert await release(_release(), ports) == 1


async def test_a_store_that_stays_away_is_told(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In the end the lease expires."""
    monkeypatch.setattr(door, "PAUSES_S", (0,))
    ports = replace(world.ports, store=_Away(9))  # type: ignore[arg-type]  # only release is asked
    with pytest.raises(StoreError):
        await release(_release(), ports)
