"""`dialguard serve`: the service, and for newcomers what to try on it."""

from __future__ import annotations

import os
import shlex
import shutil
import sys
from typing import TYPE_CHECKING, Annotated

import typer

from fastagi.cli.output import give_up, warn
from fastagi.cli.service import SettingsOption, settings_of
from fastagi.daemon.places import policy_place
from fastagi.daemon.service import run
from fastagi.errors import DialguardError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fastagi.settings import Settings


def serve(
    settings: SettingsOption = None,
    hints: Annotated[
        bool | None,
        typer.Option(
            "--hints/--no-hints",
            metavar="",
            help="print what to try; in a terminal that is done anyway",
        ),
    ] = None,
) -> None:
    """Run the service until SIGTERM or Ctrl-C; SIGHUP reloads the policy.

    Exit status 3 when the settings or the policy are invalid, 1 when anything else stands in the
    way, 0 after a graceful end.
    """
    loaded = settings_of(settings)
    wanted = sys.stderr.isatty() if hints is None else hints
    try:
        status = run(loaded, lambda: _show_hints(loaded) if wanted else None)
    except DialguardError as error:
        give_up(error)
    raise typer.Exit(status)


def _show_hints(settings: Settings) -> None:
    for line in _hints(settings):
        warn(line, "")


def _hints(settings: Settings) -> Iterator[str]:
    """Say what a newcomer can type in another terminal."""
    # As it was started itself, where it is not on the PATH: `.venv/bin/dialguard`.
    program = "dialguard" if shutil.which("dialguard") else shlex.quote(sys.argv[0])
    source = "" if settings.source is None else f" --settings {shlex.quote(str(settings.source))}"
    policy = shlex.quote(os.path.relpath(policy_place(settings)))
    to_try = {
        "a national call passes": f"call{source} 101 902079460000",
        "a satellite phone does not": f"call{source} 101 900881612345678",
        "a PIN, a QR code, recovery codes": f"phone add{source} 101",
        "Rome: asks for PIN and code": f"call{source} 101 900390612345678",
        "two at a time: hold two, try a third": f"call{source} 101 902079460000 --hold",
        "an ambulance always passes": f"call{source} 201 999",
        "who holds what": f"calls{source}",
        "every rule, and why": f"explain {policy} 101 900390612345678",
    }
    yield f"dialguard answers at {settings.agi.listen}. In another terminal, try:"
    for what, command in to_try.items():
        yield f"  {program} {command}  # {what}"
    yield "Ctrl-C ends it. For Asterisk, see docs/install.md."
