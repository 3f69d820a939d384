"""Nothing of a shadow touches a call: not its failures, not its slowness, not its crowds."""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import replace
from typing import TYPE_CHECKING

import apsw
import pytest
import structlog

from fastagi.call.channel import Argument, Variable
from fastagi.policy.model import Reason
from fastagi.shadows import background as background_of
from fastagi.shadows import judging
from fastagi.shadows.background import Background
from fastagi.shadows.differences import Kind
from fastagi.shadows.waiting import Line
from tests.doubles.scripted_channel import ScriptedChannel
from tests.unit.call.conftest import NATIONAL, question
from tests.unit.shadows.conftest import changed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from structlog.typing import EventDict

    from tests.unit.shadows.conftest import Shadowed

NODE = "127.0.0.1"
HOME = "+442079460000"


@pytest.fixture
def told() -> Iterator[list[EventDict]]:
    """What the service's log says."""
    with structlog.testing.capture_logs() as lines:
        yield lines


async def _run(background: Background) -> asyncio.Task[None]:
    return asyncio.create_task(background.run())


async def _end(task: asyncio.Task[None]) -> None:
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task


async def test_a_store_that_fails_for_shadows_fails_no_call(
    shadowed: Shadowed, told: list[EventDict]
) -> None:
    """It is told once, and once more when it is over; and how many calls were not judged."""
    shadowed.shadow_store.away = True
    for _ in range(2):
        channel = await shadowed.dial(NATIONAL)
        assert channel.told[Variable.VERDICT] == "ALLOW"
    assert [each["event"] for each in told] == ["shadow-not-judged"]
    shadowed.shadow_store.away = False
    await shadowed.dial(NATIONAL)
    assert told[-1]["event"] == "shadow-judged-again"
    shadowed.background.tell()
    (tally,) = shadowed.entries.tallies
    assert (tally.judged, tally.failed, tally.site) == (1, 2, "office")
    assert shadowed.meter.counted.count(("office", "failed")) == 2


async def test_a_store_that_hangs_for_shadows_delays_no_call(
    shadowed: Shadowed, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its answer is said while the shadow still waits; and that gives up."""
    monkeypatch.setattr(background_of, "PATIENCE_S", 0.01)
    shadowed.shadow_store.silent = True
    task = await _run(shadowed.background)
    channel = ScriptedChannel()
    await shadowed.gate.answer(question(NATIONAL), channel)
    assert channel.told[Variable.VERDICT] == "ALLOW"
    await asyncio.wait_for(shadowed.meter.came.wait(), 10)
    assert shadowed.meter.counted == [("office", "failed")]
    await _end(task)


async def test_a_policy_that_breaks_breaks_no_call(
    shadowed: Shadowed, told: list[EventDict], monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is our bug is told with where it broke."""

    def broken(*_: object, **__: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(judging, "request_of", broken)
    monkeypatch.setattr(judging, "screen", broken)
    channel = await shadowed.dial(NATIONAL)
    assert channel.told[Variable.VERDICT] == "ALLOW"
    (line,) = told
    assert (line["event"], type(line["exc_info"])) == ("shadow-not-judged", ZeroDivisionError)


async def test_what_does_not_fit_is_dropped_and_told(
    shadowed: Shadowed, told: list[EventDict]
) -> None:
    """The calls have their answers."""
    shadowed.background._jobs = Line(1)
    for count in range(3):
        channel = ScriptedChannel()
        await shadowed.gate.answer(question(NATIONAL, call=f"1.{count}"), channel)
        assert channel.tellings == 1
    await shadowed.judge()
    shadowed.background.tell()
    (tally,) = shadowed.entries.tallies
    assert (tally.judged, tally.dropped) == (1, 2)
    assert [(each["event"], each["count"]) for each in told] == [("shadow-calls-dropped", 2)]


async def test_without_a_policy_in_shadow_nothing_is_done(shadowed: Shadowed) -> None:
    """No job, no step of the store, no entry."""
    shadowed.background.change({})
    await shadowed.gate.answer(question(NATIONAL), ScriptedChannel())
    await shadowed.ports.store.release("office", "x", None, None, 0.0)
    await shadowed.ports.store.renew("office", "x", HOME, NODE, 1.0, 0.0)
    shadowed.background.extended("office", "x", HOME, NODE, 60)
    shadowed.background.renewed("office", "x", HOME, NODE, 60.0)
    assert shadowed.background.waiting == 0
    await shadowed.background.step()
    shadowed.background.tell()
    assert shadowed.entries.all == []


async def test_what_no_policy_says_is_not_judged(shadowed: Shadowed) -> None:
    """Emergency calls, odd questions, and callers who were gone before anybody was asked."""
    await shadowed.dial("999")
    await shadowed.dial(NATIONAL, **{Argument.ENDPOINT: ""})
    (record,) = [each for each in shadowed.log.records if each.reason is Reason.EMERGENCY]
    assert shadowed.meter.counted == []
    await shadowed.dial(NATIONAL)
    shadowed.meter.counted.clear()
    story = type("Lived", (), {"caller": object()})()
    shadowed.background.judged(story, replace(record, reason=Reason.HUNG_UP))
    assert shadowed.background.waiting == 0


async def test_calls_are_judged_in_the_background_and_counted_in_the_end(
    shadowed: Shadowed,
) -> None:
    """What still waits as the service ends counts as dropped."""
    task = await _run(shadowed.background)
    await shadowed.gate.answer(question(NATIONAL), ScriptedChannel())
    await asyncio.wait_for(shadowed.meter.came.wait(), 10)
    assert shadowed.meter.counted == [("office", "None")]
    await shadowed.gate.answer(question(NATIONAL, call="2.2"), ScriptedChannel())
    shadowed.background.released("office", "2.2", None, None, None)
    assert shadowed.background.waiting == 2
    await _end(task)
    (tally,) = shadowed.entries.tallies
    assert (tally.judged, tally.dropped) == (1, 1)


async def test_it_tells_now_and_then(shadowed: Shadowed, monkeypatch: pytest.MonkeyPatch) -> None:
    """Though nobody calls."""
    monkeypatch.setattr(background_of, "TALLY_S", 0.01)
    await shadowed.dial(NATIONAL)
    task = await _run(shadowed.background)
    await asyncio.wait_for(shadowed.entries.came.wait(), 10)
    await _end(task)
    assert shadowed.entries.tallies[0].judged == 1


async def test_a_call_that_was_over_before_it_was_judged_holds_nothing(
    shadowed: Shadowed,
) -> None:
    """Its release came to another worker, which had no line to wait in; however soon it did."""
    await shadowed.gate.answer(question(NATIONAL, call="1.1"), ScriptedChannel())
    await shadowed.gate.answer(question(NATIONAL, call="2.2"), ScriptedChannel())
    # Past this worker's follower, as another's release goes.
    await shadowed.shadow_store.behind.release("office", "1.1", None, NODE, shadowed.clock.now)
    await shadowed.judge()
    (held,) = await shadowed.store.live("office+shadow", shadowed.clock.now)
    assert held.call == "2.2"


async def test_what_was_left_in_the_shadow_ends_with_its_lease(shadowed: Shadowed) -> None:
    """However many ends it never hears of: no row outlives the longest call but one a country."""
    for number in range(10):
        call = f"{number}.1"
        endpoint = {Argument.ENDPOINT: f"1{number:02}"}
        await shadowed.gate.answer(question(NATIONAL, call=call, **endpoint), ScriptedChannel())
        await shadowed.judge()
        await shadowed.shadow_store.behind.release("office", call, None, NODE, shadowed.clock.now)
    left = await shadowed.store.live("office+shadow", shadowed.clock.now)
    assert len(left) == 10
    assert _rows(shadowed)["lease"] == 10
    await shadowed.store.tidy(max(each.expires for each in left))
    assert _rows(shadowed) == {"dialled": 10}


def _rows(shadowed: Shadowed) -> dict[str, int]:
    """Count what the database has under the shadow's name, by table."""
    # By the store's own library: another's would take its locks for none.
    with contextlib.closing(apsw.Connection(str(shadowed.folder / "dialguard.db"))) as db:
        tables = db.execute(
            "SELECT m.name FROM sqlite_master m, pragma_table_info(m.name) c"
            " WHERE m.type = 'table' AND c.name = 'site'"
        ).fetchall()
        counted = {
            str(name): len(
                db.execute(f"SELECT 1 FROM {name} WHERE site = 'office+shadow'").fetchall()  # noqa: S608 - a table's
            )
            for (name,) in tables
        }
    return {name: count for name, count in counted.items() if count}


SPENDING = """
[[limit]]
name = "ten-minutes"
per = "extension"
to = ["national"]
minutes = 10
within = "1h"
"""


async def test_the_next_slice_is_the_shadows_too(shadowed: Shadowed) -> None:
    """A budget that the shadow has less of would end the call: told once."""
    shadowed.beside(changed(("[lockout]", f"{SPENDING}\n[lockout]")))
    shadowed.background._slices = Slices()
    await shadowed.dial(NATIONAL, call="1.1")
    (held,) = await shadowed.store.live("office+shadow", shadowed.clock.now)
    assert (held.seconds, held.longest_s) == (300, 600)
    shadowed.entries.all.clear()
    for seconds in (550, 900, 1200):
        shadowed.background.extended("office", "1.1", HOME, NODE, seconds)
    shadowed.background.extended("office", "9.9", HOME, NODE, 900)
    await shadowed.judge()
    (found,) = shadowed.entries.differences
    assert (found.kind, found.longest_s, found.live_longest_s) == (Kind.SHORTENED, 600, 900)
    assert (found.record.extension, found.record.reason) == ("101", Reason.BUDGET_REACHED)
    until = shadowed.clock.now + 5000
    shadowed.background.renewed("office", "1.1", HOME, NODE, until)
    await shadowed.judge()
    (held,) = await shadowed.store.live("office+shadow", shadowed.clock.now)
    assert held.expires == until


async def test_what_was_told_is_forgotten_in_the_end(
    shadowed: Shadowed, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However many calls are cut short, little is remembered."""
    monkeypatch.setattr(background_of, "MOST_CUT", 1)
    shadowed.beside(changed(("[lockout]", f"{SPENDING}\n[lockout]")))
    shadowed.background._slices = Slices()
    for call, extension in (("1.1", "101"), ("2.2", "102")):
        await shadowed.dial(NATIONAL, call=call, **{Argument.ENDPOINT: extension})
        shadowed.background.extended("office", call, HOME, NODE, 900)
        await shadowed.judge()
    assert len(shadowed.background._cut) == 1
    shadowed.background.released("office", "2.2", HOME, NODE, 3)
    await shadowed.judge()
    assert len(shadowed.background._cut) == 0


async def test_an_end_that_fails_is_told_as_a_call_is(
    shadowed: Shadowed, told: list[EventDict]
) -> None:
    """The lease expires; until then the shadow may take a slot for taken that is not."""
    await shadowed.dial(NATIONAL)
    shadowed.shadow_store.away = True
    shadowed.background.released("office", "1732412345.1", HOME, NODE, 3)
    await shadowed.judge()
    assert [each["event"] for each in told] == ["shadow-not-judged"]
    shadowed.background.released("office", "1732412345.1", HOME, NODE, 3)
    shadowed.background.change({})
    await shadowed.judge()
    shadowed.background.tell()
    assert [each.failed for each in shadowed.entries.tallies] == [1]


async def test_who_holds_nothing_has_nothing_to_end(shadowed: Shadowed) -> None:
    """An inside call; a slice of a policy that is in shadow no more."""
    await shadowed.dial("102")
    assert shadowed.shadow_store.asked == []
    shadowed.beside(changed(("[lockout]", f"{SPENDING}\n[lockout]")))
    shadowed.background._slices = Slices()
    await shadowed.dial(NATIONAL, call="1.1")
    shadowed.background.extended("office", "1.1", HOME, NODE, 900)
    shadowed.background.change({})
    await shadowed.judge()
    assert [each.kind for each in shadowed.entries.differences] == [Kind.SHORTENED]


class Slices:
    """Five minutes at a time."""

    def seconds(self, node: str) -> int:
        """Return how long a slice is."""
        return 300


async def test_a_flood_of_one_site_blinds_no_other(shadowed: Shadowed) -> None:
    """Ends of another site's calls are done, and soon; what was dropped is the flood's."""
    (policy,) = shadowed.background._policies.values()
    shadowed.background.change({"office": policy, "flood": policy})
    await shadowed.dial(NATIONAL, call="1.1")
    shadowed.background._jobs = Line(20)
    for count in range(20):
        shadowed.background.extended("flood", str(count), HOME, NODE, 60)
    shadowed.background.released("office", "1.1", HOME, NODE, 3)
    for _ in range(2):
        await shadowed.background.step()
    assert await shadowed.held() == []
    shadowed.background.tell()
    assert {each.site: each.dropped for each in shadowed.entries.tallies} == {
        "office": 0,
        "flood": 1,
    }
    assert shadowed.meter.counted[-1] == ("flood", "dropped")


async def test_what_is_dropped_after_its_policy_is_counted_still(shadowed: Shadowed) -> None:
    """No policy is told of that is in shadow no more."""
    (policy,) = shadowed.background._policies.values()
    shadowed.background._jobs = Line(2)
    for count in range(2):
        shadowed.background.released("office", str(count), HOME, NODE, 3)
    shadowed.background.change({"hotel": policy})
    shadowed.background.released("hotel", "1.1", HOME, NODE, 3)
    assert shadowed.meter.counted == [("office", "dropped")]
    shadowed.background.tell()
    assert shadowed.entries.all == []


async def test_a_call_that_ended_is_held_in_shadow_until_its_end_has_its_turn(
    shadowed: Shadowed,
) -> None:
    """However late it is judged, whoever called meanwhile found it there."""
    shadowed.beside(changed(("calls = 2", "calls = 1")))
    for call in ("1.1", "2.2"):
        await shadowed.gate.answer(question(NATIONAL, call=call), ScriptedChannel())
    await shadowed.ports.store.release("office", "1.1", None, NODE, shadowed.clock.now)
    await shadowed.judge()
    (found,) = shadowed.entries.differences
    assert (found.kind, found.record.call) == (Kind.REFUSED, "2.2")
    assert await shadowed.held() == []
