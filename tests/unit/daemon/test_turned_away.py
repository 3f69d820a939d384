"""What is refused at the door is on record, too."""

from __future__ import annotations

import pytest

from fastagi.daemon.turned_away import REASONS, recorder
from fastagi.decision_log.record import Record
from fastagi.policy.model import Reason, Verdict
from fastagi.server.refusal import Refusal, Refused


class _Log:
    def __init__(self) -> None:
        self.records: list[Record] = []

    def record(self, record: Record) -> None:
        self.records.append(record)


@pytest.mark.parametrize("kind", sorted(set(Refusal) - {Refusal.STRANGER}))
def test_a_call_refused_at_the_door_is_recorded(kind: Refusal) -> None:
    """The operator sees which Asterisk it came from, and what was wrong."""
    log = _Log()
    recorder(log, lambda: 7.0)(Refused(kind, "127.0.0.1", "why"))
    (record,) = log.records
    assert (record.at, record.node, record.rule) == (7.0, "127.0.0.1", kind)
    assert (record.verdict, record.reason) == (Verdict.DENY, REASONS[kind])
    assert record.reason in {Reason.BUSY, Reason.BAD_QUESTION}


def test_a_strangers_connection_is_no_call() -> None:
    """Whoever scans the port cannot fill the record."""
    log = _Log()
    recorder(log, lambda: 7.0)(Refused(Refusal.STRANGER, "192.0.2.7", "why"))
    assert log.records == []
