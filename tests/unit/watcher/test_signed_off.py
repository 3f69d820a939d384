"""Live calls of sign-ins that are over."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from fastagi.stores.sign_ins import SignedOff
from fastagi.watcher.signed_off import LOCKED_OUT_S
from tests.unit.watcher.samples import NUMBER, lease, policy, row, signed_in, until
from tests.unit.watcher.world import NOW, World, turns

if TYPE_CHECKING:
    from collections.abc import Sequence

    from structlog.typing import EventDict

    from fastagi.stores.sign_ins import SignIn

ENDS = '[sign-in]\ncalls = "end"\n'


@pytest.fixture
async def busy(world: World) -> World:
    """A world with three calls of 101: by a sign-in, by another one, and by none."""
    world.policies = [policy(ENDS)]
    world.manager.rows = [
        row("1", "PJSIP/my-trunk-00000001", f"one:{NUMBER}:"),
        row("2", "PJSIP/my-trunk-00000002", f"two:{NUMBER}:"),
        row("3", "PJSIP/my-trunk-00000003", f"none:{NUMBER}:"),
    ]
    world.shelf.people = [signed_in("in-one"), signed_in("in-two")]
    world.shelf.leases = [
        lease("one", since=NOW, sign_in="in-one"),
        lease("two", since=NOW, sign_in="in-two"),
        lease("none", since=NOW),
    ]
    await world.listed()
    await turns()
    return world


def end(world: World, id: str, why: SignedOff = SignedOff.OPERATOR, ended: float = NOW) -> None:
    """Have a sign-in be over."""
    world.shelf.people = [
        replace(each, ended=ended, why=why) if each.id == id else each
        for each in world.shelf.people
    ]


async def test_exactly_the_calls_of_a_sign_in_that_is_over_end(
    busy: World, service_said: list[EventDict]
) -> None:
    """And that is told."""
    assert busy.hung_up == []
    end(busy, "in-one")
    await until(lambda: busy.hung_up != [])
    await turns()
    assert set(busy.hung_up) == {"1"}
    told = [each for each in service_said if each["event"] == "call-ended"]
    assert told[0]["why"] == "signed off"


async def test_a_lockout_that_may_be_taken_back_ends_no_call_yet(busy: World) -> None:
    """Who keys the right code at the last try is locked out while it is looked at."""
    end(busy, "in-one", SignedOff.LOCKOUT, NOW - LOCKED_OUT_S / 2)
    await turns()
    assert busy.hung_up == []
    end(busy, "in-one", SignedOff.LOCKOUT, NOW - LOCKED_OUT_S)
    await until(lambda: busy.hung_up != [])
    assert set(busy.hung_up) == {"1"}


async def test_a_sign_in_that_nobody_remembers_is_over(busy: World) -> None:
    """It ended more than a day ago, or was lost with its store."""
    busy.shelf.people = busy.shelf.people[1:]
    await until(lambda: busy.hung_up != [])
    assert set(busy.hung_up) == {"1"}


@pytest.mark.parametrize("written", ["", '[sign-in]\ncalls = "keep"\n'])
async def test_elsewhere_they_go_on(busy: World, written: str) -> None:
    """The policy keeps them, or says nothing."""
    busy.policies = [policy(written), policy(ENDS, "branch")]
    await turns()
    end(busy, "in-one")
    await turns()
    assert busy.hung_up == []


async def test_another_asterisk_ends_its_own(busy: World) -> None:
    """Calls of two may be named alike."""
    busy.shelf.leases[0] = lease("one", since=NOW, sign_in="in-one", node="pbx-2")
    await turns()
    end(busy, "in-one")
    await turns()
    assert busy.hung_up == []


async def test_a_sign_in_that_the_list_lacks_is_asked_about(
    busy: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It may have been opened as the list was made: what the store says of it alone counts."""

    async def none(site: str | None, now: float) -> Sequence[SignIn]:
        return ()

    monkeypatch.setattr(busy.shelf, "sign_ins", none)
    await turns()
    assert busy.hung_up == []
    end(busy, "in-one")
    await until(lambda: busy.hung_up != [])
    assert set(busy.hung_up) == {"1"}
