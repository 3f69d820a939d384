"""Transfers and forwards: who is asked about, and how long a slot stays taken."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest

from tests.e2e.rig.phone import Refer, Wait
from tests.e2e.rig.stand_in import close
from tests.e2e.rig.trunk import answering, forwarding
from tests.e2e.rig.waiting import until

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.e2e.rig.asterisk import Asterisk
    from tests.e2e.rig.phone import Phone
    from tests.e2e.rig.stand_in import StandIn
    from tests.e2e.rig.trunk import FarEnd


def test_a_blind_transfer_is_asked_about_in_the_name_of_who_transfers(
    phone: Callable[[str], Phone], asterisk: Asterisk, trunk: FarEnd, stand_in: StandIn
) -> None:
    """101 sends 102 outside: the gate runs on 102's channel, and hears of 101."""
    with answering(asterisk, "102", talk_s=4):
        phone("101").dial("102", Wait(0.5), Refer("901632960000"), talk_s=1)
        until(lambda: stand_in.asked("outbound") != [])
        asterisk.wait_idle()
    asked = stand_in.asked("outbound")[0].arguments
    assert asked["transferer"].startswith("PJSIP/101-")
    assert asked["endpoint"] == "102"
    assert (asked["address"], asked["transport"]) == ("", "")
    assert trunk.calls == ["901632960000"]


def test_a_refused_transfer_reaches_no_trunk(
    phone: Callable[[str], Phone], asterisk: Asterisk, trunk: FarEnd, stand_in: StandIn
) -> None:
    """The one who is transferred hears the refusal, and that is the end."""
    stand_in.answer = close
    with answering(asterisk, "102", talk_s=20):
        phone("101").dial("102", Wait(0.5), Refer("901632960000"), talk_s=1)
        until(lambda: stand_in.asked("outbound") != [])
        asterisk.wait_idle()
    assert trunk.calls == []


def test_a_forwarding_phone_is_asked_about_itself(
    phone: Callable[[str], Phone], asterisk: Asterisk, trunk: FarEnd, stand_in: StandIn
) -> None:
    """Where forwards are let through, 102's phone answers 302, and 102 is who dials it."""
    with forwarding(asterisk, "102", "901632960000"):
        phone("101").dial("*84102", talk_s=1)
        asterisk.wait_idle()
    asked = stand_in.asked("outbound")[0].arguments
    assert asked["forwarder"].startswith("PJSIP/102-")
    assert asked["endpoint"] == ""
    assert trunk.calls == ["901632960000"]


FORWARDS = (
    "901632960000",
    "PJSIP/88213000000%40my-trunk",
    "PJSIP%2F%2B88213000000%40my-trunk",
    "Local/901632960000%40outside",
)


@pytest.mark.parametrize("target", FORWARDS)
def test_a_phone_forwards_nowhere(
    phone: Callable[[str], Phone],
    asterisk: Asterisk,
    trunk: FarEnd,
    stand_in: StandIn,
    target: str,
) -> None:
    """The dialplan that is shipped takes no 302: one with a slash would pass every dialplan by."""
    with forwarding(asterisk, "102", target):
        outcome = phone("101").dial("102", talk_s=1)
        asterisk.wait_idle()
    assert not outcome.answered
    assert (trunk.calls, stand_in.asked("outbound")) == ([], [])


def test_a_forward_frees_no_slot(
    phone: Callable[[str], Phone], asterisk: Asterisk, trunk: FarEnd, stand_in: StandIn
) -> None:
    """Whoever guesses a call's name cannot have it released by a forward to our own context."""
    call = phone("101").call("901632960000", talk_s=8)
    until(lambda: call.is_answered)
    said = len(asterisk.log)
    victim = stand_in.asked("outbound")[0].uniqueid
    asterisk.cli(f"dialplan set global DIALGUARD_RELEASE_4711 {victim}::")
    target = "Local/release%3A4711%40dialguard-release"
    with forwarding(asterisk, "102", target):
        thief = phone("103").call("*84102", patience_s=2)
        until(lambda: "release:4711@dialguard-release" in asterisk.log[said:])
        time.sleep(1)  # time for a release that must not come
        assert (trunk.ended_at, stand_in.asked("release")) == ([], [])
        thief.outcome()
    call.outcome()
    asterisk.wait_idle()
    assert stand_in.asked("release") != []


def test_a_message_is_no_call(
    phone: Callable[[str], Phone], asterisk: Asterisk, trunk: FarEnd, stand_in: StandIn
) -> None:
    """A SIP MESSAGE to an emergency number or an outside one runs no dialplan."""
    for dialled in ("999", "901632960000"):
        phone("101").message(dialled)
    asterisk.wait_idle()
    assert (trunk.calls, stand_in.conversations) == ([], [])


def test_an_attended_transfer_keeps_the_slot_until_the_trunk_leg_ends(
    phone: Callable[[str], Phone], asterisk: Asterisk, trunk: FarEnd, stand_in: StandIn
) -> None:
    """101 connects its outside call with 102 and hangs up; the outside leg goes on and counts."""
    with answering(asterisk, "102", talk_s=8):
        inside = phone("101").call("102", talk_s=20)
        until(lambda: inside.is_answered)
        outside = phone("101").call("901632960000", Wait(1), Refer("102", inside.replaces))
        assert outside.outcome().answered
        inside.outcome()
        time.sleep(1)  # time for a release that must not come
        assert trunk.ended_at == []
        assert stand_in.asked("release") == []
        until(lambda: trunk.ended_at != [])
        asterisk.wait_idle()
    call = stand_in.asked("outbound")[0].uniqueid
    assert {each.arguments["call"] for each in stand_in.asked("release")} == {call}
    talked_s = trunk.talked_s()  # by whomever
    talked = {int(each.arguments["talked"]) for each in stand_in.asked("release")}
    assert all(talked_s - 0.1 < each < talked_s + 1.5 for each in talked)


def test_a_transferred_leg_still_ends_when_its_seconds_are_over(
    phone: Callable[[str], Phone], asterisk: Asterisk, trunk: FarEnd, stand_in: StandIn
) -> None:
    """A transfer is no way out of GUARD_SECONDS."""
    stand_in.answer = lambda asked: (
        asked.allow("901632960000", seconds=5) if asked.script == "outbound" else None
    )
    with answering(asterisk, "102", talk_s=30):
        inside = phone("101").call("102", talk_s=30)
        until(lambda: inside.is_answered)
        phone("101").dial("901632960000", Wait(1), Refer("102", inside.replaces))
        until(lambda: trunk.ended_at != [])
        inside.outcome()
    assert 4 < trunk.talked_s() < 6
