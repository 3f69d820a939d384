"""The calls of the past, put to policies as if they were made under them: the bare loop.

    for past, (now, then) in replay(records, (Rehearsal(in_force), Rehearsal(proposed))):
        ...

What a record does not tell is assumed (`Assumptions`), and nothing else is: each call is wanted
at the moment, for as long, by the same phone, whatever became of those before it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from fastagi.call.identify import UNIQUEID
from fastagi.rehearsal.wanted import EVERY_FACTOR, Wanted

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from fastagi.cdr.past_call import PastCall
    from fastagi.policy.model import Factor
    from fastagi.rehearsal.rehearsal import Rehearsal
    from fastagi.rehearsal.wanted import Outcome


@dataclass(frozen=True, slots=True)
class Assumptions:
    """What is assumed of the calls, as no record tells it.

    Attributes:
        can_show: The factors that callers key right when they are asked: the same for all calls,
            or as a function says of each. Honest callers know theirs.
        signed_in: Whether callers sign in on their phone where a rule asks for that: at its
            terms, on their own phone, as often as it takes.
        address: Where a phone is whose record does not tell; empty where that is to stay unknown,
            so that whatever asks for a network falls to its stricter side.
        transport: How it speaks, likewise.
        silent: Whether callers key nothing at all.
    """

    can_show: frozenset[Factor] | Callable[[PastCall], frozenset[Factor]] = EVERY_FACTOR
    signed_in: bool = True
    address: str = ""
    transport: str = ""
    silent: bool = False


HONEST: Final = Assumptions()


def replay(
    records: Iterable[PastCall],
    rehearsals: Sequence[Rehearsal],
    assumptions: Assumptions = HONEST,
) -> Iterator[tuple[PastCall, tuple[Outcome, ...]]]:
    """Put each call to every rehearsal, and yield what each answers.

    Streaming: one record is read at a time, and nothing of it is kept. Settlements come to what
    each rehearsal was given as `settled`, between; and those of the last calls at the end, before
    the iterator is exhausted.

    Args:
        records: In order of time.
        rehearsals: One for each policy, not begun yet; slices are theirs to say.
        assumptions: What no record tells.
    """
    for past in records:
        wanted = wanted_of(past, assumptions)
        yield past, tuple([each.call(wanted) for each in rehearsals])
    for each in rehearsals:
        each.finish()


def wanted_of(past: PastCall, assumptions: Assumptions = HONEST) -> Wanted:
    """Return what somebody wanted who made a call of the past.

    What cannot be Asterisk's name of a channel names no call: it is one by itself, then.
    """
    shown = assumptions.can_show
    return Wanted(
        past.at,
        past.extension,
        past.dialled,
        past.rings_s,
        past.talked_s,
        past.call if UNIQUEID.fullmatch(past.call) else "",
        past.node,
        past.trunk,
        past.address or assumptions.address,
        past.transport or assumptions.transport,
        shown(past) if callable(shown) else shown,
        assumptions.silent,
        assumptions.signed_in,
    )
