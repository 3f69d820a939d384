"""`migrate`."""

from __future__ import annotations

import stat
from typing import TYPE_CHECKING
from unittest.mock import patch

if TYPE_CHECKING:
    from tests.unit.cli.conftest import Dialguard


def test_a_policy_is_migrated_and_the_old_one_kept(dialguard: Dialguard) -> None:
    """It says what changed, and why; a second time there is nothing to do."""
    before = dialguard.policy.read_text()
    dialguard.policy.chmod(0o600)
    done = dialguard("migrate", str(dialguard.policy))
    assert done.exit_code == 0, done.output
    assert "`format = 1` is written, so that" in done.stdout
    kept = dialguard.folder / "office.toml.before-format-1"
    assert kept.read_text() == before
    assert [stat.S_IMODE(each.stat().st_mode) for each in (kept, dialguard.policy)] == [0o600] * 2
    assert dialguard.policy.read_text() == f"format = 1\n\n{before}"
    assert dialguard("check", str(dialguard.policy)).exit_code == 0
    done = dialguard("migrate", str(dialguard.policy))
    assert done.stdout == f"{dialguard.policy}: is of format 1 already\n"


def test_diff_writes_nothing(dialguard: Dialguard) -> None:
    """It shows what would change."""
    before = dialguard.policy.read_text()
    done = dialguard("migrate", str(dialguard.policy), "--diff")
    assert "\n+format = 1\n" in done.stdout
    assert dialguard.policy.read_text() == before


def test_a_copy_that_is_kept_is_never_written_over(dialguard: Dialguard) -> None:
    """Somebody may have put the old policy back."""
    (dialguard.folder / "office.toml.before-format-1").write_text("mine")
    done = dialguard("migrate", str(dialguard.policy))
    assert done.exit_code == 1
    assert "is there already" in done.stderr
    assert (dialguard.folder / "office.toml.before-format-1").read_text() == "mine"


def test_what_cannot_be_migrated_is_status_3(dialguard: Dialguard) -> None:
    """A format of tomorrow, and what is no TOML, or no file."""
    for text, why in (("format = 2\n", "upgrade dialguard"), ("format\n", ":1: ")):
        dialguard.policy.write_text(text)
        done = dialguard("migrate", str(dialguard.policy))
        assert done.exit_code == 3
        assert why in done.stderr
    assert dialguard("migrate", str(dialguard.folder / "none.toml")).exit_code == 3


def test_a_newer_policy_is_not_loaded_and_says_to_upgrade(dialguard: Dialguard) -> None:
    """And nothing else: what else is wrong in it comes of that."""
    dialguard.policy.write_text(f"format = 2\nnew = 1\n{dialguard.policy.read_text()}")
    done = dialguard("check", str(dialguard.policy))
    assert done.exit_code == 3
    assert "office.toml:1: this policy is of format 2" in done.stderr
    assert "`new`" not in done.stderr


def test_what_cannot_be_written_is_told(dialguard: Dialguard) -> None:
    """The disk is full, or it is another's."""
    with patch("fastagi.atomic_file.write", side_effect=OSError(28, "No space left on device")):
        done = dialguard("migrate", str(dialguard.policy))
    assert done.exit_code == 1
    assert "cannot be written: no space left on device" in done.stderr
