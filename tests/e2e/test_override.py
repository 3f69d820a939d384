"""An override on a real Asterisk: so many calls abroad without a prompt, and not one more."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from tests.e2e.rig.phone import Refer, Wait
from tests.e2e.rig.waiting import until

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.e2e.rig.phone import Phone
    from tests.e2e.rig.service import Service
    from tests.e2e.rig.trunk import FarEnd

ROME, ROME_E164 = "900390612345678", "+390612345678"
PARIS, PARIS_E164 = "900330123456789", "+33123456789"


def _give(service: Service, *words: str) -> str:
    return str(json.loads(service.command("override", "give", *words, "--json"))["id"])


def _reasons(service: Service) -> list[object]:
    return [each["reason"] for each in service.decisions]


def test_two_calls_abroad_pass_without_a_prompt_and_the_third_is_refused(
    phone: Callable[[str], Phone], trunk: FarEnd, service: Service
) -> None:
    """Of a phone that has no code to show; each call is on record with the override."""
    assert not phone("101").dial(ROME).answered
    given = _give(service, "101", "--to", "+39", "--uses", "2")
    for _ in range(2):
        through = phone("101").dial(ROME)
        assert through.answered
        assert through.seconds_to_sound < 2
    third = phone("101").dial(ROME)
    assert (third.answered, third.cause) == (False, 21)
    assert trunk.calls == [ROME_E164, ROME_E164]
    assert _reasons(service) == ["not-enrolled", "overridden", "overridden", "not-enrolled"]
    assert [each["override"] for each in service.decisions] == ["", given, given, ""]
    assert '"event": "override-used"' in service.log.replace('":"', '": "')
    assert service.command("override") == ""


def test_it_is_for_no_other_phone_no_other_number_and_not_when_it_was_ended(
    phone: Callable[[str], Phone], trunk: FarEnd, service: Service
) -> None:
    """What was not given opens nothing."""
    given = _give(service, "101", "--to", ROME_E164)
    assert not phone("102").dial(ROME).answered
    assert not phone("101").dial(PARIS).answered
    service.command("override", "end", given)
    assert not phone("101").dial(ROME).answered
    assert trunk.calls == []


def test_who_is_transferred_abroad_has_none(
    phone: Callable[[str], Phone], trunk: FarEnd, service: Service
) -> None:
    """Whoever would talk is not at the phone that it was given to; for its own calls it is."""
    _give(service, "101")
    phone("101").dial("902079460123", Wait(0.5), Refer(ROME), talk_s=5)
    until(lambda: "cannot-challenge" in _reasons(service))
    assert ROME_E164 not in trunk.calls
    assert phone("101").dial(PARIS).answered
    assert trunk.calls[-1] == PARIS_E164
