"""Forwards, and calls for which the dialplan says whose they are."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.e2e.rig.doors import FREE, LONDON, ROME
from tests.e2e.rig.outside import calls_in
from tests.e2e.rig.phone import Key, Refer, Wait
from tests.e2e.rig.trunk import answering, forwarding
from tests.e2e.rig.waiting import until

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.e2e.rig.asterisk import Asterisk
    from tests.e2e.rig.doors import Doors
    from tests.e2e.rig.phone import Phone


def test_a_phone_that_forwards(
    phone: Callable[[str], Phone], asterisk: Asterisk, doors: Doors
) -> None:
    """Where forwards (302) are let through, 102's is 102's; and who talks is not known."""
    for number, reason in ((ROME, "cannot-challenge"), (LONDON, "off-net"), (FREE, "")):
        with forwarding(asterisk, "102", number):
            call = phone("101").call("*84102", talk_s=5)
            if reason:
                doors.refused("102", reason, call)
            else:
                doors.charged("102", call)


def test_a_phone_cannot_forward_in_another_s_name(
    phone: Callable[[str], Phone], asterisk: Asterisk, doors: Doors
) -> None:
    """To a context that says for whom it asks: it is not believed of a forward."""
    with forwarding(asterisk, "102", f"Local/{LONDON}%40reminders-of-101"):
        doors.refused("102", "off-net", phone("103").call("*84102"))


def test_a_forward_in_the_dialplan(
    phone: Callable[[str], Phone], asterisk: Asterisk, doors: Doors
) -> None:
    """102's, whoever calls; but who calls from outside stays there."""
    asterisk.cli(f"database put CF 102 {ROME}")
    doors.refused("102", "cannot-challenge", phone("101").call("forward-102"))
    asterisk.cli(f"database put CF 102 {LONDON}")
    doors.refused("102", "off-net", calls_in(asterisk, "forward-102"))
    asterisk.cli(f"database put CF 102 {FREE}")
    doors.charged("102", calls_in(asterisk, "forward-102", talk_s=9))


def test_as_many_as_a_limit_lets_be_at_one_time(
    phone: Callable[[str], Phone], asterisk: Asterisk, doors: Doors
) -> None:
    """Of two calls that 102 has, both count against what is forwarded for it."""
    asterisk.cli(f"database put CF 102 {LONDON}")
    until(lambda: doors.service.slots == [])
    up = [phone("102").call(LONDON, talk_s=20) for _ in range(2)]
    until(lambda: len(doors.trunk.answered_at) == len(up))
    doors.count_anew()
    doors.refused("102", "limit-reached", phone("101").call("forward-102"), *up)


def test_follow_me(phone: Callable[[str], Phone], asterisk: Asterisk, doors: Doors) -> None:
    """102's, on a Local channel for each number; one that nobody is named for dials nothing."""
    doors.charged("102", phone("101").call("follow-102", talk_s=9))
    doors.refused("", "no-identity", phone("101").call("follow-103", talk_s=9))


def test_a_local_channel(phone: Callable[[str], Phone], asterisk: Asterisk, doors: Doors) -> None:
    """It is nobody's, if nothing says whose."""
    doors.refused("", "no-identity", phone("101").call("local"))


@pytest.mark.parametrize(
    ("way", "claimed"), [("passed-on", ""), ("no-name", "102"), ("quoted", "102")]
)
def test_a_name_that_is_none(
    phone: Callable[[str], Phone], doors: Doors, way: str, claimed: str
) -> None:
    """One that was said on another channel, or of a forward, or is empty, is nobody's."""
    doors.refused(claimed, "no-identity", phone("102").call(way))


@pytest.mark.parametrize("way", ["made-up", "joined"])
def test_a_name_that_does_not_hold(phone: Callable[[str], Phone], doors: Doors, way: str) -> None:
    """Only the routine names anybody, and no longer than until a transfer."""
    doors.charged("102", phone("102").call(way, talk_s=9))


def test_a_name_does_not_outlive_a_transfer(
    phone: Callable[[str], Phone], asterisk: Asterisk, doors: Doors
) -> None:
    """Who was called for before is not who transfers now."""
    with answering(asterisk, "103", Wait(0.3), Refer(FREE)):
        doors.charged("103", calls_in(asterisk, "named-103", talk_s=9))


def test_a_name_holds_for_one_number(phone: Callable[[str], Phone], doors: Doors) -> None:
    """Also at a second trunk; but whoever then dials another number does so for themselves."""
    call = phone("102").call("named-twice", talk_s=9)
    until(lambda: len(doors.decisions) == 3)
    assert [each["extension"] for each in doors.decisions] == ["101", "101", "102"]
    doors.end(call)


def test_only_on_behalf_s_own_arguments_say_who_talks(
    phone: Callable[[str], Phone], doors: Doors
) -> None:
    """Those of a Macro around it do not: nobody knows who talks, and that is somebody outside."""
    doors.refused("101", "off-net", phone("103").call("argued"))


def test_a_name_does_not_outlive_an_attended_transfer(
    phone: Callable[[str], Phone], asterisk: Asterisk, doors: Doors
) -> None:
    """103 has DISA ask for 101, and hands it on to 102: what 102 keys is 102's."""
    disa = phone("103").call("disa-of-101", talk_s=20)
    until(lambda: disa.is_answered)
    with answering(asterisk, "103", Wait(0.2), Refer("disa", disa.replaces)) as desk:
        call = phone("102").call("103", Wait(1.5), Key(f"{FREE}#"), talk_s=9)
        doors.charged("102", call, disa)
        assert 202 in {each.status for each in desk.messages}


def test_a_transfer_frees_no_slot(phone: Callable[[str], Phone], asterisk: Asterisk) -> None:
    """Whatever the channel is named that transfers."""
    asterisk.cli("dialplan set global DIALGUARD_RELEASE_4711 waits")
    phone("103").dial("frees")
    assert "DIALGUARD_RELEASE_4711=waits" in asterisk.cli("dialplan show globals")
    asterisk.cli('dialplan set global DIALGUARD_RELEASE_4711 ""')
