"""The pretend phone's line: a FastAGI connection to a service, from Asterisk's side.

Here is what the dialplan does: it asks `outbound` for a verdict, and `release` when a call ends,
and its feature codes sign somebody in and off.
"""

from __future__ import annotations

import hashlib
import socket
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from fastagi.call.channel import Argument, Script, Variable
from fastagi.cli.pretend_asterisk import Call, Leg, environment
from fastagi.errors import ChannelGone, ChannelSilent

if TYPE_CHECKING:
    from collections.abc import Mapping

CONNECT_S: Final = 2.0
"""As Asterisk: it gives up a connection that long after (res_agi.c, launch_netscript())."""

SILENCE_S: Final = 30.0
"""The service has deadlines of its own; this one is for a service that hangs."""


FEATURES: Final[Mapping[str, Script]] = {
    "*1": Script.SIGN_IN,
    "*2": Script.SIGN_OFF,
    "*3": Script.SIGNED_IN,
}
"""The feature codes of `dialplan/dialguard.conf`, context `dialguard-sign-in`."""

AGENT: Final = hashlib.sha1(b"dialguard call").hexdigest()  # noqa: S324 - as a dialplan makes it
"""What a pretend phone says that it is."""

CONTACT: Final = hashlib.sha1(b"dialguard call's contact").hexdigest()  # noqa: S324 - as above
"""All that is registered for it."""


@dataclass(frozen=True, slots=True)
class Handset:
    """A pretend phone's channel at a pretend Asterisk.

    Attributes:
        address: Host and port of the service.
        secret: What the dialplan shares with the service; empty where nothing is shared.
        more: Further arguments the dialplan would send: address, transport, site …
    """

    address: tuple[str, int]
    leg: Leg
    secret: str
    more: Mapping[Argument, str]

    def dial(self, call: Call) -> None:
        """Ask whether the call may be made; the verdict is among the call's variables then.

        Behind a feature code there is no verdict, but a reason.

        Raises:
            ChannelGone: Nobody answers at the address, or the service said no verdict.
            ChannelSilent: The service hangs.
        """
        script = FEATURES.get(self.leg.dialled, Script.OUTBOUND)
        arguments = {
            Argument.CALL: self.leg.uniqueid,
            Argument.DIALLED: self.leg.dialled if script is Script.OUTBOUND else str(script),
            Argument.ENDPOINT: self.leg.endpoint,
            Argument.AGENT: AGENT,
            Argument.CONTACT: CONTACT,
        }
        self._ask(script, {**arguments, **self.more}, call)
        awaited = Variable.VERDICT if script is Script.OUTBOUND else Variable.REASON
        if awaited not in call.variables:
            raise ChannelGone(
                "the service closed the connection without a verdict; its log says why"
            )

    def hang_up(self) -> bool:
        """Release the call's slots, as the dialplan's hangup handler does.

        Returns:
            Whether the service let us in: it says nothing to whom it does not trust.

        Raises:
            ChannelGone: Nobody answers at the address.
            ChannelSilent: The service hangs.
        """
        about = {Argument.CALL: self.leg.uniqueid, Argument.TALKED: "0"}  # nothing was dialled
        if Argument.SITE in self.more:
            about[Argument.SITE] = self.more[Argument.SITE]
        return self._ask(Script.RELEASE, about, Call(hear=lambda _: None, key=lambda _: ""))

    def _ask(self, script: Script, arguments: Mapping[Argument, str], call: Call) -> bool:
        """Ask, and obey until the service closes; whether it said anything."""
        heard = False
        told = {str(name): value for name, value in arguments.items()}
        if self.secret:
            told[Argument.TOKEN] = self._token(script)
        try:
            with socket.create_connection(self.address, CONNECT_S) as line:
                line.settimeout(SILENCE_S)
                line.sendall(environment(self.leg, script, told))
                with line.makefile("rb") as commands:
                    for command in commands:
                        heard = True
                        reply = call.obey(command.decode(errors="replace").rstrip("\r\n"))
                        line.sendall(f"{reply}\n".encode())
        except TimeoutError as error:
            raise ChannelSilent(f"the service at {self._shown} does not answer") from error
        except ConnectionRefusedError as error:
            raise ChannelGone(
                f"nobody answers at {self._shown}; start the service with `dialguard serve`"
            ) from error
        except OSError as error:
            # A verdict may be followed by a close that leaves our last reply unread.
            if not {Variable.VERDICT, Variable.REASON} & call.variables.keys():
                raise ChannelGone(f"the connection to {self._shown} was lost") from error
        return heard

    @property
    def _shown(self) -> str:
        return f"`{self.address[0]}:{self.address[1]}`"

    def _token(self, script: Script) -> str:
        """Return what proves that the dialplan knows the secret: `${SHA1(secret:call:…)}`."""
        about = self.leg.dialled if script is Script.OUTBOUND else str(script)
        if script is Script.RELEASE:
            about = f"{script}:0"
        text = f"{self.secret}:{self.leg.uniqueid}:{about}"
        return hashlib.sha1(text.encode()).hexdigest()  # noqa: S324 - all that a dialplan can make
