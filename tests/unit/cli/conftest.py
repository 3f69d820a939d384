"""A folder with settings and a policy, and the command run on it."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING
from unittest.mock import patch

import pytest
import typer
from typer.testing import CliRunner

from fastagi.cli.app import application
from tests.doubles.manager import Manager, in_a_thread

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from typer.testing import Result

POLICY = """\
[site]
name           = "office"
country        = "GB"
timezone       = "Europe/London"
internal       = ["1XX", "2XX"]
outside_prefix = "9"
languages      = ["en"]

[classes]
staff = ["1XX"]

[hours]
office = ["Mon-Fri 08:00-18:30"]

[[rule]]
name = "pays-the-caller"
to   = ["premium", "satellite"]
then = "deny"

[[rule]]
name = "abroad"
to   = ["international"]
then = "pin+totp"

[[rule]]
name = "at-home"
to   = ["national", "mobile", "toll-free"]
when = "office"
then = "allow"

[[limit]]
name  = "two-at-a-time"
per   = "extension"
calls = 2
"""

SETTINGS = """\
[policy]
file = "office.toml"

[agi]
listen = "127.0.0.1:1"

[keys]
file = "keys"

[store]
url = "sqlite://dialguard.db"

[log]
decisions = "decisions.jsonl"
"""


@functools.cache
def _command() -> object:
    """Build the command once: with all of its options that takes a tenth of a second."""
    return typer.main.get_command(application())


class Dialguard:
    """The command, in a folder of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.policy = folder / "office.toml"
        self.settings = folder / "dialguard.toml"
        self.policy.write_text(POLICY)
        self.settings.write_text(SETTINGS)

    def __call__(self, *words: str, typed: str = "") -> Result:
        """Run it without settings."""
        with patch("typer.testing._get_command", return_value=_command()):
            return CliRunner().invoke(
                typer.Typer(), list(words), input=typed, catch_exceptions=False
            )

    def on_settings(self, *words: str, typed: str = "") -> Result:
        """Run it with the folder's settings."""
        return self(*words, "--settings", str(self.settings), typed=typed)


@pytest.fixture
def dialguard(tmp_path: Path) -> Dialguard:
    """Return the command in a fresh folder."""
    return Dialguard(tmp_path)


@pytest.fixture
def manager(dialguard: Dialguard) -> Iterator[Manager]:
    """An Asterisk whose manager interface the folder's settings name."""
    with in_a_thread() as playing:
        secret = dialguard.folder / "ami-secret"
        secret.touch(0o600)
        secret.write_text(f"{playing.secret}\n")
        with dialguard.settings.open("a") as settings:
            settings.write(f'[ami]\nport = {playing.port}\nsecret_file = "ami-secret"\n')
        yield playing
