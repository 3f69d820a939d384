"""A policy in shadow judges over every kind of store as over any other."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from fastagi.call.flow import Gate
from fastagi.call.ports import NoSlices, Ports
from fastagi.policy.loading import load_text
from fastagi.second_factor.vault import Vault, new_key
from fastagi.shadows.background import Background
from fastagi.shadows.differences import Kind
from fastagi.shadows.following import followed
from fastagi.shadows.judging import in_shadow
from tests.doubles.scripted_channel import ScriptedChannel
from tests.unit.call.conftest import NATIONAL, POLICY, Clock, Log, NoPool, OnePolicy, question
from tests.unit.shadows.conftest import Entries

if TYPE_CHECKING:
    import pytest

    from fastagi.stores.store import Store


async def test_slots_of_its_own_over_every_store(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two calls fit the policy in force, one the shadow; when one ends, one fits again."""
    for module in ("fastagi.call.ports.STORE_PATIENCE_S", "fastagi.shadows.background.PATIENCE_S"):
        monkeypatch.setattr(module, 10.0)
    clock, entries = Clock(), Entries()
    policy = load_text(POLICY, Path("office.toml"))
    background = Background(store, entries, clock, NoSlices())
    strict = load_text(POLICY.replace("calls = 2", "calls = 1"), Path("office.shadow.toml"))
    background.change({"office": in_shadow(strict)})
    ports = Ports(OnePolicy(policy), store, Vault([new_key()]), NoPool(), Log(), clock)
    ports = replace(ports, store=followed(store, background), shadows=background)
    gate = Gate(ports)
    for call in ("1.1", "2.2"):
        await gate.answer(question(NATIONAL, call=call), ScriptedChannel())
    await ports.store.release("office", "1.1", None, None, clock.now, 5)
    await gate.answer(question(NATIONAL, call="3.3"), ScriptedChannel())
    while background.waiting:
        await background.step()
    assert [(each.kind, each.record.call) for each in entries.differences] == [
        (Kind.REFUSED, "2.2")
    ]
    assert [each.call for each in await store.live(None, clock.now)] == ["2.2", "3.3"]
    assert [each.call for each in await store.live("office+shadow", clock.now)] == ["3.3"]
