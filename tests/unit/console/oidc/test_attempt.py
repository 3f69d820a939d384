"""What a browser keeps of a sign-in that has begun."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from fastagi.console.oidc import attempt as attempts
from fastagi.console.oidc.attempt import LASTS_S, Attempt

if TYPE_CHECKING:
    from tests.unit.console.world import World


def test_it_comes_back_as_it_was(world: World) -> None:
    """And nobody reads it on the way."""
    attempt = Attempt(world.clock.now)
    text = attempts.sealed(attempt, world.ports.vault)
    assert attempts.opened(text, world.ports.vault, world.clock.now) == attempt
    assert not any(
        each in text or each in repr(attempt)
        for each in (attempt.state, attempt.nonce, attempt.verifier)
    )


def test_each_has_secrets_of_its_own(world: World) -> None:
    """None is of another."""
    one, other = Attempt(1.0), Attempt(1.0)
    secrets = {one.state, one.nonce, one.verifier, other.state, other.nonce, other.verifier}
    assert len(secrets) == 6
    assert all(43 <= len(each) <= 128 for each in secrets)


@pytest.mark.parametrize("later_s", [LASTS_S, 86_400.0, -1.0])
def test_it_does_not_last(world: World, later_s: float) -> None:
    """Nor is it of the future."""
    text = attempts.sealed(Attempt(world.clock.now), world.ports.vault)
    assert attempts.opened(text, world.ports.vault, world.clock.now + later_s) is None


@pytest.mark.parametrize("text", ["", "nonsense", "é", "gAAAAAB"])
def test_what_is_none_is_none(world: World, text: str) -> None:
    """Anybody can send a cookie."""
    assert attempts.opened(text, world.ports.vault, world.clock.now) is None


def test_what_is_sealed_for_others_is_none(world: World) -> None:
    """A session, say, that was read in the store."""
    text = world.ports.vault.seal('{"begun": 1}', "operator-session").decode()
    assert attempts.opened(text, world.ports.vault, world.clock.now) is None


async def test_it_is_used_up_once(world: World) -> None:
    """By whoever comes first."""
    attempt = Attempt(world.clock.now)
    assert await attempts.use_up(attempt, world.ports)
    assert not await attempts.use_up(attempt, world.ports)
    assert await attempts.use_up(Attempt(world.clock.now), world.ports)
