"""`dialguard call`, against scripted services."""

from __future__ import annotations

import json
import signal
import threading
from typing import TYPE_CHECKING

import pytest

from tests.unit.cli.test_handset import Service

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.unit.cli.conftest import Dialguard

ASK = b'GET DATA "confbridge-pin" 7000 24\n'
ALLOW = b'EXEC MSet "GUARD_REASON=allowed,GUARD_NUMBER=+390612345678,GUARD_VERDICT=ALLOW"\n'
BRIEF = b'EXEC MSet "GUARD_SECONDS=1,GUARD_VERDICT=ALLOW"\n'
DENY = (
    b'EXEC MSet "GUARD_REASON=rule,GUARD_PROMPT=vm-goodbye&digits/4,GUARD_REF=4071,'
    b'GUARD_VERDICT=DENY"\n'
)


@pytest.fixture
def answering(dialguard: Dialguard) -> Iterator[Callable[..., Service]]:
    """Return what lets a service say lines to one call, and take its release."""
    services: list[Service] = []

    def start(*lines: bytes, calls: int = 2) -> Service:
        service = Service(*lines, connections=calls)
        services.append(service)
        host, port = service.address
        text = dialguard.settings.read_text().replace("127.0.0.1:1", f"{host}:{port}")
        dialguard.settings.write_text(text)
        return service

    yield start
    for service in services:
        service.end()


def test_an_allowed_call_is_status_0(
    dialguard: Dialguard, answering: Callable[..., Service]
) -> None:
    """Its slot is given back at the end."""
    service = answering(ALLOW)
    done = dialguard.on_settings("call", "101", "900390612345678")
    assert done.exit_code == 0, done.output
    assert "ALLOW\n  reason     allowed\n  number     +390612345678\n" in done.stdout
    service.end()
    assert b"agi_network_script: release" in service.environment


def test_a_denied_call_is_status_2_with_what_is_heard(
    dialguard: Dialguard, answering: Callable[..., Service]
) -> None:
    """The caller would hear the reason and the reference."""
    answering(DENY)
    done = dialguard.on_settings("call", "101", "900881612345678")
    assert done.exit_code == 2
    assert done.stdout.startswith("  ♪ Goodbye\n  ♪ four\nDENY\n")
    assert "  reference  4071" in done.stdout


def test_keys_are_given_in_turn_then_silence(
    dialguard: Dialguard, answering: Callable[..., Service]
) -> None:
    """`--keys` again for the next prompt."""
    service = answering(ASK, ASK, DENY)
    dialguard.on_settings("call", "101", "9", "--keys", "80911#")
    service.end()
    assert service.replies[:2] == [b"200 result=80911\n", b"200 result= (timeout)\n"]


def test_keys_come_from_a_pipe(dialguard: Dialguard, answering: Callable[..., Service]) -> None:
    """A line a prompt."""
    service = answering(ASK, DENY)
    done = dialguard.on_settings("call", "101", "9", typed="80911#\n")
    service.end()
    assert "personal identification number" in done.stdout
    assert service.replies[0] == b"200 result=80911\n"


@pytest.mark.parametrize(
    ("typed", "reply"),
    [
        ("80911", b"200 result=80911\n"),
        ("80911#", b"200 result=80911\n"),
        ("", b"200 result= (timeout)\n"),
    ],
)
def test_keys_are_typed_hidden_in_a_terminal(
    dialguard: Dialguard,
    answering: Callable[..., Service],
    monkeypatch: pytest.MonkeyPatch,
    typed: str,
    reply: bytes,
) -> None:
    """Enter stands for `#`; Enter alone is silence."""
    monkeypatch.setattr("fastagi.cli.call.sits_there", lambda: True)
    monkeypatch.setattr("fastagi.cli.call.getpass.getpass", lambda _: typed)
    service = answering(ASK, DENY)
    dialguard.on_settings("call", "101", "9")
    service.end()
    assert service.replies[0] == reply


def test_programs_read_json(dialguard: Dialguard, answering: Callable[..., Service]) -> None:
    """All variables, and nothing else; nobody is asked."""
    answering(ASK, DENY)
    done = dialguard.on_settings("call", "101", "9", "--json", "--site", "office")
    assert json.loads(done.stdout)["GUARD_REF"] == "4071"


def test_a_held_call_ends_when_asterisk_would_end_it(
    dialguard: Dialguard, answering: Callable[..., Service]
) -> None:
    """After `GUARD_SECONDS`."""
    answering(BRIEF)
    done = dialguard.on_settings("call", "101", "9", "--hold")
    assert done.exit_code == 0
    assert "hung up" in done.stdout


def test_ctrl_c_hangs_a_held_call_up(
    dialguard: Dialguard, answering: Callable[..., Service]
) -> None:
    """And releases it."""
    service = answering(ALLOW)
    # Pending before it is waited for: blocked, it is taken by sigwait and by nobody else.
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})
    signal.pthread_kill(threading.get_ident(), signal.SIGTERM)
    done = dialguard.on_settings("call", "101", "9", "--hold")
    assert done.exit_code == 0
    service.end()
    assert b"agi_network_script: release" in service.environment


def test_no_service_is_status_1(dialguard: Dialguard) -> None:
    """And what to do."""
    done = dialguard.on_settings("call", "101", "9")
    assert done.exit_code == 1
    assert "dialguard serve" in done.stderr.replace("\n", " ")
