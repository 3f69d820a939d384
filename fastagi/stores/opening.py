"""A store by its URL; the only place that knows which kinds there are."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from fastagi.errors import StoreError

if TYPE_CHECKING:
    from fastagi.stores.store import Store

MEMORY: Final = ":memory:"

REDIS: Final = frozenset(
    {"redis", "rediss", "redis+sentinel", "rediss+sentinel", "redis+cluster", "rediss+cluster"}
)
"""The schemes of Redis."""


def open_store(url: str) -> Store:
    """Open the store that a URL names; in the process that uses it, never before a fork.

    Args:
        url: `sqlite:///var/lib/dialguard/dialguard.db`, `sqlite://beside/me.db` (relative to the
            working folder) or `sqlite://:memory:`. What follows `sqlite://` is the path, letter
            by letter: nothing in it is decoded. Of Redis see `redis.client.read_url`.

    Raises:
        StoreError: There is no such kind of store, or it cannot be opened.
    """
    scheme, separator, path = url.partition("://")
    if separator and scheme in REDIS:
        from fastagi.stores import redis  # its driver takes as long to import as all the rest

        return redis.open_store(url)
    if not separator or scheme != "sqlite":
        # The rest of the URL is not shown: it may hold a password.
        raise StoreError(
            f"`{scheme if separator else ''}` is no kind of store that this version has; "
            "write `sqlite:///var/lib/dialguard/dialguard.db`, or `redis://` and a server"
        )
    if not path:
        raise StoreError("`sqlite://` names no file; write `sqlite:///` and its path")
    from fastagi.stores import sqlite  # as Redis: who has the one has not the other

    return sqlite.open_store(None if path == MEMORY else Path(path))
