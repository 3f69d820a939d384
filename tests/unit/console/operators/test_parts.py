"""The parts of pages that change by themselves."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from fastagi.console import assets
from fastagi.console.operators.accounts import Role
from fastagi.console.operators.board import Seen
from fastagi.console.operators.parts import (
    DECISIONS,
    ROWS,
    Look,
    Part,
    newest,
    render,
    render_all,
    words_of,
)
from fastagi.console.operators.rendering import Renderer
from fastagi.stores.store import Hold

if TYPE_CHECKING:
    from tests.unit.console.operators.backstage import Console

VIEWER = Look(Role.VIEWER, can_end=True)
OPERATOR = Look(Role.OPERATOR, can_end=True)


def renderer(console: Console) -> Renderer:
    """Return what makes them."""
    return Renderer(assets.load(), console.world.ports.policies)


async def test_each_is_made_once_of_a_reading(console: Console) -> None:
    """For all of one role; the words that one looks for are of decisions alone."""
    lease = await console.call()
    seen, makes = Seen(console.now, calls=[lease]), renderer(console)
    first = render(Part.CALLS, seen, makes, OPERATOR)
    assert render(Part.CALLS, seen, makes, replace(OPERATOR, words=("x",))) is first
    assert render(Part.CALLS, seen, makes, VIEWER) is not first
    assert "formaction" in first
    assert "formaction" not in render(Part.CALLS, seen, makes, VIEWER)
    assert "formaction" not in render(Part.CALLS, seen, makes, replace(OPERATOR, can_end=False))
    entries = ({"time": "t", "extension": "101"}, {"time": "t", "extension": "102"})
    seen = Seen(console.now, decisions=entries)
    assert "102" in render(Part.DECISIONS, seen, makes, VIEWER)
    assert "102" not in render(Part.DECISIONS, seen, makes, replace(VIEWER, words=("101",)))


async def test_long_lists_are_cut_and_say_so(console: Console) -> None:
    """A page of ten thousand calls helps nobody."""
    lease = await console.call()
    calls = [
        replace(lease, call=f"1.{number}", holds=(Hold("each", str(number), 1),))
        for number in range(ROWS + 5)
    ]
    made = render_all("calls", Seen(console.now, calls=calls), renderer(console), OPERATOR)
    assert made[Part.CALLS].count("<button") == ROWS
    assert "And 5 newer ones." in made[Part.CALLS]
    assert "And 5 more." in made[Part.USES]


async def test_how_much_of_each_limit_is_taken(console: Console) -> None:
    """The fullest first; of slots that were taken under two policies the lower number counts."""
    lease = await console.call()
    both = (Hold("trunk", "pstn", 10), Hold("each", "101", 2, shadow=True))
    calls = [replace(lease, holds=both), replace(lease, holds=(Hold("trunk", "pstn", 8),))]
    uses = Seen(0.0, calls=calls).uses()
    assert [(use.limit, use.taken, use.calls, use.shadow) for use in uses] == [
        ("each", 1, 2, True),
        ("trunk", 2, 8, False),
    ]
    made = render(Part.USES, Seen(0.0, calls=calls), renderer(console), VIEWER)
    assert 'aria-label="2 of 8"' in made
    assert "(shadow)" in made


def test_decisions_are_those_with_every_word_newest_first() -> None:
    """In whatever field, in letters of either case; and no more than fit a page."""
    entries = tuple(
        {"extension": str(number), "rule": "Abroad" if number % 2 else "home"}
        for number in range(500)
    )
    seen = Seen(0.0, decisions=entries)
    assert [each["extension"] for each in newest(seen, ("abroad", "49"))[:3]] == [
        "499",
        "497",
        "495",
    ]
    assert len(newest(seen, ())) == DECISIONS
    assert newest(seen, ("nowhere",)) == []
    assert words_of("  A b\tC d e f g ") == ("a", "b", "c", "d", "e")
