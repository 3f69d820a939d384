"""What `dialguard doctor` looks at of bans: who carries them out, and whether they are on."""

from __future__ import annotations

import asyncio
import socket
import time
from typing import TYPE_CHECKING, Final

from fastagi.bans import ban as bans
from fastagi.bans import filter as packet_filter
from fastagi.bans import present, table
from fastagi.cli.checkup import fail, ok, warn
from fastagi.daemon.bans import everybody_is_allowed, never_of
from fastagi.daemon.places import store_file, store_url
from fastagi.errors import FilterError, StoreError
from fastagi.stores.opening import open_store

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fastagi.bans.present import Present
    from fastagi.cli.checkup import Finding
    from fastagi.settings import Settings
    from fastagi.stores.store import Store

LOOKS: Final = 4
PAUSE_S: Final = 0.7
"""Between looks: the agent looks every second, and what was just written is not on yet."""

CURE: Final = "`systemctl status dialguard-bans`, and its log (docs/bans.md)"


def bans_are_carried_out(settings: Settings) -> Iterator[Finding]:
    """Whether there is an agent on this machine, and the packet filter as the store says."""
    file = store_file(settings)
    if file is not None and not file.exists():
        return
    try:
        there, agents = asyncio.run(_asked(settings))
    except (StoreError, PermissionError):  # which is told of with the store
        return
    if everybody_is_allowed(settings):
        yield warn(
            "nobody of a whole version of IP is ever banned: all of it is on the allow list",
            "name narrower networks in `[agi] allow` and `[bans] never`",
        )
    own = next((each for each in agents if each.name == socket.gethostname()), None)
    if own is None or not own.is_alive(time.time()):
        if there:
            yield warn(
                f"{_many(there)} in the store, and no agent on this machine carries them out",
                "start `deploy/dialguard-bans.service` (docs/bans.md), or lift them",
            )
        else:
            yield ok("nobody is banned; no agent on this machine would carry a ban out")
    elif own.wrong:
        yield fail(f"the agent cannot carry bans out: {own.wrong}", CURE)
    elif own.dry_run:
        yield warn(
            f"the agent only says what it would do, of {_many(there)}",
            "take `dry_run` out of `[bans]` once what it says is right",
        )
    else:
        yield asyncio.run(_held(settings, own))


async def _asked(settings: Settings) -> tuple[int, list[Present]]:
    store = open_store(store_url(settings))
    try:
        now = time.time()
        return len(await bans.every(store, now)), await present.every(store, now)
    finally:
        await store.close()


async def _held(settings: Settings, own: Present) -> Finding:
    """Hold the table against the store, where we may look."""
    by_its_word = ok(f"the agent carries {_many(own.on)} out, by its own word")
    if settings.bans.backend != "nftables":
        return by_its_word
    store = open_store(store_url(settings))
    try:
        for look in range(LOOKS):
            await asyncio.sleep(PAUSE_S if look else 0)
            if await _is_so(settings, store):
                return ok(f"the packet filter holds what the store says: {_many(own.on)}")
    except FilterError:  # not root, it may be
        return by_its_word
    finally:
        await store.close()
    return fail("the packet filter does not hold what the store says", CURE)


async def _is_so(settings: Settings, store: Store) -> bool:
    now = time.time()
    never = await never_of(settings).list(store, now)
    what, _ = table.wanted(await bans.every(store, now), never, settings.bans.ports, now)
    there = await packet_filter.listed()
    return there is not None and table.same(there.banned, what.bans)


def _many(count: int) -> str:
    return f"{count} ban{'' if count == 1 else 's'}"
