"""One page tells of all workers, whichever answers, and whoever of them was killed."""

from __future__ import annotations

import os
import re
import signal
import urllib.request
from typing import TYPE_CHECKING

from tests.deploy.promtool import promtool
from tests.e2e.rig.waiting import until
from tests.integration.running import DEADLINE_S, NATIONAL, SATELLITE, Service, free_port, prepare

if TYPE_CHECKING:
    from pathlib import Path

CALLS = 12


def start(folder: Path, workers: int) -> tuple[Service, int]:
    """Start a service that counts; return it, and where it tells."""
    port, metrics = prepare(folder, workers=workers), free_port()
    settings = folder / "dialguard.toml"
    settings.write_text(f'{settings.read_text()}\n[metrics]\nlisten = "127.0.0.1:{metrics}"\n')
    return Service(folder, port).start(), metrics


def scrape(port: int) -> str:
    """Return the page."""
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=DEADLINE_S) as page:
        return str(page.read().decode())


def value(page: str, name: str, **labels: str) -> float:
    """Return the sum of the series that have these labels."""
    total = 0.0
    for found, its_labels, number in re.findall(r"^(\w+)(?:\{(.*)\})? (\S+)$", page, re.MULTILINE):
        if found == name and all(f'{k}="{v}"' in its_labels for k, v in labels.items()):
            total += float(number)
    return total


def test_one_page_for_all_workers_dead_or_alive(tmp_path: Path) -> None:
    """Decisions are summed up, and none is lost with the worker that made it."""
    service, port = start(tmp_path, workers=2)
    try:
        service.ready(2)
        for number in range(CALLS):
            assert service.verdict(f"1{number:02}", NATIONAL)[0] == "ALLOW"
            assert service.verdict(f"1{number:02}", SATELLITE)[0] == "DENY"
        page = scrape(port)
        assert value(page, "dialguard_decisions_total", verdict="allow") == CALLS
        assert value(page, "dialguard_decisions_total", reason="rule") == CALLS
        assert value(page, "dialguard_answer_seconds_count", asked="no") == 2 * CALLS
        assert value(page, "dialguard_worker_starts_total") == 2
        assert value(page, "dialguard_store_seconds_count", outcome="ok") >= 2 * CALLS
        until(lambda: value(scrape(port), "dialguard_policy_workers", site="office") == 2)
        assert promtool("check", "metrics", typed=page) == ""
        for each in service.workers:
            os.kill(each, signal.SIGKILL)
        service.wait_for("worker-ready", times=4)
        page = scrape(port)
        assert value(page, "dialguard_decisions_total", verdict="allow") == CALLS
        assert value(page, "dialguard_worker_starts_total") == 4
    finally:
        service.stop()


def test_what_is_held_is_told(tmp_path: Path) -> None:
    """A call that goes on is a lease, and a slot of its limit."""
    service, port = start(tmp_path, workers=1)
    try:
        service.ready()
        limit = {"site": "office", "limit": "two-at-a-time"}
        until(lambda: value(scrape(port), "dialguard_store_looked_timestamp_seconds") > 0)
        assert value(scrape(port), "dialguard_leases", site="office") == 0
        service.dial("101", NATIONAL)
        until(lambda: value(scrape(port), "dialguard_leases", site="office") == 1, 40)
        assert value(scrape(port), "dialguard_limit_fullest_ratio", **limit) == 0.5
    finally:
        service.stop()


def test_a_port_for_metrics_that_is_taken_is_status_1(tmp_path: Path) -> None:
    """The service says which of its two it is, and closes the other."""
    first, port = start(tmp_path, workers=1)
    try:
        first.ready()
        other = tmp_path / "other"
        other.mkdir()
        prepare(other)
        settings = other / "dialguard.toml"
        settings.write_text(f'{settings.read_text()}\n[metrics]\nlisten = "127.0.0.1:{port}"\n')
        second = Service(other, 0).start()
        assert second.ended() == 1
        assert second.wait_for("cannot-listen")["address"] == f"127.0.0.1:{port}"
    finally:
        first.stop()
