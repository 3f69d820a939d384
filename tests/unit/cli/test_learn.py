"""`learn`."""

from __future__ import annotations

import csv
import re
import shutil
from datetime import UTC, datetime
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING
from unittest.mock import patch
from zoneinfo import ZoneInfo

import pytest

from fastagi.cli.records import chosen_records
from fastagi.learning.suspects import Suspects
from tests.unit.learning.quarter import attack, honest

if TYPE_CHECKING:
    from fastagi.cdr.past_call import PastCall
    from tests.unit.cli.conftest import Dialguard

ROOT = Path(__file__).parents[3]
LONDON = ("--timezone", "Europe/London")


@pytest.fixture(scope="module")
def records(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return `Master.csv` of some weeks, with an attack in it."""
    file = tmp_path_factory.mktemp("records") / "Master.csv"
    calls = sorted((*honest()[:1500], *attack()))
    with file.open("w", newline="") as opened:
        csv.writer(opened, quoting=csv.QUOTE_ALL).writerows(
            _row(place, call) for place, call in enumerate(calls)
        )
    return file


def _row(place: int, call: PastCall) -> list[str]:
    """Return a call as `cdr_csv` writes it, in UTC (`usegmtime=yes`)."""
    answered = call.at + call.rings_s
    begin, answer, end = (
        datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%d %H:%M:%S")
        for at in (call.at, answered, answered + call.talked_s)
    )
    is_answered = call.talked_s > 0
    return [
        "",
        call.extension,
        call.dialled,
        "internal",
        "",
        f"PJSIP/{call.extension}-{place:08x}",
        f"PJSIP/carrier-{place:08x}",
        "Dial",
        "",
        begin,
        answer if is_answered else "",
        end,
        str(int(call.rings_s) + call.talked_s),
        str(call.talked_s),
        "ANSWERED" if is_answered else "NO ANSWER",
        "DOCUMENTATION",
        f"{int(call.at)}.{place}",
        "",
    ]


def test_policy_and_cases_are_written_and_hold(dialguard: Dialguard, records: Path) -> None:
    """And it says what it left out, and whom the policy would refuse."""
    output = dialguard.folder / "My Office.toml"
    done = dialguard("learn", str(records), "--output", str(output), *LONDON)
    assert done.exit_code == 0, done.output
    assert f"{output}: written" in done.stdout
    assert "looks like an attack, and is not learnt from" in done.stderr
    assert "honest calls" in done.stderr
    assert "of 120 that look like an attack 120 would be refused" in done.stderr
    assert 'name           = "my-office"' in output.read_text()
    assert 'country        = "GB"' in output.read_text()
    for command in (("check",), ("test",), ("fmt", "--check")):
        done = dialguard(*command, str(output))
        assert (done.exit_code, "odd, but valid" in done.stderr) == (0, False), done.output
    again = dialguard("learn", str(records), "--output", str(output), *LONDON)
    assert again.exit_code == 1
    assert "is there already" in again.stderr


def test_a_policy_is_printed(dialguard: Dialguard, records: Path) -> None:
    """On stdout, and nothing else."""
    done = dialguard("learn", str(records), "--country", "GB", "--outside-prefix", "9", *LONDON)
    assert done.exit_code == 0
    assert done.stdout.startswith("# Learnt from ")
    assert 'name           = "policy"' in done.stdout


def test_a_rate_sheet_limits_money(dialguard: Dialguard, records: Path) -> None:
    """It is named as the policy finds it."""
    sheet = dialguard.folder / "sheet.csv"
    shutil.copy(ROOT / "policies" / "rates" / "wholesale.csv", sheet)
    output = dialguard.folder / "priced.toml"
    wanted = ("learn", str(records), "--output", str(output), "--rates", str(sheet), *LONDON)
    done = dialguard(*wanted)
    assert "--currency GBP" in done.stderr
    done = dialguard(*wanted, "--currency", "GBP")
    assert done.exit_code == 0, done.output
    assert 'file     = "sheet.csv"' in output.read_text()
    assert "money-a-day" in output.read_text()


def test_the_machine_s_own_zone_is_taken_where_it_has_a_name(
    dialguard: Dialguard, tmp_path: Path
) -> None:
    """And where nothing looks like an attack, nothing is said of one."""
    file = tmp_path / "Master.csv"
    with file.open("w", newline="") as opened:
        rows = [_row(place, call) for place, call in enumerate(honest()[:200])]
        csv.writer(opened, quoting=csv.QUOTE_ALL).writerows(rows)
    with patch("fastagi.cli.learn.own_zone", return_value=ZoneInfo("Europe/London")):
        done = dialguard("learn", str(file))
    assert done.exit_code == 0, done.output
    assert "attack" not in done.output


def test_the_site_s_zone_is_not_that_of_the_records(dialguard: Dialguard, tmp_path: Path) -> None:
    """Records in UTC of a site elsewhere: the `uniqueid` tells, or somebody does."""
    new_york = ("--country", "GB", "--timezone", "America/New_York")
    hours = {}
    for name, has_uniqueid, option in (
        ("told", True, ()),
        ("said", False, ("--records-timezone", "UTC")),
        ("site-s", False, ()),
    ):
        rows = [_row(place, call) for place, call in enumerate(honest()[:200])]
        file = tmp_path / f"{name}.csv"
        with file.open("w", newline="") as opened:
            csv.writer(opened, quoting=csv.QUOTE_ALL).writerows(
                row if has_uniqueid else [*row[:16], "", row[17]] for row in rows
            )
        done = dialguard("learn", str(file), *new_york, *option)
        assert done.exit_code == 0, done.output
        (hours[name],) = re.findall(r"office = (.*?) +#", done.stdout)
    assert hours["told"] == hours["said"]
    assert hours["told"] < hours["site-s"]  # five hours earlier


def test_since_is_of_the_site(dialguard: Dialguard, records: Path) -> None:
    """Whatever the records' zone is."""
    with patch("fastagi.cli.learn.chosen_records", side_effect=chosen_records) as opened:
        dialguard("learn", str(records), "--since", "2026-12-01", "--timezone", "Asia/Tokyo")
    assert opened.call_args.kwargs["site_zone"] == "Asia/Tokyo"
    with chosen_records([records], site_zone="Asia/Tokyo", since="2026-12-01") as found:
        assert found._plan.assumed.since == datetime(2026, 11, 30, 15, tzinfo=UTC).timestamp()


def test_what_is_missing_is_asked_for(dialguard: Dialguard, records: Path) -> None:
    """A time zone, a country, a country that there is."""
    file = str(records)
    with (files("tzdata") / "zoneinfo" / "Europe" / "London").open("rb") as rules:
        unnamed = ZoneInfo.from_file(rules, key="localtime")
    for own in (UTC, ZoneInfo("Etc/UTC"), unnamed):  # of no place
        with patch("fastagi.cli.learn.own_zone", return_value=own):
            done = dialguard("learn", file, "--country", "GB")
        assert "in which time zone the site is: `--timezone Europe/London`" in done.stderr
    done = dialguard("learn", file, "--country", "GB", "--timezone", "localtime")
    assert "another time zone on another machine; say in which time zone" in done.stderr
    assert "did you mean" in dialguard("learn", file, "--timezone", "Europe/Lundon").stderr
    assert "--country GB" in dialguard("learn", file, "--timezone", "UTC").stderr
    assert "did you mean `GB`" in dialguard("learn", file, "--country", "UK", *LONDON).stderr


def test_nothing_is_learnt_from_nothing(dialguard: Dialguard, records: Path) -> None:
    """Nor from what is dialled in another country."""
    done = dialguard("learn", str(records), "--until", "2026-12-01", *LONDON)
    assert done.exit_code == 1
    assert "there are 0 calls" in done.stderr
    done = dialguard("learn", str(records), "--country", "US", "--outside-prefix", "", *LONDON)
    assert done.exit_code == 1
    assert "say with `--country`" in done.stderr


def test_what_cannot_be_written_is_told(dialguard: Dialguard, records: Path) -> None:
    """The disk is full, or it is another's."""
    output = str(dialguard.folder / "new.toml")
    with patch(
        "fastagi.atomic_file.replacing", side_effect=OSError(28, "No space left on device")
    ):
        done = dialguard("learn", str(records), "--output", output, *LONDON)
    assert done.exit_code == 1
    assert "cannot be written: no space left on device" in done.stderr


def test_a_policy_that_refuses_many_is_said_to(dialguard: Dialguard, records: Path) -> None:
    """By what refuses them; and callers that no class can name are told of."""
    with (
        patch("fastagi.learning.learn._can_be_named", lambda call: call.extension != "104"),
        patch("fastagi.learning.trial.EVERY_FACTOR", frozenset()),
    ):
        done = dialguard("learn", str(records), *LONDON)
    assert "left out: the calls of `104`" in done.stderr
    assert "would be refused, " in done.stderr


def test_what_is_out_of_reason_is_told(dialguard: Dialguard, records: Path) -> None:
    """Where an attack was not found, its figures show."""
    nothing = Suspects(frozenset(), ())
    with patch("fastagi.learning.learn.find_suspects", return_value=nothing):
        done = dialguard("learn", str(records), *LONDON)
    assert "look twice: 108 had 120 calls abroad on 2026-12-12" in done.stderr
