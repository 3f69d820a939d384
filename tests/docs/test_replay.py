"""docs/replay.md shows what the command says of a month."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from typer.testing import CliRunner

from fastagi.cli.app import application
from fastagi.replay import attack, breakdown, destinations, habits, looks, traits
from fastagi.replay.judged import Codes
from tests.doubles import leaked_month

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[2]
FILE = ROOT / "docs" / "replay.md"

RUNS = ((), ("--codes", "all"))
"""What is added to the command, of each text of the page."""


def _blocks(language: str) -> Iterator[str]:
    found = re.finditer(rf"^```{language}\n(.*?)^```", FILE.read_text(), re.MULTILINE | re.DOTALL)
    return (each[1] for each in found)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the month's `Master.csv` is, and the policies beside it."""
    leaked_month.write(tmp_path / "Master.csv", leaked_month.month())
    (tmp_path / "policies").symlink_to(ROOT / "policies")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def said(*more: str) -> str:
    """Return what the command says of the month."""
    words = ["replay", "policies/office.toml", "Master.csv", "--timezone", "UTC", *more]
    done = CliRunner().invoke(application(), words, catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return done.stdout


@pytest.mark.usefixtures("folder")
def test_what_is_shown_is_what_the_command_says() -> None:
    """To the letter."""
    assert [said(*more) for more in RUNS] == list(_blocks("text"))


def test_every_weight_of_the_page_is_the_codes() -> None:
    """What speaks for a call and against it, as a table."""
    rows = re.findall(r"^\| ([^|]+) \| ([+−][0-9]+) \|$", FILE.read_text(), re.MULTILINE)
    said_there = [(words, int(points.replace("−", "-"))) for words, points in rows]
    assert said_there == [(each.words, each.points) for each in traits.Trait]


def test_every_number_of_the_page_is_the_codes() -> None:
    """How many, how long."""
    page = " ".join(FILE.read_text().split())
    for part in (
        f"from {traits.FRAUD_FROM} on",
        f"{traits.LEGITIMATE_TO} or less",
        f"{habits.NUMBERS} numbers of each extension",
        f"{habits.SITE_NUMBERS:,} of the site",
        f"{habits.EXTENSIONS:,} extensions",
        f"{destinations.MOST:,} dialled numbers",
        f"{breakdown.NAMES_MOST:,} names",
        f"{habits.SETTLES_S / 3600:.0f} hours",
        f"{looks.EARLY_S / 86_400:.0f} days",
        f"{attack.LEAST} calls",
        f"{attack.APART_S / 3600:.0f} hours",
        f"{attack.TOGETHER_S / 60:.0f} minutes",
    ):
        assert part in page, part
    for codes in Codes:
        assert f"`--codes {codes}`" in page
