"""The options by which commands find records of calls."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from unittest.mock import patch
from zoneinfo import ZoneInfo

import pytest
import typer

from fastagi.cdr.columns import Field
from fastagi.cdr.plan import CsvFile, Database, Progress
from fastagi.cli import records as records_module
from fastagi.cli.output import Status, give_up
from fastagi.cli.records import URL_VARIABLE, chosen_records, reading_shown, tell_of_skipped
from fastagi.errors import RecordsError
from fastagi.policy.model import Transport
from tests.unit.cdr.rows import NOON, a_row, write

if TYPE_CHECKING:
    from pathlib import Path

SECRET_URL = "mysql://me:s3cret@127.0.0.1:1/asteriskcdrdb"


@pytest.fixture(autouse=True)
def no_database(monkeypatch: pytest.MonkeyPatch) -> None:
    """None is named by the environment."""
    monkeypatch.delenv(URL_VARIABLE, raising=False)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Three calls, the last of them in a trunk's context."""
    return write(
        tmp_path / "Master.csv",
        a_row(NOON),
        a_row(NOON + 86_400, uniqueid=""),
        a_row(NOON + 90_000, context="from-trunk", dst="s\x1b"),
    )


def said(capsys: pytest.CaptureFixture[str], status: Status, **options: Any) -> str:
    """Return what is said where the command ends at once."""
    with pytest.raises(typer.Exit) as raised:
        chosen_records(options.pop("files", []), **options)
    assert raised.value.exit_code == status
    return capsys.readouterr().err


def test_files(file: Path) -> None:
    """With everything that is said beside them."""
    with chosen_records(
        [file], timezone="UTC", address="10.0.0.5:5060", transport=Transport.TLS
    ) as records:
        calls = list(records)
    assert [(each.at, each.address, each.transport) for each in calls] == [
        (NOON, "10.0.0.5", "tls"),
        (NOON + 86_400, "10.0.0.5", "tls"),
    ]


@pytest.mark.parametrize(
    ("options", "count"),
    [
        ({"since": "2026-05-30"}, 1),
        ({"until": "2026-05-30"}, 1),
        ({"since": "2026-05-29 12:00", "until": "2026-05-30 12:00:00"}, 1),
        ({"since": "2026-05-29T14:00:01+02:00"}, 1),
        ({"trunk": ["101"]}, 0),
        ({"inbound_context": ["phones"]}, 0),
        ({}, 2),
    ],
)
def test_what_is_left_out(file: Path, options: dict[str, Any], count: int) -> None:
    """By time, in the zone of the records; by trunk; by context."""
    with chosen_records([file], timezone="UTC", **options) as records:
        assert len(list(records)) == count


def test_since_is_of_the_zone(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """That of the records, or of this machine."""
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    with chosen_records([file], since="2026-05-29 21:00") as records:
        assert records._plan.assumed.since == NOON
    with chosen_records([file], timezone="UTC", since="2026-05-29 12:00") as records:
        assert records._plan.assumed.since == NOON


def test_since_so_long_ago(file: Path) -> None:
    """As `shadow` takes it."""
    with (
        patch("time.time", return_value=NOON + 86_400.0),
        chosen_records([file], since="1d", until="12h") as records,
    ):
        assumed = records._plan.assumed
    assert (assumed.since, assumed.until) == (NOON, NOON + 43_200)


def test_a_cause_is_said_once(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Not once more as Python says it."""
    missing = tmp_path / "Master.csvv"
    with chosen_records([missing]) as records, pytest.raises(RecordsError) as raised:
        list(records)
    with pytest.raises(typer.Exit):
        give_up(raised.value)
    assert capsys.readouterr().err.count("No such file") == 1
    told = said(capsys, Status.FAILED, files=[missing], timezone="Europe/Lundon")
    assert told.count("Lundon") == 1


def test_a_folder_stands_for_its_master_csv(file: Path) -> None:
    """And for the rotated ones, not for those of accounts, which hold the same."""
    rotated = file.with_name("Master.csv.1.gz")
    rotated.write_bytes(b"")
    file.with_name("account.csv").write_text("")
    with chosen_records([file.parent]) as records:
        assert records._plan.sources == (CsvFile(file), CsvFile(rotated))


def test_a_folder_without_one(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """It is said."""
    assert "there is no `Master.csv` in" in said(capsys, Status.FAILED, files=[tmp_path])


def test_columns(tmp_path: Path) -> None:
    """By their names, with a delimiter that has one."""
    file = tmp_path / "export.csv"
    file.write_text("Wann\tWer\tdst\n2026-05-29 12:00:00\t101\t112\n")
    with chosen_records(
        [file], column=["at=Wann", " extension = Wer"], delimiter="tab", timezone="UTC"
    ) as records:
        assert [each[:3] for each in records] == [(NOON, "101", "112")]
    with chosen_records([file], columns=tmp_path / "cdr_custom.conf") as records:
        assert records._plan.sources == (CsvFile(file, tmp_path / "cdr_custom.conf"),)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"column": ["when=Wann"]}, "there is no field `when`; fields are at, dialled, extension"),
        ({"column": ["at"]}, "write which column it is: `--column at=NAME`"),
        ({"column": ["at= "]}, "write which column it is: `--column at=NAME`"),
        ({"delimiter": "::"}, "one character stands between cells"),
        ({"delimiter": '"'}, "one character stands between cells"),
        ({"since": "yesterday"}, "`yesterday` is no time; write `2026-09-01`"),
        ({"timezone": "London"}, "there is no time zone `London`"),
        ({"address": "here"}, "`here` is no IP address"),
        ({}, "no records: name files, or a database"),
    ],
)
def test_what_cannot_be_meant(
    tmp_path: Path, options: dict[str, Any], words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """It is said at once, with what to write."""
    files = [tmp_path / "Master.csv"] if options else None
    assert words in said(capsys, Status.FAILED, files=files, **options)


def test_a_database_of_the_environment(monkeypatch: pytest.MonkeyPatch, file: Path) -> None:
    """Where no files are named."""
    monkeypatch.setenv(URL_VARIABLE, SECRET_URL)
    with chosen_records(None, column=["extension=src"], table="calls") as records:
        chosen = {Field.EXTENSION: "src"}
        assert records._plan.sources == (Database(SECRET_URL, "calls", chosen),)
    with chosen_records([file]) as records:
        assert records._plan.sources == (CsvFile(file),)


def test_a_database_of_a_file(tmp_path: Path, file: Path) -> None:
    """Also beside files."""
    named = tmp_path / "url"
    named.write_text(f"{SECRET_URL}\n")
    with chosen_records([file], database_url_file=named) as records:
        assert records._plan.sources == (CsvFile(file), Database(SECRET_URL))


def test_a_password_that_everybody_can_read(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """It is said, without the password."""
    named = tmp_path / "url"
    named.write_text(SECRET_URL)
    named.chmod(0o600)
    chosen_records(None, database_url_file=named).close()
    assert capsys.readouterr().err == ""
    named.chmod(0o604)
    chosen_records(None, database_url_file=named).close()
    said = capsys.readouterr().err
    assert "everybody on this machine can read it: chmod 600" in said
    assert "s3cret" not in said


def test_a_file_with_no_url(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """It is not there, no text, or empty."""
    named = tmp_path / "url"
    assert "No such file" in said(capsys, Status.FAILED, database_url_file=named)
    named.write_bytes(b"\xff\xfe")
    assert "it is no text" in said(capsys, Status.FAILED, database_url_file=named)
    named.write_text(" \n")
    assert "is empty" in said(capsys, Status.FAILED, database_url_file=named)


def test_what_was_left_out_is_told(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """By kind, with an example in which nothing is a terminal's."""
    with chosen_records([file], timezone="UTC", since="2026-05-30") as records:
        list(records)
    records._tally.note("an hour off")
    records._tally.carried_by("101")
    records._tally.came_in_by("101")
    tell_of_skipped(records)
    assert capsys.readouterr().err.splitlines() == [
        "left out: 1 row outside the time asked for",
        "left out: 1 row of calls from outside, as Master.csv:3: PJSIP/101-0000002a to s�",
        "taken for trunks, as calls came in and went out by them: `101`",
        "an hour off",
    ]


def test_how_far_it_is_is_shown(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """In a terminal only, on stderr."""
    with reading_shown() as told:
        told(Progress(1, 2, 12_345))
    assert capsys.readouterr().err == ""
    monkeypatch.setenv("FORCE_COLOR", "1")
    with reading_shown() as told:
        told(Progress(1, 2, 12_345))
    shown = capsys.readouterr()
    assert "12,345 rows" in shown.err
    assert shown.out == ""


def test_the_zone_of_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """This machine's, where none is named."""
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    assert records_module._zone("") == ZoneInfo("Asia/Tokyo")
