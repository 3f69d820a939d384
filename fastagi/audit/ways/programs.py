"""Programs outside of Asterisk; one of them is the gate."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from fastagi.audit.finding import Kind, Severity
from fastagi.audit.ways import dialling
from fastagi.audit.ways.moves import (
    Move,
    Next,
    Reach,
    Tell,
)
from fastagi.audit.ways.state import Stage
from fastagi.audit.ways.values import (
    constant,
    spelled,
    text_of,
    unknown,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fastagi.audit.ways.moves import Line


GATE: Final = re.compile(r"h?agi://[^/?]*/outbound(?![\w-])", re.IGNORECASE)


OURS: Final = re.compile(
    r"h?agi://[^/?]*/(release|sign-in|sign-off|signed-in)(?![\w-])", re.IGNORECASE
)


def agi(line: Line) -> Iterator[Move]:
    """Follow `AGI(url,arguments)`: the gate, a door of ours, or any program."""
    given = line.pieces()
    yield from dialling.told_if_wide(line, given)
    asked = spelled(given[0])
    if OURS.match(asked):
        yield Next(line.state.having({"AGISTATUS": unknown("AGISTATUS")}))
    elif GATE.match(asked):
        yield from _answers(line)
    else:
        yield from program(line, f"`{line.application}({asked})` runs a program")


def _answers(line: Line) -> Iterator[Move]:
    """Go on with each answer of the gate: yes, no, and none."""
    before = line.scope.named("GUARD_VERDICT")
    cleared = text_of(before) not in {None, "ALLOW"}
    kept = {
        name: value
        for name, value in line.state.known().items()
        if not name.startswith("GUARD_") or name == "GUARD_VERDICT"
    }
    success, failure = constant("SUCCESS"), constant("FAILURE")
    for stage, verdict, status in (
        (Stage.YES, constant("ALLOW"), success),
        (Stage.NO, constant("DENY"), success),
        (Stage.UNHEARD, before, success),
        (Stage.UNHEARD, before, failure),
    ):
        known = kept if stage is Stage.YES else line.state.known()
        yield Next(
            line.state._replace(
                stage=stage,
                cleared=cleared,
                variables=frozenset(
                    {**known, "GUARD_VERDICT": verdict, "AGISTATUS": status}.items()
                ),
            )
        )


def external(line: Line) -> Iterator[Move]:
    """Follow what hands the call over: `Stasis`, `ExternalIVR`."""
    given = line.pieces()
    yield from dialling.told_if_wide(line, given)
    yield from program(line, f"`{line.application}({spelled(given[0])})` hands the call over")


def program(line: Line, what: str) -> Iterator[Move]:
    """Say that a program may do anything, and go on knowing nothing."""
    yield Reach(line.application, is_known=False)
    yield Tell(
        Kind.UNKNOWN,
        Severity.MEDIUM,
        f"{what}, which may dial whatever it likes",
        "see that it dials nothing but `Local/…` of a context that asks the gate",
    )
    yield Next(line.state.knowing(frozenset()))


def system(line: Line) -> Iterator[Move]:
    """Follow `System(command)`."""
    command = line.scope.value(line.arguments)
    yield from dialling.told_if_wide(line, [command])
    said = spelled(command).lower()
    if "originate" in said or "spool/asterisk/outgoing" in said:
        yield from program(line, f"`{line.application}` starts calls")
    else:
        yield Next(line.state)
