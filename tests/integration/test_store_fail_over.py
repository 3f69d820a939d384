"""Masters that die amid a race, and servers that hang: what is promised then.

Slow, as each test starts servers of its own, six of them, and waits until they have held an
election: no shared server could be killed. That is the price of a real fail-over.

What a master acknowledged and had not yet told its replica when it died is lost with it. So after
a fail-over a limit may be held twice over, by as many calls again as it has slots, until they end;
never by more, and nowhere that no master died.
"""

from __future__ import annotations

import asyncio
import contextlib
import inspect
import time
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from fastagi.errors import StoreError
from fastagi.rating.tariff import Tariff
from fastagi.stores.budgets import Budget, Charge, Level, Unit
from fastagi.stores.opening import open_store
from fastagi.stores.records import Record
from fastagi.stores.sign_ins import SignedOff
from fastagi.stores.store import (
    Attempt,
    Dossier,
    Enrolment,
    FailureKind,
    Hold,
    Standing,
    Store,
    Taken,
)
from tests.contract.store_kinds import EXTENSION, NODE, PENALTY, ROME, SITE, a_lease
from tests.contract.store_race import Event, most_held, over_admission, race, until_done
from tests.contract.store_sign_ins import SIGN_IN
from tests.servers import cluster, sentinel
from tests.servers.alone import Alone
from tests.servers.cluster import Cluster
from tests.servers.node import wait_until
from tests.servers.sentinel import Sentinels

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator
    from pathlib import Path

    from tests.servers.farm import Servers
    from tests.servers.node import Node

# redis-py lets go of a connection to a dead server without closing it.
pytestmark = [
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]

PROCESSES = 3
SLOTS = 5
ROUNDS = 100
BY_MINUTE = Tariff(60, 10, 60, 10)

BACK_S = 15.0
"""How long until all is well again; an election takes one or two of them."""
ASKED_S = 0.5
MARGIN_S = 1.0
"""What a busy machine may add."""


@pytest.fixture
def hasty_cluster(tmp_path: Path) -> Iterator[Cluster]:
    """A cluster in which a silent master soon counts as dead."""
    servers = Cluster(tmp_path, cluster.HASTY_MS)
    with _running(servers):
        yield servers


@pytest.fixture
def hasty_sentinels(tmp_path: Path) -> Iterator[Sentinels]:
    """Sentinels that wait but half a second."""
    servers = Sentinels(tmp_path, sentinel.HASTY_MS)
    with _running(servers):
        yield servers


@contextlib.contextmanager
def _running(servers: Servers) -> Iterator[None]:
    try:
        servers.start()
        yield
    finally:
        servers.stop()


@pytest.mark.timeout(240)
async def test_a_cluster_whose_master_dies_amid_a_race(hasty_cluster: Cluster) -> None:
    """Over-admissions stay within the bound, and the store is back by itself."""
    store = await _opened(hasty_cluster.url)
    dead: list[Node] = []
    history = await asyncio.to_thread(
        _race_and,
        hasty_cluster.url,
        hasty_cluster.keeper(SITE),
        lambda: dead.append(hasty_cluster.fail_over(SITE)),
    )
    _assert_bounded(history)
    await _assert_back(store)
    await asyncio.to_thread(hasty_cluster.revive, *dead)
    await _assert_back(store)  # who comes back follows, and knows nothing better
    await store.close()


@pytest.mark.timeout(240)
async def test_a_cluster_that_keeps_on_replicas_finds_the_new_master(
    hasty_cluster: Cluster,
) -> None:
    """Who waits for replicas is told where the site is by now, and goes on."""
    store = await _opened(f"{hasty_cluster.url}?replicas=1")
    assert isinstance(await store.take(a_lease("before"), 1.0), Taken)
    dead = hasty_cluster.fail_over(SITE)
    with pytest.raises(StoreError):  # the new master has no replica
        await store.take(a_lease("meanwhile"), 1.0)
    await asyncio.to_thread(hasty_cluster.revive, dead)
    await _assert_back(store)
    assert "before" in {each.call for each in await store.live(SITE, 2.0)}
    await store.close()


@pytest.mark.timeout(240)
async def test_a_cluster_whose_other_master_dies_admits_none_too_many(
    hasty_cluster: Cluster,
) -> None:
    """Where no master died, not even one: sites are kept apart."""
    store = await _opened(hasty_cluster.url)
    elsewhere = await _site_elsewhere(store, hasty_cluster)
    history = await asyncio.to_thread(
        _race_and,
        hasty_cluster.url,
        hasty_cluster.keeper(SITE),
        lambda: hasty_cluster.fail_over(elsewhere),
    )
    assert over_admission(history, SLOTS) == ()
    assert "nothing" not in {event.answer for event in history}
    await store.close()


@pytest.mark.timeout(240)
async def test_a_master_under_sentinels_dies_amid_a_race(hasty_sentinels: Sentinels) -> None:
    """Over-admissions stay within the bound, and the store is back by itself."""
    store = await _opened(hasty_sentinels.url)
    dead: list[Node] = []
    history = await asyncio.to_thread(
        _race_and,
        hasty_sentinels.url,
        hasty_sentinels.master(),
        lambda: dead.append(hasty_sentinels.fail_over()),
    )
    _assert_bounded(history)
    await _assert_back(store)
    await asyncio.to_thread(hasty_sentinels.revive, *dead)
    await _assert_back(store)  # who comes back follows, and knows nothing better
    await store.close()


async def _opened(url: str) -> Store:
    """Open a store that has a lease of the site that races."""
    store = open_store(url)
    await until_done(lambda: store.take(a_lease("first"), 0.0), BACK_S)
    return store


async def _site_elsewhere(store: Store, servers: Cluster) -> str:
    """Return a site that another master keeps than the one that races."""
    for count in range(64):
        site = f"elsewhere-{count}"
        await store.take(a_lease("first", site=site), 0.0)
        if servers.keeper(site) is not servers.keeper(SITE):
            return site
    raise AssertionError("all sites are kept by one master")


def _race_and(url: str, asked: Node, fail_over: Callable[[], object]) -> list[Event]:
    """Race, and kill a master as soon as the one that is asked has much to do."""
    before = asked.commands()

    def amid() -> None:
        wait_until(lambda: asked.commands() > before + ROUNDS * PROCESSES, "they race")
        fail_over()

    return race(url, processes=PROCESSES, slots=SLOTS, rounds=ROUNDS, amid=amid)


def _assert_bounded(history: list[Event]) -> None:
    """It was amid the race, which went on; and no moment has more than twice the slots."""
    taken = [event.answered for event in history if event.answer == "taken"]
    lost = [event.asked for event in history if event.answer == "unknown"]
    assert min(taken) < max(lost) < max(taken)
    assert len(most_held(history)) <= 2 * SLOTS


async def _assert_back(store: Store) -> None:
    """The store that was open all the while takes, counts and releases again."""
    fresh = Hold("fresh", "101", 1)
    answer = await until_done(lambda: store.take(a_lease("after", fresh), 0.0), BACK_S)
    assert isinstance(answer, Taken)
    assert not isinstance(await store.take(a_lease("too-many", fresh), 0.0), Taken)
    assert await store.release(SITE, "after", None, NODE, 0.0) == 1
    raced = [lease for lease in await store.live(SITE, 0.0) if lease.call not in {"first"}]
    assert len(raced) <= 2 * SLOTS  # whose release the dead master kept to itself


# ----------------------------------------------------------------------------- frozen


def _operations(store: Store) -> dict[str, Callable[[], Awaitable[object]]]:
    """Return one question of each kind that a store can be asked; all may be asked again."""
    who = Enrolment("101", totp=b"sealed")
    attempt = Attempt(SITE, 1, (EXTENSION,))
    lease = a_lease("a")
    asked = (SITE, "101", "10.0.0.5", "IT", "a", ROME, NODE, 0.0)
    scope = "address:10.0.0.5"
    record = Record("a", "text", None)
    charge = Charge("day", "101", Unit.SPEND, "a", 5, 100.0, 100, 10)
    return {
        "ready": store.ready,
        "tidy": lambda: store.tidy(0.0),
        "take": lambda: store.take(lease, 0.0),
        "release": lambda: store.release(SITE, "a", None, NODE, 0.0),
        "renew": lambda: store.renew(SITE, "a", ROME, NODE, 2000.0, 0.0),
        "extend": lambda: store.extend(SITE, "a", ROME, NODE, 2000, 0.0),
        "live": lambda: store.live(SITE, 0.0),
        "spent": lambda: store.spent(SITE, 0.0),
        "begin_attempt": lambda: store.begin_attempt(
            SITE, (EXTENSION,), FailureKind.CODE, PENALTY, 0.0
        ),
        "succeed": lambda: store.succeed(attempt, 0.0),
        "lockouts": lambda: store.lockouts(SITE, 0.0),
        "clear": lambda: store.clear(SITE, EXTENSION.kind, EXTENSION.name, 0.0),
        "enrolment": lambda: store.enrolment(SITE, "101"),
        "enrolments": lambda: store.enrolments(SITE),
        "enrol": lambda: store.enrol(SITE, who),
        "rekey": lambda: store.rekey(SITE, who, who),
        "unenrol": lambda: store.unenrol(SITE, "101", 0.0),
        "claim_step": lambda: store.claim_step(SITE, who, 1),
        "claim_recovery": lambda: store.claim_recovery(SITE, who, "aa"),
        "open_sign_in": lambda: store.open_sign_in(SIGN_IN, None, 1, 0.0),
        "place_sign_in": lambda: store.place_sign_in(SIGN_IN, SIGN_IN.origin, NODE, 60.0, 0.0),
        "end_sign_ins": lambda: store.end_sign_ins(SITE, "101", None, SignedOff.PAGE, 0.0),
        "sign_in": lambda: store.sign_in(SITE, "101", SIGN_IN.id, 0.0),
        "sign_ins": lambda: store.sign_ins(SITE, 0.0),
        "put_sign_in": lambda: store.put_sign_in(SIGN_IN),
        "put_record": lambda: store.put_record(SITE, "token", record, None, 0.0),
        "record": lambda: store.record(SITE, "token", "a", 0.0),
        "take_record": lambda: store.take_record(SITE, "token", "a", 0.0),
        "records": lambda: store.records(SITE, "token", "", 9, 0.0),
        "record_kinds": lambda: store.record_kinds(SITE),
        "known": lambda: store.known(*asked),
        "remember": lambda: store.remember(SITE, who, scope, ["pin"], 0.0, 900.0),
        "sites": store.sites,
        "dossiers": lambda: store.dossiers(SITE, "", 10),
        "put_dossier": lambda: store.put_dossier(SITE, Dossier("101")),
        "standings": lambda: store.standings(SITE, 0.0),
        "put_standing": lambda: store.put_standing(SITE, Standing(EXTENSION.kind, "101")),
        "charges": lambda: store.charges(SITE, 0.0),
        "put_charge": lambda: store.put_charge(SITE, charge),
    }


class _Frozen:
    """Servers all of which can hang at once."""

    def __init__(self, servers: Servers) -> None:
        self.servers = servers

    def nodes(self) -> list[Node]:
        """Return those that keep what the store has; sentinels run on and see nothing amiss."""
        if isinstance(self.servers, Alone):
            return [self.servers.node]
        return list(self.servers.nodes.values())


@pytest.fixture(params=[Alone, Cluster, Sentinels], ids=["redis", "redis-cluster", "sentinel"])
def frozen(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[_Frozen]:
    """Servers of each kind, patient with each other, that can be frozen."""
    servers = request.param(tmp_path)
    with _running(servers):
        yield _Frozen(servers)


async def test_a_store_that_hangs_says_so_soon_and_heals(frozen: _Frozen) -> None:
    """Each operation raises within half a second, and goes on by itself once the store does."""
    store = await _opened(frozen.servers.url)
    operations = _operations(store)
    names = {name for name, _ in inspect.getmembers(Store, inspect.iscoroutinefunction)}
    assert set(operations) == {name for name in names if not name.startswith("_")} - {"close"}
    for node in frozen.nodes():
        node.freeze()
    took = await asyncio.gather(*(_failed(ask) for ask in operations.values()))
    slow = dict(zip(operations, took, strict=True))
    del slow["ready"]  # asked where nobody calls yet, and patient
    assert {name: s for name, s in slow.items() if s > ASKED_S + MARGIN_S} == {}
    for node in frozen.nodes():
        node.thaw()
    for ask in operations.values():  # of a Cluster each site's keeper is back for itself
        await until_done(ask, BACK_S)
    await store.close()


async def test_what_a_store_that_hung_was_asked_is_reserved_whole_or_not_at_all(
    frozen: _Frozen,
) -> None:
    """Whoever asked does not know; the store does: it has of each call what its lease says."""
    store = await _opened(frozen.servers.url)
    budget = Budget("day", "101", Unit.SPEND, 10**6, 10**6)
    lease = replace(a_lease("a"), seconds=60, longest_s=600, tariff=BY_MINUTE)
    lease = replace(lease, budgets=(budget,))
    for call in "abc":
        assert isinstance(await store.take(replace(lease, call=call), 0.0), Taken)
    for node in frozen.nodes():
        node.freeze()
    asked = (
        store.take(replace(lease, call="d"), 0.0),
        store.extend(SITE, "a", ROME, NODE, 300, 0.0),
        store.release(SITE, "b", None, NODE, 0.0, 60),
        store.release(SITE, "c", None, NODE, 0.0, 0),
    )
    answers = await asyncio.gather(*asked, return_exceptions=True)
    assert all(isinstance(answer, StoreError) for answer in answers)
    for node in frozen.nodes():
        node.thaw()
    for _ in range(2):  # what was asked before is done, or never, once it answers again
        found = await until_done(lambda: store.live(SITE, 0.0), BACK_S)
    live = [each for each in found if each.budgets]
    reserved = sum(BY_MINUTE.cost(each.seconds) for each in live)
    used = sum(each.amount for each in await store.charges(SITE, 0.0))
    assert used == reserved + (0 if "b" in {each.call for each in live} else 10)
    assert await store.spent(SITE, 0.0) == [Level("day", "101", Unit.SPEND, used, 10**6, reserved)]
    for call in "abcd":
        await store.release(SITE, call, None, NODE, 0.0, 0)
    assert sum(each.used for each in await store.spent(SITE, 0.0)) == used - reserved
    await store.close()


async def _failed(ask: Callable[[], Awaitable[object]]) -> float:
    """Ask what cannot be answered; how many seconds it took to say so."""
    began = time.monotonic()
    with pytest.raises(StoreError):
        await ask()
    return time.monotonic() - began
