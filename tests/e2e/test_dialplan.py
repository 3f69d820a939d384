"""The dialplan that is shipped, by itself: what it does with answers, and without any.

A stand-in takes the service's place, so that each answer, each silence and each death can be made.
"""

from __future__ import annotations

import asyncio
import hashlib
import re
import time
from typing import TYPE_CHECKING, TypeVar

import pytest

from fastagi.watcher.link import Login, connected
from fastagi.watcher.registered import digest_of, registered
from tests.e2e.rig.asterisk import OF_A_BRANCH
from tests.e2e.rig.phone import Wait
from tests.e2e.rig.roaming import RoamingPhone
from tests.e2e.rig.stand_in import Conversation, allow, close, listen
from tests.e2e.rig.waiting import until

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from fastagi.watcher.link import Link
    from tests.e2e.rig.asterisk import Asterisk
    from tests.e2e.rig.phone import Phone
    from tests.e2e.rig.stand_in import StandIn
    from tests.e2e.rig.trunk import FarEnd

Found = TypeVar("Found")

SPOKEN_S = 5.0  # longer than the longest refusal that the dialplan speaks by itself


# ----------------------------------------------------------------------------- allowed


def test_an_allowed_call_dials_what_was_judged(
    phone: Callable[[str], Phone], trunk: FarEnd, stand_in: StandIn
) -> None:
    """The trunk gets GUARD_NUMBER, whatever was dialled."""
    stand_in.answer = lambda asked: _allow(asked, "+441632960000")
    outcome = phone("101").dial("901632960000")
    assert outcome.answered
    assert trunk.calls == ["+441632960000"]


def test_the_service_is_told_who_calls_and_from_where(
    phone: Callable[[str], Phone], asterisk: Asterisk, trunk: FarEnd, stand_in: StandIn
) -> None:
    """The question holds the endpoint, its true address and its true transport."""
    transports = ("udp", "tcp", "tls", "ws")
    for transport in transports:
        phone("102").dial("901632960000", transport=transport, talk_s=0.2)
    asked = [each.arguments for each in stand_in.asked("outbound")]
    assert [each["endpoint"] for each in asked] == ["102"] * 4
    assert tuple(each["transport"] for each in asked) == transports
    assert all(each["address"].startswith("127.0.0.1:") for each in asked)
    assert all(each["call"].startswith(f"rig{asterisk.version}-") for each in asked)


def test_a_phone_cannot_lie_about_its_transport(
    phone: Callable[[str], Phone], trunk: FarEnd, stand_in: StandIn
) -> None:
    """Via and Contact may claim TLS; the port that the call came in on does not."""
    phone("102").dial("901632960000", claims="tls")
    assert stand_in.asked("outbound")[0].arguments["transport"] == "udp"


def test_what_is_not_known_of_a_call_is_nobody_else_s(
    asterisk: Asterisk, trunk: FarEnd, stand_in: StandIn
) -> None:
    """A channel that is not PJSIP's has no endpoint and no place, whatever variables say so."""
    names = ("endpoint", "address", "transport", "agent", "contact")
    for name in names:
        asterisk.cli(f"dialplan set global {name} {'1' * 40}")
    asterisk.cli("channel originate Local/901632960000@outside application Wait 1")
    until(lambda: stand_in.asked("outbound") != [])
    asterisk.wait_idle()
    for name in names:
        asterisk.cli(f'dialplan set global {name} ""')
    asked = stand_in.asked("outbound")[0].arguments
    assert [asked[each] for each in names] == [""] * 5


def test_all_that_is_registered_for_an_endpoint_counts(
    phone: Callable[[str], Phone], asterisk: Asterisk, trunk: FarEnd, stand_in: StandIn
) -> None:
    """By whatever AOR, and as the watcher has it: none, one of the second, one of each."""

    def told() -> tuple[str, int]:
        known = _asked(asterisk, lambda link: registered(link, "134"))
        assert known is not None
        phone("134").dial("901632960000", talk_s=0.2)
        said = stand_in.asked("outbound")[-1].arguments["contact"]
        assert (said or digest_of("")) == known.digest  # SHA1 of nothing is nothing there
        return known.digest, known.count

    first, second = RoamingPhone(asterisk, "134"), RoamingPhone(asterisk, "134", aor="134-desk")
    nothing = told()
    second.register()
    one = told()
    first.register()
    both = told()
    second.leave()
    other = told()
    first.leave()
    assert [count for _, count in (nothing, one, both, other)] == [0, 1, 2, 1]
    assert len({digest for digest, _ in (nothing, one, both, other)}) == 4
    assert told() == nothing


def test_the_slot_is_given_back_when_the_trunk_leg_ends(
    phone: Callable[[str], Phone], asterisk: Asterisk, trunk: FarEnd, stand_in: StandIn
) -> None:
    """The last to end, trunk leg or caller, releases the call."""
    phone("101").dial("901632960000")
    asterisk.wait_idle()
    call = stand_in.asked("outbound")[0].uniqueid
    released = [each.arguments for each in stand_in.asked("release")]
    assert ("rig" in call, released[0]["call"]) == (True, call)


def test_a_site_of_the_endpoint_is_the_call_s_to_its_end(
    phone: Callable[[str], Phone], asterisk: Asterisk, trunk: FarEnd, stand_in: StandIn
) -> None:
    """Where one Asterisk serves several sites, a release finds the lease where it was taken."""
    assert phone(OF_A_BRANCH).dial("901632960000", talk_s=0.2).answered
    asterisk.wait_idle()
    until(lambda: stand_in.asked("release") != [])
    assert {each.arguments["site"] for each in stand_in.conversations} == {"branch"}


def test_an_allow_is_good_for_one_dial(
    phone: Callable[[str], Phone], asterisk: Asterisk, trunk: FarEnd, stand_in: StandIn
) -> None:
    """A dialplan that dials again without asking again reaches no trunk."""
    phone("103").dial("*88901632960000", talk_s=3)
    assert trunk.calls == ["901632960000"]


def test_asking_again_is_good_for_another_dial(
    phone: Callable[[str], Phone], trunk: FarEnd, stand_in: StandIn
) -> None:
    """A second trunk is tried after a second question, under the same call."""
    phone("103").dial("*89901632960000", talk_s=3)
    assert len({each.uniqueid for each in stand_in.asked("outbound")}) == 1
    assert trunk.calls == ["901632960000", "901632960000"]


def test_a_leg_that_failed_does_not_give_back_the_slots_of_the_next(
    phone: Callable[[str], Phone], asterisk: Asterisk, trunk: FarEnd, stand_in: StandIn
) -> None:
    """While the caller is there, they are the next trunk's; at the end they are given back."""
    call = phone("103").call("*89901632960000", talk_s=4)
    until(lambda: len(trunk.calls) == 2)
    time.sleep(1)  # time for a release that must not come
    assert stand_in.asked("release") == []
    call.outcome()
    asterisk.wait_idle()
    assert stand_in.asked("release")


def test_a_leg_ends_when_its_seconds_are_over(
    phone: Callable[[str], Phone], trunk: FarEnd, stand_in: StandIn
) -> None:
    """GUARD_SECONDS holds although nobody is left to enforce it."""
    stand_in.answer = lambda asked: _allow(asked, "441632960000", seconds=3)
    outcome = phone("101").dial("901632960000", talk_s=20)
    assert outcome.ended_by_asterisk
    assert 2 < trunk.talked_s() < 4  # three, less the ringing


def test_a_forked_call_is_released_when_its_last_leg_ends(
    phone: Callable[[str], Phone], asterisk: Asterisk, trunk: FarEnd, stand_in: StandIn
) -> None:
    """Of two legs the loser ends at once; the slot stays until the winner does."""
    call = phone("104").call("*87901632960000", talk_s=3)
    until(lambda: call.is_answered)
    time.sleep(1)  # the losing leg is gone by now; nothing but time can show a release not sent
    assert stand_in.asked("release") == []
    call.outcome()
    asterisk.wait_idle()
    assert len(trunk.calls) == 2
    assert stand_in.asked("release")


def test_an_inside_call_stays_inside(
    phone: Callable[[str], Phone], trunk: FarEnd, stand_in: StandIn
) -> None:
    """`internal` is dialled in the context named for it, and never to a trunk."""
    stand_in.answer = lambda asked: asked.allow("119", category="internal")
    outcome = phone("101").dial("9119", patience_s=3)
    assert trunk.calls == []
    assert not outcome.answered
    assert len(stand_in.asked("outbound")) == 1


def test_an_inside_call_to_nowhere_is_refused(
    phone: Callable[[str], Phone], trunk: FarEnd, stand_in: StandIn
) -> None:
    """An inside number that the named context does not have goes nowhere else."""
    stand_in.answer = lambda asked: asked.allow("700", category="internal")
    outcome = phone("101").dial("9700")
    assert (outcome.status, outcome.cause, trunk.calls) == (403, 21, [])


# ----------------------------------------------------------------------------- how long was talked


def _talked(stand_in: StandIn) -> list[str]:
    until(lambda: stand_in.asked("release") != [])
    return [each.arguments["talked"] for each in stand_in.asked("release")]


def _spans(trunk: FarEnd) -> float:
    """Return for how long the far end's calls were answered, all together."""
    return sum(end - begin for begin, end in zip(trunk.answered_at, trunk.ended_at, strict=True))


@pytest.mark.parametrize(("dialled", "legs"), [("", 1), ("*89", 2)], ids=["one", "two-dials"])
def test_a_release_says_for_how_long_was_talked(
    phone: Callable[[str], Phone],
    asterisk: Asterisk,
    trunk: FarEnd,
    stand_in: StandIn,
    dialled: str,
    legs: int,
) -> None:
    """By the far end's own clock, rounded up for each leg of the call."""
    assert phone("105").dial(f"{dialled}901632960000", talk_s=2.4).answered
    asterisk.wait_idle()
    (talked,) = _talked(stand_in)
    assert _spans(trunk) - 0.1 < int(talked) < _spans(trunk) + legs + 0.5


def test_of_two_legs_that_are_answered_at_once_nothing_too_short_is_told(
    phone: Callable[[str], Phone], asterisk: Asterisk, trunk: FarEnd, stand_in: StandIn
) -> None:
    """Of the one that lost nobody may know: then of the call, too."""
    assert phone("105").dial("*87901632960000", talk_s=2.4).answered
    asterisk.wait_idle()
    (talked,) = _talked(stand_in)
    assert talked == "" or int(talked) > _spans(trunk) - 0.1


def test_the_clock_goes_forward_at_the_turn_of_a_second(asterisk: Asterisk) -> None:
    """Asterisk's EPOCH lags behind its STRFTIME by a tick: together they may be a second early."""
    asterisk.cli("channel originate Local/looks@clock/n application Wait 30")
    found = re.compile(r"clock: (\d+) looks, (\d+) earlier")
    until(lambda: found.search(asterisk.log) is not None, within_s=30)
    looks, earlier = found.findall(asterisk.log)[-1]
    assert int(looks) > 100
    assert int(earlier) == 0


def test_a_leg_that_is_cut_has_talked_no_longer_than_was_allowed(
    phone: Callable[[str], Phone], asterisk: Asterisk, trunk: FarEnd, stand_in: StandIn
) -> None:
    """So nobody is charged for more than was reserved."""
    stand_in.answer = lambda asked: (
        asked.allow("441632960000", 3) if asked.script == "outbound" else allow(asked)
    )
    phone("105").dial("901632960000", talk_s=20)
    asterisk.wait_idle()
    assert _talked(stand_in) == ["3"]


def test_nobody_talked_where_nobody_answered(
    phone: Callable[[str], Phone], asterisk: Asterisk, trunk: FarEnd, stand_in: StandIn
) -> None:
    """However long it rang."""
    assert not phone("105").dial("*82901632960000").answered
    asterisk.wait_idle()
    assert _talked(stand_in) == ["0"]


def test_what_is_not_known_is_told_as_not_known(
    phone: Callable[[str], Phone], asterisk: Asterisk, trunk: FarEnd, stand_in: StandIn
) -> None:
    """Where another option stands in the place of ours; it is not told as nothing."""
    assert phone("105").dial("*81901632960000", talk_s=0.5).answered
    asterisk.wait_idle()
    assert _talked(stand_in) == [""]


def test_a_release_that_is_asked_for_again_says_the_same(
    phone: Callable[[str], Phone], asterisk: Asterisk, trunk: FarEnd, stand_in: StandIn
) -> None:
    """However long nobody heard it; and under a secret, too."""
    stand_in.answer = lambda asked: close(asked) if asked.script == "release" else allow(asked)
    with asterisk.secret("hush-hush-hush-hush"):
        assert phone("105").dial("901632960000", talk_s=0.5).answered
        until(lambda: len(stand_in.asked("release")) == 1)
        stand_in.answer = allow
        until(lambda: len(stand_in.asked("release")) == 2)
    first, second = (each.arguments for each in stand_in.asked("release"))
    assert first == second
    signed = f"hush-hush-hush-hush:{first['call']}:release:{first['talked']}"
    assert first["token"] == hashlib.sha1(signed.encode()).hexdigest()  # noqa: S324 - func_sha1 is this


def test_asterisk_is_left_no_variable_for_each_call(
    phone: Callable[[str], Phone], asterisk: Asterisk, trunk: FarEnd, stand_in: StandIn
) -> None:
    """It never forgets the name of a global one: they would be looked through at each step."""
    phone("105").dial("901632960000", talk_s=0.2)
    asterisk.wait_idle()
    until(lambda: stand_in.asked("release") != [])
    left = re.findall(r"^ +(DIALGUARD_\w+)=(.*)$", asterisk.cli("dialplan show globals"), re.M)
    waiting = [name.rpartition("_")[2] for name, _ in left if "RELEASE" in name]
    assert waiting
    assert all(int(each) < 1000 for each in waiting)
    assert [value for name, value in left if "RELEASE" in name and value] == []
    assert not [name for name, _ in left if "TALKED" in name]


# ----------------------------------------------------------------------------- refused


def test_a_refusal_has_its_prompt_its_cause_and_no_answer(
    phone: Callable[[str], Phone], trunk: FarEnd, stand_in: StandIn
) -> None:
    """GUARD_PROMPT is early media; GUARD_CAUSE becomes the SIP status."""
    stand_in.answer = lambda asked: asked.tell(
        GUARD_CAUSE="1", GUARD_PROMPT="beep", GUARD_CALL=asked.uniqueid, GUARD_VERDICT="DENY"
    )
    outcome = phone("101").dial("901632960000")
    assert (outcome.status, outcome.cause, outcome.had_early_media) == (404, 1, True)
    assert trunk.calls == []


def test_an_allow_for_another_call_is_none(
    phone: Callable[[str], Phone], trunk: FarEnd, stand_in: StandIn
) -> None:
    """A verdict counts only with the UNIQUEID it was asked for."""

    def mistaken(asked: Conversation) -> None:
        asked.tell(GUARD_CALL="1.10", GUARD_NUMBER="441632960000", GUARD_VERDICT="ALLOW")

    stand_in.answer = mistaken
    outcome = phone("101").dial("901632960000")
    assert (outcome.status, trunk.calls) == (403, [])


ODD = (
    "300,1,evil",
    "300(1)",
    "300%26Local",
    "300$%7bSHELL(id)%7d",
    "300'",
    "300%22",
    "300%5c",
    "300%5d",
    "300;phone-context=x",
    "300%7c",
    "300~",
    "1-800",
    "3%20",
)
NO_URI = ("300&Local/9441@phones", "300%26Local%2F9441@phones", '3"0"0', "30 0", "300|x", "44]")


def test_odd_digits_are_never_passed_on(
    phone: Callable[[str], Phone], trunk: FarEnd, stand_in: StandIn
) -> None:
    """Whatever is not a digit, `+`, `*` or `#` arrives at the service as `malformed`."""
    stand_in.answer = close
    calls = [phone("101").call(dialled) for dialled in ODD]
    assert [call.outcome().status for call in calls] == [403] * len(ODD)
    assert trunk.calls == []
    asked = [each.arguments for each in stand_in.asked("outbound")]
    assert [each["dialled"] for each in asked] == ["malformed"] * len(ODD)
    assert {each["endpoint"] for each in asked} == {"101"}


def test_a_control_character_is_refused_before_anybody_is_asked(
    phone: Callable[[str], Phone], trunk: FarEnd, stand_in: StandIn
) -> None:
    """It would write events on AMI, and lines of the environment that a service is given."""
    dialled = ["300%0a1", "300%0d%0a1", "300%01", "300%7f"]
    dialled.append("300%0aagi_network_script:%20pwned")
    outcomes = [phone("101").dial(each) for each in dialled]
    assert {(each.status, each.cause) for each in outcomes} == {(484, 28)}
    assert (stand_in.conversations, trunk.calls) == ([], [])


def test_what_is_no_uri_goes_unheard(
    phone: Callable[[str], Phone], trunk: FarEnd, stand_in: StandIn
) -> None:
    """Asterisk itself drops a request line that is none."""
    calls = [phone("101").call(dialled) for dialled in NO_URI]
    time.sleep(2)  # SIPp would go on sending it for half a minute
    for call in calls:
        call.sipp.stop()
    assert (stand_in.conversations, trunk.calls) == ([], [])


def test_nine_kilobytes_are_a_long_number(
    phone: Callable[[str], Phone], trunk: FarEnd, stand_in: StandIn
) -> None:
    """Asterisk cuts an extension at 79 characters; the service gets no more."""
    stand_in.answer = close
    outcome = phone("101").dial("3" * 9216)
    assert (outcome.answered, trunk.calls) == (False, [])
    assert len(stand_in.asked("outbound")[0].arguments["dialled"]) == 79


# ----------------------------------------------------------------------------- no answer


def test_nobody_listening_is_a_refusal(
    phone: Callable[[str], Phone], trunk: FarEnd, asterisk: Asterisk
) -> None:
    """A refused connection refuses the call, with a sound of Asterisk's own."""
    outcome = phone("101").dial("901632960000")
    assert (outcome.status, outcome.cause, outcome.had_early_media) == (403, 21, True)
    assert trunk.calls == []
    asterisk.wait_idle()
    assert asterisk.releases == []  # nothing was taken: nothing waits until somebody listens


def test_a_service_that_dies_is_a_refusal(
    phone: Callable[[str], Phone], trunk: FarEnd, stand_in: StandIn
) -> None:
    """AGISTATUS says SUCCESS then; the verdict does not."""
    stand_in.answer = close
    outcome = phone("101").dial("901632960000")
    assert (outcome.status, outcome.cause) == (403, 21)
    assert trunk.calls == []


def test_a_service_that_dies_before_the_verdict_is_a_refusal(
    phone: Callable[[str], Phone], trunk: FarEnd, stand_in: StandIn
) -> None:
    """Everything but the last word was said, and that is not enough."""
    stand_in.answer = lambda asked: asked.tell(
        GUARD_CALL=asked.uniqueid, GUARD_NUMBER="441632960000", GUARD_SECONDS="60"
    )
    outcome = phone("101").dial("901632960000")
    assert (outcome.status, trunk.calls) == (403, [])


def test_a_silent_service_frees_its_caller_within_five_seconds(
    phone: Callable[[str], Phone], trunk: FarEnd, stand_in: StandIn
) -> None:
    """The absolute timeout ends the wait, and extension T refuses."""
    stand_in.answer = lambda asked: listen(asked) if asked.script == "outbound" else None
    outcome = phone("101").dial("901632960000")
    assert outcome.seconds_to_sound < 5
    assert outcome.seconds_to_end < 5 + SPOKEN_S
    assert (outcome.status, outcome.cause, trunk.calls) == (403, 21, [])


def test_a_service_that_falls_silent_at_a_prompt_frees_its_caller(
    phone: Callable[[str], Phone], trunk: FarEnd, stand_in: StandIn
) -> None:
    """The bound that the service itself set while prompting holds in GET DATA."""
    ended: list[float] = []

    def prompt(asked: Conversation) -> None:
        if asked.script == "outbound":
            asked.say("ANSWER")
            asked.say("SET VARIABLE TIMEOUT(absolute) 3")
            asked.say("GET DATA agent-pass 60000 10")
            asked.listen()
            ended.append(asked.ended - asked.began)

    stand_in.answer = prompt
    outcome = phone("101").dial("901632960000", Wait(1), talk_s=15)
    assert outcome.ended_by_asterisk
    assert (outcome.cause, trunk.calls) == (21, [])
    assert ended[0] < 5


def test_a_silent_service_does_not_delay_the_end_of_a_call(
    phone: Callable[[str], Phone], trunk: FarEnd, stand_in: StandIn
) -> None:
    """A release that nobody answers holds neither the trunk's BYE back nor a channel for long."""
    stand_in.answer = lambda asked: listen(asked) if asked.script == "release" else allow(asked)
    outcome = phone("101").dial("901632960000", talk_s=1)
    assert outcome.answered
    hung_up_at = next(each.at for each in outcome.messages if each.method == "BYE")
    until(lambda: trunk.ended_at != [])
    assert trunk.ended_at[0] - hung_up_at < 0.5
    until(lambda: all(each.ended for each in stand_in.asked("release")), 6)


def test_a_release_is_asked_for_until_it_is_heard(
    phone: Callable[[str], Phone], asterisk: Asterisk, trunk: FarEnd, stand_in: StandIn
) -> None:
    """A service that is being started anew when a call ends gives its slot back all the same."""
    stand_in.answer = lambda asked: close(asked) if asked.script == "release" else allow(asked)
    assert phone("101").dial("901632960000", talk_s=0.2).answered
    until(lambda: len(stand_in.asked("release")) == 1)
    stand_in.answer = allow
    until(lambda: len(stand_in.asked("release")) == 2)
    first, second = (each.arguments for each in stand_in.asked("release"))
    assert first["call"] == second["call"] == stand_in.asked("outbound")[0].uniqueid
    time.sleep(6)  # longer than the pause between two questions
    assert len(stand_in.asked("release")) == 2


def test_an_allow_that_came_too_late_is_given_back(
    phone: Callable[[str], Phone], asterisk: Asterisk, trunk: FarEnd, stand_in: StandIn
) -> None:
    """Asterisk's own bound refuses the call; the slots that were taken for it are released."""

    def linger(asked: Conversation) -> None:
        allow(asked)
        if asked.script == "outbound":
            asked.listen()

    stand_in.answer = linger
    assert phone("101").dial("901632960000").status == 403
    asterisk.wait_idle()
    until(lambda: stand_in.asked("release") != [])
    assert trunk.calls == []
    released = stand_in.asked("release")[0].arguments
    assert released["call"] == stand_in.asked("outbound")[0].uniqueid


def _asked(asterisk: Asterisk, work: Callable[[Link], Awaitable[Found]]) -> Found:
    """Ask Asterisk something, as the watcher does."""

    async def done() -> Found:
        port = asterisk.ports.ami
        login = Login("node", "127.0.0.1", port, "dialguard", lambda: "watcher-of-the-rig")
        async with connected(login) as link:
            return await work(link)

    return asyncio.run(done())


def _allow(asked: Conversation, number: str, seconds: int = 60) -> None:
    if asked.script == "outbound":
        asked.allow(number, seconds)
