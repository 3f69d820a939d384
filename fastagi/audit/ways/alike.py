"""Contexts that are walked as one: those that are nothing but the same includes.

Where each phone has a context of its own, which includes what all of its company have, a call
comes to the same lines from each, and all that is known there is the same but the context's name.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, TypeAlias

from fastagi.audit.ways.fixed import COMPUTED

if TYPE_CHECKING:
    from collections.abc import Mapping

    from fastagi.audit.dialplan import Context, Dialplan

NAMED: Final = re.compile(r"(?<!\w)CONTEXT(?!\w)")
"""The name itself is asked for: `${CONTEXT}`, `CUT(CONTEXT,-,1)`."""

Includes: TypeAlias = "tuple[tuple[str, str], ...]"


def alike(dialplan: Dialplan) -> dict[str, str]:
    """Return the first context that is like each; one that is like no other stands for itself.

    Not alike are contexts that others include: in which order lines are found then hangs on where
    one began. Nor where a line may ask for the context's name.
    """
    contexts = dialplan.contexts
    included = {each.context for context in contexts.values() for each in context.includes}
    asking = {name for name, context in contexts.items() if _asks(context)}
    first: dict[Includes, str] = {}
    found: dict[str, str] = {}
    for name, context in contexts.items():
        found[name] = name
        if context.steps or context.switches or not context.includes or name in included:
            continue
        key = tuple((each.context, each.hours) for each in context.includes)
        if key in first or not asking & _within(contexts, name):
            found[name] = first.setdefault(key, name)
    return found


def _asks(context: Context) -> bool:
    """Whether a line may ask in which context the call is."""
    texts = (text for step in context.steps for text in (step.application, step.arguments))
    return any(NAMED.search(text) or COMPUTED.search(text) for text in texts)


def _within(contexts: Mapping[str, Context], name: str) -> set[str]:
    """Return the contexts in which a context's lines are found."""
    found, waiting = set[str](), [name]
    while waiting:
        here = waiting.pop()
        if here not in found and here in contexts:
            found.add(here)
            waiting += [each.context for each in contexts[here].includes]
    return found
