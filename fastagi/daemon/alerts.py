"""The process that tells alerts: its store, what the log says, and nothing of a call's.

    python -m fastagi.daemon.alerts PARENT PIPE NOTICES LOCAL  < settings

is how the supervisor starts it. It yields to the workers (nice(2)), and shares nothing with them
but the store and the pipe: whatever becomes of it, or of those that it tells, calls go on.
"""

from __future__ import annotations

import asyncio
import os
import pickle
import signal
import socket
import sys
import time
from contextlib import AsyncExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Final

import structlog
import uvloop

from fastagi import service_log
from fastagi.alerts import sending
from fastagi.alerts.desk import Desk
from fastagi.alerts.notices import Reader
from fastagi.daemon import heartbeat
from fastagi.daemon.alert_targets import targets_of
from fastagi.daemon.chores import begin_chore, end_chores, orphaned
from fastagi.daemon.counting import alert_counts_of
from fastagi.daemon.kinship import die_with
from fastagi.daemon.places import store_url
from fastagi.errors import DialguardError
from fastagi.stores.opening import open_store

if TYPE_CHECKING:
    from fastagi.settings import Settings

NICER: Final = 10
"""How much more it yields to others than the workers do; nice(2)."""

READ_MOST: Final = 65_536

log = structlog.get_logger(__name__)


def main() -> int:
    """Run it; returns its exit status."""
    parent, pipe, notices = map(int, sys.argv[1:4])
    local = Path(sys.argv[4]) if sys.argv[4] else None
    settings: Settings = pickle.load(sys.stdin.buffer)  # noqa: S301 - the supervisor wrote it
    service_log.configure(process="alerts")
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGHUP, signal.SIG_IGN)  # its files are read at its start
    if not die_with(parent):
        return 1
    os.nice(NICER)
    try:
        uvloop.run(tell(settings, pipe, notices, local))
    except (DialguardError, OSError) as error:
        log.error("alerts-cannot-start", error=str(error), cause=str(error.__cause__ or ""))
        return 1
    return 0


async def tell(settings: Settings, pipe: int, notices: int, local: Path | None) -> None:
    """Tell alerts until SIGTERM.

    Args:
        settings: With who is told.
        pipe: Where it says that it lives.
        notices: What the service's log says is read from it.
        local: The service's own folder, for what is counted.

    Raises:
        DialguardError: It cannot start.
    """
    stopped = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stopped.set)
    targets = targets_of(settings)
    chores: list[asyncio.Task[None]] = []
    async with AsyncExitStack() as opened:
        meter = opened.enter_context(alert_counts_of(settings.metrics, local))
        store = open_store(store_url(settings))
        opened.push_async_callback(store.close)
        here = open_store("sqlite://:memory:")
        opened.push_async_callback(here.close)
        desk = Desk(store, here, targets, sending.send, socket.gethostname(), time.time, meter)
        opened.push_async_callback(end_chores, chores)  # before what they use is closed
        chores += [
            begin_chore("heartbeat", heartbeat.beat(pipe, orphaned)),
            begin_chore("alerts", desk.run()),
            begin_chore("hear", hear(desk, notices)),
        ]
        heartbeat.say(pipe, heartbeat.READY)
        await stopped.wait()


async def hear(desk: Desk, notices: int) -> None:
    """Hand what the service's log says to whoever tells it, until cancelled."""
    loop, reader = asyncio.get_running_loop(), Reader()
    readable = asyncio.Event()
    loop.add_reader(notices, readable.set)
    try:
        while True:
            readable.clear()
            try:
                read = os.read(notices, READ_MOST)
            except BlockingIOError:
                await readable.wait()
                continue
            if not read:  # every writer is gone, and so is the service
                return
            for said in reader.take(read):
                await desk.hear(said)
    finally:
        loop.remove_reader(notices)


if __name__ == "__main__":  # pragma: no cover - as a process of its own
    sys.exit(main())
