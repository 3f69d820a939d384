"""Who is told."""

from __future__ import annotations

from dataclasses import replace

from tests.unit.webhooks.conftest import HOOK, SECRET


def test_nothing_secret_shows() -> None:
    """Neither the secret, nor what may be one in the URL."""
    shown = f"{HOOK!r} {HOOK.host} {HOOK.name}"
    assert SECRET not in shown
    assert "hunter2" not in shown
    assert HOOK.host == "crm.example"


def test_its_name_hangs_on_its_url_alone() -> None:
    """Machines that have another secret or other events share what was told."""
    assert HOOK.name == replace(HOOK, secret="x", kinds=frozenset()).name
    assert HOOK.name != replace(HOOK, url="https://crm.example/other").name
