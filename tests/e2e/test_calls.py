"""Calls through the whole of it: phone, Asterisk, dialguard, trunk."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.e2e.rig.asterisk import PIN_IN_ZZ
from tests.e2e.rig.phone import Key, Step, Wait
from tests.e2e.rig.rtp import Ear, likeness
from tests.e2e.rig.waiting import until

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.e2e.rig.asterisk import Asterisk
    from tests.e2e.rig.phone import Phone
    from tests.e2e.rig.service import Service
    from tests.e2e.rig.trunk import FarEnd

NATIONAL = "902079460123"
ROME = "900390612345678"
FREE = "908081570000"


def test_a_national_call_passes_with_no_prompt(
    phone: Callable[[str], Phone], trunk: FarEnd, service: Service
) -> None:
    """Nothing stands between the phone and the trunk but a question."""
    outcome = phone("101").dial(NATIONAL)
    assert outcome.answered
    assert outcome.seconds_to_sound < 2
    assert trunk.calls == ["+442079460123"]
    assert [(each["verdict"], each["asked"]) for each in service.decisions] == [("allow", [])]


def test_an_international_call_passes_after_pin_and_code(
    phone: Callable[[str], Phone], trunk: FarEnd, service: Service
) -> None:
    """The trunk gets exactly what was judged."""
    known = service.enrol("101", "83926154")
    outcome = phone("101").dial(
        ROME, Wait(0.5), Key(f"{known.pin}#"), Wait(0.3), Key(f"{known.code()}#"), talk_s=3
    )
    assert outcome.answered
    assert not outcome.ended_by_asterisk
    assert trunk.calls == ["+390612345678"]


def test_the_prompts_are_what_the_caller_hears(
    phone: Callable[[str], Phone],
    asterisk: Asterisk,
    trunk: FarEnd,
    service: Service,
    sound: Callable[[str], Path],
) -> None:
    """The RTP that reaches the phone is the sound file of each prompt."""
    known = service.enrol("102", "47205518")
    with Ear() as ear:
        phone("102").dial(
            ROME,
            Wait(2),
            Key(f"{known.pin}#"),
            Wait(2),
            Key("000000#"),
            Wait(4),
            talk_s=1,
            ear=ear.port,
        )
        heard = ear.samples
    assert likeness(heard, sound("confbridge-pin")) > 0.95
    assert likeness(heard, sound("agent-pass")) > 0.95
    assert likeness(heard, sound("vm-incorrect")) > 0.95
    assert likeness(heard, sound("please-try-again")) > 0.95
    assert likeness(heard, sound("tt-weasels")) < 0.5
    assert trunk.calls == []


def test_a_refusal_is_spoken_with_its_reference(
    phone: Callable[[str], Phone],
    trunk: FarEnd,
    service: Service,
    sound: Callable[[str], Path],
) -> None:
    """Before any answer the phone hears the reason, and the four digits to look it up by."""
    with Ear() as ear:
        outcome = phone("101").dial("900881612345678", ear=ear.port)
        heard = ear.samples
    reference = str(service.decisions[-1]["reference"])
    assert (outcome.answered, outcome.had_early_media, trunk.calls) == (False, True, [])
    for name in ("feature-not-avail-line", "number", *(f"digits/{digit}" for digit in reference)):
        assert likeness(heard, sound(name)) > 0.95, name
    assert len(reference) == 4


def test_star_starts_over(phone: Callable[[str], Phone], trunk: FarEnd, service: Service) -> None:
    """Whoever mistypes keys a star and the whole PIN again."""
    known = service.enrol("103", "61830427")
    outcome = phone("103").dial("907400123456", Wait(0.5), Key(f"12*{known.pin}#"), talk_s=3)
    assert outcome.answered
    assert trunk.calls == ["+447400123456"]


def test_a_wrong_pin_is_refused(
    phone: Callable[[str], Phone], trunk: FarEnd, service: Service
) -> None:
    """Three tries, and the call ends with nothing at the trunk."""
    known = service.enrol("104", "59173026")
    wrong: list[Step] = [Key("11223344#"), Wait(0.3), Key(f"{known.code()}#"), Wait(0.3)]
    outcome = phone("104").dial(ROME, Wait(0.5), *wrong, *wrong, *wrong, talk_s=20)
    assert outcome.ended_by_asterisk
    assert (outcome.cause, trunk.calls) == (21, [])
    assert service.slots == []
    assert service.decisions[-1]["reason"] == "wrong-code"


def test_a_code_is_good_once(
    phone: Callable[[str], Phone], trunk: FarEnd, service: Service
) -> None:
    """Whoever listens in learns a code that is spent."""
    known = service.enrol("105", "20486913")
    code = known.code(1)  # of the next step: it stays good for more than a minute
    keys: list[Step] = [Wait(0.3), Key(f"{known.pin}#"), Wait(0.3), Key(f"{code}#")]
    assert phone("105").dial(ROME, *keys, talk_s=1).answered
    assert trunk.calls == ["+390612345678"]
    outcome = phone("105").dial(ROME, *keys, *keys, *keys, talk_s=20)
    replayed_until = known.good_until(code)
    assert outcome.ended_by_asterisk
    assert trunk.calls == ["+390612345678"]
    assert service.decisions[-1]["reason"] == "wrong-code"
    assert outcome.messages[0].at + 15 < replayed_until  # the first replay was in time


@pytest.mark.parametrize("keyed", ["nothing", "a pin"])
def test_a_hang_up_at_a_prompt_is_the_end(
    phone: Callable[[str], Phone],
    asterisk: Asterisk,
    trunk: FarEnd,
    service: Service,
    keyed: str,
) -> None:
    """At either prompt: no call at the trunk, no slot taken."""
    known = service.enrol("106", "71940283")
    keys: list[Step] = [] if keyed == "nothing" else [Key(f"{known.pin}#")]
    phone("106").dial(ROME, Wait(0.5), *keys, Wait(0.5), talk_s=0)
    asterisk.wait_idle()
    assert (trunk.calls, service.slots) == ([], [])
    until(lambda: [each["reason"] for each in service.decisions] == ["hung-up"])


@pytest.mark.parametrize("keyed", ["nothing", "a pin"])
def test_silence_at_a_prompt_is_a_refusal(
    phone: Callable[[str], Phone], trunk: FarEnd, service: Service, keyed: str
) -> None:
    """Whoever keys nothing is asked again, and then sent away."""
    known = service.enrol("107", "36285170")
    keys: list[Step] = [] if keyed == "nothing" else [Key(f"{known.pin}#")]
    outcome = phone("107").dial(ROME, Wait(0.5), *keys, talk_s=40)
    assert outcome.ended_by_asterisk
    assert (trunk.calls, service.slots) == ([], [])
    assert service.decisions[-1]["reason"] == "no-digits"


def test_a_third_call_at_a_time_is_refused(
    phone: Callable[[str], Phone], asterisk: Asterisk, trunk: FarEnd, service: Service
) -> None:
    """Two slots are two calls; a slot that is given back can be taken again."""
    first, second = (phone("108").call(NATIONAL, talk_s=12) for _ in range(2))
    until(lambda: first.is_answered and second.is_answered)
    assert len(service.slots) == 2
    outcome = phone("108").dial(NATIONAL)
    assert (outcome.status, outcome.cause) == (403, 21)
    assert len(trunk.calls) == 2
    assert service.decisions[-1]["reason"] == "limit-reached"
    first.outcome()
    second.outcome()
    asterisk.wait_idle()
    until(lambda: service.slots == [])
    assert phone("108").dial(NATIONAL).answered


def test_an_unknown_extension_is_refused(
    phone: Callable[[str], Phone], trunk: FarEnd, service: Service
) -> None:
    """A login that the policy does not know dials nowhere."""
    outcome = phone("900").dial(NATIONAL)
    assert (outcome.status, outcome.cause, outcome.answered) == (403, 21, False)
    assert (trunk.calls, service.slots) == ([], [])
    assert service.decisions[-1]["reason"] == "unknown-extension"


def test_malformed_numbers_are_refused(
    phone: Callable[[str], Phone], trunk: FarEnd, service: Service
) -> None:
    """What is no number costs nothing and is answered by nobody."""
    dialled = ["9", "90163", "01632960123", "9*123", "+", "9016329601234567890"]
    calls = [phone("101").call(each) for each in dialled]
    outcomes = [call.outcome() for call in calls]
    assert [(each.status, each.answered) for each in outcomes] == [(404, False)] * len(dialled)
    assert (trunk.calls, service.slots) == ([], [])
    assert [each["reason"] for each in service.decisions] == ["invalid-number"] * len(dialled)


def test_injections_are_refused(
    phone: Callable[[str], Phone], trunk: FarEnd, service: Service
) -> None:
    """Separators, quotes, newlines and nine kilobytes: nothing at the trunk, no slot."""
    dialled = [
        "300&Local/999",
        "300%26Local%2F999",
        "9441632,1",
        "300'",
        "9%22",
        "9%0aagi_network_script:%20release",
        "9%0a%0aagi_x:%20y",
        "9" * 9216,
    ]
    calls = [phone("101").call(each) for each in dialled]
    assert {call.outcome().status for call in calls} == {404, 484}
    assert (trunk.calls, service.slots) == ([], [])
    assert {each["verdict"] for each in service.decisions} == {"deny"}


def test_a_forged_caller_id_changes_nothing(
    phone: Callable[[str], Phone], trunk: FarEnd, service: Service
) -> None:
    """The lobby stays the lobby, whatever number and name its phone shows."""
    outcome = phone("201").dial(
        "907400123456",
        display='"101\\"\\nagi_network_script: x"',
        headers=[
            "P-Asserted-Identity: <sip:101@127.0.0.1>",
            'Remote-Party-ID: "101" <sip:101@127.0.0.1>;party=calling',
        ],
    )
    assert (outcome.status, trunk.calls) == (403, [])
    decision = service.decisions[-1]
    assert (decision["extension"], decision["rule"]) == ("201", "lobby-stays-home")


def test_a_stolen_name_without_its_password_does_not_get_in(
    phone: Callable[[str], Phone], trunk: FarEnd, service: Service
) -> None:
    """Digest authentication is Asterisk's, and comes first."""
    call = phone("101").call(NATIONAL, secret="not it", patience_s=2)
    until(lambda: len([each for each in call.sipp.messages if each.status == 401]) > 1)
    call.sipp.stop()
    assert (trunk.calls, service.decisions) == ([], [])


def test_a_leg_ends_in_time_though_the_service_is_killed(
    phone: Callable[[str], Phone], trunk: FarEnd, service: Service
) -> None:
    """The bound is Asterisk's own by then."""
    call = phone("109").call(FREE, talk_s=30)
    until(lambda: call.is_answered)
    service.kill()
    assert call.outcome().ended_by_asterisk
    assert 3 < trunk.talked_s() < 5  # four seconds, less the ringing


def test_a_prompt_need_not_be_answered(
    phone: Callable[[str], Phone], trunk: FarEnd, service: Service
) -> None:
    """With `answer = false` the PIN is keyed in early media: the caller pays for no prompt."""
    known = service.enrol("110", "83926154")
    service.change_policy("[challenge]\n", "[challenge]\nanswer = false\n")
    outcome = phone("110").dial(
        "907400123456", Wait(0.5), Key(f"{known.pin}#"), early=True, talk_s=2
    )
    assert (outcome.answered, outcome.had_early_media) == (True, True)
    assert trunk.calls == ["+447400123456"]
    answered_at = next(each.at for each in outcome.messages if each.status == 200)
    assert answered_at >= trunk.answered_at[0]


def test_a_prompt_is_in_the_language_of_the_channel(
    phone: Callable[[str], Phone],
    trunk: FarEnd,
    service: Service,
    sound: Callable[[str], Path],
) -> None:
    """In a language of which Asterisk has one file, that one is heard; for the rest, English."""
    service.enrol("120", "83926154")
    with Ear() as ear:
        phone("120").dial(ROME, Wait(2), Key("1122#"), Wait(2), talk_s=0, ear=ear.port)
        heard = ear.samples
    assert likeness(heard, sound(PIN_IN_ZZ)) > 0.95
    assert likeness(heard, sound("confbridge-pin")) < 0.5
    assert likeness(heard, sound("agent-pass")) > 0.95


def test_a_recovery_code_stands_in_for_the_app(
    phone: Callable[[str], Phone], trunk: FarEnd, service: Service
) -> None:
    """Once, keyed where the code is asked for."""
    known = service.enrol("111", "83926154")
    keys: list[Step] = [Wait(0.5), Key(f"{known.pin}#"), Wait(0.3), Key(f"{known.recovery[0]}#")]
    assert phone("111").dial(ROME, *keys, talk_s=1).answered
    assert trunk.calls == ["+390612345678"]
    assert phone("111").dial(ROME, *keys, talk_s=0.2).answered
    assert trunk.calls == ["+390612345678"]


def test_a_shared_secret_lets_in_only_who_has_it(
    phone: Callable[[str], Phone], asterisk: Asterisk, trunk: FarEnd, service: Service
) -> None:
    """The dialplan reads the secret from a file and signs questions and releases with it."""
    secret = "c0rrect-horse_battery-staple"
    file = service.share_secret(secret)
    with asterisk.secret(secret):
        assert phone("112").dial(NATIONAL, talk_s=0.3).answered
        asterisk.wait_idle()
        until(lambda: service.slots == [])
        file.write_text("an0ther-secret-altogether\n")
        service.kill()
        service.start()
        assert phone("112").dial(NATIONAL).status == 403
    assert phone("112").dial(NATIONAL).status == 403
    assert trunk.calls == ["+442079460123"]
    assert service.decisions[-1]["reason"] == "bad-question"
