"""`dialguard replay`."""

from __future__ import annotations

import csv
import gc
import json
from typing import TYPE_CHECKING

import pytest

from fastagi.cli.replay import COLLECTED_EVERY, _collected_rarely
from tests.doubles import leaked_month
from tests.unit.replay.samples import AT_HOME, GAMBIA, ITALY, OFFICE, a_call, moment

if TYPE_CHECKING:
    from pathlib import Path

    from typer.testing import Result

    from tests.unit.cli.conftest import Dialguard

NIGHT = moment("2026-12-12 23:00")


def run(dialguard: Dialguard, *words: object) -> Result:
    """Run the command."""
    return dialguard(*map(str, words))


@pytest.fixture
def records(tmp_path: Path) -> Path:
    """A few calls: at home, abroad by day, and a thief's at night."""
    file = tmp_path / "Master.csv"
    calls = [
        a_call("2026-12-07 10:00", AT_HOME, call="1796637600.1"),
        a_call("2026-12-07 11:00", ITALY, call="1796641200.2"),
        *(
            a_call(NIGHT + 10 * turn, GAMBIA, 600, "109", f"{NIGHT + 10 * turn:.0f}.{turn}")
            for turn in range(4)
        ),
    ]
    leaked_month.write(file, calls)
    return file


def test_it_says_what_would_have_become_of_the_calls(dialguard: Dialguard, records: Path) -> None:
    """In a few lines; what is told of files goes to stderr."""
    done = run(dialguard, "replay", OFFICE, records, "--timezone", "UTC")
    assert done.exit_code == 0, done.output
    assert "4 refused (66.7 %), 1 asked for a code and let through" in done.stdout
    assert "Attack from extension 109, Sat 2026-12-12 23:00:00" in done.stdout
    assert "refused by `abroad-at-night` (wrong-code)" in done.stdout


def test_the_whole_of_it_as_json(dialguard: Dialguard, records: Path) -> None:
    """For programs; and nothing else on stdout."""
    done = run(dialguard, "replay", OFFICE, records, "--timezone", "UTC", "--json")
    assert done.exit_code == 0, done.output
    found = json.loads(done.stdout)
    assert found["parts"]["total"]["refused"] == 4
    assert found["attacks"][0]["extensions"] == ["109"]
    assert found["codes"] == "honest"
    assert found["skipped"] == {}


def test_a_page_and_lines_are_written(dialguard: Dialguard, records: Path, tmp_path: Path) -> None:
    """Each call that differs is a line, with its number masked where that is asked for."""
    page, lines = tmp_path / "replay.html", tmp_path / "calls.csv"
    done = run(
        dialguard,
        *("replay", OFFICE, records, "--timezone", "UTC", "--mask", "3"),
        *("--html", page, "--csv", lines),
    )
    assert done.exit_code == 0, done.output
    assert "<!doctype html>" in page.read_text("utf-8")
    assert "2203012310" not in page.read_text("utf-8")
    with lines.open(encoding="utf-8-sig", newline="") as file:
        read = list(csv.DictReader(file))
    assert len(read) == 5
    assert {each["number"] for each in read} == {"+390612345xxx", "+2203012xxx"}
    assert f"written to `{page}`" in done.stderr


def test_two_policies_side_by_side(dialguard: Dialguard, records: Path, tmp_path: Path) -> None:
    """What the one refuses, and the other lets through."""
    other = tmp_path / "other.toml"
    text = OFFICE.read_text().replace('"lists/', f'"{OFFICE.parent}/lists/')
    text = text.replace('"rates/', f'"{OFFICE.parent}/rates/')
    other.write_text(text.replace('then = "pin+totp"', 'then = "allow"'))
    done = run(dialguard, "replay", OFFICE, records, "--timezone", "UTC", "--against", other)
    assert done.exit_code == 0, done.output
    assert f"Beside {other}, which refuses" in done.stdout
    assert f"0 refused by {other} only" in done.stdout


def test_thieves_may_be_taken_to_know_codes(dialguard: Dialguard, records: Path) -> None:
    """Or nobody."""
    words = ("replay", OFFICE, records, "--timezone", "UTC", "--json", "--codes")
    refused = {
        codes: json.loads(run(dialguard, *words, codes).stdout)["parts"]["total"]["refused"]
        for codes in ("all", "honest", "none")
    }
    assert refused["all"] < refused["honest"] < refused["none"]


def test_only_since_then(dialguard: Dialguard, records: Path) -> None:
    """What was left out is told."""
    words = ("replay", OFFICE, records, "--timezone", "UTC", "--since", "2026-12-10", "--json")
    done = run(dialguard, *words)
    assert json.loads(done.stdout)["parts"]["total"]["calls"] == 4
    assert "left out: 2 rows" in done.stderr


def test_records_without_a_call_are_a_failure(dialguard: Dialguard, tmp_path: Path) -> None:
    """And records that are not there; it says what to do."""
    empty = tmp_path / "Master.csv"
    empty.write_text("")
    done = run(dialguard, "replay", OFFICE, empty)
    assert done.exit_code == 1
    done = run(dialguard, "replay", OFFICE, tmp_path / "nowhere.csv")
    assert done.exit_code == 1
    assert "nowhere.csv" in done.stderr
    leaked_month.write(empty, [a_call(call="1796637600.1")])
    done = run(dialguard, "replay", OFFICE, empty, "--timezone", "UTC", "--since", "2027-01-01")
    assert done.exit_code == 1
    assert "no call of a phone in the records" in done.stderr


def test_a_policy_that_is_invalid_is_told_of_before_any_call_is_read(
    dialguard: Dialguard, records: Path, tmp_path: Path
) -> None:
    """Either of the two."""
    broken = tmp_path / "broken.toml"
    broken.write_text("[site]\nnonsense = 1\n")
    for words in ((broken, records), (OFFICE, records, "--against", broken)):
        done = run(dialguard, "replay", *words)
        assert done.exit_code == 3
        assert "broken.toml" in done.stderr


@pytest.mark.parametrize("option", ["--html", "--csv"])
def test_where_nothing_can_be_written_it_says_so_first(
    dialguard: Dialguard, records: Path, tmp_path: Path, option: str
) -> None:
    """Not after a minute's work."""
    done = run(dialguard, "replay", OFFICE, records, option, tmp_path / "none" / "file")
    assert done.exit_code == 1
    assert "there is no folder" in done.stderr
    done = run(dialguard, "replay", OFFICE, records, "--timezone", "UTC", option, tmp_path)
    assert done.exit_code == 1
    assert "cannot be written" in done.stderr


@pytest.mark.parametrize("words", [(), ("--since", "2030-01-01")])
def test_garbage_is_looked_for_as_before_when_it_is_over(
    dialguard: Dialguard, records: Path, words: tuple[str, ...]
) -> None:
    """However it ends; meanwhile more rarely."""
    before = gc.get_threshold()
    run(dialguard, "replay", OFFICE, records, "--timezone", "UTC", *words)
    assert gc.get_threshold() == before
    with _collected_rarely():
        assert gc.get_threshold() == (COLLECTED_EVERY, *before[1:])


def test_money_is_not_known_where_no_column_says_how_long_was_talked(
    dialguard: Dialguard, tmp_path: Path
) -> None:
    """It is not nought: in words, as JSON, and on the page."""
    small, page = tmp_path / "small.csv", tmp_path / "page.html"
    small.write_text("calldate,extension,dst\n2026-12-07 12:00:00,101,902079460000\n")
    words = ("replay", OFFICE, small, "--timezone", "UTC", "--html", page)
    done = run(dialguard, *words)
    assert done.exit_code == 0, done.output
    unknown = "says how long was talked: money and minutes are not known"
    assert f"no column of `small.csv` {unknown}" in done.stdout
    assert "0.00 GBP" not in done.stdout
    assert "Nothing in these calls looks like an attack, as far as that can be told" in done.stdout
    html = page.read_text("utf-8")
    assert unknown in html
    assert "looks like an attack, as far as" in html
    assert "would have been spent still" not in html
    assert json.loads(run(dialguard, *words, "--json").stdout)["untimed"] == ["small.csv"]
