"""`fmt`."""

from __future__ import annotations

from typing import TYPE_CHECKING
from unittest.mock import patch

import pytest

if TYPE_CHECKING:
    from pathlib import Path

    from tests.unit.cli.conftest import Dialguard

UGLY = '[site]\ncountry="GB" # where\nname = "a"\n'
FAIR = '[site]\nname    = "a"\ncountry = "GB"' + " " * 24 + "# where\n"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Return a policy that nobody laid out."""
    made = tmp_path / "policies" / "p.toml"
    made.parent.mkdir()
    made.write_text(UGLY)
    return made


def test_a_file_is_laid_out(dialguard: Dialguard, file: Path) -> None:
    """Once; then there is nothing left to do."""
    done = dialguard("fmt", str(file))
    assert (done.exit_code, done.stdout) == (0, f"{file}: laid out\n")
    assert file.read_text() == FAIR
    done = dialguard("fmt", str(file.parent), "--check")
    assert (done.exit_code, done.output) == (0, "")


def test_check_and_diff_write_nothing(dialguard: Dialguard, file: Path) -> None:
    """They say what would change; `--check` by its status, too."""
    done = dialguard("fmt", str(file), "--check")
    assert done.exit_code == 1
    assert "laid out otherwise" in done.stderr
    done = dialguard("fmt", str(file), "--diff")
    assert done.exit_code == 0
    assert '-country="GB" # where\n-name = "a"\n+name    = "a"\n' in done.stdout
    assert dialguard("fmt", str(file), "--check", "--diff").exit_code == 1
    assert file.read_text() == UGLY


def test_a_diff_shows_nothing_that_a_terminal_acts_on(dialguard: Dialguard, file: Path) -> None:
    """Nor text that reads otherwise than it is."""
    file.write_text(UGLY + "# \u202e\u009b2J\n")
    done = dialguard("fmt", str(file), "--diff")
    assert "\\u202e\\x9b2J" in done.stdout
    assert "\u202e" not in done.stdout


def test_a_diff_shows_no_password(dialguard: Dialguard) -> None:
    """The store's URL may hold one, or one that is asked for numbers."""
    text = (
        '[policy]\nfile="p"\n[store]\nurl="redis://gate:hunter2@10.0.0.1/0"\n'
        "[lookups]\nnumbers = 'https://example.org/?key=hunter2&n='\n"
    )
    done = dialguard("fmt", "-", "--diff", typed=text)
    assert "redis://…@10.0.0.1/0" in done.stdout
    assert "https://example.org/?…" in done.stdout
    assert "hunter2" not in done.output


def test_stdin_goes_to_stdout(dialguard: Dialguard) -> None:
    """For editors."""
    done = dialguard("fmt", "-", typed=UGLY)
    assert (done.exit_code, done.stdout) == (0, FAIR)
    assert dialguard("fmt", "-", "--check", typed=UGLY).exit_code == 1


def test_cases_and_settings_have_orders_of_their_own(dialguard: Dialguard) -> None:
    """They are known by what they hold."""
    cases = '[[case]]\nexpect = {}\nname = "a"\n'
    done = dialguard("fmt", "-", typed=cases)
    assert done.stdout == '[[case]]\nname   = "a"\nexpect = {}\n'
    done = dialguard("fmt", "-", typed='[log]\nlevel="info"\n[policy]\nfile="p"\n')
    assert done.stdout == '[policy]\nfile = "p"\n\n[log]\nlevel = "info"\n'


def test_what_is_no_toml_is_told_and_the_rest_is_done(dialguard: Dialguard, file: Path) -> None:
    """Status 3, with file and line."""
    wrong = file.with_name("wrong.toml")
    wrong.write_text("[site]\nname\n")
    done = dialguard("fmt", str(wrong), str(file.with_name("none.toml")), str(file))
    assert done.exit_code == 3
    assert f"{wrong}:2: " in done.stderr
    assert "none.toml" in done.stderr
    assert (file.read_text(), wrong.read_text()) == (FAIR, "[site]\nname\n")


def test_what_cannot_be_laid_out_is_left(dialguard: Dialguard, file: Path) -> None:
    """Whatever the reason is."""
    with patch("fastagi.toml_layout.layout.says_the_same", return_value=False):
        done = dialguard("fmt", str(file))
    assert done.exit_code == 1
    assert "it is left as it is" in done.stderr
    assert file.read_text() == UGLY


def test_what_cannot_be_written_is_told(dialguard: Dialguard, file: Path) -> None:
    """The disk is full, or it is another's."""
    with patch("fastagi.atomic_file.write", side_effect=OSError(28, "No space left on device")):
        done = dialguard("fmt", str(file))
    assert done.exit_code == 1
    assert "cannot be written: no space left on device" in done.stderr
