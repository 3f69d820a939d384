"""Files that commands write to."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest
import typer

from fastagi.cli.output_files import opened_file, refuse_overwriting, write_file

if TYPE_CHECKING:
    from pathlib import Path

    from tests.unit.cli.conftest import Dialguard

RECORDS = """\
calldate,channel,dst,duration,billsec,disposition
2026-09-01 10:00:00,PJSIP/101-00000001,902079460000,70,60,ANSWERED
"""


@pytest.fixture
def records(tmp_path: Path) -> Path:
    """Return records of a call."""
    file = tmp_path / "s3.csv"
    file.write_text(RECORDS)
    return file


@pytest.mark.parametrize("command", ["replay", "test", "audit", "report"])
def test_no_report_takes_the_place_of_a_policy(
    dialguard: Dialguard, records: Path, tmp_path: Path, command: str
) -> None:
    """Whichever it is: one slip on the command line, and nobody can call any more."""
    other = tmp_path / "other.toml"
    other.write_text("# the other office's\n")
    words = {
        "replay": [str(dialguard.policy), str(records), "--html", str(other)],
        "test": [str(dialguard.policy), "--junit", str(other)],
        "audit": [str(tmp_path), "--sarif", str(other)],
        "report": ["--settings", str(dialguard.settings), "--html", str(other)],
    }
    done = dialguard(command, *words[command])
    assert done.exit_code == 1, done.output
    assert "would hold a policy" in done.stderr
    assert other.read_text() == "# the other office's\n"


@pytest.mark.parametrize("option", ["--csv", "--html"])
def test_records_are_not_written_over(dialguard: Dialguard, records: Path, option: str) -> None:
    """Not by any name of theirs."""
    link = records.with_name("link.csv")
    link.symlink_to(records)
    for named in (records, link):
        done = dialguard("replay", str(dialguard.policy), str(records), option, str(named))
        assert (done.exit_code, "is read or written already" in done.stderr) == (1, True)
        assert records.read_text() == RECORDS


def test_records_in_a_folder_are_not_written_over(dialguard: Dialguard, records: Path) -> None:
    """It is the folder that was named."""
    master = records.rename(records.with_name("Master.csv"))
    words = ("replay", str(dialguard.policy), str(master.parent), "--csv", str(master))
    assert "is read or written already" in dialguard(*words).stderr
    assert master.read_text() == RECORDS


def test_two_outputs_are_two_files(dialguard: Dialguard, records: Path) -> None:
    """Also where there is none of them yet."""
    out = str(records.with_name("out"))
    done = dialguard("replay", str(dialguard.policy), str(records), "--csv", out, "--html", out)
    assert (done.exit_code, "is read or written already" in done.stderr) == (1, True)


def test_lines_are_as_they_were_where_there_is_no_call(
    dialguard: Dialguard, records: Path
) -> None:
    """Those of last week are no less right."""
    records.write_text(RECORDS.partition("\n")[0] + "\n")
    lines = records.with_name("lines.csv")
    lines.write_text("last week's")
    words = ("replay", str(dialguard.policy), str(records), "--csv", str(lines))
    assert dialguard(*words).exit_code == 1
    assert lines.read_text() == "last week's"
    assert not list(records.parent.glob(".lines*"))


def test_learn_does_not_write_over_what_it_learns_from(
    dialguard: Dialguard, records: Path
) -> None:
    """`--force` is for policies."""
    words = ("learn", str(records), "--output", str(records), "--force", "--timezone", "UTC")
    done = dialguard(*words, "--country", "GB")
    assert (done.exit_code, "is read or written already" in done.stderr) == (1, True)
    assert records.read_text() == RECORDS


def test_the_record_of_decisions_is_not_written_over(dialguard: Dialguard) -> None:
    """Nor what it was rotated to."""
    old = dialguard.folder / "decisions.jsonl.1"
    old.write_text("{}\n")
    done = dialguard.on_settings("report", "--html", str(old))
    assert (done.exit_code, "is read or written already" in done.stderr) == (1, True)


def test_what_is_meant_to_be_toml_may_be(tmp_path: Path) -> None:
    """And nothing is refused where nothing is written."""
    refuse_overwriting(None, [tmp_path])
    refuse_overwriting(tmp_path / "new.toml", [None, tmp_path / "other"], is_toml=True)


def test_a_file_is_written_whole_or_not_at_all(tmp_path: Path) -> None:
    """Whatever ends it."""
    file = tmp_path / "page.html"
    write_file(file, b"first")

    def interrupted() -> None:
        with opened_file(file) as opened:
            opened.write(b"sec")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert (file.read_bytes(), list(tmp_path.iterdir())) == (b"first", [file])


def test_a_pipe_is_written_to(tmp_path: Path) -> None:
    """As of `--html >(gzip)`; there is nothing to be replaced."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    write_file(pipe, b"page")
    assert os.read(reader, 10) == b"page"
    os.close(reader)


def test_what_cannot_be_written_ends_the_command(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """With the reason."""
    with pytest.raises(typer.Exit):
        write_file(tmp_path, b"page")
    assert "cannot be written: is a directory" in capsys.readouterr().err
