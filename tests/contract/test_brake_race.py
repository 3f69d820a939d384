"""Hits at one moment, at several gates: the brake goes as far as it would have one by one."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from fastagi.call import brakes
from fastagi.call import ports as ports_of
from fastagi.call.channel import Variable
from fastagi.call.flow import Gate
from fastagi.call.ports import Ports
from fastagi.policy.loading import load_text
from fastagi.policy.model import Stage
from fastagi.second_factor.vault import Vault, new_key
from tests.doubles.scripted_channel import ScriptedChannel
from tests.unit.call.conftest import ABROAD, NATIONAL, Clock, Log, NoPool, OnePolicy, question

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from fastagi.stores.store import Store

POLICY = """
[site]
name = "office"
country = "GB"
timezone = "Europe/London"
internal = ["1XX", "2XX"]
outside_prefix = "9"

[classes]
staff = ["1XX"]
lobby = ["2XX"]

[brake]
for = "10m"

[[rule]]
name = "trap"
to = ["prefix:+390698"]
then = "deny"
brake = true

[[rule]]
name = "open"
then = "allow"

[[limit]]
name = "burst"
per = "extension"
to = ["international"]
attempts = 3
within = "1h"
then = "brake"
"""
TRAP = "900390698765432"


class Pbx:
    """Two gates on one store, that are asked at the same moment."""

    def __init__(self, stores: Sequence[Store], tmp_path: Path) -> None:
        self.clock, self.log = Clock(), Log()
        self.store = stores[0]
        policies, vault = OnePolicy(load_text(POLICY, tmp_path / "o.toml")), Vault([new_key()])
        self.policy = policies.policy
        self.gates = [
            Gate(Ports(policies, store, vault, NoPool(), self.log, self.clock)) for store in stores
        ]
        self.calls = 0

    async def ask(self, *calls: tuple[str, str]) -> list[str]:
        """Have extensions dial, all at once; return the reasons."""
        channels = [ScriptedChannel() for _ in calls]
        first = self.calls
        self.calls += len(calls)
        await asyncio.gather(
            *(
                self.gates[n % 2].answer(
                    question(dialled, endpoint=extension, call=f"1.{first + n}"), channel
                )
                for n, ((extension, dialled), channel) in enumerate(
                    zip(calls, channels, strict=True)
                )
            )
        )
        return [str(each.told[Variable.REASON]) for each in channels]

    async def on(self) -> list[str]:
        """Return what is braked."""
        found = await brakes.every(self.store, "office", self.clock.now)
        return [each.key for each in found]


@pytest.fixture
def pbx(
    shared_url: str,
    opened: Callable[[str], Store],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Pbx:
    """Two gates."""
    monkeypatch.setattr(ports_of, "STORE_PATIENCE_S", 30.0)  # not how soon, but how far
    return Pbx([opened(shared_url) for _ in range(2)], tmp_path)


@pytest.mark.parametrize(
    ("hits", "on"),
    [
        (("101", "102"), {"class/staff", "extension/101", "extension/102"}),
        (("101", "201"), {"extension/101", "extension/201"}),
        (
            ("101", "102", "201"),
            {"site/", "class/staff", "extension/101", "extension/102", "extension/201"},
        ),
        (
            ("101", "102", "201", "202"),
            {
                *("site/", "class/staff", "class/lobby"),
                *("extension/101", "extension/102", "extension/201", "extension/202"),
            },
        ),
    ],
)
async def test_hits_at_one_moment_lose_no_stage(
    pbx: Pbx, hits: Sequence[str], on: set[str]
) -> None:
    """Again and again, each time from the beginning; and none goes further than it should."""
    for _ in range(5):
        assert set(await pbx.ask(*((each, TRAP) for each in hits))) == {"rule"}
        assert set(await pbx.on()) == on
        pbx.clock.now += 601
        assert await pbx.on() == []


async def test_one_gate_brakes_what_the_other_is_asked(pbx: Pbx) -> None:
    """At once, until it is lifted or its time is over; only what it touches."""
    assert await pbx.ask(("101", ABROAD), ("101", ABROAD)) == ["allowed", "allowed"]
    await pbx.ask(("101", TRAP))
    assert await pbx.ask(("101", ABROAD), ("101", ABROAD)) == ["braked", "braked"]
    assert await pbx.ask(("101", NATIONAL), ("102", ABROAD)) == ["allowed", "allowed"]
    now = pbx.clock.now
    assert await brakes.lift(pbx.store, "office", Stage.EXTENSION, "101", now) is not None
    assert await pbx.ask(("101", NATIONAL), ("101", NATIONAL)) == ["allowed", "allowed"]


async def test_of_many_at_once_as_many_pass_as_the_limit_has_room_for(pbx: Pbx) -> None:
    """The others put the brake on, and hold nothing."""
    reasons = await pbx.ask(*[("101", ABROAD)] * 8)
    assert (reasons.count("allowed"), reasons.count("braked")) == (3, 5)
    assert len(await pbx.store.live("office", pbx.clock.now)) == 3
    assert await pbx.on() == ["extension/101"]
    pbx.clock.now += 600
    assert await pbx.on() == []
