"""Steps become extensions while a dialplan is loaded (main/pbx.c ast_add_extension2())."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

from fastagi.audit.dialplan import Context, Include, Step, Switch

if TYPE_CHECKING:
    from fastagi.audit.place import Place

SET_OR_WILDCARD: Final = re.compile(r"\[(?P<set>[^\]]*)\]|[xnz]")
RANGE: Final = re.compile(r"(?P<low>[!-~])-(?P<high>[!-~])")

HINT: Final = -1  # a priority; pbx.h PRIORITY_HINT
ANONYMOUS: Final = "<none>"
"""Of a step that is for those who show no number: `100/`, with nothing behind the slash."""


def without_blanks(extension: str, *, dashes: bool = True) -> str:
    """Return an extension as Asterisk keeps it: blanks are left out, but not in a pattern's sets.

    Args:
        extension: As it is written.
        dashes: Whether they are kept; by its name without them Asterisk finds it.
    """
    if " " not in extension and (dashes or "-" not in extension):
        return extension
    kept = []
    in_set = False
    for each in extension:
        in_set = (in_set or (each == "[" and extension[0] == "_")) and each != "]"
        if in_set or not (each == " " or (each == "-" and not dashes)):
            kept.append(each)
    return "".join(kept)


Key = tuple[str, str]
"""What steps of one extension have alike: how it is matched, and for whom."""


def key_of(extension: str, caller_id: str) -> Key:
    """Return what two steps have alike that belong to one extension."""
    return _told_apart(extension), _told_apart(caller_id)


def _told_apart(extension: str) -> str:
    plain = without_blanks(extension, dashes=False)
    if not plain.startswith("_"):
        return plain
    return SET_OR_WILDCARD.sub(_alike, plain)


def _alike(found: re.Match[str]) -> str:
    """Return one way to write a wildcard, or a set of characters: `[1-3]` is `[123]`."""
    if found["set"] is None:
        return found[0].upper()
    spread = RANGE.sub(
        lambda ends: "".join(map(chr, range(ord(ends["low"]), ord(ends["high"]) + 1))),
        found["set"],
    )
    return f"[{''.join(sorted(set(spread)))}]"


@dataclass(slots=True)
class ContextDraft:
    """A context while it is loaded.

    Attributes:
        place: Where it is written first.
    """

    name: str
    place: Place
    includes: list[Include] = field(default_factory=list)
    switches: list[Switch] = field(default_factory=list)
    _steps: list[Step] = field(default_factory=list)
    _chains: dict[Key, dict[int, Step]] = field(default_factory=dict)
    _labels: dict[tuple[Key, str], list[Step]] = field(default_factory=dict)
    _ways: set[tuple[str, str, str]] = field(default_factory=set)

    def add(self, step: Step) -> Step | None:
        """Add a step, unless there is one of its priority; return that one.

        A hint is no step, but may give its extension the name. A label that the extension has
        already is left out, where Asterisk looks: before the step, and right behind it.
        """
        key = key_of(step.extension, step.caller_id)
        chain = self._chains.setdefault(key, {})
        if known := chain.get(step.priority):
            return known
        labelled = self._labels.setdefault((key, step.label), [])
        if step.label and labelled:
            behind = min((each for each in chain if each > step.priority), default=0)
            if any(each.priority < step.priority or each.priority == behind for each in labelled):
                step = replace(step, label="")
        chain[step.priority] = step
        if step.label:
            labelled.append(step)
        if step.priority != HINT:
            self._steps.append(step)
        return None

    def labelled(self, step: Step) -> Step | None:
        """Return the step of the same extension that has the same label, be it for all callers."""
        for caller_id in (step.caller_id, ""):
            if found := self._labels.get((key_of(step.extension, caller_id), step.label)):
                return found[0]
        return None

    def include(self, include: Include) -> bool:
        """Include another context; whether it is not included in the same words already."""
        is_new = self._is_new("include", include.context, include.hours)
        if is_new:
            self.includes.append(include)
        return is_new

    def switch(self, switch: Switch) -> bool:
        """Add a switch; whether there is no such one already."""
        is_new = self._is_new("switch", switch.kind, switch.data)
        if is_new:
            self.switches.append(switch)
        return is_new

    def _is_new(self, kind: str, where: str, more: str) -> bool:
        way = (kind, where.lower(), more.lower())
        is_new = way not in self._ways
        self._ways.add(way)
        return is_new

    def done(self) -> Context:
        """Return it. An extension bears the name that its lowest priority is written with."""
        names = {key: chain[min(chain)].extension for key, chain in self._chains.items()}
        steps = (
            replace(each, extension=names[key_of(each.extension, each.caller_id)])
            for each in self._steps
        )
        return Context(
            self.name, tuple(steps), tuple(self.includes), tuple(self.switches), self.place
        )
