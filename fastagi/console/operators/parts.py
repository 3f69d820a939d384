"""The parts of pages that change by themselves: each made once of a reading, for all who look."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final, assert_never

from fastagi.console.operators.accounts import Role
from fastagi.console.operators.plots import draw
from fastagi.stores.records import EVERYWHERE
from fastagi.stores.store import SubjectKind

if TYPE_CHECKING:
    from collections.abc import Mapping

    from fastagi.console.operators.board import Seen
    from fastagi.console.operators.rendering import Renderer
    from fastagi.stores.store import Lockout

ROWS: Final = 200
"""Rows that are shown of a list; of more it is said how many there are."""

DECISIONS: Final = 100

WORDS_MAX: Final = 5
"""Words that decisions are looked through for at a time."""


class Part(StrEnum):
    """What there is to see."""

    USES = "uses"
    BUDGETS = "budgets"
    CALLS = "calls"
    DAY = "day"
    BRAKES = "brakes"
    LOCKOUTS = "lockouts"
    SIGN_INS = "sign-ins"
    DECISIONS = "decisions"


PARTS_OF: Final = {
    "calls": (Part.BRAKES, Part.USES, Part.BUDGETS, Part.CALLS, Part.DAY),
    "lockouts": (Part.LOCKOUTS, Part.BRAKES),
    "sign-ins": (Part.SIGN_INS,),
    "decisions": (Part.DECISIONS,),
}
"""What each page shows, by the page's name."""


@dataclass(frozen=True, slots=True)
class Look:
    """Who looks, and for what.

    Attributes:
        can_end: Whether calls can be ended at all: there is an `[ami]`.
        words: Only decisions in which each of them is.
    """

    role: Role
    can_end: bool
    words: tuple[str, ...] = ()


def words_of(text: str) -> tuple[str, ...]:
    """Return the words that somebody looks for."""
    return tuple(text.lower().split()[:WORDS_MAX])


def render_all(page: str, seen: Seen, renderer: Renderer, look: Look) -> dict[str, str]:
    """Return every part of a page, by its name."""
    return {part: render(part, seen, renderer, look) for part in PARTS_OF[page]}


def render(part: Part, seen: Seen, renderer: Renderer, look: Look) -> str:
    """Return a part; it is made only if nobody has of this reading."""
    key = (part, look if part is Part.DECISIONS else (look.role, look.can_end))
    made = seen.rendered.get(key)
    if made is None:
        made = renderer.render(
            f"_{part.replace('-', '_')}.html", seen=seen, **_values(part, seen, look)
        )
        seen.rendered[key] = made
    return made


def clearing(lockout: Lockout) -> Role:
    """Return the role that it takes to clear a lockout.

    Those of the console itself are an administrator's to clear: else one operator could let
    another's password be guessed for ever.
    """
    if lockout.kind is SubjectKind.OPERATOR or lockout.site == EVERYWHERE:
        return Role.ADMIN
    return Role.OPERATOR


def _values(part: Part, seen: Seen, look: Look) -> Mapping[str, object]:
    acts = look.role.may(Role.OPERATOR)
    match part:
        case Part.USES:
            uses = seen.uses()
            return {"uses": uses[:ROWS], "count": len(uses)}
        case Part.BUDGETS:
            budgets = seen.nearest()
            return {"budgets": budgets[:ROWS], "count": len(budgets)}
        case Part.CALLS:
            return {"calls": seen.calls[:ROWS], "acts": acts and look.can_end}
        case Part.DAY:
            return {"plot": draw(seen.counts, seen.at)}
        case Part.BRAKES:
            return {"brakes": seen.brakes[:ROWS], "held": seen.held[:ROWS], "acts": acts}
        case Part.LOCKOUTS:
            rows = [(each, look.role.may(clearing(each))) for each in seen.lockouts[:ROWS]]
            return {"lockouts": rows, "everywhere": EVERYWHERE}
        case Part.SIGN_INS:
            return {"sign_ins": seen.sign_ins[:ROWS], "acts": acts}
        case Part.DECISIONS:
            return {"decisions": newest(seen, look.words), "acts": acts}
        case _:
            assert_never(part)


def newest(seen: Seen, words: tuple[str, ...]) -> list[Mapping[str, object]]:
    """Return the latest decisions, newest first, in which every word is."""
    found: list[Mapping[str, object]] = []
    for each in reversed(seen.decisions):
        text = "\n".join(str(value).lower() for value in each.values()) if words else ""
        if all(word in text for word in words):
            found.append(each)
            if len(found) == DECISIONS:
                break
    return found
