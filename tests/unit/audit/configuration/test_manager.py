"""`configuration.manager`: who reaches AMI, and what it lets them do."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from fastagi.audit.configuration.addresses import Reach
from fastagi.audit.configuration.manager import check_manager, manager_reach
from fastagi.audit.finding import Kind, Severity

if TYPE_CHECKING:
    from fastagi.audit.configuration.files import Files
    from tests.unit.audit.configuration.conftest import Read

GOOD = "secret=x7Kq9Lm2Pz4R\n"
CLOSED = "deny=0.0.0.0/0.0.0.0\npermit=127.0.0.1/255.255.255.255\n"
WORLD = "[general]\nenabled=yes\nbindaddr=0.0.0.0\n"
LOCAL = "[general]\nenabled=yes\nbindaddr=127.0.0.1\n"


def seen(files: Files) -> list[tuple[Kind, Severity, int]]:
    """Return what is found, how bad it is, and where."""
    return [(each.kind, each.severity, each.place.line) for each in check_manager(files)]


@pytest.mark.parametrize(
    ("text", "reach"),
    [
        ("", None),
        ("[general]\n", None),
        ("[general]\nenabled=no\nbindaddr=0.0.0.0\n", None),
        ("[general]\nenabled=yes\n", Reach.WORLD),
        (WORLD, Reach.WORLD),
        (LOCAL, Reach.MACHINE),
        ("[general]\nenabled=yes\nbindaddr=10.0.0.1\n", Reach.NETWORK),
        (f"{LOCAL}tlsenable=yes\ntlsbindaddr=0.0.0.0:5039\n", Reach.WORLD),
        (f"{LOCAL}tlsenable=yes\n", Reach.MACHINE),
        (f"{LOCAL}webenabled=yes\n", Reach.WORLD),
        (f"{LOCAL}[general]\nbindaddr=0.0.0.0\n", Reach.MACHINE),
    ],
)
def test_who_reaches_ami(read: Read, text: str, reach: Reach | None) -> None:
    """Everybody, where no address is named (seen on Asterisk 22); the first `[general]` counts."""
    http = "[general]\nenabled=yes\nbindaddr=0.0.0.0\n"
    assert manager_reach(read({"manager.conf": text, "http.conf": http})) is reach


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (
            f"{WORLD}[u]\n{GOOD}write=originate\n",
            [(Kind.OPEN_DOOR, Severity.HIGH, 4)],
        ),
        (f"{WORLD}[u]\n{GOOD}write=user\n", [(Kind.OPEN_DOOR, Severity.MEDIUM, 4)]),
        (f"{WORLD}[u]\n{GOOD}permit=10.0.0.0/8\n", [(Kind.OPEN_DOOR, Severity.MEDIUM, 4)]),
        (f"{WORLD}[u]\n{GOOD}{CLOSED}write=call\n", []),
        (f"{WORLD}[u]\n{GOOD}{CLOSED}write=all\n", [(Kind.OPEN_DOOR, Severity.LOW, 8)]),
        (
            f"[general]\nenabled=yes\nbindaddr=10.0.0.1\n[u]\n{GOOD}write=system\n",
            [(Kind.OPEN_DOOR, Severity.LOW, 4)],
        ),
        (f"{LOCAL}[u]\n{GOOD}write=command,call\n", [(Kind.OPEN_DOOR, Severity.LOW, 6)]),
        (f"{LOCAL}[u]\n{GOOD}read=all\n", [(Kind.OPEN_DOOR, Severity.LOW, 6)]),
        (f"{LOCAL}[u]\nsecret=u\n", [(Kind.PASSWORD, Severity.MEDIUM, 5)]),
        (f"{WORLD}[u]\nsecret=u\n{CLOSED}", [(Kind.PASSWORD, Severity.HIGH, 5)]),
        (f"{LOCAL}[u]\n{CLOSED}", []),
        ("[general]\nenabled=no\n[u]\nsecret=u\nwrite=all\nread=all\n", []),
        # As docs/install.md has it for dialguard itself.
        (f"{LOCAL}[dialguard]\n{GOOD}{CLOSED}read=system,call,user\nwrite=call\n", []),
    ],
)
def test_users_of_ami(read: Read, text: str, found: list[tuple[Kind, Severity, int]]) -> None:
    """Strangers may try, the secret is weak, or a program may more than it needs."""
    assert seen(read({"manager.conf": text})) == found


def test_no_secret_is_told(read: Read) -> None:
    """Whatever is wrong with it."""
    files = read({"manager.conf": f"{WORLD}[u]\nsecret=qwerty77\nwrite=all\nread=dtmf\n"})
    found = list(check_manager(files))
    assert len(found) == 3
    assert "qwerty77" not in repr(found)
