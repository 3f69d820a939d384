"""A service that runs on, and whose store does not: what costs is refused, soon, and it heals."""

from __future__ import annotations

import contextlib
import sqlite3
import time
from typing import TYPE_CHECKING

from tests.integration.running import NATIONAL, ROME, Service

if TYPE_CHECKING:
    from collections.abc import Iterator

PATIENCE_S = 3.0  # far over the half second that the store is given: machines are noisy


@contextlib.contextmanager
def _locked_by_another(service: Service) -> Iterator[None]:
    """Hold the store's write lock, as a process that hangs amid a transaction would."""
    other = sqlite3.connect(service.folder / "dialguard.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    try:
        yield
    finally:
        other.close()


def test_a_store_that_hangs_refuses_what_costs_and_heals(service: Service) -> None:
    """Nobody waits for long; an ambulance and a colleague get through; then all is well."""
    assert service.verdict("101", NATIONAL) == ("ALLOW", "allowed")
    with _locked_by_another(service):
        for dialled in (NATIONAL, ROME):
            began = time.monotonic()
            verdict, reason = service.verdict("102", dialled)
            assert (verdict, reason in {"store-down", "not-enrolled"}) == ("DENY", True)
            assert time.monotonic() - began < PATIENCE_S
        assert service.verdict("102", "999") == ("ALLOW", "emergency")
        assert service.verdict("102", "101") == ("ALLOW", "internal")
    assert service.verdict("102", NATIONAL) == ("ALLOW", "allowed")


def test_a_store_that_is_gone_lets_nothing_through(service: Service) -> None:
    """Its file is no database any more; emergency calls pass."""
    for file in service.folder.glob("dialguard.db*"):
        file.write_bytes(b"no database" * 1000)
    assert service.verdict("103", NATIONAL)[0] == "DENY"
    assert service.verdict("103", "999") == ("ALLOW", "emergency")
