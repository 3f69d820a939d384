"""The dialplan that is loaded, as AMI's `ShowDialPlan` lists it (main/pbx.c).

What it does not tell: for which callers an extension is (`100/555` is listed as `100`), files and
lines, globals, and contexts in which nothing stands. Extensions of one name are listed one behind
the other, those for some callers first: all but the last of them are known to be such.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from fastagi.audit.chains import HINT, without_blanks
from fastagi.audit.dialplan import Context, Dialplan, Include, Step, Switch
from fastagi.audit.place import Place

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

LOADED: Final = Place("", 0)
UNTOLD: Final = "?"
"""The callers whom an extension is for, where AMI does not say which."""


def dialplan_of(
    events: Iterable[Mapping[str, str]], variables: Mapping[str, str] | None = None
) -> Dialplan:
    """Return the dialplan that the answer to `ShowDialPlan` lists.

    Args:
        events: Of the answer, in their order; others than `ListDialplan` are passed over.
        variables: The globals, where they were asked for otherwise.
    """
    steps: defaultdict[str, list[Step]] = defaultdict(list)
    includes: defaultdict[str, list[Include]] = defaultdict(list)
    switches: defaultdict[str, list[Switch]] = defaultdict(list)
    names: dict[str, None] = {}
    for event in events:
        if event.get("Event") != "ListDialplan" or (name := event.get("Context")) is None:
            continue
        names[name] = None
        if "IncludeContext" in event:
            context, _, hours = event["IncludeContext"].partition(",")
            includes[name].append(Include(context, hours, LOADED))
        elif "Switch" in event:
            kind, _, data = event["Switch"].partition("/")
            switches[name].append(Switch(kind, data, LOADED))
        elif (step := _step(event)) is not None:
            steps[name].append(step)
    return Dialplan(
        contexts={
            name: Context(
                name,
                tuple(_for_some(steps[name])),
                tuple(includes[name]),
                tuple(switches[name]),
                LOADED,
            )
            for name in names
        },
        variables=dict(variables or {}),
    )


def _step(event: Mapping[str, str]) -> Step | None:
    """Return the step that an event lists, or a hint as if it were one; None for `ignorepat`."""
    priority = event.get("Priority", "")
    if priority == "hint":
        priority = str(HINT)
    elif not (priority.isascii() and priority.isdigit()):
        return None
    return Step(
        event.get("Extension", ""),
        "",
        int(priority),
        event.get("ExtensionLabel", ""),
        event.get("Application", ""),
        event.get("AppData", ""),
        LOADED,
    )


def _for_some(steps: Sequence[Step]) -> list[Step]:
    """Mark the steps of extensions behind which another of the same name is listed; drop hints."""
    marked = []
    for_some = False
    name_behind, priority_behind = "", 0  # of the next in the list
    for step in reversed(steps):
        name = without_blanks(step.extension, dashes=False)
        for_some = name == name_behind and (for_some or priority_behind <= step.priority)
        if step.priority != HINT:
            marked.append(replace(step, caller_id=UNTOLD) if for_some else step)
        name_behind, priority_behind = name, step.priority
    return marked[::-1]
