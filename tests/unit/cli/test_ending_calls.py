"""`dialguard calls end`, and what `phone remove` ends."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.unit.cli.test_calls import take
from tests.unit.watcher.samples import row

if TYPE_CHECKING:
    from tests.doubles.manager import Manager
    from tests.unit.cli.conftest import Dialguard

LONDON, ROME = "+442079460000", "+390612345678"
TO_LONDON, TO_ROME, OTHER = (f"PJSIP/my-trunk-0000000{each}" for each in (1, 2, 3))


@pytest.fixture
def up(manager: Manager) -> Manager:
    """Two legs of one call, and one of another, are up."""
    manager.rows = [
        row("1.3", TO_LONDON, f"1.2:{LONDON}:office"),
        row("1.4", TO_ROME, f"1.2:{ROME}:office"),
        row("9.1", OTHER, f"9.0:{LONDON}:office"),
        row("1.2", "PJSIP/101-00000000", "(null)"),
    ]
    return manager


def ended(manager: Manager) -> list[str]:
    """Return the names of the channels that were hung up."""
    names = {each["Uniqueid"]: each["Channel"] for each in manager.rows}
    return [names[each["Channel"]] for each in manager.asked("Hangup")]


def test_a_call_is_ended_with_all_its_legs(dialguard: Dialguard, up: Manager) -> None:
    """And with nothing else; twice is status 1."""
    done = dialguard.on_settings("calls", "end", "1.2")
    assert done.exit_code == 0, done.output
    assert done.stdout.splitlines()[0] == f"ended `{TO_LONDON}`: call `1.2` to `{LONDON}`"
    assert ended(up) == [TO_LONDON, TO_ROME]
    up.rows.clear()
    again = dialguard.on_settings("calls", "end", "1.2")
    assert (again.exit_code, "call `1.2` has no leg up" in again.stderr) == (1, True)


def test_of_a_call_one_number_is_ended(dialguard: Dialguard, up: Manager) -> None:
    """As JSON, for programs."""
    done = dialguard.on_settings("calls", "end", "1.2", "--number", ROME, "--json")
    assert ended(up) == [TO_ROME]
    assert json.loads(done.stdout) == [
        {"node": "127.0.0.1", "channel": TO_ROME, "call": "1.2", "number": ROME}
    ]


def test_another_site_s_call_is_not_ended(dialguard: Dialguard, up: Manager) -> None:
    """Where a site is named."""
    assert dialguard.on_settings("calls", "end", "1.2", "--site", "branch").exit_code == 1
    assert ended(up) == []


def test_the_calls_of_an_extension_are_ended(dialguard: Dialguard, up: Manager) -> None:
    """By the slots that it holds; those held at another Asterisk are not this one's to end."""
    take(dialguard, number=ROME)
    take(dialguard, node="192.0.2.9")
    assert dialguard.on_settings("calls", "end", "--extension", "102").exit_code == 1
    done = dialguard.on_settings("calls", "end", "--extension", "101")
    assert done.exit_code == 0, done.output
    assert ended(up) == [TO_ROME]


@pytest.mark.parametrize("words", [[], ["1.2", "--extension", "101"]])
def test_it_wants_to_know_which(dialguard: Dialguard, up: Manager, words: list[str]) -> None:
    """One of the two."""
    done = dialguard.on_settings("calls", "end", *words)
    assert (done.exit_code, "say which" in done.stderr) == (1, True)


def test_without_a_manager_interface_nothing_can_be_ended(dialguard: Dialguard) -> None:
    """It says what can be done."""
    done = dialguard.on_settings("calls", "end", "1.2")
    assert (done.exit_code, "channel request hangup" in done.stderr) == (1, True)


def test_an_asterisk_that_refuses_is_told(dialguard: Dialguard, up: Manager) -> None:
    """Status 1."""
    up.secret = "another-secret-than-ours"
    done = dialguard.on_settings("calls", "end", "1.2")
    assert (done.exit_code, "refuses `dialguard`" in done.stderr) == (1, True)


def test_a_phone_that_is_removed_loses_its_calls(dialguard: Dialguard, up: Manager) -> None:
    """Unless they are to be kept."""
    for words, gone in ((["--keep-calls"], []), ([], [TO_ROME])):
        (dialguard.folder / "keys").unlink(missing_ok=True)
        enrolled = dialguard.on_settings("phone", "pin", "101", "--pin-stdin", typed="83926154\n")
        assert enrolled.exit_code == 0, enrolled.output
        take(dialguard, number=ROME)
        removed = dialguard.on_settings("phone", "remove", "101", *words)
        assert removed.exit_code == 0, removed.output
        assert ended(up) == gone
