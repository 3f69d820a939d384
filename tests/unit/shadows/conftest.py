"""A gate whose calls are judged by a policy in shadow, too; everything real but the clock."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import pytest

from fastagi.call.asked import DIALLED
from fastagi.call.flow import Gate
from fastagi.policy.loading import load_text
from fastagi.shadows.background import Background
from fastagi.shadows.differences import Difference, Entry, Tally
from fastagi.shadows.following import followed
from fastagi.shadows.judging import in_shadow
from tests.doubles.scripted_channel import ScriptedChannel
from tests.doubles.shaky_store import ShakyStore
from tests.unit.call.conftest import POLICY, World, enrolled, question, vault, world

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from fastagi.stores.records import Record
    from fastagi.stores.store import Store
    from tests.doubles.scripted_channel import Act

__all__ = ["enrolled", "vault", "world"]  # fixtures of the story's own tests


@dataclass
class Entries:
    """What goes on record, in a list."""

    all: list[Entry] = field(default_factory=list)
    came: asyncio.Event = field(default_factory=asyncio.Event)

    def record(self, record: Entry) -> None:
        """Take an entry."""
        self.all.append(record)
        self.came.set()

    @property
    def differences(self) -> list[Difference]:
        """The calls that differ."""
        return [each for each in self.all if isinstance(each, Difference)]

    @property
    def tallies(self) -> list[Tally]:
        """How many were judged."""
        return [each for each in self.all if isinstance(each, Tally)]


@dataclass
class Meter:
    """What is counted, in a list."""

    counted: list[tuple[str, str]] = field(default_factory=list)
    came: asyncio.Event = field(default_factory=asyncio.Event)

    def judged(self, site: str, kind: object) -> None:
        """Count a call."""
        self.counted.append((site, str(kind)))
        self.came.set()

    def unjudged(self, site: str, why: str) -> None:
        """Count a call that was not judged."""
        self.counted.append((site, why))
        self.came.set()


@dataclass
class Shadowed(World):
    """A world beside whose policy there is another."""

    background: Background
    entries: Entries
    meter: Meter
    shadow_store: ShakyStore
    folder: Path
    calls: int = 0

    def beside(self, text: str) -> None:
        """Put a policy in shadow."""
        policy = load_text(text, self.folder / "office.shadow.toml")
        self.background.change({"office": in_shadow(policy)})

    async def dial(self, dialled: str, *acts: Act, **more: str) -> ScriptedChannel:
        """Make a call and judge it; what was said, is said before."""
        self.calls += 1
        channel = ScriptedChannel(list(acts))
        given = {"call": f"1732412345.{self.calls}", **more}
        await self.gate.answer(question(dialled, **given), channel)
        await self.judge()
        return channel

    async def judge(self) -> None:
        """Do all that waits."""
        while self.background.waiting:
            await self.background.step()

    async def held(self) -> list[str]:
        """Return the numbers that the shadow holds leases on."""
        return [each.number for each in await self.store.live("office+shadow", self.clock.now)]

    async def marks(self) -> Sequence[Record]:
        """Return the marks that calls left in shadow of what they dialled."""
        return await self.store.records("office+shadow", DIALLED, "", 9, self.clock.now)


@pytest.fixture
def shadowed(world: World, tmp_path: Path) -> Shadowed:
    """A gate beside whose policy there is the same one, in shadow."""
    return shadowed_by(world, tmp_path, lambda store: store)


def shadowed_by(world: World, folder: Path, wrap: Callable[[Store], Store]) -> Shadowed:
    """Return a gate whose shadows count in a store of the test's."""
    entries, meter = Entries(), Meter()
    shaky = ShakyStore(wrap(world.store))
    background = Background(
        shaky.store,
        entries,
        world.clock,
        world.ports.slices,
        meter,
        rest=lambda _: asyncio.sleep(0),
    )
    ports = replace(world.ports, store=followed(world.store, background), shadows=background)
    made = Shadowed(
        ports, world.clock, world.log, Gate(ports), background, entries, meter, shaky, folder
    )
    made.beside(POLICY)
    return made


def changed(*pairs: tuple[str, str]) -> str:
    """Return the policy in force, with other words in it."""
    text = POLICY
    for old, new in pairs:
        assert old in text, old
        text = text.replace(old, new)
    return text
