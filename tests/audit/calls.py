"""One call, handed in with all that happens to it, and what is told of its walk."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from fastagi.audit.place import Place


@dataclass(frozen=True, slots=True)
class Sent:
    """Where a party sends the other one, or a phone the call: by transfer, by a 302."""

    digits: str
    by: str
    """`caller` and `called` by a feature code (options T and t); `forward`, a 302."""


@dataclass(frozen=True, slots=True)
class Call:
    """One call, and all that happens to it.

    Attributes:
        verdicts: What the gate says, question by question; then it denies.
        answers: Whether who is dialled answers, Dial by Dial (and Originate); then nobody does.
        keyed: What is keyed, prompt by prompt; then nothing.
        sent: What parties do, while a Dial of theirs is up, one after another.
        hours: The times of day, as they are written in the dialplan, that it is now.
        hangs_up_after: The caller's steps before it hangs up; None for as late as can be.
        homes: The contexts of phones.
    """

    context: str
    dialled: str
    caller: str = "101"
    variables: Mapping[str, str] = field(default_factory=dict)
    verdicts: tuple[bool, ...] = ()
    answers: tuple[bool, ...] = ()
    keyed: tuple[str, ...] = ()
    sent: tuple[Sent, ...] = ()
    hours: frozenset[str] = frozenset()
    hangs_up_after: int | None = None
    homes: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Reached:
    """A trunk that was dialled.

    Attributes:
        place: The line that dialled.
        device: Whom.
        faults: Why the gate's leave does not cover it; empty where it does.
    """

    place: Place
    device: str
    faults: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Trod:
    """One step as it was taken, its arguments as they were then."""

    channel: int
    context: str
    extension: str
    priority: int
    application: str
    arguments: str
    place: Place


@dataclass(frozen=True, slots=True)
class Walk:
    """What became of a call, all of its channels together."""

    trail: tuple[Trod, ...]
    reached: tuple[Reached, ...]

    @property
    def ungated(self) -> tuple[Reached, ...]:
        """The trunks that were reached without leave."""
        return tuple(each for each in self.reached if each.faults)
