"""The store is waited for, but not for ever."""

from __future__ import annotations

import asyncio

import pytest

from fastagi.call import ports
from fastagi.call.ports import soon
from fastagi.errors import StoreError


async def test_an_answer_in_time_is_the_answer() -> None:
    """What comes in time comes through."""

    async def answer() -> int:
        return 7

    assert await soon(answer()) == 7


async def test_a_store_that_does_not_answer_is_down(monkeypatch: pytest.MonkeyPatch) -> None:
    """A frozen store costs a caller half a second, and no more."""
    monkeypatch.setattr(ports, "STORE_PATIENCE_S", 0.01)
    with pytest.raises(StoreError, match=r"within 0\.01 s"):
        await soon(asyncio.Event().wait())


async def test_a_list_of_everything_may_take_longer() -> None:
    """No caller waits for it."""
    with pytest.raises(StoreError, match=r"within 0\.02 s"):
        await soon(asyncio.Event().wait(), 0.02)
