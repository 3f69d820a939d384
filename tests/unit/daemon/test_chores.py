"""What a process does beside what it is there for."""

from __future__ import annotations

import asyncio
import gc
import os
from typing import TYPE_CHECKING, Any, cast

from fastagi.daemon.chores import begin_chore, end_chores, orphaned, reload_when_asked

if TYPE_CHECKING:
    from pathlib import Path

    import pytest
    from structlog.typing import EventDict

    from fastagi.daemon.reload import PoliciesInForce


async def test_a_chore_that_breaks_is_told(told: list[EventDict]) -> None:
    """With its name; whoever began it goes on."""

    async def break_at_once() -> None:
        raise ZeroDivisionError

    chore = begin_chore("sweep", break_at_once())
    await asyncio.wait([chore])
    await asyncio.sleep(0)
    assert [(line["event"], line["chore"]) for line in told] == [("chore-broke", "sweep")]


async def test_chores_end_when_they_are_told_to(told: list[EventDict]) -> None:
    """None is left behind, and none complains."""
    chores = [begin_chore("wait", asyncio.sleep(60)) for _ in range(2)]
    await end_chores(chores)
    assert all(each.cancelled() for each in chores)
    assert told == []


def test_an_orphan_ends_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a supervisor there is no watchdog, and the port must be free."""
    ended: list[int] = []
    monkeypatch.setattr(os, "_exit", ended.append)
    orphaned()
    assert ended == [1]


async def test_policies_in_shadow_are_reloaded_after_those_in_force(tmp_path: Path) -> None:
    """When files change, and when somebody asks; lists of both are looked at."""
    done: list[str] = []
    both = asyncio.Event()

    class Policies:
        def __init__(self, name: str) -> None:
            self.name = name

        def files_beside(self) -> dict[Path, tuple[int, ...]]:
            return {}

        async def reload(self, *, asked: bool = False) -> None:
            done.append(f"{self.name}{' asked' if asked else ''}")
            if self.name == "shadow":
                both.set()

    asked = asyncio.Event()
    in_force, shadows = cast("PoliciesInForce", Policies("in force")), Policies("shadow")
    chore = asyncio.create_task(reload_when_asked(in_force, tmp_path, None, asked, shadows))
    await asyncio.wait_for(both.wait(), 10)
    both.clear()
    asked.set()
    await asyncio.wait_for(both.wait(), 10)
    await end_chores([chore])
    assert sorted(done) == ["in force", "in force asked", "shadow", "shadow"]
    assert done.index("in force asked") < len(done) - 1


async def test_who_reloads_ends_without_a_complaint(tmp_path: Path) -> None:
    """Every end of the service ends it; nothing has gone wrong then."""
    complaints: list[dict[str, Any]] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, about: complaints.append(about))
    began = asyncio.Event()

    class Policies:
        def files_beside(self) -> dict[Path, tuple[int, ...]]:
            return {}

        async def reload(self, *, asked: bool = False) -> None:
            began.set()

    policies = cast("PoliciesInForce", Policies())
    chore = begin_chore("reload", reload_when_asked(policies, tmp_path, None, asyncio.Event()))
    await asyncio.wait_for(began.wait(), 10)
    watching = asyncio.all_tasks() - {chore, asyncio.current_task()}
    await end_chores([chore])
    await asyncio.gather(*watching, return_exceptions=True)
    del chore, watching
    gc.collect()
    assert complaints == []


async def test_policies_in_force_never_wait_for_those_in_shadow(tmp_path: Path) -> None:
    """A rate sheet beside those takes its time; a cap that is tightened meanwhile is in force."""
    asked, loading, reloaded = asyncio.Event(), asyncio.Event(), asyncio.Event()

    class InForce:
        def files_beside(self) -> dict[Path, tuple[int, ...]]:
            return {}

        async def reload(self, *, asked: bool = False) -> None:
            if asked:
                reloaded.set()

    class Slow(InForce):
        async def reload(self, *, asked: bool = False) -> None:
            loading.set()
            await asyncio.Event().wait()

    in_force = cast("PoliciesInForce", InForce())
    chore = asyncio.create_task(reload_when_asked(in_force, tmp_path, None, asked, Slow()))
    await asyncio.wait_for(loading.wait(), 10)
    for _ in range(2):
        asked.set()
        await asyncio.wait_for(reloaded.wait(), 10)
        reloaded.clear()
    await end_chores([chore])
