"""A decision by the four digits that a caller heard."""

from __future__ import annotations

import asyncio
import itertools
import threading
from typing import TYPE_CHECKING

import pytest

from fastagi.console.operators import looking_up

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
