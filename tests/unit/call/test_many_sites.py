"""A hundred sites on one gate, and faults at some of them: each is as if it were alone.

Every site has the same extensions, calls and numbers. Random things happen to each: calls, wrong
codes up to the lockout, limits that are full, brakes, overrides, sign-ins, tokens, and a store
that is away for that site. What each is answered, and all that the store has of it in the end, is
held against a gate that has that site alone.
"""

from __future__ import annotations

import asyncio
import random
import re
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import pyotp
import pytest

from fastagi import tokens
from fastagi.call import brakes, overrides
from fastagi.call.channel import Argument, Script, Variable
from fastagi.call.flow import Gate
from fastagi.call.ports import Ports
from fastagi.errors import StoreError
from fastagi.policy.loading import load_text
from fastagi.policy.model import Stage
from fastagi.second_factor import one_time_code
from fastagi.stores.opening import open_store
from fastagi.stores.records import EVERYWHERE
from fastagi.stores.store import Enrolment, SubjectKind
from tests.doubles.scripted_channel import ScriptedChannel
from tests.unit.call.conftest import SECRET, Clock, Log, NoPool, question
from tests.unit.console.world import Sites

if TYPE_CHECKING:
    from collections.abc import Sequence

    from fastagi.policy.model import Policy
    from fastagi.second_factor.vault import Vault
    from fastagi.stores.store import Store

SITES = [f"site-{number:02}" for number in range(100)]
STEPS = 10
COMPARED = 3
"""Of how many sites one is held against a gate of its own: each takes its time."""

POLICY = """
[site]
name = "NAME"
country = "GB"
timezone = "Europe/London"
internal = ["1XX"]
outside_prefix = "9"

[classes]
staff = ["1XX"]

[challenge]
tries = 1

[brake]
for = "1h"

[[rule]]
name = "trap"
to = ["prefix:+881"]
then = "deny"
brake = true

[[rule]]
name = "abroad"
to = ["international"]
then = "totp"

[[rule]]
name = "at-home"
to = ["national"]
then = "allow"

[[limit]]
name = "two-at-a-time"
per = "extension"
calls = 2

[[limit]]
name = "three-of-us"
per = "site"
calls = 3

[lockout]
wrong = 2
for = "15m"
"""


class PartlyAway:
    """A store that is away for some sites."""

    def __init__(self, store: Store) -> None:
        self.behind = store
        self.away: set[str] = set()

    def __getattr__(self, name: str) -> Any:  # as the store's
        """Return a step, which fails for those."""
        step = getattr(self.behind, name)

        async def asked(first: Any, *more: Any, **named: Any) -> Any:
            site = first if isinstance(first, str) else first.site
            if site in self.away:
                raise StoreError("away")
            return await step(first, *more, **named)

        return asked


@dataclass
class House:
    """A gate, and what each site was answered."""

    gate: Gate
    store: PartlyAway
    ports: Ports
    clock: Clock
    heard: dict[str, list[object]] = field(default_factory=dict)

    async def do(self, site: str, step: str, number: int) -> None:
        """Have something happen at a site."""
        try:
            said = await getattr(self, f"_{step}")(site, f"10{number % 3}", number)
        except (StoreError, ValueError) as error:
            said = type(error).__name__
        self.heard.setdefault(site, []).append((step, said))

    async def _ask(self, site: str, extension: str, number: int, dialled: str, *keyed: str) -> Any:
        channel = ScriptedChannel(keyed)
        asked = question(dialled, site=site, endpoint=extension, call=f"1.{number}")
        await self.gate.answer(asked, channel)
        told = (Variable.VERDICT, Variable.REASON, Variable.RULE, Variable.SECONDS)
        return [channel.told.get(each) for each in told]

    async def _home(self, site: str, extension: str, number: int) -> Any:
        return await self._ask(site, extension, number, "902079460000")

    async def _abroad(self, site: str, extension: str, number: int) -> Any:
        code = pyotp.TOTP(SECRET).at(int(self.clock.now))
        return await self._ask(site, extension, number, "900390612345678", f"{code}#")

    async def _guess(self, site: str, extension: str, number: int) -> Any:
        return await self._ask(site, extension, number, "900390612345678", "000000#")

    async def _trap(self, site: str, extension: str, number: int) -> Any:
        return await self._ask(site, extension, number, "900881612345678")

    async def _release(self, site: str, extension: str, number: int) -> Any:
        channel, call = ScriptedChannel(), f"1.{number}"
        asked = question("", site=site, endpoint=extension, call=call)
        asked.arguments.pop(Argument.DIALLED, None)  # type: ignore[attr-defined]  # a dict, as it is made
        await self.gate.answer(_as(Script.RELEASE, asked), channel)
        return channel.told.get(Variable.RELEASED)

    async def _sign_off(self, site: str, extension: str, number: int) -> Any:
        channel = ScriptedChannel()
        asked = question("", site=site, endpoint=extension, call=f"1.{number}")
        await self.gate.answer(_as(Script.SIGN_OFF, asked), channel)
        return channel.told.get(Variable.REASON)

    async def _override(self, site: str, extension: str, _: int) -> Any:
        store, now = self.ports.store, self.clock.now
        given = await overrides.give(store, site, extension, "+39", 1, 3600, "ada", "", now)
        return given.uses

    async def _lift(self, site: str, extension: str, _: int) -> Any:
        store, now = self.ports.store, self.clock.now
        return await brakes.lift(store, site, Stage.EXTENSION, extension, now) is not None

    async def _clear(self, site: str, extension: str, _: int) -> Any:
        kind, now = SubjectKind.EXTENSION, self.clock.now
        return await self.ports.store.clear(site, kind, extension, now)

    async def _token(self, site: str, _: str, __: int) -> Any:
        store, now = self.ports.store, self.clock.now
        scopes = [tokens.Scope.READ_SIGN_INS]
        made = await tokens.add(store, site, "crm", scopes, (), None, now)
        others = [each for each in self.heard if each != site][-3:]
        assert await tokens.find(store, site, made, now) is not None
        for each in others:
            if each not in self.store.away:
                assert await tokens.find(store, each, made, now) is None
        return "made"

    async def _away(self, site: str, _: str, __: int) -> Any:
        self.store.away ^= {site}
        return site in self.store.away

    async def everything_of(self, site: str) -> list[str]:
        """Return all that the store has of a site, but what is random."""
        store, now = self.store.behind, self.clock.now
        found = [
            *(await store.live(site, now), await store.spent(site, now)),
            *(await store.lockouts(site, now), await store.enrolments(site)),
            *(await store.sign_ins(site, now), await store.record_kinds(site)),
            await brakes.every(store, site, now),
            [(each.extension, each.uses) for each in await overrides.every(store, site, now)],
            [each.name for each in await tokens.every(store, site, now)],
        ]
        return [re.sub(r"reference='\d{4}'", "", repr(each)) for each in found]


def _as(script: Script, asked: Any) -> Any:
    return type(asked)(
        **{name: getattr(asked, name) for name in asked.__slots__} | {"script": script}
    )


STEP_NAMES = [
    *("home", "home", "home", "abroad", "abroad", "guess", "guess", "trap", "release", "release"),
    *("sign_off", "override", "lift", "clear", "token", "away"),
]


async def house_of(policies: dict[str, Policy], vault: Vault) -> House:
    """Return a gate over these sites, whose phones have a secret each."""
    store = PartlyAway(open_store("sqlite://:memory:"))
    for site in policies:
        for extension in ("100", "101", "102"):
            sealed = one_time_code.seal(vault, site, extension, SECRET)
            await store.enrol(site, Enrolment(extension, totp=sealed))
    clock = Clock()
    ports = Ports(Sites(policies), cast("Store", store), vault, NoPool(), Log(), clock)
    return House(Gate(ports), store, ports, clock)


def script(chance: random.Random) -> Sequence[tuple[str, int]]:
    """Return what happens at one site."""
    return [(chance.choice(STEP_NAMES), chance.randrange(6)) for _ in range(STEPS)]


@pytest.mark.parametrize("seed", [1])
async def test_a_hundred_sites_are_each_as_if_alone(
    vault: Vault, seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever happens at the others, and all of them at once."""
    monkeypatch.setattr("fastagi.call.ports.STORE_PATIENCE_S", 60.0)
    chance = random.Random(seed)  # noqa: S311 - no secret
    one = load_text(POLICY.replace("NAME", "one"), Path("one.toml"))
    loaded = {site: replace(one, site=replace(one.site, name=site)) for site in SITES}
    scripts = {site: script(chance) for site in SITES}
    together = await house_of(loaded, vault)
    for turn in range(STEPS):
        together.clock.now += 31
        await asyncio.gather(*(together.do(site, *scripts[site][turn]) for site in SITES))
    happened: set[str] = set()
    for site in SITES[::COMPARED]:
        alone = await house_of({site: loaded[site]}, vault)
        for turn in range(STEPS):
            alone.clock.now += 31
            await alone.do(site, *scripts[site][turn])
        assert together.heard[site] == alone.heard[site], site
        assert await together.everything_of(site) == await alone.everything_of(site), site
        happened |= set(re.findall(r"[a-z]+-[a-z-]+", str(alone.heard[site])))
        await alone.store.behind.close()
    assert {"locked-out", "limit-reached", "store-down", "wrong-code"} <= happened
    assert "braked" in str(together.heard)
    assert await together.store.behind.sites() == sorted({*SITES})
    assert await together.store.behind.record_kinds(EVERYWHERE) == []
    await together.store.behind.close()
