"""`dialguard exposure`, and its line in `check`."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from tests.unit.policy.samples import SITE

if TYPE_CHECKING:
    from pathlib import Path

    from tests.unit.cli.conftest import Dialguard

RATES = '[rates]\nfile = "sheet.csv"\ncurrency = "GBP"\n'
RULES = """
[[rule]]
name = "no-lobby"
from = ["lobby"]
then = "deny"
[[rule]]
name = "abroad"
to = ["international"]
then = "pin"
[[rule]]
name = "home"
to = ["national"]
then = "allow"
[[limit]]
name = "a-day"
per = "extension"
spend = "20.00"
within = "24h"
"""


@pytest.fixture
def policy(tmp_path: Path) -> Path:
    """A policy with a budget, and a sheet."""
    (tmp_path / "sheet.csv").write_text("prefix,price,increments\n44,0.01,1/1\n39,5.00,60/60\n")
    file = tmp_path / "p.toml"
    file.write_text(f'{SITE}\n{RATES}unknown = "3.00"\n{RULES}')
    return file


def test_the_most_is_shown_and_what_holds_it_back(dialguard: Dialguard, policy: Path) -> None:
    """Of each span, for an extension, a class and the site; who may call nobody costs nothing."""
    done = dialguard("exposure", str(policy), "--thief", "codes")
    assert done.exit_code == 0, done.output
    assert "PIN and one-time codes (codes)\n" in done.stdout
    rows = [line.split("\t") for line in done.stdout.splitlines() if "\t" in line]
    staff = [row for row in rows if row[:2] == ["extension", "staff"]]
    assert [row[2:4] for row in staff] == [
        ["hour", "20.00 GBP"],
        ["night", "20.00 GBP"],
        ["weekend", "60.00 GBP"],
    ]
    assert {row[5] for row in staff} == {"a-day"}
    assert ["site", "", "weekend", "600.00 GBP"] in [row[:4] for row in rows]
    lobby = ["extension", "lobby", "hour", "0.00 GBP", "", "no call that costs passes"]
    assert lobby in rows


def test_too_much_fails(dialguard: Dialguard, policy: Path) -> None:
    """Status 1, and the shortest span in which it can be."""
    done = dialguard("exposure", str(policy), "--thief", "codes", "--fail-over", "19.99")
    assert done.exit_code == 1
    what = "one extension of staff (codes), in an hour: 20.00 is more than 19.99 GBP\n"
    assert what in done.stderr
    assert dialguard("exposure", str(policy), "--fail-over", "60").exit_code == 0


def test_programs_get_it_all(dialguard: Dialguard, policy: Path) -> None:
    """Three thieves, (two classes, twice, and the site), three spans."""
    done = dialguard("exposure", str(policy), "--json")
    found = json.loads(done.stdout)
    assert len(found) == 3 * 5 * 3
    first = found[0]
    assert first["thief"] == "password"
    assert first["limits"] == ["a-day"]
    assert (first["stolen"], first["class"], first["span"]) == ("extension", "staff", "hour")
    assert (first["hours"], first["money"], first["currency"]) == (1, "20.00", "GBP")


def test_what_nothing_bounds_fails(dialguard: Dialguard, policy: Path) -> None:
    """And what to write is said; so is a number without a price."""
    rules = RULES.partition("[[limit]]")[0]
    policy.write_text(f"{SITE}\n{RATES}{rules}")
    done = dialguard("exposure", str(policy), "--fail-over", "9999999", "--thief", "codes")
    assert done.exit_code == 1
    assert "extension\tstaff\thour\tunbounded\t" in done.stdout
    for line in (
        "no limit bounds it: write one on `calls`, `attempts` or `spend`",
        "passes, and nobody knows what it costs",
        "one extension of staff (codes), in an hour: unbounded is more than",
        "a number without a price (codes) is more than",
    ):
        assert line in done.stderr


@pytest.mark.parametrize("wrong", ["much", "-1", "nan", "inf"])
def test_what_is_no_amount_is_refused(dialguard: Dialguard, policy: Path, wrong: str) -> None:
    """With what to write instead."""
    done = dialguard("exposure", str(policy), f"--fail-over={wrong}")
    assert done.exit_code == 1
    assert "is no amount of money; write `100` or `99.50`" in done.stderr


def test_without_prices_nothing_is_told(dialguard: Dialguard, policy: Path) -> None:
    """By the command, which says what is missing, and by `check`."""
    done = dialguard("exposure", str(dialguard.policy))
    assert done.exit_code == 1
    assert "gives no prices; write a table `[rates]`" in done.stderr
    assert "stolen password" not in dialguard("check", str(dialguard.policy)).stdout
    policy.write_text("nonsense")
    assert dialguard("exposure", str(policy)).exit_code == 3


def test_check_says_it_in_a_line(dialguard: Dialguard, policy: Path) -> None:
    """What a stolen password can cost in a night."""
    done = dialguard("check", str(policy))
    what = "a stolen password can cost 20.00 GBP in a night (calls to "
    assert f"{policy}: {what}" in done.stdout
    assert "held back by a-day), all of them 200.00 GBP\n" in done.stdout
    assert json.loads(dialguard("check", "--json", str(policy)).stdout)[0]["exposure"]


def test_without_the_extra_it_says_what_to_install(policy: Path) -> None:
    """And `check` goes on."""
    code = "import sys; sys.modules['highspy'] = None; from fastagi.cli.app import start; start()"

    def run(*words: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-c", code, *words, str(policy)]
        return subprocess.run(command, capture_output=True, text=True, check=False)

    done = run("exposure")
    assert done.returncode == 1
    assert "pip install 'dialguard[exposure]'" in done.stderr
    done = run("check")
    assert "what a stolen password can cost: `pip install 'dialguard[exposure]'`" in done.stdout
