"""`dialguard records`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from typer.testing import CliRunner

from fastagi.cli.app import application
from fastagi.cli.output import Status
from tests.unit.cdr.rows import a_row, write

if TYPE_CHECKING:
    from typer.testing import Result

RECORDED = Path(__file__).parents[1] / "cdr" / "recorded" / "freepbx-on-22.csv"


def run(*words: str) -> Result:
    """Run the command in UTC."""
    return CliRunner(env={"TZ": "UTC", "DIALGUARD_CDR_URL": ""}).invoke(
        application(), ["records", *words]
    )


def test_what_records_hold() -> None:
    """The first calls, how many there are, and what was left out."""
    done = run(str(RECORDED), "--show", "2")
    assert done.exit_code == Status.DONE
    lines = done.stdout.splitlines()
    assert lines[0].endswith("\t101\t907400123456\t5\t1\tmy-trunk\tfreepbx-on-22.csv:2")
    assert len(lines) == 4
    assert lines[3] == "most of them by 101 12, 102 2"
    assert lines[2].startswith("31 rows are 14 calls of 2 phones, from 2026-11-30 ")
    assert "left out: 8 rows of Local channels" in done.stderr
    assert "taken for trunks, as calls came in and went out by them: `trunk-one`" in done.stderr


def test_for_programs() -> None:
    """Everything that is counted."""
    done = run(str(RECORDED), "--json", "--show", "1")
    assert done.exit_code == Status.DONE
    said = json.loads(done.stdout)
    assert (said["rows"], said["calls"], said["folded"]) == (31, 14, 6)
    assert said["skipped"] == {"inbound": 3, "local": 8}
    assert said["callers"] == {"101": 12, "102": 2}
    assert said["shown"][0]["dialled"] == "907400123456"
    assert said["first"] < said["last"]


def test_only_those_who_call_most_are_named(tmp_path: Path) -> None:
    """And that there are more."""
    channels = [f"PJSIP/{number}-0000002a" for number in range(100, 110)]
    rows = [a_row(channel=each, uniqueid="") for each in [*channels, channels[3]]]
    rows[-1][2] = "112"
    last = run(str(write(tmp_path / "Master.csv", *rows))).stdout.splitlines()[-1]
    assert last == "most of them by 103 2, 100 1, 101 1, 102 1, 104 1, 105 1, 106 1, 107 1, …"


def test_no_call_at_all(tmp_path: Path) -> None:
    """It fails, as whoever asked expects some."""
    file = write(tmp_path / "Master.csv", a_row(dst="s"))
    done = run(str(file))
    assert done.exit_code == Status.FAILED
    assert "no call of a phone is in these records" in done.stderr
    assert json.loads(run(str(file), "--json").stdout)["first"] is None


@pytest.mark.parametrize("words", [["nothing.csv"], []])
def test_nothing_to_read(words: list[str]) -> None:
    """It is said, without a traceback."""
    done = run(*words)
    assert done.exit_code == Status.FAILED
    assert done.stderr.startswith("error: ")


def test_that_nobody_knows_how_long_was_talked_is_told(tmp_path: Path) -> None:
    """Before money is made of it."""
    file = tmp_path / "small.csv"
    file.write_text("calldate,extension,dst\n2026-05-29 12:00:00,101,902079460000\n")
    assert "small.csv: no column says how long was talked" in run(str(file)).stderr
    assert json.loads(run(str(file), "--json").stdout)["untimed"] == ["small.csv"]


def test_phones_that_mostly_call_once_are_odd(tmp_path: Path) -> None:
    """So it is where the columns of caller and called were taken for one another."""
    rows = [
        f"2026-05-29 12:00:00,{number % 3 + 101},{902079460000 + number}" for number in range(30)
    ]
    file = tmp_path / "export.csv"
    file.write_text("\n".join(["calldate,from,to", *rows]) + "\n")
    swapped = run(str(file), "--column", "extension=to", "--column", "dialled=from")
    assert "30 calls of 30 phones" in swapped.stdout
    assert "most of these phones called once" in swapped.stderr
    right = run(str(file), "--column", "extension=from", "--column", "dialled=to")
    assert "called once" not in right.stderr
