"""The process that looks for signs of an attack: its own links to each Asterisk, and its store.

    python -m fastagi.daemon.lookout PARENT PIPE MEMORY LOCAL NOTICES SIGHTINGS  < settings

is how the supervisor starts it. It has what time of the processor nobody else wants (sched(7)),
and shares nothing with the workers but the store and the policies' files: ten thousand events a
second reach it, and no call.
"""

from __future__ import annotations

import asyncio
import contextlib
import functools
import os
import pickle
import signal
import sys
import time
from contextlib import AsyncExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Final

import structlog
import uvloop

from fastagi import service_log
from fastagi.alerts.notices import notices_into
from fastagi.daemon import heartbeat
from fastagi.daemon.bans import never_of
from fastagi.daemon.chores import begin_chore, end_chores, orphaned, reload_when_asked
from fastagi.daemon.counting import lookout_counts_of
from fastagi.daemon.kinship import die_with
from fastagi.daemon.manager_logins import logins_of
from fastagi.daemon.places import policy_folder, store_url
from fastagi.daemon.sightings import hear
from fastagi.daemon.worker import keep_on_replicas, policies_in
from fastagi.errors import DialguardError, StoreError
from fastagi.lookout.countries import countries_in
from fastagi.lookout.hearing import Hearing
from fastagi.lookout.ports import LookoutPorts
from fastagi.lookout.watch import Lookout
from fastagi.stores.opening import open_store

if TYPE_CHECKING:
    from fastagi.settings import Settings

NICER: Final = 15
"""How much more it yields to others than the workers do, and than console and alerts; nice(2)."""

DAY_S: Final = 86_400.0

RECALL_AGAIN_S: Final = 5.0
"""Before places are asked for again of a store that is away."""

log = structlog.get_logger(__name__)


def main() -> int:
    """Run it; returns its exit status."""
    parent, pipe, memory = map(int, sys.argv[1:4])
    local, notices, sightings = sys.argv[4:7]
    settings: Settings = pickle.load(sys.stdin.buffer)  # noqa: S301 - the supervisor wrote it
    service_log.configure(process="lookout", overhear=notices_into(notices))
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGHUP, signal.SIG_IGN)  # until there is something to reload
    if not die_with(parent) or settings.lookout is None:
        return 1
    os.nice(NICER)
    with contextlib.suppress(OSError):  # where a sandbox forbids it, nice(2) is all there is
        os.sched_setscheduler(0, os.SCHED_IDLE, os.sched_param(0))  # after calls
    try:
        uvloop.run(
            look(settings, pipe, memory, Path(local) if local else None, int(sightings or -1))
        )
    except (DialguardError, OSError) as error:
        log.error("lookout-cannot-start", error=str(error), cause=str(error.__cause__ or ""))
        return 1
    return 0


async def look(
    settings: Settings, pipe: int, memory: int, local: Path | None, sightings: int
) -> None:
    """Look for signs of an attack until SIGTERM.

    Args:
        settings: With a `[lookout]`.
        pipe: Where it says that it lives.
        memory: Where the workers keep the policies in force.
        local: The service's own folder, for what is counted.
        sightings: What the gate's other processes see is read from it; -1 for nothing.

    Raises:
        DialguardError: It cannot start.
    """
    assert settings.lookout is not None  # noqa: S101 - else it was not started
    stopped, reload_asked = asyncio.Event(), asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stopped.set)
    asyncio.get_running_loop().add_signal_handler(signal.SIGHUP, reload_asked.set)
    chores: list[asyncio.Task[None]] = []
    async with AsyncExitStack() as opened:
        meter = opened.enter_context(lookout_counts_of(settings.metrics, local))
        store = open_store(store_url(settings))
        opened.push_async_callback(store.close)
        policies = policies_in(settings, memory, local)
        ports = LookoutPorts(
            policies=policies,
            store=store,
            now=time.time,
            meter=meter,
            country=countries_in(settings.lookout.geoip),
            never=never_of(settings),
            keep_s=settings.lookout.keep_days * DAY_S,
        )
        lookout = Lookout(ports, {each.node: each.sites for each in settings.ami})
        policies.also_tell(functools.partial(keep_on_replicas, store))
        policies.also_tell(lookout.change)
        with contextlib.suppress(StoreError):  # the chore asks again, and tells
            await lookout.recall()
        opened.push_async_callback(end_chores, chores)  # before what they use is closed
        chores += [
            begin_chore("heartbeat", heartbeat.beat(pipe, orphaned)),
            begin_chore(
                "reload", reload_when_asked(policies, policy_folder(settings), None, reload_asked)
            ),
            begin_chore("consequences", lookout.consequences.run()),
            begin_chore("phones", lookout.run()),
            begin_chore("places", recall(lookout)),
        ]
        for login in logins_of(settings):
            hearing = Hearing(login, ports, lookout.see, lookout.registered, lookout.is_phone)
            chores.append(begin_chore(f"hear {login.node}", hearing.run()))
        if sightings >= 0:
            chores.append(begin_chore("sightings", hear(sightings, lookout.see, meter.lost)))
        heartbeat.say(pipe, heartbeat.READY)
        await stopped.wait()


async def recall(lookout: Lookout) -> None:
    """Have it know again what it knew before, of each site that comes, until cancelled.

    A store that is away keeps nobody from looking: it is asked again until it has said.
    """
    is_told = False
    while True:
        await lookout.to_recall()
        try:
            await lookout.recall()
        except StoreError as error:
            if not is_told:
                log.error("places-not-recalled", error=str(error), cause=repr(error.__cause__))
            is_told = True
            await asyncio.sleep(RECALL_AGAIN_S)
        else:
            is_told = False


if __name__ == "__main__":  # pragma: no cover - as a process of its own
    sys.exit(main())
