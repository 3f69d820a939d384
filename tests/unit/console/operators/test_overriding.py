"""Overrides in the console: given by a button or a form, ended, and written down."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from fastagi.call.overrides import end, every
from fastagi.console.operators.accounts import Role
from tests.doubles.shaky_store import ShakyStore
from tests.unit.console.operators.test_acting import shown, trail

if TYPE_CHECKING:
    from fastagi.call.overrides import Override
    from tests.unit.console.operators.backstage import Console

WHICH = ("office", "101", "+3906123")
BUTTON = 'formaction="/console/overrides/give"'


async def left(console: Console) -> list[Override]:
    """Return what there is."""
    return await every(console.store, "office", console.now)


async def test_a_refused_decision_has_a_button_that_lets_the_next_one_through(
    console: Console,
) -> None:
    """One call, within the hour, to where it was to go; it is in the list and in the trail."""
    console.decide()
    async with console.entered() as asking:
        for page in (
            (await asking.get("/console/decisions")).text,
            (await console.send(asking, "/lookup", reference="4071")).text,
        ):
            assert page.count(BUTTON) == 1
            assert "[&#34;office&#34;, &#34;101&#34;, &#34;+3906123&#34;]" in page
        after = await shown(asking, await console.send(asking, "/overrides/give", *WHICH))
    assert "The override was given." in after
    assert "+3906123…" in after
    (given,) = await left(console)
    assert (given.extension, given.to, given.uses, given.by) == ("101", "+3906123", 1, "olga")
    assert given.until == console.now + 3600
    assert await trail(console) == [
        ("gave-override", "office", "101 to +3906123, 1 at most, for 3600 s", given.id)
    ]


@pytest.mark.parametrize(
    "decided",
    [
        {"reason": "locked-out"},
        {"reason": "limit-reached"},
        {"reason": "cannot-challenge"},
        {"reason": "invalid-number", "number": "0204"},
        {"verdict": "allow", "reason": "rule"},
        {"number": "+39xxxx"},
        {"number": "118500"},
        {"number": ""},
    ],
)
async def test_what_no_override_lets_through_has_no_button(
    console: Console, decided: dict[str, object]
) -> None:
    """Nor a number of which too little is shown."""
    console.decide(**decided)
    async with console.entered() as asking:
        page = (await asking.get("/console/decisions")).text
    assert "101</th>" in page
    assert BUTTON not in page


async def test_who_only_looks_has_no_button(console: Console) -> None:
    """They see who has one."""
    console.decide()
    async with console.entered() as asking:
        await console.send(asking, "/overrides/give", *WHICH)
    async with console.entered("vera", Role.VIEWER) as asking:
        page = (await asking.get("/console/overrides")).text
        assert "+3906123…" in page
        assert "formaction" not in page
        assert "/overrides/give" not in page
        assert BUTTON not in (await asking.get("/console/decisions")).text
        answer = await console.send(asking, "/overrides/give", *WHICH)
        assert answer.status_code == 403
    assert len(await left(console)) == 1


async def test_the_form_gives_as_much_as_it_says(console: Console) -> None:
    """And why, escaped where it is shown."""
    filled = {"site": "office", "extension": "101", "to": "", "uses": "3", "for": "15m"}
    async with console.entered() as asking:
        answer = await console.send(asking, "/overrides/give", **filled, why=" <b>fire</b> ")
        after = await shown(asking, answer)
    assert "any number" in after
    assert "&lt;b&gt;fire&lt;/b&gt;" in after
    (given,) = await left(console)
    assert (given.to, given.uses, given.until) == ("", 3, console.now + 900)
    assert given.why == "<b>fire</b>"


@pytest.mark.parametrize(
    "filled",
    [
        {"which": "x"},
        {"which": '["office", "101"]'},
        {"site": ""},
        {"site": "nowhere"},
        {"extension": "999999"},
        {"to": "39"},
        {"uses": "0"},
        {"uses": "101"},
        {"uses": "many"},
        {"for": "8d"},
        {"for": "soon"},
        {"why": "x" * 201},
    ],
)
async def test_nothing_out_of_bounds_is_given(console: Console, filled: dict[str, str]) -> None:
    """Nor written down: nothing was to be done."""
    right = {"site": "office", "extension": "101", "to": "+39", "uses": "1", "for": "1h"}
    async with console.entered() as asking:
        answer = await console.send(asking, "/overrides/give", **(right | filled))
    assert answer.status_code == 400
    assert await left(console) == []
    assert await trail(console) == []


async def test_one_is_ended_once(console: Console) -> None:
    """Twice is told."""
    async with console.entered() as asking:
        await console.send(asking, "/overrides/give", *WHICH)
        (given,) = await left(console)
        which = ("office", given.id)
        after = await shown(asking, await console.send(asking, "/overrides/end", *which))
        assert "The override was ended." in after
        assert "Nobody has one." in after
        again = await shown(asking, await console.send(asking, "/overrides/end", *which))
        assert "That override is used up" in again
        assert (await console.send(asking, "/overrides/end", "x")).status_code == 400
    assert await left(console) == []
    assert ("ended-override", "office", given.id, "done; 1 left") in await trail(console)
    assert len(await trail(console)) == 2


async def test_one_that_is_used_up_meanwhile_is_told(console: Console) -> None:
    """It is gone between the look and the deed."""
    async with console.entered() as asking:
        await console.send(asking, "/overrides/give", *WHICH)
    (given,) = await left(console)
    shaky = ShakyStore(console.store)
    shaky.before["take_record"] = lambda: end(
        console.world.ports.store, "office", given.id, console.now
    )
    behind = console.world.ports.store
    console.build(store=shaky.store)
    async with console.browser() as asking:
        console.world.clock.now += 30
        assert (await console.log_in(asking, "olga")).status_code == 303
        answer = await console.send(asking, "/overrides/end", "office", given.id)
        assert "said=over" in answer.headers["location"]
    assert await every(behind, "office", console.now) == []
    assert (await trail(console))[0][3] == "was over"
