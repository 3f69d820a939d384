"""The listening socket, and who may knock at it."""

from __future__ import annotations

import socket
from pathlib import Path
from typing import TYPE_CHECKING, Final

from fastagi.errors import Problem, SettingsError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fastagi.settings import Settings

BACKLOG: Final = 512
"""Callers whom the kernel keeps waiting while a worker is replaced."""


def check_settings(settings: Settings) -> None:
    """Refuse a door that strangers can reach and nobody guards, and what cannot be done yet.

    The FastAGI port has no login: away from loopback it takes a list of peers and a secret.

    Raises:
        SettingsError: With everything that is to be put right.
    """
    problems = [*_unguarded(settings), *_not_built(settings)]
    if problems:
        source = settings.source or Path("$DIALGUARD_…")
        raise SettingsError(Problem(source, 0, problem) for problem in problems)


def _unguarded(settings: Settings) -> Iterator[str]:
    agi = settings.agi
    if agi.listen.host.is_loopback:
        return
    reached = f'`listen = "{agi.listen}"` can be reached from other machines'
    if all(network.is_loopback for network in agi.allow):
        yield f"{reached}: put the address of your Asterisk into `allow`"
    if agi.secret_file is None:
        yield f"{reached}: name a `secret_file`, and give the dialplan the same secret"


def _not_built(settings: Settings) -> Iterator[str]:
    """Yield what the settings ask for that this version would silently not do."""
    if settings.ami is not None:
        yield "`[ami]` is for a later version; leave the table out"
    if settings.console is not None:
        yield "`[console]` is for a later version; leave the table out"


def listen(settings: Settings) -> socket.socket:
    """Open the listening socket.

    Raises:
        OSError: The address is not this machine's, or the port is taken.
    """
    agi = settings.agi.listen
    door = socket.create_server(
        (str(agi.host), agi.port),
        family=socket.AF_INET6 if agi.host.version == 6 else socket.AF_INET,
        backlog=BACKLOG,
    )
    door.setblocking(False)
    return door
