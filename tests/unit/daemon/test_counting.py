"""A worker that counts, and one that does not."""

from __future__ import annotations

import asyncio
import socket
import urllib.request
from pathlib import Path
from typing import TYPE_CHECKING, cast

import pytest
from prometheus_client import values

from fastagi.alerts.kind import Kind
from fastagi.alerts.ports import NoMeter as NoAlertMeter
from fastagi.daemon.counting import (
    FOLDER,
    Counts,
    alert_counts_of,
    counts_of,
    lookout_counts_of,
)
from fastagi.daemon.reload import PoliciesInForce
from fastagi.lookout.ports import NoMeter as NoLookoutMeter
from fastagi.metrics.folder import VARIABLE, registry_of
from fastagi.metrics.metering import ShadowCounts
from fastagi.policy.loading import load_text
from fastagi.settings.model import MetricsSettings
from fastagi.shadows.ports import NoShadowMeter
from fastagi.signs.sign import Sign
from fastagi.stores.opening import open_store
from fastagi.watcher.ports import NoMeter, WatchMeter
from tests.doubles.meters_in import meters_in
from tests.doubles.shaky_store import ShakyStore
from tests.unit.daemon.conftest import POLICY

if TYPE_CHECKING:
    from collections.abc import Iterator

    from structlog.typing import EventDict

    from fastagi.call.ports import Decisions, HashPool
    from fastagi.stores.store import Store

WANTED = MetricsSettings()


@pytest.fixture
def door() -> Iterator[socket.socket]:
    """Return the listening socket for scrapes."""
    with socket.create_server(("127.0.0.1", 0)) as opened:
        opened.setblocking(False)
        yield opened


@pytest.fixture(autouse=True)
def _as_before(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, "")
    monkeypatch.setattr(values, "ValueClass", values.ValueClass)


def policies() -> PoliciesInForce:
    """Return a policy in force."""
    file = Path("office.toml")
    return PoliciesInForce(file, {"office": load_text(POLICY, file)})


def test_without_the_table_nothing_is_wrapped(tmp_path: Path, door: socket.socket) -> None:
    """What is not counted costs nothing."""
    store, decisions, pool = cast("Store", 1), cast("Decisions", 2), cast("HashPool", 3)
    with counts_of(None, tmp_path, None) as counts, counts_of(WANTED, tmp_path, None) as other:
        assert counts == other == Counts()
        assert counts.store(store) is store
        assert counts.decisions(decisions) is decisions
        assert counts.hash_pool(pool) is pool
        assert counts.turned_away(print) is print
        assert isinstance(counts.watcher(), NoMeter)
        nobody = counts.shadows()
        assert isinstance(nobody, NoShadowMeter)
        nobody.judged("office", None)
        nobody.unjudged("office", "failed")
    assert not (tmp_path / FOLDER).exists()
    assert door.fileno() > 0


def test_with_the_table_it_counts_and_answers(tmp_path: Path, door: socket.socket) -> None:
    """A worker's start, and what version it is."""
    port = door.getsockname()[1]
    with (
        counts_of(WANTED, tmp_path, door) as counts,
        urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=20) as page,
    ):
        text = page.read().decode()
        assert isinstance(counts.shadows(), ShadowCounts)
    assert "dialguard_worker_starts_total 1.0" in text
    assert 'dialguard_build_info{version="' in text


@pytest.mark.parametrize("local", [None, Path("/proc/nothing")], ids=["none", "not writable"])
def test_without_a_folder_calls_go_on_uncounted(
    door: socket.socket, local: Path | None, told: list[EventDict]
) -> None:
    """And the log says so."""
    with counts_of(WANTED, local, door) as counts:
        assert counts.meters is None
    assert [line["event"] for line in told] == ["no-metrics"]


def test_those_who_are_woken_are_woken_uncounted_too(
    tmp_path: Path, told: list[EventDict]
) -> None:
    """Without the table, a folder, or room in it."""
    with alert_counts_of(None, tmp_path) as one, alert_counts_of(WANTED, None) as other:
        assert isinstance(one, NoAlertMeter)
        assert isinstance(other, NoAlertMeter)
    (tmp_path / FOLDER).write_text("in the way")
    with alert_counts_of(WANTED, tmp_path) as none:
        none.told("on-call", Kind.TEST)
        none.refused("on-call")
        none.dropped("unheard", 1)
    assert told[-1]["event"] == "no-metrics"


def test_a_lookout_counts_where_the_workers_scrapes_read(tmp_path: Path) -> None:
    """Or nowhere, where nobody counts."""
    with lookout_counts_of(None, tmp_path) as nowhere:
        assert isinstance(nowhere, NoLookoutMeter)
        nowhere.linked("pbx", up=True)
        nowhere.heard("pbx", 1, 1)
        nowhere.found("office", Sign.GUESSING)
        nowhere.dropped("untold", 1)
        nowhere.lost(1, 1)
    with lookout_counts_of(WANTED, tmp_path) as meter:
        meter.linked("pbx", up=True)
        meter.heard("pbx", 5, 2)
        meter.found("office", Sign.GUESSING)
        meter.dropped("untold", 3)
        meter.lost(4, 1)
        registry = registry_of(tmp_path / FOLDER)
    counted = {
        "lookout_up": ({"node": "pbx"}, 1),
        "security_events_total": ({"node": "pbx"}, 5),
        "security_events_forged_total": ({"node": "pbx"}, 2),
        "evidence_total": ({"site": "office", "sign": "guessing"}, 1),
    }
    for name, (labels, value) in counted.items():
        assert registry.get_sample_value(f"dialguard_{name}", labels) == value
    for why, count in (("untold", 3), ("lost", 4), ("odd", 1)):
        name = "dialguard_lookout_dropped_total"
        assert registry.get_sample_value(name, {"why": why}) == count


async def test_gauges_are_set_again_and_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Sessions and policies in every worker; leases in the one that has the store to ask."""
    monkeypatch.setattr("fastagi.daemon.counting.GAUGE_S", 0.01)
    store, sessions = ShakyStore(open_store("sqlite://:memory:")), [3]
    with meters_in(tmp_path / "metrics") as meters:
        counts = Counts(meters)

        def read(name: str, **labels: str) -> float | None:
            return registry_of(tmp_path / "metrics").get_sample_value(name, labels)

        async def until(name: str, wanted: float, **labels: str) -> None:
            async with asyncio.timeout(20):
                while read(name, **labels) != wanted:  # noqa: ASYNC110 - a few turns
                    await asyncio.sleep(0.01)

        for asked in (None, cast("Store", store)):
            gauging = asyncio.create_task(counts.gauge(lambda: sessions[0], policies(), asked))
            await until("dialguard_sessions", sessions[0])
            sessions[0] += 1
            await until("dialguard_sessions", sessions[0])
            assert read("dialguard_policy_refused") == 0
            if asked is None:
                assert read("dialguard_leases", site="office") is None
            else:
                await until("dialguard_leases", 0, site="office")
            gauging.cancel()
    await store.close()


async def test_nothing_is_looked_at_where_nobody_counts() -> None:
    """It ends at once."""
    async with asyncio.timeout(5):
        await Counts().gauge(lambda: 0, policies(), None)


def test_a_meter_that_counts_nothing() -> None:
    """Watchers tell it all the same."""
    nobody: WatchMeter = NoMeter()
    nobody.linked("pbx", up=True)
    nobody.bypassed("pbx", cast("object", None))  # type: ignore[arg-type]
    nobody.healed("pbx", "office")
