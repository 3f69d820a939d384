"""A thousand calls at twenty a second, of people who change their minds."""

from __future__ import annotations

import random
import re
from collections import Counter
from typing import TYPE_CHECKING

import pytest

from tests.e2e.rig.phone import Key, Step, Wait
from tests.e2e.rig.service import POLICY, Service
from tests.e2e.rig.waiting import until

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.e2e.conftest import Evidence
    from tests.e2e.rig.asterisk import Asterisk
    from tests.e2e.rig.phone import Call, Phone
    from tests.e2e.rig.trunk import FarEnd

NATIONAL = "902079460123"
MOBILE = "907400123456"
PIN = "48205917"
EACH = 200
PER_S = 4.0  # each of five kinds of callers: twenty a second
GROWTH_KIB = 2 * 1024  # what the second five hundred calls may leave behind in memory

GONE = re.compile(r"func_global.*not found! +Variable 'DIALGUARD_TALKED_\+")
"""What Asterisk says where a leg tells its caller what was talked, and the caller, who was there a
moment ago, is gone. Some calls in a hundred here; nothing is lost: the leg releases, and knows. A
lock would close that, but lets both end in step, so that both release."""

KNOWING = ("103", "106", "107", "108")  # several of them: one extension has eight prompts at most
GUESSING = ("104", "109", "110", "112")
LEAVING = ("105", "113")


def _five_kinds(phone: Callable[[str], Phone], chance: random.Random, times: int) -> list[Call]:
    """Start callers who talk, cancel, key a PIN, key a wrong one, or hang up at the prompt.

    Each phone waits, keys and hangs up at moments of its own.
    """

    def asked(extension: str, *steps: Step, talk_s: float, share: int) -> Call:
        """Start one of those who share the work of one kind."""
        moment = Wait(round(chance.uniform(0.2, 0.6), 2))
        return phone(extension).call(
            MOBILE, moment, *steps, talk_s=talk_s, times=times // share, per_s=PER_S / share
        )

    right, wrong = Key(f"{PIN}#"), Key("28461173#")
    return [
        phone("101").call(NATIONAL, talk_s=chance.uniform(0.4, 0.9), times=times, per_s=PER_S),
        phone("102").call(NATIONAL, patience_s=0.1, times=times, per_s=PER_S),
        *(asked(each, right, talk_s=chance.uniform(0.5, 1.5), share=4) for each in KNOWING),
        *(asked(each, wrong, talk_s=chance.uniform(0.1, 0.5), share=4) for each in GUESSING),
        *(asked(each, talk_s=chance.uniform(0.1, 0.3), share=2) for each in LEAVING),
    ]


@pytest.mark.timeout(500)
def test_a_thousand_calls_leave_nothing_behind(
    running: Asterisk,
    phone: Callable[[str], Phone],
    asterisk: Asterisk,
    trunk: FarEnd,
    evidence: Evidence,
) -> None:
    """No slot, no connection, no channel, no error; and memory as it was."""
    policy = POLICY.replace("calls = 2", "calls = 1000").replace("wrong = 5", "wrong = 5000")
    said = len(asterisk.log)
    folder = running.root.scratch(f"service-load-{running.version}")
    evidence.folders.append(folder)
    chance = random.Random(running.version)  # noqa: S311 - moments, not secrets; the same each time
    with Service(folder, running.ports.agi, policy) as service:
        for extension in (*KNOWING, *GUESSING, *LEAVING):
            service.enrol(extension, PIN)
        _let_them_call(_five_kinds(phone, chance, EACH // 2), service, asterisk)
        before_kib = service.resident_kib
        _let_them_call(_five_kinds(phone, chance, EACH // 2), service, asterisk)

        assert service.resident_kib - before_kib < GROWTH_KIB
        assert [line for line in service.log.splitlines() if '"level": "error"' in line] == []
        errors = re.findall(r".*\bERROR\[.*", asterisk.log[said:])
        gone = [line for line in errors if GONE.search(line)]
        assert [line for line in errors if line not in gone] == []
        assert len(gone) < 5 * EACH // 10
        dialled = Counter(trunk.calls)
        assert EACH <= dialled["+442079460123"] <= 2 * EACH  # the cancelled ones are a race
        assert dialled["+447400123456"] == EACH
        reasons = Counter(each["reason"] for each in service.decisions)
        assert (reasons["hung-up"], reasons["allowed"] >= 2 * EACH) == (2 * EACH, True)
        assert set(reasons) <= {"allowed", "hung-up"}
        assert reasons.total() == 5 * EACH
        evidence.keep(service)


def _let_them_call(calls: list[Call], service: Service, asterisk: Asterisk) -> None:
    """Wait until all is over, and nothing is left of it."""
    for call in calls:
        call.outcome()
    asterisk.wait_idle(30)
    until(lambda: service.slots == [])
    until(lambda: service.connections == 0)
