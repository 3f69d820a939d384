"""docs/metrics.md has every metric, with its kind, its labels and what it tells."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from fastagi.server.refusal import Refusal
from fastagi.settings import load
from tests.doubles.meters_in import all_of, meters_in

if TYPE_CHECKING:
    from prometheus_client import Counter, Gauge, Histogram

PAGE = (Path(__file__).parents[2] / "docs" / "metrics.md").read_text()


def row_of(meter: Counter | Gauge | Histogram) -> str:
    """Return a metric's line of the table."""
    name = f"{meter._name}_total" if meter._type == "counter" else meter._name
    labels = " ".join(f"`{label}`" for label in meter._labelnames)
    return f"| `{name}` | {meter._type} | {labels} | {meter._documentation} |"


def test_every_metric_is_documented_and_no_other(tmp_path: Path) -> None:
    """In the order in which the code has them."""
    with meters_in(tmp_path / "metrics") as meters:
        rows = [row_of(each) for each in all_of(meters)]
    assert [line for line in PAGE.splitlines() if line.startswith("| `dialguard_")] == rows


def test_every_kind_of_refused_connection_is_documented() -> None:
    """They are a label's values."""
    table = PAGE.partition("| kind | |")[2]
    assert re.findall(r"^\| `([^`]*)`", table, re.MULTILINE) == [str(each) for each in Refusal]


def test_the_settings_shown_are_settings(tmp_path: Path) -> None:
    """What is copied from the page works."""
    table = PAGE.partition("```toml\n")[2].partition("```")[0].replace("# allow", "allow")
    file = tmp_path / "dialguard.toml"
    file.write_text(f'[policy]\nfile = "policy.toml"\n{table}')
    metrics = load(file).metrics
    assert metrics is not None
    assert (metrics.listen.port, str(metrics.allow[0])) == (9573, "192.0.2.9/32")
