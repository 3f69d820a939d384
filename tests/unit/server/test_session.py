"""One session, on a wire that is fed by hand."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, TypeVar

import pytest

from fastagi.agi.limits import Limits
from fastagi.call.channel import Keyed, Variable
from fastagi.errors import (
    ChannelError,
    ChannelGone,
    ChannelSilent,
    LocalProtocolError,
    RemoteProtocolError,
)
from fastagi.server.deadlines import Deadlines
from fastagi.server.session import Session
from tests.doubles.far_end import environment
from tests.doubles.wire import Wire

if TYPE_CHECKING:
    from fastagi.agi.environment import Environment

T = TypeVar("T")

DEAD = b"511 Command Not Permitted on a dead channel or intercept routine\n"
SOON = Deadlines(environment_s=0.01, command_s=0.01, answer_s=0.01, sounds_s=-1.99, session_s=0.03)
"""Deadlines for those tests in which Asterisk is silent; an `ask` has 0.01 s."""


class Host:
    """Owns one session, and remembers what it was told."""

    def __init__(self, *, admits: bool = True) -> None:
        """Let the session in, or not."""
        self.admits = admits
        self.greetings: list[Environment] = []
        self.failures: list[RemoteProtocolError | ChannelSilent] = []
        self.left_at = asyncio.Event()

    def entered(self, session: Session) -> bool:
        """Do as the test says."""
        if not self.admits:
            session.cut()
        return self.admits

    def greeted(self, session: Session, environment: Environment) -> None:
        """Remember the environment."""
        self.greetings.append(environment)

    def failed(self, session: Session, why: RemoteProtocolError | ChannelSilent) -> None:
        """Remember the failure."""
        self.failures.append(why)

    def left(self, session: Session) -> None:
        """Remember the end."""
        self.left_at.set()


def connected(
    deadlines: Deadlines | None = None, said: bytes | None = None
) -> tuple[Session, Wire, Host]:
    """Return a session to which Asterisk has said its environment."""
    host = Host()
    session = Session(host, deadlines or Deadlines(), Limits())
    wire = Wire(session)
    session.data_received(environment() if said is None else said)
    return session, wire, host


async def exchange(session: Session, said: Awaitable[T], *replies: bytes) -> T:
    """Await what is said, while Asterisk replies; an empty reply is the end of its stream."""
    asked = asyncio.ensure_future(said)
    for reply in replies:
        await asyncio.sleep(0)
        if reply:
            session.data_received(reply)
        else:
            session.eof_received()
    return await asked


def ask(session: Session) -> Awaitable[Keyed]:
    """Ask for one digit."""
    return session.ask(["beep"], wait_s=1, most=1)


EVERYTHING: list[tuple[str, Callable[[Session], Awaitable[object]]]] = [
    ("answer", lambda session: session.answer()),
    ("progress", lambda session: session.progress()),
    ("bound", lambda session: session.bound(5)),
    ("ask", ask),
    ("tell", lambda session: session.tell({Variable.VERDICT: "DENY"})),
    ("prove", lambda session: session.prove()),
]

everything = pytest.mark.parametrize(
    "say", [say for _, say in EVERYTHING], ids=[name for name, _ in EVERYTHING]
)
every_word = pytest.mark.parametrize(
    "say", [say for _, say in EVERYTHING[:5]], ids=[name for name, _ in EVERYTHING[:5]]
)


async def test_a_refused_session_is_cut_off() -> None:
    """Nothing is written to it, and what it sends is not read."""
    host = Host(admits=False)
    session = Session(host, Deadlines(), Limits())
    wire = Wire(session, "10.0.0.5")
    session.data_received(environment())
    assert (session.peer, wire.aborted, wire.written, host.greetings) == ("10.0.0.5", True, [], [])
    await host.left_at.wait()


async def test_a_peer_without_an_address() -> None:
    """A socket that is gone already has no peer, and that is nobody's."""
    session = Session(Host(admits=False), Deadlines(), Limits())
    Wire(session, None)
    assert session.peer == ""


async def test_the_environment_is_handed_over_once_it_is_complete() -> None:
    """However it arrives."""
    session, wire, host = connected(said=environment()[:1])
    for at in range(1, len(environment())):
        assert host.greetings == []
        session.data_received(environment()[at : at + 1])
    assert [each.uniqueid for each in host.greetings] == ["1767607800.42"]
    assert wire.written == []
    session.close()


async def test_what_is_said_is_one_write_a_line() -> None:
    """A partial line would spin Asterisk; the verdict comes last, and ends the session."""
    session, wire, _ = connected()
    await exchange(session, session.bound(9), b"200 result=1\n")
    await exchange(session, session.answer(), b"200 result=0\n")
    assert await exchange(session, ask(session), b"200 result=7\n") == Keyed("7", timed_out=False)
    assert (wire.closed, wire.aborted) == (False, False)
    told = {Variable.VERDICT: "ALLOW", Variable.CAUSE: "", Variable.NUMBER: "+39061"}
    await exchange(session, session.tell(told), b"200 result=0\n")
    assert wire.written == [
        b'SET VARIABLE "TIMEOUT(absolute)" "9"\n',
        b"ANSWER\n",
        b'GET DATA "beep" "1000" "1"\n',
        b'EXEC MSet "GUARD_CAUSE=,GUARD_NUMBER=+39061,GUARD_VERDICT=ALLOW"\n',
    ]
    assert (wire.closed, wire.aborted) == (True, False)


async def test_what_cannot_be_said_is_not_begun() -> None:
    """A value that MSet would not take leaves the session as it was."""
    session, wire, _ = connected()
    with pytest.raises(LocalProtocolError, match="the value of GUARD_RULE"):
        await session.tell({Variable.RULE: "two words"})
    assert wire.written == []
    await exchange(session, session.tell({Variable.VERDICT: "DENY"}), b"200 result=0\n")
    assert len(wire.written) == 1


@everything
async def test_asterisk_is_silent(say: Callable[[Session], Awaitable[object]]) -> None:
    """Its deadline past, the session is cut off, and says the same ever after."""
    session, wire, _ = connected(SOON)
    with pytest.raises(ChannelSilent, match=r"did not answer within 0\.01 s"):
        await say(session)
    assert wire.aborted
    with pytest.raises(ChannelSilent):
        await session.answer()


@everything
async def test_asterisk_does_not_read(say: Callable[[Session], Awaitable[object]]) -> None:
    """Nothing more is written to a peer who does not read, and it has no more time than others."""
    session, wire, _ = connected(SOON)
    session.pause_writing()
    with pytest.raises(ChannelSilent):
        await say(session)
    assert wire.written == []


async def test_asterisk_reads_again() -> None:
    """What was held back is written then."""
    session, wire, _ = connected()
    session.pause_writing()
    proof = asyncio.ensure_future(session.prove())
    await asyncio.sleep(0)
    assert wire.written == []
    session.resume_writing()
    await asyncio.sleep(0)
    assert wire.written == [b"NOOP\n"]
    session.data_received(b"200 result=0\n")
    await proof
    session.resume_writing()
    session.close()


@everything
async def test_the_connection_is_lost(say: Callable[[Session], Awaitable[object]]) -> None:
    """Whoever waits is told at once, and whoever asks later."""
    session, wire, host = connected()
    said = asyncio.ensure_future(say(session))
    await asyncio.sleep(0)
    wire.lose()
    with pytest.raises(ChannelGone):
        await said
    with pytest.raises(ChannelGone):
        await say(session)
    assert host.left_at.is_set()
    assert session.gone


@every_word
async def test_the_caller_hung_up_before(say: Callable[[Session], Awaitable[object]]) -> None:
    """Nothing is said to somebody who is gone, not even the verdict."""
    session, wire, _ = connected(said=environment() + b"HANGUP\n")
    assert session.gone
    with pytest.raises(ChannelGone, match="the caller hung up"):
        await say(session)
    assert wire.written == []
    session.close()


@every_word
async def test_the_channel_is_dead(say: Callable[[Session], Awaitable[object]]) -> None:
    """A 511 says that the caller is gone, with or without a `HANGUP`."""
    session, _, _ = connected()
    with pytest.raises(ChannelGone, match="the caller hung up"):
        await exchange(session, say(session), DEAD)
    session.close()


@every_word
@pytest.mark.parametrize("reply", [b"200 result=-1\n", b"510 Invalid or unknown command\n"])
async def test_a_failure_is_asked_about(
    say: Callable[[Session], Awaitable[object]], reply: bytes
) -> None:
    """Only a `HANGUP` before the next reply says that the caller is gone."""
    session, wire, _ = connected()
    with pytest.raises(ChannelGone, match="the caller hung up"):
        await exchange(session, say(session), reply, b"HANGUP\n200 result=0\n")
    assert wire.written[1] == b"NOOP\n"
    session.close()
    session, wire, _ = connected()
    with pytest.raises(ChannelError) as failed:
        await exchange(session, say(session), reply, b"200 result=0\n")
    assert type(failed.value) is ChannelError
    session.close()


async def test_a_hangup_that_came_along_is_not_asked_about() -> None:
    """With AGIEXITONHANGUP Asterisk leaves at once; `-1`, `HANGUP` and the end come together."""
    session, wire, _ = connected()
    said = asyncio.ensure_future(ask(session))
    await asyncio.sleep(0)
    session.data_received(b"200 result=-1\nHANGUP\nHANGUP\n")
    session.eof_received()
    with pytest.raises(ChannelGone, match="the caller hung up"):
        await said
    assert len(wire.written) == 1


async def test_a_missing_sound_is_no_hangup() -> None:
    """The message says which, so that the operator can look."""
    session, _, _ = connected()
    with pytest.raises(ChannelError, match="could not play `nosuchfile`"):
        await exchange(
            session,
            session.ask(["nosuchfile", "beep"], wait_s=1, most=1),
            b"200 result=-1\n",
            b"200 result=0\n",
        )
    session.close()


async def test_sounds_are_played_one_by_one() -> None:
    """GET DATA takes one file; joined by `&` it plays none, and fails."""
    session, wire, _ = connected()
    question = session.ask(["wrong", "again", "pin"], wait_s=1, most=6)
    played = b"200 result=0 endpos=8000\n"
    keyed = await exchange(session, question, played, played, b"200 result=4711\n")
    assert keyed == Keyed("4711", timed_out=False)
    assert wire.written == [
        b'STREAM FILE "wrong" "0123456789*#"\n',
        b'STREAM FILE "again" "0123456789*#"\n',
        b'GET DATA "pin" "1000" "6"\n',
    ]
    session.close()


async def test_a_key_interrupts_all_sounds_and_is_the_first_digit() -> None:
    """Who knows what comes next keys at once, and loses no digit."""
    session, wire, _ = connected()
    question = session.ask(["wrong", "again", "pin"], wait_s=1, most=6)
    keyed = await exchange(session, question, b"200 result=52 endpos=80\n", b"200 result=711\n")
    assert keyed == Keyed("4711", timed_out=False)
    assert wire.written[1:] == [b'GET DATA "" "1000" "5"\n']
    session.close()


async def test_a_hash_amid_the_sounds_ends_the_question() -> None:
    """It ends the digits, of which there are none."""
    session, wire, _ = connected()
    question = session.ask(["wrong", "pin"], wait_s=1, most=6)
    assert await exchange(session, question, b"200 result=35 endpos=80\n") == Keyed(
        "", timed_out=False
    )
    assert len(wire.written) == 1
    session.close()


# ---------------------------------------------------------------------- proof


async def test_a_reply_proves_the_environment() -> None:
    """Whatever was still to come of it would have come before."""
    session, wire, host = connected()
    await exchange(session, session.prove(), b"200 result=0\n")
    assert wire.written == [b"NOOP\n"]
    assert host.failures == []
    session.close()


@pytest.mark.parametrize("rest", [b"agi_callingpres: 0\n", b"\n", b"Y\n"])
async def test_a_forged_environment_is_not_proven(rest: bytes) -> None:
    """The true rest of it comes where the reply belongs."""
    session, wire, host = connected()
    with pytest.raises(ChannelGone):
        await exchange(session, session.prove(), rest + b"200 result=0\n")
    assert wire.aborted
    assert [type(each) for each in host.failures] == [RemoteProtocolError]


async def test_an_end_proves_it_too() -> None:
    """Before the question or after it; on a dead channel nobody waits for us."""
    for replies in ([], [b"HANGUP\n"]):
        session, _, _ = connected()
        for reply in replies:
            session.data_received(reply)
        session.eof_received()
        await session.prove()
        assert session.gone
        session, _, _ = connected()
        await exchange(session, session.prove(), *replies, b"")
        assert session.gone


async def test_a_reset_proves_nothing() -> None:
    """It may have swallowed what was still to come."""
    session, wire, _ = connected()
    wire.lose()
    with pytest.raises(ChannelGone):
        await session.prove()


# ---------------------------------------------------------------------- oddities and deadlines


@pytest.mark.parametrize("said", [b"GET / HTTP/1.1\r\n\r\n", b"x" * 100_000])
async def test_an_oddity_ends_the_session_without_a_word(said: bytes) -> None:
    """Cut off, nothing written, told to the owner once; what follows is not read."""
    session, wire, host = connected(said=said)
    session.data_received(said)
    assert (wire.aborted, wire.written, len(host.failures)) == (True, [], 1)
    with pytest.raises(ChannelGone):
        await session.answer()


async def test_an_oddity_wakes_whoever_waits() -> None:
    """Its cause is the oddity, which does not quote what came."""
    session, wire, host = connected()
    with pytest.raises(ChannelGone) as gone:
        await exchange(session, ask(session), b"200 result=4711\n")
    assert gone.value.__cause__ is host.failures[0]
    assert "4711" not in f"{gone.value!r} {host.failures[0]!r}"
    assert wire.aborted


async def test_an_environment_that_does_not_come() -> None:
    """Two seconds, here a hundredth, from the connection to the blank line."""
    session, wire, host = connected(SOON, said=environment()[:-1])
    await host.left_at.wait()
    assert wire.aborted
    assert [str(each) for each in host.failures] == ["the environment took longer than 0.01 s"]
    assert session.gone


async def test_a_session_that_does_not_end() -> None:
    """However well each step went."""
    session, wire, host = connected(SOON)
    await host.left_at.wait()
    assert [str(each) for each in host.failures] == ["the session took longer than 0.03 s"]
    with pytest.raises(ChannelSilent):
        await session.answer()
    assert wire.aborted


async def test_a_reply_that_nobody_waits_for_any_more() -> None:
    """A story that was cancelled leaves a command under way; its reply is let go."""
    session, _, host = connected()
    said = asyncio.ensure_future(ask(session))
    await asyncio.sleep(0)
    said.cancel()
    await asyncio.gather(said, return_exceptions=True)
    session.data_received(b"200 result=4\n")
    assert host.failures == []
    session.close()


async def test_nothing_is_said_before_there_is_a_connection() -> None:
    """A session is of use once it is connected."""
    with pytest.raises(ChannelGone, match="not connected yet"):
        await Session(Host(), Deadlines(), Limits()).answer()
