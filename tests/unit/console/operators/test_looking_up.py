"""A decision by the four digits that a caller heard."""

from __future__ import annotations

import asyncio
import itertools
import threading
from typing import TYPE_CHECKING

import pytest

from fastagi.console.operators import looking_up
from fastagi.console.operators.accounts import Role
from tests.unit.console.test_past_decisions import put

if TYPE_CHECKING:
    from tests.unit.console.operators.backstage import Console


async def test_decisions_are_found_by_their_reference(console: Console) -> None:
    """Newest first, also those that were rotated away."""
    console.decide(extension="102")
    console.decide(extension="103", reference="4072")
    console.decisions.rename(console.decisions.with_suffix(".jsonl.1"))
    console.decide(extension="104")
    async with console.entered() as asking:
        page = (await console.send(asking, "/lookup", reference=" 4071 ")).text
    assert "2 found." in page
    assert 0 < page.index("104</th>") < page.index("102</th>")
    assert "103</th>" not in page


@pytest.mark.parametrize("reference", ["", "407", "40711", "abcd", "٤٠٧١"])
async def test_a_reference_has_four_digits(console: Console, reference: str) -> None:
    """Anything else is looked for nowhere."""
    async with console.entered() as asking:
        assert (await console.send(asking, "/lookup", reference=reference)).status_code == 400


async def test_a_record_that_cannot_be_read_is_told(console: Console) -> None:
    """And not taken for an empty one."""
    console.decisions.mkdir()
    async with console.entered() as asking:
        assert (await console.send(asking, "/lookup", reference="4071")).status_code == 503


async def test_one_looks_at_a_time_and_few_wait(
    console: Console, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each reads through all of the record: many at once would hold up the others."""
    at_once: list[int] = []
    most, go_on = [], threading.Event()

    def slow(*_: object) -> list[object]:
        at_once.append(1)
        most.append(len(at_once))
        go_on.wait(10)
        at_once.pop()
        return []

    monkeypatch.setattr(looking_up, "_find", slow)
    async with console.entered() as asking:
        asked = [
            asyncio.create_task(console.send(asking, "/lookup", reference="4071"))
            for _ in range(looking_up.WAITING + 3)
        ]
        refused = [
            (await each).status_code for each in itertools.islice(asyncio.as_completed(asked), 3)
        ]
        go_on.set()
        answers = [(await each).status_code for each in asked]
    assert refused == [503] * 3
    assert sorted(answers) == [200] * looking_up.WAITING + [503] * 3
    assert max(most) == 1


async def test_a_decision_says_why_it_fell(console: Console) -> None:
    """By the policy that was in force then; the list leads there."""
    put(console.decisions, "four", call="1.7")
    async with console.entered(role=Role.VIEWER) as asking:
        listed = (await asking.get("/console/decisions")).text
        found = await asking.get("/console/why?reference=4711&call=1.7")
    assert "/console/why?reference=4711&amp;time=" in listed
    assert found.status_code == 200
    assert "denied by rule `four`" in found.text
    assert "calls ? of 2" in found.text
    assert "+44207946xxxx" in found.text


async def test_a_decision_whose_policy_is_gone_says_so(console: Console) -> None:
    """And what the record has of it is there."""
    console.decide()
    async with console.entered() as asking:
        found = (await asking.get("/console/why?reference=4071")).text
    assert "version 0123456789ab of site `office` is not kept here" in found
    assert "(wrong-code)" in found


@pytest.mark.parametrize(
    ("query", "status"),
    [("", 400), ("?reference=40711", 400), ("?reference=0000", 404), ("?reference=4071", 404)],
)
async def test_what_is_not_on_record_is_said(console: Console, query: str, status: int) -> None:
    """Of another site it is as if it were not."""
    console.decide(site="branch")
    async with console.entered("olga", Role.ADMIN, "office") as asking:
        assert (await asking.get(f"/console/why{query}")).status_code == status


async def test_a_record_that_cannot_be_read_explains_nothing(console: Console) -> None:
    """It is told, and not taken for an empty one."""
    console.decisions.mkdir()
    async with console.entered() as asking:
        assert (await asking.get("/console/why?reference=4071")).status_code == 503


async def test_who_sees_one_site_has_one_explained_at_a_time(
    console: Console, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The turns are others', too; of those who see all, few wait."""
    reading, go_on = threading.Event(), threading.Event()

    def slowly(*_: object) -> None:
        reading.set()
        go_on.wait(20)

    monkeypatch.setattr("fastagi.console.past_decisions.PastDecisions._explained", slowly)
    path = "/console/why?reference=4071"
    async with console.entered("olga", Role.VIEWER, "office") as asking:
        first = asyncio.create_task(asking.get(path))
        await asyncio.to_thread(reading.wait, 20)
        assert (await asking.get(path)).status_code == 503
        async with console.entered("ada", Role.VIEWER) as other:
            more = [asyncio.create_task(other.get(path)) for _ in range(4)]
            refused = await next(asyncio.as_completed(more))
            go_on.set()
            assert refused.status_code == 503
            await asyncio.gather(*more)
        assert (await first).status_code == 404
