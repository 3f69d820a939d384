"""One worker: every room put together, in one event loop, from READY to the last call.

    python -m fastagi.daemon.worker NUMBER PARENT DOOR PIPE MEMORY LOCAL
        NOTICES SIGHTINGS [SCRAPES]  < settings

is how the supervisor starts it: descriptors are inherited, the settings come through stdin. Rooms
that few settings ask for are imported where they are opened: a worker that died is missed until
its successor has imported what it needs. Longer than other files, as the one place that knows
every room and in which order they open.
"""

from __future__ import annotations

import asyncio
import contextlib
import functools
import pickle
import signal
import socket
import sys
import time
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final

import structlog
import uvloop

from fastagi import service_log
from fastagi.alerts.notices import notices_into
from fastagi.call.adoption import Adoption
from fastagi.call.flow import Gate
from fastagi.call.ports import NoLookups, NoSightings, Ports
from fastagi.daemon import heartbeat, last_good
from fastagi.daemon.chores import begin_chore, end_chores, orphaned, reload_when_asked
from fastagi.daemon.counting import counts_of
from fastagi.daemon.hash_pool import HashPool
from fastagi.daemon.keys import read_secret, vault_of
from fastagi.daemon.kinship import die_with
from fastagi.daemon.local_store import stopgap_in
from fastagi.daemon.places import (
    means_of,
    policy_folder,
    policy_place,
    store_is_shared,
    store_url,
    versions_folder,
)
from fastagi.daemon.reload import (
    Loaded,
    PoliciesInForce,
    load_what_can,
    tell_refused,
    versions,
)
from fastagi.daemon.shadows import PoliciesInShadow, begin_shadows
from fastagi.daemon.sheets_in_use import SheetsInUse
from fastagi.daemon.sightings import sightings_into
from fastagi.daemon.slices import slices_of
from fastagi.daemon.supervisor import INVALID
from fastagi.daemon.turned_away import recorder, sighted
from fastagi.daemon.versions_kept import VersionsKept
from fastagi.decision_log import DecisionLog
from fastagi.errors import DialguardError, PolicyError, ProblemsError, StoreError
from fastagi.numbering.plan import preload
from fastagi.server.capacity import Ceilings
from fastagi.server.door import Door
from fastagi.server.listener import Listener
from fastagi.shadows.following import followed
from fastagi.stores.opening import open_store
from fastagi.versions.keeping import Bounds
from fastagi.watcher.bond import bound
from fastagi.watcher.ports import WatchPorts

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from fastagi.call.ports import Lookups, Sightings
    from fastagi.call.stopgap import Stopgap
    from fastagi.policy.model import Policy
    from fastagi.settings import Settings
    from fastagi.stores.store import Store

TIDY_S: Final = 60.0
"""Seconds between two looks for what is expired in the store."""

ADOPT_S: Final = 2.0
"""Seconds between two tries to move local leases into a store that was away."""

MANY: Final = 2
"""Sites among which there is something to share."""

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Task:
    """What a worker is given.

    Attributes:
        number: Which worker it is; the first keeps the policies in force, and tidies the store.
        door: The listening socket, shared with the other workers.
        pipe: Where it says that it lives.
        memory: Where the policies in force are kept for successors.
        local: The service's own folder, for the store that is used while the real one is away,
            for what is counted, and for rate sheets that workers share; None for none.
        scrapes: The listening socket for Prometheus, shared too; None where nobody counts.
    """

    number: int
    door: socket.socket
    pipe: int
    memory: int
    settings: Settings
    local: Path | None = None
    scrapes: socket.socket | None = None
    sightings: Sightings = field(default_factory=NoSightings)

    @property
    def is_first(self) -> bool:
        """Whether it does what one worker alone does."""
        return self.number == 0


def main() -> int:
    """Run one worker; returns its exit status: 3 for an invalid policy, 1 for other failures."""
    number, parent, door, pipe, memory = map(int, sys.argv[1:6])
    local, notices, sightings, *scraped = sys.argv[6:]
    settings: Settings = pickle.load(sys.stdin.buffer)  # noqa: S301 - the supervisor wrote it
    service_log.configure(worker=number, overhear=notices_into(notices))
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGHUP, signal.SIG_IGN)  # until there is something to reload
    if not die_with(parent):
        return 1
    try:
        with contextlib.ExitStack() as inherited:
            doors = [
                inherited.enter_context(socket.socket(fileno=each))
                for each in (door, *map(int, scraped))
            ]
            place, scrapes = Path(local) if local else None, doors[1] if scraped else None
            seen = sightings_into(sightings)
            task = Task(number, doors[0], pipe, memory, settings, place, scrapes, seen)
            uvloop.run(serve(task))
    except PolicyError as error:
        tell_refused(error)
        return INVALID
    except ProblemsError as error:
        for problem in error.problems:
            log.error("settings-refused", where=str(problem))
        return INVALID
    except DialguardError as error:
        log.error("worker-cannot-start", error=str(error), cause=str(error.__cause__ or ""))
        return 1
    return 0


async def serve(task: Task) -> None:
    """Answer calls until SIGTERM, then let those at a prompt finish.

    Raises:
        DialguardError: The worker cannot start.
    """
    settings, stopped, reload_asked = task.settings, asyncio.Event(), asyncio.Event()
    is_successor = last_good.recall(task.memory) is not None
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stopped.set)
    asyncio.get_running_loop().add_signal_handler(signal.SIGHUP, reload_asked.set)
    preload()  # all countries' metadata now, and not while the first caller waits
    chores: list[asyncio.Task[None]] = []
    async with AsyncExitStack() as opened:
        # The last: the heart beats while the rest closes.
        opened.push_async_callback(end_chores, chores)
        policies = policies_of(task)
        counts = opened.enter_context(counts_of(settings.metrics, task.local, task.scrapes))
        bare = open_store(store_url(settings))
        store = counts.store(bare)
        opened.push_async_callback(store.close)
        policies.also_tell(functools.partial(keep_on_replicas, store))
        in_shadow = PoliciesInShadow(means_of(settings), task.local, policy_place(settings))
        policies.also_tell(in_shadow.in_force)
        if task.is_first and task.local is not None:
            sheets = SheetsInUse(task.local, in_shadow.all)
            policies.also_tell(sheets)
            in_shadow.also_tell(sheets.look)
        if task.is_first:
            kept = versions_of(settings)
            opened.push_async_callback(asyncio.to_thread, kept.close)
            policies.also_tell(kept)
        await ready(store, is_successor=is_successor)
        hash_pool = HashPool(settings.agi.workers)
        opened.callback(hash_pool.close)
        decision_log = decision_log_of(settings)
        opened.push_async_callback(asyncio.to_thread, decision_log.close)
        decisions = counts.decisions(decision_log)
        vault = await vault_of(
            settings.keys.file, store, policies.sites, is_shared=store_is_shared(settings)
        )
        local = await stopgap_in(
            task.local, settings.store.calls_without, lambda: len(policies.sites) >= MANY
        )
        if local is not None:
            opened.push_async_callback(local.store.close)
        checks = counts.hash_pool(hash_pool)
        slices = slices_of(settings, task.local)
        lookups: Lookups = NoLookups()
        if settings.lookups is not None:
            from fastagi.daemon.lookups import begin_lookups

            lookups = begin_lookups(settings, store, counts.lookups(), opened)
        # Its steps are no call's, so nobody takes their time.
        shadows = begin_shadows(settings, in_shadow, bare, slices, counts.shadows(), opened)
        store = followed(store, shadows)
        gate = Gate(
            Ports(
                *(policies, store, vault, checks, decisions, time.time, local, slices, lookups),
                sightings=task.sightings,
                shadows=shadows,
            )
        )
        listener = Listener(
            gate.answer,
            guard_of(settings),
            ceilings=ceilings_of(settings),
            on_refused=counts.turned_away(
                sighted(recorder(decisions, time.time), task.sightings, time.time)
            ),
            site_of=functools.partial(share_of, policies),
        )
        await listener.listen(task.door)
        chores += [
            begin_chore("heartbeat", heartbeat.beat(task.pipe, orphaned)),
            begin_chore(
                "reload",
                reload_when_asked(
                    policies, policy_folder(settings), vault, reload_asked, in_shadow
                ),
            ),
        ]
        looked_at = store if task.is_first else None
        chores.append(
            begin_chore("gauge", counts.gauge(lambda: listener.sessions, policies, looked_at))
        )
        of_the_first = []
        if task.is_first:
            of_the_first.append(begin_chore("tidy", tidy(store)))
        if task.is_first and local is not None:
            adoption = Adoption(local, store, time.time)
            of_the_first.append(begin_chore("adopt", adopt(adoption, local)))
        if task.is_first and settings.ami:
            from fastagi.daemon.manager_logins import logins_of
            from fastagi.watcher.watch import Watcher

            ports = WatchPorts(
                policies,
                store,
                decisions,
                time.time,
                settings.log.mask,
                counts.watcher(),
                slices,
                hands_out=settings.credentials is not None,
            )
            of_the_first += [
                begin_chore(f"watch {login.node}", Watcher(login, bound(ports, ami.sites)).run())
                for login, ami in zip(logins_of(settings), settings.ami, strict=True)
            ]
        heartbeat.say(task.pipe, heartbeat.READY)
        await stopped.wait()
        log.info("draining", sessions=listener.sessions, drain_s=heartbeat.DRAIN_S)
        # A successor may do these by now. For the moment that both do, no harm comes of it: each
        # release, move and deletion is one step of the store, and the second finds it done.
        policies.keep_no_more()
        for chore in of_the_first:
            chore.cancel()
        await listener.drain(heartbeat.DRAIN_S)
        await end_chores(of_the_first)


# ------------------------------------------------------------------- what it is made of


async def ready(store: Store, *, is_successor: bool) -> None:
    """Prove that the store answers, or go on without it in the place of a worker that died.

    What is wrong at the start of the service is the administrator's to put right. While it runs a
    store that is away is nothing new: calls that may pass without it must find somebody to ask.

    Raises:
        StoreError: It does not, and there is no predecessor.
    """
    try:
        await store.ready()
    except StoreError as error:
        if not is_successor:
            raise
        log.error("store-away-at-start", error=str(error), cause=repr(error.__cause__))


def policies_of(task: Task) -> PoliciesInForce:
    """Load the policies; where one is broken on disk, take that of this worker's predecessor.

    A site whose policy is broken, and that had none, has none: others are not kept from their
    calls by it, and its own are denied.

    Raises:
        PolicyError: None can come into force.
    """
    keep = functools.partial(last_good.keep, task.memory) if task.is_first else lambda _: None
    return policies_in(task.settings, task.memory, task.local, keep)


def policies_in(
    settings: Settings,
    memory: int,
    local: Path | None,
    keep: Callable[[Mapping[str, Policy]], None] = lambda _: None,
) -> PoliciesInForce:
    """Load the policies, as `policies_of`, for a process that may be none that answers calls.

    Raises:
        PolicyError: None can come into force.
    """
    place, means = policy_place(settings), means_of(settings)
    kept: Mapping[str, Policy] = last_good.recall(memory) or {}
    try:
        loaded = load_what_can(place, kept, means, local)
    except PolicyError as error:
        loaded = Loaded(kept, tuple(error.problems))
    by_site, refused = loaded.by_site, bool(loaded.problems)
    if refused and not by_site:
        raise PolicyError(loaded.problems)
    if refused:
        tell_refused(PolicyError(loaded.problems))
        log.error("policy-in-force-stays", policies=versions(by_site))
    return PoliciesInForce(place, by_site, keep, means, refused=refused, shared=local)


def keep_on_replicas(store: Store, by_site: Mapping[str, Policy]) -> None:
    """Have the store keep what must not be forgotten on as many replicas as each site wants."""
    store.keep_on({site: policy.site.replicas for site, policy in by_site.items()})


def decision_log_of(settings: Settings) -> DecisionLog:
    """Open the record of decisions."""
    settings.log.decisions.parent.mkdir(parents=True, exist_ok=True)
    return DecisionLog(
        settings.log.decisions,
        settings.log.mask,
        rotate_bytes=settings.log.rotate_mb << 20,
        keep=settings.log.keep,
    )


def versions_of(settings: Settings) -> VersionsKept:
    """Return who keeps the policies that come into force."""
    bounds = Bounds(settings.versions.days, settings.versions.mb << 20)
    return VersionsKept(versions_folder(settings), bounds, settings.log.decisions, time.time)


def guard_of(settings: Settings) -> Door:
    """Return who may ask: the peers that are allowed, and the secret they share."""
    secret_file = settings.agi.secret_file
    secret = "" if secret_file is None else read_secret(secret_file)
    return Door(map(str, settings.agi.allow), secret, settings.agi.sites)


def share_of(policies: PoliciesInForce, named: str) -> str | None:
    """Return the site whose share of sessions a question takes; None where there is one alone.

    All that name no site that there is share one share: nobody can think of more for themselves.
    """
    if len(policies.sites) < MANY:
        return None
    policy = policies.of(named)
    return "" if policy is None else policy.site.name


def ceilings_of(settings: Settings) -> Ceilings:
    """Return how much one worker takes on."""
    agi = settings.agi
    return Ceilings(agi.sessions, agi.peer_sessions, float(agi.peer_per_s))


# ------------------------------------------------------------------- chores of the first


async def tidy(store: Store) -> None:
    """Drop what is expired, now and then; a store that is away is asked again later."""
    while True:
        try:
            dropped = await store.tidy(time.time())
        except StoreError as error:
            log.error("store-not-tidied", error=str(error), cause=repr(error.__cause__))
        else:
            log.debug("store-tidied", rows=dropped)
        await asyncio.sleep(TIDY_S)


async def adopt(adoption: Adoption, local: Stopgap) -> None:
    """Move what calls took without the store into it, as soon as it is back."""
    while True:
        if local.is_used:
            with contextlib.suppress(StoreError):  # it is away still; every call says so
                await adoption.run()
                await local.store.tidy(time.time())
        await asyncio.sleep(ADOPT_S)


if __name__ == "__main__":  # pragma: no cover - as a process of its own
    sys.exit(main())
