"""What FreePBX has written: the shape of its routines, and what else stands where ours goes."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from fastagi.freepbx.hook import HOOK, Shape

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from fastagi.audit.dialplan import Dialplan
    from fastagi.audit.place import Place

DIALS: Final = "macro-dialout-trunk"
"""The routine by which FreePBX dials a trunk."""

MAIN: Final = "extensions.conf"
TRUNK: Final = re.compile(r"OUT_(?P<number>\d+)")
CUSTOM: Final = "AMP:"
"""How FreePBX marks a custom trunk, whose dial string is anything."""

CALLS: Final[Mapping[Shape, re.Pattern[str]]] = {
    Shape.MACRO: re.compile(r"macro:\s*dialout-trunk-predial-hook\s*(,|$)"),
    Shape.GOSUB: re.compile(r"gosub:\s*macro-dialout-trunk-predial-hook\s*,"),
}


def shape_of(dialplan: Dialplan) -> Shape | None:
    """Return how the hook is called; None where it is not, and this is no FreePBX we know."""
    context = dialplan.contexts.get(DIALS)
    calls = (
        [f"{each.application.lower()}:{each.arguments}" for each in context.steps]
        if context
        else []
    )
    found = [shape for shape, call in CALLS.items() if any(map(call.match, calls))]
    return found[0] if len(found) == 1 else None


def in_the_way(dialplan: Dialplan, file: str, block: tuple[int, int] | None) -> Place | None:
    """Return where somebody else's lines stand in the context of the hook, if any do.

    What stands in `extensions.conf` is FreePBX's own empty hook; it is read behind ours.

    Args:
        dialplan: As it is now.
        file: The file with the block …
        block: … and its lines, first and last.
    """
    context = dialplan.contexts.get(HOOK)
    if context is None:
        return None
    places = [each.place for each in context.steps]
    places += [each.place for each in context.includes]
    places += [each.place for each in context.switches]
    for place in places:
        is_ours = place.file == file and block and block[0] <= place.line <= block[1]
        if place.file != MAIN and not is_ours:
            return place
    return None


def custom_trunks(dialplan: Dialplan) -> Iterator[str]:
    """Find the numbers of custom trunks, which the hook passes over."""
    for name, value in dialplan.variables.items():
        if (found := TRUNK.fullmatch(name)) and value.startswith(CUSTOM):
            yield found["number"]


def emergency_routes(dialplan: Dialplan) -> frozenset[str]:
    """Return what is dialled on outbound routes that are marked Emergency, as it is written."""
    return frozenset(
        step.extension.removeprefix("_")
        for context in dialplan.contexts.values()
        if context.name.startswith("outrt-")
        for step in context.steps
        if step.application.lower() == "set" and "EMERGENCYROUTE=YES" in step.arguments
    )


def is_asked_first(dialplan: Dialplan, file: str) -> bool:
    """Whether Asterisk would run our hook, and not another that it reads before."""
    context = dialplan.contexts.get(HOOK)
    firsts = [s for s in context.steps if (s.extension, s.priority) == ("s", 1)] if context else []
    return bool(firsts) and firsts[0].place.file == file
