"""Who is told."""

from __future__ import annotations

from dataclasses import replace

from tests.unit.alerts.conftest import TARGET


def test_nothing_secret_shows() -> None:
    """Of a URL its host may be secret, too."""
    assert "hunter2" not in f"{TARGET!r} {TARGET.name} {TARGET.label}"


def test_its_name_hangs_on_its_url_alone() -> None:
    """Gates that have it share what waits."""
    assert TARGET.name == replace(TARGET, label="x", alert="y", kinds=frozenset()).name
    assert TARGET.name != replace(TARGET, url="json://h/other").name
