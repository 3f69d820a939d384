"""Transfers through a whole gate: whoever transfers is judged and charged, and the leg is cut."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.e2e.rig.doors import FREE, LONDON, ROME
from tests.e2e.rig.outside import calls_in
from tests.e2e.rig.phone import Key, Refer, Wait
from tests.e2e.rig.trunk import answering
from tests.e2e.rig.waiting import until

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.e2e.rig.asterisk import Asterisk
    from tests.e2e.rig.doors import Doors
    from tests.e2e.rig.phone import Phone


def test_a_blind_transfer(phone: Callable[[str], Phone], asterisk: Asterisk, doors: Doors) -> None:
    """101 sends 102 outside (REFER): 101 is judged, and 102 hears no prompt."""
    with answering(asterisk, "102"):
        call = phone("101").call("102", Wait(0.3), Refer(ROME))
        doors.refused("101", "cannot-challenge", call)
    with answering(asterisk, "102"):
        call = phone("101").call("102", Wait(0.3), Refer(FREE))
        doors.charged("101", call)


def test_a_blind_transfer_of_somebody_outside(asterisk: Asterisk, doors: Doors) -> None:
    """101 sends a caller outside back outside: only a rule that says so lets that through."""
    with answering(asterisk, "101", Wait(0.3), Refer(LONDON)):
        doors.refused("101", "off-net", calls_in(asterisk, "101", talk_s=20))
    with answering(asterisk, "101", Wait(0.3), Refer(FREE)):
        doors.charged("101", calls_in(asterisk, "101", talk_s=20))


def test_a_blind_transfer_by_a_feature_code(
    phone: Callable[[str], Phone], asterisk: Asterisk, doors: Doors
) -> None:
    """The same, keyed."""
    with answering(asterisk, "102"):
        call = phone("101").call("transferable-102", Wait(0.3), Key(f"##{FREE}"), talk_s=9)
        doors.charged("101", call)


def test_an_attended_transfer_by_a_feature_code(
    phone: Callable[[str], Phone], asterisk: Asterisk, doors: Doors
) -> None:
    """Asterisk asks on a Local channel, and says for whom."""
    with answering(asterisk, "102"):
        call = phone("101").call("shortly-102", Wait(0.3), Key("*211"), talk_s=9)
        doors.charged("101", call)


def test_who_transfers_by_a_feature_code_and_has_hung_up_does_not_talk(
    phone: Callable[[str], Phone], asterisk: Asterisk, doors: Doors
) -> None:
    """Then it is whoever is transferred: nobody known."""
    with answering(asterisk, "102"):
        call = phone("101").call("shortly-102", Wait(0.3), Key("*212"), talk_s=0.5)
        doors.refused("101", "off-net", call)


def test_an_attended_transfer(
    phone: Callable[[str], Phone], asterisk: Asterisk, doors: Doors
) -> None:
    """101 joins its outside call to 102 (REFER): it stays 101's, and is cut in time."""
    with answering(asterisk, "102"):
        inside = phone("101").call("102", talk_s=20)
        until(lambda: inside.is_answered)
        outside = phone("101").call(FREE, Wait(0.2), Refer("102", inside.replaces), talk_s=3)
        doors.charged("101", inside, outside)
    assert 202 in {each.status for each in outside.sipp.messages}


def test_an_attended_transfer_of_somebody_outside(
    phone: Callable[[str], Phone], asterisk: Asterisk, doors: Doors
) -> None:
    """101 joins two parties outside: the call it made stays 101's, and is cut in time."""
    outside = phone("101").call(FREE, talk_s=9)
    until(lambda: outside.is_answered)
    with answering(asterisk, "101", Wait(0.1), Refer(FREE, outside.replaces)) as desk:
        doors.charged("101", calls_in(asterisk, "101", talk_s=9), outside)
        assert 202 in {each.status for each in desk.messages}


def test_a_transfer_to_a_call_that_is_none(
    phone: Callable[[str], Phone], asterisk: Asterisk, doors: Doors
) -> None:
    """An attended transfer to what is up at no Asterisk of ours dials nothing."""
    unknown = "nobody%40nowhere%3Bto-tag%3D1%3Bfrom-tag%3D2"
    with answering(asterisk, "102"):
        call = phone("101").call("102", Wait(0.3), Refer(FREE, unknown), talk_s=2)
        doors.nobody_asks(call, for_s=2)
    assert 202 in {each.status for each in call.sipp.messages}


def test_somebody_outside_transfers_nobody(asterisk: Asterisk, doors: Doors) -> None:
    """By REFER, which a trunk may not send; nor by codes, which `Dial` does not take of it."""
    with answering(asterisk, "101"):
        steps = (Wait(0.3), Refer(FREE, answer=603), Key("##11*211"))
        call = calls_in(asterisk, "careful-101", *steps)
        doors.nobody_asks(call, for_s=8)
    assert 603 in {each.status for each in call.sipp.messages}


def test_where_somebody_outside_may_transfer_the_trunk_is_judged(
    asterisk: Asterisk, doors: Doors
) -> None:
    """A dialplan that lets callers outside key transfers: not the phone that is transferred."""
    with answering(asterisk, "101"):
        call = calls_in(asterisk, "careless-101", Wait(0.3), Key("##11"), talk_s=9)
        doors.refused("my-trunk", "unknown-extension", call)
