"""Forwards, and calls for which the dialplan says whose they are."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.e2e.rig.doors import FREE, LONDON, ROME
from tests.e2e.rig.outside import calls_in
from tests.e2e.rig.phone import Refer, Wait
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


@pytest.mark.parametrize(("way", "claimed"), [("passed-on", ""), ("no-name", "102")])
def test_a_name_that_is_none(
    phone: Callable[[str], Phone], doors: Doors, way: str, claimed: str
) -> None:
    """One that was said on another channel, or is empty, is nobody's."""
    doors.refused(claimed, "no-identity", phone("102").call(way))


def test_a_name_that_is_made_up(phone: Callable[[str], Phone], doors: Doors) -> None:
    """Only the routine names anybody: a variable of that name does not."""
    doors.charged("102", phone("102").call("made-up", talk_s=9))


def test_a_name_does_not_outlive_a_transfer(
    phone: Callable[[str], Phone], asterisk: Asterisk, doors: Doors
) -> None:
    """Who was called for before is not who transfers now."""
    with answering(asterisk, "103", Wait(0.3), Refer(FREE)):
        doors.charged("103", calls_in(asterisk, "named-103", talk_s=9))
