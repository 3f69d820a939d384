"""Meters in a folder of the test's own, and what Prometheus would read of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

import pytest

from fastagi.metrics import folder
from tests.doubles.meters_in import meters_in

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from fastagi.metrics.meters import Meters

    Read: TypeAlias = Callable[..., float | None]


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """Return a folder for metrics, not made yet."""
    return tmp_path / "metrics"


@pytest.fixture
def meters(place: Path) -> Iterator[Meters]:
    """Return the meters of one worker."""
    with meters_in(place) as opened:
        yield opened


@pytest.fixture
def read(place: Path) -> Read:
    """Return what reads one value, over all workers; None where there is none."""

    def value(name: str, **labels: str) -> float | None:
        return folder.registry_of(place).get_sample_value(name, labels)

    return value
