"""Stolen passwords have a shape, and every gate sees it, in one step a call, in any store."""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from fastagi.call import ports as ports_of
from fastagi.call.asked import DIALLED
from fastagi.call.channel import Argument, Script, Variable
from fastagi.call.flow import Gate
from fastagi.call.ports import Ports
from fastagi.policy.loading import load_text
from fastagi.second_factor import pin
from fastagi.second_factor.vault import Vault, new_key
from fastagi.stores.store import Enrolment
from tests.doubles.scripted_channel import ScriptedChannel
from tests.doubles.shaky_store import ShakyStore
from tests.unit.call.conftest import PIN, Clock, Log, NoPool, OnePolicy, question

if TYPE_CHECKING:
    from pathlib import Path

    from fastagi.stores.store import Known, Store

POLICY = """
[site]
name = "office"
country = "GB"
timezone = "Europe/London"
internal = ["1XX"]
outside_prefix = "9"

[classes]
staff = ["1XX"]

[[rule]]
name = "in-a-row"
when = "over:block"
then = "pin"

[[rule]]
name = "tried-out"
when = "over:tests and over:burst"
then = "pin"

[[rule]]
name = "from-many"
when = "over:callers"
then = "deny"

[[rule]]
name = "new-area"
to = ["first-time-prefix"]
when = "over:new-areas"
then = "pin"

[[rule]]
name = "rest"
then = "allow"

[[limit]]
name = "block"
per = "block"
numbers = 3
within = "1h"
then = "watch"

[[limit]]
name = "tests"
per = "extension"
short = 3
within = "24h"
then = "watch"

[[limit]]
name = "burst"
per = "extension"
attempts = 5
within = "10m"
then = "watch"

[[limit]]
name = "callers"
per = "number"
to = ["international"]
extensions = 2
within = "1h"
then = "watch"

[[limit]]
name = "new-areas"
per = "site"
to = ["first-time-prefix-of-site"]
attempts = 4
within = "24h"
then = "watch"
"""
FIRST = 2079460000


class Desk:
    """A gate over a store whose steps are counted, and phones that dial."""

    def __init__(self, store: Store, folder: Path) -> None:
        self.clock, self.log, self.asked = Clock(), Log(), Counter[str]()
        self.store, self._calls = store, 0
        self.vault = Vault([new_key()])
        policies = OnePolicy(load_text(POLICY, folder / "office.toml"))
        counted: Any = self
        self.ports = Ports(policies, counted, self.vault, NoPool(), self.log, self.clock)
        self.gate = Gate(self.ports)

    async def known(self, *asked: Any) -> Known:
        """Ask the store, and count."""
        self.asked["known"] += 1
        return await self.store.known(*asked)

    def __getattr__(self, name: str) -> object:
        self.asked[name] += 1
        return getattr(self.store, name)

    async def call(
        self, dialled: str, extension: str = "101", *, keyed: str = "", talked_s: int = 300
    ) -> tuple[str, str]:
        """Make a call that is over at once; return reason and rule."""
        said = await self.begin(dialled, extension, keyed=keyed)
        name = f"1.{self._calls}"
        asked = dict(self.asked)
        over: dict[str, str] = {Argument.CALL: name, Argument.TALKED: str(talked_s)}
        release = replace(question("", call=name), script=Script.RELEASE)
        given = replace(release, arguments={**release.arguments, **over})
        await self.gate.answer(given, ScriptedChannel())
        self.asked = Counter(asked)
        return said

    async def begin(
        self, dialled: str, extension: str = "101", *, keyed: str = ""
    ) -> tuple[str, str]:
        """Make a call that stays up, if it is let through; return reason and rule."""
        self._calls += 1
        channel = ScriptedChannel([keyed] if keyed else [])
        asked = question(dialled, call=f"1.{self._calls}", endpoint=extension)
        await self.gate.answer(asked, channel)
        return channel.told[Variable.REASON], channel.told[Variable.RULE]

    async def marks(self) -> set[str]:
        """Return what is known of what was dialled."""
        found = await self.store.records("office", DIALLED, "", 100, self.clock.now)
        return {each.key for each in found}

    async def up(self) -> list[str]:
        """Return the extensions that have a call."""
        return [each.extension for each in await self.store.live("office", self.clock.now)]


@pytest.fixture
async def desk(store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    """A gate over a new store of each kind; 101 has a PIN, and Britain is no new country."""
    monkeypatch.setattr(ports_of, "STORE_PATIENCE_S", 30.0)  # not how soon, but what
    desk = Desk(store, tmp_path)
    await store.enrol(
        "office", Enrolment("101", pin=pin.hash_pin(desk.vault, "office", "101", PIN))
    )
    return desk


ALLOWED = ("allowed", "rest")


async def test_numbers_in_a_row_step_up(desk: Desk) -> None:
    """Three of a hundred are anybody's; the fourth is asked for, and the first ones are not."""
    for last in range(3):
        assert await desk.call(f"90{FIRST + last}") == ALLOWED
    assert await desk.call(f"90{FIRST + 3}") == ("no-digits", "in-a-row")
    assert await desk.call(f"90{FIRST + 100}") == ALLOWED
    assert await desk.call(f"90{FIRST}") == ALLOWED
    assert await desk.call(f"90{FIRST + 3}", keyed=f"{PIN}#") == ("allowed", "in-a-row")
    desk.clock.now += 3601
    assert await desk.call(f"90{FIRST + 4}") == ALLOWED


async def test_short_test_calls_and_then_a_burst_step_up(desk: Desk) -> None:
    """Either alone does not; and what is a short call is known when it is over."""
    for number in range(3):
        assert await desk.call(f"9020794{number}0000", talked_s=5) == ALLOWED
    for number in range(3, 5):
        assert await desk.call(f"9020794{number}0000") == ALLOWED
    assert await desk.call("902079490000") == ("no-digits", "tried-out")
    assert await desk.call("902079490000", "102") == ALLOWED
    for number in range(6):
        assert await desk.call(f"9020795{number}0000", "103") == ALLOWED
    assert await desk.call("902079490000", "103") == ALLOWED
    assert not any(each.over for each in desk.log.records)


async def test_one_number_from_many_extensions_is_denied(desk: Desk) -> None:
    """From the third on; those that called before may go on."""
    for extension in ("101", "102"):
        assert await desk.call("900390612345678", extension) == ALLOWED
    assert await desk.call("900390612345678", "103") == ("rule", "from-many")
    assert await desk.call("900390612345678", "102") == ALLOWED
    assert await desk.call("900390612345679", "103") == ALLOWED


async def test_what_is_new_may_be_counted_and_asked_for(desk: Desk) -> None:
    """Four new areas a day are anybody's; what was called before is new to nobody."""
    for area in ("1212", "1213", "1312", "1313"):
        assert await desk.call(f"900{area}5551234") == ALLOWED
    assert await desk.call("90014155551234") == ("no-digits", "new-area")
    assert await desk.call("90012125551239") == ALLOWED
    assert await desk.call("90014155551234", keyed=f"{PIN}#") == ("allowed", "new-area")
    assert await desk.call("90014155551234") == ALLOWED
    desk.clock.now += 401 * 86_400
    assert await desk.call("90014155551234") == ALLOWED  # new again, but no longer one of many


async def test_of_many_at_one_moment_no_more_pass_than_one_by_one(desk: Desk) -> None:
    """Each is judged before any other counts; so it looks again, once it counts itself.

    The country is new to all of them: nobody's slots are taken in the step that looks.
    """
    phones = [f"1{n:02}" for n in range(12)]
    said = await asyncio.gather(*(desk.begin("900390612345678", each) for each in phones))
    passed = [each for each, what in zip(phones, said, strict=True) if what == ALLOWED]
    assert len(passed) <= 2
    assert set(said) - {ALLOWED} == {("rule", "from-many")}
    assert sorted(await desk.up()) == passed


async def test_what_is_given_back_leaves_no_mark(desk: Desk) -> None:
    """A call that was not let through after all makes nothing known."""
    number, own = "900390612345678", "extension/101/prefix/39061"
    shaky = ShakyStore(desk.store)
    others = ["102", "103"]

    async def meanwhile() -> None:
        while others:
            assert await desk.begin(number, others.pop()) == ALLOWED

    shaky.before["take"] = meanwhile
    channel = ScriptedChannel()
    gate = Gate(replace(desk.ports, store=shaky.store))
    await gate.answer(question(number, call="2.1"), channel)
    assert channel.told[Variable.RULE] == "from-many"
    assert sorted(await desk.up()) == ["102", "103"]
    assert own not in await desk.marks()
    assert await desk.begin("900390612345679") == ALLOWED
    assert own in await desk.marks()


async def test_a_call_that_is_asked_for_nothing_is_one_step(desk: Desk) -> None:
    """Whatever its policy looks at, where nothing is new of it."""
    assert await desk.call("902079460000") == ALLOWED
    desk.asked.clear()
    assert await desk.call("902079460000") == ALLOWED
    assert desk.asked == {"known": 1}
