"""A plain call costs the store one step, and ends as it would if each were asked for by itself."""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fastagi.call import ports as ports_of
from fastagi.call.channel import Script, Variable
from fastagi.call.flow import Gate
from fastagi.policy.loading import load_text
from fastagi.stores.opening import open_store
from tests.doubles.scripted_channel import ScriptedChannel
from tests.unit.call.conftest import (
    ABROAD,
    CALL,
    MOBILE,
    NATIONAL,
    NOTHING,
    PIN,
    SATELLITE,
    Clock,
    Log,
    NoPool,
    OnePolicy,
    World,
    question,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from fastagi.call.channel import Question
    from fastagi.second_factor.vault import Vault
    from fastagi.stores.store import Enrolment, Known, Store


class Counted:
    """A store whose calls are counted; it may be asked for one thing at a time only."""

    def __init__(self, store: Store, *, plainly: bool = False) -> None:
        self._store = store
        self._plainly = plainly
        self.asked: Counter[str] = Counter()

    async def known(self, *asked: Any) -> Known:
        """Fetch; and take what is wanted, unless that is to be asked for by itself."""
        self.asked["known"] += 1
        wanted = None if self._plainly else asked[8]
        given = (*asked[:8], wanted, asked[9])
        return await self._store.known(*given)

    def __getattr__(self, name: str) -> object:
        self.asked[name] += 1
        return getattr(self._store, name)


def _gate(world: World, store: object) -> Gate:
    return Gate(replace(world.ports, store=store))  # type: ignore[arg-type]  # the same, counted


async def _ask(gate: Gate, asked: Question, *acts: str) -> ScriptedChannel:
    channel = ScriptedChannel(acts)
    await gate.answer(asked, channel)
    return channel


async def test_a_plain_call_is_one_step_to_admit_and_one_to_release(world: World) -> None:
    """From its second call to a country on."""
    store = Counted(world.store)
    gate = _gate(world, store)
    await _ask(gate, question(NATIONAL, call="1.1"))
    assert store.asked == {"known": 1, "take": 1}
    store.asked.clear()
    channel = await _ask(gate, question(NATIONAL))
    assert channel.told[Variable.VERDICT] == "ALLOW"
    assert store.asked == {"known": 1}
    await _ask(gate, replace(question("", call=CALL), script=Script.RELEASE))
    assert store.asked == {"known": 1, "release": 1}
    assert await world.slots() == 1


async def test_a_full_limit_is_one_step(world: World) -> None:
    """And named as ever."""
    for call in ("1.1", "1.2"):
        await _ask(world.gate, question(NATIONAL, call=call))
    store = Counted(world.store)
    channel = await _ask(_gate(world, store), question(NATIONAL))
    assert channel.told[Variable.REASON] == "limit-reached"
    assert channel.told[Variable.RULE] == "two-at-a-time"
    assert store.asked == {"known": 1}


async def test_the_lease_is_the_same_either_way(world: World) -> None:
    """To the last field."""
    leases = []
    await _ask(world.gate, question(NATIONAL, call="1.1"))
    for plainly in (False, True):
        gate = _gate(world, Counted(world.store, plainly=plainly))
        await _ask(gate, question(NATIONAL))
        (*_, lease) = await world.store.live(None, world.clock.now)
        leases.append(replace(lease, reference=""))
        await world.store.release("office", CALL, None, None, world.clock.now)
    assert leases[0] == leases[1]


async def test_nothing_is_taken_for_a_call_that_is_to_be_challenged(world: World) -> None:
    """Nor when it is looked at again after that: only when it is let through."""
    store = Counted(world.store)
    new = '[[rule]]\nname = "new"\nto = ["first-time-country"]\nthen = "pin"\n'
    others = '[[rule]]\nname = "abroad"\nto = ["international"]\nthen = "allow"\n'
    policy = load_text(f"{HEAD}{new}{others}", Path("office.toml"))
    ports = replace(world.ports, policies=OnePolicy(policy), store=store)  # type: ignore[arg-type]  # as above
    channel = await _ask(Gate(ports), question(ABROAD), f"{PIN}#")
    assert channel.told[Variable.VERDICT] == "ALLOW"
    assert store.asked["take"] == 1


async def test_a_store_that_is_too_slow_lets_nobody_through_and_is_asked_to_release(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The lease may have been taken: so the caller's hangup handler gives it back."""
    await _ask(world.gate, question(NATIONAL, call="1.1"))
    monkeypatch.setattr(ports_of, "STORE_PATIENCE_S", 0.05)
    taken = asyncio.Event()

    class Slow(Counted):
        async def known(self, *asked: Any) -> Known:
            await super().known(*asked)
            taken.set()
            return await asyncio.Future()

    gate = _gate(world, Slow(world.store))
    channel = await _ask(gate, question(NATIONAL))
    assert taken.is_set()
    assert channel.told[Variable.REASON] == "store-down"
    assert channel.told[Variable.CALL] == ""  # the handler asks for every lease of the channel
    assert await world.slots() == 2
    await _ask(world.gate, replace(question("", call=CALL), script=Script.RELEASE))
    assert await world.slots() == 1


# ----------------------------------------------------------------------------- either way

RULES = (
    '[[rule]]\nname = "new"\nto = ["first-time-country"]\nthen = "pin"\n',
    '[[rule]]\nname = "new-denied"\nto = ["first-time-country"]\nthen = "deny"\n',
    '[[rule]]\nname = "in-shadow"\nto = ["national", "international"]\nthen = "deny"\n'
    "shadow = true\n",
    '[[rule]]\nname = "sky"\nto = ["satellite"]\nthen = "deny"\n',
    '[[rule]]\nname = "moving"\nto = ["mobile"]\nthen = "pin"\nremember = "30m"\n',
    '[[rule]]\nname = "new-number"\nto = ["first-time-number"]\nthen = "pin"\n',
    '[[rule]]\nname = "new-here"\nto = ["first-time-prefix-of-site"]\nthen = "deny"\n'
    "shadow = true\n",
    '[[rule]]\nname = "many"\nwhen = "over:watched-calls"\nthen = "pin"\n',
    '[[rule]]\nname = "many-new"\nwhen = "not over:watched-new"\nto = ["first-time-prefix"]\n'
    'then = "deny"\n',
    '[[rule]]\nname = "abroad"\nto = ["international"]\nthen = "allow"\n',
    '[[rule]]\nname = "at-home"\nto = ["national", "mobile"]\nthen = "allow"\n',
)
LIMITS = tuple(
    f'[[limit]]\nname = "{name}"\nper = "{per}"\ncalls = {calls}\n{shadow}'
    for name, per, calls, shadow in (
        ("each", "extension", 1, ""),
        ("trunk", "trunk", 1, ""),
        ("all", "site", 2, ""),
        ("watched", "site", 1, "shadow = true\n"),
    )
)
HEAD = """
[site]
name = "office"
country = "GB"
timezone = "Europe/London"
internal = ["1XX", "2XX"]
outside_prefix = "9"

[classes]
staff = ["1XX"]

[lockout]
invalid = 2
for = "1m"
at_most = "2m"
"""
WATCHED = """
[[limit]]
name = "watched-calls"
per = "extension"
attempts = 2
short = 1
within = "1m"
then = "watch"

[[limit]]
name = "watched-new"
per = "site"
to = ["first-time-prefix", "first-time-country"]
numbers = 1
extensions = 2
within = "4h"
then = "watch"
"""
POLICIES = st.builds(
    lambda rules, limits: HEAD + "".join([*rules, *limits]) + WATCHED,
    st.lists(st.sampled_from(RULES), unique=True, min_size=1).map(
        lambda chosen: [each for each in RULES if each in chosen]
    ),
    st.lists(st.sampled_from(LIMITS), unique=True),
)
STEPS = st.lists(
    st.tuples(
        st.sampled_from([NATIONAL, NATIONAL, ABROAD, ABROAD, MOBILE, NOTHING, SATELLITE, "102"]),
        st.sampled_from(["101", "101", "102", "trunk"]),
        st.sampled_from(["1.1", "1.2", "1.3"]),
        st.sampled_from(["A", "B", ""]),
        st.sampled_from(["", f"{PIN}#", "0000#"]),
        st.sampled_from(["stays", "stays", "hung-up", "released"]),
        st.sampled_from([0.0, 1.0, 30.0, 70.0, 14_400.0]),
    ),
    min_size=1,
    max_size=12,
)


async def _tell_all(
    policy: str, steps: Sequence[Any], vault: Vault, enrolled: Enrolment, *, plainly: bool
) -> list[Any]:
    """Return everything that is told, recorded and held, call by call; not the references."""
    clock, log, told = Clock(), Log(), list[Any]()
    store = open_store("sqlite://:memory:")
    await store.enrol("office", enrolled)
    policies = OnePolicy(load_text(policy, Path("office.toml")))
    counted = Counted(store, plainly=plainly)
    gate = Gate(ports_of.Ports(policies, counted, vault, NoPool(), log, clock))  # type: ignore[arg-type]  # as above
    for dialled, extension, call, trunk, keyed, after, seconds in steps:
        channel = ScriptedChannel([keyed] if keyed else [])
        channel.hung_up = after == "hung-up"
        await gate.answer(question(dialled, endpoint=extension, call=call, trunk=trunk), channel)
        unlike = {Variable.REF, Variable.PROMPT}
        told.append({name: said for name, said in channel.told.items() if name not in unlike})
        told.append(replace(log.records[-1], reference=""))
        live = await store.live(None, clock.now)
        told.append([replace(lease, reference="") for lease in live])
        if after == "released":
            await gate.answer(
                replace(question("", call=call), script=Script.RELEASE), ScriptedChannel()
            )
        told.append(await store.dossiers("office", "", 9))
        told.append(await store.standings("office", clock.now))
        clock.now += seconds
    await store.close()
    return told


@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(policy=POLICIES, steps=STEPS)
def test_whatever_is_asked_it_ends_as_if_asked_step_by_step(
    vault: Vault, enrolled: Enrolment, policy: str, steps: Sequence[Any]
) -> None:
    """What is told, what goes on record, what is held, what is known afterwards."""

    async def both() -> tuple[list[Any], list[Any]]:
        one = await _tell_all(policy, steps, vault, enrolled, plainly=False)
        return one, await _tell_all(policy, steps, vault, enrolled, plainly=True)

    one, other = asyncio.run(both())
    assert one == other
