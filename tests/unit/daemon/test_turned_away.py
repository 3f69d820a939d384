"""What is refused at the door is on record, too."""

from __future__ import annotations

from ipaddress import ip_address

import pytest

from fastagi.daemon.turned_away import NO_CALLS, PROBES, REASONS, recorder, sighted
from fastagi.decision_log.record import Record
from fastagi.policy.model import Reason, Verdict
from fastagi.server.refusal import Refusal, Refused
from fastagi.signs.sighting import Seen, Sighting
from tests.doubles.lookout import Lookout


class _Log:
    def __init__(self) -> None:
        self.records: list[Record] = []

    def record(self, record: Record) -> None:
        self.records.append(record)


@pytest.mark.parametrize("kind", sorted(set(Refusal) - NO_CALLS))
def test_a_call_refused_at_the_door_is_recorded(kind: Refusal) -> None:
    """The operator sees which Asterisk it came from, and what was wrong."""
    log = _Log()
    recorder(log, lambda: 7.0)(Refused(kind, "127.0.0.1", "why"))
    (record,) = log.records
    assert (record.at, record.node, record.rule) == (7.0, "127.0.0.1", kind)
    assert (record.verdict, record.reason) == (Verdict.DENY, REASONS[kind])
    assert record.reason in {Reason.BUSY, Reason.BAD_QUESTION}


@pytest.mark.parametrize("kind", sorted(NO_CALLS))
def test_a_strangers_connection_is_no_call(kind: Refusal) -> None:
    """Whoever scans the port cannot fill the record."""
    log = _Log()
    recorder(log, lambda: 7.0)(Refused(kind, "192.0.2.7", "why"))
    assert log.records == []


def _see(kind: Refusal, peer: str) -> list[Sighting]:
    lookout, told = Lookout(), list[Refused]()
    refused = Refused(kind, peer, "why")
    sighted(told.append, lookout, lambda: 7.0)(refused)
    assert told == [refused]
    return lookout.seen


def test_a_stranger_is_seen_with_an_address() -> None:
    """Who shook hands over TCP is there."""
    (seen,) = _see(Refusal.STRANGER, "192.0.2.7")
    there = ip_address("192.0.2.7")
    assert seen == Sighting(7.0, Seen.PROBE, address=there, transport="tcp", proven=True)
    (scoped,) = _see(Refusal.STRANGER, "fe80::1%eth0")
    assert scoped.address == ip_address("fe80::1")
    (gone,) = _see(Refusal.STRANGER, "")
    assert gone.address is None


@pytest.mark.parametrize("kind", sorted(PROBES - {Refusal.STRANGER}))
def test_an_asterisk_of_ours_is_never_seen_as_an_address(kind: Refusal) -> None:
    """What is odd about its question may be the text of whoever calls: nobody is to ban it."""
    (seen,) = _see(kind, "10.0.0.5")
    assert seen == Sighting(7.0, Seen.PROBE, transport="tcp", node="10.0.0.5")


@pytest.mark.parametrize("kind", sorted(set(Refusal) - PROBES))
def test_who_is_slow_or_one_too_many_is_no_attacker(kind: Refusal) -> None:
    """It is on record, and nothing more."""
    assert _see(kind, "10.0.0.5") == []
