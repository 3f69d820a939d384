"""`decision_log.writer`: calls never wait, losses are counted and told, the disk may come back."""

from __future__ import annotations

import json
import threading
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
import structlog

from fastagi.decision_log import DecisionLog, Record
from fastagi.decision_log.shared_file import SharedFile
from fastagi.numbering.number import Category
from fastagi.policy.model import Reason, Verdict

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, MutableMapping
    from pathlib import Path

PATIENCE_S = 10.0


def _record(call: str) -> Record:
    return Record(
        at=1767607800.0,
        site="office",
        call=call,
        extension="101",
        verdict=Verdict.ALLOW,
        reason=Reason.ALLOWED,
        rule="at-home",
        reference="4071",
        number="+442079460123",
        category=Category.NATIONAL,
    )


class Disk:
    """Stands in for the file's `append`: does as told, and lets the test wait for each try."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.written: list[bytes] = []
        self.answers: Callable[[], OSError | None] = lambda: None
        self.open = threading.Event()
        self.open.set()
        self.tried = threading.Semaphore(0)
        monkeypatch.setattr(SharedFile, "append", self._append)

    def _append(self, lines: bytes) -> OSError | None:
        self.tried.release()
        assert self.open.wait(PATIENCE_S)
        answer = self.answers()
        self.written += lines.splitlines()
        return answer

    def wait_for_tries(self, count: int) -> None:
        """Wait until so many more writes were tried."""
        for _ in range(count):
            assert self.tried.acquire(timeout=PATIENCE_S)

    def fail(self) -> None:
        """Let every write fail from now on."""
        self.answers = self._full

    def _full(self) -> OSError | None:
        raise OSError(28, "No space left on device")


@pytest.fixture
def told() -> Iterator[list[MutableMapping[str, object]]]:
    """What the service's log is told."""
    with structlog.testing.capture_logs() as entries:
        yield entries


@pytest.fixture
def disk(monkeypatch: pytest.MonkeyPatch) -> Disk:
    """A disk that does as the test says."""
    return Disk(monkeypatch)


def _events(told: list[MutableMapping[str, object]]) -> list[object]:
    return [entry["event"] for entry in told]


def test_decisions_are_on_record_when_the_log_is_closed(tmp_path: Path) -> None:
    """In their order, masked, and found again by their reference."""
    path = tmp_path / "decisions.jsonl"
    log = DecisionLog(path, 4)
    for number in range(1_200):
        log.record(_record(str(number)))
    log.close()

    entries = [json.loads(each) for each in path.read_text().splitlines()]
    assert [each["call"] for each in entries] == [str(number) for number in range(1_200)]
    assert {each["number"] for each in entries} == {"+44207946xxxx"}
    assert next(log.lookup("4071"))["call"] == "1199"
    assert log.dropped == 0


def test_an_idle_log_closes(tmp_path: Path) -> None:
    """Without a decision there is no file."""
    DecisionLog(tmp_path / "decisions.jsonl", 4).close()

    assert list(tmp_path.iterdir()) == []


def test_a_full_queue_drops_and_tells(
    tmp_path: Path, disk: Disk, told: list[MutableMapping[str, object]]
) -> None:
    """While the disk hangs `record` returns at once; the loss is counted and told once."""
    log = DecisionLog(tmp_path / "log", 4, most_waiting=3)
    disk.open.clear()
    log.record(_record("hangs"))
    disk.wait_for_tries(1)
    for number in range(8):
        log.record(_record(str(number)))
    assert log.dropped == 5
    disk.open.set()
    log.close()

    assert [json.loads(each)["call"] for each in disk.written] == ["hangs", "0", "1", "2"]
    assert _events(told) == ["decisions-not-on-record"]
    assert told[0]["count"] == 5


def test_where_the_queue_is_full_who_has_most_of_it_loses_the_newest(
    tmp_path: Path, disk: Disk
) -> None:
    """A flood of one site pushes no decision of another off the record, and nothing moves."""
    log = DecisionLog(tmp_path / "log", 4, most_waiting=4)
    disk.open.clear()
    log.record(_record("hangs"))
    disk.wait_for_tries(1)
    for number in range(9):
        log.record(_record(str(number)))
    for number in range(3):
        log.record(replace(_record(f"own {number}"), site="branch"))
    log.record(_record("last"))
    assert log.dropped == 9
    disk.open.set()
    log.close()

    kept = [json.loads(each)["call"] for each in disk.written]
    assert kept == ["hangs", "0", "1", "own 0", "own 1"]


def test_a_full_disk_is_told_once_and_recovers(
    tmp_path: Path, disk: Disk, told: list[MutableMapping[str, object]]
) -> None:
    """However often it is tried; when there is room again nothing is missing."""
    log = DecisionLog(tmp_path / "log", 4, retry_s=0.001)
    disk.fail()
    log.record(_record("first"))
    disk.wait_for_tries(5)
    log.record(_record("second"))
    assert _events(told) == ["decision-log-not-written"]
    disk.answers = lambda: None
    log.close()

    assert [json.loads(each)["call"] for each in disk.written] == ["first", "second"]
    assert _events(told) == ["decision-log-not-written", "decision-log-written-again"]
    assert log.dropped == 0


def test_a_batch_that_breaks_is_counted_and_the_next_is_written(
    tmp_path: Path, disk: Disk, told: list[MutableMapping[str, object]]
) -> None:
    """Whatever is wrong with a record, those after it are not lost for want of a thread."""
    log = DecisionLog(tmp_path / "log", 4)
    log.record(replace(_record("of no time"), at=float("inf")))
    while not log.dropped:
        threading.Event().wait(0.001)
    log.record(_record("next"))
    log.close()

    assert [json.loads(each)["call"] for each in disk.written] == ["next"]
    assert _events(told) == ["decision-log-broke", "decisions-not-on-record"]
    assert log.dropped == 1


def test_a_folder_that_is_gone_comes_back(
    tmp_path: Path, told: list[MutableMapping[str, object]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the real file: something else in the folder's place, then nothing."""
    append, tried = SharedFile.append, threading.Semaphore(0)

    def spied(file: SharedFile, lines: bytes) -> OSError | None:
        tried.release()
        return append(file, lines)

    monkeypatch.setattr(SharedFile, "append", spied)
    path = tmp_path / "log" / "decisions.jsonl"
    path.parent.write_text("in the way")
    log = DecisionLog(path, 4, retry_s=0.001)
    log.record(_record("first"))
    assert all(tried.acquire(timeout=PATIENCE_S) for _ in range(2))
    path.parent.unlink()
    log.close()

    assert _events(told) == ["decision-log-not-written", "decision-log-written-again"]
    assert [entry["call"] for entry in log.lookup("4071")] == ["first"]


def test_closing_does_not_wait_for_a_full_disk(
    tmp_path: Path, disk: Disk, told: list[MutableMapping[str, object]]
) -> None:
    """What cannot be written is given up, counted and told."""
    log = DecisionLog(tmp_path / "log", 4, retry_s=3600)
    disk.fail()
    log.record(_record("first"))
    disk.wait_for_tries(1)
    log.record(_record("second"))
    log.close()

    assert log.dropped == 2
    assert _events(told)[0] == "decision-log-not-written"
    assert sum(int(str(each["count"])) for each in told[1:]) == 2


def test_closing_does_not_wait_for_a_hung_disk(
    tmp_path: Path, disk: Disk, told: list[MutableMapping[str, object]]
) -> None:
    """A disk that never answers is left to itself."""
    log = DecisionLog(tmp_path / "log", 4)
    disk.open.clear()
    log.record(_record("first"))
    disk.wait_for_tries(1)
    log.close(patience_s=0.001)

    assert _events(told) == ["decision-log-hangs"]
    disk.open.set()


def test_a_closed_log_takes_no_more(tmp_path: Path) -> None:
    """It is counted, not raised."""
    log = DecisionLog(tmp_path / "decisions.jsonl", 4)
    log.close()
    log.record(_record("late"))

    assert log.dropped == 1


def test_a_file_that_cannot_be_rotated_is_told_once(
    tmp_path: Path, disk: Disk, told: list[MutableMapping[str, object]]
) -> None:
    """And the lines are written all the same."""
    log = DecisionLog(tmp_path / "log", 4)
    disk.answers = lambda: PermissionError(13, "Permission denied")
    for number in range(3):
        log.record(_record(str(number)))
        disk.wait_for_tries(1)
    log.close()

    assert len(disk.written) == 3
    assert _events(told) == ["decision-log-not-rotated"]


def test_the_service_log_can_be_handed_over(tmp_path: Path, disk: Disk) -> None:
    """A bound logger tells which worker it was."""
    disk.fail()
    with structlog.testing.capture_logs() as told:
        log = DecisionLog(tmp_path / "log", 4, log=structlog.get_logger().bind(worker=2))
        log.record(_record("first"))
        disk.wait_for_tries(1)
        log.close()

    assert {each["worker"] for each in told} == {2}
