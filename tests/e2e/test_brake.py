"""The brake on a real Asterisk: who dials a trap calls nobody abroad until somebody lifts it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from tests.e2e.rig.trunk import answering
from tests.e2e.rig.waiting import until

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.e2e.rig.asterisk import Asterisk
    from tests.e2e.rig.phone import Phone
    from tests.e2e.rig.service import Service
    from tests.e2e.rig.trunk import FarEnd

TRAP = "900390698765432"
ROME, ROME_E164 = "900390612345678", "+390612345678"
LONDON = "902079460123"


def test_a_trap_brakes_calls_abroad_until_it_is_lifted(
    phone: Callable[[str], Phone], asterisk: Asterisk, trunk: FarEnd, service: Service
) -> None:
    """Whatever would let them through; calls at home and inside pass, and those of another."""
    service.command("override", "give", "101", "--to", "+3906123", "--uses", "1")
    service.command("override", "give", "102", "--to", "+3906123", "--uses", "1")
    assert not phone("101").dial(TRAP).answered
    braked = phone("101").dial(ROME)
    assert (braked.answered, braked.cause) == (False, 21)
    assert phone("101").dial(LONDON).answered
    with answering(asterisk, "102", talk_s=2):
        assert phone("101").dial("102").answered
    assert phone("102").dial(ROME).answered
    (brake,) = json.loads(service.command("brake", "--json"))
    assert (brake["stage"], brake["name"], brake["cause"]) == ("extension", "101", "trap")
    service.command("brake", "lift", "extension", "101")
    assert phone("101").dial(ROME).answered
    assert trunk.calls.count(ROME_E164) == 2
    reasons = [each["reason"] for each in service.decisions]
    assert reasons == ["rule", "braked", "allowed", "overridden", "overridden"]
    assert service.decisions[0]["brakes"] == [{"stage": "extension", "name": "101"}]


def test_live_calls_abroad_are_ended_where_the_policy_says_so(
    phone: Callable[[str], Phone], asterisk: Asterisk, trunk: FarEnd, service: Service
) -> None:
    """Those that began before it, of who is braked; none at home, and none of another."""
    service.stop()
    service.watch(asterisk.ports.ami)
    service.start()
    until(lambda: "ami-linked" in service.log)
    service.change_policy('for = "10m"', 'for = "10m"\ncalls = "end"')
    for each in ("101", "102"):
        service.command("override", "give", each, "--to", "+3906123", "--uses", "1")
    abroad = phone("101").call(ROME, talk_s=30)
    at_home = phone("101").call(LONDON, talk_s=6)
    of_another = phone("102").call(ROME, talk_s=6)
    until(lambda: all(each.is_answered for each in (abroad, at_home, of_another)))
    assert phone("101").dial(TRAP).cause == 21
    assert abroad.outcome().ended_by_asterisk
    assert not at_home.outcome().ended_by_asterisk
    assert not of_another.outcome().ended_by_asterisk
