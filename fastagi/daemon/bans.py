"""The agent that carries bans out, as a process of its own: it alone may change the packet filter.

It is no child of the service's: that has no right to anything, and what is banned stays so while
the service is being mended. All it reads is the settings and the store.
"""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import time
from typing import TYPE_CHECKING, Final

import structlog
import uvloop

from fastagi import service_log
from fastagi.bans.agent import Agent
from fastagi.bans.allow import Never
from fastagi.bans.filter import Fail2ban, Nftables, Nobody
from fastagi.daemon.chores import begin_chore, end_chores
from fastagi.daemon.places import store_url
from fastagi.daemon.systemd import READY, STOPPING, WATCHDOG, Systemd
from fastagi.stores.opening import REDIS, open_store

if TYPE_CHECKING:
    from fastagi.bans.filter import Filter
    from fastagi.bans.network import Network
    from fastagi.settings import Settings

EVERYBODY: Final = 0
"""The prefix of a network that everybody is in."""

log = structlog.get_logger(__name__)


def never_of(settings: Settings) -> Never:
    """Return who is never banned: whom the settings name, and whatever this service needs."""
    named: list[tuple[Network, str]] = [
        *((each, "`[bans] never` says so") for each in settings.bans.never),
        *((each, "`[agi] allow` lets it in") for each in settings.agi.allow),
    ]
    if settings.console is not None:
        named += [(each, "it is in `[console] proxies`") for each in settings.console.proxies]
    if settings.metrics is not None:
        named += [(each, "`[metrics] allow` lets it in") for each in settings.metrics.allow]
    return Never(named, _machines(settings))


def _machines(settings: Settings) -> dict[str, str]:
    """Name the machines that this one speaks to by itself, with why."""
    found = {each.host: "`[[ami]]` is there" for each in settings.ami}
    url = store_url(settings)
    if url.partition("://")[0] in REDIS:
        from fastagi.stores.redis.client import read_url  # only for who has one; takes long

        found |= {host: "the store is there" for host, _ in read_url(url).hosts}
    return found


def everybody_is_allowed(settings: Settings) -> bool:
    """Whether all of IPv4 or of IPv6 is on the allow list, so that none of it is ever banned."""
    return any(each.prefixlen == EVERYBODY for each in (*settings.bans.never, *settings.agi.allow))


def carried_out_by(settings: Settings) -> Filter:
    """Return whoever carries bans out."""
    if settings.bans.dry_run:
        return Nobody()
    return Nftables() if settings.bans.backend == "nftables" else Fail2ban()


def run(settings: Settings) -> int:
    """Run the agent until SIGTERM or Ctrl-C; return the exit status.

    Raises:
        StoreError: There is no such store.
    """
    service_log.configure(process="bans")
    return uvloop.run(_run(settings))


async def _run(settings: Settings) -> int:
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for each in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(each, stopped.set)
    if everybody_is_allowed(settings):
        log.warning("bans-touch-nobody", error="the settings allow a whole version of IP")
    store = open_store(store_url(settings))
    agent = Agent(
        store,
        never_of(settings),
        carried_out_by(settings),
        time.time,
        socket.gethostname(),
        settings.bans.ports,
        settings.bans.dry_run,
    )
    systemd = Systemd.of(os.environ)
    chores: list[asyncio.Task[None]] = []
    try:
        chores.append(begin_chore("bans", _look(agent, systemd)))
        systemd.tell(READY)
        log.info("bans-agent-started", backend=settings.bans.backend, dry_run=agent.dry_run)
        waiting = asyncio.create_task(stopped.wait())
        # Should looking ever break, the process ends, and is started again.
        await asyncio.wait([waiting, *chores], return_when=asyncio.FIRST_COMPLETED)
        waiting.cancel()
        return 0 if stopped.is_set() else 1
    finally:
        systemd.tell(STOPPING)
        await end_chores(chores)
        await store.close()
        log.info("bans-agent-ended")


async def _look(agent: Agent, systemd: Systemd) -> None:
    async def alive() -> None:
        while True:
            systemd.tell(WATCHDOG)
            await asyncio.sleep(systemd.watchdog_s or 60.0)

    beating = asyncio.create_task(alive())
    try:
        await agent.run()
    finally:
        beating.cancel()
