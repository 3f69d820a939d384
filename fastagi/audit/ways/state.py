"""What is known of a call at one line."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING, Final, NamedTuple, TypeAlias

from fastagi.audit.ways.language import of_text
from fastagi.audit.ways.values import Value, either

if TYPE_CHECKING:
    from collections.abc import Mapping

    from fastagi.audit.dialplan import Include, Step
    from fastagi.audit.entry import Entry, Party
    from fastagi.audit.ways.language import Language
    from fastagi.audit.ways.lookup import Dialled, Wanted

LOCAL: Final = "="
"""Before the name of a variable of this routine alone."""


class Stage(Enum):
    """What the gate has said on this channel."""

    __hash__ = object.__hash__  # each is one object; Enum's own hashes the name at every line

    NEVER = "never asked"
    YES = "yes"
    USED = "yes, and it was used"
    NO = "no, and it went on"
    UNHEARD = "nothing, and it went on"


Variables: TypeAlias = "frozenset[tuple[str, Value]]"

Who: TypeAlias = "Mapping[Party, Entry]"


@dataclass(frozen=True, slots=True)
class Frame:
    """Which routine a line is run in; who called it is kept elsewhere, by this.

    Attributes:
        kind: `Gosub`, `Macro`, or empty for the channel itself.
        start: Where it began, with all that was known there; None for the channel itself.
        wanted: At which priority or label.
    """

    kind: str = ""
    start: State | None = None
    wanted: Wanted = None
    _hash: list[int] = field(default_factory=list, init=False, compare=False, repr=False)

    def __hash__(self) -> int:
        """Return what is worked out once only: it is asked for at every line."""
        if not self._hash:
            self._hash.append(hash((self.kind, self.start, self.wanted)))
        return self._hash[0]


class State(NamedTuple):
    """A place, and what is known there; a tuple, as a large site has hundreds of thousands.

    Attributes:
        context: That of the channel, which may include the one the line stands in.
        cleared: Whether the verdict of before was cleared as the gate was asked.
        caller: What the caller's number fits, if it was looked at: `101` of `exten => _X./101`.
    """

    context: str
    dialled: Dialled
    priority: int
    stage: Stage = Stage.NEVER
    cleared: bool = False
    variables: Variables = frozenset()
    caller: str = ""

    def at(self, context: str, dialled: Dialled, priority: int) -> State:
        """Return the same elsewhere."""
        return State(context, dialled, priority, *self[3:])

    def knowing(self, variables: Variables) -> State:
        """Return it with nothing known but these variables."""
        return State(*self[:5], variables, self.caller)

    def known(self) -> dict[str, Value]:
        """Return what is known of variables, by name."""
        return dict(self.variables)

    def having(self, values: Mapping[str, Value]) -> State:
        """Return it with some variables set."""
        return self.knowing(frozenset({**self.known(), **values}.items()))


def language_of_dialled(dialled: Dialled) -> Language:
    """Return what was dialled as a language."""
    return of_text(dialled) if isinstance(dialled, str) else dialled


def joined_variables(one: Variables, other: Variables) -> Variables:
    """Return what both know; what one does not know at all is not known."""
    left, right = dict(one), dict(other)
    return frozenset(
        (name, either(left[name], right[name])) for name in left.keys() & right.keys()
    )


@dataclass(slots=True)
class Node:
    """A line that was come to, and how.

    Attributes:
        step: The line; None for an entry.
        through: The includes by which it was found.
        before: The one that led here; None for an entry.
        who: Whose calls come here, and by which entry those of each party came in first.
        inside: The last line of a routine that was come back from just before.
        as_party: Whose call it was before, where another's begins here.
    """

    frame: Frame
    state: State
    step: Step | None
    context: str
    through: tuple[Include, ...]
    before: Node | None
    who: Who
    inside: Node | None = None
    as_party: Party | None = None

    def of(self, who: Who, as_party: Party | None) -> Node:
        """Return the same line, come to by others."""
        way = (self.frame, self.state, self.step, self.context, self.through, self.before)
        return Node(*way, who, self.inside, as_party)
