"""The stores that must keep the contract. Another one is one line in `ALL_KINDS`.

Environment:
    DIALGUARD_STORES: only these kinds, by name: `DIALGUARD_STORES=sqlite,redis make unit`.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypedDict

from fastagi.stores.store import Hold, Lease, Penalty, Subject, SubjectKind
from tests.servers.farm import empty_store

if TYPE_CHECKING:
    from collections.abc import Coroutine
    from typing import Unpack

    from fastagi.stores.store import Store


@dataclass(frozen=True)
class Kind:
    """A kind of store.

    Attributes:
        url: Makes the URL of a new, empty store; in a folder, if it wants one.
        is_shared: Whether several processes can open the same one.
        is_costly: Whether it is a kind whose like is tried already, and slower: one loop and
            fewer examples are enough for what differs.
    """

    name: str
    url: Callable[[Path], str]
    is_shared: bool
    is_costly: bool = False


def _served(name: str, *, is_costly: bool = True) -> Kind:
    """Return a kind that real servers keep, in `tests.servers`."""

    def url(_: Path) -> str:
        return empty_store(name)

    return Kind(name, url, is_shared=True, is_costly=is_costly)


ALL_KINDS = [
    Kind("sqlite", lambda folder: f"sqlite://{folder / 'store.db'}", is_shared=True),
    Kind("sqlite-in-memory", lambda _: "sqlite://:memory:", is_shared=False),
    _served("redis", is_costly=False),
    _served("redis-tls-acl"),
    _served("redis-cluster"),
    _served("redis-sentinel"),
    _served("valkey"),
]


def _wanted() -> list[Kind]:
    """Return the kinds that are asked for; all of them, if nobody says."""
    names = [name for name in os.environ.get("DIALGUARD_STORES", "").split(",") if name]
    unknown = set(names) - {kind.name for kind in ALL_KINDS}
    if unknown:
        raise ValueError(f"`DIALGUARD_STORES` names no kind of store: {sorted(unknown)}")
    return [kind for kind in ALL_KINDS if not names or kind.name in names]


KINDS = _wanted()

SHARED = [kind for kind in KINDS if kind.is_shared]

SOON_S = 5.0
"""How long what nobody waits for may take, on a slow machine."""

SITE = "office"
NODE = "127.0.0.1"
ROME = "+390612345678"
EXTENSION = Subject(SubjectKind.EXTENSION, "101", 3)
ADDRESS = Subject(SubjectKind.ADDRESS, "10.0.0.5", 5)
PENALTY = Penalty(for_s=60, at_most_s=600)


class Changes(TypedDict, total=False):
    """Fields of a lease that a test cares about."""

    site: str
    number: str
    node: str
    extension: str
    country: str
    since: float
    expires: float


async def give_up(store: Store, asked: Coroutine[Any, Any, object]) -> None:
    """Ask a busy store, and give up before it can have begun."""
    before = [asyncio.create_task(store.take(a_lease(f"before-{n}"), 0.0)) for n in range(50)]
    task = asyncio.create_task(asked)
    await asyncio.sleep(0)  # all of them ask
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task
    await asyncio.gather(*before)


def two_at_a_time(extension: str = "101") -> Hold:
    """Return a slot of a limit that has two."""
    return Hold("two-at-a-time", extension, 2)


def a_lease(call: str, *holds: Hold, **changes: Unpack[Changes]) -> Lease:
    """Return a lease from 0 to 1000."""
    lease = Lease(
        site=SITE,
        call=call,
        number=ROME,
        extension="101",
        country="IT",
        category="international",
        channel="PJSIP/101-0000002a",
        node=NODE,
        rule="abroad",
        reference="4711",
        seconds=940,
        since=0.0,
        expires=1000.0,
        holds=holds,
    )
    return replace(lease, **changes)
