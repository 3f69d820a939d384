"""What a command releases goes on record, or it is said that it does not."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fastagi.cli import settling
from tests.unit.cli.test_calls import on_record, take

if TYPE_CHECKING:
    import pytest

    from tests.unit.cli.conftest import Dialguard


def test_a_call_is_freed_though_its_policy_is_broken(dialguard: Dialguard) -> None:
    """In what money it was is not on record then."""
    take(dialguard)
    dialguard.policy.write_text("[site")
    assert dialguard.on_settings("calls", "release", "1.2").exit_code == 0
    (settled,) = on_record(dialguard)
    assert (settled["cost"], settled["currency"], settled["policy"]) == ("0.60", "", "")


def test_a_call_is_freed_though_that_cannot_go_on_record(
    dialguard: Dialguard, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Which is said: the file is in the way, or another user is to make it."""
    take(dialguard)
    (dialguard.folder / "decisions.jsonl").mkdir()
    done = dialguard.on_settings("calls", "release", "1.2")
    assert (done.exit_code, "cannot be written: Is a directory" in done.stderr) == (0, True)
    take(dialguard)
    monkeypatch.setattr(settling, "owner_to_be", lambda _: 998)
    done = dialguard.on_settings("calls", "release", "1.2")
    assert (done.exit_code, "is user 998's to make" in done.stderr) == (0, True)
    assert dialguard.on_settings("calls").stdout == ""
