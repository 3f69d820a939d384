"""`console.past_decisions`: one at a time, by policies that are kept, or in force."""

from __future__ import annotations

import asyncio
import threading
from typing import TYPE_CHECKING

import pytest

from fastagi.console.past_decisions import LATEST, WAITING, PastDecisions
from fastagi.decision_log.judged import Judged
from fastagi.decision_log.record import Record, line
from fastagi.errors import BusyError
from fastagi.policy.decision import decide
from fastagi.policy.loading import load
from fastagi.policy.model import Facts
from fastagi.versions import keep, load_version
from tests.unit.console.world import Sites
from tests.unit.policy.samples import HOME, MONDAY, call

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from fastagi.decision_log.past import Past
    from fastagi.policy.model import Policy

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
name = "{name}"
to = ["national"]
then = "deny"
[[limit]]
name = "slots"
per = "extension"
calls = 2
"""


def put(decisions: Path, rule: str, *, kept: bool = True, **said: object) -> Policy:
    """Put a call on record that a rule of this name denied; return its policy."""
    file = decisions.parent / "then.toml"
    file.write_text(POLICY.format(name=rule))
    policy = load(file)
    if kept:
        keep(decisions.parent / "versions", policy, 1.0)
    request = call(policy, HOME)
    decision = decide(policy, request, Facts())
    fields: dict[str, object] = {
        "at": MONDAY.timestamp(),
        "site": "office",
        "call": "1.1",
        "extension": "101",
        "verdict": decision.verdict,
        "reason": decision.reason,
        "rule": decision.rule,
        "reference": "4711",
        "number": request.number.number,
        "category": request.number.category,
        "country": "GB",
        "address": "10.0.0.5",
        "policy": policy.version,
        "judged": Judged(policy, request, Facts()),
    }
    with decisions.open("a") as log:
        log.write(line(Record(**fields | said), 4))  # type: ignore[arg-type]  # by name
    return policy


def everything(_entry: Mapping[str, object]) -> bool:
    """See all."""
    return True


@pytest.fixture
def decisions(tmp_path: Path) -> Path:
    """Return where the record is."""
    return tmp_path / "decisions.jsonl"


def _past(decisions: Path, in_force: Mapping[str, Policy] | None = None) -> PastDecisions:
    return PastDecisions(decisions, decisions.parent / "versions", Sites(dict(in_force or {})))


async def test_it_is_explained_by_the_policy_of_then(decisions: Path) -> None:
    """And by no other site's of the same reference."""
    put(decisions, "then")
    put(decisions, "elsewhere", site="branch")
    past = _past(decisions)
    found = await past.explain("4711", "office", lambda entry: entry.get("site") == "office")
    assert found is not None
    assert found.agrees is True
    assert found.explanation is not None
    assert found.explanation.decision.rule == "then"
    assert await past.explain("4711", "office", lambda _: False) is None
    assert await past.explain("0000", "office", everything) is None


async def test_it_is_chosen_by_moment_and_call(decisions: Path) -> None:
    """Four digits come round again."""
    put(decisions, "one", call="1.1")
    put(decisions, "two", call="1.2", at=MONDAY.timestamp() + 86_400)
    past = _past(decisions)
    for chosen, rule in (({"call": "1.1"}, "one"), ({"time": "2026-01-06"}, "two"), ({}, "two")):
        found = await past.explain("4711", "office", everything, **chosen)
        assert found is not None
        assert found.entry["rule"] == rule


async def test_the_policy_in_force_is_not_loaded_again(decisions: Path) -> None:
    """Most who ask ask of today; it need not be kept either."""
    policy = put(decisions, "now", kept=False)
    found = await _past(decisions, {"office": policy}).explain("4711", "office", everything)
    assert found is not None
    assert found.agrees is True


async def test_where_nothing_is_kept_that_is_said(decisions: Path) -> None:
    """What the record has is there."""
    policy = put(decisions, "gone", kept=False)
    nowhere = PastDecisions(decisions, None, Sites({}))
    for past in (nowhere, _past(decisions)):
        found = await past.explain("4711", "office", everything)
        assert found is not None
        assert found.explanation is None
        assert policy.version in found.note


async def test_the_latest_versions_stay_loaded(
    decisions: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A rate sheet of a million lines takes seconds to read."""
    loaded: list[str] = []

    def counted(folder: Path, site: str, version: str) -> Policy:
        loaded.append(version)
        return load_version(folder, site, version)

    monkeypatch.setattr("fastagi.versions.load_version", counted)
    for each in range(LATEST + 1):
        put(decisions, f"rule-{each}", call=f"1.{each}")
    past = _past(decisions)
    for each in (*range(LATEST + 1), LATEST, 1, 0):
        assert await past.explain("4711", "office", everything, call=f"1.{each}") is not None
    assert len(loaded) == LATEST + 2


async def test_few_wait(decisions: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each reads through all of the record."""
    go_on = threading.Event()
    monkeypatch.setattr(PastDecisions, "_explained", lambda *_: go_on.wait(20) and None)
    past = _past(decisions)
    asked = [_asked(past, "office") for _ in range(1 + WAITING)]
    await asyncio.sleep(0)
    with pytest.raises(BusyError):
        await past.explain("4711", "office", everything)
    go_on.set()
    assert await asyncio.gather(*asked) == [None] * (1 + WAITING)


async def test_no_site_keeps_another_waiting(
    decisions: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One that takes every place gives one of them up, and the other's turn is next."""
    go_on, served = threading.Event(), []

    def slowly(_: PastDecisions, reference: str, *_more: object) -> None:
        go_on.wait(20)
        served.append(reference)

    monkeypatch.setattr(PastDecisions, "_explained", slowly)
    past = _past(decisions)
    greedy = [_asked(past, "greedy", f"000{each}") for each in range(1 + WAITING)]
    await asyncio.sleep(0)
    modest = _asked(past, "modest", "4711")
    await asyncio.sleep(0)
    go_on.set()
    *_, last = await asyncio.gather(*greedy, return_exceptions=True)
    assert isinstance(last, BusyError)
    assert await modest is None
    assert served == ["0000", "0001", "4711", "0002"]


def _asked(past: PastDecisions, whose: str, reference: str = "4711") -> asyncio.Task[Past | None]:
    return asyncio.create_task(past.explain(reference, whose, everything))
