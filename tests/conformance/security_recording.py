"""Records what a real Asterisk tells on AMI of who tries its door, byte for byte.

    python -m tests.conformance.security_recording tests/conformance/security

Asterisk 16 and 22 are those of the rig; all traffic stays on the loopback. Each file holds the
blocks that one message, or one exchange, made Asterisk write, as they came.
"""

from __future__ import annotations

import contextlib
import hashlib
import re
import socket
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Final

from tests.e2e.rig.asterisk import Asterisk, password

if TYPE_CHECKING:
    from collections.abc import Iterator

WAIT_S: Final = 0.5  # after which nothing more comes of a message
REFUSED: Final = "127.0.0.66"
STRANGER: Final = "127.0.0.77"
PHONE: Final = "127.0.0.1"
EVENT: Final = (
    "Event: InvalidAccountID\r\nPrivilege: security,all\r\nService: PJSIP\r\nAccountID: 101"
    "\r\nRemoteAddress: IPV4/UDP/203.0.113.9/5060\r\n\r\n"
)


def _escaped(text: str) -> str:
    return "".join(f"%{each:02x}" for each in text.encode())


HOSTILE: Final = {
    "torn": _escaped("101\r\n\r\n"),
    "address": _escaped("101\r\nRemoteAddress: IPV4/UDP/203.0.113.9/5060"),
    "short-address": _escaped("\r\nRemoteAddress: IPV4/UDP/1.2.3.4/1"),
    "event": _escaped(f"101\r\n\r\n{EVENT}"),
    "no-colon": _escaped("101\r\nnothing"),
    "cr": _escaped("101\rRemoteAddress: x"),
    "lf": _escaped("101\nRemoteAddress: x"),
    "ends-in-cr": _escaped("101\r"),
    "unknown": _escaped("<unknown>"),
    "quotes": "%22a%27b%5c%3c%3e",
    "utf-8": "%c3%a9%f0%9f%98%80%e2%80%a8",
    "not-utf-8": "%ff%fe%80",
    "long": "0123456789" * 30,
    "nul": "101%00202",
    "colon": "a:%20b",
    "spaces": "%20%20101%20%20",
}


class Peer:
    """Whoever sends SIP from one address."""

    def __init__(self, asterisk: Asterisk, address: str, transport: str = "udp") -> None:
        kind = socket.SOCK_DGRAM if transport == "udp" else socket.SOCK_STREAM
        self._port = asterisk.ports.sip if transport == "udp" else asterisk.ports.tcp
        self._socket = socket.socket(socket.AF_INET, kind)
        self._socket.bind((address, 0))
        self._socket.settimeout(WAIT_S)
        self._socket.connect(("127.0.0.1", self._port))
        self._via = f"SIP/2.0/{transport.upper()} {address}:{self._socket.getsockname()[1]}"
        self._address = address
        self._sent = 0

    def close(self) -> None:
        """Leave."""
        self._socket.close()

    def say(
        self, user: str, *more: str, method: str = "REGISTER", call: str = "", to: str = ""
    ) -> str:
        """Send a request, and return what is answered to it, if anything is."""
        self._sent += 1
        number = f"{self._sent}{time.time_ns()}"
        lines = (
            f"{method} sip:127.0.0.1:{self._port} SIP/2.0",
            f"Via: {self._via};branch=z9hG4bK{number};rport",
            f"From: <sip:{user}@127.0.0.1>;tag={number}",
            f"To: <sip:{to or user}@127.0.0.1>",
            f"Call-ID: {call or number}",
            f"CSeq: {self._sent} {method}",
            f"Contact: <sip:x@{self._address}:5060>",
            "Max-Forwards: 70",
            "User-Agent: recorder",
            *more,
            "Content-Length: 0",
            "",
            "",
        )
        return self.raw("\r\n".join(lines).encode(errors="surrogateescape"))

    def raw(self, message: bytes) -> str:
        """Send bytes, and return what is answered, if anything is."""
        self._socket.sendall(message)
        with contextlib.suppress(OSError):
            return self._socket.recv(65536).decode(errors="replace")
        return ""

    def sign_in(
        self,
        user: str,
        secret: str,
        *,
        response: str = "",
        nonce: str = "",
        call: str = "",
        auth: str = "",
        to: str = "",
    ) -> str:
        """Answer a challenge, or what would be the answer to one."""
        said = dict(re.findall(r'(\w+)="([^"]*)"', self.say(user, call=call, to=to)))
        name = auth or user
        once = nonce or said["nonce"]
        uri = f"sip:127.0.0.1:{self._port}"
        whose = _md5(f"{name}:{said['realm']}:{secret}")
        shown = _md5(f"{whose}:{once}:00000001:abc:auth:{_md5(f'REGISTER:{uri}')}")
        opaque = f', opaque="{said["opaque"]}"' if "opaque" in said else ""
        return self.say(
            user,
            f'Authorization: Digest username="{name}", realm="{said["realm"]}", nonce="{once}", '
            f'uri="{uri}", response="{response or shown}", algorithm=MD5, qop=auth, nc=00000001, '
            f'cnonce="abc"{opaque}',
            call=call,
            to=to,
        )

    def sign_in_twice_over(self, user: str) -> str:
        """Send a guess behind a header that is none, but whose response Asterisk tells of."""
        said = dict(re.findall(r'(\w+)="([^"]*)"', self.say(user)))
        both = [
            f'Authorization: Digest username="{user}", realm="{realm}", nonce="{said["nonce"]}", '
            f'uri="sip:127.0.0.1", response="{response}", algorithm=MD5'
            for realm, response in (("nowhere", "x\ry\udcff"), (said["realm"], "0" * 32))
        ]
        return self.say(user, *both)


def _md5(text: str) -> str:
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()


@contextlib.contextmanager
def _peer(asterisk: Asterisk, address: str, transport: str = "udp") -> Iterator[Peer]:
    peer = Peer(asterisk, address, transport)
    try:
        yield peer
    finally:
        peer.close()


class Manager:
    """A manager user with `read = security`."""

    def __init__(self, port: int) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port))
        self._socket.sendall(
            b"Action: Login\r\nUsername: ear\r\nSecret: ear\r\nEvents: on\r\n\r\n"
        )
        self.take()

    def take(self) -> bytes:
        """Return what came, once nothing more does."""
        self._socket.settimeout(WAIT_S)
        found = b""
        with contextlib.suppress(TimeoutError):
            while chunk := self._socket.recv(65536):
                found += chunk
        return found


def record(asterisk: Asterisk, folder: Path) -> None:
    """Try everything, and write down what Asterisk says."""
    manager = Manager(asterisk.ports.ami)

    def keep(name: str) -> None:
        (folder / f"{asterisk.version}-{name}.ami").write_bytes(manager.take())

    for transport in ("udp", "tcp"):
        with _peer(asterisk, STRANGER, transport) as peer:
            peer.say("999")
            keep(f"{transport}-unknown-account")
            peer.sign_in("999", "wrong")
            keep(f"{transport}-unknown-account-with-password")
            peer.say("101")
            keep(f"{transport}-challenge")
            peer.sign_in("131", "wrong")
            keep(f"{transport}-wrong-password")
            peer.sign_in("131", password("131"))
            keep(f"{transport}-right-password")
            peer.sign_in("131", password("131"), nonce="1234567890/0123456789abcdef0123456789abcd")
            keep(f"{transport}-made-up-nonce-right-password")
            peer.sign_in("131", "wrong", nonce="1234567890/0123456789abcdef0123456789abcdef")
            keep(f"{transport}-made-up-nonce")
            peer.say("101", method="INVITE", to="300")
            keep(f"{transport}-invite")
            peer.say("131", method="OPTIONS")
            keep(f"{transport}-options")
            peer.sign_in("141", password("131"), auth="131")
            keep(f"{transport}-nothing-to-register")
            peer.sign_in("131", password("131"), to="132")
            keep(f"{transport}-another-s-registration")
        with _peer(asterisk, REFUSED, transport) as peer:
            peer.say("140")
            keep(f"{transport}-not-let-in")
        with _peer(asterisk, STRANGER, transport) as peer:
            peer.raw(b"REGISTER sip:127.0.0.1 SIP/2.0\r\nVia: nonsense\r\nFrom: \r\n\r\n")
            keep(f"{transport}-malformed")
    with _peer(asterisk, STRANGER) as peer:
        for name, user in HOSTILE.items():
            peer.say(user)
            keep(f"hostile-user-{name}")
        forged = EVENT.rstrip("\r\n")
        peer.say("999", call=f"a\r\n {forged}")
        keep("hostile-call-id-folded")
        peer.say("999", call="a\nRemoteAddress: IPV4/UDP/203.0.113.9/5060")
        keep("hostile-call-id-lf")
        peer.say("999", call="a\rRemoteAddress: IPV4/UDP/203.0.113.9/5060")
        keep("hostile-call-id-cr")
        peer.say("999", call='"<>\\%0d%0aRemoteAddress:' + "x" * 1000)
        keep("hostile-call-id-long")
        peer.say("999", call="a\udcffb")
        keep("hostile-call-id-not-utf-8")
        peer.sign_in("131", "wrong", call="a\udcffb")
        keep("hostile-call-id-not-utf-8-wrong-password")
        peer.sign_in_twice_over("131")
        keep("hostile-two-responses")
        for name, text in {
            "crlf": "x\r\nExpectedResponse: \r\n\r\n" + EVENT,
            "folded": "x\r\n ExpectedResponse: ",
            "cr": "x\rExpectedResponse: ",
            "lf": "x\nExpectedResponse: ",
            "escaped": "x%0d%0aExpectedResponse: ",
            "long": "y" * 400,
        }.items():
            peer.sign_in("131", "wrong", response=text)
            keep(f"hostile-response-{name}")


def main() -> None:
    """Record from both."""
    folder = Path(sys.argv[1])
    folder.mkdir(exist_ok=True)
    for version in ("16", "22"):
        asterisk = Asterisk(version)
        asterisk.configure()
        etc = asterisk.home / "etc"
        with (etc / "manager.conf").open("a") as manager:
            manager.write("\n[ear]\nsecret = ear\nread = security\nwrite =\n")
        with (etc / "pjsip.conf").open("a") as pjsip:
            pjsip.write(f"\n[140](phone)\nauth = 131\ndeny = {REFUSED}\n")
            pjsip.write("\n[141](phone)\nauth = 131\n")
        try:
            asterisk.start()
            record(asterisk, folder)
        finally:
            asterisk.stop()


if __name__ == "__main__":
    main()
