"""Variables over the whole dialplan: globals that never change, and which of all are ever read."""

from __future__ import annotations

import re
from functools import partial
from typing import TYPE_CHECKING, Final

from fastagi.audit.ways.source import pieces, read_names

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from fastagi.audit.dialplan import Dialplan, Step

WRITTEN: Final = re.compile(r"GLOBAL\(([^()=]*)\)\s*=")
NESTED: Final = re.compile(r"\$\{(\w+)\}")
DEEPEST: Final = 5  # globals within globals
COMPUTED: Final = re.compile(r"\$\{\s*(\w*)\$[{\[]")

OURS: Final = ("GUARD_", "ARG")
ALWAYS: Final = frozenset({"EXITCONTEXT"})


class Names:
    """The names of variables that any line reads; those of the gate always count."""

    def __init__(self, dialplan: Dialplan) -> None:
        self._names, begun = set(ALWAYS), set[str]()
        texts = [step.arguments for step in _steps(dialplan)]
        texts += [step.application for step in _steps(dialplan) if "$" in step.application]
        for text in (*texts, *dialplan.variables.values()):
            if "$" in text or "(" in text:
                self._names.update(read_names(text))
                begun.update(COMPUTED.findall(text))
        self._begun = (*OURS, *sorted(begun))

    def __contains__(self, name: str) -> bool:
        """Whether a variable may be read by this name."""
        return name in self._names or name.startswith(self._begun)


def fixed(dialplan: Dialplan) -> dict[str, str]:
    """Return the globals that no line sets, with others in them substituted (pbx_config.c)."""
    written = list(_written(dialplan))
    kept = {
        name: value
        for name, value in dialplan.variables.items()
        if not any(each.fullmatch(name) for each in written)
    }
    for _ in range(DEEPEST):
        before = dict(kept)
        for name, value in before.items():
            kept[name] = NESTED.sub(partial(_put, before), value)
    # What hangs on anything else is not fixed.
    return {name: value for name, value in kept.items() if "$" not in value}


def _put(known: Mapping[str, str], found: re.Match[str]) -> str:
    return known.get(found[1], found[0])


def _written(dialplan: Dialplan) -> Iterator[re.Pattern[str]]:
    for step in _steps(dialplan):
        names = WRITTEN.findall(step.arguments)
        if step.application.lower() == "setglobalvar":
            names.append(pieces(step.arguments, "=", 1)[0])
        for name in names:
            parts = re.split(r"\$\{[^}]*\}|\$\[[^]]*\]", name.strip())
            yield re.compile(".*".join(map(re.escape, parts)))


def _steps(dialplan: Dialplan) -> Iterator[Step]:
    for context in dialplan.contexts.values():
        yield from context.steps
