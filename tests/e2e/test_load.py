"""A thousand calls at twenty a second, of people who change their minds."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING

import pytest

from tests.e2e.rig.phone import Key, Wait
from tests.e2e.rig.service import POLICY, Service
from tests.e2e.rig.trunk import FarEnd
from tests.e2e.rig.waiting import until

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.e2e.conftest import Evidence
    from tests.e2e.rig.asterisk import Asterisk
    from tests.e2e.rig.phone import Call, Phone

NATIONAL = "902079460123"
MOBILE = "907400123456"
EACH = 200
PER_S = 4.0  # each of five kinds of callers: twenty a second
GROWTH_KIB = 16 * 1024  # what a thousand calls may leave behind in memory


KNOWING = ("103", "106", "107", "108")  # several of them: one extension has eight prompts at most
GUESSING = ("104", "109", "110", "112")


def _five_kinds(phone: Callable[[str], Phone], pin: str, times: int) -> list[Call]:
    """Start callers who talk, who cancel, who key a PIN, a wrong PIN, or hang up at the prompt."""

    def keys(extension: str, digits: str, talk_s: float) -> Call:
        """Start one of the four who share the work of one kind."""
        steps = (Wait(0.3), Key(f"{digits}#"))
        return phone(extension).call(
            MOBILE, *steps, talk_s=talk_s, times=times // 4, per_s=PER_S / 4
        )

    return [
        phone("101").call(NATIONAL, talk_s=0.7, times=times, per_s=PER_S),
        phone("102").call(NATIONAL, patience_s=0.1, times=times, per_s=PER_S),
        *(keys(each, pin, 1) for each in KNOWING),
        *(keys(each, "2846", 0.2) for each in GUESSING),
        phone("105").call(MOBILE, Wait(0.4), talk_s=0.1, times=times, per_s=PER_S),
    ]


@pytest.mark.timeout(300)
def test_a_thousand_calls_leave_nothing_behind(
    running: Asterisk,
    phone: Callable[[str], Phone],
    asterisk: Asterisk,
    trunk: FarEnd,
    evidence: Evidence,
) -> None:
    """No slot, no connection, no channel, no error; and memory as it was."""
    policy = POLICY.replace("calls = 2", "calls = 1000").replace("wrong = 5", "wrong = 5000")
    folder = running.root.scratch(f"service-load-{running.version}")
    evidence.folders.append(folder)
    with Service(folder, running.ports.agi, policy) as service:
        pin = "8395"
        for extension in (*KNOWING, *GUESSING, "105"):
            service.enrol(extension, pin)
        for call in _five_kinds(phone, pin, 20):
            call.outcome()
        asterisk.wait_idle(30)
        before_kib = service.resident_kib
        trunk.forget()
        said = len(asterisk.log)

        calls = _five_kinds(phone, pin, EACH)
        outcomes = [call.outcome() for call in calls]
        asterisk.wait_idle(30)
        until(lambda: service.slots == [])
        until(lambda: service.connections == 0)

        assert service.resident_kib - before_kib < GROWTH_KIB
        assert [line for line in service.log.splitlines() if '"level": "error"' in line] == []
        assert re.findall(r".*\bERROR\[.*", asterisk.log[said:]) == []
        dialled = Counter(trunk.calls)
        assert dialled["+442079460123"] >= EACH
        assert dialled["+447400123456"] == EACH
        talked = Counter(each.status for each in outcomes[0].messages if each.method == "BYE")
        assert talked.total() >= EACH
    evidence.keep(service)
