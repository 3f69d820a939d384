"""A console over the office's store, at which nobody is an operator yet."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.unit.console.operators.backstage import Console, Ender

if TYPE_CHECKING:
    from pathlib import Path

    from tests.unit.console.world import World


@pytest.fixture(autouse=True)
def no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each page is read anew, as a test looks again at once; a busy machine is no store away."""
    monkeypatch.setattr("fastagi.console.operators.board.FRESH_S", 0.0)
    monkeypatch.setattr("fastagi.call.ports.STORE_PATIENCE_S", 20.0)


@pytest.fixture
def console(world: World, tmp_path: Path) -> Console:
    """Return the console."""
    return Console(world, tmp_path / "decisions.jsonl", Ender(world.ports.store), world.front)
