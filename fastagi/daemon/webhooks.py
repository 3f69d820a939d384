"""Webhooks as the settings have them, and the chores that serve them beside the web."""

from __future__ import annotations

import socket
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING

from fastagi.daemon.chores import begin_chore, end_chores
from fastagi.daemon.keys import read_secret
from fastagi.events.event import Kind
from fastagi.webhooks.hook import Hook
from fastagi.webhooks.messenger import Messenger
from fastagi.webhooks.post import Post

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable

    from fastagi.settings import Settings
    from fastagi.stores.store import Store


def hooks_of(settings: Settings) -> list[Hook]:
    """Return who is told.

    Raises:
        SettingsError: A secret cannot be read, everybody can read it, or it is too short.
    """
    return [
        Hook(
            each.url,
            read_secret(each.secret_file),
            frozenset(map(Kind, each.events)),
            frozenset(each.sites),
        )
        for each in settings.webhook
    ]


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
