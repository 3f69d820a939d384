"""What each application does with a call: Asterisk's apps/ and main/pbx_builtins.c."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from fastagi.audit.finding import Kind, Severity
from fastagi.audit.ways import dialling, elsewhere, jumps, loops, programs, setting
from fastagi.audit.ways.moves import (
    Move,
    Next,
    Reach,
    Tell,
)
from fastagi.audit.ways.source import branches, call

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from fastagi.audit.ways.moves import Line


SHELL: Final = re.compile(r"SHELL\((.*)\)", re.IGNORECASE)


DEEPEST: Final = 40
"""Applications within applications (`ExecIf(…?TryExec(…))`), before one is given up."""


def run(line: Line, depth: int = 0) -> Iterator[Move]:
    """Say all that may come of a line."""
    if "$" in line.application:
        yield from _computed(line, depth)
        return
    name = line.application.lower()
    if "SHELL(" in line.arguments.upper():
        inside = SHELL.search(line.arguments)
        yield from dialling.told_if_wide(line, [line.scope.value(inside[1] if inside else "")])
    if name in WITHIN and depth == DEEPEST:
        yield from _unknown(line, "what stands within so many others")
        return
    if name in WITHIN:
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
    yield from _unknown(line, f"which application `{line.application}` is")


def _unknown(line: Line, what: str) -> Iterator[Move]:
    yield Reach(line.application, is_known=False)
    yield Tell(
        Kind.UNKNOWN,
        Severity.MEDIUM,
        f"{what} cannot be known",
        "write the application's name into the line",
    )
    yield Next(line.state)


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


def _end(_: Line) -> Iterator[Move]:
    yield from ()


APPLICATIONS: Final[Mapping[str, Callable[[Line], Iterator[Move]]]] = {
    "addqueuemember": elsewhere.member,
    "aelsub": jumps.ael_sub,
    "agi": programs.agi,
    "background": elsewhere.background,
    "backgrounddetect": elsewhere.wait_for_keys,
    "blindtransfer": elsewhere.blind_transfer,
    "bridge": elsewhere.bridge,
    "busy": _end,
    "channelredirect": elsewhere.redirect,
    "congestion": _end,
    "continuewhile": loops.end_while,
    "deadagi": programs.agi,
    "dial": dialling.dial,
    "directory": elsewhere.directory,
    "disa": elsewhere.disa,
    "eagi": programs.agi,
    "endwhile": loops.end_while,
    "exitwhile": loops.exit_while,
    "externalivr": programs.external,
    "fastagi": programs.agi,
    "followme": elsewhere.follow_me,
    "gosub": jumps.gosub,
    "gosubif": jumps.gosub_if,
    "goto": jumps.goto,
    "gotoif": jumps.goto_if,
    "gotoiftime": jumps.goto_if_time,
    "hangup": _end,
    "macro": jumps.macro,
    "macroexit": jumps.macro_exit,
    "macroexclusive": jumps.macro,
    "macroif": jumps.macro_if,
    "mixmonitor": elsewhere.recorded,
    "mset": setting.set_many,
    "originate": dialling.originate,
    "page": dialling.everyone,
    "parkandannounce": elsewhere.park,
    "queue": elsewhere.queue,
    "read": setting.read_keys,
    "readexten": setting.read_keys,
    "retrydial": elsewhere.retry_dial,
    "return": jumps.come_back,
    "set": setting.set_one,
    "stackpop": jumps.stack_pop,
    "stasis": programs.external,
    "system": programs.system,
    "transfer": elsewhere.transfer,
    "trysystem": programs.system,
    "voicemail": elsewhere.voicemail,
    "voicemailmain": elsewhere.voicemail,
    "waitexten": elsewhere.wait_for_keys,
    "while": loops.while_true,
}
