"""Denials, by following this machine's record of decisions."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from fastagi.decision_log.record import Record, line
from fastagi.decision_log.shared_file import SharedFile
from fastagi.errors import StoreError
from fastagi.events.event import Kind
from fastagi.policy.model import Reason, Stage, Verdict
from fastagi.webhooks import denials as room
from fastagi.webhooks.denials import Denials
from fastagi.webhooks.outbox import Outbox
from tests.unit.webhooks.conftest import HOOK, NOW

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.doubles.shaky_store import ShakyStore

DENIED = Record(
    at=NOW,
    site="office",
    call="0",
    extension="101",
    verdict=Verdict.DENY,
    reason=Reason.RULE,
    rule="r",
    reference="4711",
)
ROOM = 1000


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """The record of decisions."""
    return tmp_path / "decisions.jsonl"


@pytest.fixture
def following(shaky: ShakyStore, outbox: Outbox, path: Path) -> Callable[..., Denials]:
    """Return somebody who follows, anew."""
    return lambda machine="pbx1": Denials(shaky.store, HOOK, outbox, path, machine)


def write(path: Path, *calls: int, verdict: Verdict = Verdict.DENY, at: float = NOW) -> None:
    """Put decisions on record."""
    lines = [line(replace(DENIED, call=str(each), verdict=verdict, at=at), 4) for each in calls]
    SharedFile(path, rotate_bytes=0, keep=1).append("".join(lines).encode())


def rotate(path: Path) -> None:
    """Begin another file."""
    path.rename(path.with_name("decisions.jsonl.1"))


async def calls(outbox: Outbox) -> list[str]:
    """Return which calls' denials wait."""
    found = await outbox.waiting(NOW)
    return sorted(each.body.partition('"call":"')[2].partition('"')[0] for each in found)


async def test_denials_are_told_from_the_first_look_on(
    outbox: Outbox, path: Path, following: Callable[..., Denials]
) -> None:
    """Not what was before it, and not what was allowed."""
    write(path, 0)
    looking = following()
    await looking.look(NOW, ROOM)
    write(path, 1, 2)
    write(path, 3, verdict=Verdict.ALLOW)
    write(path, 4, at=NOW - 86400)
    for _ in range(3):
        await looking.look(NOW + 1, ROOM)
    assert await calls(outbox) == ["1", "2"]


async def test_a_call_that_put_the_brake_on_is_told_besides(
    shaky: ShakyStore, outbox: Outbox, path: Path
) -> None:
    """To who hears of brakes; of one denial both are told, to who hears of both."""
    only = replace(HOOK, url="https://crm.example/brakes", kinds=frozenset({Kind.BRAKE}))
    others = Outbox(shaky.store, only)
    both = Denials(shaky.store, HOOK, outbox, path, "pbx1")
    alone = Denials(shaky.store, only, others, path, "pbx1")
    for each in (both, alone):
        await each.look(NOW, ROOM)
    write(path, 1)
    braking = replace(DENIED, call="2", brakes=((Stage.SITE, ""),))
    with path.open("a") as file:
        file.write(line(braking, 4))
    for each in (both, alone):
        await each.look(NOW + 1, ROOM)
    assert await calls(outbox) == ["1", "2", "2"]
    assert await calls(others) == ["2"]


async def test_a_flood_at_another_site_keeps_no_hook_waiting(
    shaky: ShakyStore, path: Path
) -> None:
    """A hook of one site reads past what others have denied, however much that is."""
    own = replace(HOOK, sites=frozenset({"branch"}))
    outbox = Outbox(shaky.store, own)
    looking = Denials(shaky.store, own, outbox, path, "pbx1")
    await looking.look(NOW, ROOM)
    write(path, *range(2_000))  # more than is read in one step
    with path.open("a") as file:
        file.write(line(replace(DENIED, site="branch", call="mine"), 4))
    await looking.look(NOW + 1, ROOM)
    assert await calls(outbox) == ["mine"]


async def test_another_process_goes_on_where_one_left_off(
    outbox: Outbox, path: Path, following: Callable[..., Denials]
) -> None:
    """What was denied meanwhile is told."""
    looking = following()
    await looking.look(NOW, ROOM)
    write(path, 1)
    await looking.look(NOW, ROOM)
    write(path, 2)
    rotate(path)
    write(path, 3)
    another = following()
    for _ in range(3):
        await another.look(NOW + 1, ROOM)
    assert await calls(outbox) == ["1", "2", "3"]


async def test_each_machine_has_a_place_of_its_own(
    shaky: ShakyStore, outbox: Outbox, path: Path, following: Callable[..., Denials]
) -> None:
    """They share a store, and their records are not the same file."""
    other_path = path.with_name("other.jsonl")
    one, other = following(), Denials(shaky.store, HOOK, outbox, other_path, "pbx2")
    for each in (one, other):
        await each.look(NOW, ROOM)
    write(path, 1)
    write(other_path, 2)
    for each in (one, other, one, other):
        await each.look(NOW + 1, ROOM)
    assert await calls(outbox) == ["1", "2"]


async def test_a_flood_waits_in_its_file(
    outbox: Outbox, path: Path, following: Callable[..., Denials]
) -> None:
    """Some come in at each look, no more than there is room for, and none is lost."""
    looking = following()
    await looking.look(NOW, ROOM)
    write(path, *range(100, 150))
    await looking.look(NOW, 0)
    assert await calls(outbox) == []
    await looking.look(NOW, 5)
    assert len(await calls(outbox)) == 5
    await looking.look(NOW, ROOM)
    assert len(await calls(outbox)) == 5 + room.MOST_AT_ONCE
    for _ in range(3):
        await looking.look(NOW, ROOM)
    assert await calls(outbox) == [str(each) for each in range(100, 150)]


@pytest.mark.parametrize("which", range(1, 4))
@pytest.mark.parametrize("step", ["before", "after"])
async def test_whatever_fails_on_the_way_everything_is_told(
    shaky: ShakyStore,
    outbox: Outbox,
    path: Path,
    following: Callable[..., Denials],
    step: str,
    which: int,
) -> None:
    """By the same process or another."""
    looking = following()
    await looking.look(NOW, ROOM)
    write(path, 1, 2)
    shaky.asked.clear()

    async def fail() -> None:
        if shaky.asked.count("put_record") == which:
            raise StoreError("away")

    getattr(shaky, step)["put_record"] = fail
    try:
        await looking.look(NOW, ROOM)
    except StoreError:
        await looking.look(NOW, ROOM)
    write(path, 3)
    for each in (looking, looking, following(), looking):
        await each.look(NOW + 60, ROOM)
    assert await calls(outbox) == ["1", "2", "3"]


async def test_where_nothing_is_denied_little_is_written(
    shaky: ShakyStore, path: Path, following: Callable[..., Denials]
) -> None:
    """A busy gate allows many a second."""
    looking = following()
    for second in range(60):
        write(path, second, verdict=Verdict.ALLOW)
        await looking.look(NOW + second, ROOM)
    assert shaky.asked.count("put_record") == 60 / room.WRITTEN_EACH_S
