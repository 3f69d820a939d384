"""A gate with everything real but the clock and the channel."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar
from zoneinfo import ZoneInfo

import pyotp
import pytest

from fastagi.call.channel import Argument, Question, Script
from fastagi.call.flow import Gate
from fastagi.call.ports import Ports
from fastagi.call.stopgap import Stopgap
from fastagi.decision_log.past import explain_past
from fastagi.decision_log.record import line
from fastagi.policy.loading import load_text
from fastagi.second_factor import one_time_code, pin, recovery
from fastagi.second_factor.vault import Vault, new_key
from fastagi.stores.opening import open_store
from fastagi.stores.store import Enrolment, Store
from tests.doubles.shaky_store import ShakyStore

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from fastagi.decision_log.record import Record
    from fastagi.policy.model import Policy

Found = TypeVar("Found")

PIN = "4711"
SECRET = one_time_code.new_secret()
SPARE = recovery.new_codes()[0]
CALL = "1732412345.17"

POLICY = """
[site]
name = "office"
country = "GB"
timezone = "Europe/London"
internal = ["1XX", "2XX"]
outside_prefix = "9"

[classes]
staff = ["1XX"]
lobby = ["2XX"]

[[rule]]
name = "no-satellites"
to = ["satellite"]
then = "deny"

[[rule]]
name = "abroad"
to = ["international"]
then = "pin+totp"
remember = "30m"

[[rule]]
name = "new-mobile"
to = ["mobile"]
then = "pin"

[[rule]]
name = "lobby-inside"
from = ["lobby"]
to = ["internal"]
then = "pin"

[[rule]]
name = "at-home"
to = ["national"]
then = "allow"

[[limit]]
name = "two-at-a-time"
per = "extension"
calls = 2

[[limit]]
name = "one-abroad-in-shadow"
per = "site"
to = ["international"]
calls = 1
shadow = true

[[limit]]
name = "longest-abroad"
to = ["international"]
duration = "30m"

[lockout]
wrong = 5
invalid = 3
for = "15m"
at_most = "24h"
"""

NATIONAL = "902079460000"
ABROAD = "900390612345678"
SATELLITE = "900881612345678"
MOBILE = "907400123456"
NOTHING = "90204"


@dataclass
class Clock:
    """The wall clock of a test; it stands until it is moved."""

    now: float = datetime(2026, 1, 5, 10, 10, tzinfo=ZoneInfo("Europe/London")).timestamp()

    def __call__(self) -> float:
        """Return the moment."""
        return self.now


@dataclass
class Log:
    """Decisions on record, in a list; each is explained, too, by what its line would tell."""

    records: list[Record] = field(default_factory=list)

    def record(self, record: Record) -> None:
        """Take a record; whatever a story came to, its line must explain just that."""
        self.records.append(record)
        if record.judged is not None:
            entry = json.loads(line(record, 4))
            past = explain_past(entry, record.judged.policy)
            assert past.agrees is not False, (past.note, entry)
            assert past.explanation is not None, (past.note, entry)


class NoPool:
    """Checks PINs where they stand."""

    async def run(self, check: Callable[[], Found], site: str) -> Found:
        """Run the check at once."""
        return check()


@dataclass
class OnePolicy:
    """The policies of a service that has one."""

    policy: Policy

    def of(self, site: str) -> Policy | None:
        """Return it, by its name or by none."""
        return self.policy if site in {"", self.policy.site.name} else None


@dataclass
class World:
    """What a test of the story looks at and turns."""

    ports: Ports
    clock: Clock
    log: Log
    gate: Gate

    @property
    def store(self) -> Store:
        """The store."""
        return self.ports.store

    @property
    def policy(self) -> Policy:
        """The policy in force."""
        policy = self.ports.policies.of("")
        assert policy is not None
        return policy

    def code(self) -> str:
        """Return the one-time code of the moment."""
        return pyotp.TOTP(SECRET).at(int(self.clock.now))

    async def slots(self) -> int:
        """Return how many calls hold slots."""
        return len(await self.store.live(None, self.clock.now))


def question(dialled: str, **arguments: str) -> Question:
    """Return what the dialplan asks for a call from 101 on the office network."""
    call = arguments.get("call", CALL)
    given = {
        Argument.CALL: call,
        Argument.DIALLED: dialled,
        Argument.ENDPOINT: "101",
        Argument.ADDRESS: "10.0.0.5:5060",
    } | arguments
    return Question(
        script=Script.OUTBOUND,
        arguments={name: value for name, value in given.items() if value},
        channel="PJSIP/101-0000002a",
        uniqueid=call,
        language="en",
        peer="127.0.0.1",
    )


@pytest.fixture(scope="session")
def vault() -> Vault:
    """A vault with one key."""
    return Vault([new_key()])


@pytest.fixture(scope="session")
def enrolled(vault: Vault) -> Enrolment:
    """Extension 101, with everything."""
    return Enrolment(
        "101",
        pin=pin.hash_pin(vault, "office", "101", PIN),
        totp=one_time_code.seal(vault, "office", "101", SECRET),
        recovery=frozenset({recovery.digest(vault, "office", "101", SPARE)}),
    )


@pytest.fixture
async def world(vault: Vault, enrolled: Enrolment, tmp_path: Path) -> AsyncIterator[World]:
    """A gate over a store of its own, in which 101 is enrolled."""
    clock, log = Clock(), Log()
    store = open_store(f"sqlite:///{tmp_path / 'dialguard.db'}")
    await store.enrol("office", enrolled)
    policies = OnePolicy(load_text(POLICY, tmp_path / "office.toml"))
    ports = Ports(policies, store, vault, NoPool(), log, clock)
    yield World(ports, clock, log, Gate(ports))
    await store.close()


CALLS_WITHOUT = 3
"""Calls that the gate of `Outage` lets through without the store."""


@dataclass
class Outage(World):
    """A gate whose store can go away, and whose national calls pass then."""

    shaky: ShakyStore
    local: Stopgap

    async def slots(self) -> int:
        """Return how many calls hold slots in the store, whether it answers or not."""
        return len(await self.shaky.behind.live(None, self.clock.now))

    async def local_slots(self) -> int:
        """Return how many calls hold slots on this machine."""
        return len(await self.local.live(self.clock.now))


@pytest.fixture
async def outage(world: World, tmp_path: Path) -> AsyncIterator[Outage]:
    """A gate whose store is there, as yet."""
    at_home = 'to = ["national"]\nthen = "allow"'
    text = POLICY.replace(at_home, f'{at_home}\nwithout_store = "allow"')
    policies = OnePolicy(load_text(text, tmp_path / "office.toml"))
    shaky = ShakyStore(world.store)
    own = open_store(f"sqlite://{tmp_path / 'local.db'}")
    local = Stopgap(own, CALLS_WITHOUT, tmp_path / "used")
    ports = replace(world.ports, policies=policies, store=shaky.store, local=local)
    yield Outage(ports, world.clock, world.log, Gate(ports), shaky, local)
    await own.close()
