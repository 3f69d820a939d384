"""Opening records."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from fastagi.cdr import records as records_module
from fastagi.cdr.plan import Assumed, CsvFile, Progress
from fastagi.cdr.records import open_records
from fastagi.errors import RecordsError
from tests.unit.cdr.rows import NOON, a_row, write

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Two calls, one of them in two rows, and some that are none."""
    return write(
        tmp_path / "Master.csv",
        a_row(NOON + 60, uniqueid="1.1"),
        a_row(NOON),
        a_row(NOON + 5, uniqueid=f"pbx-{NOON}.42"),
        a_row(NOON, channel="Local/1@x-00000001;1", dstchannel=""),
        a_row(NOON, context="from-trunk", channel="PJSIP/my-trunk-00000001", dst="s"),
    )


@pytest.mark.parametrize("beside", [False, True])
def test_calls_and_counts(file: Path, beside: bool) -> None:
    """The same in this process and beside it."""
    told: list[Progress] = []
    with open_records([file], Assumed(zone="UTC"), told=told.append, beside=beside) as records:
        calls = list(records)
    assert [each.at for each in calls] == [NOON, NOON + 60]
    assert calls[0].place == "Master.csv:2"
    assert (records.rows, records.calls, records.folded) == (5, 2, 1)
    assert records.skipped == {"local": 1, "inbound": 1}
    assert records.examples["local"] == ("Master.csv:4: Local/1@x-00000001;1",)
    assert records.trunks == ("my-trunk",)
    assert records.notes == ()
    assert told[-1] == records.progress
    assert records.progress.done == records.progress.total == file.stat().st_size


@pytest.mark.parametrize("beside", [False, True])
def test_what_cannot_be_read(tmp_path: Path, beside: bool) -> None:
    """It is raised where calls are asked for."""
    with (
        open_records([tmp_path / "nothing.csv"], beside=beside) as records,
        pytest.raises(RecordsError, match=r"nothing.csv` cannot be read"),
    ):
        list(records)


@pytest.mark.parametrize("beside", [False, True])
def test_leaving_early(file: Path, beside: bool) -> None:
    """The other process ends, too."""
    with open_records([file], beside=beside) as records:
        assert next(iter(records)).extension == "101"
    assert list(records) == []
    assert records._beside is None or records._beside._process.returncode is not None


def test_what_is_large_is_read_beside(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """And what is small is not worth a process."""
    with open_records([CsvFile(file)]) as records:
        assert records._beside is None
    monkeypatch.setattr(records_module, "LARGE", 10)
    with open_records([file]) as records:
        assert records._beside is not None


def test_nothing_to_read() -> None:
    """It is said at once, as is a zone that there is not."""
    with pytest.raises(RecordsError, match="no records: name files, or a database"):
        open_records([])


def test_no_such_zone(file: Path) -> None:
    """Before anything is read."""
    with pytest.raises(RecordsError, match="there is no time zone `Mars/Olympus`"):
        open_records([file], Assumed(zone="Mars/Olympus"))


@pytest.mark.parametrize("beside", [False, True])
def test_what_does_not_say_how_long_was_talked_is_named(file: Path, beside: bool) -> None:
    """Its calls are no calls of nought seconds."""
    small = file.with_name("small.csv")
    small.write_text("calldate,extension,dst\n2026-05-29 12:00:00,101,902079460000\n")
    with open_records([file, small], Assumed(zone="UTC"), beside=beside) as records:
        assert len(list(records)) == 3
    assert records.untimed == ("small.csv",)
    assert records.notes == (
        "small.csv: no column says how long was talked: money and minutes are not known; say "
        "`--column talked=NAME`, if there is one",
    )
