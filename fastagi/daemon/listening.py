"""The listening socket, and who may knock at it."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING, Final

from fastagi.daemon.handed_over import choose, handed_over
from fastagi.errors import Problem, SettingsError
from fastagi.settings import origin

if TYPE_CHECKING:
    from collections.abc import Iterator, MutableMapping

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
        raise SettingsError(problems)


def _unguarded(settings: Settings) -> Iterator[Problem]:
    agi = settings.agi
    if agi.listen.host.is_loopback:
        return
    place = origin(settings, "agi", "listen")
    reached = f'`listen = "{agi.listen}"` can be reached from other machines'
    if all(network.is_loopback for network in agi.allow):
        yield Problem(place, 0, f"{reached}: put the address of your Asterisk into `allow`")
    if agi.secret_file is None:
        what = f"{reached}: name a `secret_file`, and give the dialplan the same secret"
        yield Problem(place, 0, what)


def _not_built(settings: Settings) -> Iterator[Problem]:
    """Yield what the settings ask for that this version would silently not do."""
    if settings.console is not None:
        what = "`[console]` is for a later version; leave the table out"
        yield Problem(origin(settings, "console"), 0, what)


def listen(
    settings: Settings, environment: MutableMapping[str, str] | None = None
) -> socket.socket:
    """Open the listening socket, or take the one that systemd handed over.

    All workers accept on this one socket. With one of each worker's own (SO_REUSEPORT, socket(7))
    the kernel would deal callers out to the workers' queues by a hash of their addresses, whoever
    lives: those in the queue of a worker that dies are reset, and those in that of one that hangs
    wait until it is killed. Of a shared queue any worker that lives takes the next caller.

    Args:
        settings: With the address.
        environment: Where systemd says what it hands over; that is removed from it.

    Raises:
        OSError: The address is not this machine's, or the port is taken.
        SettingsError: What was handed over is not what the settings say.
    """
    agi = settings.agi.listen
    handed = handed_over({} if environment is None else environment)
    door = (
        choose(handed, settings)
        if handed
        else socket.create_server(
            (str(agi.host), agi.port),
            family=socket.AF_INET6 if agi.host.version == 6 else socket.AF_INET,
            backlog=BACKLOG,
        )
    )
    door.setblocking(False)
    return door
