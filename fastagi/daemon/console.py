"""The web's own process: its store, its vault, its few threads for PINs, and HTTP.

    python -m fastagi.daemon.console PARENT DOOR PIPE MEMORY LOCAL
        NOTICES SIGHTINGS [PASSWORDS]  < settings

is how the supervisor starts it. It yields to the workers (nice(2)), has a bound on what it may
open, and shares nothing with them but the store and the files: whatever is done to it, calls go
on.
"""

from __future__ import annotations

import asyncio
import functools
import os
import pickle
import resource
import signal
import socket
import sys
import time
from contextlib import AsyncExitStack, ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final

import structlog
import uvloop

from fastagi import service_log
from fastagi.alerts.notices import notices_into
from fastagi.call.ports import NoSightings
from fastagi.console.app import make_app
from fastagi.console.front import Front
from fastagi.console.operators.ports import Backstage, SingleSignOn
from fastagi.console.passwords import BOUNDS, make_passwords
from fastagi.console.ports import Ports
from fastagi.console.serving import Bounds, serve
from fastagi.daemon import heartbeat
from fastagi.daemon.asterisks import Asterisks
from fastagi.daemon.chores import begin_chore, end_chores, orphaned, reload_when_asked
from fastagi.daemon.ending_calls import CallEnder
from fastagi.daemon.hash_pool import THREADS, HashPool
from fastagi.daemon.keys import open_vault, read_secret
from fastagi.daemon.kinship import die_with
from fastagi.daemon.manager_logins import logins_of
from fastagi.daemon.places import policy_folder, store_url, versions_folder
from fastagi.daemon.sightings import sightings_into
from fastagi.daemon.single_sign_on import single_sign_on_of
from fastagi.daemon.webhooks import begin_webhooks
from fastagi.daemon.worker import Task, decision_log_of, keep_on_replicas, policies_of, ready
from fastagi.errors import DialguardError
from fastagi.stores.opening import open_store

if TYPE_CHECKING:
    from fastagi.call.ports import Sightings
    from fastagi.settings import Settings
    from fastagi.settings.model import ConsoleSettings

NICER: Final = 10
"""How much more it yields to others than the workers do; nice(2)."""

GUESSES_WAITING: Final = 8
"""PIN checks that may wait here; one thread does them."""

FILES_BESIDE: Final = 256
"""Descriptors it may open besides connections: the store's, the policy's, the log's."""

NOT_A_WORKER: Final = -1
"""In the place of a worker's number: it does none of the chores of the first."""

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Given:
    """What the process is given.

    Attributes:
        door: The listening socket.
        pipe: Where it says that it lives.
        memory: Where the workers keep the policies in force.
        local: The service's own folder, where rate sheets are shared; None for none.
        passwords: The listening socket at which Asterisk asks for passwords; None for none.
    """

    door: socket.socket
    pipe: int
    memory: int
    settings: Settings
    console: ConsoleSettings
    local: Path | None = None
    passwords: socket.socket | None = None
    sightings: Sightings = field(default_factory=NoSightings)


def main() -> int:
    """Run it; returns its exit status."""
    parent, door, pipe, memory = map(int, sys.argv[1:5])
    local = Path(sys.argv[5]) if sys.argv[5] else None
    settings: Settings = pickle.load(sys.stdin.buffer)  # noqa: S301 - the supervisor wrote it
    service_log.configure(process="console", overhear=notices_into(sys.argv[6]))
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGHUP, signal.SIG_IGN)  # until there is something to reload
    if not die_with(parent) or settings.console is None:
        return 1
    os.nice(NICER)
    limit_files(settings.console.connections)
    try:
        with ExitStack() as opened:
            inherited = [
                opened.enter_context(socket.socket(fileno=each))
                for each in (door, *map(int, sys.argv[8:9]))
            ]
            passwords = inherited[1] if len(inherited) > 1 else None
            uvloop.run(
                answer(
                    Given(
                        *(inherited[0], pipe, memory, settings, settings.console, local),
                        passwords=passwords,
                        sightings=sightings_into(sys.argv[7]),
                    )
                )
            )
    except (DialguardError, OSError) as error:
        log.error("console-cannot-start", error=str(error), cause=str(error.__cause__ or ""))
        return 1
    return 0


async def answer(given: Given) -> None:
    """Answer browsers until SIGTERM.

    Raises:
        DialguardError: It cannot start.
        OSError: The certificate or its key cannot be used.
    """
    settings, console = given.settings, given.console
    stopped, reload_asked = asyncio.Event(), asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stopped.set)
    asyncio.get_running_loop().add_signal_handler(signal.SIGHUP, reload_asked.set)
    chores: list[asyncio.Task[None]] = []
    async with AsyncExitStack() as opened:
        opened.push_async_callback(end_chores, chores)
        policies = policies_of(
            Task(NOT_A_WORKER, given.door, given.pipe, given.memory, settings, given.local)
        )
        store = open_store(store_url(settings))
        opened.push_async_callback(store.close)
        policies.also_tell(functools.partial(keep_on_replicas, store))
        await ready(store, is_successor=True)  # the page says so where the store is away
        hash_pool = HashPool(workers=THREADS, waiting=GUESSES_WAITING)
        opened.callback(hash_pool.close)
        decisions = decision_log_of(settings)
        opened.push_async_callback(asyncio.to_thread, decisions.close)
        vault = open_vault(settings.keys.file)
        logins = logins_of(settings)
        asterisks = Asterisks(logins, {each.node: each.sites for each in settings.ami})
        lent = settings.credentials
        ports = Ports(
            policies,
            store,
            vault,
            hash_pool,
            decisions,
            time.time,
            asterisks,
            unused_s=0 if lent is None else lent.unused_s,
            sightings=given.sightings,
        )
        chores += [begin_chore(f"ask {each.node}", asterisks.keep_link(each)) for each in logins]
        chores += [
            begin_chore("heartbeat", heartbeat.beat(given.pipe, orphaned)),
            begin_chore(
                "reload",
                reload_when_asked(policies, policy_folder(settings), vault, reload_asked),
            ),
        ]
        begin_webhooks(settings, store, time.time, opened)
        single_sign_on = single_sign_on_of(console, time.time)
        if single_sign_on is not None:
            opened.push_async_callback(single_sign_on.provider.close)
        if lent is not None and given.passwords is not None:
            secret = read_secret(lent.secret_file)
            answering = serve(
                make_passwords(ports.call, secret),
                given.passwords,
                BOUNDS,
                stopped,
                lambda: log.info("passwords-ready", address=str(lent.listen)),
            )
            chores.append(begin_chore("passwords", answering))
        await serve(
            make_app(ports, front_of(console), backstage_of(settings, ports, single_sign_on)),
            given.door,
            bounds_of(console),
            stopped,
            functools.partial(heartbeat.say, given.pipe, heartbeat.READY),
            certificate=console.certificate,
            private_key=console.private_key,
        )


def backstage_of(
    settings: Settings, ports: Ports, single_sign_on: SingleSignOn | None
) -> Backstage:
    """Return what the console for operators needs besides."""
    logins = logins_of(settings)
    ender = CallEnder(logins) if logins else None
    return Backstage(
        ports, settings.log.decisions, ender, single_sign_on, versions_folder(settings)
    )


def front_of(console: ConsoleSettings) -> Front:
    """Return how browsers reach it."""
    return Front(console.public_url, console.hosts, console.languages)


def bounds_of(console: ConsoleSettings) -> Bounds:
    """Return who may connect, and how often."""
    return Bounds(
        console.connections,
        console.peer_connections,
        console.proxies,
        proxies_only=console.certificate is None and not console.listen.host.is_loopback,
    )


def limit_files(connections: int) -> None:
    """Bound what it may open: also connections that have not got as far as to be counted."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = connections + FILES_BESIDE
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(wanted, most), most))


if __name__ == "__main__":  # pragma: no cover - as a process of its own
    sys.exit(main())
