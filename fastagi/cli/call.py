"""`dialguard call`: a pretend phone against a running service.

What callers would hear is read, what they would key is typed. A newcomer needs no Asterisk to see
prompts and verdicts.
"""

from __future__ import annotations

import os
import signal
import time
from collections import deque
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated, Final, NoReturn

import typer

from fastagi.call.channel import Argument, Variable
from fastagi.cli.arguments import (
    AddressOption,
    DialledArgument,
    ExtensionArgument,
    TransportOption,
    TrunkOption,
    address_of,
    trunk_of,
)
from fastagi.cli.handset import FEATURES, Handset
from fastagi.cli.keypad import Keypad
from fastagi.cli.output import Status, give_up, say, show_json
from fastagi.cli.pretend_asterisk import Call, Leg
from fastagi.cli.service import (
    JsonOption,
    SettingsOption,
    SiteOption,
    door_of,
    policy_of,
    secret_of,
    settings_of,
)
from fastagi.errors import ChannelError
from fastagi.policy.model import Reason, Transport
from fastagi.prompts.transcript import transcript

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from types import FrameType

EXAMPLE: Final = "Example: dialguard call 101 900390612345678 --hold"

STYLES: Final = {"ALLOW": "bold green", "DENY": "bold red"}

DONE: Final = frozenset({Reason.SIGNED_IN, Reason.SIGNED_OFF})
"""Reasons of feature codes that did what they are for; every other is a refusal."""


def call(
    extension: ExtensionArgument,
    dialled: DialledArgument,
    keys: Annotated[
        list[str] | None,
        typer.Option(
            help="what is keyed at the next prompt, `#` included; again for the one after it. "
            "For trying out: other users of the machine can see it, so leave it out for real PINs"
        ),
    ] = None,
    address: AddressOption = "127.0.0.1",
    transport: TransportOption = Transport.UDP,
    trunk: TrunkOption = "",
    site: SiteOption = "",
    hold: Annotated[
        bool,
        typer.Option("--hold", metavar="", help="stay in the call, its slot taken, until Ctrl-C"),
    ] = False,
    settings: SettingsOption = None,
    as_json: JsonOption = False,
) -> None:
    """Call through a running service with a pretend phone: read the prompts, key the digits.

    `*1` signs in, `*2` signs off, `*3` says what is left, as in the dialplan that is shipped. Exit
    status 0 when the call is allowed, or that was done; 2 when it is denied.
    """
    loaded = settings_of(settings)
    host, port = door_of(loaded)
    leg = Leg(extension, dialled, f"try-{time.time():.0f}.{os.getpid()}", f"{host}:{port}")
    address_of(address)
    if site or loaded.policy.folder is not None:
        site = policy_of(loaded, site).site.name
    more = {
        Argument.ADDRESS: address,
        Argument.TRANSPORT: transport or "",
        Argument.TRUNK: trunk_of(trunk),
        Argument.SITE: site,
    }
    handset = Handset(
        (host, port), leg, secret_of(loaded), {name: text for name, text in more.items() if text}
    )
    hear = _silent if as_json else _read_aloud
    keypad = Keypad(deque(keys or ()), asks=keys is None and not as_json)
    pretended = Call(hear=hear, key=keypad.press)
    with _ended_by_signals() as ends:
        try:
            handset.dial(pretended)
            allowed = pretended.variables.get(Variable.VERDICT) == "ALLOW"
            allowed |= dialled in FEATURES and pretended.variables[Variable.REASON] in DONE
            _tell(pretended, as_json=as_json)
            hold = hold and dialled not in FEATURES
            if allowed and hold:
                _stay(int(pretended.variables.get(Variable.SECONDS, "0")), ends)
        except ChannelError as error:
            give_up(error)
        finally:
            # Whatever ended it, the output pipe included: its slots may have been taken.
            kept = _hang_up(handset, ends)
    if kept is not None:
        give_up(kept)
    if allowed and hold:
        say("  hung up; its slots are free again")
    raise typer.Exit(Status.DONE if allowed else Status.DENIED)


def _silent(_sound: str) -> None:
    """Hear nothing: the output is for a program."""


def _read_aloud(sound: str) -> None:
    say(f"  ♪ {transcript(sound)}", "cyan")


def _tell(pretended: Call, *, as_json: bool) -> None:
    """Print the verdict, why, and what a refused caller hears."""
    variables = pretended.variables
    if as_json:
        show_json(variables)
        return
    verdict = variables.get(Variable.VERDICT, "")
    for sound in _sounds(variables.get(Variable.PROMPT, "")):
        _read_aloud(sound)
    if Variable.MINUTES in variables:
        say(f"  ♪ {variables[Variable.HOURS]} hours {variables[Variable.MINUTES]} minutes", "cyan")
    if verdict:
        say(verdict, STYLES.get(verdict, ""))
    shown = {
        "reason": variables.get(Variable.REASON),
        "rule": variables.get(Variable.RULE),
        "number": variables.get(Variable.NUMBER),
        "category": variables.get(Variable.CATEGORY),
        "country": variables.get(Variable.COUNTRY),
        "seconds": variables.get(Variable.SECONDS),
        "cause": variables.get(Variable.CAUSE),
        "reference": variables.get(Variable.REF),
    }
    for name, value in shown.items():
        if value:
            say(f"  {name:<10} {value}")


def _sounds(joined: str) -> Sequence[str]:
    return [sound for sound in joined.split("&") if sound]


def _stay(seconds: int, ends: frozenset[signal.Signals]) -> None:
    """Stay in the call until Ctrl-C or another end, or until Asterisk would end it."""
    ends |= {signal.SIGINT}
    signal.pthread_sigmask(signal.SIG_BLOCK, ends)
    say("  the call is up, and its slots are taken; Ctrl-C hangs up", "bold")
    if seconds:
        signal.sigtimedwait(ends, seconds)
    else:
        signal.sigwait(ends)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, ends)


@contextmanager
def _ended_by_signals() -> Iterator[frozenset[signal.Signals]]:
    """Have a closed terminal or SIGTERM end the call as Ctrl-C does: by way of every `finally`.

    Yields:
        The signals that do; without SIGHUP where it is ignored (`nohup`).
    """

    def end(number: int, _frame: FrameType | None) -> NoReturn:
        raise SystemExit(128 + number)  # as a shell tells of it

    ends = frozenset(
        each
        for each in (signal.SIGHUP, signal.SIGTERM)
        if signal.getsignal(each) is not signal.SIG_IGN
    )
    before = {each: signal.signal(each, end) for each in ends}
    try:
        yield ends
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)


def _hang_up(handset: Handset, ends: frozenset[signal.Signals]) -> ChannelError | None:
    """Give the call's slots back; return why that could not be done."""
    # A terminal that closes says so twice, by the kernel and by the shell.
    signal.pthread_sigmask(signal.SIG_BLOCK, ends)
    try:
        handset.hang_up()
    except ChannelError as error:
        return error
    finally:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, ends)
    return None
