"""Invitations: a link, good once, with which one extension is enrolled."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, TypeVar

import pyotp
import pytest

from fastagi.call import invitations
from fastagi.call.invitations import WrongCode, accept, draft_of, finish, invite, withdraw
from fastagi.errors import WeakPinError
from fastagi.second_factor import pin, recovery

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.unit.call.conftest import World

Found = TypeVar("Found")

SITE = "office"
NEW_PIN = "80911"


async def invited(world: World, extension: str = "101", lasts_s: float = 3600.0) -> str:
    """Return the token of an invitation."""
    return await invite(world.store, SITE, extension, world.clock.now + lasts_s, world.clock.now)


async def begun(world: World, extension: str = "101") -> str:
    """Return the key to a draft."""
    key = await accept(SITE, await invited(world, extension), world.ports)
    assert key is not None
    return key


async def code_of(world: World, key: str) -> str:
    """Return a code of a draft's secret."""
    draft = await draft_of(SITE, key, world.ports)
    assert draft is not None
    return pyotp.TOTP(draft.secret).at(int(world.clock.now))


async def test_an_invitation_enrols_once(world: World) -> None:
    """With a PIN, codes and recovery codes that the service takes."""
    key = await begun(world)
    code = await code_of(world, key)
    codes = await finish(SITE, key, NEW_PIN, code, world.ports)
    assert isinstance(codes, tuple)
    present = await world.store.enrolment(SITE, "101")
    assert present is not None
    assert pin.verify_pin(world.ports.vault, SITE, "101", NEW_PIN, present.pin)
    digests = {recovery.digest(world.ports.vault, SITE, "101", each) for each in codes}
    assert present.recovery == digests
    assert await draft_of(SITE, key, world.ports) is None
    assert await finish(SITE, key, NEW_PIN, code, world.ports) is None


async def test_the_code_that_confirmed_it_is_burnt(world: World) -> None:
    """Whoever looked over the shoulder cannot sign in with it."""
    key = await begun(world)
    await finish(SITE, key, NEW_PIN, await code_of(world, key), world.ports)
    present = await world.store.enrolment(SITE, "101")
    assert present is not None
    assert not await world.store.claim_step(SITE, present, int(world.clock.now) // 30)


async def test_a_token_is_good_once(world: World) -> None:
    """The second to open the link gets nothing."""
    token = await invited(world)
    assert await accept(SITE, token, world.ports) is not None
    assert await accept(SITE, token, world.ports) is None


@pytest.mark.parametrize("token", ["", "x", "\ud800", "../../x", "x" * 10_000])
async def test_what_is_no_token_is_good_for_nothing(world: World, token: str) -> None:
    """Nor for trouble."""
    await invited(world)
    assert await accept(SITE, token, world.ports) is None
    assert await draft_of(SITE, token, world.ports) is None


async def test_a_token_is_of_its_site(world: World) -> None:
    """The same extension of another site is another."""
    token = await invited(world)
    assert await accept("branch", token, world.ports) is None
    assert await accept(SITE, token, world.ports) is not None


async def test_an_invitation_is_over_in_time(world: World) -> None:
    """And so is what was begun with it."""
    token = await invited(world, lasts_s=60)
    world.clock.now += 60
    assert await accept(SITE, token, world.ports) is None
    key = await begun(world)
    code = await code_of(world, key)
    world.clock.now += invitations.DRAFT_S
    assert await finish(SITE, key, NEW_PIN, code, world.ports) is None


async def test_until_it_is_finished_nothing_has_changed(world: World) -> None:
    """A wrong code, or a weak PIN, leaves the draft, too, for another try."""
    before = await world.store.enrolment(SITE, "101")
    key = await begun(world)
    assert isinstance(await finish(SITE, key, NEW_PIN, "000000", world.ports), WrongCode)
    code = await code_of(world, key)
    assert isinstance(await finish(SITE, key, "1234", code, world.ports), WeakPinError)
    assert isinstance(await finish(SITE, key, "x", code, world.ports), WeakPinError)
    assert await world.store.enrolment(SITE, "101") == before
    assert isinstance(await finish(SITE, key, NEW_PIN, code, world.ports), tuple)


async def test_a_new_invitation_voids_the_older_ones(world: World) -> None:
    """Of the same extension; a draft too."""
    first, key, others = await invited(world), "", await invited(world, "102")
    key = await begun(world)
    assert await accept(SITE, first, world.ports) is None
    await invited(world)
    assert await draft_of(SITE, key, world.ports) is None
    assert await accept(SITE, others, world.ports) is not None


async def test_what_is_withdrawn_enrols_nobody(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However many there are."""
    monkeypatch.setattr(invitations, "PAGE", 2)
    keys = [await begun(world, str(each)) for each in range(101, 106)]
    token = await invited(world, "106")
    assert await withdraw(world.store, SITE, "105", world.clock.now) == 1
    assert await withdraw(world.store, SITE, "105", world.clock.now) == 0
    assert await withdraw(world.store, SITE, "106", world.clock.now) == 1
    assert await accept(SITE, token, world.ports) is None
    drafts = [await draft_of(SITE, key, world.ports) for key in keys]
    assert [draft is None for draft in drafts] == [False] * 4 + [True]


async def test_of_two_who_finish_one_does(world: World) -> None:
    """The other finds nothing, and changes nothing."""
    key = await begun(world)
    code = await code_of(world, key)

    class Slow:
        """Another is quicker meanwhile."""

        async def run(self, check: Callable[[], Found], site: str) -> Found:
            await finish(SITE, key, "70913", code, world.ports)
            return check()

    slow = replace(world.ports, hash_pool=Slow())
    assert await finish(SITE, key, NEW_PIN, code, slow) is None
    present = await world.store.enrolment(SITE, "101")
    assert present is not None
    assert pin.verify_pin(world.ports.vault, SITE, "101", "70913", present.pin)


async def test_nothing_secret_is_in_the_store_in_the_clear(world: World) -> None:
    """Neither token, nor key, nor the new secret."""
    token = await invited(world, "102")
    key = await begun(world)
    draft = await draft_of(SITE, key, world.ports)
    assert draft is not None
    kept = [
        each
        for kind in (invitations.INVITATION, invitations.DRAFT)
        for each in await world.store.records(SITE, kind, "", 10, world.clock.now)
    ]
    assert len(kept) == 2
    for secret in (token, key, draft.secret):
        assert secret not in repr(kept)
    assert draft.secret not in repr(draft)
    assert all(json.loads(each.text)["extension"] in {"101", "102"} for each in kept)
