"""Commands that are imported when they are run, or when their own help is shown.

Each needs other libraries, and all of them together take longer to import than most commands take
to run. Until then there is a command's outline: what the list of commands says of it.
"""

from __future__ import annotations

import importlib
import inspect
from typing import TYPE_CHECKING, Any, Final

import typer
from rich.markup import escape
from typer.core import TyperCommand, TyperGroup

if TYPE_CHECKING:
    from typer._click import Command, Context

GROUP: Final = "commands"
"""The function of a module that returns a group; any other is a command itself."""


class Outline(TyperCommand):
    """One command or group that is not imported yet.

    Args:
        name: What one types.
        where: Its module and function: `fastagi.cli.phone:commands`.
        summary: The first paragraph of its help.
        epilog: The last line of its help; empty where a group says that itself.
    """

    def __init__(self, name: str, where: str, summary: str, epilog: str = "") -> None:
        super().__init__(name, help=summary)
        self._where = where
        self._last_line = epilog

    def load(self) -> TyperCommand | TyperGroup:
        """Import it."""
        module, _, function = self._where.partition(":")
        found = getattr(importlib.import_module(module), function)
        named: dict[str, Any] = {"name": self.name}
        if self._last_line:
            named["epilog"] = self._last_line
        holder = typer.Typer()
        holder.callback()(lambda: None)  # with one command alone it would be no group
        if function == GROUP:
            holder.add_typer(found(), **named)
        else:
            holder.command(**named)(found)
        _unwrap_help(holder)
        (command,) = typer.main.get_group(holder).commands.values()
        _escape_help(command)
        return imported(command)


class OnDemand(TyperGroup):
    """A group of outlines; the one that is run is imported."""

    def resolve_command(
        self, ctx: Context, args: list[str]
    ) -> tuple[str | None, Command | None, list[str]]:
        """Return what the words name, imported."""
        name, command, rest = super().resolve_command(ctx, args)
        return name, command and imported(command), rest


def imported(command: Command) -> TyperCommand | TyperGroup:
    """Return a command, with what is in it where it is a group: of an outline, what it is of."""
    if isinstance(command, Outline):
        return command.load()
    assert isinstance(command, TyperCommand | TyperGroup)  # noqa: S101 - Typer makes no other
    return command


def _unwrap_help(app: typer.Typer) -> None:
    """Make each paragraph of help one line, which a terminal of any width wraps by itself."""
    for command in app.registered_commands:
        paragraphs = inspect.getdoc(command.callback) or ""
        command.help = "\n\n".join(" ".join(each.split()) for each in paragraphs.split("\n\n"))
    for group in app.registered_groups:
        if group.typer_instance is not None:
            _unwrap_help(group.typer_instance)


def _escape_help(command: Command) -> None:
    """Have `[ami]` shown: Typer takes what is in brackets for a style, and shows nothing of it."""
    for each in (command, *command.params):
        text: str | None = getattr(each, "help", None)  # an argument may have none
        if text is not None:
            setattr(each, "help", escape(text))  # noqa: B010 - no class that both share has it
    if isinstance(command, TyperGroup):
        for each in command.commands.values():
            _escape_help(each)
