"""A service that runs on, and whose store does not: what costs is refused, soon, and it heals."""

from __future__ import annotations

import contextlib
import json
import sqlite3
import threading
import time
from typing import TYPE_CHECKING

import pytest

from fastagi.cli.pretend_asterisk import Call
from tests.integration.running import (
    DEADLINE_S,
    NATIONAL,
    POLICY,
    ROME,
    SATELLITE,
    Service,
    dialguard,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

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


# ----------------------------------------------------------------------------- without the store

AT_HOME = 'to   = ["national", "mobile", "toll-free"]\nthen = "allow"'
PASSES_ALONE = POLICY.replace(AT_HOME, f'{AT_HOME}\nwithout_store = "allow"')


@pytest.fixture(params=[1, 2])
def alone(start: Callable[..., Service], request: pytest.FixtureRequest) -> Service:
    """Return a service, of one worker or two, whose national calls pass without the store."""
    workers: int = request.param
    return start(policy=PASSES_ALONE, workers=workers).ready(workers)


def test_a_rule_lets_its_calls_through_while_the_store_hangs(alone: Service) -> None:
    """No others; and when it is back they count there, with no restart."""
    with _locked_by_another(alone):
        began = time.monotonic()
        assert alone.verdict("101", NATIONAL) == ("ALLOW", "allowed")
        assert time.monotonic() - began < PATIENCE_S
        assert alone.verdict("101", NATIONAL) == ("ALLOW", "allowed")
        assert alone.verdict("101", NATIONAL) == ("DENY", "limit-reached")
        assert alone.verdict("102", ROME)[0] == "DENY"
        assert alone.verdict("102", SATELLITE)[0] == "DENY"
        assert alone.verdict("102", "999") == ("ALLOW", "emergency")
    alone.wait_for("call-adopted", times=2)
    listed = dialguard(alone.folder, "calls")
    assert listed.stdout.count("at-home") == 2, listed
    assert alone.verdict("101", NATIONAL) == ("DENY", "limit-reached")
    assert alone.verdict("103", NATIONAL) == ("ALLOW", "allowed")
    alone.stop()  # all is on record then
    lines = (alone.folder / "decisions.jsonl").read_text().splitlines()
    said = [json.loads(line) for line in lines]
    assert [each["without_store"] for each in said if each["extension"] == "101"] == [
        *[True] * 3,
        False,
    ]


def test_a_call_that_ends_without_the_store_frees_its_slot_at_once(alone: Service) -> None:
    """The next one has it, while the store is away still."""
    with _locked_by_another(alone):
        phones = [alone.handset("101", NATIONAL) for _ in range(3)]
        calls = [Call(hear=lambda _: None, key=lambda _: "") for _ in phones]
        for phone, call in zip(phones[:2], calls[:2], strict=True):
            phone.dial(call)
            assert call.variables["GUARD_VERDICT"] == "ALLOW"
        hanging_up = threading.Thread(target=phones[0].hang_up)
        hanging_up.start()  # it waits for the store to hear it, too
        began = time.monotonic()
        while time.monotonic() - began < DEADLINE_S:
            phones[2].dial(calls[2])
            if calls[2].variables["GUARD_VERDICT"] == "ALLOW":
                break
        assert calls[2].variables["GUARD_VERDICT"] == "ALLOW"
    hanging_up.join()


def test_a_store_that_is_gone_lets_those_calls_through(alone: Service) -> None:
    """Its file is no database any more."""
    for file in alone.folder.glob("dialguard.db*"):
        file.write_bytes(b"no database" * 1000)
    assert alone.verdict("103", NATIONAL) == ("ALLOW", "allowed")
    assert alone.verdict("103", ROME)[0] == "DENY"
    assert alone.verdict("103", "999") == ("ALLOW", "emergency")
