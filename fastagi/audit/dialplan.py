"""A dialplan as it is loaded: contexts, and the steps of their extensions (main/pbx.c).

Wherever it was read from, files or AMI, it looks alike here: `same =>` and `n` are resolved,
nothing is substituted.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from fastagi.audit.place import Place


@dataclass(frozen=True, slots=True)
class Step:
    """One priority of an extension.

    Attributes:
        extension: As it is written: `100`, `s`, `h`, `_9X.`.
        caller_id: What stands behind its slash, where it is for some callers only; else empty.
        priority: From 1; a hint (-1) is no step.
        label: `n(label)`; empty where it has none.
        application: As it is written; Asterisk does not tell `dial` from `Dial`.
        arguments: Between the outermost parentheses, as they are written.
    """

    extension: str
    caller_id: str
    priority: int
    label: str
    application: str
    arguments: str
    place: Place


@dataclass(frozen=True, slots=True)
class Include:
    """Another context, looked through where this one has no extension that fits.

    Attributes:
        hours: When it counts, as it is written (`9:00-17:00,mon-fri,*,*`); empty for always.
    """

    context: str
    hours: str
    place: Place


@dataclass(frozen=True, slots=True)
class Switch:
    """Extensions that are looked up elsewhere, by `Realtime` or `Lua`: nobody knows which.

    Attributes:
        kind: The word before the slash.
        data: What is behind it.
    """

    kind: str
    data: str
    place: Place


@dataclass(frozen=True, slots=True)
class Context:
    """One context; written in several places it is one all the same.

    Attributes:
        steps: In the order of the files; of two that are alike Asterisk keeps the first.
        includes: In the order in which they are looked through, behind all extensions of its own.
        place: Where it is written first.
    """

    name: str
    steps: tuple[Step, ...]
    includes: tuple[Include, ...]
    switches: tuple[Switch, ...]
    place: Place


@dataclass(frozen=True, slots=True)
class Dialplan:
    """All of it.

    Attributes:
        contexts: By name.
        variables: `[globals]`, as they are written.
    """

    contexts: Mapping[str, Context]
    variables: Mapping[str, str] = field(default_factory=dict)
