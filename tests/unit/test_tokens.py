"""Tokens: what a program shows to act for a site."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import pytest

from fastagi import tokens
from fastagi.numbering.pattern import Pattern
from fastagi.stores.opening import open_store
from fastagi.tokens import Scope

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from fastagi.stores.store import Store

NOW = 1_800_000_000.0
READS = frozenset({Scope.READ_SIGN_INS})


@pytest.fixture
async def store() -> AsyncIterator[Store]:
    """A store in memory."""
    opened = open_store("sqlite://:memory:")
    yield opened
    await opened.close()


async def made(store: Store, name: str = "crm", until: float | None = NOW + 60) -> str:
    """Make a token that may read."""
    return await tokens.add(store, "office", name, READS, (), until, NOW)


async def test_a_token_is_found_by_itself_only(store: Store) -> None:
    """With what it may do; and not at another site, nor at none."""
    secret = await made(store)
    assert tokens.TOKEN.fullmatch(secret)
    found = await tokens.find(store, "office", secret, NOW)
    assert found is not None
    assert (found.name, found.scopes, found.used) == ("crm", READS, None)
    assert (found.may(Scope.READ_SIGN_INS), found.may(Scope.WRITE_SIGN_INS)) == (True, False)
    for site, shown in (
        ("home", secret),
        (None, secret),
        ("office", secret[:-1] + ("a" if secret[-1] != "a" else "b")),
        ("office", secret.upper()),
        ("office", f"{secret}\n"),
        ("office", ""),
    ):
        assert await tokens.find(store, site, shown, NOW) is None


async def test_nothing_that_is_kept_is_the_token(store: Store) -> None:
    """A stolen store opens nothing."""
    secret = await made(store)
    (kept,) = await store.records("office", tokens.KIND, "", 10, NOW)
    assert secret.removeprefix(tokens.PREFIX) not in kept.key + kept.text
    assert await tokens.find(store, "office", kept.key, NOW) is None
    assert await tokens.find(store, "office", tokens.PREFIX + kept.key[:43], NOW) is None


async def test_a_token_ends_at_its_moment(store: Store) -> None:
    """And one that has none lives on."""
    brief, lasting = await made(store), await made(store, "lasting", None)
    assert await tokens.find(store, "office", brief, NOW + 59.9) is not None
    assert await tokens.find(store, "office", brief, NOW + 60) is None
    assert await tokens.find(store, "office", lasting, NOW + 1e9) is not None


async def test_a_token_is_removed_by_name(store: Store) -> None:
    """From that moment; the others stay."""
    secret, other = await made(store), await made(store, "other")
    assert await tokens.remove(store, "office", "crm", NOW)
    assert not await tokens.remove(store, "office", "crm", NOW)
    assert not await tokens.remove(store, "home", "other", NOW)
    assert await tokens.find(store, "office", secret, NOW) is None
    assert await tokens.find(store, "office", other, NOW) is not None


async def test_its_use_is_noted_now_and_then(store: Store) -> None:
    """Not at every request."""
    secret = await made(store, until=None)
    for at, noted in ((1.0, 1.0), (60.9, 1.0), (61.0, 61.0), (0.5, 0.5)):
        token = await tokens.find(store, "office", secret, NOW + at)
        assert token is not None
        await tokens.note_use(store, token, NOW + at)
        after = await tokens.find(store, "office", secret, NOW + at)
        assert after == dataclasses.replace(token, used=NOW + noted)


async def test_a_removed_token_is_not_brought_back_by_its_use(store: Store) -> None:
    """The request that was under way as it was removed is its last."""
    secret = await made(store)
    token = await tokens.find(store, "office", secret, NOW)
    assert token is not None
    await tokens.remove(store, "office", "crm", NOW)
    await tokens.note_use(store, token, NOW)
    assert await tokens.find(store, "office", secret, NOW) is None


async def test_a_token_speaks_for_its_extensions(store: Store) -> None:
    """By Asterisk's patterns; for all of them where none are given."""
    patterns = (Pattern("1XX"), Pattern("alice"))
    secret = await tokens.add(store, "office", "crm", READS, patterns, None, NOW)
    token = await tokens.find(store, "office", secret, NOW)
    assert token is not None
    for extension, spoken_for in (("101", True), ("alice", True), ("201", False), ("1011", False)):
        assert token.speaks_for(extension) is spoken_for
    assert dataclasses.replace(token, extensions=()).speaks_for("201")


async def test_tokens_are_listed_by_name(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """All of them, page by page, and of this site only."""
    monkeypatch.setattr(tokens, "PAGE", 2)
    for name in ("c", "a", "e", "b", "d"):
        await made(store, name)
    await tokens.add(store, "home", "z", READS, (), None, NOW)
    assert [each.name for each in await tokens.every(store, "office", NOW)] == list("abcde")


@pytest.mark.parametrize("name", ["", "a b", "-a", "a" * 65, "a\n", "crm"])
async def test_a_name_that_cannot_be_is_refused(store: Store, name: str) -> None:
    """Or that is taken: of two by one name nobody would know which to remove."""
    await made(store)
    with pytest.raises(ValueError, match="name"):
        await made(store, name)


async def test_a_token_that_may_do_nothing_is_not_made(store: Store) -> None:
    """Somebody forgot to say what it is for."""
    with pytest.raises(ValueError, match="can do nothing"):
        await tokens.add(store, "office", "crm", (), (), None, NOW)
