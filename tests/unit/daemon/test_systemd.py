"""The few words said to systemd."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING

from fastagi.daemon.systemd import READY, Systemd

if TYPE_CHECKING:
    from pathlib import Path


def test_without_systemd_nothing_is_sent() -> None:
    """Started by hand there is nobody to tell."""
    systemd = Systemd.of({})
    systemd.tell(READY)
    assert systemd == Systemd("", None)


def test_the_environment_says_where_and_how_often() -> None:
    """Half of WatchdogSec, as sd_watchdog_enabled(3) recommends."""
    systemd = Systemd.of({"NOTIFY_SOCKET": "/run/n", "WATCHDOG_USEC": "3000000"})
    assert systemd == Systemd("/run/n", 1.5)
    assert Systemd.of({"WATCHDOG_USEC": "0"}).watchdog_s is None


def test_a_socket_with_a_path_is_told(tmp_path: Path) -> None:
    """The word arrives as one datagram."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as ear:
        ear.bind(str(tmp_path / "notify"))
        Systemd(str(tmp_path / "notify")).tell(READY)
        assert ear.recv(64) == b"READY=1"


def test_nobody_listening_is_no_error(tmp_path: Path) -> None:
    """A lost datagram is not worth a call."""
    Systemd(str(tmp_path / "nobody")).tell(READY)
