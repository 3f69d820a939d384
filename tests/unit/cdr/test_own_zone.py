"""This machine's time zone."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from fastagi.cdr.own_zone import own_zone

if TYPE_CHECKING:
    import pytest

SUMMER = datetime(2026, 7, 1, tzinfo=UTC)


def test_the_environment_counts_first(monkeypatch: pytest.MonkeyPatch) -> None:
    """As for Asterisk."""
    monkeypatch.setenv("TZ", ":Europe/Berlin")
    assert own_zone() == ZoneInfo("Europe/Berlin")


def test_then_the_machine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """With its rules of summer time."""
    monkeypatch.delenv("TZ", raising=False)
    localtime = tmp_path / "localtime"
    localtime.write_bytes(_rules("Europe/Berlin"))
    zone = own_zone(localtime)
    assert SUMMER.astimezone(zone).hour == 2
    assert datetime(2026, 12, 1, tzinfo=UTC).astimezone(zone).hour == 1


def test_without_rules(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """What the clock of the machine shows."""
    monkeypatch.setenv("TZ", "Nowhere/At_all")
    assert SUMMER.astimezone(own_zone()).utcoffset() is not None
    monkeypatch.delenv("TZ")
    broken = tmp_path / "localtime"
    broken.write_bytes(b"no rules")
    assert SUMMER.astimezone(own_zone(broken)).utcoffset() is not None


def _rules(zone: str) -> bytes:
    from importlib.resources import files

    area, _, place = zone.partition("/")
    return (files("tzdata.zoneinfo") / area / place).read_bytes()
