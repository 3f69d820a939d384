"""Every end and every extension of a lease is told, and changes nothing for who asked."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from fastagi.errors import StoreError
from fastagi.shadows.following import followed
from fastagi.stores.opening import open_store
from tests.contract.store_kinds import NODE, ROME, SITE, a_lease
from tests.doubles.shaky_store import ShakyStore

if TYPE_CHECKING:
    from pathlib import Path


class Follower:
    """Who is told, in a list."""

    def __init__(self) -> None:
        self.told: list[tuple[object, ...]] = []

    def released(self, *what: object) -> None:
        """Take it in."""
        self.told.append(("released", *what))

    def extended(self, *what: object) -> None:
        """Take it in."""
        self.told.append(("extended", *what))

    def renewed(self, *what: object) -> None:
        """Take it in."""
        self.told.append(("renewed", *what))


async def test_whatever_becomes_of_a_lease_is_told(tmp_path: Path) -> None:
    """What did not come to pass is not; but an end is, also where the store fails."""
    follower = Follower()
    shaky = ShakyStore(open_store(f"sqlite://{tmp_path / 'x.db'}"))
    store = followed(shaky.store, follower)
    lease = a_lease("a")
    await store.take(lease, 0.0)
    of = (SITE, "a", ROME, NODE)
    assert await store.renew(*of, lease.expires + 60, 0.0)
    assert not await store.renew(SITE, "b", ROME, NODE, 60.0, 0.0)
    longer = await store.extend(*of, 10, 0.0)
    assert longer is not None
    assert await store.extend(SITE, "b", ROME, NODE, 10, 0.0) is None
    assert await store.release(*of, 1.0, 7) == 1
    shaky.away = True
    with pytest.raises(StoreError):
        await store.release(SITE, "a", None, None, 1.0)
    assert follower.told == [
        ("renewed", *of, lease.expires + 60),
        ("extended", *of, longer.lease.seconds),
        ("released", *of, 7),
        ("released", SITE, "a", None, None, None),
    ]
    await shaky.behind.close()


async def test_everything_else_goes_straight_to_the_store(tmp_path: Path) -> None:
    """And is fetched from it once."""
    behind = open_store(f"sqlite://{tmp_path / 'x.db'}")
    store = followed(behind, Follower())
    await store.ready()
    assert store.take == behind.take
    assert vars(store)["take"] == behind.take
    await behind.close()
