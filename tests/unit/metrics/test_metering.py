"""Rooms are counted as they are used, and behave as before."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar, cast

import pytest

from fastagi.alerts.kind import Kind as AlertKind
from fastagi.decision_log.record import Record
from fastagi.errors import BusyError, StoreError
from fastagi.lookups.subject import Kind, Outcome
from fastagi.metrics.metering import (
    AlertCounts,
    LookupCounts,
    MeteredDecisions,
    MeteredHashPool,
    ShadowCounts,
    WatcherCounts,
    counting,
    metered_store,
    outcome_of,
)
from fastagi.numbering.number import Category
from fastagi.policy.loading import load_text
from fastagi.policy.model import REACHED, Factor, Reason, Verdict
from fastagi.server.refusal import Refusal, Refused
from fastagi.shadows.differences import Kind as Difference
from fastagi.stores.opening import open_store
from fastagi.stores.store import Taken
from fastagi.watcher.bypass import Bypass
from tests.contract.store_kinds import a_lease, two_at_a_time
from tests.unit.daemon.conftest import POLICY

if TYPE_CHECKING:
    from collections.abc import Callable

    from fastagi.metrics.meters import Meters
    from fastagi.stores.store import Store
    from fastagi.watcher.channels import Channel
    from tests.unit.metrics.conftest import Read

Found = TypeVar("Found")

ALLOWED = Record(
    at=0.0,
    site="office",
    call="1.1",
    extension="101",
    verdict=Verdict.ALLOW,
    reason=Reason.ALLOWED,
    rule="at-home",
    reference="4711",
    category=Category.NATIONAL,
    waited_s=0.004,
)
ASKED = replace(ALLOWED, asked=(Factor.PIN, Factor.TOTP), waited_s=12.0)
WRONG = replace(ASKED, verdict=Verdict.DENY, reason=Reason.WRONG_CODE)


SETTLED = replace(
    ALLOWED, reason=Reason.SETTLED, reserved=3_000_000, cost=1_250_000, currency="GBP"
)


class Log:
    """A log of decisions, in memory."""

    def __init__(self) -> None:
        self.records: list[Record] = []

    def record(self, record: Record) -> None:
        """Take a record."""
        self.records.append(record)


def test_money_is_counted_once_it_is_settled(meters: Meters, read: Read) -> None:
    """What was reserved is what it cost, and what went back; it is no decision."""
    decisions, of = MeteredDecisions(Log(), meters), {"site": "office", "currency": "GBP"}
    for each in (SETTLED, SETTLED, replace(SETTLED, reserved=None), replace(SETTLED, cost=None)):
        decisions.record(each)
    assert read("dialguard_money_reserved_total", **of) == 6
    assert read("dialguard_money_settled_total", **of) == 2.5
    assert read("dialguard_money_returned_total", **of) == 3.5
    decision = {"verdict": "allow", "reason": "settled", "category": "national"}
    assert not read("dialguard_decisions_total", site="office", **decision)


@pytest.mark.parametrize("reason", sorted(REACHED))
def test_what_a_limit_refuses_is_counted_by_limit(
    meters: Meters, read: Read, reason: Reason
) -> None:
    """Of whatever kind it is."""
    refused = replace(ALLOWED, verdict=Verdict.DENY, reason=reason, rule="abroad-a-day")
    MeteredDecisions(Log(), meters).record(refused)
    assert read("dialguard_limit_refusals_total", site="office", limit="abroad-a-day") == 1


def test_decisions_are_counted_and_passed_on(meters: Meters, read: Read) -> None:
    """By verdict, reason and category; how long they took, apart for those who keyed a code."""
    log = Log()
    decisions = MeteredDecisions(log, meters)
    for each in (ALLOWED, ALLOWED, WRONG):
        decisions.record(each)
    assert log.records == [ALLOWED, ALLOWED, WRONG]
    labels = {"site": "office", "category": "national"}
    allowed = read("dialguard_decisions_total", verdict="allow", reason="allowed", **labels)
    wrong = read("dialguard_decisions_total", verdict="deny", reason="wrong-code", **labels)
    assert (allowed, wrong) == (2, 1)
    assert read("dialguard_answer_seconds_count", asked="no") == 2
    assert read("dialguard_answer_seconds_bucket", asked="no", le="0.005") == 2
    assert read("dialguard_answer_seconds_sum", asked="yes") == 12
    assert read("dialguard_challenges_total", site="office", outcome="wrong-code") == 1
    assert read("dialguard_decisions_without_store_total", site="office", verdict="allow") is None


def test_a_decision_without_the_store_is_counted_as_such(meters: Meters, read: Read) -> None:
    """An outage that costs nothing yet is one all the same."""
    MeteredDecisions(Log(), meters).record(replace(ALLOWED, without_store=True))
    assert read("dialguard_decisions_without_store_total", site="office", verdict="allow") == 1


def test_nobody_waited_for_a_bypass(meters: Meters, read: Read) -> None:
    """It counts as a decision, and not among the quick ones."""
    found = replace(ALLOWED, verdict=Verdict.DENY, reason=Reason.BYPASS, category=None)
    MeteredDecisions(Log(), meters).record(found)
    assert read("dialguard_answer_seconds_count", asked="no") is None
    labels = {"verdict": "deny", "reason": "bypass", "category": ""}
    assert read("dialguard_decisions_total", site="office", **labels) == 1


@pytest.mark.parametrize(
    ("record", "outcome"),
    [
        (ASKED, "passed"),
        (WRONG, "wrong-code"),
        (replace(WRONG, reason=Reason.HUNG_UP), "hung-up"),
        (
            replace(WRONG, reason=Reason.LIMIT_REACHED, shown=frozenset(ASKED.asked)),
            "passed",
        ),
        (
            replace(WRONG, reason=Reason.WRONG_CODE, shown=frozenset({Factor.PIN})),
            "wrong-code",
        ),
    ],
    ids=["allowed", "wrong", "hung up", "shown, but full", "half"],
)
def test_how_a_challenge_ends(record: Record, outcome: str) -> None:
    """A limit that is full is not the fault of the code."""
    assert outcome_of(record) == outcome


async def test_steps_of_the_store_are_timed(meters: Meters, read: Read) -> None:
    """By operation; what they return and take is the store's."""
    store = metered_store(open_store("sqlite://:memory:"), meters)
    lease = a_lease("1", two_at_a_time())
    assert await store.take(lease, now=0.0) == Taken(lease, fresh=True)
    assert await store.take(lease, 0.0) == Taken(lease, fresh=False)
    assert [each.call for each in await store.live(None, 1.0)] == ["1"]
    await store.close()
    assert read("dialguard_store_seconds_count", operation="take", outcome="ok") == 2
    assert read("dialguard_store_seconds_count", operation="live", outcome="ok") == 1


class BrokenStore:
    """A store that is away: it fails at once, or never answers."""

    async def ready(self) -> None:
        """Fail."""
        raise StoreError("it is away")

    async def sites(self) -> None:
        """Never answer."""
        await asyncio.Event().wait()

    async def close(self) -> None:
        """Break, as only a fault of ours does."""
        raise RuntimeError

    name = "broken"


async def test_a_store_that_fails_is_told_from_one_that_is_waited_for(
    meters: Meters, read: Read
) -> None:
    """Errors and patience that came to an end are two outcomes, and reach whoever asked."""
    store = metered_store(cast("Store", BrokenStore()), meters)
    with pytest.raises(StoreError):
        await store.ready()
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(store.sites(), 0.01)
    with pytest.raises(RuntimeError):
        await store.close()
    assert store.name == "broken"  # type: ignore[attr-defined]
    assert read("dialguard_store_seconds_count", operation="ready", outcome="error") == 1
    assert read("dialguard_store_seconds_count", operation="sites", outcome="given-up") == 1
    assert read("dialguard_store_seconds_count", operation="close", outcome="error") == 1


class Pool:
    """A hash pool that is full when it is told to be."""

    full = False

    async def run(self, check: Callable[[], Found], site: str) -> Found:
        """Run the check at once."""
        if self.full:
            raise BusyError
        return check()


async def test_checks_are_timed_and_refusals_counted(meters: Meters, read: Read) -> None:
    """A guesser who fills the pool is seen."""
    pool = Pool()
    metered = MeteredHashPool(pool, meters)
    assert await metered.run(lambda: 42, "office") == 42
    pool.full = True
    with pytest.raises(BusyError):
        await metered.run(lambda: 42, "office")
    assert read("dialguard_hash_seconds_count") == 1
    assert read("dialguard_hash_refused_total") == 1


def test_connections_turned_away_are_counted_and_told(meters: Meters, read: Read) -> None:
    """Strangers too, whom no record has."""
    told: list[Refused] = []
    stranger = Refused(Refusal.STRANGER, "192.0.2.1", "no")
    counting(told.append, meters)(stranger)
    assert told == [stranger]
    assert read("dialguard_connections_turned_away_total", kind="peer-not-allowed") == 1


def test_what_the_watcher_sees_is_counted(meters: Meters, read: Read) -> None:
    """The link, bypasses, and leases that leaked."""
    policy = load_text(POLICY, Path("office.toml"))
    counts = WatcherCounts(meters)
    counts.linked("pbx", up=True)
    counts.bypassed("pbx", Bypass(cast("Channel", None), policy, None, hang_up=False))
    counts.bypassed("pbx", Bypass(cast("Channel", None), policy, None, hang_up=True))
    counts.healed("pbx", "office")
    assert read("dialguard_ami_up", node="pbx") == 1
    counts.linked("pbx", up=False)
    assert read("dialguard_ami_up", node="pbx") == 0
    for then in ("alarm", "hang-up"):
        assert read("dialguard_bypasses_total", site="office", node="pbx", then=then) == 1
    assert read("dialguard_leases_healed_total", site="office", node="pbx") == 1


def test_look_ups_are_counted(meters: Meters, read: Read) -> None:
    """By what came of them; and whether the service is left alone."""
    counts = LookupCounts(meters)
    counts.looked_up(Kind.NUMBER, Outcome.FOUND)
    counts.looked_up(Kind.ADDRESS, Outcome.DROPPED)
    counts.paused(so=True)
    assert read("dialguard_lookups_total", kind="number", outcome="found") == 1
    assert read("dialguard_lookups_total", kind="address", outcome="dropped") == 1
    assert read("dialguard_lookups_paused") == 1
    counts.paused(so=False)
    assert read("dialguard_lookups_paused") == 0


def test_what_policies_in_shadow_would_do_is_counted(meters: Meters, read: Read) -> None:
    """By site, how it differs, and why it is not known."""
    counts = ShadowCounts(meters)
    counts.judged("office", None)
    counts.judged("office", Difference.REFUSED)
    counts.unjudged("office", "dropped")
    assert read("dialguard_shadow_judged_total", site="office") == 2
    of = {"site": "office", "kind": "refused"}
    assert read("dialguard_shadow_differences_total", **of) == 1
    assert read("dialguard_shadow_unjudged_total", site="office", why="dropped") == 1


def test_what_becomes_of_alerts_is_counted(meters: Meters, read: Read) -> None:
    """By the alert's name, which the settings give it."""
    counts = AlertCounts(meters)
    counts.told("on-call", AlertKind.LOCKOUT)
    counts.refused("on-call")
    counts.dropped("unheard", 7)
    assert read("dialguard_alerts_total", alert="on-call", kind="lockout") == 1
    assert read("dialguard_alerts_refused_total", alert="on-call") == 1
    assert read("dialguard_alerts_dropped_total", why="unheard") == 7


def test_what_cannot_be_counted_is_on_record_all_the_same() -> None:
    """And whoever waits for the verdict is told it."""
    log = Log()
    broken = cast("Meters", object())
    MeteredDecisions(log, broken).record(ALLOWED)
    assert log.records == [ALLOWED]
