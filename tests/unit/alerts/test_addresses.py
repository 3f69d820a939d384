"""Where somebody has signed in from before."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from fastagi.alerts.addresses import MOST, REMEMBERED_S, is_new, learn, place_of
from tests.unit.alerts.conftest import NOW

if TYPE_CHECKING:
    from tests.doubles.shaky_store import ShakyStore


@pytest.mark.parametrize(
    ("address", "place"),
    [
        ("192.0.2.77", "192.0.2.0/24"),
        ("2001:db8::1:2:3:4", "2001:db8::/64"),
        ("", ""),
        ("nonsense", ""),
    ],
)
def test_a_place_is_what_a_network_hands_out_by_itself(address: str, place: str) -> None:
    """A phone that gets its next address from its router is where it was."""
    assert place_of(address) == place


async def test_a_place_is_new_until_it_is_known(shaky: ShakyStore) -> None:
    """Of each person for themself, and for as long as it is remembered."""

    async def is_it(address: str, who: str = "101", now: float = NOW) -> bool:
        return await is_new(shaky.store, "office", who, address, now)

    assert await is_it("192.0.2.7")
    await learn(shaky.store, "office", "101", "192.0.2.7", NOW)
    assert not await is_it("192.0.2.9")
    assert await is_it("198.51.100.1")
    assert await is_it("192.0.2.7", "102")
    assert not await is_it("")
    assert await is_it("192.0.2.7", now=NOW + REMEMBERED_S)


async def test_no_sign_in_after_the_first_of_a_day_is_written(shaky: ShakyStore) -> None:
    """A thousand phones that sign in all day cost nothing."""
    for second in range(60):
        await learn(shaky.store, "office", "101", "192.0.2.7", NOW + second)
    await learn(shaky.store, "office", "101", "", NOW)
    assert shaky.asked.count("put_record") == 1


async def test_places_are_bounded(shaky: ShakyStore) -> None:
    """Whoever signs in from everywhere fills nothing; the oldest are forgotten."""
    for n in range(MOST + 1):
        await learn(shaky.store, "office", "101", f"10.0.{n}.1", NOW + n)
    assert await is_new(shaky.store, "office", "101", "10.0.0.1", NOW + MOST)
    assert not await is_new(shaky.store, "office", "101", "10.0.1.1", NOW + MOST)


async def test_of_two_who_learn_at_a_moment_both_are_kept(shaky: ShakyStore) -> None:
    """The second finds that it was not alone."""

    async def other() -> None:
        shaky.before.clear()
        await learn(shaky.store, "office", "101", "10.0.1.1", NOW)

    shaky.before["put_record"] = other
    await learn(shaky.store, "office", "101", "10.0.2.1", NOW)
    for address in ("10.0.1.1", "10.0.2.1"):
        assert not await is_new(shaky.store, "office", "101", address, NOW)
