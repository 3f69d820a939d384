"""The far end of the trunk: answers what reaches it, and counts it."""

from __future__ import annotations

import socket
import time
from typing import TYPE_CHECKING, Final, Self

from tests.e2e.rig.phone import PEER
from tests.e2e.rig.ports import free
from tests.e2e.rig.sipp import Sipp
from tests.e2e.rig.waiting import until

if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import TracebackType

    from tests.e2e.rig.asterisk import Asterisk
    from tests.e2e.rig.phone import Step
    from tests.e2e.rig.sipp import Message


HERE: Final = (("[remote_ip]:[remote_port]", "[local_ip]"), ("[remote_ip]", "[local_ip]"))


class FarEnd:
    """A SIPp that takes calls at an address."""

    def __init__(
        self,
        address: str,
        port: int,
        *,
        scenario: str = "trunk.xml",
        ring_s: float = 0.2,
        talk_s: float = 120.0,
        forward_to: str = "",
        do: Sequence[Step] = (),
    ) -> None:
        self._sipp = Sipp(
            scenario,
            {
                "ring_ms": str(round(ring_s * 1000)),
                "talk_ms": str(round(talk_s * 1000)),
                "forward_to": forward_to,
                "once_answered": _steps(do) or '<recv request="ACK" optional="true"/>',
            },
            [*("-i", address, "-p", str(port)), *("-mp", str(free(socket.SOCK_DGRAM)))],
        )
        self._seen = 0
        self._wait_until_it_listens(address, port)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def forget(self) -> None:
        """Count from here."""
        self._seen = len(self._sipp.messages)

    @property
    def messages(self) -> list[Message]:
        """What it sent and received since `forget`."""
        return self._sipp.messages[self._seen :]

    @property
    def calls(self) -> list[str]:
        """The user part of every INVITE that reached it, retransmissions aside."""
        invites = {
            each.header("Call-ID"): each.user
            for each in self.messages
            if each.method == "INVITE" and not each.sent
        }
        return list(invites.values())

    @property
    def ended_at(self) -> list[float]:
        """When each BYE reached it."""
        return [each.at for each in self.messages if each.method == "BYE" and not each.sent]

    @property
    def answered_at(self) -> list[float]:
        """When it answered each call."""
        return [
            each.at
            for each in self.messages
            if each.status == 200 and each.cseq_method == "INVITE" and each.sent
        ]

    def talked_s(self) -> float:
        """How long its first call was up, in seconds.

        Waits for the BYE: that of the caller, which a test has seen, may have come before it.
        """
        until(lambda: self.ended_at != [])
        return self.ended_at[0] - self.answered_at[0]

    @property
    def errors(self) -> str:
        """What SIPp complained about."""
        return self._sipp.errors

    def stop(self) -> None:
        """Take no more calls."""
        self._sipp.stop()

    def _wait_until_it_listens(self, address: str, port: int) -> None:
        until = time.monotonic() + 10
        while time.monotonic() < until and self._sipp.running:
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
                try:
                    probe.bind((address, port))
                except OSError:
                    return
            time.sleep(0.02)
        message = f"the far end did not come up: {self._sipp.errors}"
        raise OSError(message)


def _steps(do: Sequence[Step]) -> str:
    """Return what to do as SIPp understands it, of a phone that was called."""
    steps = "".join(step.xml() for step in do)
    # SIPp knows where a call comes from by its headers only.
    for known_to_callers, known in ((f"To: {PEER}", "To:[$caller]"), *HERE):
        steps = steps.replace(known_to_callers, known)
    return f'<recv request="ACK"/>{steps}' if steps else ""


def trunk_of(asterisk: Asterisk, *, ring_s: float = 0.2, talk_s: float = 120.0) -> FarEnd:
    """Return the far end of an Asterisk's trunk."""
    return FarEnd("127.0.0.2", asterisk.ports.trunk, ring_s=ring_s, talk_s=talk_s)


def answering(
    asterisk: Asterisk, extension: str, *do: Step, talk_s: float = 120.0, ring_s: float = 0.2
) -> FarEnd:
    """Return a phone that answers when it is called, and then does what is to be done."""
    port = asterisk.ports.phones[extension]
    return FarEnd("127.0.0.1", port, talk_s=talk_s, ring_s=ring_s, do=do)


def forwarding(asterisk: Asterisk, extension: str, forward_to: str) -> FarEnd:
    """Return a phone that forwards (302) whatever is called."""
    return FarEnd(
        "127.0.0.1",
        asterisk.ports.phones[extension],
        scenario="forward.xml",
        forward_to=forward_to,
    )
