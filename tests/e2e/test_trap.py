"""Traps on a real Asterisk: who dials one is refused, and on record; help is never one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.e2e.rig.trunk import answering

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.e2e.rig.asterisk import Asterisk
    from tests.e2e.rig.phone import Phone
    from tests.e2e.rig.service import Service
    from tests.e2e.rig.trunk import FarEnd

TRAPS = """[honeypot]
extensions = ["199"]
to = ["prefix:+4420794601"]

[brake]
"""
ASKS = "*88"
"""Before an inside number: the gate is asked about it, as about one outside."""

LURE = "902079460123"
LONDON, LONDON_E164 = "902079470123", "+442079470123"


def test_a_trap_that_is_dialled_is_refused(
    phone: Callable[[str], Phone], asterisk: Asterisk, trunk: FarEnd, service: Service
) -> None:
    """Inside and outside, though a rule lets everybody call there, and an override does, too."""
    assert phone("101").dial(LURE).answered
    service.change_policy("[brake]\n", TRAPS)
    service.command("override", "give", "101", "--to", "+4420794601", "--uses", "1")
    for dialled in (f"{ASKS}199", LURE):
        refused = phone("101").dial(dialled)
        assert (refused.answered, refused.cause) == (False, 21)
    assert phone("101").dial(LONDON).answered
    with answering(asterisk, "102", talk_s=2):
        assert phone("101").dial(f"{ASKS}102").answered
    assert phone("101").dial("999").answered
    assert trunk.calls.count(LONDON_E164) == 1
    decided = [(each["rule"], each["reason"]) for each in service.decisions]
    assert decided == [
        ("at-home", "allowed"),
        ("honeypot", "rule"),
        ("honeypot", "rule"),
        ("at-home", "allowed"),
        ("internal", "internal"),
    ]
