"""What the service said, for the tests of the watcher."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from structlog.testing import capture_logs

if TYPE_CHECKING:
    from collections.abc import Iterator

    from structlog.typing import EventDict


@pytest.fixture
def service_said() -> Iterator[list[EventDict]]:
    """What the service said, as it says it."""
    with capture_logs() as said:
        yield said
