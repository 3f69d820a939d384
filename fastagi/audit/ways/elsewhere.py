"""Applications by which others are called, or callers sent on."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from fastagi.audit.entry import Party
from fastagi.audit.finding import Kind, Severity
from fastagi.audit.ways import dialling
from fastagi.audit.ways.devices import device, options
from fastagi.audit.ways.moves import (
    FIRST,
    Begin,
    Move,
    Next,
    Reach,
    Target,
    Tell,
    parsed,
)
from fastagi.audit.ways.programs import program
from fastagi.audit.ways.setting import KEYED
from fastagi.audit.ways.source import pieces
from fastagi.audit.ways.values import (
    constant,
    cut_at,
    language_of,
    spelled,
    text_of,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from fastagi.audit.ways.moves import Line
    from fastagi.audit.ways.values import Value


STRANGERS: Final = frozenset({Party.OUTSIDE, Party.GUEST})


def wait_for_keys(line: Line) -> Iterator[Move]:
    """Follow what waits for an extension: `Background`, `WaitExten`."""
    yield from _keyed(None)
    yield Next(line.state)


def _keyed(context: Value | None) -> Iterator[Begin]:
    """Go on at whatever is keyed, or at `i` and `t`, where it is nothing."""
    yield Begin(Target(context, KEYED, FIRST))
    for name in ("i", "t"):
        yield Begin(Target(context, constant(name), FIRST))


def background(line: Line) -> Iterator[Move]:
    """Follow `Background(sounds,options,language,context)`."""
    given = line.pieces()
    yield from _keyed(given[3] if len(given) > 3 and given[3] else None)
    yield Next(line.state)


def disa(line: Line) -> Iterator[Move]:
    """Follow `DISA(code,context,…)` (apps/app_disa.c)."""
    given = line.pieces()
    context = given[1] if len(given) > 1 and given[1] else constant("disa")
    yield Begin(Target(context, KEYED, FIRST))
    is_open = text_of(given[0]) in {"no-password", ""}
    yield Tell(
        Kind.DISA,
        Severity.HIGH if is_open else Severity.MEDIUM,
        "DISA gives a dial tone to whoever gets here"
        + ("" if is_open else " and knows its code, which nobody locks after wrong ones"),
        "leave it out, or ask the gate for PIN and code before it",
        None if is_open else STRANGERS,
    )


def blind_transfer(line: Line) -> Iterator[Move]:
    """Follow `BlindTransfer(extension,context)`."""
    given = line.pieces()
    context = given[1] if len(given) > 1 and given[1] else None
    yield Begin(Target(context, given[0], FIRST), Party.TRANSFER)
    yield Next(line.state)


def transfer(line: Line) -> Iterator[Move]:
    """Follow `Transfer(destination)`: whoever called is asked to dial."""
    given = line.pieces()
    yield from dialling.told_if_wide(line, given)
    outside = frozenset({Party.OUTSIDE})
    yield Reach(spelled(given[0]), is_known=False, parties=outside)
    yield Tell(
        Kind.UNKNOWN,
        Severity.LOW,
        f"`{line.application}` asks whoever called to dial `{spelled(given[0])}`: a trunk may "
        "do so at your expense",
        "dial it through the gate instead",
        outside,
    )
    yield Next(line.state)


def redirect(line: Line) -> Iterator[Move]:
    """Follow `ChannelRedirect(channel,[[context,]extension,]priority)`."""
    given = pieces(line.arguments, ",", 1)
    if len(given) > 1:
        yield Begin(parsed(line.scope, given[1]))
    yield Next(line.state)


def queue(line: Line) -> Iterator[Move]:
    """Follow `Queue(name,options,url,announcement,timeout,AGI,macro,gosub,…)`."""
    given = line.pieces()
    if len(given) > 5 and given[5]:
        yield from program(line, f"`{line.application}` runs `{spelled(given[5])}`")
    for place, before in ((6, ("macro-",)), (7, ())):
        if len(given) > place and given[place]:
            name = cut_at(given[place], "(")[0]
            yield Begin(Target((*before, *name), constant("s"), FIRST))
    yield from dialling.listed(line, _names(line, line.site.lists.queues))


def follow_me(line: Line) -> Iterator[Move]:
    """Follow `FollowMe(id,options)`."""
    if line.site.lists.followed is None:
        yield Reach(line.application, is_known=False)
        yield Tell(
            Kind.UNKNOWN,
            Severity.LOW,
            f"`{line.application}` dials numbers of followme.conf",
            "have its `context` be one that asks the gate",
        )
    yield from dialling.listed(line, _names(line, line.site.lists.followed))


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


def member(line: Line) -> Iterator[Move]:
    """Follow `AddQueueMember(queue,interface,…)`: it will be dialled."""
    given = line.pieces()
    yield from dialling.told_if_wide(line, given)
    if len(given) > 1:
        yield from dialling.reached(line, device(given[1], line.site.devices), is_bound=False)
    yield Next(line.state)


def directory(line: Line) -> Iterator[Move]:
    """Follow `Directory(voicemail context,context to dial in,…)`."""
    given = line.pieces()
    context = given[1] if len(given) > 1 and given[1] else given[0] or constant("default")
    yield Begin(Target(context, KEYED, FIRST))
    yield Next(line.state)


def bridge(line: Line) -> Iterator[Move]:
    """Follow `Bridge(channel,options)`."""
    given = line.pieces()
    yield from dialling.going_on(line, options(given[1]) if len(given) > 1 else [])
    yield Next(line.state)


def recorded(line: Line) -> Iterator[Move]:
    """Follow `MixMonitor(file,options,command)`: the command is run by a shell."""
    yield from dialling.told_if_wide(line, line.pieces()[2:])
    yield Next(line.state)


def park(line: Line) -> Iterator[Move]:
    """Follow `ParkAndAnnounce(lot,options,announcement,device)`: the device is called."""
    given = line.pieces()
    if len(given) > 3:
        yield from dialling.reached(line, device(given[3], line.site.devices), is_bound=False)
    yield Next(line.state)


def retry_dial(line: Line) -> Iterator[Move]:
    """Follow `RetryDial(announce,sleep,retries,Dial's own…)`."""
    rest = ",".join(pieces(line.arguments, ",")[3:])
    yield from dialling.dial(replace(line, arguments=rest))


def voicemail(line: Line) -> Iterator[Move]:
    """Follow the keys that leave voicemail: `0` and `*`."""
    for extension in ("o", "a"):
        yield Begin(Target(None, constant(extension), FIRST))
    yield Next(line.state)
