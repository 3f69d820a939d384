"""Writes docs/commands.md from the command itself: `python -m tests.docs.commands_page`."""

from __future__ import annotations

import functools
import inspect
from pathlib import Path
from typing import TYPE_CHECKING, Final

import typer
from rich.text import Text
from typer.core import TyperGroup

from fastagi.cli.app import application
from fastagi.cli.on_demand import imported

if TYPE_CHECKING:
    from collections.abc import Iterator

PAGE: Final = Path(__file__).parents[2] / "docs" / "commands.md"

HEAD: Final = """# Commands

`--help` after any of them says the same. This page is made from the command, and a test holds
it to that.

Exit status: 0 done or allowed, 1 failed, 2 denied, 3 the policy or the settings are invalid. In a
terminal there are tables, or one value a line where a table would not fit; in a pipe plain text,
one line each, fields separated by tabs; `--json` wherever
something is listed. `dialguard --install-completion` teaches your shell to complete them.
"""


@functools.cache
def commands() -> dict[str, typer.core.TyperCommand | TyperGroup]:
    """Return every command by its words, groups included."""
    found: dict[str, typer.core.TyperCommand | TyperGroup] = {}

    def collect(words: str, command: object) -> None:
        assert isinstance(command, typer.core.TyperCommand | TyperGroup)
        found[words] = command
        if isinstance(command, TyperGroup):
            for name, each in command.commands.items():
                collect(f"{words} {name}", imported(each))

    collect("dialguard", typer.main.get_command(application()))
    return found


def page() -> str:
    """Return the page."""
    return HEAD + "".join(
        f"\n{part}" for words, each in commands().items() for part in _section(words, each)
    )


def _section(words: str, command: typer.core.TyperCommand | TyperGroup) -> Iterator[str]:
    if words == "dialguard":
        return
    shown = [each for each in command.params if "--help" not in each.opts]
    arguments = [each for each in shown if each.param_type_name == "argument"]
    options = [each for each in shown if each.param_type_name == "option"]
    usage = " ".join([words, *(str(each.name).upper() for each in arguments)])
    yield f"## `{usage}`\n"
    yield inspect.cleandoc(_shown(command.help)) + "\n"
    rows = [
        *((str(each.name).upper(), _shown(getattr(each, "help", ""))) for each in arguments),
        *(
            (", ".join([*each.opts, *each.secondary_opts]), _shown(getattr(each, "help", "")))
            for each in options
        ),
    ]
    if rows:
        yield "| | |\n|---|---|\n" + "".join(f"| `{name}` | {text} |\n" for name, text in rows)
    if command.epilog:
        label, _, example = command.epilog.partition(": ")
        yield f"{label}: `{example}`\n"


def _shown(text: str | None) -> str:
    """Return help as a terminal shows it, which takes some of what is in brackets for styles."""
    return Text.from_markup(text or "").plain


if __name__ == "__main__":
    PAGE.write_text(page())
