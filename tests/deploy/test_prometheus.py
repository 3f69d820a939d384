"""Alerts and dashboard: Prometheus reads them, and they ask for metrics that there are.

Each alert is shown a story in which it must fire and one in which it must not
(`alerts.test.yml`), and Prometheus' own checker runs them.
"""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from prometheus_client import Histogram, generate_latest

from fastagi.metrics.folder import registry_of
from tests.deploy.promtool import promtool
from tests.docs.commands_page import commands
from tests.doubles.meters_in import all_of, meters_in

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fastagi.metrics.meters import Meters

DEPLOY = Path(__file__).parents[2] / "deploy"
ALERTS = DEPLOY / "prometheus" / "alerts.yml"
STORIES = Path(__file__).parent / "alerts.test.yml"
DASHBOARD = json.loads((DEPLOY / "grafana" / "dialguard.json").read_text())
ALERT_NAMES = re.findall(r"- alert: (\w+)", ALERTS.read_text())

SUFFIXES = {"counter": ("_total",), "gauge": ("",), "histogram": ("_bucket", "_count", "_sum")}


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return where the metrics are."""
    return tmp_path_factory.mktemp("service") / "metrics"


@pytest.fixture(scope="module")
def meters(place: Path) -> Iterator[Meters]:
    """Return every metric there is."""
    with meters_in(place) as opened:
        yield opened


def labels_of(meters: Meters) -> dict[str, set[str]]:
    """Return the names a query may use, each with its labels."""
    names: dict[str, set[str]] = {}
    for meter in all_of(meters):
        for suffix in SUFFIXES[meter._type]:
            names[f"{meter._name}{suffix}"] = {*meter._labelnames}
    return names


def queries() -> list[str]:
    """Return every expression of alerts and dashboard."""
    rules = re.findall(r"expr: (?:\|\n)?(.*?)\n\s+(?:for|labels):", ALERTS.read_text(), re.DOTALL)
    return rules + [str(target["expr"]) for panel in panels() for target in panel["targets"]]


def panels() -> list[dict[str, Any]]:
    """Return the panels that show something."""
    return [panel for panel in DASHBOARD["panels"] if panel["type"] != "row"]


def test_prometheus_reads_the_alerts() -> None:
    """Its own checker says so."""
    assert f"SUCCESS: {len(ALERT_NAMES)} rules found" in promtool("check", "rules", str(ALERTS))


def test_alerts_fire_when_they_should_and_not_else(tmp_path: Path) -> None:
    """Story by story."""
    for file in (ALERTS, STORIES):
        shutil.copy(file, tmp_path)
    assert "SUCCESS" in promtool("test", "rules", STORIES.name, folder=tmp_path)


@pytest.mark.parametrize("alert", ALERT_NAMES)
def test_every_alert_has_a_story_of_firing_and_one_of_silence(alert: str) -> None:
    """An alert that was never seen to fire is none."""
    told = re.findall(rf"alertname: {alert}\n\s+exp_alerts:( \[\])?\n", STORIES.read_text())
    assert set(told) == {"", " []"}


def test_queries_ask_for_metrics_and_labels_that_there_are(meters: Meters) -> None:
    """A panel that is empty for ever looks like peace."""
    known = labels_of(meters)
    asked = queries()
    assert len(asked) > 40
    for query in asked:
        for name, _, chosen in re.findall(r"\b(dialguard_\w+)(\{([^}]*)\})?", query):
            assert name in known, query
            used = set(re.findall(r"(\w+)\s*(?:=|!=|=~)\s*\"", chosen))
            assert used <= known[name] | {"le", "instance", "job"}, query
        for grouped in re.findall(r"by \(([^)]*)\)", query):
            names = set(re.findall(r"\b(dialguard_\w+)", query))
            every = set.union(*(known[name] for name in names)) | {"le", "instance"}
            assert set(re.split(r",\s*", grouped)) <= every, query


def test_every_metric_is_on_the_dashboard(meters: Meters) -> None:
    """What nobody looks at need not be counted."""
    shown = " ".join(queries())
    assert [meter._name for meter in all_of(meters) if meter._name not in shown] == []


def test_prometheus_can_ask_every_query() -> None:
    """Its own parser reads them; Grafana's variables are put in first."""
    rules = "".join(
        f"      - {{record: 'q{n}', expr: {json.dumps(_filled(query))}}}\n"
        for n, query in enumerate(queries())
    )
    text = f"groups:\n  - name: all\n    rules:\n{rules}"
    assert "SUCCESS" in promtool("check", "rules", "/dev/stdin", typed=text)


def _filled(query: str) -> str:
    return query.replace("$__rate_interval", "5m").replace("$site", ".*")


def test_panels_have_a_place_and_a_name_of_their_own() -> None:
    """None lies on another one."""
    taken: set[tuple[int, int]] = set()
    for panel in panels():
        at = panel["gridPos"]
        cells = {
            (x, y)
            for x in range(at["x"], at["x"] + at["w"])
            for y in range(at["y"], at["y"] + at["h"])
        }
        assert not cells & taken, panel["title"]
        assert max(x for x, _ in cells) < 24
        taken |= cells
    assert len({panel["id"] for panel in DASHBOARD["panels"]}) == len(DASHBOARD["panels"])
    assert len({panel["title"] for panel in panels()}) == len(panels())


def test_the_names_are_as_prometheus_wants_them(meters: Meters, place: Path) -> None:
    """Its linter finds nothing in a page that has every metric."""
    fill(meters)
    page = generate_latest(registry_of(place))
    assert page.count(b"# TYPE") == len(all_of(meters))
    assert promtool("check", "metrics", typed=page.decode()) == ""


def fill(meters: Meters) -> None:
    """Have every metric say something."""
    for meter in all_of(meters):
        child = meter.labels(*("x" for _ in meter._labelnames)) if meter._labelnames else meter
        if isinstance(child, Histogram):
            child.observe(1)
        else:
            child.inc()


def test_alerts_name_commands_that_there_are() -> None:
    """Whoever is woken types them."""
    named = set(re.findall(r"`dialguard ([a-z ]+)`", ALERTS.read_text()))
    assert named
    for words in named:
        assert f"dialguard {words}" in commands()
