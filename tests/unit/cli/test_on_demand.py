"""Commands that are imported when they are run."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import pytest
import typer
from typer.testing import CliRunner

from fastagi.cli.on_demand import OnDemand, Outline, imported

if TYPE_CHECKING:
    from pathlib import Path

MODULE = '''
import typer

def greet(name: str) -> None:
    """Say
    hello.

    And no
    more.
    """
    print("hello", name)

def commands() -> typer.Typer:
    group = typer.Typer(help="Say goodbye.", epilog="Example: wave off")
    group.callback()(lambda: None)
    group.command("off")(lambda: print("bye"))
    return group
'''


class Top(OnDemand):
    """A command with one that is there, and one that is not."""

    def __init__(self, **given: Any) -> None:
        super().__init__(**given)
        self.add_command(Outline("greet", "polite:greet", "Say hello.", "Example: greet you"))
        self.add_command(Outline("wave", "polite:commands", "Say goodbye."))
        self.add_command(Outline("curse", "impolite:curse", "Say nothing."))


@pytest.fixture
def app(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> typer.Typer:
    """Return the command, and have its module where it can be imported from."""
    (tmp_path / "polite.py").write_text(MODULE)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "polite", raising=False)
    top = typer.Typer(cls=Top)
    top.callback()(lambda: None)
    return top


def _run(app: typer.Typer, *words: str) -> str:
    done = CliRunner().invoke(app, words, catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return done.stdout


def test_the_list_is_shown_without_an_import(app: typer.Typer) -> None:
    """Also of a command whose module is not there."""
    shown = _run(app, "--help")
    assert all(each in shown for each in ("Say hello.", "Say goodbye.", "Say nothing."))
    assert "polite" not in sys.modules


def test_a_command_runs_with_its_arguments(app: typer.Typer) -> None:
    """It is imported then."""
    assert _run(app, "greet", "you") == "hello you\n"
    assert "polite" in sys.modules


def test_a_group_runs_what_is_in_it(app: typer.Typer) -> None:
    """The words after it are its own."""
    assert _run(app, "wave", "off") == "bye\n"


def test_its_own_help_is_the_docstring_with_the_example(app: typer.Typer) -> None:
    """Each paragraph is one line, for the terminal to wrap."""
    shown = [each.strip() for each in _run(app, "greet", "--help").splitlines()]
    assert "Say hello." in shown
    assert "And no more." in shown
    assert "Example: greet you" in shown
    assert "Example: wave off" in _run(app, "wave", "--help")


def test_what_is_no_outline_is_imported_already(app: typer.Typer) -> None:
    """Whoever walks through all commands meets both."""
    outline = typer.main.get_group(app).commands["greet"]
    command = imported(outline)
    assert command is not outline
    assert imported(command) is command
