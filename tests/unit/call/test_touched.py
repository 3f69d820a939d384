"""A trap that is touched: refused, on record, and told to whoever is on the lookout."""

from __future__ import annotations

from dataclasses import replace
from ipaddress import ip_address
from typing import TYPE_CHECKING

import pytest

from fastagi.call.channel import Question, Script, Variable
from fastagi.call.flow import Gate
from fastagi.call.guess import Guesser, guess
from fastagi.errors import StoreError
from fastagi.policy.loading import load_text
from fastagi.policy.model import Factor, Reason, Verdict
from fastagi.signs.sighting import Seen, Sighting
from tests.doubles.lookout import Lookout
from tests.doubles.scripted_channel import ScriptedChannel
from tests.doubles.shaky_store import ShakyStore
from tests.unit.call.conftest import NATIONAL, POLICY, OnePolicy, World, question

if TYPE_CHECKING:
    from pathlib import Path

TRAPS = '\n[honeypot]\nextensions = ["299", "trap-1"]\nto = ["prefix:+882"]\n'
LURE = "9008821234567"
THERE = ip_address("10.0.0.5")


@pytest.fixture
def lookout() -> Lookout:
    """Somebody who is told."""
    return Lookout()


@pytest.fixture
def trapped(world: World, lookout: Lookout, tmp_path: Path) -> World:
    """A gate with traps, whose store is away: it is not needed."""
    away = ShakyStore(world.store)
    away.away = True
    policies = OnePolicy(load_text(POLICY + TRAPS, tmp_path / "office.toml"))
    ports = replace(world.ports, policies=policies, store=away.store, sightings=lookout)
    return replace(world, ports=ports, gate=Gate(ports))


async def ask(world: World, asked: Question) -> ScriptedChannel:
    """Put a question to the gate."""
    channel = ScriptedChannel()
    await world.gate.answer(asked, channel)
    return channel


@pytest.mark.parametrize(
    ("dialled", "extension"), [("299", "101"), (LURE, "101"), (NATIONAL, "trap-1"), ("102", "299")]
)
async def test_a_call_to_a_trap_or_from_one_is_refused_and_told(
    trapped: World, lookout: Lookout, dialled: str, extension: str
) -> None:
    """At once, without a prompt for a code, and whatever becomes of the store."""
    channel = await ask(trapped, question(dialled, endpoint=extension, transport="tls", node="n"))
    assert channel.steps == ["tell"]
    assert channel.told[Variable.VERDICT] == "DENY"
    assert channel.told[Variable.RULE] == "honeypot"
    (record,) = trapped.log.records
    assert (record.verdict, record.rule, record.reason) == (
        *(Verdict.DENY, "honeypot"),
        Reason.RULE,
    )
    assert record.extension == extension
    assert lookout.seen == [
        Sighting(
            *(trapped.clock.now, Seen.TRAP, extension, THERE, "tls"),
            proven=True,
            site="office",
            node="n",
        )
    ]


async def test_over_udp_the_address_is_proven_by_nothing(trapped: World, lookout: Lookout) -> None:
    """Anybody may have written it into the packet."""
    await ask(trapped, question(LURE, transport="udp"))
    assert [(each.address, each.proven) for each in lookout.seen] == [(THERE, False)]


async def test_of_a_transferred_call_the_address_is_anothers(
    trapped: World, lookout: Lookout
) -> None:
    """Who was transferred touched nothing; who transferred did."""
    await ask(trapped, question(LURE, transferer="PJSIP/102-00000001", transport="tls"))
    (seen,) = lookout.seen
    assert (seen.account, seen.address, seen.transport, seen.proven) == ("102", None, "", False)


@pytest.mark.parametrize("extension", ["101", "299", "trap-1"])
async def test_an_emergency_call_is_never_trapped(
    trapped: World, lookout: Lookout, extension: str
) -> None:
    """Whoever calls, from whatever phone."""
    for dialled in ("999", "9999", "112"):
        channel = await ask(trapped, question(dialled, endpoint=extension))
        assert channel.told[Variable.VERDICT] == "ALLOW"
    assert lookout.seen == []


async def test_an_honest_call_is_told_to_nobody(trapped: World, lookout: Lookout) -> None:
    """Traps take part in no other call."""
    channel = await ask(trapped, question("102"))
    assert channel.told[Variable.VERDICT] == "ALLOW"
    assert lookout.seen == []


@pytest.mark.parametrize("script", [Script.SIGN_IN, Script.SIGN_OFF, Script.SIGNED_IN])
async def test_feature_codes_from_a_trap_are_refused_and_told(
    trapped: World, lookout: Lookout, script: Script
) -> None:
    """It asks the gate, by whatever way."""
    await ask(trapped, replace(question(script, endpoint="trap-1"), script=script))
    (record,) = trapped.log.records
    assert (record.verdict, record.rule, record.reason) == (
        *(Verdict.DENY, "honeypot"),
        Reason.RULE,
    )
    assert [(each.seen, each.account) for each in lookout.seen] == [(Seen.TRAP, "trap-1")]


async def test_who_guesses_at_the_codes_of_a_trap_touches_it(
    world: World, trapped: World, lookout: Lookout
) -> None:
    """Nobody has any; at the page it is somebody who tries names."""
    ports = replace(trapped.ports, store=world.store)
    guesser = Guesser("trap-1", THERE, proven=True)
    keyed = {Factor.PIN: "1357"}
    assert await guess(trapped.policy, guesser, keyed, ports) is Reason.WRONG_CODE
    assert [each.seen for each in lookout.seen] == [Seen.WRONG_CODE, Seen.TRAP]
    assert {(each.account, each.address, each.proven) for each in lookout.seen} == {
        ("trap-1", THERE, True)
    }
    with pytest.raises(StoreError):  # and of what could not be looked at nobody is told
        await guess(trapped.policy, guesser, keyed, trapped.ports)
    assert len(lookout.seen) == 2
