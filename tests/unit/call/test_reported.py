"""A call to a number that others report, or from such an address, is judged by it at once."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from fastagi.call.channel import Argument, Variable
from fastagi.call.flow import Gate
from fastagi.call.ports import NoLookups, Reports
from fastagi.policy.loading import load_text
from tests.doubles.scripted_channel import ScriptedChannel
from tests.unit.call.conftest import ABROAD, NATIONAL, PIN, POLICY, OnePolicy, World, question

if TYPE_CHECKING:
    from collections.abc import Sequence
    from ipaddress import IPv4Address, IPv6Address

    from fastagi.numbering.number import Number
    from fastagi.policy.model import Policy
    from tests.doubles.scripted_channel import Act
    from tests.unit.call.conftest import Outage

THIEVES = """
[[rule]]
name = "thieves"
to = ["reported"]
then = "deny"

[[rule]]
name = "from-thieves"
network = ["reported"]
then = "deny"

[[rule]]
name = "no-satellites\""""


@dataclass
class Told:
    """A `Lookups` that says one thing after the other, and the last for ever."""

    reports: list[Reports]
    asked: list[tuple[str, str, str]] = field(default_factory=list)

    def known(
        self,
        policy: Policy,
        extension: str,
        number: Number,
        address: IPv4Address | IPv6Address | None,
    ) -> Reports:
        """Say the next."""
        self.asked.append((extension, number.number, str(address)))
        return self.reports.pop(0) if len(self.reports) > 1 else self.reports[0]


async def ask(
    world: World, dialled: str, reports: Sequence[Reports], *acts: Act, **more: str
) -> tuple[str, str]:
    """Make a call; return reason and rule."""
    text = POLICY.replace('\n[[rule]]\nname = "no-satellites"', THIEVES, 1)
    policies = OnePolicy(load_text(text, world.policy.source))
    ports = replace(world.ports, policies=policies, lookups=Told([*reports]))
    channel = ScriptedChannel(acts)
    await Gate(ports).answer(question(dialled, **more), channel)
    return channel.told[Variable.REASON], channel.told[Variable.RULE]


async def test_what_is_reported_is_judged_so(world: World) -> None:
    """By number, and by address; what nobody reports, as ever."""
    assert await ask(world, NATIONAL, [Reports()]) == ("allowed", "at-home")
    number, address = [Reports(number=True)], [Reports(address=True)]
    assert await ask(world, NATIONAL, number, call="1.1") == ("rule", "thieves")
    assert await ask(world, NATIONAL, address, call="1.2") == ("rule", "from-thieves")


async def test_an_address_that_is_unknown_falls_to_the_stricter_side(world: World) -> None:
    """As with any network."""
    told = await ask(world, NATIONAL, [Reports()], **{Argument.ADDRESS: ""})
    assert told == ("rule", "from-thieves")


async def test_what_comes_while_a_code_is_keyed_counts(world: World) -> None:
    """It was looked up as the call began."""
    late = [Reports(), Reports(), Reports(number=True)]
    keyed = (f"{PIN}#", f"{world.code()}#")
    assert await ask(world, ABROAD, late, *keyed) == ("rule", "thieves")
    assert await world.slots() == 0


async def test_emergencies_and_strangers_are_not_looked_up(world: World) -> None:
    """Nobody else is told of them."""
    told = Told([Reports(number=True, address=True)])
    gate = Gate(replace(world.ports, lookups=told))
    for dialled, endpoint in (("999", "101"), (NATIONAL, "")):
        channel = ScriptedChannel()
        await gate.answer(question(dialled, endpoint=endpoint), channel)
    assert told.asked == []
    await gate.answer(question(NATIONAL), ScriptedChannel())
    assert set(told.asked) == {("101", "+442079460000", "10.0.0.5")}


async def test_what_is_reported_is_known_without_the_store_too(outage: Outage) -> None:
    """A call that may pass while the store is away does not, where it is reported."""
    outage.shaky.away = True
    at_home = 'to = ["national"]\nthen = "allow"'
    text = POLICY.replace(at_home, f'{at_home}\nwithout_store = "allow"')
    text = text.replace('\n[[rule]]\nname = "no-satellites"', THIEVES, 1)
    policies = OnePolicy(load_text(text, outage.policy.source))
    for number, verdict in ((False, "ALLOW"), (True, "DENY")):
        lookups = Told([Reports(number=number)])
        ports = replace(outage.ports, policies=policies, lookups=lookups)
        channel = ScriptedChannel()
        await Gate(ports).answer(question(NATIONAL, call=f"1.{number}"), channel)
        assert channel.told[Variable.VERDICT] == verdict


def test_where_nobody_is_asked_nothing_is_known(world: World) -> None:
    """And nothing breaks."""
    number = world.policy.plan.read(NATIONAL)
    assert NoLookups().known(world.policy, "101", number, None) == Reports()
