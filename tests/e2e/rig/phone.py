"""A SIPp phone that dials, keys RFC 4733 digits, hangs up, and tells how the call went."""

from __future__ import annotations

import re
import socket
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import count
from typing import TYPE_CHECKING, Final, TypeAlias

from tests.e2e.rig.asterisk import password
from tests.e2e.rig.ports import free, free_for_sip
from tests.e2e.rig.sipp import Message, Sipp

if TYPE_CHECKING:
    from tests.e2e.rig.asterisk import Asterisk

FINALS: Final = (403, 404, 408, 480, 481, 484, 486, 487, 488, 500, 501, 503, 603)
DIGIT_MS: Final = 700
"""SIPp plays a digit in 420 ms, on a busy machine in 600; the next digits would cut it short."""
TRANSPORTS: Final = {"udp": "u1", "tcp": "t1", "tls": "l1", "ws": "w1"}


# ----------------------------------------------------------------------------- what it does


@dataclass(frozen=True, slots=True)
class Wait:
    """Do nothing for a while."""

    seconds: float

    def xml(self) -> str:
        """Return it as SIPp understands it."""
        return f'<pause milliseconds="{round(self.seconds * 1000)}"/>'


@dataclass(frozen=True, slots=True)
class Key:
    """Key digits, with real RFC 4733 events."""

    digits: str

    def xml(self) -> str:
        """Return it as SIPp understands it."""
        return (
            f'<nop><action><exec play_dtmf="{self.digits}"/></action></nop>'
            f'<pause milliseconds="{DIGIT_MS * len(self.digits)}"/>'
        )


_refers = count(1000)
PEER: Final = "<sip:callee@[remote_ip]>[peer_tag_param]"
"""The other side, as a phone that dialled it names it."""


@dataclass(frozen=True, slots=True)
class Refer:
    """Transfer the other side: blind, or to a call that `replaces` names.

    Attributes:
        answer: The status that Asterisk has to answer it with.
    """

    to: str
    replaces: str = ""
    answer: int = 202

    def xml(self) -> str:
        """Return it as SIPp understands it."""
        target = f"sip:{self.to}@[remote_ip]:[remote_port]" + (
            f"?Replaces={self.replaces}" if self.replaces else ""
        )
        number = next(_refers)
        return f"""<send retrans="500"><![CDATA[
REFER [next_url] SIP/2.0
Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]
From: "phone" <sip:phone@[remote_ip]>;tag=[pid]t[call_number]
To: {PEER}
Call-ID: [call_id]
CSeq: {number} REFER
Contact: <sip:phone@[local_ip]:[local_port]>
Refer-To: <{target}>
Max-Forwards: 70
Content-Length: 0

]]></send>
<recv response="{self.answer}"/>"""


Step: TypeAlias = Wait | Key | Refer


# ----------------------------------------------------------------------------- how it went


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a call went, by the SIP messages the phone saw."""

    messages: tuple[Message, ...]

    @property
    def status(self) -> int:
        """The final status of the authenticated INVITE; 0 where there was none."""
        finals = [
            each.status
            for each in self.messages
            if not each.sent and each.status >= 200 and each.header("CSeq") == "2 INVITE"
        ]
        return finals[-1] if finals else 0

    @property
    def answered(self) -> bool:
        """Whether the phone was told that the call was answered."""
        return self.status == 200

    @property
    def had_early_media(self) -> bool:
        """Whether sound was offered before any answer."""
        return any(each.status == 183 and not each.sent for each in self.messages)

    @property
    def cause(self) -> int:
        """The Q.850 cause that Asterisk gave for ending it; 0 where it gave none."""
        for message in reversed(self.messages):
            found = re.search(r"Q\.850;cause=(\d+)", message.header("Reason"))
            if found and not message.sent:
                return int(found[1])
        return 0

    @property
    def ended_by_asterisk(self) -> bool:
        """Whether the phone was hung up on, before or after an answer."""
        said_bye = any(each.method == "BYE" and not each.sent for each in self.messages)
        return said_bye or (self.status >= 300 and not self._cancelled)

    @property
    def seconds_to_sound(self) -> float:
        """From the authenticated INVITE to the first early media or final answer."""
        return (
            self._first(lambda each: each.status == 183 or each.status >= 200) - self._dialled_at
        )

    @property
    def seconds_to_end(self) -> float:
        """From the authenticated INVITE to the last message."""
        return self.messages[-1].at - self._dialled_at

    @property
    def _cancelled(self) -> bool:
        return any(each.method == "CANCEL" for each in self.messages)

    @property
    def _dialled_at(self) -> float:
        return next(
            each.at
            for each in self.messages
            if each.method == "INVITE" and each.header("CSeq") == "2 INVITE"
        )

    def _first(self, fits: object) -> float:
        assert callable(fits)
        return next(
            each.at
            for each in self.messages
            if not each.sent and each.header("CSeq") == "2 INVITE" and fits(each)
        )


class Call:
    """A call under way."""

    def __init__(self, sipp: Sipp, longest_s: float) -> None:
        self.sipp = sipp
        self._longest_s = longest_s

    def outcome(self) -> Outcome:
        """Wait for the call's end and return how it went."""
        try:
            self.sipp.wait(self._longest_s)
        finally:
            self.sipp.stop()
        return Outcome(tuple(self.sipp.messages))

    @property
    def is_answered(self) -> bool:
        """Whether it has been answered by now."""
        return Outcome(tuple(self.sipp.messages)).answered

    @property
    def replaces(self) -> str:
        """The call, as a Replaces header in a Refer-To names it (RFC 3891), once answered."""
        answer = next(each for each in self.sipp.messages if each.status == 200 and not each.sent)
        own = re.search(r"tag=([^;\s]+)", answer.header("From"))
        theirs = re.search(r"tag=([^;\s]+)", answer.header("To"))
        assert own
        assert theirs
        call_id = answer.header("Call-ID").replace("@", "%40")
        return f"{call_id}%3Bto-tag%3D{theirs[1]}%3Bfrom-tag%3D{own[1]}"


# ----------------------------------------------------------------------------- the phone


class Phone:
    """One extension's phone."""

    def __init__(self, asterisk: Asterisk, extension: str) -> None:
        self.extension = extension
        self._asterisk = asterisk

    def dial(self, dialled: str, *do: Step, talk_s: float = 1.0, **more: object) -> Outcome:
        """Dial, do what is to be done, talk, and return how it went; see `call`."""
        return self.call(dialled, *do, talk_s=talk_s, **more).outcome()  # type: ignore[arg-type]  # handed on as they are

    def message(self, to: str) -> None:
        """Send a SIP MESSAGE (RFC 3428), and wait for the answer, whatever it is."""
        values = {"dialled": to, "user": self.extension, "password": password(self.extension)}
        arguments = ["-i", "127.0.0.1", "-p", str(free_for_sip()), "-m", "1", "-timeout", "10s"]
        sipp = Sipp("message.xml", values, arguments, f"127.0.0.1:{self._asterisk.ports.sip}")
        try:
            assert sipp.wait(15) == 0, sipp.errors
        finally:
            sipp.stop()

    def call(
        self,
        dialled: str | Sequence[str],
        *do: Step,
        talk_s: float = 1.0,
        patience_s: float = 30.0,
        early: bool = False,
        transport: str = "udp",
        claims: str = "",
        display: str = "",
        headers: Sequence[str] = (),
        secret: str | None = None,
        at: str = "127.0.0.1",
        ear: int = 9,
        times: int = 1,
        per_s: float = 1.0,
    ) -> Call:
        """Dial, and return the call under way.

        Args:
            dialled: The user part of the URI, as it goes on the wire; or one for each of so many
                calls.
            do: What to do once answered (or at early media, with `early`), in order.
            talk_s: Seconds to wait, after all of it, for the other side to hang up.
            patience_s: Seconds to wait for an answer before giving up.
            early: Whether to do it all before the answer.
            transport: `udp`, `tcp`, `tls` or `ws`.
            claims: The transport that Via and Contact claim, if not the true one.
            display: The display name in From, with its quotes.
            headers: More header lines.
            secret: The SIP password to use; the phone's own by default.
            at: The address to call from.
            ear: The port to have the audio sent to.
            times: How many such calls to make, one after another or at once.
            per_s: How many of them to begin a second.
        """
        fields = () if isinstance(dialled, str) else tuple(dialled)
        number = dialled if isinstance(dialled, str) else "[field0]"
        times = len(fields) or times
        steps = "\n".join(step.xml() for step in do)
        seconds = sum(
            step.seconds if isinstance(step, Wait) else DIGIT_MS * len(step.digits) / 1000
            for step in do
            if not isinstance(step, Refer)
        )
        ports = self._asterisk.ports
        target = {"tcp": ports.tcp, "tls": ports.tls, "ws": ports.http}.get(transport, ports.sip)
        values = {
            "dialled": number,
            "user": self.extension,
            "password": password(self.extension) if secret is None else secret,
            "display": display or f'"{self.extension}"',
            "headers": "\n".join(headers) or "User-Agent: phone",
            "via": claims.upper() or "[transport]",
            "contact": claims or "[transport]",
            "rtp_port": str(ear),
            "early": f'<recv response="100" optional="true"/><recv response="183"/>{steps}'
            if early
            else "",
            "finals": "".join(
                f'<recv response="{status}" optional="true" next="2"/>' for status in FINALS
            ),
            "talk": "" if early else steps,
            "patience_ms": str(round(patience_s * 1000)),
            "talk_ms": str(max(1, round(talk_s * 1000))),
        }
        longest_s = seconds + talk_s + patience_s + times / per_s + 15
        sipp = Sipp(
            "phone.xml",
            values,
            [
                *("-i", at, "-p", str(free_for_sip())),
                *("-m", str(times), "-r", str(round(per_s * 10)), "-rp", "10000", "-l", "1000"),
                *("-mp", str(free(socket.SOCK_DGRAM))),
                *("-t", TRANSPORTS[transport]),
                *(("-ws_path", "/ws") if transport == "ws" else ()),
                *("-timeout", f"{round(longest_s)}s"),
            ],
            f"127.0.0.1:{target}",
            fields=fields,
        )
        return Call(sipp, longest_s + 5)
