"""What is looked at now and then: leases, limits, lockouts, policies."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from fastagi.call.brakes import by_hand
from fastagi.metrics.gauging import Gauging
from fastagi.policy.loading import load_text
from fastagi.policy.model import Stage
from fastagi.stores.budgets import Budget, Unit
from fastagi.stores.opening import open_store
from fastagi.stores.store import FailureKind, Hold
from tests.contract.store_kinds import ADDRESS, EXTENSION, PENALTY, SITE, a_lease, two_at_a_time
from tests.unit.daemon.conftest import POLICY

if TYPE_CHECKING:
    from fastagi.metrics.meters import Meters
    from tests.unit.metrics.conftest import Read

LIMITED = load_text(
    POLICY
    + """
[[limit]]
name = "two-at-a-time"
per = "extension"
calls = 2

[[limit]]
name = "an-hour"
duration = "1h"
""",
    Path("office.toml"),
)
LIMIT = {"site": SITE, "limit": "two-at-a-time"}


async def test_what_the_store_has(meters: Meters, read: Read) -> None:
    """Slots over all extensions, and how full the fullest one is."""
    store, gauging = open_store("sqlite://:memory:"), Gauging(meters)
    await gauging.store(store, [LIMITED], 0.0)
    assert read("dialguard_leases", site=SITE) == 0
    assert read("dialguard_limit_slots_taken", **LIMIT) == 0
    for call, extension in (("1", "101"), ("2", "101"), ("3", "102")):
        await store.take(a_lease(call, two_at_a_time(extension), extension=extension), 0.0)
    await gauging.store(store, [LIMITED], 1.0)
    assert read("dialguard_leases", site=SITE) == 3
    assert read("dialguard_limit_slots_taken", **LIMIT) == 3
    assert read("dialguard_limit_fullest_ratio", **LIMIT) == 1
    assert read("dialguard_store_looked_timestamp_seconds") == 1
    await gauging.store(store, [LIMITED], 2000.0)  # all leases are void by now
    assert read("dialguard_leases", site=SITE) == 0
    assert read("dialguard_limit_slots_taken", **LIMIT) == 0
    assert read("dialguard_limit_fullest_ratio", **LIMIT) == 0
    await store.close()


async def test_a_limit_of_time_only_has_no_slots(meters: Meters, read: Read) -> None:
    """There is nothing to take."""
    store = open_store("sqlite://:memory:")
    await Gauging(meters).store(store, [LIMITED], 0.0)
    assert read("dialguard_limit_slots_taken", site=SITE, limit="an-hour") is None
    await store.close()


async def test_a_limit_that_was_widened_is_as_full_as_the_newest_call_has_it(
    meters: Meters, read: Read
) -> None:
    """Leases know the limit of when they were taken; a site may allow none at all by now."""
    store, gauging = open_store("sqlite://:memory:"), Gauging(meters)
    await store.take(a_lease("1", two_at_a_time()), 0.0)
    await store.take(a_lease("2", Hold("two-at-a-time", "101", 4), since=1.0), 1.0)
    await store.take(a_lease("3", Hold("none", "101", 0, shadow=True), since=2.0), 2.0)
    await gauging.store(store, [LIMITED], 3.0)
    assert read("dialguard_limit_fullest_ratio", **LIMIT) == 0.5
    assert read("dialguard_limit_fullest_ratio", site=SITE, limit="none") == 1
    await store.close()


async def test_lockouts_come_and_go(meters: Meters, read: Read) -> None:
    """Five wrong codes lock one address out, and three one extension."""
    store, gauging = open_store("sqlite://:memory:"), Gauging(meters)
    for _ in range(5):
        await store.begin_attempt(SITE, (EXTENSION, ADDRESS), FailureKind.CODE, PENALTY, 0.0)
    await gauging.store(store, [LIMITED], 1.0)
    assert read("dialguard_lockouts", site=SITE, kind="extension") == 1
    await gauging.store(store, [LIMITED], 100_000.0)
    assert read("dialguard_lockouts", site=SITE, kind="extension") == 0
    await store.close()


def test_which_policy_is_in_force(meters: Meters, read: Read) -> None:
    """One worker says which it has; of a version that was replaced it says that none has it."""
    gauging, newer = Gauging(meters), replace(LIMITED, version="newer")
    gauging.policies([LIMITED], refused=False)
    gauging.policies([newer], refused=True)
    assert read("dialguard_policy_workers", site=SITE, version=LIMITED.version) == 0
    assert read("dialguard_policy_workers", site=SITE, version="newer") == 1
    assert read("dialguard_policy_refused") == 1


BUDGETED = load_text(
    POLICY + '[[limit]]\nname = "a-day"\nper = "extension"\nminutes = 10\nwithin = "24h"\n',
    Path("office.toml"),
)
OF_BUDGET = {"site": SITE, "limit": "a-day", "unit": "seconds"}


async def test_what_is_used_of_budgets(meters: Meters, read: Read) -> None:
    """Over all extensions, and how near the nearest is to the end of its own."""
    store, gauging = open_store("sqlite://:memory:"), Gauging(meters)
    await gauging.store(store, [BUDGETED], 0.0)
    assert read("dialguard_budget_used", **OF_BUDGET) == 0
    for call, extension, seconds in (("1", "101", 300), ("2", "101", 180), ("3", "102", 60)):
        budget = Budget("a-day", extension, Unit.SECONDS, 600, 86_400)
        lease = replace(a_lease(call, extension=extension), seconds=seconds, budgets=(budget,))
        await store.take(lease, 0.0)
    await gauging.store(store, [BUDGETED], 1.0)
    assert read("dialguard_budget_used", **OF_BUDGET) == 540
    assert read("dialguard_budget_fullest_ratio", **OF_BUDGET) == 0.8
    await store.close()


async def test_brakes_come_and_go(meters: Meters, read: Read) -> None:
    """By how far they go; a site without any has none to look for."""
    store, gauging = open_store("sqlite://:memory:"), Gauging(meters)
    braking = load_text(POLICY + "\n[brake]\n", Path("office.toml"))
    for extension in ("101", "102"):
        await by_hand(store, braking, Stage.EXTENSION, extension, 60, "ann", "", 0.0)
    await gauging.store(store, [LIMITED], 1.0)
    assert read("dialguard_brakes", site=SITE, stage="extension") is None
    await gauging.store(store, [braking], 1.0)
    found = [read("dialguard_brakes", site=SITE, stage=stage) for stage in Stage]
    assert found == [2, 0, 0]
    await gauging.store(store, [braking], 60.0)
    assert read("dialguard_brakes", site=SITE, stage="extension") == 0
    await store.close()
