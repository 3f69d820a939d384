"""What Dial and its like reach, and whether the gate's yes is kept there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from fastagi.audit.dial_options import KINDS
from fastagi.audit.entry import Party
from fastagi.audit.finding import Kind, Severity
from fastagi.audit.ways.devices import Device, Where, device, is_judged, options
from fastagi.audit.ways.emergency import is_settled
from fastagi.audit.ways.moves import FIRST, Begin, Move, Next, Reach, Target, Tell, target
from fastagi.audit.ways.state import Stage
from fastagi.audit.ways.substitution import BINDING, NUMBER
from fastagi.audit.ways.values import (
    NOTHING,
    Value,
    constant,
    cut_at,
    each_of,
    is_wide,
    split,
    stripped,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fastagi.audit.ways.moves import Line
    from fastagi.audit.ways.state import State

ASK: Final = "put `Gosub(dialguard,outbound,1(${EXTEN}))` before it, and dial `${GUARD_NUMBER}`"
AGAIN: Final = "ask again before it: repeat the `Gosub(dialguard,outbound,1(…))`"
WHO: Final = {
    Party.PHONE: "a phone",
    Party.TRANSFER: "who is transferred or forwarded",
    Party.OUTSIDE: "a call from outside",
    Party.GUEST: "a guest",
    Party.MACHINE: "a program",
}


def dial(line: Line) -> Iterator[Move]:
    """Follow `Dial(device&device,timeout,options,url)` (apps/app_dial.c)."""
    given = line.pieces()
    asked = options(given[2]) if len(given) > 2 else []
    yield from told_if_wide(line, given)
    is_ours = any(letter == "$" for letter, _ in asked)
    trunks = False
    for found in each_device(line, given[0]):
        trunks |= found.where in {Where.TRUNK, Where.UNKNOWN}
        yield from reached(line, found, is_bound=is_ours)
    if trunks and line.state.stage is Stage.YES and is_ours:
        yield from _undone(asked)
    yield from going_on(line, asked)
    yield Next(_after(line.state, trunks=trunks, is_ours=is_ours))


def each_device(line: Line, value: Value) -> Iterator[Device]:
    """Return each device of `device&device`."""
    for one in each_of(value):
        for each in split(one, "&"):
            yield device(stripped(each), line.site.devices)


def _after(state: State, *, trunks: bool, is_ours: bool) -> State:
    """Return what is known behind a Dial: one yes is good for one."""
    if state.stage is Stage.YES and (trunks or is_ours):
        state = state._replace(stage=Stage.USED)
    return state.having({"GUARD_VERDICT": NOTHING}) if is_ours else state


def reached(line: Line, found: Device, *, is_bound: bool) -> Iterator[Move]:
    """Say what is wrong with dialling a device here."""
    match found.where:
        case Where.PHONE:
            return
        case Where.LOCAL:
            context = found.context if found.context is not None else constant("default")
            yield Begin(Target(context, found.number, FIRST))
            return
        case Where.TRUNK | Where.UNKNOWN:
            pass
    if is_settled(found.number, line.within, line.site.emergency):
        yield Reach(found.said)
        return
    yield Reach(found.said, is_known=found.where is Where.TRUNK)
    match line.state.stage:
        case Stage.NEVER:
            is_trunk = found.where is Where.TRUNK or is_wide(found.number)
            for party in WHO:
                yield _unasked(found.said, party, is_trunk=is_trunk)
        case Stage.NO:
            yield _unchecked(found.said)
        case Stage.UNHEARD if line.state.cleared:
            yield _unchecked(found.said)
        case Stage.UNHEARD:
            yield Tell(
                Kind.STALE,
                Severity.HIGH,
                f"`{found.said}` is dialled though the gate may not have answered: "
                "`GUARD_VERDICT` may be one of before",
                "clear it before the gate is asked: `Set(GUARD_VERDICT=)`, or use the routine "
                "`Gosub(dialguard,outbound,1(${EXTEN}))`",
            )
        case Stage.USED:
            yield Tell(
                Kind.STALE,
                Severity.HIGH,
                f"`{found.said}` is dialled with a yes that another `Dial` has used",
                AGAIN,
            )
        case Stage.YES:
            yield from _kept(found, is_bound=is_bound)


def _unasked(said: str, party: Party, *, is_trunk: bool) -> Tell:
    what, parties = f"`{said}` is dialled for {WHO[party]}", frozenset({party})
    if is_trunk:
        message = f"{what}, and the gate is not asked"
        return Tell(Kind.UNGATED, Severity.HIGH, message, ASK, parties)
    return Tell(
        Kind.UNKNOWN,
        Severity.MEDIUM,
        f"{what}, and it cannot be known what it is: it may be a trunk, and the gate is not asked",
        "write the technology into the line, `PJSIP/…`, or ask the gate before it",
        parties,
    )


def _unchecked(said: str) -> Tell:
    return Tell(
        Kind.UNCHECKED,
        Severity.HIGH,
        f"`{said}` is dialled though the gate said no, or nothing",
        'go on only where `$["${GUARD_VERDICT}" = "ALLOW"]`; AGISTATUS is no verdict',
    )


def _kept(found: Device, *, is_bound: bool) -> Iterator[Tell]:
    if not is_judged(found.number):
        yield Tell(
            Kind.OTHER_DIGITS,
            Severity.HIGH,
            f"`{found.said}` is dialled, which is not the number that was judged",
            f"dial `${{{NUMBER}}}`, or `${{FILTER(0-9,${{{NUMBER}}})}}` for a trunk without plus",
        )
    if not is_bound:
        yield Tell(
            Kind.UNBOUND,
            Severity.HIGH,
            f"`{found.said}` is dialled without the gate's options: the call has no end, and its "
            "slot is not given back",
            f"put `${{{BINDING}}}` behind all other options of `Dial`",
        )


def _undone(asked: list[tuple[str, Value | None]]) -> Iterator[Tell]:
    ours = next(place for place, (letter, _) in enumerate(asked) if letter == "$")
    for kind in KINDS:
        odd = [(place, x) for place, (x, _) in enumerate(asked) if x in kind.options]
        if odd:
            letters = ", ".join(f"`{letter}`" for letter in dict.fromkeys(x for _, x in odd))
            overrides = "b" in kind.options and any(place > ours for place, _ in odd)
            yield Tell(
                Kind.UNBOUND,
                Severity.HIGH if overrides else Severity.MEDIUM,
                kind.what % letters,
                kind.cure,
            )


def going_on(line: Line, asked: list[tuple[str, Value | None]]) -> Iterator[Move]:
    """Follow the options that go on in the dialplan, on this channel or the other."""
    for letter, inside in asked:
        match letter:
            case "F" if inside is None:
                yield Begin(_here(line))
            case "F" | "G" if inside is not None:
                yield Begin(place := _place(inside))
                if letter == "G":
                    yield Begin(Target(place.context, place.dialled, constant("2")))
            case "b" | "B" if inside is not None:
                where, arguments = cut_at(inside, "(")
                yield Begin(_place(where), None, tuple(split(_closed(arguments), "^")))
            case "U" if inside is not None:
                name, *given = split(inside, "^")
                yield Begin(Target(name, constant("s"), FIRST), None, tuple(given))
            case "M" if inside is not None:
                name, *given = split(inside, "^")
                yield Begin(Target(("macro-", *name), constant("s"), FIRST), None, tuple(given))
            case "d":
                exits = line.scope.named("EXITCONTEXT")
                known = exits if len(exits) == 1 and isinstance(exits[0], str) else None
                yield Begin(Target(known, line.scope.value("${ANY_KEY}"), FIRST))
            case _:
                pass


def _closed(value: Value | None) -> Value:
    return cut_at(value, ")")[0] if value else NOTHING


def _here(line: Line) -> Target:
    return Target(None, line.scope.named("EXTEN"), constant(str(line.state.priority + 1)))


def _place(inside: Value) -> Target:
    return target(split(inside, "^"))


def told_if_wide(line: Line, given: list[Value]) -> Iterator[Tell]:
    """Say it where what was dialled may split arguments, or name another channel."""
    if any(is_wide(each) for each in given):
        yield Tell(
            Kind.UNFILTERED,
            Severity.HIGH,
            f"what was dialled goes into `{line.application}` as it is: whoever dials can write "
            "`&`, `/`, `,` and letters, and so name another channel",
            "filter it: `${FILTER(0-9+*#,${EXTEN})}`, or take a pattern of digits (`_X.` matches "
            "everything behind its first digit)",
        )


def originate(line: Line) -> Iterator[Move]:
    """Follow `Originate(device,exten|app,…)` (apps/app_originate.c)."""
    given = line.pieces()
    yield from told_if_wide(line, given)
    for found in each_device(line, given[0]):
        yield from reached(line, found, is_bound=False)
    yield from going_on(line, options(given[6]) if len(given) > 6 else [])
    if len(given) > 2 and given[1] == ("exten",):
        dialled = given[3] if len(given) > 3 and given[3] else constant("s")
        priority = given[4] if len(given) > 4 and given[4] else FIRST
        yield Begin(Target(given[2], dialled, priority))
    yield Next(line.state)


def everyone(line: Line) -> Iterator[Move]:
    """Follow `Page(device&device,…)`: each is dialled, with no yes for so many."""
    given = line.pieces()
    yield from told_if_wide(line, given)
    for found in each_device(line, given[0]):
        yield from reached(line, found, is_bound=False)
    yield from going_on(line, options(given[1]) if len(given) > 1 else [])
    yield Next(line.state)


def listed(line: Line, members: tuple[str, ...] | None) -> Iterator[Move]:
    """Follow an application that dials whom another file lists; None where it is not known."""
    given = line.pieces()
    yield from told_if_wide(line, given)
    yield from going_on(line, options(given[1]) if len(given) > 1 else [])
    for member in members or ():
        yield from reached(line, device(constant(member), line.site.devices), is_bound=False)
    yield Next(line.state)
