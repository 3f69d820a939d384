"""What a process of the service does beside what it is there for, in the same event loop."""

from __future__ import annotations

import asyncio
import contextlib
import os
from typing import TYPE_CHECKING

import structlog

from fastagi.daemon.reload import watch, watch_beside
from fastagi.errors import VaultError

if TYPE_CHECKING:
    from collections.abc import Coroutine, Sequence
    from pathlib import Path

    from fastagi.daemon.reload import PoliciesInForce, Reloaded
    from fastagi.second_factor.vault import Vault

log = structlog.get_logger(__name__)


def begin_chore(name: str, work: Coroutine[None, None, None]) -> asyncio.Task[None]:
    """Do something beside the calls; should it break, the calls go on and the log says so."""
    chore = asyncio.create_task(work, name=name)
    chore.add_done_callback(_tell_broken)
    return chore


async def end_chores(chores: Sequence[asyncio.Task[None]]) -> None:
    """End them, and wait until they have."""
    for chore in chores:
        chore.cancel()
    await asyncio.gather(*chores, return_exceptions=True)


def _tell_broken(chore: asyncio.Task[None]) -> None:
    broke = None if chore.cancelled() else chore.exception()
    if broke is not None:
        log.error("chore-broke", chore=chore.get_name(), exc_info=broke)


async def reload_when_asked(
    policies: PoliciesInForce,
    folder: Path,
    vault: Vault | None,
    asked: asyncio.Event,
    shadows: Reloaded | None = None,
) -> None:
    """Reload policies and keys at SIGHUP, and policies when their files or lists change.

    Where there is no vault, there are no keys. Policies in shadow come after those in force, which
    never wait for them: a rate sheet beside them may take long.
    """
    after = asyncio.Event()

    async def changed() -> None:
        await policies.reload()
        after.set()

    # What is seen now is older than what `watch` reads as it begins: no change falls between.
    seen = await asyncio.to_thread(policies.files_beside)
    looking = [watch_beside(policies, seen)]
    if shadows is not None:
        looking += [watch_beside(shadows, {}), _reload_after(shadows, after)]
    watching = asyncio.gather(watch(folder, changed), *looking)
    try:
        while True:
            await asked.wait()
            asked.clear()
            if vault is not None:
                renew(vault)
            await policies.reload(asked=True)
            after.set()
    finally:
        watching.cancel()
        with contextlib.suppress(asyncio.CancelledError):  # unasked for, asyncio complains of it
            await watching


async def _reload_after(shadows: Reloaded, after: asyncio.Event) -> None:
    while True:
        await after.wait()
        after.clear()
        await shadows.reload()


def renew(vault: Vault) -> None:
    """Read the keys again; those at hand stay where that fails."""
    try:
        if vault.renew():
            log.warning("key-file-reread", count=len(vault.key_ids))
    except VaultError as error:
        log.error("key-file-refused", error=str(error), cause=str(error.__cause__ or ""))


def orphaned() -> None:
    """End at once: without a supervisor there is no watchdog, and the port must be free."""
    log.error("supervisor-is-dead")
    os._exit(1)
