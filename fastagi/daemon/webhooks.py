"""The chores that serve webhooks beside the web."""

from __future__ import annotations

import socket
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING

from fastagi.daemon.chores import begin_chore, end_chores
from fastagi.daemon.hooks import hooks_of
from fastagi.webhooks.messenger import Messenger
from fastagi.webhooks.post import Post

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable

    from fastagi.settings import Settings
    from fastagi.stores.store import Store


def begin_webhooks(
    settings: Settings, store: Store, clock: Callable[[], float], opened: AsyncExitStack
) -> None:
    """Begin to serve every webhook, until the stack is left.

    Raises:
        SettingsError: As `hooks_of`.
    """
    chores: list[asyncio.Task[None]] = []
    record = settings.log.decisions
    machine = f"{socket.gethostname()}:{record.absolute()}"  # two services may share a machine
    for hook in hooks_of(settings):
        post = Post(hook)
        opened.push_async_callback(post.close)
        messenger = Messenger(store, hook, post, record, machine, clock)
        chores.append(begin_chore(f"webhook {hook.host}", messenger.run()))
    opened.push_async_callback(end_chores, chores)  # before what they use is closed
