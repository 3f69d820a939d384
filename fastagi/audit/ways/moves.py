"""What a line does with a call: the words between applications and the walk."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, TypeAlias

from fastagi.audit.ways.source import pieces

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from fastagi.audit.dialplan import Step
    from fastagi.audit.entry import Devices, Party
    from fastagi.audit.finding import Kind, Severity
    from fastagi.audit.ways.lookup import Lookup
    from fastagi.audit.ways.state import State
    from fastagi.audit.ways.substitution import Scope
    from fastagi.audit.ways.values import Value


@dataclass(frozen=True, slots=True)
class Lists:
    """What other files say of whom a name dials.

    Attributes:
        queues: Members of queues, as Dial would have them (`PJSIP/101`); None where nobody knows.
        followed: Numbers of follow-me, by name, with their context (`Local/0171@outside`).
    """

    queues: Mapping[str, Sequence[str]] | None = None
    followed: Mapping[str, Sequence[str]] | None = None


@dataclass(frozen=True, slots=True)
class Site:
    """What is the same for all lines.

    Attributes:
        emergency: Numbers that a country gives out for it.
    """

    lookup: Lookup
    devices: Devices
    lists: Lists
    emergency: frozenset[str]


@dataclass(frozen=True, slots=True)
class Line:
    """A line that is run, whoever it is that calls.

    Attributes:
        state: What is known as it begins.
        arguments: Those of the application that is run, which may stand in another's.
        within: The context the line is written in.
    """

    state: State
    step: Step
    within: str
    application: str
    arguments: str
    scope: Scope
    site: Site

    def pieces(self, most: int = -1) -> list[Value]:
        """Return the arguments, substituted one by one."""
        return [self.scope.value(each.strip()) for each in pieces(self.arguments, ",", most)]


@dataclass(frozen=True, slots=True)
class Target:
    """Where to: context and extension are the line's own where they are None."""

    context: Value | None
    dialled: Value | None
    priority: Value


@dataclass(frozen=True, slots=True)
class Next:
    """The next priority."""

    state: State


@dataclass(frozen=True, slots=True)
class Jump:
    """Another line, in the same routine."""

    state: State
    target: Target


@dataclass(frozen=True, slots=True)
class Enter:
    """A routine, and back; `kind` is `Gosub` or `Macro`."""

    state: State
    target: Target
    arguments: tuple[Value, ...]
    kind: str


@dataclass(frozen=True, slots=True)
class Back:
    """From a routine to the line behind its call."""

    state: State


@dataclass(frozen=True, slots=True)
class Drop:
    """On, as if the routine had not been called."""

    state: State


@dataclass(frozen=True, slots=True)
class Begin:
    """Another channel, or this one later, of which nothing is known.

    Attributes:
        party: Whose it is; None for that of the line.
        arguments: Of a routine that is run there.
    """

    target: Target
    party: Party | None = None
    arguments: tuple[Value, ...] = ()


@dataclass(frozen=True, slots=True)
class Tell:
    """Something is wrong with this line.

    Attributes:
        parties: For whose calls it is; None for all.
    """

    kind: Kind
    severity: Severity
    message: str
    advice: str
    parties: frozenset[Party] | None = None


@dataclass(frozen=True, slots=True)
class Reach:
    """A trunk is dialled, after the gate's yes or not: for the drawing.

    Attributes:
        parties: By whose calls; None for all.
    """

    trunk: str
    is_known: bool = True
    parties: frozenset[Party] | None = None


Move: TypeAlias = "Next | Jump | Enter | Back | Drop | Begin | Tell | Reach"

FIRST: Final = ("1",)


def parsed(scope: Scope, text: str) -> Target:
    """Read `[[context,]extension,]priority` (main/pbx.c, pbx_parseable_goto)."""
    return target([scope.value(each.strip()) for each in pieces(text, ",")])


def target(parts: list[Value]) -> Target:
    """Return `[[context,]extension,]priority` of its parts, of which there is one at least."""
    if len(parts) > 2:
        return Target(*parts[:3])
    return Target(None, parts[0] if len(parts) > 1 else None, parts[-1])
