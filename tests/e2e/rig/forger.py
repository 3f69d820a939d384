"""Whoever sends an INVITE from the trunk's address, without a password, and so writes AMI events.

PJSIP takes `%0d%0a` in the user of From for a line break, and Asterisk writes the caller's number
into its events as it is.
"""

from __future__ import annotations

import contextlib
import secrets
import socket
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING
from urllib.parse import quote

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.e2e.rig.asterisk import Asterisk

TRUNK = "127.0.0.2"


def number_of(*lines: str) -> str:
    """Return a number that writes an event of its own, as the user of a SIP URI."""
    return "1" + quote("\r\n".join(["", "", *lines, "", ""]))


def forge(asterisk: Asterisk, *lines: str) -> None:
    """Have Asterisk tell everybody on AMI of an event that is none."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        sender.bind((TRUNK, 0))
        sender.settimeout(2)
        port, call = sender.getsockname()[1], secrets.token_hex(8)
        body = (
            f"v=0\r\no=- 1 1 IN IP4 {TRUNK}\r\ns=-\r\nc=IN IP4 {TRUNK}\r\nt=0 0\r\n"
            "m=audio 40000 RTP/AVP 0\r\n"
        )
        head = (
            f"INVITE sip:300@127.0.0.1:{asterisk.ports.sip} SIP/2.0",
            f"Via: SIP/2.0/UDP {TRUNK}:{port};branch=z9hG4bK{call}",
            f"From: <sip:{number_of(*lines)}@{TRUNK}>;tag={call}",
            "To: <sip:300@127.0.0.1>",
            f"Call-ID: {call}",
            "CSeq: 1 INVITE",
            f"Contact: <sip:x@{TRUNK}:{port}>",
            "Max-Forwards: 70",
            "Content-Type: application/sdp",
            f"Content-Length: {len(body)}",
        )
        sender.sendto("\r\n".join([*head, "", body]).encode(), ("127.0.0.1", asterisk.ports.sip))
        with contextlib.suppress(OSError):
            sender.recv(4000)


@contextmanager
def hammering(asterisk: Asterisk, *lines: str, every_s: float = 0.1) -> Iterator[None]:
    """Forge an event again and again."""
    stop = threading.Event()

    def hammer() -> None:
        while not stop.wait(every_s):
            forge(asterisk, *lines)

    thread = threading.Thread(target=hammer)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()
