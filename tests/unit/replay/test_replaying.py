"""The bare loop: past calls put to policies, one after the other, by stated assumptions."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from fastagi.cdr.past_call import PastCall
from fastagi.policy.model import Factor, Reason, Verdict
from fastagi.rehearsal.rehearsal import Rehearsal
from fastagi.rehearsal.wanted import EVERY_FACTOR, Wanted
from fastagi.replay.replaying import Assumptions, replay, wanted_of
from tests.unit.rehearsal.conftest import MOBILE, MONDAY, NATIONAL, policy_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from fastagi.policy.model import Policy
    from fastagi.rehearsal.wanted import Settlement

PAST = PastCall(
    *(MONDAY, "101", NATIONAL, 5.0, 60, "1767607800.1", "pbx", "trunk", "10.0.0.5", "tls"),
    place="Master.csv:1",
)


@pytest.fixture
def policy(tmp_path: Path) -> Policy:
    """An office's."""
    return policy_of(tmp_path)


def test_what_a_record_tells_is_wanted_again() -> None:
    """Who, whom, when, how long, and over what."""
    assert wanted_of(PAST) == Wanted(
        *(MONDAY, "101", NATIONAL, 5.0, 60, "1767607800.1", "pbx", "trunk", "10.0.0.5", "tls"),
        can_show=EVERY_FACTOR,
        signs_in=True,
    )


def test_what_it_does_not_tell_is_assumed() -> None:
    """Where the phone is, and what its caller can show: of all, or of each."""
    past = PastCall(MONDAY, "101", NATIONAL, call="no name")
    pin = frozenset({Factor.PIN})
    wanted = wanted_of(past, Assumptions(pin, False, "10.0.0.9", "udp"))
    assert wanted == Wanted(
        *(MONDAY, "101", NATIONAL), address="10.0.0.9", transport="udp", can_show=pin
    )
    assert wanted_of(PAST, Assumptions(address="10.0.0.9")).address == "10.0.0.5"
    assert wanted_of(PAST, Assumptions(silent=True)).silent
    each = Assumptions(lambda past: pin if past.extension == "101" else frozenset())
    assert wanted_of(PAST, each).can_show == pin
    assert wanted_of(PAST._replace(extension="102"), each).can_show == frozenset()


def test_policies_side_by_side(policy: Policy) -> None:
    """Each answers the same calls, from the same records, and knows nothing of the other."""
    tight = replace(policy, limits=(replace(policy.limits[0], calls=1), *policy.limits[1:]))
    records = [PAST._replace(at=MONDAY + later, call="", talked_s=20) for later in range(3)]
    rehearsals = (Rehearsal(policy), Rehearsal(tight))
    found = [
        (past.at - MONDAY, in_force.rule, proposed.rule)
        for past, (in_force, proposed) in replay(records, rehearsals)
    ]
    assert found == [(0, "at-home", "at-home"), (1, "money", "two"), (2, "money", "two")]


def test_one_record_at_a_time(policy: Policy) -> None:
    """Nothing is read before it is its turn; and the last calls are settled at the end."""
    read: list[int] = []

    def records() -> Iterator[PastCall]:
        for later in range(3):
            read.append(later)
            yield PAST._replace(at=MONDAY + 100 * later, call="")

    settled: list[Settlement] = []
    rehearsal = Rehearsal(policy, settled=settled.append)
    replayed = replay(records(), (rehearsal,))
    _, (outcome,) = next(replayed)
    assert (read, outcome.verdict) == ([0], Verdict.ALLOW)
    assert [past.at for past, _ in replayed] == [MONDAY + 100, MONDAY + 200]
    assert [each.talked_s for each in settled] == [60, 60, 60]


def test_who_signs_in(policy: Policy) -> None:
    """By default whoever has to does; or nobody."""
    records = [PAST._replace(extension="201", dialled=MOBILE)]
    [(_, (signed_in,))] = replay(records, (Rehearsal(policy),))
    [(_, (nobody,))] = replay(records, (Rehearsal(policy),), Assumptions(signed_in=False))
    assert signed_in.verdict is Verdict.ALLOW
    assert nobody.reason is Reason.SIGN_IN_REQUIRED
