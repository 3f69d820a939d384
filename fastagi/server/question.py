"""From Asterisk's environment to the question our dialplan asked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fastagi.agi.excerpt import excerpt
from fastagi.call.channel import Argument, Question, Script
from fastagi.errors import RemoteProtocolError

if TYPE_CHECKING:
    from fastagi.agi.environment import Environment


def question_of(environment: Environment, peer: str) -> Question:
    """Return what was asked, from the AGI URL's path and its `name=value` arguments.

    Raises:
        RemoteProtocolError: Our dialplan would not ask so: there is no such script, or an argument
            is unknown, given twice, without `=`, or holds more than printable UTF-8.
    """
    if environment.script not in set(Script) or environment.query:
        raise RemoteProtocolError(
            f"no script {_shown(environment.request)}; after agi://… there may be "
            f"{', '.join(f'/{each}' for each in Script)}"
        )
    arguments: dict[str, str] = {}
    known = set(Argument)
    for number, argument in enumerate(environment.arguments, start=1):
        name, separator, value = argument.partition("=")
        if not separator:
            raise RemoteProtocolError(f"argument {number} is no `name=value`: {_shown(argument)}")
        if name not in known:
            raise RemoteProtocolError(f"argument {number} has an unknown name: {_shown(name)}")
        if name in arguments:
            raise RemoteProtocolError(f"argument {number} gives `{name}` again")
        arguments[name] = _clean(f"argument `{name}`", value)
    return Question(
        script=environment.script,
        arguments=arguments,
        channel=_clean("agi_channel", environment.channel),
        uniqueid=_clean("agi_uniqueid", environment.uniqueid),
        language=_clean("agi_language", environment.language),
        peer=peer,
    )


def _clean(what: str, value: str) -> str:
    if not value.isprintable():
        raise RemoteProtocolError(f"{what} is not printable UTF-8: {_shown(value)}")
    return value


def _shown(text: str) -> str:
    return excerpt(text.encode("utf-8", "surrogateescape"))
