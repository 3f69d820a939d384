"""Sign-ins in memory: how they begin, count and end."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from fastagi.policy.loading import load
from fastagi.policy.model import Bond
from fastagi.rehearsal.sign_ins import SignedIn, SignIns, place_of

if TYPE_CHECKING:
    from fastagi.policy.model import Policy

DESK = Path(__file__).parents[3] / "policies/service-desk.toml"
MORNING = 1_767_600_000.0  # 2026-01-05 09:00 in Amsterdam
HERE, THERE = place_of("10.0.0.5", "tls"), place_of("10.0.0.6", "tls")


@dataclass
class Call:
    """A lease, as far as a sign-in cares."""

    expires: float

    __hash__ = object.__hash__


@pytest.fixture(scope="module")
def policy() -> Policy:
    """A desk that signs in for nine hours, until 22:00, an hour without a call at most."""
    return load(DESK)


@pytest.fixture
def sign_ins(policy: Policy) -> SignIns:
    """Nobody is signed in."""
    return SignIns(policy)


def test_it_counts_where_it_was_made(sign_ins: SignIns) -> None:
    """A call from elsewhere does not find it, nor does another extension's."""
    assert not sign_ins
    sign_ins.open("301", HERE, MORNING)
    assert sign_ins
    assert sign_ins.counting("301", HERE, MORNING) is not None
    assert sign_ins.counting("301", THERE, MORNING) is None
    assert sign_ins.counting("302", HERE, MORNING) is None


def test_what_nobody_tells_of_a_phone_is_as_it_was(sign_ins: SignIns) -> None:
    """A phone of which nothing is told is the same phone; what is told of one only is not."""
    sign_ins.open("301", place_of("", ""), MORNING)
    assert sign_ins.counting("301", place_of("", ""), MORNING) is not None
    assert sign_ins.counting("301", place_of("10.0.0.5", ""), MORNING) is None


def test_its_time_is_up(sign_ins: SignIns) -> None:
    """It is over an hour after its last call, however often that is put off: by 18:00 it is."""
    sign_ins.open("301", HERE, MORNING)
    assert sign_ins.counting("301", HERE, MORNING + 3_600.0) is None
    sign_ins.open("301", HERE, MORNING)
    found = sign_ins.counting("301", HERE, MORNING)
    assert found is not None
    for hour in range(10):
        found.use(MORNING + hour * 3_600.0 - 1.0)
    assert found.lives(MORNING + 9 * 3_600.0 - 1.0)
    assert not found.lives(MORNING + 9 * 3_600.0)


def test_a_call_keeps_it_from_being_idle() -> None:
    """While one of its calls is up, and a while after, it lives; not past its end all the same."""
    signed_in, call = SignedIn(HERE, until=1_000.0, idle_s=10, now=0.0), Call(500.0)
    signed_in.begin(call, 5.0)
    assert signed_in.lives(509.0)
    assert not signed_in.lives(510.0)
    signed_in.end(call, 100.0)
    assert signed_in.lives(109.0)
    assert not signed_in.lives(110.0)
    assert not SignedIn(HERE, until=1_000.0, idle_s=0, now=0.0).lives(1_000.0)


def test_at_once(policy: Policy) -> None:
    """A new one ends that of the same phone, and of the others the oldest that are too many."""
    two = SignIns(replace(policy, sign_in=replace(policy.sign_in, at_once=2)))
    third = place_of("10.0.0.7", "tls")
    for later, place in enumerate((HERE, THERE, HERE)):
        two.open("301", place, MORNING + later)
    assert two.counting("301", HERE, MORNING + 3) is not None
    assert two.counting("301", THERE, MORNING + 3) is not None
    two.open("301", third, MORNING + 4)
    in_force = [two.counting("301", each, MORNING + 4) is None for each in (HERE, THERE, third)]
    assert in_force == [False, True, False]


def test_it_is_bound_to_what_the_policy_says(policy: Policy) -> None:
    """Bound to the transport only it counts at any address."""
    terms = replace(policy.sign_in, bound_to=frozenset({Bond.TRANSPORT}))
    sign_ins = SignIns(replace(policy, sign_in=terms))
    sign_ins.open("301", HERE, MORNING)
    assert sign_ins.counting("301", THERE, MORNING) is not None
    assert sign_ins.counting("301", place_of("10.0.0.5", "udp"), MORNING) is None


def test_a_lockout_ends_it_unless_it_was_never_due(sign_ins: SignIns) -> None:
    """What a guess ended that turns out right is as it was; another lockout ends it for good."""
    sign_ins.open("301", HERE, MORNING)
    sign_ins.lock_out("301", 7)
    assert sign_ins.counting("301", HERE, MORNING) is None
    sign_ins.undo("301", 8)
    assert sign_ins.counting("301", HERE, MORNING) is None
    sign_ins.undo("301", 7)
    assert sign_ins.counting("301", HERE, MORNING) is not None
    sign_ins.end_all("301")
    sign_ins.lock_out("301", 9)
    sign_ins.undo("301", 9)
    assert sign_ins.counting("301", HERE, MORNING) is None
    sign_ins.tidy(MORNING)
    assert not sign_ins
    sign_ins.end_all("301")
    sign_ins.undo("301", 9)
