"""Services for the tests, ended whatever becomes of the test."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.integration.running import POLICY, Service, prepare

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[..., Service]]:
    """Return what starts a service in the test's folder."""
    services: list[Service] = []

    def start(*, policy: str = POLICY, workers: int = 1) -> Service:
        port = prepare(tmp_path, policy=policy, workers=workers)
        services.append(Service(tmp_path, port).start())
        return services[-1]

    yield start
    for service in services:
        service.stop()


@pytest.fixture
def service(start: Callable[..., Service]) -> Service:
    """Return a service of one worker that answers."""
    return start().ready()
