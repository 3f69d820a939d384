"""Evidence of several servers at one moment: all of it is held, for as long as the last says."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from fastagi.call import ports as ports_of
from fastagi.call.evidence import every, keep, lift
from fastagi.policy.loading import load_text
from fastagi.signs.sign import Evidence

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from fastagi.policy.model import Policy, Watch
    from fastagi.stores.store import Store

POLICY = """
[site]
name = "office"
country = "GB"
timezone = "Europe/London"
internal = ["1XX"]
outside_prefix = "9"

[classes]
staff = ["1XX"]

[[rule]]
name = "open"
then = "allow"

[[watch]]
name = "guessed"
sign = "success-after-guessing"
then = ["step-up"]
for = "10m"

[[watch]]
name = "moved"
sign = "new-country"
then = ["lock"]
"""
NOW = 1_767_607_800.0


class Servers:
    """Two that hear of attacks, on one store."""

    def __init__(self, stores: Sequence[Store], policy: Policy) -> None:
        self.stores, self.policy = stores, policy

    async def hear(self, *told: tuple[str, Watch, int, float]) -> None:
        """Have them hear of extensions, by watches, so many and when; all at once."""
        async with asyncio.TaskGroup() as tasks:
            for n, (extension, watch, count, at) in enumerate(told):
                what = _of(watch, extension, count, at)
                tasks.create_task(keep(self.stores[n % 2], self.policy, watch, what, NOW))


def _of(watch: Watch, extension: str, count: int, at: float) -> Evidence:
    return Evidence(
        *("office", watch.name, watch.sign, watch.per, extension, extension, "203.0.113.5"),
        *(count, 1.0, 1, True, at),
    )


@pytest.fixture
async def servers(
    shared_url: str,
    opened: Callable[[str], Store],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Servers:
    """Two servers."""
    monkeypatch.setattr(ports_of, "STORE_PATIENCE_S", 30.0)  # not how soon, but what is kept
    policy = load_text(POLICY, tmp_path / "o.toml")
    stores = [opened(shared_url) for _ in range(2)]
    for each in stores:  # as a worker's: a Cluster's nodes are looked for at the first question
        await each.ready()
    return Servers(stores, policy)


async def test_of_what_is_heard_at_one_moment_nothing_is_lost(servers: Servers) -> None:
    """Of each extension and watch one record, with the latest and the longest; again and again."""
    guessed, moved = servers.policy.watches
    longer = replace(guessed, for_s=1200)
    for _ in range(5):
        await servers.hear(
            *[("101", each, n, NOW - n) for n in range(1, 5) for each in (guessed, longer)],
            *[("101", moved, 1, NOW), ("102", guessed, 9, NOW), ("102", guessed, 8, NOW - 1)],
        )
        found = await every(servers.stores[0], "office", NOW)
        assert [
            (each.extension, each.watch, each.since, each.until - NOW, each.evidence.count)
            for each in found
        ] == [
            ("101", "guessed", NOW, 1200, 1),
            ("101", "moved", NOW, 3600, 1),
            ("102", "guessed", NOW, 600, 9),
        ]
        assert await every(servers.stores[1], "office", NOW) == found
        for each in found:
            await lift(servers.stores[1], "office", each.extension, each.watch, NOW)
        assert await every(servers.stores[0], "office", NOW) == []


async def test_what_is_lifted_while_it_is_seen_again_is_held_or_not_but_whole(
    servers: Servers,
) -> None:
    """Whoever comes last has his way; nothing of either breaks."""
    guessed, _ = servers.policy.watches
    one, other = servers.stores
    for _ in range(5):
        await servers.hear(("101", guessed, 1, NOW))
        lifted, kept = await asyncio.gather(
            lift(one, "office", "101", "guessed", NOW),
            keep(other, servers.policy, guessed, _of(guessed, "101", 2, NOW), NOW),
        )
        assert lifted is not None
        assert kept is not None
        found = await every(other, "office", NOW)
        assert [each.evidence.count for each in found] in ([], [2])
        await lift(one, "office", "101", "guessed", NOW)
