"""docs/report.md shows what the command says of a month, and the units that ship."""

from __future__ import annotations

import asyncio
import re
import time
from pathlib import Path
from typing import TYPE_CHECKING
from unittest.mock import patch

from typer.testing import CliRunner

from fastagi.attacks import attacked, book, tally
from fastagi.attacks.book import Did
from fastagi.cli.app import application
from fastagi.signs.sign import Sign
from fastagi.stores.opening import open_store
from tests.doubles import attacked_month

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[2]
FILE = ROOT / "docs" / "report.md"

SETTINGS = """\
[policy]
file = "office.toml"

[keys]
file = "keys"

[store]
url = "sqlite://dialguard.db"

[log]
decisions = "decisions.jsonl"
"""


def _blocks(language: str) -> Iterator[str]:
    found = re.finditer(rf"^```{language}\n(.*?)^```", FILE.read_text(), re.MULTILINE | re.DOTALL)
    return (each[1] for each in found)


def said(folder: Path) -> str:
    """Return what the command says of the month."""
    (folder / "office.toml").write_bytes((ROOT / "policies" / "office.toml").read_bytes())
    for name in ("rates", "lists"):
        if (ROOT / "policies" / name).is_dir():
            (folder / name).symlink_to(ROOT / "policies" / name)
    settings = folder / "dialguard.toml"
    settings.write_text(SETTINGS)

    async def write() -> None:
        store = open_store(f"sqlite://{folder}/dialguard.db")
        try:
            await attacked_month.write_book(store)
        finally:
            await store.close()

    asyncio.run(write())
    attacked_month.write_log(folder / "decisions.jsonl")
    words = ["report", "--days", "22", "--settings", str(settings)]
    with patch.object(time, "time", lambda: attacked_month.NOW):
        done = CliRunner().invoke(application(), words, catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return done.stdout


def test_what_is_shown_is_what_the_command_says(tmp_path: Path) -> None:
    """To the letter."""
    assert [said(tmp_path)] == list(_blocks("text"))


def test_the_units_are_those_that_ship() -> None:
    """Nobody copies older ones."""
    shipped = [
        (ROOT / "deploy" / f"dialguard-report.{kind}").read_text() for kind in ("service", "timer")
    ]
    assert list(_blocks("ini")) == shipped


def test_every_number_of_the_page_is_the_codes() -> None:
    """How long, how many: and what is left out of whom was attacked."""
    page = " ".join(FILE.read_text().split())
    for part in (
        f"{book.MOST} entries",
        f"first {book.NAMED} addresses",
        f"kept for {book.KEEP_DAYS} days",
        f"{attacked.AFTER_S // 3600} hours",
        f"taken to last {tally.MINUTES} minutes",
        f"{tally.THROUGH} calls are listed",
    ):
        assert part in page, part
    for sign in attacked.MADE_UP:
        assert f"`{sign}`" in page
    for did in Did:
        assert f"`{did}`" in page
    assert len(Sign) == len(attacked.GRAVEST)
