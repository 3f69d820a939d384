"""`dialguard call`, against scripted services."""

from __future__ import annotations

import json
import signal
import threading
from typing import TYPE_CHECKING

import pytest

from fastagi.cli.handset import Handset
from fastagi.cli.keypad import Keypad
from fastagi.errors import ChannelGone
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


@pytest.mark.parametrize(
    ("dialled", "script", "said", "status"),
    [
        ("*1", "sign-in", b"GUARD_REASON=signed-in,GUARD_HOURS=7,GUARD_MINUTES=59", 0),
        ("*2", "sign-off", b"GUARD_REASON=signed-off", 0),
        ("*3", "signed-in", b"GUARD_REASON=signed-off", 0),
        ("*1", "sign-in", b"GUARD_REASON=wrong-code", 2),
    ],
)
def test_feature_codes_are_those_of_the_dialplan(
    dialguard: Dialguard,
    answering: Callable[..., Service],
    dialled: str,
    script: str,
    said: bytes,
    status: int,
) -> None:
    """They ask for no verdict, and hold no call, whatever is asked for."""
    service = answering(ASK, b'EXEC MSet "GUARD_PROMPT=vm-goodbye,' + said + b'"\n')
    done = dialguard.on_settings("call", "101", dialled, "--keys", "80911#", "--hold")
    assert done.exit_code == status, done.output
    assert f"  reason     {said.split(b',')[0].partition(b'=')[2].decode()}\n" in done.stdout
    assert ("7 hours 59 minutes" in done.stdout) is (b"HOURS" in said)
    assert "DENY" not in done.stdout
    assert "ALLOW" not in done.stdout
    service.end()
    assert f"agi_network_script: {script}\n".encode() in service.environment


def test_a_feature_code_that_is_not_answered_is_an_error(
    dialguard: Dialguard, answering: Callable[..., Service]
) -> None:
    """The service closed without a word."""
    answering()
    assert dialguard.on_settings("call", "101", "*1").exit_code == 1


def test_keys_are_given_in_turn_then_silence(
    dialguard: Dialguard, answering: Callable[..., Service]
) -> None:
    """`--keys` again for the next prompt."""
    service = answering(ASK, ASK, DENY)
    dialguard.on_settings("call", "101", "9", "--keys", "80911#")
    service.end()
    assert service.replies[:2] == [b"200 result=80911\n", b"200 result= (timeout)\n"]


def test_keys_are_typed_where_none_are_given(
    dialguard: Dialguard, answering: Callable[..., Service], monkeypatch: pytest.MonkeyPatch
) -> None:
    """At each prompt, in the time that Asterisk would give."""
    pressed: list[float] = []

    def press(keypad: Keypad, wait_s: float) -> str:
        pressed.append(wait_s)
        return "80911#" if keypad.asks else ""

    monkeypatch.setattr(Keypad, "press", press)
    service = answering(ASK, DENY)
    done = dialguard.on_settings("call", "101", "9")
    service.end()
    assert "personal identification number" in done.stdout
    assert (service.replies[0], pressed) == (b"200 result=80911\n", [7.0])


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


@pytest.mark.parametrize("end", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_ctrl_c_hangs_a_held_call_up(
    dialguard: Dialguard, answering: Callable[..., Service], end: signal.Signals
) -> None:
    """And releases it; so do SIGTERM and a terminal that closes."""
    service = answering(ALLOW)
    # Pending before it is waited for: blocked, it is taken by sigwait and by nobody else.
    signal.pthread_sigmask(signal.SIG_BLOCK, {end})
    signal.pthread_kill(threading.get_ident(), end)
    done = dialguard.on_settings("call", "101", "9", "--hold")
    assert done.exit_code == 0
    assert done.stdout.endswith("its slots are free again\n")
    service.end()
    assert b"agi_network_script: release" in service.environment


@pytest.mark.parametrize("end", [signal.SIGTERM, signal.SIGHUP])
def test_a_signal_at_a_prompt_gives_the_slot_back(
    dialguard: Dialguard,
    answering: Callable[..., Service],
    monkeypatch: pytest.MonkeyPatch,
    end: signal.Signals,
) -> None:
    """Nobody knows whether it was taken."""

    def closes(_keypad: Keypad, _wait_s: float) -> str:
        signal.raise_signal(end)
        return ""

    monkeypatch.setattr(Keypad, "press", closes)
    before = signal.getsignal(end)
    service = answering(ASK)
    assert dialguard.on_settings("call", "101", "9").exit_code == 128 + end
    assert signal.getsignal(end) is before
    service.end()
    assert b"agi_network_script: release" in service.environment


def test_under_nohup_a_closed_terminal_is_no_matter(
    dialguard: Dialguard, answering: Callable[..., Service], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who asked for that, gets it."""

    def closes(_keypad: Keypad, _wait_s: float) -> str:
        signal.raise_signal(signal.SIGHUP)
        return "1#"

    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    monkeypatch.setattr(Keypad, "press", closes)
    try:
        answering(ASK, ALLOW)
        assert dialguard.on_settings("call", "101", "9").exit_code == 0
    finally:
        signal.signal(signal.SIGHUP, before)


def test_a_reader_that_has_gone_gives_the_slot_back(
    dialguard: Dialguard, answering: Callable[..., Service], monkeypatch: pytest.MonkeyPatch
) -> None:
    """`dialguard call … --hold | head -1`."""

    def gone(*_: object) -> None:
        raise BrokenPipeError(32, "Broken pipe")

    monkeypatch.setattr("fastagi.cli.call.say", gone)
    service = answering(ALLOW)
    assert dialguard.on_settings("call", "101", "9", "--hold").exit_code == 1
    service.end()
    assert b"agi_network_script: release" in service.environment


def test_a_slot_that_could_not_be_given_back_is_said(
    dialguard: Dialguard, answering: Callable[..., Service], monkeypatch: pytest.MonkeyPatch
) -> None:
    """With status 1, though the call was allowed."""

    def gone(_: Handset) -> bool:
        raise ChannelGone("nobody answers")

    monkeypatch.setattr(Handset, "hang_up", gone)
    answering(ALLOW, calls=1)
    done = dialguard.on_settings("call", "101", "9")
    assert (done.exit_code, "nobody answers" in done.stderr) == (1, True)


@pytest.mark.parametrize(
    ("option", "value", "said"),
    [
        ("--address", "phone", "is no IP address"),
        ("--transport", "pigeon", "pigeon"),
        ("--trunk", "my trunk", "cannot be a trunk's name"),
        ("--site", "motel", "there is no site `motel`"),
    ],
)
def test_nonsense_is_said_and_not_sent(
    dialguard: Dialguard, option: str, value: str, said: str
) -> None:
    """As `explain` does."""
    done = dialguard.on_settings("call", "101", "9", option, value)
    assert said in done.stderr
    assert "nobody answers" not in done.stderr


def test_of_several_sites_one_must_be_named(
    dialguard: Dialguard, answering: Callable[..., Service]
) -> None:
    """As for `phone`; it is what the dialplan would tell."""
    service = answering(DENY)
    sites = dialguard.folder / "sites"
    sites.mkdir()
    for name in ("hotel", "office"):
        text = dialguard.policy.read_text().replace('= "office"\ncountry', f'= "{name}"\ncountry')
        (sites / f"{name}.toml").write_text(text)
    settings = dialguard.settings.read_text().replace('file = "office.toml"', 'folder = "sites"')
    dialguard.settings.write_text(settings)
    done = dialguard.on_settings("call", "101", "9")
    assert (done.exit_code, "say --site: `hotel`, `office`" in done.stderr) == (1, True)
    assert dialguard.on_settings("call", "101", "9", "--site", "hotel").exit_code == 2
    service.end()
    assert b"site=hotel" in service.environment


def test_no_service_is_status_1(dialguard: Dialguard) -> None:
    """And what to do."""
    done = dialguard.on_settings("call", "101", "9")
    assert done.exit_code == 1
    assert "dialguard serve" in done.stderr.replace("\n", " ")
