"""`dialguard calls`."""

from __future__ import annotations

import asyncio
import json
import re
import time
from typing import TYPE_CHECKING

import pytest

from fastagi.cli import calls
from fastagi.decision_log.record import Record, line
from fastagi.policy.model import Reason, Verdict
from fastagi.rating.tariff import Tariff
from fastagi.stores.budgets import Budget, Unit
from fastagi.stores.opening import open_store
from fastagi.stores.store import Hold, Lease

if TYPE_CHECKING:
    from tests.unit.cli.conftest import Dialguard

DECISION = Record(
    at=1767607800.0,
    site="office",
    call="1.2",
    extension="101",
    verdict=Verdict.DENY,
    reason=Reason.NO_RULE,
    rule="none",
    reference="4071",
    number="+442079460000",
    address="192.0.2.7",
)


def take(
    dialguard: Dialguard,
    site: str = "office",
    number: str = "+442079460000",
    node: str = "127.0.0.1",
) -> None:
    """Let a call be live."""

    async def do() -> None:
        store = open_store(f"sqlite://{dialguard.folder}/dialguard.db")
        now = time.time()
        await store.take(
            Lease(
                site=site,
                call="1.2",
                number=number,
                extension="101",
                country="GB",
                category="national",
                channel="PJSIP/101-00000001",
                node=node,
                rule="at-home",
                reference="4071",
                seconds=600,
                since=now,
                expires=now + 660,
                holds=(Hold("two-at-a-time/extension", "101", 2),),
                budgets=(Budget("a-day", "101", Unit.SPEND, 20_000_000, 86_400),),
                tariff=Tariff(60, 600_000, 60, 600_000),
            ),
            now,
        )
        await store.close()

    asyncio.run(do())


def test_live_calls_are_listed(dialguard: Dialguard) -> None:
    """With or without the word `list`."""
    take(dialguard)
    for words in (("calls",), ("calls", "list")):
        told = dialguard.on_settings(*words).stdout
        assert told.startswith("office\t101\t+442079460000\tat-home\t")
        assert told.endswith("\tPJSIP/101-00000001\t1.2\ttwo-at-a-time/extension:101\n")
        assert re.search(
            r"\t[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}:[0-9]{2}\t0\t0\.60 of 6\.00\t", told
        )
    (one,) = json.loads(dialguard.on_settings("calls", "--json").stdout)
    assert (one["call"], one["reference"]) == ("1.2", "4071")
    assert (one["price"], one["so_far"], one["reserved"]) == ("0.60", "0.60", "6.00")
    assert one["budgets"] == [{"limit": "a-day", "key": "101", "unit": "spend", "shadow": False}]
    assert one["slots"] == [
        {"limit": "two-at-a-time/extension", "key": "101", "calls": 2, "shadow": False}
    ]


@pytest.mark.parametrize("columns", ["40", "80", "200"])
def test_what_has_to_be_typed_next_is_never_cut_off(
    dialguard: Dialguard, monkeypatch: pytest.MonkeyPatch, columns: str
) -> None:
    """Whatever the width of the terminal."""
    take(dialguard)
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("COLUMNS", columns)
    told = dialguard.on_settings("calls").stdout
    for wanted in ("PJSIP/101-00000001", "1.2", "+442079460000", "two-at-a-time/extension:101"):
        assert wanted in told
    assert "…" not in told


def test_a_slot_that_is_stuck_is_freed(dialguard: Dialguard) -> None:
    """Once; a second time changes nothing, and says so."""
    take(dialguard)
    done = dialguard.on_settings("calls", "release", "1.2")
    assert done.exit_code == 0, done.output
    assert "`+442079460000`" in done.stdout
    assert dialguard.on_settings("calls").stdout == ""
    again = dialguard.on_settings("calls", "release", "1.2", "--json")
    assert (again.exit_code, json.loads(again.stdout)) == (1, [])
    assert "holds no slot" in again.stderr


def on_record(dialguard: Dialguard) -> list[dict[str, object]]:
    """Return what is on record."""
    file = dialguard.folder / "decisions.jsonl"
    return [json.loads(each) for each in file.read_text().splitlines()]


def test_what_a_freed_call_came_to_goes_on_record(dialguard: Dialguard) -> None:
    """Once, behind what the service wrote; and with the currency, where the policy says it."""
    (dialguard.folder / "decisions.jsonl").write_text(line(DECISION, mask=4))
    with dialguard.policy.open("a") as policy:
        policy.write('[rates]\nfile = "rates.csv"\ncurrency = "GBP"\n')
    (dialguard.folder / "rates.csv").write_text("prefix,price\n44,0.60\n")
    take(dialguard)
    for status in (0, 1):
        assert dialguard.on_settings("calls", "release", "1.2").exit_code == status
    _, settled = on_record(dialguard)
    assert (settled["reason"], settled["call"], settled["reference"]) == ("settled", "1.2", "4071")
    assert (settled["cost"], settled["reserved"], settled["currency"]) == ("0.60", "6.00", "GBP")
    assert (settled["number"], settled["node"]) == ("+44207946xxxx", "127.0.0.1")
    assert settled["policy"]


def test_one_number_of_a_call_may_be_freed(dialguard: Dialguard) -> None:
    """Without the policy, which may be what is broken."""
    dialguard.policy.unlink()
    take(dialguard)
    take(dialguard, number="+442079460001")
    none = dialguard.on_settings("calls", "release", "1.2", "--number", "+44")
    assert (none.exit_code, "for `+44`" in none.stderr) == (1, True)
    done = dialguard.on_settings("calls", "release", "1.2", "--number", "+442079460001", "--json")
    assert [each["number"] for each in json.loads(done.stdout)] == ["+442079460001"]
    assert dialguard.on_settings("calls").stdout.count("\n") == 1


def test_a_call_is_freed_at_whichever_node(dialguard: Dialguard) -> None:
    """The operator knows calls by their names only."""
    take(dialguard, node="pbx1")
    take(dialguard, node="pbx2")
    done = dialguard.on_settings("calls", "release", "1.2", "--json")
    assert [each["node"] for each in json.loads(done.stdout)] == ["pbx1", "pbx2"]
    assert dialguard.on_settings("calls").stdout == ""


def test_a_call_of_several_sites_is_freed_at_one(dialguard: Dialguard) -> None:
    """Two Asterisks may name a call alike."""
    take(dialguard)
    take(dialguard, site="hotel")
    done = dialguard.on_settings("calls", "release", "1.2")
    assert (done.exit_code, "--site: hotel, office" in done.stderr) == (1, True)
    assert dialguard.on_settings("calls", "release", "1.2", "--site", "hotel").exit_code == 0
    assert dialguard.on_settings("calls").stdout.startswith("office\t")


def test_the_help_names_the_columns() -> None:
    """In a pipe they have no heading."""
    for command, columns in ((calls.list_all, calls.LISTED), (calls.lookup, calls.LOOKED_UP)):
        assert f"Columns: {', '.join(columns)}." in (command.__doc__ or "")


def test_no_call_is_no_line(dialguard: Dialguard) -> None:
    """And status 0."""
    done = dialguard.on_settings("calls")
    assert (done.exit_code, done.stdout) == (0, "")


def test_a_decision_is_found_by_its_reference(dialguard: Dialguard) -> None:
    """What became of a call, by the four digits its caller heard."""
    (dialguard.folder / "decisions.jsonl").write_text(line(DECISION, mask=4))
    assert dialguard.on_settings("calls", "lookup", "4071").stdout == (
        "2026-01-05T10:10:00.000Z\toffice\t101\t+44207946xxxx\tdeny\tno-rule\tnone\t192.0.2.7\t1.2\n"
    )
    told = json.loads(dialguard.on_settings("calls", "lookup", "4071", "--json").stdout)
    assert told[0]["reference"] == "4071"
    other = dialguard.on_settings("calls", "lookup", "4071", "--site", "hotel")
    assert other.exit_code == 1


def test_an_unknown_reference_is_status_1(dialguard: Dialguard) -> None:
    """And where was looked."""
    done = dialguard.on_settings("calls", "lookup", "4072")
    assert done.exit_code == 1
    assert "decisions.jsonl" in done.stderr.replace("\n", "")


def test_a_record_that_cannot_be_read_is_said(dialguard: Dialguard) -> None:
    """Rather than taken for empty."""
    (dialguard.folder / "decisions.jsonl").mkdir()
    done = dialguard.on_settings("calls", "lookup", "4071")
    assert done.exit_code == 1
    assert "cannot be read" in done.stderr
