"""dialguard killed, hung, restarted and without its store, under real calls."""

from __future__ import annotations

import os
import shutil
import signal
import time
from typing import TYPE_CHECKING

from tests.e2e.rig.phone import Key, Refer, Wait
from tests.e2e.rig.trunk import answering
from tests.e2e.rig.waiting import until

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.e2e.rig.asterisk import Asterisk
    from tests.e2e.rig.phone import Phone
    from tests.e2e.rig.service import Service
    from tests.e2e.rig.trunk import FarEnd

NATIONAL = "902079460123"
ROME = "900390612345678"


def test_a_hung_service_frees_its_callers_within_five_seconds(
    phone: Callable[[str], Phone], trunk: FarEnd, service: Service
) -> None:
    """All of it stands still, the watchdog too: Asterisk's own bound ends the wait."""
    service.freeze()
    calls = [phone(f"1{number:02}").call(NATIONAL) for number in range(1, 9)]
    outcomes = [call.outcome() for call in calls]
    service.thaw()
    assert [each.status for each in outcomes] == [403] * len(calls)
    assert max(each.seconds_to_sound for each in outcomes) < 5
    assert trunk.calls == []
    until(lambda: service.slots == [])


def test_a_hung_worker_frees_its_callers_at_a_prompt_within_five_seconds(
    phone: Callable[[str], Phone], asterisk: Asterisk, trunk: FarEnd, service: Service
) -> None:
    """The watchdog ends the worker, so that its sockets close; another takes its place."""
    service.enrol("101", "83926154")
    call = phone("101").call(ROME, Wait(8), talk_s=12)
    until(lambda: call.is_answered)
    said = len(asterisk.log)
    os.kill(service.processes[1], signal.SIGSTOP)
    until(lambda: "refuse@dialguard" in asterisk.log[said:], 5)
    assert call.outcome().ended_by_asterisk
    assert trunk.calls == []
    until(lambda: phone("102").dial(NATIONAL).answered)


def test_a_killed_service_refuses_and_a_new_one_allows(
    phone: Callable[[str], Phone], asterisk: Asterisk, trunk: FarEnd, service: Service
) -> None:
    """Slots outlive a kill -9, and end with their calls."""
    up = [phone("103").call(NATIONAL, talk_s=30) for _ in range(2)]
    until(lambda: all(call.is_answered for call in up))
    service.kill()
    assert phone("104").dial(NATIONAL).status == 403
    service.start()
    assert len(service.slots) == 2
    assert phone("103").dial(NATIONAL).status == 403
    for call in up:
        call.outcome()
    asterisk.wait_idle()
    until(lambda: service.slots == [])


def test_without_its_store_it_refuses(
    phone: Callable[[str], Phone], trunk: FarEnd, service: Service
) -> None:
    """No slot can be counted, so no call that counts is let through."""
    shutil.move(service.folder / "store", service.folder / "lost")
    (service.folder / "store").write_text("no folder")
    outcome = phone("105").dial(NATIONAL)
    assert (outcome.answered, outcome.cause) == (False, 41)
    assert trunk.calls == []
    assert service.decisions[-1]["reason"] == "store-down"


def test_an_attended_transfer_keeps_its_slot_in_the_store(
    phone: Callable[[str], Phone], asterisk: Asterisk, trunk: FarEnd, service: Service
) -> None:
    """Seen from dialguard: taken while the trunk leg lives, given back when it ends."""
    with answering(asterisk, "102", talk_s=10):
        inside = phone("101").call("102", talk_s=20)
        until(lambda: inside.is_answered)
        phone("101").dial(NATIONAL, Wait(1), Refer("102", inside.replaces))
        inside.outcome()
        assert [each["extension"] for each in service.slots] == ["101"]
        until(lambda: trunk.ended_at != [])
    asterisk.wait_idle()
    until(lambda: service.slots == [])


def test_a_blind_transfer_abroad_is_refused(
    phone: Callable[[str], Phone], asterisk: Asterisk, trunk: FarEnd, service: Service
) -> None:
    """Whoever would hear the prompt is not the one who is judged."""
    service.enrol("101", "83926154")
    with answering(asterisk, "102", talk_s=20):
        phone("101").dial("102", Wait(0.5), Refer(ROME), talk_s=1)
        until(lambda: service.decisions != [])
        asterisk.wait_idle()
    decision = service.decisions[-1]
    assert (decision["extension"], decision["reason"]) == ("101", "cannot-challenge")
    assert trunk.calls == []


def test_a_drain_finishes_the_call_at_its_prompt(
    phone: Callable[[str], Phone], trunk: FarEnd, service: Service
) -> None:
    """SIGTERM: who is being asked may finish or is freed; then the service is gone."""
    known = service.enrol("106", "83926154")
    call = phone("106").call("907400123456", Wait(1), Key(f"{known.pin}#"), talk_s=2)
    until(lambda: call.is_answered)
    assert service.stop(25) == 0
    assert call.outcome().answered
    assert trunk.calls == ["+447400123456"]


def test_a_drain_frees_who_stays_silent(
    phone: Callable[[str], Phone], trunk: FarEnd, service: Service
) -> None:
    """A caller who keys nothing does not hold the service up for longer than it states: 20 s."""
    service.enrol("107", "83926154")
    service.change_policy('wait = "2s"', 'wait = "60s"')
    call = phone("107").call("907400123456", Wait(30), talk_s=15)
    until(lambda: call.is_answered)
    began = time.monotonic()
    assert service.stop(25) == 0
    assert time.monotonic() - began > 18
    assert call.outcome().ended_by_asterisk
    assert trunk.calls == []


def test_slots_come_back_from_calls_that_ended_while_it_was_away(
    phone: Callable[[str], Phone], asterisk: Asterisk, trunk: FarEnd, service: Service
) -> None:
    """A release that nobody heard is asked for again once somebody listens."""
    up = [phone("108").call(NATIONAL, talk_s=10) for _ in range(2)]
    until(lambda: len(service.slots) == 2)
    service.kill()
    for call in up:
        call.outcome()
    asterisk.wait_idle()
    service.start()
    until(lambda: service.slots == [])
    assert phone("108").dial(NATIONAL, talk_s=0.2).answered
