"""`dialguard call`: a pretend phone against a running service.

What callers would hear is read, what they would key is typed. A newcomer needs no Asterisk to see
prompts and verdicts.
"""

from __future__ import annotations

import getpass
import os
import signal
import sys
import time
from collections import deque
from typing import TYPE_CHECKING, Annotated, Final

import typer

from fastagi.call.channel import Argument, Variable
from fastagi.cli.enrolling import sits_there
from fastagi.cli.handset import Handset
from fastagi.cli.output import Status, give_up, say, show_json
from fastagi.cli.pretend_asterisk import Call, Leg
from fastagi.cli.service import SettingsOption, door_of, secret_of, settings_of
from fastagi.errors import ChannelError
from fastagi.prompts.transcript import transcript

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

EXAMPLE: Final = "Example: dialguard call 101 900390612345678 --hold"

STYLES: Final = {"ALLOW": "bold green", "DENY": "bold red"}


def call(
    extension: Annotated[str, typer.Argument(metavar="FROM", help="the endpoint that calls")],
    dialled: Annotated[str, typer.Argument(help="the digits it dials")],
    keys: Annotated[
        list[str] | None,
        typer.Option(
            help="what is keyed at the next prompt, `#` included; again for the one after it. "
            "For trying out: other users of the machine can see it, so leave it out for real PINs"
        ),
    ] = None,
    address: Annotated[
        str, typer.Option(help="where the phone's SIP comes from")
    ] = "127.0.0.1:5060",
    transport: Annotated[str, typer.Option(help="udp, tcp, tls, ws or wss")] = "udp",
    trunk: Annotated[str, typer.Option(help="the trunk the dialplan means to use")] = "",
    site: Annotated[str, typer.Option(help="the site, where the service has several")] = "",
    hold: Annotated[
        bool, typer.Option("--hold", help="stay in the call, its slot taken, until Ctrl-C")
    ] = False,
    settings: SettingsOption = None,
    as_json: Annotated[bool, typer.Option("--json", help="print the variables as JSON")] = False,
) -> None:
    """Call through a running service with a pretend phone: read the prompts, key the digits.

    Exit status 0 when the call is allowed, 2 when it is denied.
    """
    loaded = settings_of(settings)
    host, port = door_of(loaded)
    leg = Leg(extension, dialled, f"try-{time.time():.0f}.{os.getpid()}", f"{host}:{port}")
    more = {
        Argument.ADDRESS: address,
        Argument.TRANSPORT: transport,
        Argument.TRUNK: trunk,
        Argument.SITE: site,
    }
    handset = Handset(
        (host, port), leg, secret_of(loaded), {name: text for name, text in more.items() if text}
    )
    hear = _silent if as_json else _read_aloud
    pretended = Call(hear=hear, key=_keypad(deque(keys or ()), asks=keys is None and not as_json))
    try:
        handset.dial(pretended)
        _tell(pretended, as_json=as_json)
        allowed = pretended.variables[Variable.VERDICT] == "ALLOW"
        if allowed and hold:
            _stay(int(pretended.variables.get(Variable.SECONDS, "0")))
        handset.hang_up()
    except ChannelError as error:
        give_up(error)
    raise typer.Exit(Status.DONE if allowed else Status.DENIED)


def _silent(_sound: str) -> None:
    """Hear nothing: the output is for a program."""


def _read_aloud(sound: str) -> None:
    say(f"  ♪ {transcript(sound)}", "cyan")


def _keypad(keyed: deque[str], *, asks: bool) -> Callable[[], str]:
    """Return what keys the digits: those given, else (if `asks`) those of whoever sits there.

    Digits typed in a terminal do not show; in a pipe they are lines of stdin. No digits are
    silence.
    """

    def key() -> str:
        if keyed:
            return keyed.popleft()
        if not asks:
            return ""
        if sits_there():
            typed = getpass.getpass("  keys (not shown; Enter stands for #): ")
            return f"{typed.removesuffix('#')}#" if typed else ""
        return sys.stdin.readline().strip()

    return key


def _tell(pretended: Call, *, as_json: bool) -> None:
    """Print the verdict, why, and what a refused caller hears."""
    variables = pretended.variables
    if as_json:
        show_json(variables)
        return
    verdict = variables[Variable.VERDICT]
    for sound in _sounds(variables.get(Variable.PROMPT, "")):
        _read_aloud(sound)
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


def _stay(seconds: int) -> None:
    """Stay in the call until Ctrl-C or SIGTERM, or until Asterisk would end it."""
    ends = {signal.SIGINT, signal.SIGTERM}
    signal.pthread_sigmask(signal.SIG_BLOCK, ends)
    say("  the call is up, and its slots are taken; Ctrl-C hangs up", "bold")
    if seconds:
        signal.sigtimedwait(ends, seconds)
    else:
        signal.sigwait(ends)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, ends)
    say("  hung up; its slots are free again")
