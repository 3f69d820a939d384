"""Meters in a folder of a test's own; what they change in the process is put back."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest
from prometheus_client import Counter, Gauge, Histogram, values

from fastagi.metrics import folder
from fastagi.metrics.meters import Meters

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@contextmanager
def meters_in(place: Path) -> Iterator[Meters]:
    """Open meters as a worker does."""
    with pytest.MonkeyPatch.context() as changed:
        changed.setenv(folder.VARIABLE, "")
        changed.setattr(values, "ValueClass", values.ValueClass)
        with folder.opened(place) as opened:
            yield opened


def all_of(meters: Meters) -> list[Counter | Gauge | Histogram]:
    """Return every metric there is."""
    return [each for each in vars(meters).values() if each is not meters.registry]
