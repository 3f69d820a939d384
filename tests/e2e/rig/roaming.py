"""A phone that registers, wherever it is on the loopback."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.e2e.rig.asterisk import password
from tests.e2e.rig.phone import TRANSPORTS
from tests.e2e.rig.ports import free_for_sip
from tests.e2e.rig.sipp import Sipp

if TYPE_CHECKING:
    from tests.e2e.rig.asterisk import Asterisk


class RoamingPhone:
    """The phone of an extension of `ROAMING`, at one place.

    Attributes:
        host: The address it sends from; `aor`, as what it registers, if not as its extension.
        port: The port that it registers.
    """

    def __init__(
        self, asterisk: Asterisk, extension: str, host: str = "127.0.0.1", aor: str = ""
    ) -> None:
        self.extension = extension
        self._aor = aor or extension
        self.host = host
        self.port = free_for_sip(host)
        self._asterisk = asterisk
        self._contact = f"sip:{extension}@{host}:{self.port}"

    def register(
        self, *, expires_s: int = 600, agent: str = "phone", transport: str = "udp", user: str = ""
    ) -> float:
        """Register, and return when it was taken, in seconds since the epoch.

        Args:
            expires_s: For how long.
            agent: What it says it is.
            transport: `udp`, `tcp`, `tls` or `ws`.
            user: The user part of its contact; its extension where none is given.
        """
        parameter = "" if transport == "udp" else f";transport={transport}"
        self._contact = f"sip:{user or self.extension}@{self.host}:{self.port}{parameter}"
        return self._send(expires_s, agent, transport)

    def leave(self) -> float:
        """Register no more, and return when that was taken."""
        return self._send(0, "phone", "udp")

    def _send(self, expires_s: int, agent: str, transport: str) -> float:
        ports = self._asterisk.ports
        target = {"tcp": ports.tcp, "tls": ports.tls, "ws": ports.http}.get(transport, ports.sip)
        values = {
            "user": self.extension,
            "aor": self._aor,
            "password": password(self.extension),
            "contact": self._contact,
            "expires": str(expires_s),
            "agent": agent,
        }
        arguments = ["-i", self.host, "-p", str(self.port), "-m", "1", "-timeout", "10s"]
        path = ["-ws_path", "/ws"] if transport == "ws" else []
        sipp = Sipp(
            "register.xml",
            values,
            [*arguments, "-t", TRANSPORTS[transport], *path],
            f"127.0.0.1:{target}",
        )
        try:
            assert sipp.wait(15) == 0, sipp.errors
            return next(each.at for each in sipp.messages if each.status == 200)
        finally:
            sipp.stop()
