"""The gate in a FreePBX, as `dialguard install --freepbx` puts it there: real calls.

Every route tries two trunks; the first takes no call, so each call shows what the second is tried
with. The dialplan has the shape that FreePBX 16 writes (macros) and FreePBX 17 (Gosub).
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final, TypeAlias

import pytest
from typer.testing import CliRunner

from fastagi.cli.app import application
from tests.e2e.conftest import VERSIONS
from tests.e2e.rig.freepbx import FreePBX, congested, install
from tests.e2e.rig.phone import Key, Refer, Wait
from tests.e2e.rig.rtp import Ear, likeness
from tests.e2e.rig.service import POLICY, Service
from tests.e2e.rig.trunk import FarEnd, answering, trunk_of
from tests.e2e.rig.waiting import until

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.e2e.conftest import Evidence
    from tests.e2e.rig.phone import Phone

NATIONAL: Final = "902079460123"
MOBILE: Final = "907400123456"
ROME: Final = "900390612345678"
SATELLITE: Final = "900881612345678"

WITHOUT_PREFIX: Final = POLICY.replace('outside_prefix = "9"\n', "")
"""The route has taken it off."""


@pytest.fixture(scope="module", params=VERSIONS, ids=lambda version: f"asterisk-{version}")
def running(request: pytest.FixtureRequest, evidence: Evidence) -> Iterator[FreePBX]:
    """One FreePBX for all tests here; when they are over, no secret was written."""
    with FreePBX(request.param) as asterisk:
        yield asterisk
        assert evidence.hunt(asterisk) == []


@pytest.fixture(scope="module")
def far_end(running: FreePBX) -> Iterator[FarEnd]:
    """Its second trunk."""
    with trunk_of(running) as trunk:
        yield trunk


@pytest.fixture(scope="module")
def first_end(running: FreePBX) -> Iterator[FarEnd]:
    """Its first trunk."""
    with congested(running) as trunk:
        yield trunk


@pytest.fixture
def first(first_end: FarEnd, asterisk: FreePBX) -> FarEnd:
    """The first trunk, which nothing has reached yet."""
    first_end.forget()
    return first_end


@pytest.fixture(scope="module")
def gate(running: FreePBX, far_end: FarEnd, evidence: Evidence) -> Iterator[Service]:
    """One dialguard for all tests here; afterwards it holds no slot."""
    folder = running.root.scratch(f"service-{len(evidence.folders)}")
    evidence.folders.append(folder)
    with Service(folder, running.ports.agi, WITHOUT_PREFIX) as fresh:
        yield fresh
        running.wait_idle()
        until(lambda: fresh.slots == [])
        evidence.keep(fresh)


Judged: TypeAlias = "Callable[[], list[dict[str, object]]]"


@pytest.fixture
def judged(gate: Service, trunk: FarEnd) -> Judged:
    """What the gate has decided since the test began."""
    before = len(gate.decisions)
    return lambda: [each for each in gate.decisions[before:] if each["reason"] != "settled"]


def test_two_trunks_share_one_verdict_and_one_slot(
    phone: Callable[[str], Phone],
    asterisk: FreePBX,
    first: FarEnd,
    trunk: FarEnd,
    gate: Service,
    judged: Judged,
) -> None:
    """The first is congested; for the second nobody is asked again, and no slot is taken."""
    known = gate.enrol("101", "83926154")
    call = phone("101").call(MOBILE, Wait(0.5), Key(f"{known.pin}#"), talk_s=90)
    until(lambda: trunk.answered_at != [])
    slots = gate.slots
    asterisk.cli("channel request hangup all")
    assert call.outcome().answered
    assert len(slots) == 1
    assert (first.calls, trunk.calls) == (["+447400123456"], ["+447400123456"])
    said = judged()
    assert {each["call"] for each in said} == {said[0]["call"]}
    assert [each["asked"] for each in said] == [["pin"], []]


def test_a_refusal_reaches_no_trunk_and_is_heard(
    phone: Callable[[str], Phone],
    first: FarEnd,
    trunk: FarEnd,
    judged: Judged,
    sound: Callable[[str], Path],
) -> None:
    """FreePBX tries no other trunk, and says nothing of its own."""
    with Ear() as ear:
        outcome = phone("101").dial(SATELLITE, ear=ear.port)
        heard = ear.samples
    assert not outcome.answered
    assert likeness(heard, sound("feature-not-avail-line")) > 0.95
    assert (first.calls, trunk.calls) == ([], [])
    assert len(judged()) == 1


def test_a_trunk_that_wants_no_plus_gets_none(
    phone: Callable[[str], Phone],
    asterisk: FreePBX,
    first: FarEnd,
    trunk: FarEnd,
    judged: Judged,
) -> None:
    """By a global variable with the trunk's number; each trunk is named to the gate by it."""
    asterisk.cli("dialplan set global DIALGUARD_PLUS_2 no")
    try:
        assert phone("101").dial(NATIONAL, talk_s=0.3).answered
    finally:
        asterisk.cli('dialplan set global DIALGUARD_PLUS_2 ""')
    assert (first.calls, trunk.calls) == (["+442079460123"], ["442079460123"])
    assert [each["trunk"] for each in judged()] == ["1", "2"]


def test_a_routes_own_pin_stays(
    phone: Callable[[str], Phone], trunk: FarEnd, judged: Judged
) -> None:
    """It is asked for before the gate is; who does not know it asks nobody."""
    phone("101").dial("802079460123", Wait(1), Key("1111#"), talk_s=1)
    assert (judged(), trunk.calls) == ([], [])
    phone("101").dial("802079460123", Wait(1), Key("2468#"), talk_s=3)
    assert trunk.calls == ["+442079460123"]


@pytest.mark.parametrize(
    ("dialled", "reached"), [(ROME, []), (NATIONAL, ["+442079460123"])], ids=["abroad", "at-home"]
)
def test_a_transfer_asks_in_the_name_of_who_transfers(
    phone: Callable[[str], Phone],
    asterisk: FreePBX,
    first: FarEnd,
    trunk: FarEnd,
    judged: Judged,
    dialled: str,
    reached: list[str],
) -> None:
    """101 sends 102 outside; where a code would be asked for, that is the end."""
    with answering(asterisk, "102", talk_s=4):
        phone("101").dial("102", Wait(0.5), Refer(dialled), talk_s=1)
        until(lambda: judged() != [])
        asterisk.wait_idle()
    assert judged()[0]["extension"] == "101"
    assert first.calls == trunk.calls == reached


def test_help_is_called_with_the_service_dead(
    phone: Callable[[str], Phone], first: FarEnd, trunk: FarEnd, gate: Service
) -> None:
    """By the trunks of FreePBX's own emergency route; other calls go nowhere."""
    gate.kill()
    try:
        assert phone("101").dial("999", talk_s=0.3).answered
        assert phone("101").dial("112", talk_s=0.3).answered
        assert first.calls == trunk.calls == ["999", "112"]
        assert not phone("101").dial(NATIONAL).answered
        assert first.calls == trunk.calls == ["999", "112"]
    finally:
        gate.start()


def test_a_trunk_for_emergency_calls_comes_before_all_routes(
    phone: Callable[[str], Phone], asterisk: FreePBX, first: FarEnd, trunk: FarEnd
) -> None:
    """Where one is named; taken away again, FreePBX's own route has them."""
    etc = asterisk.home / "etc"
    for words, reached in ((("--emergency-trunk", "my-trunk"), []), ((), ["999"])):
        install(etc, "--yes", *words)
        asterisk.cli("dialplan reload")
        assert phone("101").dial("999", talk_s=0.3).answered
        assert first.calls == reached
    assert trunk.calls == ["999", "999"]


def _ways(folder: Path) -> list[dict[str, Any]]:
    """Return what `dialguard audit` finds that a call can take to a trunk.

    The rig's phones are none to it, for their addresses are written into the configuration.
    """
    words = ["audit", "--json", "--country", "GB", str(folder)]
    done = CliRunner().invoke(application(), words, catch_exceptions=False)
    found: list[dict[str, Any]] = json.loads(done.stdout)["findings"]
    ways = [each for each in found if each["way"]]
    return [each for each in ways if each["way"][-1]["context"] != "macro-exten-vm"]


def test_the_audit_finds_no_way_past_it_until_it_is_taken_out(running: FreePBX) -> None:
    """Of this very folder; installed again there is nothing to do."""
    etc = running.home / "etc"
    assert _ways(etc) == []
    assert "nothing to do" in install(etc)
    install(etc, "--remove", "--yes")
    try:
        lasts = {each["way"][-1]["context"] for each in _ways(etc)}
        assert lasts == {"macro-dialout-trunk"}
    finally:
        install(etc, "--yes")
