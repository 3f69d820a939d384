"""Applications of Asterisk that dial: each in the name of who caused it, or not at all."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final

import pytest

from tests.e2e.rig.asterisk import english_sounds
from tests.e2e.rig.doors import FREE, FREE_E164
from tests.e2e.rig.outside import calls_in
from tests.e2e.rig.phone import Key, Refer, Wait
from tests.e2e.rig.taps import act
from tests.e2e.rig.trunk import answering
from tests.e2e.rig.waiting import until

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.e2e.rig.asterisk import Asterisk
    from tests.e2e.rig.doors import Doors
    from tests.e2e.rig.phone import Phone

CALL_BACK: Final = (Wait(1), Key("1"), Wait(3), Key("3"), Wait(1), Key("2"), Wait(1.5), Key("1"))
"""What is keyed in a mailbox: hear the first message, more, who sent it, call them."""


# ----------------------------------------------------------------------------- voicemail


def test_voicemail_calls_back(
    phone: Callable[[str], Phone], asterisk: Asterisk, doors: Doors
) -> None:
    """For the phone that is in the mailbox, whoever's it is; for nobody outside."""
    _leave_a_message(asterisk)
    doors.refused(
        "my-trunk", "unknown-extension", calls_in(asterisk, "voicemail", *CALL_BACK, talk_s=9)
    )
    _leave_a_message(asterisk)
    doors.charged("103", phone("103").call("voicemail", *CALL_BACK, talk_s=9))


def _leave_a_message(asterisk: Asterisk) -> None:
    """Have a message in 101's mailbox, from the number that is to be called back."""
    inbox = asterisk.home / "spool" / "voicemail" / "default" / "101" / "INBOX"
    inbox.mkdir(parents=True, exist_ok=True)
    (inbox / "msg0000.txt").write_text(
        f'[message]\norigmailbox=101\ncallerid="outside" <{FREE_E164}>\norigtime=1700000000\n'
        "duration=1\ncategory=\nmsg_id=1700000000-00000001\n"
    )
    (inbox / "msg0000.wav").write_bytes((english_sounds(asterisk.root) / "beep.wav").read_bytes())


# ----------------------------------------------------------------------------- DISA


def test_disa(asterisk: Asterisk, doors: Doors) -> None:
    """Whoever dials in is nobody of ours; or 101, where the dialplan says so."""
    call = calls_in(asterisk, "disa", Wait(0.5), Key("11"), talk_s=9)
    doors.refused("my-trunk", "unknown-extension", call)
    call = calls_in(asterisk, "disa-of-101", Wait(0.5), Key(f"{FREE}#"), talk_s=9)
    doors.charged("101", call)


def test_a_dial_tone_calls_for_help(asterisk: Asterisk, doors: Doors) -> None:
    """Whoever is at it, and nobody asks."""
    call = calls_in(asterisk, "disa-of-101", Wait(0.5), Key("999#"), talk_s=9)
    until(lambda: doors.trunk.calls == ["999"])
    doors.end(call)
    assert doors.decisions == []


# ----------------------------------------------------------------------------- pickup and park


def test_who_picks_a_call_up_is_who_transfers_it(
    phone: Callable[[str], Phone], asterisk: Asterisk, doors: Doors
) -> None:
    """102 is called from outside, 103 picks it up and sends it on: that is 103's."""
    with answering(asterisk, "102", ring_s=20):
        caller = calls_in(asterisk, "102", talk_s=20)
        until(lambda: "Ringing" in asterisk.cli("core show channels"))
        picked = phone("103").call("pickup", Wait(1), Refer(FREE))
        doors.charged("103", caller, picked)


def test_a_parked_call_is_cut_in_time(
    phone: Callable[[str], Phone], asterisk: Asterisk, doors: Doors
) -> None:
    """101 parks the outside leg, and 103 takes it: it is still 101's, and ends as it should."""
    call = phone("101").call(FREE, Wait(0.2), Refer("park"))
    until(lambda: "PJSIP/my-trunk" in asterisk.cli("parking show default"))
    taken = phone("103").call("unpark", talk_s=9)
    doors.charged("101", call, taken)


# ----------------------------------------------------------------------------- conference


def test_a_conference_that_dials_out(
    phone: Callable[[str], Phone], asterisk: Asterisk, doors: Doors
) -> None:
    """For whoever keyed it."""
    keys = (Wait(0.5), Key("5"))
    doors.refused(
        "my-trunk", "unknown-extension", calls_in(asterisk, "conference", *keys, talk_s=5)
    )
    doors.charged("101", phone("101").call("conference", *keys, talk_s=9))


# ----------------------------------------------------------------------------- nobody's phone


def _by_command(asterisk: Asterisk, channel: str) -> None:
    asterisk.cli(f"channel originate {channel} application Wait 9")


def _by_manager(asterisk: Asterisk, channel: str) -> None:
    more = {"Application": "Wait", "Data": "9", "Async": "true"}
    act(asterisk.ports.ami, "Originate", Channel=channel, **more)


def _by_file(asterisk: Asterisk, channel: str) -> None:
    draft = asterisk.home / "call"
    draft.write_text(f"Channel: {channel}\nMaxRetries: 0\nApplication: Wait\nData: 9\n")
    draft.rename(asterisk.home / "spool" / "outgoing" / f"call-{time.monotonic_ns()}")


@pytest.mark.parametrize("begin", [_by_command, _by_manager, _by_file])
def test_a_call_that_a_program_makes(
    asterisk: Asterisk, doors: Doors, begin: Callable[[Asterisk, str], None]
) -> None:
    """It is nobody's, unless it begins in a context that says whose it is."""
    begin(asterisk, f"Local/{FREE}@outside")
    doors.refused("", "no-identity")
    begin(asterisk, f"Local/{FREE}@reminders-of-101")
    doors.charged("101")


# ----------------------------------------------------------------------------- queues


def test_a_queue_with_a_member_abroad(
    phone: Callable[[str], Phone], asterisk: Asterisk, doors: Doors
) -> None:
    """It is nobody's, unless its context says whose; a queue may have a name of its own."""
    doors.refused("", "no-identity", phone("101").call("queue", talk_s=5))
    doors.charged("150", calls_in(asterisk, "queue-abroad", talk_s=9))
