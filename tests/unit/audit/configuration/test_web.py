"""`configuration.web`: Asterisk's HTTP server, and ARI."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from fastagi.audit.configuration.addresses import Reach
from fastagi.audit.configuration.web import check_web, web_reach
from fastagi.audit.finding import Kind, Severity

if TYPE_CHECKING:
    from fastagi.audit.configuration.files import Files
    from tests.unit.audit.configuration.conftest import Read

WORLD = "[general]\nenabled=yes\nbindaddr=0.0.0.0\n"
LOCAL = "[general]\nenabled=yes\nbindaddr=127.0.0.1\n"
SECURE = f"{LOCAL}tlsenable=yes\ntlsbindaddr=0.0.0.0:8089\n"
CLOSED = "deny=0.0.0.0/0\npermit=127.0.0.1\n"
HASH = "password_format=crypt\npassword=$6$x$y\n"
USER = "[general]\n[u]\ntype=user\n"
PLAIN = (Kind.OPEN_DOOR, Severity.MEDIUM, "http.conf:3")


def seen(files: Files) -> list[tuple[Kind, Severity, str]]:
    """Return what is found, how bad it is, and where."""
    return [(each.kind, each.severity, str(each.place)) for each in check_web(files)]


@pytest.mark.parametrize(
    ("text", "reach"),
    [
        ("", []),
        ("[general]\nbindaddr=0.0.0.0\n", []),
        ("[general]\nenabled=yes\n", []),
        (WORLD, [Reach.WORLD]),
        (LOCAL, [Reach.MACHINE]),
        (SECURE, [Reach.MACHINE, Reach.WORLD]),
        (f"{LOCAL}tlsenable=yes\n", [Reach.MACHINE, Reach.MACHINE]),
        (f"{LOCAL}tlsbindaddr=0.0.0.0\n", [Reach.MACHINE]),
    ],
)
def test_who_reaches_http(read: Read, text: str, reach: list[Reach]) -> None:
    """Nobody, unless it is enabled and has an address (seen on Asterisk 22)."""
    assert web_reach(read({"http.conf": text})) == reach


@pytest.mark.parametrize(
    ("http", "ari", "found"),
    [
        (WORLD, "", [PLAIN]),
        (SECURE, "", []),
        (LOCAL, f"{USER}{HASH}", []),
        ("", f"{USER}password=u\n", []),
        (WORLD, f"{USER}{HASH}", [PLAIN, (Kind.OPEN_DOOR, Severity.HIGH, "ari.conf:2")]),
        (SECURE, f"{USER}{HASH}", [(Kind.OPEN_DOOR, Severity.HIGH, "ari.conf:2")]),
        (
            "[general]\nenabled=yes\nbindaddr=10.0.0.1\n",
            f"{USER}{HASH}",
            [(Kind.OPEN_DOOR, Severity.LOW, "ari.conf:2")],
        ),
        (SECURE, f"{USER}{HASH}read_only=yes\n", []),
        (SECURE, f"{USER}{HASH}{CLOSED}", []),
        (f"{SECURE}[/ari]\ntype=restriction\n{CLOSED}", f"{USER}{HASH}", []),
        (SECURE, f"[general]\nenabled=no\n[u]\ntype=user\n{HASH}", []),
        (SECURE, f"[general]\n[u]\n{HASH}", []),  # no user without `type` (seen)
        (
            LOCAL,
            f"[general]\nallowed_origins=http://x, *\n[u]\ntype=user\n{HASH}",
            [(Kind.OPEN_DOOR, Severity.MEDIUM, "ari.conf:2")],
        ),
        (LOCAL, f"[general]\nallowed_origins=http://x\n[u]\ntype=user\n{HASH}", []),
        (LOCAL, f"{USER}password=u\n", [(Kind.PASSWORD, Severity.MEDIUM, "ari.conf:4")]),
        (LOCAL, USER, [(Kind.PASSWORD, Severity.MEDIUM, "ari.conf:2")]),
        (
            SECURE,
            f"{USER}password=u\nread_only=yes\n",
            [(Kind.PASSWORD, Severity.HIGH, "ari.conf:4")],
        ),
        (
            LOCAL,
            f"{USER}password=x7Kq9Lm2Pz4R\n",
            [(Kind.READABLE, Severity.LOW, "ari.conf:4")],
        ),
    ],
)
def test_http_and_ari(
    read: Read, http: str, ari: str, found: list[tuple[Kind, Severity, str]]
) -> None:
    """What everybody reaches, and whom it lets in."""
    assert seen(read({"http.conf": http, "ari.conf": ari})) == found
