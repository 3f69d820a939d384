"""Listening sockets that were opened by systemd and handed over (sd_listen_fds(3)).

They outlive the service: who calls while it restarts waits in the kernel's queue.
"""

from __future__ import annotations

import os
import socket
from ipaddress import ip_address
from pathlib import Path
from typing import TYPE_CHECKING, Final

import structlog

from fastagi.errors import Problem, SettingsError
from fastagi.settings import Listen, origin

if TYPE_CHECKING:
    from collections.abc import MutableMapping, Sequence

    from fastagi.settings import Settings

FIRST: Final = 3
"""The first descriptor that is handed over: SD_LISTEN_FDS_START of sd-daemon.h."""

LISTEN_PID: Final = "LISTEN_PID"
LISTEN_FDS: Final = "LISTEN_FDS"
LISTEN_FDNAMES: Final = "LISTEN_FDNAMES"

UNIT: Final = "dialguard.socket"

log = structlog.get_logger(__name__)


def handed_over(environment: MutableMapping[str, str], first: int = FIRST) -> list[socket.socket]:
    """Take what was handed over; nothing where that is nothing, or meant for another process.

    The variables are removed, and the descriptors are closed at exec(2): no process that is
    started later takes them for its own.

    Raises:
        SettingsError: One of them is not a TCP socket that listens.
    """
    meant_for = environment.pop(LISTEN_PID, "")
    count = environment.pop(LISTEN_FDS, "")
    environment.pop(LISTEN_FDNAMES, None)
    if meant_for != str(os.getpid()) or not count.isdecimal():
        return []
    sockets: list[socket.socket] = []
    faults: list[str] = []
    for descriptor in range(first, first + int(count)):
        try:
            os.set_inheritable(descriptor, False)
            sockets.append(socket.socket(fileno=descriptor))
        except OSError as error:
            faults.append(f"descriptor {descriptor}: {os.strerror(error.errno or 0).lower()}")
    faults += filter(None, map(_fault, sockets))
    if faults:
        for each in sockets:
            each.close()
        what = "it may hand over TCP sockets only that listen (`ListenStream=ADDRESS:PORT`)"
        raise SettingsError([Problem(Path(UNIT), 0, f"{what}: {fault}") for fault in faults])
    return sockets


def choose(handed: Sequence[socket.socket], settings: Settings) -> socket.socket:
    """Return the one that listens where the settings say; the others are closed.

    Raises:
        SettingsError: None does; with what was handed over, and what to do.
    """
    wanted = settings.agi.listen
    ours = [each for each in handed if _address(each) == wanted]
    if not ours:
        there = ", ".join(f"`{_address(each)}`" for each in handed)
        what = (
            f"systemd handed over {there}, and `[agi] listen` says"
            f" `{wanted}`: put `ListenStream={wanted}` into {UNIT}, or that address here; or do"
            f" without: `systemctl disable --now {UNIT}`"
        )
        raise SettingsError([Problem(origin(settings, "agi", "listen"), 0, what)])
    for each in handed:
        if each is not ours[0]:
            log.warning("socket-not-used", address=str(_address(each)), unit=UNIT)
            each.close()
    return ours[0]


def _fault(handed: socket.socket) -> str:
    """Say why it is not a TCP socket that listens; nothing where it is one."""
    if handed.family not in {socket.AF_INET, socket.AF_INET6}:
        return f"descriptor {handed.fileno()} is of the family {handed.family.name}"
    if handed.type is not socket.SOCK_STREAM:
        return f"`{_address(handed)}` is of the type {handed.type.name}"
    if not handed.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN):
        return f"`{_address(handed)}` does not listen"
    return ""


def _address(handed: socket.socket) -> Listen:
    host, port = handed.getsockname()[:2]
    return Listen(ip_address(host), port)
