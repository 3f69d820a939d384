"""`decision_log.history`: every line from one moment to another, over all files, in any state."""

from __future__ import annotations

import gzip
import os
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fastagi.decision_log import history
from fastagi.decision_log.history import files_of, head_of, lines_between, oldest_moment
from fastagi.decision_log.record import Record, line
from fastagi.policy.model import Reason, Verdict

if TYPE_CHECKING:
    from pathlib import Path

NOW = 1_796_040_000.0


def decision(at: float, **said: str) -> str:
    """Return one line."""
    given = {"site": "office", "call": "1.1", "extension": "101", "rule": "r"} | said
    return line(
        Record(
            at=at,
            verdict=Verdict.DENY,
            reason=Reason.RULE,
            reference="4071",
            **given,  # type: ignore[arg-type]  # texts, all of them
        ),
        mask=0,
    )


@pytest.fixture
def log(tmp_path: Path) -> Path:
    """A file in use, a rotated one and a compressed one."""
    path = tmp_path / "decisions.jsonl"
    (tmp_path / "decisions.jsonl.2.gz").write_bytes(gzip.compress(decision(NOW - 300).encode()))
    (tmp_path / "decisions.jsonl.1").write_text(decision(NOW - 200))
    path.write_text(decision(NOW - 100) + decision(NOW))
    for age, name in enumerate((".2.gz", ".1", "")):
        os.utime(f"{path}{name}", (NOW - 300 + 100 * age, NOW - 300 + 100 * age))
    return path


def moments(log: Path, since: float, until: float = NOW + 1) -> list[float]:
    """Return how long before now each line that is found is."""
    found = lines_between(files_of([log], since), since, until)
    return [int(NOW - NOW // 86_400 * 86_400) - _clock(each) for each in found]


def _clock(raw: bytes) -> int:
    hours, minutes, seconds = raw[20:28].decode().split(":")
    return int(hours) * 3600 + int(minutes) * 60 + int(seconds)


def test_all_files_are_read_the_oldest_first(log: Path) -> None:
    """Also the compressed one."""
    assert moments(log, NOW - 1000) == [300, 200, 100, 0]


def test_only_what_is_between_is_read(log: Path) -> None:
    """From the first moment on, and before the last; files that ended before are not opened."""
    assert moments(log, NOW - 200, NOW) == [200, 100]
    assert len(files_of([log], NOW - 150)) == 1


def test_a_record_that_is_named_twice_is_read_once(log: Path) -> None:
    """As is a file that two names lead to."""
    again = log.with_name("again")
    again.symlink_to(log)
    assert len(files_of([log, log, again], 0)) == 3


def test_where_there_is_no_record_there_is_nothing(tmp_path: Path) -> None:
    """No file yet, no folder; and a file that is gone by then."""
    assert files_of([tmp_path / "no" / "log"], 0) == []
    assert list(lines_between([tmp_path / "gone"], 0, NOW)) == []


@pytest.mark.parametrize("cut", [3, 20, -9])
def test_a_compressed_file_that_is_not_whole_is_read_as_far_as_it_goes(
    tmp_path: Path, cut: int
) -> None:
    """It ends the file, and no more."""
    broken, good = tmp_path / "log.1.gz", tmp_path / "log"
    broken.write_bytes(gzip.compress(decision(NOW).encode() * 50)[:cut])
    good.write_text(decision(NOW))
    assert list(lines_between([broken, good], 0, NOW + 1))[-1] == decision(NOW).encode()


def test_what_is_no_whole_line_of_a_decision_is_passed_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Other text, half a line, and one that is too long: nor is its end taken for a line."""
    monkeypatch.setattr(history, "LINE_BYTES", 2_000)
    file = tmp_path / "log"
    long = decision(NOW, rule="x" * 4_000).rstrip() + decision(NOW)
    good = decision(NOW)
    file.write_text(f"nonsense\n\n{long}{good}{good.rstrip()}")
    assert list(lines_between([file], 0, NOW + 1)) == [good.encode()]


def test_a_line_is_known_by_how_it_begins() -> None:
    """As the service writes it."""
    head = head_of(decision(NOW, address="10.0.0.1").encode())
    assert head == (b"2026-11-30", b"office", b"1.1", b"101", b"10.0.0.1")
    assert head_of(b'{"time":"2026-11-30"}') is None


@given(text=st.text(max_size=60), other=st.text(max_size=60))
def test_no_text_looks_like_a_field(text: str, other: str) -> None:
    """Whatever a caller names himself, what is read of the beginning is that field or nothing."""
    hostile = f'","extension":"101","x":"{text}'
    assert head_of(decision(NOW, call=hostile, extension=other).encode()) is None
    head = head_of(decision(NOW, extension=other).encode())
    assert head is None or head.extension == other.encode()
    assert b'"verdict":"allow"' not in decision(NOW, call='"verdict":"allow"').encode()


def test_the_oldest_line_is_found_over_all_files(log: Path, tmp_path: Path) -> None:
    """A policy that it refers to is kept as long."""
    assert oldest_moment(log) == decision(NOW - 300)[9:33]
    assert oldest_moment(tmp_path / "none.jsonl") is None
    (tmp_path / "other.jsonl").write_text("no line\n" + decision(NOW))
    assert oldest_moment(tmp_path / "other.jsonl") == decision(NOW)[9:33]
