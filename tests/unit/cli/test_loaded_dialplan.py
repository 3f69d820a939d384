"""The loaded dialplan is asked over AMI."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import typer

from fastagi.cli.loaded_dialplan import loaded_dialplan
from fastagi.cli.service import settings_of

if TYPE_CHECKING:
    from tests.doubles.manager import Manager
    from tests.unit.cli.conftest import Dialguard

STEP = {
    "Context": "phones",
    "Extension": "_9X.",
    "Priority": "1",
    "Application": "Dial",
    "AppData": "PJSIP/${EXTEN}@my-trunk",
    "Registrar": "pbx_config",
}


def _fails(
    dialguard: Dialguard, capsys: pytest.CaptureFixture[str], node: str = "", status: int = 1
) -> str:
    with pytest.raises(typer.Exit) as ended:
        loaded_dialplan(settings_of(dialguard.settings), node)
    assert ended.value.exit_code == status
    return capsys.readouterr().err


def test_its_events_come_whole(dialguard: Dialguard, manager: Manager) -> None:
    """By one action, as one who asks for no events."""
    manager.dialplan = [STEP, {**STEP, "Priority": "2", "Application": "Hangup", "AppData": ""}]
    found = loaded_dialplan(settings_of(dialguard.settings), "")
    steps = [each for each in found if each.get("Event") == "ListDialplan"]
    assert [each["Application"] for each in steps] == ["Dial", "Hangup"]
    assert steps[0].items() >= STEP.items()
    assert [each["Action"] for each in manager.actions] == ["Login", "ShowDialPlan"]
    assert manager.actions[0]["Events"] == "off"


def test_without_the_table_it_is_told(
    dialguard: Dialguard, capsys: pytest.CaptureFixture[str]
) -> None:
    """And where to read of it."""
    assert "write `[ami]` (docs/install.md)" in _fails(dialguard, capsys)


def test_of_several_one_is_named(
    dialguard: Dialguard, manager: Manager, capsys: pytest.CaptureFixture[str]
) -> None:
    """By its node."""
    text = dialguard.settings.read_text()
    one = text.partition("[ami]\n")[2]
    dialguard.settings.write_text(
        text.replace("[ami]\n", '[[ami]]\nnode = "a"\n') + f'[[ami]]\nnode = "b"\n{one}'
    )
    assert "say --node: `a`, `b`" in _fails(dialguard, capsys)
    assert "there is no node `c` in `[ami]`; there is `a`, `b`" in _fails(dialguard, capsys, "c")
    assert loaded_dialplan(settings_of(dialguard.settings), "b")
    assert manager.logins == 1


def test_a_login_that_is_refused_says_where_to_look(
    dialguard: Dialguard, manager: Manager, capsys: pytest.CaptureFixture[str]
) -> None:
    """And never the secret."""
    manager.secret = "another-secret-than-ours"
    said = _fails(dialguard, capsys)
    assert "look at `[dialguard]` in its manager.conf" in said
    assert "secret-of-the-tests" not in said


def test_too_few_rights_say_which_to_give(
    dialguard: Dialguard, manager: Manager, capsys: pytest.CaptureFixture[str]
) -> None:
    """The watcher's login has them not."""
    manager.refuses.add("ShowDialPlan")
    said = _fails(dialguard, capsys)
    assert "does not do `ShowDialPlan`: Permission denied" in said
    assert "manager.conf `write = call,reporting`" in said


def test_nobody_there_is_told(
    dialguard: Dialguard, manager: Manager, capsys: pytest.CaptureFixture[str]
) -> None:
    """With host and port."""
    text = dialguard.settings.read_text().replace(f"port = {manager.port}", "port = 1")
    dialguard.settings.write_text(text)
    assert "nobody answers at 127.0.0.1:1" in _fails(dialguard, capsys)
