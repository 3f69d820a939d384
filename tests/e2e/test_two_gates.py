"""Two Asterisks of two versions, a gate each, and one Redis that both gates share."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from fastagi.daemon.keys import make_keys
from tests.e2e.rig.asterisk import Asterisk
from tests.e2e.rig.phone import Key, Phone, Wait
from tests.e2e.rig.roots import RECIPES
from tests.e2e.rig.service import POLICY, Service
from tests.e2e.rig.trunk import trunk_of
from tests.e2e.rig.waiting import until
from tests.servers.alone import Alone

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.e2e.conftest import Evidence
    from tests.e2e.rig.trunk import FarEnd

pytestmark = pytest.mark.xdist_group("two-gates")

NATIONAL = "902079460123"
MOBILE = "907400123456"
PIN = "48205917"
BY_CODE = POLICY.replace('then = "pin"', 'then = "totp"')


@dataclass
class Exchange:
    """One Asterisk, its trunk and its gate."""

    asterisk: Asterisk
    trunk: FarEnd
    gate: Service

    def phone(self, extension: str) -> Phone:
        """Return a phone of this Asterisk."""
        return Phone(self.asterisk, extension)


@pytest.fixture(scope="module")
def redis(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Alone]:
    """The Redis that both share."""
    server = Alone(tmp_path_factory.mktemp("redis"))
    server.start()
    yield server
    server.stop()


@pytest.fixture(scope="module")
def exchanges(
    redis: Alone, evidence: Evidence, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[list[Exchange]]:
    """Both, up for all tests here; afterwards no secret was written, and no slot is taken."""
    keys: Path = tmp_path_factory.mktemp("keys") / "keys"
    make_keys(keys)
    both = []
    try:
        for version in RECIPES:
            asterisk = Asterisk(version, globals_={"DIALGUARD_NODE": f"rig{version}"})
            asterisk.__enter__()
            folder = asterisk.root.scratch(f"gate-{version}")
            evidence.folders.append(folder)
            gate = Service(folder, asterisk.ports.agi, BY_CODE, store=redis.url, keys=keys)
            both.append(Exchange(asterisk, trunk_of(asterisk), gate))
            gate.start()
        yield both
        for each in both:
            each.asterisk.wait_idle()
        until(lambda: both[0].gate.slots == [])
        for each in both:
            evidence.keep(each.gate)
            assert evidence.hunt(each.asterisk) == []
    finally:
        for each in both:
            each.gate.kill()
            each.trunk.stop()
            each.asterisk.stop()


@pytest.fixture
def two(exchanges: list[Exchange]) -> tuple[Exchange, Exchange]:
    """Both, with no call up; nothing has reached their trunks yet."""
    one, other = exchanges
    for each in (one, other):
        each.asterisk.wait_idle()
        each.trunk.forget()
    return one, other


def test_two_gates_let_two_calls_through_and_not_four(two: tuple[Exchange, Exchange]) -> None:
    """An extension with a cap of two has two over both Asterisks."""
    up = [each.phone("103").call(NATIONAL, talk_s=12) for each in two]
    until(lambda: all(call.is_answered for call in up))
    holders = [(each["extension"], each["node"]) for each in two[0].gate.slots]
    assert sorted(holders) == [("103", f"rig{version}") for version in sorted(RECIPES)]
    for each in two:
        assert each.phone("103").dial(NATIONAL).status == 403
        assert each.gate.decisions[-1]["reason"] == "limit-reached"
    up[0].outcome()
    two[0].asterisk.wait_idle()
    until(lambda: len(two[1].gate.slots) < 2)
    assert two[1].phone("103").dial(NATIONAL).answered
    up[1].outcome()
    for each in two:
        each.asterisk.wait_idle()
    until(lambda: two[0].gate.slots == [])


def test_one_code_opens_one_gate(two: tuple[Exchange, Exchange]) -> None:
    """Keyed into both in the same moment, it is burnt by one of them for both."""
    known = two[0].gate.enrol("104", PIN)
    two[1].gate.known.append(known)
    keyed = Key(f"{known.code()}#")
    calls = [each.phone("104").call(MOBILE, Wait(0.5), keyed, talk_s=8) for each in two]
    for call in calls:
        call.outcome()
    for each in two:
        each.asterisk.wait_idle()
    assert sorted(len(each.trunk.calls) for each in two) == [0, 1]


def test_a_frozen_redis_holds_nobody_up(two: tuple[Exchange, Exchange], redis: Alone) -> None:
    """No caller waits over a second for the answer, and afterwards all is as before."""
    redis.node.freeze()
    try:
        outcomes = [each.phone("105").dial(NATIONAL) for each in two]
        emergency = two[0].phone("105").dial("112", talk_s=0.5)
    finally:
        redis.node.thaw()
    for outcome, each in zip(outcomes, two, strict=True):
        assert outcome.status != 200
        assert outcome.seconds_to_sound < 1
        assert each.gate.decisions[-1]["reason"] == "store-down"
    assert emergency.answered
    for each in two:
        until(lambda each=each: each.phone("105").dial(NATIONAL).answered, 20)  # type: ignore[misc]
