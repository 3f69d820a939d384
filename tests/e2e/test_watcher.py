"""The watcher on a real Asterisk: calls past the gate, releases that were lost, calls ended."""

from __future__ import annotations

import json
import re
import time
from datetime import datetime
from typing import TYPE_CHECKING

import pytest

from tests.e2e.rig.asterisk import Asterisk
from tests.e2e.rig.forger import forge, hammering, number_of
from tests.e2e.rig.phone import Phone
from tests.e2e.rig.service import Service
from tests.e2e.rig.trunk import forwarding, trunk_of
from tests.e2e.rig.waiting import until

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.e2e.conftest import Evidence
    from tests.e2e.rig.trunk import FarEnd

NATIONAL = "902079460123"
PAST_THE_GATE = "*85+390612345678"
OLD_ENOUGH_S = 6.0
"""How old a lease must be, at least, for a list without its call to end it."""
SURELY_RELEASED_S = 3.0
"""How long after its end a call is released for sure: a grace, and a turn."""

GUARDED = '\n[bypass]\ntrunks = ["my-trunk"]\n'


@pytest.fixture
def watched(running: Asterisk, trunk: FarEnd, evidence: Evidence) -> Iterator[Service]:
    """Dialguard with a watcher that is linked."""
    folder = running.root.scratch(f"service-{len(evidence.folders)}")
    service = Service(folder, running.ports.agi)
    service.watch(running.ports.ami, GUARDED)
    with service:
        evidence.folders.append(folder)
        until(lambda: "ami-linked" in service.log)
        yield service
        evidence.keep(service)
        running.wait_idle()


def _bypasses(service: Service) -> list[dict[str, object]]:
    return [each for each in service.decisions if each["reason"] == "bypass"]


def _channels(asterisk: Asterisk) -> list[tuple[str, str]]:
    """Return the names of the channels that are up, and their `uniqueid`."""
    rows = [row.split("!") for row in asterisk.cli("core show channels concise").splitlines()]
    return [(row[0], row[-1]) for row in rows if len(row) > 1]


def test_a_call_past_the_gate_is_named_within_a_second(
    phone: Callable[[str], Phone], asterisk: Asterisk, trunk: FarEnd, watched: Service
) -> None:
    """And goes on, where the policy only wants the alarm."""
    call = phone("101").call(PAST_THE_GATE, talk_s=2)
    until(lambda: _bypasses(watched) != [])
    found = _bypasses(watched)[0]
    dialled = next(each.at for each in trunk.messages if each.method == "INVITE")
    named = datetime.fromisoformat(str(found["time"])).timestamp()
    assert named - dialled < 1
    assert (found["extension"], found["trunk"], found["number"]) == (
        "101",
        "my-trunk",
        "+39061234xxxx",
    )
    assert not call.outcome().ended_by_asterisk
    assert "+390612345678" not in watched.log


def test_where_asked_for_it_is_hung_up_and_nothing_else_is(
    phone: Callable[[str], Phone], asterisk: Asterisk, trunk: FarEnd, watched: Service
) -> None:
    """Not an emergency call, which never asks, and not one that did ask."""
    watched.change_policy('["my-trunk"]', '["my-trunk"]\nthen = "hang-up"')
    emergency = phone("102").call("999", talk_s=4)
    asked = phone("103").call(NATIONAL, talk_s=4)
    until(lambda: emergency.is_answered and asked.is_answered)
    assert phone("101").dial(PAST_THE_GATE, talk_s=30).ended_by_asterisk
    asterisk.cli("channel originate PJSIP/+390612345679@my-trunk application Wait 30")
    until(lambda: len(_bypasses(watched)) == 2)
    assert not emergency.outcome().ended_by_asterisk
    assert not asked.outcome().ended_by_asterisk
    asterisk.wait_idle()  # the originated one would be up for 30 s
    assert len(_bypasses(watched)) == 2


def test_a_number_behind_another_slash_is_none(
    phone: Callable[[str], Phone], asterisk: Asterisk, trunk: FarEnd, watched: Service
) -> None:
    """A forward may say more than a number: what the trunk is given counts."""
    watched.change_policy('["my-trunk"]', '["my-trunk"]\nthen = "hang-up"')
    to = f"PJSIP%2Fmy-trunk%2Fsip%3A390612345678%40127.0.0.2%3A{asterisk.ports.trunk}"
    with forwarding(asterisk, "111", f"{to}%3Bx=%2F999"):
        assert phone("110").dial("*84111", talk_s=30).ended_by_asterisk
    until(lambda: _bypasses(watched) != [])
    asterisk.wait_idle()
    assert [each["number"] for each in _bypasses(watched)] == ["39061234xxxx"]
    assert trunk.calls == ["390612345678"]


def test_nobody_frees_a_slot_by_a_forged_event(
    phone: Callable[[str], Phone], asterisk: Asterisk, trunk: FarEnd, watched: Service
) -> None:
    """Not by the number that is dialled, nor by the caller's: the third call stays refused."""
    calls = [phone("112").call(each, talk_s=40) for each in (NATIONAL, "902079460124")]
    until(lambda: len(watched.slots) == 2 and all(each.is_answered for each in calls))
    for name, uniqueid in sorted(_channels(asterisk), key=lambda each: "my-trunk" not in each[0]):
        event = ("Event: Hangup", f"Uniqueid: {uniqueid}")
        forge(asterisk, *event)
        phone("113").dial(number_of(*event), patience_s=1)
        assert (name, uniqueid) in _channels(asterisk)
    forged_at = time.monotonic()
    until(lambda: time.monotonic() > forged_at + SURELY_RELEASED_S)
    assert "lease-released" not in watched.log
    assert len(watched.slots) == 2
    phone("112").dial("902079460125", talk_s=1)
    assert watched.decisions[-1]["reason"] == "limit-reached"
    watched.command("calls", "end", "--extension", "112")
    assert all(each.outcome().ended_by_asterisk for each in calls)
    assert "ami-forged" in watched.log


def test_a_bypass_is_ended_though_somebody_says_that_asterisk_stops(
    phone: Callable[[str], Phone], asterisk: Asterisk, trunk: FarEnd, watched: Service
) -> None:
    """Again and again; the link stays."""
    watched.change_policy('["my-trunk"]', '["my-trunk"]\nthen = "hang-up"')
    with hammering(asterisk, "Event: Shutdown"):
        until(lambda: "ami-forged" in watched.log or "ami-link-lost" in watched.log)
        assert phone("114").dial(PAST_THE_GATE, talk_s=30).ended_by_asterisk
        until(lambda: _bypasses(watched) != [])
    assert [each["extension"] for each in _bypasses(watched)] == ["114"]
    assert "ami-link-lost" not in watched.log


def test_a_call_whose_release_is_lost_is_released_as_it_ends(
    phone: Callable[[str], Phone], asterisk: Asterisk, trunk: FarEnd, watched: Service
) -> None:
    """The dialplan knocks at a door where nobody is."""
    call = phone("104").call(NATIONAL, talk_s=6)
    until(lambda: watched.slots != [])
    with _Deaf(asterisk):
        call.outcome()
        until(lambda: watched.slots == [])
    assert "lease-released" in watched.log


def test_releases_lost_while_it_was_dead_are_made_up_for(
    phone: Callable[[str], Phone], asterisk: Asterisk, trunk: FarEnd, watched: Service
) -> None:
    """The list at its start shows that the call is gone; one that is up keeps its slot."""
    gone = phone("105").call(NATIONAL, talk_s=OLD_ENOUGH_S)
    stays = phone("106").call(NATIONAL, talk_s=4 * OLD_ENOUGH_S)
    until(lambda: len(watched.slots) == 2)
    watched.kill()
    with _Deaf(asterisk):
        gone.outcome()
        watched.start()
        until(lambda: len(watched.slots) == 1)
    assert [each["extension"] for each in watched.slots] == ["106"]
    watched.command("calls", "end", "--extension", "106")
    assert stays.outcome().ended_by_asterisk


def test_exactly_the_call_that_is_named_is_ended(
    phone: Callable[[str], Phone], asterisk: Asterisk, trunk: FarEnd, watched: Service
) -> None:
    """Of two calls of one extension."""
    calls = [phone("107").call(NATIONAL, talk_s=30)]
    until(lambda: len(watched.slots) == 1)
    first = str(watched.slots[0]["call"])
    calls.append(phone("107").call("902079460124", talk_s=12))
    until(lambda: all(each.is_answered for each in calls))
    assert len(watched.slots) == 2
    ended = json.loads(watched.command("calls", "end", first, "--json"))
    assert [each["call"] for each in ended] == [first]
    assert calls[0].outcome().ended_by_asterisk
    assert not calls[1].outcome().ended_by_asterisk
    asterisk.wait_idle()
    until(lambda: watched.slots == [])


def test_a_lockout_ends_live_calls_where_asked_for(
    phone: Callable[[str], Phone], asterisk: Asterisk, trunk: FarEnd, watched: Service
) -> None:
    """The locked-out extension's, and nobody else's; an emergency call of it neither."""
    watched.change_policy("invalid = 1000", 'invalid = 2\ncalls = "end"')
    theirs = phone("108").call(NATIONAL, talk_s=30)
    other = phone("109").call(NATIONAL, talk_s=8)
    emergency = phone("108").call("999", talk_s=8)
    calls = (theirs, other, emergency)
    until(lambda: all(each.is_answered for each in calls))
    for _ in range(2):
        phone("108").dial("90")
    assert theirs.outcome().ended_by_asterisk
    assert not other.outcome().ended_by_asterisk
    assert not emergency.outcome().ended_by_asterisk


@pytest.mark.parametrize(("words", "ended"), [((), True), (("--keep-calls",), False)])
def test_a_phone_that_is_removed_is_cut_off_unless_it_is_to_finish(
    phone: Callable[[str], Phone],
    asterisk: Asterisk,
    trunk: FarEnd,
    watched: Service,
    words: tuple[str, ...],
    ended: bool,
) -> None:
    """Revoking what a thief has takes the call away that is up already."""
    watched.enrol("110", "48205917")
    call = phone("110").call(NATIONAL, talk_s=8)
    until(lambda: call.is_answered)
    watched.command("phone", "remove", "110", *words)
    assert call.outcome().ended_by_asterisk is ended


def test_a_leg_that_lost_its_bound_gets_it_back(
    phone: Callable[[str], Phone], asterisk: Asterisk, trunk: FarEnd, watched: Service
) -> None:
    """Whatever took its absolute timeout away: with the next list it is what was allowed."""
    call = phone("112").call(NATIONAL, talk_s=20)
    until(lambda: call.is_answered)
    (leg,) = re.findall(
        r"^(PJSIP/my-trunk-\w+)!", asterisk.cli("core show channels concise"), re.M
    )
    assert _bound_of(asterisk, leg) > 0
    asterisk.cli(f"dialplan set chanvar {leg} TIMEOUT(absolute) 0")
    assert _bound_of(asterisk, leg) <= 0
    watched.kill()
    watched.start()  # it lists as it links, and else each minute
    until(lambda: "leg-without-bound" in watched.log)
    until(lambda: _bound_of(asterisk, leg) > 0)
    assert not call.outcome().ended_by_asterisk


def _bound_of(asterisk: Asterisk, channel: str) -> int:
    """Return how many seconds a channel may last still; 0 or less where nothing bounds it."""
    found = re.search(r"Time to Hangup: *(-?\d+)", asterisk.cli(f"core show channel {channel}"))
    assert found
    return int(found[1])


def test_calls_that_died_with_their_asterisk_are_released(
    running: Asterisk, evidence: Evidence
) -> None:
    """Nothing of it could ask for a release."""
    with Asterisk(running.version) as mortal, trunk_of(mortal):
        folder = mortal.root.scratch(f"service-{len(evidence.folders)}")
        service = Service(folder, mortal.ports.agi)
        service.watch(mortal.ports.ami)
        with service:
            evidence.folders.append(folder)
            until(lambda: "ami-linked" in service.log)
            call = Phone(mortal, "101").call(NATIONAL, talk_s=OLD_ENOUGH_S)
            until(lambda: service.slots != [])
            mortal.kill()
            until(lambda: "ami-link-lost" in service.log)
            assert len(service.slots) == 1
            call.sipp.stop()
            mortal.start()
            until(lambda: service.slots == [], 90)


class _Deaf:
    """A while in which the dialplan asks for releases where nobody listens."""

    def __init__(self, asterisk: Asterisk) -> None:
        self._asterisk = asterisk

    def __enter__(self) -> None:
        self._host("127.0.0.1:9")

    def __exit__(self, *raised: object) -> None:
        self._asterisk.give_up_releases()
        self._host(f"127.0.0.1:{self._asterisk.ports.agi}")

    def _host(self, place: str) -> None:
        self._asterisk.cli(f"dialplan set global DIALGUARD_HOST {place}")
