"""Overrides are used as often as they say, and not once more, whoever asks at the same moment."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from fastagi.call import ports as ports_of
from fastagi.call.channel import Variable
from fastagi.call.flow import Gate
from fastagi.call.overrides import every, give
from fastagi.call.ports import Ports
from fastagi.policy.loading import load_text
from fastagi.second_factor.vault import Vault, new_key
from tests.doubles.scripted_channel import ScriptedChannel
from tests.unit.call.conftest import SATELLITE, Clock, Log, NoPool, OnePolicy, question

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from fastagi.stores.store import Store

POLICY = """
[site]
name = "office"
country = "GB"
timezone = "Europe/London"
internal = ["1XX"]
outside_prefix = "9"

[classes]
staff = ["1XX"]

[[rule]]
name = "nobody"
then = "deny"

[[limit]]
name = "all"
per = "site"
calls = 50
"""
CALLERS, USES = 20, 3


async def test_of_twenty_at_two_gates_three_are_let_through(
    shared_url: str,
    opened: Callable[[str], Store],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Who is let through holds a slot and had a use; who is refused holds and had nothing."""
    monkeypatch.setattr(ports_of, "STORE_PATIENCE_S", 30.0)  # not how soon, but how many
    clock, log = Clock(), Log()
    policies, vault = OnePolicy(load_text(POLICY, tmp_path / "office.toml")), Vault([new_key()])
    stores = [opened(shared_url) for _ in range(2)]
    gates = [Gate(Ports(policies, store, vault, NoPool(), log, clock)) for store in stores]
    given = await give(stores[0], "office", "101", "", USES, 3600, "ann", "", clock.now)
    channels = [ScriptedChannel() for _ in range(CALLERS)]
    await asyncio.gather(
        *(
            gates[n % 2].answer(question(SATELLITE, call=f"1.{n}"), channel)
            for n, channel in enumerate(channels)
        )
    )
    verdicts = [each.told[Variable.VERDICT] for each in channels]
    assert (verdicts.count("ALLOW"), verdicts.count("DENY")) == (USES, CALLERS - USES)
    assert [each.override for each in log.records if each.override] == [given.id] * USES
    assert len(await stores[0].live("office", clock.now)) == USES
    assert await every(stores[0], "office", clock.now) == []
