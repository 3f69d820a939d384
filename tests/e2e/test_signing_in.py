"""Signing in by keypad, on a real Asterisk: what it opens, for whom, and what ends it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.e2e.rig.phone import Key, Refer, Step, Wait
from tests.e2e.rig.rtp import Ear, likeness
from tests.e2e.rig.service import POLICY, Enrolled, Service
from tests.e2e.rig.waiting import until

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.e2e.conftest import Evidence
    from tests.e2e.rig.asterisk import Asterisk
    from tests.e2e.rig.phone import Phone
    from tests.e2e.rig.trunk import FarEnd

ROME = "900390612345678"
E164 = "+390612345678"
BY_SIGN_IN = POLICY.replace('then = "pin+totp"', 'then = "sign-in"')
ANYWHERE = BY_SIGN_IN + "\n[sign-in]\nanywhere = true\n"
SIGN_IN, SIGN_OFF, LEFT = "*1", "*2", "*3"


@pytest.fixture
def gate(running: Asterisk, trunk: FarEnd, evidence: Evidence) -> Iterator[Service]:
    """A service whose policy lets nobody call abroad who has not signed in."""
    folder = running.root.scratch(f"signing-in-{len(evidence.folders)}")
    with Service(folder, running.ports.agi, BY_SIGN_IN) as fresh:
        evidence.folders.append(folder)
        yield fresh
        evidence.keep(fresh)
        running.wait_idle()
        until(lambda: fresh.slots == [])


def _factors(known: Enrolled) -> list[Step]:
    return [Wait(0.5), Key(f"{known.pin}#"), Wait(0.5), Key(f"{known.code()}#")]


def _reasons(gate: Service) -> list[object]:
    return [each["reason"] for each in gate.decisions]


def test_signed_in_one_calls_until_one_signs_off(
    phone: Callable[[str], Phone], trunk: FarEnd, gate: Service
) -> None:
    """Refused, in, through without a prompt, off, refused."""
    known = gate.enrol("101", "83926154")
    refused = phone("101").dial(ROME)
    assert (refused.answered, refused.cause) == (False, 21)
    assert phone("101").dial(SIGN_IN, *_factors(known), talk_s=10).ended_by_asterisk
    through = phone("101").dial(ROME)
    assert through.answered
    assert through.seconds_to_sound < 2
    assert phone("101").dial(LEFT, talk_s=10).ended_by_asterisk
    assert phone("101").dial(SIGN_OFF, talk_s=10).ended_by_asterisk
    assert not phone("101").dial(ROME).answered
    assert trunk.calls == [E164]
    assert _reasons(gate) == [
        *("sign-in-required", "signed-in", "allowed"),
        *("signed-in", "signed-off", "sign-in-required"),
    ]


def test_what_is_heard_of_a_sign_in(
    phone: Callable[[str], Phone],
    trunk: FarEnd,
    gate: Service,
    sound: Callable[[str], Path],
) -> None:
    """The prompts, that one is in, and for how many hours and minutes."""
    known = gate.enrol("102", "47205518")
    with Ear() as ear:
        keys: list[Step] = [Wait(2), Key(f"{known.pin}#"), Wait(2), Key(f"{known.code()}#")]
        phone("102").dial(SIGN_IN, *keys, talk_s=15, ear=ear.port)
        heard = ear.samples
    for name in ("confbridge-pin", "agent-pass", "agent-loginok", "vm-youhave"):
        assert likeness(heard, sound(name)) > 0.95, name
    for name in ("digits/7", "hours", "digits/50", "digits/9", "minutes"):
        assert likeness(heard, sound(name)) > 0.95, name
    assert likeness(heard, sound("agent-loggedoff")) < 0.5


def test_a_stolen_password_gets_nowhere_while_somebody_is_signed_in(
    phone: Callable[[str], Phone], trunk: FarEnd, gate: Service
) -> None:
    """Not from another address, nor by another transport, nor as another kind of phone."""
    known = gate.enrol("103", "61830427")
    phone("103").dial(SIGN_IN, *_factors(known), talk_s=10)
    assert not phone("103").dial(ROME, at="127.0.0.9").answered
    assert not phone("103").dial(ROME, transport="tcp").answered
    assert not phone("103").dial(ROME, headers=["User-Agent: friendly-scanner"]).answered
    assert trunk.calls == []
    assert phone("103").dial(ROME).answered
    assert trunk.calls == [E164]


def test_no_feature_code_gets_a_call_anywhere(
    phone: Callable[[str], Phone], trunk: FarEnd, gate: Service
) -> None:
    """Wrong codes sign nobody in; nothing reaches the trunk."""
    known = gate.enrol("104", "59173026")
    wrong: list[Step] = [Key("11223344#"), Wait(0.5), Key(f"{known.code()}#"), Wait(0.5)]
    outcome = phone("104").dial(SIGN_IN, Wait(0.5), *wrong, *wrong, *wrong, talk_s=20)
    assert outcome.ended_by_asterisk
    assert not phone("104").dial(ROME).answered
    assert (trunk.calls, _reasons(gate)) == ([], ["wrong-code", "sign-in-required"])


def test_who_is_transferred_to_a_feature_code_is_asked_for_nothing(
    phone: Callable[[str], Phone], trunk: FarEnd, gate: Service
) -> None:
    """Whoever would key is not at the phone that is judged."""
    gate.enrol("105", "20486913")
    phone("105").dial("902079460123", Wait(0.5), Refer(SIGN_IN), talk_s=5)
    until(lambda: "cannot-challenge" in _reasons(gate))
    assert not phone("105").dial(ROME).answered


def test_one_signs_in_on_a_phone_of_others_where_the_policy_lets_one(
    running: Asterisk, phone: Callable[[str], Phone], trunk: FarEnd, evidence: Evidence
) -> None:
    """Extension, then PIN, then code: the phone's calls are open then."""
    folder = running.root.scratch(f"anywhere-{len(evidence.folders)}")
    with Service(folder, running.ports.agi, ANYWHERE) as gate:
        evidence.folders.append(folder)
        known = gate.enrol("106", "70315842")
        keys = [Wait(1), Key("106#"), *_factors(known)]
        assert phone("107").dial(SIGN_IN, *keys, talk_s=10).ended_by_asterisk
        assert phone("107").dial(ROME).answered
        assert not phone("106").dial(ROME).answered
        assert trunk.calls == [E164]
        opened, call, refused = gate.decisions
        assert (opened["person"], call["person"], refused["person"]) == ("106", "106", "")
        evidence.keep(gate)
        running.wait_idle()


def test_a_silent_service_signs_nobody_in(
    phone: Callable[[str], Phone], trunk: FarEnd, gate: Service
) -> None:
    """Asterisk frees the caller by itself, and says that something is wrong."""
    known = gate.enrol("108", "93610274")
    gate.freeze()
    outcome = phone("108").dial(SIGN_IN, *_factors(known), talk_s=15)
    gate.thaw()
    assert outcome.ended_by_asterisk
    assert not phone("108").dial(ROME).answered
    assert trunk.calls == []
