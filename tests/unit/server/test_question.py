"""From environment to question."""

from __future__ import annotations

import pytest

from fastagi.agi.environment import Environment, EnvironmentReader
from fastagi.agi.limits import Limits
from fastagi.call.channel import Argument, Question
from fastagi.errors import RemoteProtocolError
from fastagi.server.question import question_of
from tests.doubles.far_end import environment


def greeting(*arguments: str, script: str = "outbound", uniqueid: str = "1.2") -> Environment:
    """Return an environment with these arguments."""
    reader = EnvironmentReader(Limits())
    raw = environment(*arguments, script=script, uniqueid=uniqueid)
    for line in raw.removesuffix(b"\n\n").split(b"\n"):
        reader.take(line)
    return reader.finish()


def test_what_was_asked() -> None:
    """Script and arguments from the dialplan, the rest from Asterisk, the peer from the socket."""
    asked = greeting("call=1.2", "dialled=+39=", "endpoint=josé", "transferer=")
    assert question_of(asked, "10.0.0.5") == Question(
        script="outbound",
        arguments={
            Argument.CALL: "1.2",
            Argument.DIALLED: "+39=",
            Argument.ENDPOINT: "josé",
            Argument.TRANSFERER: "",
        },
        channel="PJSIP/101-00000001",
        uniqueid="1.2",
        language="en",
        peer="10.0.0.5",
    )


def test_every_argument_there_is() -> None:
    """Each name is known, in any order."""
    asked = greeting(*(f"{each}=x" for each in reversed(Argument)), script="release")
    assert question_of(asked, "::1").arguments == dict.fromkeys(Argument, "x")


@pytest.mark.parametrize("script", ["", "Outbound", "outbound/", "../release", "outbound?a=b"])
def test_there_are_two_scripts(script: str) -> None:
    """Any other, or one with a query, is not of our dialplan."""
    with pytest.raises(RemoteProtocolError, match=r"no script `agi://127\.0\.0\.1:4573/"):
        question_of(greeting(script=script), "::1")


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (["call"], "argument 1 is no `name=value`: `call`"),
        (["call=1.2", " John"], "argument 2 is no `name=value`: ` John`"),
        ([""], "argument 1 is no `name=value`: ``"),
        (["call=1.2", "call=1.2"], "argument 2 gives `call` again"),
        (["=x"], "argument 1 has an unknown name: ``"),
        (["CALL=1.2"], "argument 1 has an unknown name: `CALL`"),
        (["verdict=ALLOW"], "argument 1 has an unknown name: `verdict`"),
        (["endpoint=\udce9"], r"argument `endpoint` is not printable UTF-8: `\xe9`"),
        (["endpoint=a\u202eb"], r"argument `endpoint` is not printable UTF-8: `a\xe2\x80\xaeb`"),
        (["endpoint=a\u0085b"], r"argument `endpoint` is not printable UTF-8: `a\xc2\x85b`"),
    ],
)
def test_what_our_dialplan_would_not_say(arguments: list[str], why: str) -> None:
    """The first oddity is the last; the message says which, escaped."""
    with pytest.raises(RemoteProtocolError) as odd:
        question_of(greeting(*arguments), "::1")
    assert str(odd.value) == why


def test_what_asterisk_says_is_looked_at_too() -> None:
    """A channel's name can hold what an endpoint is called."""
    with pytest.raises(RemoteProtocolError, match="agi_uniqueid is not printable"):
        question_of(greeting("call=1.2", uniqueid="1.2\u200b"), "::1")
