"""Who is told."""

from __future__ import annotations

from dataclasses import replace

from fastagi.alerts.alert import Alert
from fastagi.alerts.kind import Kind
from tests.unit.alerts.conftest import TARGET


def test_nothing_secret_shows() -> None:
    """Of a URL its host may be secret, too."""
    assert "hunter2" not in f"{TARGET!r} {TARGET.name} {TARGET.label}"


def test_its_name_hangs_on_its_url_alone() -> None:
    """Gates that have it share what waits."""
    assert TARGET.name == replace(TARGET, label="x", alert="y", kinds=frozenset()).name
    assert TARGET.name != replace(TARGET, url="json://h/other").name


def test_one_for_some_sites_hears_of_these_alone() -> None:
    """Not of what is of none, such as the store."""
    some = replace(TARGET, sites=frozenset({"hotel"}))
    of_store = Alert(Kind.STORE, "store", "1", 0.0, "The store is away", "")
    for site, hears in (("hotel", True), ("office", False), ("", False)):
        assert some.hears_of(replace(of_store, site=site)) is hears
        assert TARGET.hears_of(replace(of_store, site=site))
    assert not replace(TARGET, kinds=frozenset({Kind.BRAKE})).hears_of(of_store)
