"""Calls in another's name: who is named by `on-behalf`, and whose digits are asked for then.

The gate charges a call to whoever the dialplan names, and asks for no code. So where a name is
fixed, the digits must not be those of a phone that gets there by itself: a thief who has its
password would call on the other's account.

Two marks go along with what is known of a call, as variables that no dialplan can name.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from fastagi.audit.entry import Party
from fastagi.audit.finding import Kind, Severity
from fastagi.audit.ways import routine
from fastagi.audit.ways.moves import Tell
from fastagi.audit.ways.state import LOCAL
from fastagi.audit.ways.values import Origin, constant, holes, text_of

if TYPE_CHECKING:
    from fastagi.audit.dialplan import Dialplan
    from fastagi.audit.place import Place
    from fastagi.audit.ways.state import State
    from fastagi.audit.ways.values import Value

NAMED: Final = "(named)"
"""Where it was said whose the next call is."""

GIVEN: Final = "(given)"
"""Set where the extension came from a database or a variable, and not from the caller."""

PHONES: Final = frozenset({Party.PHONE, Party.TRANSFER})
"""What comes in from outside is held by the rules of two parties outside."""


class Behalf:
    """Who was named at which line."""

    def __init__(self, dialplan: Dialplan) -> None:
        self._names: dict[str, tuple[str, Place]] = {}
        self._is_used = any(
            routine.NAMES in step.arguments
            for context in dialplan.contexts.values()
            for step in context.steps
        )

    def called(self, state: State, place: Place) -> State:
        """Return what is known as a routine begins: if it is `on-behalf`, who is named.

        Args:
            state: There, with the routine's arguments: the first is the name.
            place: The line that calls it.
        """
        if (state.context, state.dialled) != (routine.CONTEXT, routine.NAMES):
            return state
        known = state.known()
        known.pop(NAMED, None)
        if name := text_of(known.get(f"{LOCAL}ARG1", ())):
            mark = f"{name} {place}"
            self._names[mark] = name, place
            known[NAMED] = constant(mark)
        return state.knowing(frozenset(known.items()))

    def jumped(self, state: State, target: Value | None) -> State:
        """Return what is known where a call goes on at another extension, if it is not None."""
        if not self._is_used or target is None or not holes(target):
            return state
        if any(hole.origin is Origin.DIALLED for hole in holes(target)):
            return state
        return state.having({GIVEN: constant("1")})

    def told(self, state: State) -> tuple[Tell, Place] | None:
        """Return what is wrong where the gate is asked, and the line that names somebody.

        Args:
            state: As the gate's routine begins: its first argument is the number.
        """
        known = state.known()
        name, place = self._names.get(text_of(known.get(NAMED, ())) or "", ("", None))
        number = known.get(f"{LOCAL}ARG1", ())
        is_own = any(hole.origin is Origin.DIALLED for hole in holes(number))
        if place is None or not is_own or GIVEN in known:
            return None
        tell = Tell(
            Kind.NAMED,
            Severity.HIGH,
            f"whoever comes here with digits of their own calls on the account of `{name}`, and "
            "is asked for no code",
            "let no phone dial or transfer into this context, and include it nowhere; or go on at "
            "a number that is written here",
            PHONES,
        )
        return tell, place
