"""Whoever attacks an Asterisk of the rig: SIPVicious, as Debian has it, and a phone that knocks.

All of it comes from addresses of the loopback, and is bounded by what it is given to try.
"""

from __future__ import annotations

import hashlib
import re
import secrets
import socket
import subprocess
import sys
from typing import TYPE_CHECKING, Final

from tests.e2e.rig.ports import free_for_sip
from tests.e2e.rig.roots import REPOSITORY

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from tests.e2e.rig.asterisk import Asterisk

SIPVICIOUS: Final = REPOSITORY / ".cache" / "sipvicious" / "usr" / "share" / "sipvicious"

LONGEST_S: Final = 60


BEGIN: Final = """
import functools, importlib, sys
tool, address = sys.argv[1:3]
module = importlib.import_module(f"sipvicious.{tool}")
name = {"svwar": "TakeASip", "svcrack": "ASipOfRedWine"}[tool]
setattr(module, name, functools.partial(getattr(module, name), bindingip=address))
sys.argv[:3] = [tool]
module.main()
"""
"""Begins a tool at an address: its own `-b` says one, and is forgotten on the way."""

OF_ONE_SCAN: Final = 2
"""Accounts that one run of svwar tries: one that it makes up, and the first of its range. To both
an Asterisk gives one answer, and svwar gives up; so an attacker has to begin again and again."""


def svwar(asterisk: Asterisk, *scans: tuple[str, str]) -> None:
    """Look for accounts, each from an address, all at once: `("100-120", "127.0.0.9")`."""
    words = ("--force", "-m", "REGISTER")
    running = [
        _begun(asterisk, "svwar", address, *words, "-e", accounts) for accounts, address in scans
    ]
    for each in running:
        each.wait(LONGEST_S)


def svcrack(asterisk: Asterisk, words: Sequence[str], folder: Path, *at: tuple[str, str]) -> None:
    """Try passwords for accounts, each from an address, all at once: `("101", "127.0.0.9")`."""
    dictionary = folder / f"words-{secrets.token_hex(4)}"
    dictionary.write_text("".join(f"{each}\n" for each in words))
    running = [
        _begun(asterisk, "svcrack", address, "-u", account, "-d", str(dictionary))
        for account, address in at
    ]
    for each in running:
        each.wait(LONGEST_S)


def _begun(asterisk: Asterisk, tool: str, address: str, *words: str) -> subprocess.Popen[bytes]:
    """Begin; what it finds is no matter."""
    there = ("-p", str(asterisk.ports.sip), "--maximumtime", "5", "127.0.0.1")
    return subprocess.Popen(
        [
            *(sys.executable, "-c", BEGIN, tool, address),
            *(*words, "-P", str(free_for_sip(address)), *there),
        ],
        cwd=SIPVICIOUS,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def register(asterisk: Asterisk, account: str, password: str, address: str = "127.0.0.1") -> int:
    """Register as a phone does, with an answer to a challenge; return the last status."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as wire:
        wire.bind((address, 0))
        wire.settimeout(10)
        wire.connect(("127.0.0.1", asterisk.ports.sip))
        call = secrets.token_hex(8)
        challenge = _asked(wire, account, call, 1, "")
        realm = _of(challenge, "realm")
        nonce = _of(challenge, "nonce")
        uri = f"sip:127.0.0.1:{asterisk.ports.sip}"
        first = _digest(f"{account}:{realm}:{password}")
        second = _digest(f"REGISTER:{uri}")
        if 'qop="auth"' in challenge:
            mine = secrets.token_hex(8)
            response = _digest(f"{first}:{nonce}:00000001:{mine}:auth:{second}")
            more = f', qop=auth, nc=00000001, cnonce="{mine}"'
        else:
            response, more = _digest(f"{first}:{nonce}:{second}"), ""
        shown = (
            f'Authorization: Digest username="{account}", realm="{realm}", nonce="{nonce}", '
            f'uri="{uri}", response="{response}", algorithm=MD5{more}\r\n'
        )
        return int(_asked(wire, account, call, 2, shown).split()[1])


def _asked(wire: socket.socket, account: str, call: str, number: int, shown: str) -> str:
    host, port = wire.getsockname()
    there = wire.getpeername()[1]
    wire.send(
        (
            f"REGISTER sip:127.0.0.1:{there} SIP/2.0\r\n"
            f"Via: SIP/2.0/UDP {host}:{port};branch=z9hG4bK{call}{number}\r\n"
            f"From: <sip:{account}@127.0.0.1>;tag={call}\r\n"
            f"To: <sip:{account}@127.0.0.1>\r\n"
            f"Call-ID: {call}\r\nCSeq: {number} REGISTER\r\n"
            f"Contact: <sip:{account}@{host}:{port}>\r\nExpires: 60\r\n"
            f"Max-Forwards: 70\r\nUser-Agent: phone\r\n{shown}Content-Length: 0\r\n\r\n"
        ).encode()
    )
    while True:
        answer = wire.recv(4000).decode()
        if f"CSeq: {number} " in answer and not answer.startswith("SIP/2.0 1"):
            return answer


def _of(challenge: str, name: str) -> str:
    found = re.search(rf'{name}="([^"]*)"', challenge)
    assert found is not None, challenge
    return found[1]


def _digest(text: str) -> str:
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()
