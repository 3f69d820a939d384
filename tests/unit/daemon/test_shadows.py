"""Policies in shadow are loaded beside those in force, and never in their way."""

from __future__ import annotations

import asyncio
import json
import time
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING

import pytest

from fastagi.call.ports import NoSlices
from fastagi.daemon import shadows
from fastagi.daemon.places import Means
from fastagi.daemon.reload import load_policies
from fastagi.daemon.shadows import (
    PoliciesInShadow,
    begin_shadows,
    load_beside,
    shadow_file,
)
from fastagi.daemon.sheets_in_use import SheetsInUse
from fastagi.errors import PolicyError
from fastagi.policy.loading import load
from fastagi.settings import load as load_settings
from fastagi.shadows.ports import NoShadowMeter
from fastagi.stores.opening import open_store
from tests.unit.call.conftest import POLICY

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from structlog.typing import EventDict

    from fastagi.policy.model import Policy


@pytest.fixture
def office(tmp_path: Path) -> Path:
    """A policy, alone as yet."""
    file = tmp_path / "office.toml"
    file.write_text(POLICY)
    return file


def _beside(office: Path, text: str = POLICY) -> Path:
    file = office.with_name("office.shadow.toml")
    file.write_text(text)
    return file


def test_what_is_beside_is_none_in_force(office: Path) -> None:
    """A folder of policies has one for the site; with the one beside it, and its cases."""
    _beside(office)
    office.with_name("office.shadow.cases.toml").write_text("")
    assert list(load_policies(office.parent)) == ["office"]
    assert load_policies(office.parent)["office"].source == office


def test_one_is_loaded_where_there_is_one(office: Path) -> None:
    """For the same site; else it is told where to put that right."""
    policy = load(office)
    assert load_beside(policy) is None
    file = _beside(office)
    found = load_beside(policy)
    assert found is not None
    assert (found.source, found.site.name) == (file, "office")
    _beside(office, POLICY.replace('name = "office"', 'name = "hotel"'))
    said = r"office\.shadow\.toml:3: site `hotel` is not `office`, beside whose policy"
    with pytest.raises(PolicyError, match=said):
        load_beside(policy)


async def test_what_changes_is_told(office: Path, told: list[EventDict]) -> None:
    """By site, under the name that it counts by; once for each change."""
    given: list[Mapping[str, Policy]] = []
    policies = PoliciesInShadow(Means())
    policies.tell(given.append)
    policies.in_force(load_policies(office))
    await policies.reload()
    assert (given, policies.all()) == ([], ())
    file = _beside(office)
    for _ in range(2):
        await policies.reload(asked=True)
    assert [each["office"].site.name for each in given] == ["office+shadow"]
    assert [each.site.name for each in policies.all()] == ["office"]
    file.unlink()
    await policies.reload()
    assert (given[-1], len(given)) == ({}, 2)
    assert [each["event"] for each in told] == ["shadow-reloaded"] * 2


async def test_one_that_is_refused_leaves_what_was(office: Path, told: list[EventDict]) -> None:
    """It is told once, with file and line; and none comes of it where there was none."""
    policies = PoliciesInShadow(Means())
    policies.in_force(load_policies(office))
    file = _beside(office, "[site]")
    for _ in range(2):
        await policies.reload()
    problems = [each for each in told if each["event"] == "shadow-refused"]
    assert {each["where"].startswith(f"{file}:") for each in problems} == {True}
    assert len(problems) == len({each["what"] for each in problems})
    assert policies.all() == ()
    _beside(office)
    await policies.reload()
    assert [each["event"] for each in told[-2:]] == ["shadow-valid-again", "shadow-reloaded"]
    _beside(office, "[site]")
    await policies.reload()
    assert len(policies.all()) == 1


async def test_one_beside_no_policy_is_told(office: Path, told: list[EventDict]) -> None:
    """Once; it is in force nowhere, whatever its site was before."""
    orphan = office.with_name("hd.shadow.toml")
    orphan.write_text(POLICY.replace('name = "office"', 'name = "hd"'))
    _beside(office)
    policies = PoliciesInShadow(Means(), place=office.parent)
    policies.in_force(load_policies(office.parent))
    for _ in range(2):
        await policies.reload()
    (problem,) = [each for each in told if each["event"] == "shadow-refused"]
    assert problem["where"] == str(orphan)
    assert "there is no `hd.toml` beside which" in problem["what"]
    assert [each.site.name for each in policies.all()] == ["office"]
    orphan.with_name("hd.toml").write_text("[site]")  # refused by itself, and as loudly
    await policies.reload()
    assert told[-1]["event"] == "shadow-valid-again"


async def test_of_one_file_in_force_others_beside_it_are_not_looked_at(
    office: Path, told: list[EventDict]
) -> None:
    """They may be another service's."""
    office.with_name("hd.shadow.toml").write_text(POLICY)
    policies = PoliciesInShadow(Means(), place=office)
    policies.in_force(load_policies(office))
    await policies.reload()
    assert told == []


async def test_sheets_of_what_was_in_shadow_do_not_pile_up(office: Path) -> None:
    """However often one is written: those of the last, and of the one before."""
    shared = office.with_name("shared")
    shared.mkdir()
    policies = PoliciesInShadow(Means(), shared)
    sheets = SheetsInUse(shared, policies.all)
    policies.also_tell(sheets.look)
    policies.in_force(load_policies(office))
    rates = '[rates]\nfile = "s.csv"\ncurrency = "GBP"\nunknown = "3.00"\n\n[[rule]]'
    _beside(office, POLICY.replace("[[rule]]", rates, 1))
    counts = []
    for price in range(1, 6):
        office.with_name("s.csv").write_text(f"prefix,price\n44,{price}\n")
        await policies.reload()
        counts.append(len(list(shared.glob("*.rates"))))
    assert counts == [1, 2, 2, 2, 2]


async def test_what_breaks_there_is_told(
    office: Path, told: list[EventDict], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever reloads the policies in force goes on."""
    policies = PoliciesInShadow(Means())
    policies.in_force(load_policies(office))
    monkeypatch.setattr(shadows, "load_beside", None)
    await policies.reload()
    assert [each["event"] for each in told] == ["shadow-reload-broke"]


async def test_their_lists_are_looked_at(office: Path) -> None:
    """A list that only the shadow has is watched as any."""
    numbers = office.with_name("dear.csv")
    numbers.write_text("+4490\n")
    lists = (
        '[lists]\ndear = "dear.csv"\n\n[[rule]]\nname = "d"\nto = ["list:dear"]\nthen = "deny"\n'
    )
    _beside(office, POLICY.replace("[[rule]]", f"{lists}\n[[rule]]", 1))
    policies = PoliciesInShadow(Means())
    policies.in_force(load_policies(office))
    await policies.reload()
    assert list(policies.files_beside()) == [numbers]


async def test_it_begins_and_ends_with_what_is_open(office: Path) -> None:
    """What was counted is on record by then, beside the decisions."""
    settings_file = office.with_name("dialguard.toml")
    settings_file.write_text('[policy]\nfile = "office.toml"\n[log]\ndecisions = "d.jsonl"\n')
    settings = load_settings(settings_file)
    policies = PoliciesInShadow(Means())
    policies.in_force(load_policies(office))
    _beside(office)
    store = open_store(f"sqlite://{office.with_name('x.db')}")
    async with AsyncExitStack() as opened:
        background = begin_shadows(settings, policies, store, NoSlices(), NoShadowMeter(), opened)
        await policies.reload()
        (policy,) = background._policies.values()
        background._tally("office", policy).failed += 1
        await asyncio.sleep(0)
    await store.close()
    file = shadow_file(settings)
    assert file == office.with_name("shadow.jsonl")
    (line,) = map(json.loads, file.read_text().splitlines())
    assert (line["site"], line["failed"]) == ("office", 1)
    assert line["since"][:4] == time.strftime("%Y", time.gmtime())
