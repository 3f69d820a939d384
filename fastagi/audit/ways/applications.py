"""What each application does with a call: Asterisk's apps/ and main/pbx_builtins.c."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from fastagi.audit.entry import Party
from fastagi.audit.finding import Kind, Severity
from fastagi.audit.ways import dialling
from fastagi.audit.ways.devices import device
from fastagi.audit.ways.language import KEYS, Language
from fastagi.audit.ways.moves import (
    FIRST,
    Back,
    Begin,
    Drop,
    Enter,
    Jump,
    Move,
    Next,
    Reach,
    Target,
    Tell,
    parsed,
)
from fastagi.audit.ways.setting import assigned
from fastagi.audit.ways.source import branches, call, pieces
from fastagi.audit.ways.state import Stage
from fastagi.audit.ways.values import (
    Hole,
    Origin,
    Value,
    constant,
    language_of,
    spelled,
    text_of,
    unknown,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from fastagi.audit.ways.moves import Line

GATE: Final = re.compile(r"h?agi://[^/?]*/outbound(?![\w-])", re.IGNORECASE)
OURS: Final = re.compile(
    r"h?agi://[^/?]*/(release|sign-in|sign-off|signed-in)(?![\w-])", re.IGNORECASE
)
KEYED: Final[Value] = (Hole(Language((), KEYS, 1), Origin.DIALLED),)
"""What somebody keys who is asked for an extension."""

DEEPEST: Final = 8
"""Applications within applications (`ExecIf(…?TryExec(…))`), before one is given up."""


def run(line: Line, depth: int = 0) -> Iterator[Move]:
    """Say all that may come of a line."""
    if "$" in line.application:
        yield from _computed(line, depth)
        return
    name = line.application.lower()
    if name in WITHIN and depth < DEEPEST:
        yield from WITHIN[name](line, depth + 1)
        return
    yield from APPLICATIONS.get(name, _ordinary)(line)


def _ordinary(line: Line) -> Iterator[Move]:
    yield Next(line.state)


def _computed(line: Line, depth: int) -> Iterator[Move]:
    name = line.scope.text(line.application)
    if name is not None:
        yield from run(replace(line, application=name.replace("$", "")), depth)
        return
    yield Reach(line.application, is_known=False)
    yield Tell(
        Kind.UNKNOWN,
        Severity.MEDIUM,
        f"which application `{line.application}` is cannot be known",
        "write the application's name into the line",
    )
    yield Next(line.state)


# ------------------------------------------------------------------ applications within others


def _exec(line: Line, depth: int) -> Iterator[Move]:
    """Follow `Exec(app(arguments))` and TryExec."""
    name, inside = call(line.arguments)
    yield from run(replace(line, application=name, arguments=inside), depth)


def _exec_if(line: Line, depth: int) -> Iterator[Move]:
    condition, one, other = branches(line.arguments)
    holds = line.scope.holds(condition)
    for text, unless in ((one, False), (other, True)):
        if holds is unless:
            continue
        if text:
            name, inside = call(text)
            yield from run(replace(line, application=name, arguments=inside), depth)
        else:
            yield Next(line.state)


def _exec_if_time(line: Line, depth: int) -> Iterator[Move]:
    _, one, other = branches(line.arguments)
    for text in (one, other):
        if text:
            name, inside = call(text)
            yield from run(replace(line, application=name, arguments=inside), depth)
        else:
            yield Next(line.state)


WITHIN: Final[Mapping[str, Callable[[Line, int], Iterator[Move]]]] = {
    "exec": _exec,
    "tryexec": _exec,
    "execif": _exec_if,
    "execiftime": _exec_if_time,
}

# ------------------------------------------------------------------ jumps


def _goto(line: Line) -> Iterator[Move]:
    yield Jump(line.state, parsed(line.scope, line.arguments))


def _goto_if(line: Line) -> Iterator[Move]:
    condition, one, other = branches(line.arguments)
    yield from _jumps(line, line.scope.holds(condition), one, other)


def _goto_if_time(line: Line) -> Iterator[Move]:
    _, one, other = branches(line.arguments)
    yield from _jumps(line, None, one, other)


def _jumps(line: Line, holds: bool | None, one: str, other: str) -> Iterator[Move]:
    for text, unless in ((one, False), (other, True)):
        if holds is not unless:
            yield Jump(line.state, parsed(line.scope, text)) if text else Next(line.state)


def _gosub(line: Line) -> Iterator[Move]:
    yield _enter(line, line.arguments)


def _gosub_if(line: Line) -> Iterator[Move]:
    condition, one, other = branches(line.arguments)
    holds = line.scope.holds(condition)
    for text, unless in ((one, False), (other, True)):
        if holds is not unless:
            yield _enter(line, text) if text else Next(line.state)


def _enter(line: Line, text: str) -> Move:
    parts = pieces(text, ",")
    last, opened, inside = parts[-1].partition("(")
    where = ",".join([*parts[:-1], last])
    given = pieces(inside.removesuffix(")"), ",") if opened and inside != ")" else []
    arguments = tuple(line.scope.value(each) for each in given)
    return Enter(line.state, parsed(line.scope, where), arguments, "Gosub")


def _ael_sub(line: Line) -> Iterator[Move]:
    name, *given = line.pieces()
    yield Enter(line.state, Target(name, constant("~~s~~"), FIRST), tuple(given), "Gosub")


def _macro(line: Line) -> Iterator[Move]:
    yield _macro_of(line, line.arguments)


def _macro_if(line: Line) -> Iterator[Move]:
    condition, one, other = branches(line.arguments)
    holds = line.scope.holds(condition)
    for text, unless in ((one, False), (other, True)):
        if holds is not unless:
            yield _macro_of(line, text) if text else Next(line.state)


def _macro_of(line: Line, text: str) -> Enter:
    name, *given = (line.scope.value(each.strip()) for each in pieces(text, ","))
    target = Target(("macro-", *name), constant("s"), FIRST)
    state = line.state.having({"MACRO_EXTEN": line.scope.named("EXTEN")})
    return Enter(state, target, tuple(given), "Macro")


def _return(line: Line) -> Iterator[Move]:
    value = line.scope.value(line.arguments)
    yield Back(line.state.having({"GOSUB_RETVAL": value}))


def _macro_exit(line: Line) -> Iterator[Move]:
    yield Back(line.state)


def _stack_pop(line: Line) -> Iterator[Move]:
    yield Drop(line.state)


def _end(_: Line) -> Iterator[Move]:
    yield from ()


# ------------------------------------------------------------------ loops


def _while(line: Line) -> Iterator[Move]:
    holds = line.scope.holds(line.arguments)
    if holds is not False:
        yield Next(line.state)
    if holds is not True:
        yield from _behind_loop(line)


def _end_while(line: Line) -> Iterator[Move]:
    yield from _to(line, _matching(line, "endwhile", "while", -1))


def _exit_while(line: Line) -> Iterator[Move]:
    yield from _behind_loop(line)


def _behind_loop(line: Line) -> Iterator[Move]:
    end = _matching(line, "while", "endwhile", 1)
    yield from _to(line, end + 1 if end else 0)


def _to(line: Line, priority: int) -> Iterator[Move]:
    if priority:
        yield Jump(line.state, Target(None, None, constant(str(priority))))


def _matching(line: Line, opening: str, closing: str, by: int) -> int:
    """Return the priority of a loop's other end (apps/app_while.c); 0 where it has none."""
    here = line.lookup.compiled(line.within)
    name = line.step.extension.lower()
    them = {
        step.priority: step.application.lower()
        for step in here.context.steps
        if step.extension.lower() == name and step.caller_id == line.step.caller_id
    }
    depth, priority = 1, line.step.priority + by
    while priority in them:
        depth += (them[priority] == opening) - (them[priority] == closing)
        if not depth:
            return priority
        priority += by
    return 0


# ------------------------------------------------------------------ programs


def _agi(line: Line) -> Iterator[Move]:
    given = line.pieces()
    yield from dialling.told_if_wide(line, given)
    asked = spelled(given[0])
    if OURS.match(asked):
        yield Next(line.state.having({"AGISTATUS": unknown("AGISTATUS")}))
    elif GATE.match(asked):
        yield from _answers(line)
    else:
        yield from _program(line, f"`{line.application}({asked})` runs a program")


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
            replace(
                line.state,
                stage=stage,
                cleared=cleared,
                variables=frozenset(
                    {**known, "GUARD_VERDICT": verdict, "AGISTATUS": status}.items()
                ),
            )
        )


def _external(line: Line) -> Iterator[Move]:
    given = line.pieces()
    yield from dialling.told_if_wide(line, given)
    yield from _program(line, f"`{line.application}({spelled(given[0])})` hands the call over")


def _program(line: Line, what: str) -> Iterator[Move]:
    yield Reach(line.application, is_known=False)
    yield Tell(
        Kind.UNKNOWN,
        Severity.MEDIUM,
        f"{what}, which may dial whatever it likes",
        "see that it dials nothing but `Local/…` of a context that asks the gate",
    )
    yield Next(replace(line.state, variables=frozenset()))


def _system(line: Line) -> Iterator[Move]:
    command = line.scope.value(line.arguments)
    yield from dialling.told_if_wide(line, [command])
    said = spelled(command).lower()
    if "originate" in said or "spool/asterisk/outgoing" in said:
        yield from _program(line, f"`{line.application}` starts calls")
    else:
        yield Next(line.state)


# ------------------------------------------------------------------ variables


def _set(line: Line) -> Iterator[Move]:
    yield from _assign(line, [line.arguments])


def _mset(line: Line) -> Iterator[Move]:
    yield from _assign(line, pieces(line.arguments, ","))


def _assign(line: Line, texts: list[str]) -> Iterator[Move]:
    state, scope = line.state, line.scope
    for text in texts:
        name, equals, value = text.partition("=")
        if equals:
            done = assigned(state, scope, name.strip(), value)
            yield from done.begun
            state = done.state
    yield Next(state)


def _read(line: Line) -> Iterator[Move]:
    name = text_of(line.pieces()[0])
    yield Next(line.state.having({name: KEYED}) if name else line.state)


# ------------------------------------------------------------------ calls that go elsewhere


def _keys(line: Line) -> Iterator[Move]:
    """Follow what waits for an extension: `Background`, `WaitExten`."""
    yield Begin(Target(None, KEYED, FIRST))
    yield Next(line.state)


def _background(line: Line) -> Iterator[Move]:
    given = line.pieces()
    context = given[3] if len(given) > 3 and given[3] else None
    yield Begin(Target(context, KEYED, FIRST))
    yield Next(line.state)


def _disa(line: Line) -> Iterator[Move]:
    given = line.pieces()
    context = given[1] if len(given) > 1 and given[1] else constant("disa")
    yield Begin(Target(context, KEYED, FIRST))
    is_open = text_of(given[0]) in {"no-password", ""}
    if is_open or line.party in {Party.OUTSIDE, Party.GUEST}:
        yield Tell(
            Kind.DISA,
            Severity.HIGH if is_open else Severity.MEDIUM,
            "DISA gives a dial tone to whoever gets here"
            + ("" if is_open else " and knows its code, which nobody locks after wrong ones"),
            "leave it out, or ask the gate for PIN and code before it",
        )


def _blind_transfer(line: Line) -> Iterator[Move]:
    given = line.pieces()
    context = given[1] if len(given) > 1 and given[1] else None
    yield Begin(Target(context, given[0], FIRST), Party.TRANSFER)
    yield Next(line.state)


def _transfer(line: Line) -> Iterator[Move]:
    given = line.pieces()
    yield from dialling.told_if_wide(line, given)
    if line.party is Party.OUTSIDE:
        yield Reach(spelled(given[0]), is_known=False)
        yield Tell(
            Kind.UNKNOWN,
            Severity.LOW,
            f"`{line.application}` asks whoever called to dial `{spelled(given[0])}`: a trunk may "
            "do so at your expense",
            "dial it through the gate instead",
        )
    yield Next(line.state)


def _redirect(line: Line) -> Iterator[Move]:
    given = pieces(line.arguments, ",", 1)
    if len(given) > 1:
        yield Begin(parsed(line.scope, given[1]))
    yield Next(line.state)


def _queue(line: Line) -> Iterator[Move]:
    yield from dialling.listed(line, _names(line, line.lists.queues))


def _follow_me(line: Line) -> Iterator[Move]:
    if line.lists.followed is None:
        yield Reach(line.application, is_known=False)
        yield Tell(
            Kind.UNKNOWN,
            Severity.LOW,
            f"`{line.application}` dials numbers of followme.conf",
            "have its `context` be one that asks the gate",
        )
    yield from dialling.listed(line, _names(line, line.lists.followed))


def _names(line: Line, lists: Mapping[str, Sequence[str]] | None) -> tuple[str, ...]:
    """Return whom a list dials; of all lists where it is not known which."""
    if lists is None:
        return ()
    named = line.pieces()[0]
    name = text_of(named)
    if name is not None:
        return tuple(lists.get(name, ()))
    may_be = language_of(named)
    return tuple(each for key, them in lists.items() if may_be.has(key) for each in them)


def _member(line: Line) -> Iterator[Move]:
    """Follow `AddQueueMember(queue,interface,…)`: it will be dialled."""
    given = line.pieces()
    yield from dialling.told_if_wide(line, given)
    if len(given) > 1:
        yield from dialling.reached(line, device(given[1], line.devices), is_bound=False)
    yield Next(line.state)


def _park(line: Line) -> Iterator[Move]:
    """Follow `ParkAndAnnounce(lot,options,announcement,device)`: the device is called."""
    given = line.pieces()
    if len(given) > 3:
        yield from dialling.reached(line, device(given[3], line.devices), is_bound=False)
    yield Next(line.state)


def _retry_dial(line: Line) -> Iterator[Move]:
    """Follow `RetryDial(announce,sleep,retries,Dial's own…)`."""
    rest = ",".join(pieces(line.arguments, ",")[3:])
    yield from dialling.dial(replace(line, arguments=rest))


def _voicemail(line: Line) -> Iterator[Move]:
    """Follow the keys that leave voicemail: `0` and `*`."""
    for extension in ("o", "a"):
        yield Begin(Target(None, constant(extension), FIRST))
    yield Next(line.state)


APPLICATIONS: Final[Mapping[str, Callable[[Line], Iterator[Move]]]] = {
    "addqueuemember": _member,
    "aelsub": _ael_sub,
    "agi": _agi,
    "background": _background,
    "backgrounddetect": _keys,
    "blindtransfer": _blind_transfer,
    "busy": _end,
    "channelredirect": _redirect,
    "congestion": _end,
    "continuewhile": _end_while,
    "deadagi": _agi,
    "dial": dialling.dial,
    "disa": _disa,
    "eagi": _agi,
    "endwhile": _end_while,
    "exitwhile": _exit_while,
    "externalivr": _external,
    "fastagi": _agi,
    "followme": _follow_me,
    "gosub": _gosub,
    "gosubif": _gosub_if,
    "goto": _goto,
    "gotoif": _goto_if,
    "gotoiftime": _goto_if_time,
    "hangup": _end,
    "macro": _macro,
    "macroexit": _macro_exit,
    "macroexclusive": _macro,
    "macroif": _macro_if,
    "mset": _mset,
    "originate": dialling.originate,
    "page": dialling.everyone,
    "parkandannounce": _park,
    "queue": _queue,
    "read": _read,
    "readexten": _read,
    "retrydial": _retry_dial,
    "return": _return,
    "set": _set,
    "stackpop": _stack_pop,
    "stasis": _external,
    "system": _system,
    "transfer": _transfer,
    "trysystem": _system,
    "voicemail": _voicemail,
    "voicemailmain": _voicemail,
    "waitexten": _keys,
    "while": _while,
}
