"""One Asterisk watched, played by a small manager interface."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, cast

import pytest

from fastagi.errors import SettingsError, StoreError
from fastagi.stores.store import FailureKind, Lockout, SubjectKind
from fastagi.watcher import bypass, watch
from fastagi.watcher.link import Login
from fastagi.watcher.watch import Watcher, WatchPorts
from tests.doubles.manager import Manager
from tests.unit.watcher.samples import (
    CALLER,
    LEG,
    NODE,
    NUMBER,
    begins,
    dials,
    ends,
    lease,
    marks,
    policy,
    row,
    until,
)

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence

    from structlog.typing import EventDict

    from fastagi.decision_log.record import Record
    from fastagi.policy.model import Policy
    from fastagi.stores.store import Lease, Store
    from fastagi.watcher.bypass import Bypass

NOW = 2000.0


class Shelf:
    """As much of a store as the watcher asks for."""

    def __init__(self) -> None:
        self.leases: list[Lease] = []
        self.locked: list[Lockout] = []
        self.renewed: list[tuple[str, float]] = []
        self.down = False
        self.broken = False

    async def live(self, site: str | None, now: float) -> Sequence[Lease]:
        """List the leases, if it is there."""
        if self.broken:
            raise ZeroDivisionError
        if self.down:
            raise StoreError("away")
        return list(self.leases)

    async def release(
        self, site: str, call: str, number: str | None, node: str | None, now: float
    ) -> int:
        """End a lease."""
        found = [
            each
            for each in self.leases
            if (each.site, each.call, each.number, each.node) == (site, call, number, node)
        ]
        self.leases = [each for each in self.leases if each not in found]
        return len(found)

    async def renew(
        self, site: str, call: str, number: str, node: str, expires: float, now: float
    ) -> bool:
        """Note it."""
        self.renewed.append((call, expires))
        return True

    async def lockouts(self, site: str | None, now: float) -> Sequence[Lockout]:
        """List the lockouts."""
        return self.locked


class World:
    """A watcher and all that it sees."""

    def __init__(self, manager: Manager) -> None:
        self.manager = manager
        self.shelf = Shelf()
        self.policies = [policy()]
        self.records: list[Record] = []
        self.bypasses: list[Bypass] = []
        self.links: list[tuple[str, bool]] = []
        self.heals: list[tuple[str, str]] = []
        self.secret = manager.secret
        self.watcher = Watcher(
            Login(NODE, "127.0.0.1", manager.port, "dialguard", lambda: self.read()),
            WatchPorts(self, cast("Store", self.shelf), self, lambda: NOW, mask=4, meter=self),
        )

    def read(self) -> str:
        """Return the secret, where it can be read."""
        if not self.secret:
            raise SettingsError([])
        return self.secret

    def of(self, site: str) -> Policy | None:
        """Return a policy by its site."""
        named = {each.site.name: each for each in self.policies}
        return named.get(site, self.policies[0] if not site else None)

    def all(self) -> Sequence[Policy]:
        """Return them all."""
        return self.policies

    def linked(self, node: str, *, up: bool) -> None:
        """Note the link's state."""
        self.links.append((node, up))

    def bypassed(self, node: str, found: Bypass) -> None:
        """Note a bypass."""
        assert node == NODE
        self.bypasses.append(found)

    def healed(self, node: str, site: str) -> None:
        """Note a lease that the watcher released."""
        self.heals.append((node, site))

    def record(self, record: Record) -> None:
        """Take a record."""
        self.records.append(record)

    async def listed(self) -> None:
        """Wait until the watcher has held channels and leases against each other."""
        await until(lambda: self.manager.asked("Status") != [])

    def hears(self, *events: dict[str, str]) -> None:
        """Have Asterisk tell of something."""
        for each in events:
            self.manager.say(**each)

    @property
    def hung_up(self) -> list[str]:
        """The channels that were."""
        return [each["Channel"] for each in self.manager.asked("Hangup")]


async def turns() -> None:
    """Wait until everything that is due was looked at, twice."""
    await asyncio.sleep(0.1)


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """All pauses are short."""
    monkeypatch.setattr(watch, "TURN_S", 0.01)
    monkeypatch.setattr(watch, "LOCKOUTS_S", 0.01)
    monkeypatch.setattr(watch, "GRACE_S", 0.02)
    monkeypatch.setattr(watch, "BACKOFF_S", (0.01, 0.02))
    monkeypatch.setattr(bypass, "PATIENCE_S", 0.03)


@pytest.fixture
async def world() -> AsyncIterator[World]:
    """A watcher that is running."""
    async with Manager() as manager:
        seen = World(manager)
        running = asyncio.create_task(seen.watcher.run())
        yield seen
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


# ------------------------------------------------------------------------- bypasses


async def test_a_bypass_is_recorded_told_and_counted(
    world: World, service_said: list[EventDict]
) -> None:
    """Once, though the leg goes on to ring and to be answered."""
    await world.listed()
    world.hears(begins(), dials())
    await until(lambda: world.bypasses != [])
    world.hears({"Event": "Newstate", "Uniqueid": LEG, "ChannelState": "6"})
    await turns()
    assert [each.reason for each in world.records] == ["bypass"]
    assert len(world.bypasses) == 1
    said = next(each for each in service_said if each["event"] == "bypass")
    assert (said["number"], said["caller"]) == ("+44163296xxxx", "PJSIP/101-00000000")
    assert world.hung_up == []


async def test_a_bypass_is_hung_up_where_asked_for(world: World) -> None:
    """And a call that asked, a moment late, is not; nor one that is over already."""
    world.policies = [policy('[bypass]\ntrunks = ["my-trunk"]\nthen = "hang-up"\n')]
    await world.listed()
    world.hears(begins("5", "PJSIP/my-trunk-00000005"), dials(leg="5"), marks("5"))
    world.hears(begins("6", "PJSIP/my-trunk-00000006"), dials(leg="6"), ends("6"))
    world.hears(begins(), dials())
    await until(lambda: world.hung_up != [])
    await turns()
    assert world.hung_up == ["PJSIP/my-trunk-00000001"]
    assert len(world.records) == 1


async def test_a_leg_that_was_up_before_is_told_of_once_and_left_alone(
    world: World, service_said: list[EventDict]
) -> None:
    """It may have asked; calls that come in are not told of."""
    world.policies = [policy('[bypass]\ntrunks = ["my-trunk"]\nthen = "hang-up"\n')]
    world.manager.rows = [
        row(mark="(null)"),
        row("7", "PJSIP/my-trunk-00000007", "(null)", data=""),
        row("8", "PJSIP/other-00000008", "(null)"),
    ]
    await world.listed()
    world.manager.drop()
    await until(lambda: len(world.manager.asked("Status")) > 1)
    await turns()
    told = [each for each in service_said if each["event"] == "unknown-leg"]
    assert [each["channel"] for each in told] == ["PJSIP/my-trunk-00000001"]
    assert world.hung_up == []


# ------------------------------------------------------------------------- leases


async def test_a_call_is_released_once_caller_and_leg_are_gone(
    world: World, service_said: list[EventDict]
) -> None:
    """Not while one of them is there."""
    await world.listed()
    world.shelf.leases = [lease(since=NOW)]
    world.hears(begins(CALLER, "PJSIP/101-00000000", "4"), begins(), marks(), dials())
    world.hears(ends(LEG))
    await turns()
    assert len(world.shelf.leases) == 1
    world.hears(ends(CALLER))
    await until(lambda: world.shelf.leases == [])
    assert "lease-released" in [each["event"] for each in service_said]
    assert world.heals == [(NODE, "office")]


async def test_the_leg_ends_last_and_the_dialplan_released_already(
    world: World, service_said: list[EventDict]
) -> None:
    """Nothing is left to release, and nothing said."""
    await world.listed()
    world.hears(begins(CALLER, "PJSIP/101-00000000", "4"), begins(), marks(), dials())
    world.hears(ends(CALLER), ends(LEG), ends("unheard-of"))
    await turns()
    assert "lease-released" not in [each["event"] for each in service_said]


async def test_a_call_of_no_site_of_ours_is_not_released(world: World) -> None:
    """Its policy may be on another machine."""
    await world.listed()
    world.shelf.leases = [lease(since=NOW, site="branch")]
    world.hears(begins(), marks(mark=f"{CALLER}:{NUMBER}:branch"), ends(LEG))
    await turns()
    assert len(world.shelf.leases) == 1


async def test_what_the_list_shows_to_be_over_is_released(world: World) -> None:
    """As it connects; and what is up and ends soon is renewed."""
    world.manager.rows = [row("9", "PJSIP/my-trunk-00000009", f"up:{NUMBER}:")]
    world.shelf.leases = [lease("gone"), lease("up", expires=NOW + 60)]
    await until(lambda: len(world.shelf.leases) == 1)
    await until(lambda: world.shelf.renewed != [])
    assert world.shelf.renewed == [("up", NOW + 300)]


async def test_a_call_that_ended_unheard_is_released_by_the_next_list(world: World) -> None:
    """The link was down while it ended, and its lease is too young for the list to tell."""
    world.manager.rows = [row()]
    await world.listed()
    world.shelf.leases = [lease(since=NOW)]
    await turns()
    world.manager.rows = []
    world.manager.drop()
    await until(lambda: world.shelf.leases == [])


async def test_a_leg_without_its_bound_gets_one_or_ends(
    world: World, service_said: list[EventDict]
) -> None:
    """By what is left of its lease; an emergency call, and a stranger's, need none."""
    world.manager.rows = [
        row("1", "PJSIP/my-trunk-00000001", until="0"),
        row("2", "PJSIP/my-trunk-00000002", f"over:{NUMBER}:", until="0"),
        row("3", "PJSIP/my-trunk-00000003", "emergency:112:", until="0"),
        row("4", "PJSIP/my-trunk-00000004", f"theirs:{NUMBER}:branch", until="0"),
    ]
    world.shelf.leases = [lease(since=NOW, seconds=500)]
    await until(lambda: world.hung_up != [])
    bound = world.manager.asked("AbsoluteTimeout")
    assert [(each["Channel"], each["Timeout"]) for each in bound] == [
        ("PJSIP/my-trunk-00000001", "500")
    ]
    assert world.hung_up == ["PJSIP/my-trunk-00000002"]
    assert [each["event"] for each in service_said].count("leg-without-bound") == 2


# ------------------------------------------------------------------------- lockouts


def lockout(name: str = "101", kind: SubjectKind = SubjectKind.EXTENSION) -> Lockout:
    """Return a lockout."""
    return Lockout("office", kind, name, NOW, NOW + 900, 1, FailureKind.CODE)


async def test_a_locked_out_extension_loses_its_calls_where_asked_for(
    world: World, service_said: list[EventDict]
) -> None:
    """Its own only."""
    world.policies = [policy('[lockout]\ncalls = "end"\n')]
    world.manager.rows = [
        row("1", "PJSIP/my-trunk-00000001"),
        row("2", "PJSIP/my-trunk-00000002", f"other:{NUMBER}:"),
    ]
    world.shelf.leases = [lease(since=NOW), lease("other", since=NOW, extension="102")]
    await world.listed()
    world.shelf.locked = [lockout("10.0.0.5", SubjectKind.ADDRESS)]
    await turns()
    assert world.hung_up == []
    world.shelf.locked.append(lockout())
    await until(lambda: world.hung_up != [])
    assert set(world.hung_up) == {"PJSIP/my-trunk-00000001"}
    await until(lambda: "call-ended" in [each["event"] for each in service_said])


async def test_elsewhere_they_go_on(world: World) -> None:
    """The policy says nothing of it."""
    world.manager.rows = [row()]
    world.shelf.leases = [lease(since=NOW)]
    world.shelf.locked = [lockout()]
    await world.listed()
    await turns()
    assert world.hung_up == []


# ------------------------------------------------------------------------- what goes wrong


async def test_trouble_is_told_once_while_it_stays_the_same(
    world: World, service_said: list[EventDict]
) -> None:
    """A refused login, no Asterisk, a secret that cannot be read."""
    await world.listed()
    world.secret = "wrong"
    world.manager.drop()

    def told() -> list[object]:
        return [each["why"] for each in service_said if each["event"] == "ami-not-linked"]

    await until(lambda: len(told()) == 1)
    await until(lambda: len(world.manager.asked("Login")) > 4)
    assert len(told()) == 1
    assert "refuses" in str(told()[0])
    world.secret = ""
    await until(lambda: len(told()) == 2)
    world.manager.actions.clear()
    world.secret = world.manager.secret
    await world.listed()


async def test_a_store_that_is_away_or_broken_ends_no_watch(
    world: World, service_said: list[EventDict]
) -> None:
    """It is asked again; bypasses are named meanwhile."""
    world.shelf.down = True
    await until(lambda: "watch-failed" in [each["event"] for each in service_said])
    world.hears(begins(), dials())
    await until(lambda: world.bypasses != [])


async def test_a_fault_of_ours_ends_no_watch(world: World, service_said: list[EventDict]) -> None:
    """It is told with its trace."""
    world.shelf.broken = True
    await until(lambda: "watch-broke" in [each["event"] for each in service_said])


async def test_it_links_again_after_asterisk_was_away(
    world: World, service_said: list[EventDict]
) -> None:
    """And lists anew."""
    await world.listed()
    await world.manager.stop()
    await until(lambda: "ami-not-linked" in [each["event"] for each in service_said])
    world.manager.actions.clear()
    await world.manager.start()
    await world.listed()
    linked = [each["event"] for each in service_said]
    assert "ami-link-lost" in linked
    ups = [up for node, up in world.links if node == NODE]
    assert [ups[0], *ups[-2:]] == [False, False, True]
    assert ups.index(True) < ups.index(False, 1)
