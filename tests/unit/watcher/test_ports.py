"""What a watcher needs of the world."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from fastagi.watcher.ports import NoMeter, WatchMeter

if TYPE_CHECKING:
    from fastagi.watcher.bypass import Bypass


def test_where_nobody_counts_nothing_happens() -> None:
    """It is asked the same."""
    meter: WatchMeter = NoMeter()
    meter.linked("pbx", up=True)
    meter.bypassed("pbx", cast("Bypass", None))
    meter.healed("pbx", "office")
