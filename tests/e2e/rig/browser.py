"""A phone in a browser: SIP over a secure WebSocket (RFC 7118), by one connection.

SIPp speaks WebSocket in the clear only. As in a browser, its contact is a host that is none, and
`transport=ws` also where the connection is secure.
"""

from __future__ import annotations

import contextlib
import hashlib
import re
import secrets
import ssl
from typing import TYPE_CHECKING

from websockets.sync.client import connect
from websockets.typing import Subprotocol

from tests.e2e.rig.asterisk import password
from tests.e2e.rig.sipp import Message

if TYPE_CHECKING:
    from collections.abc import Iterator

    from websockets.sync.client import ClientConnection

    from tests.e2e.rig.asterisk import Asterisk

PATIENCE_S = 10.0

SDP = "\r\n".join((
    "v=0", "o=- 1 1 IN IP4 127.0.0.1", "s=-", "c=IN IP4 127.0.0.1", "t=0 0",
    "m=audio 9 RTP/AVP 0", "a=rtpmap:0 PCMU/8000", "",
))  # fmt: skip


@contextlib.contextmanager
def in_a_browser(
    asterisk: Asterisk, extension: str, agent: str = "phone"
) -> Iterator[BrowserPhone]:
    """Connect the phone of an extension of `ROAMING`, for as long as it is needed."""
    unsigned = ssl.create_default_context()
    unsigned.check_hostname, unsigned.verify_mode = False, ssl.CERT_NONE
    # The HTTP server of Asterisk 16 does not answer behind a handshake of TLS 1.3.
    unsigned.maximum_version = ssl.TLSVersion.TLSv1_2
    domain = f"127.0.0.1:{asterisk.ports.https}"
    sip = Subprotocol("sip")
    with connect(f"wss://{domain}/ws", ssl=unsigned, subprotocols=[sip], compression=None) as wire:
        yield BrowserPhone(wire, domain, extension, agent)


class BrowserPhone:
    """One that is connected.

    Attributes:
        password: What it shows.
    """

    def __init__(self, wire: ClientConnection, domain: str, extension: str, agent: str) -> None:
        self._wire = wire
        self._domain = domain
        self._extension = extension
        self._agent = agent
        self.password = password(extension)
        self._cseq = 0
        self._call = secrets.token_hex(8)
        self._there = self._to = ""
        self._contact = f"<sip:{extension}@{secrets.token_hex(6)}.invalid;transport=ws>"

    def register(self) -> None:
        """Register, until the connection ends."""
        status = self.try_to_register()
        assert status == 200, status

    def try_to_register(self) -> int:
        """Ask to be registered, and return the final status."""
        mine = f"sip:{self._extension}@{self._domain}"
        return self._ask("REGISTER", f"sip:{self._domain}", mine, "Expires: 600").status

    def dial(self, dialled: str) -> int:
        """Dial, hang up at once if it is answered, and return the final status."""
        answer = self.offer(dialled, SDP)
        if answer.status == 200:
            self.hang_up()
        return answer.status

    def offer(self, dialled: str, sdp: str) -> Message:
        """Dial, and return the final answer, with what the other side says to the offer."""
        self._call = secrets.token_hex(8)
        to = f"sip:{dialled}@{self._domain}"
        answer = self._ask("INVITE", to, to, "Content-Type: application/sdp", body=sdp)
        there = re.search(r"<(sip:[^>]+)>", answer.header("Contact"))
        self._there = there[1] if answer.status == 200 and there else to
        self._to = answer.header("To")
        self._send("ACK", self._there, self._to, self._cseq)
        return answer

    def hang_up(self) -> None:
        """End the call that was answered."""
        self._cseq += 1
        self._send("BYE", self._there, self._to, self._cseq)
        self._final("BYE")

    def _ask(self, method: str, uri: str, to: str, *headers: str, body: str = "") -> Message:
        """Ask, and again with the password where that is wanted; return the final answer."""
        self._cseq += 1
        self._send(method, uri, f"<{to}>", self._cseq, *headers, body=body)
        challenge = self._final(method)
        if challenge.status != 401:
            return challenge
        if method == "INVITE":
            self._send("ACK", uri, challenge.header("To"), self._cseq)
        said = dict(re.findall(r'(\w+)="([^"]*)"', challenge.header("WWW-Authenticate")))
        self._cseq += 1
        login = self._login(method, uri, said["realm"], said["nonce"], said.get("opaque", ""))
        self._send(method, uri, f"<{to}>", self._cseq, login, *headers, body=body)
        return self._final(method)

    def _send(
        self, method: str, uri: str, to: str, cseq: int, *headers: str, body: str = ""
    ) -> None:
        branch = f"z9hG4bK{method}{cseq}{self._call}"  # no two phones have one
        lines = [
            f"{method} {uri} SIP/2.0",
            f"Via: SIP/2.0/WSS {secrets.token_hex(6)}.invalid;branch={branch}",
            f"From: <sip:{self._extension}@{self._domain}>;tag={self._call}",
            f"To: {to}",
            f"Call-ID: {self._call}",
            f"CSeq: {cseq} {method}",
            f"Contact: {self._contact}",
            f"User-Agent: {self._agent}",
            "Max-Forwards: 70",
            *headers,
            f"Content-Length: {len(body)}",
        ]
        self._wire.send("\r\n".join([*lines, "", body]))

    def _final(self, method: str) -> Message:
        """Wait for the final answer to the last request of a method."""
        while True:
            text = self._wire.recv(timeout=PATIENCE_S)
            assert isinstance(text, str)
            got = Message(0.0, sent=False, text=text)
            if got.status >= 200 and got.cseq_method == method:
                return got

    def _login(self, method: str, uri: str, realm: str, nonce: str, opaque: str) -> str:
        """Return the header that shows the password (RFC 2617, 3.2.2)."""
        name, once = self._extension, secrets.token_hex(8)
        whose = _md5(f"{name}:{realm}:{self.password}")
        shown = _md5(f"{whose}:{nonce}:00000001:{once}:auth:{_md5(f'{method}:{uri}')}")
        return (
            f'Authorization: Digest username="{name}", realm="{realm}", nonce="{nonce}", '
            f'uri="{uri}", response="{shown}", algorithm=MD5, qop=auth, nc=00000001, '
            f'cnonce="{once}", opaque="{opaque}"'
        )


def _md5(text: str) -> str:
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()
