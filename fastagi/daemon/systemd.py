"""The few words the service says to systemd, where it was started by it (sd_notify(3)).

A datagram to the socket that `NOTIFY_SOCKET` names; without it nothing is sent. A lost datagram
is not worth a call, so errors are dropped.
"""

from __future__ import annotations

import contextlib
import socket
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

READY: Final = "READY=1"
STOPPING: Final = "STOPPING=1"
WATCHDOG: Final = "WATCHDOG=1"


@dataclass(frozen=True, slots=True)
class Systemd:
    """Where systemd listens, and how often it wants to hear.

    Attributes:
        address: The socket's address; empty where nobody listens.
        watchdog_s: Seconds between two `WATCHDOG`; None where none are wanted.
    """

    address: str = ""
    watchdog_s: float | None = None

    @classmethod
    def of(cls, environment: Mapping[str, str]) -> Systemd:
        """Read what systemd put into the environment; half of its watchdog time is our beat."""
        microseconds = environment.get("WATCHDOG_USEC", "")
        wanted = int(microseconds) / 1e6 / 2 if microseconds.isdecimal() else None
        return cls(environment.get("NOTIFY_SOCKET", ""), wanted or None)

    def tell(self, word: str) -> None:
        """Send one word, if anybody listens."""
        if not self.address:
            return
        # A leading `@` stands for the NUL of an abstract socket (sd_notify(3)).
        address = "\0" + self.address[1:] if self.address.startswith("@") else self.address
        with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as way:
            way.setblocking(False)
            way.sendto(word.encode(), address)
