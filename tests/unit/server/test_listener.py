"""The door to everything: who is let in, what is asked, and how it all ends."""

from __future__ import annotations

import asyncio
import logging
import socket
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import pytest
import uvloop
from structlog.testing import capture_logs

from fastagi.agi.limits import Limits
from fastagi.call.channel import Argument, Channel, Question, Variable
from fastagi.errors import ChannelGone
from fastagi.server.capacity import Ceilings
from fastagi.server.deadlines import Deadlines
from fastagi.server.door import Door
from fastagi.server.listener import Listener
from fastagi.server.probing import FOR_S, MOST
from fastagi.server.refusal import Refusal, Refused
from fastagi.server.session import Session
from tests.doubles.far_end import CALL, FarEnd, environment
from tests.doubles.scripted_channel import Does
from tests.doubles.wire import Wire

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Sequence

    from tests.doubles.scripted_channel import Act

LOOPBACK = ("127.0.0.1", "::1")
ALLOW = {Variable.VERDICT: "ALLOW", Variable.NUMBER: "+390612345678"}


class Story:
    """Answers every question alike, and remembers what was asked.

    Attributes:
        asked: Every question.
        gone: How many callers were gone when they were spoken to.
    """

    def __init__(self, *, prompts: bool = False, holds: bool = False) -> None:
        """Prompt each caller first, or hold each until `let_go` is set."""
        self.prompts = prompts
        self.holds = holds
        self.let_go = asyncio.Event()
        self.begun = asyncio.Event()
        self.asked: list[Question] = []
        self.gone = 0

    async def __call__(self, question: Question, channel: Channel) -> None:
        """Be the story of one call."""
        self.asked.append(question)
        self.begun.set()
        if self.holds:
            await self.let_go.wait()
        try:
            if self.prompts:
                await channel.ask(["agent-pass"], wait_s=1, most=6)
            await channel.tell(ALLOW)
        except ChannelGone:
            self.gone += 1


class House:
    """A listener on a port, its story, and what it refused."""

    def __init__(
        self,
        story: Story,
        door: Door,
        ceilings: Ceilings | None = None,
        deadlines: Deadlines | None = None,
        site_of: Callable[[str], str | None] = lambda _: None,
    ) -> None:
        """Build it."""
        self.story = story
        self.refused: list[Refused] = []
        self.listener = Listener(
            story,
            door,
            ceilings=ceilings or Ceilings(),
            deadlines=deadlines or Deadlines(),
            on_refused=self.refused.append,
            site_of=site_of,
        )
        self.port = 0

    async def call(self, acts: Sequence[Act] = (), greeting: bytes = b"") -> FarEnd:
        """Have Asterisk ask, and wait until the session is over."""
        far_end = FarEnd(acts, greeting)
        await far_end.converse(self.port)
        return far_end

    async def over(self) -> None:
        """Wait until the last session and the last story have ended."""
        await self.listener.drain(5.0)


@asynccontextmanager
async def open_house(
    story: Story | None = None,
    door: Door | None = None,
    ceilings: Ceilings | None = None,
    deadlines: Deadlines | None = None,
    site_of: Callable[[str], str | None] = lambda _: None,
) -> AsyncIterator[House]:
    """Open a house, and close it again."""
    house = House(story or Story(), door or Door(LOOPBACK), ceilings, deadlines, site_of)
    house.port = await house.listener.listen_on("127.0.0.1", 0)
    with capture_logs():
        yield house
        await house.listener.drain(0.0)


async def test_a_question_is_answered() -> None:
    """The whole way: environment, proof, story, verdict, end."""
    async with open_house() as house:
        far_end = await house.call()
        assert far_end.variables == {str(name): value for name, value in ALLOW.items()}
        assert list(far_end.variables)[-1] == "GUARD_VERDICT"
        assert [line.split()[0] for line in far_end.lines] == [b"NOOP", b"EXEC"]
        (question,) = house.story.asked
        assert question.arguments == {
            Argument.CALL: CALL,
            Argument.DIALLED: "00390612345678",
            Argument.ENDPOINT: "101",
        }
        assert question.peer == "127.0.0.1"
        await house.over()
        assert (house.listener.counters.accepted, house.listener.counters.answered) == (1, 1)
        assert house.refused == []


async def test_a_socket_that_was_bound_already() -> None:
    """Workers inherit theirs from the supervisor."""
    story = Story()
    listener = Listener(story, Door(LOOPBACK))
    inherited = socket.create_server(("127.0.0.1", 0))
    port = inherited.getsockname()[1]
    await listener.listen(inherited)
    far_end = FarEnd()
    await far_end.converse(port)
    assert far_end.variables["GUARD_VERDICT"] == "ALLOW"
    with capture_logs():
        await FarEnd(greeting=b"\n").converse(port)
    assert listener.counters.refused == {Refusal.ODD: 1}
    await listener.drain(1.0)


async def test_many_at_once() -> None:
    """Each caller is answered for itself, and nobody is left over."""
    async with open_house(Story(prompts=True)) as house:
        far_ends = await asyncio.gather(*(house.call(["4711#"]) for _ in range(50)))
        assert all(each.variables["GUARD_VERDICT"] == "ALLOW" for each in far_ends)
        await house.over()
        assert house.listener.counters.answered == 50


async def test_a_caller_who_hangs_up_at_the_prompt() -> None:
    """The story is told, and the session is over."""
    async with open_house(Story(prompts=True)) as house:
        for act in (Does.HANG_UP, Does.LOSE):
            far_end = await house.call([act])
            assert far_end.variables == {}
        await house.over()
        assert house.story.gone == 2


# ---------------------------------------------------------------------- who is let in


async def test_a_stranger_is_closed_upon() -> None:
    """Whatever it says is not read."""
    async with open_house(door=Door(["10.0.0.0/8"])) as house:
        far_end = await house.call()
        assert (far_end.lines, house.story.asked) == ([], [])
        assert house.refused == [Refused(Refusal.STRANGER, "127.0.0.1", "closed at once")]


async def test_whoever_is_refused_is_closed_upon_before_it_is_told(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Should the telling fail, a stranger is out all the same, and nobody is served."""

    def broken(refused: Refused) -> None:
        raise BrokenPipeError

    story = Story()
    caplog.set_level(logging.CRITICAL)  # the loop's own word on what was raised in it
    for door, greeting in [
        (Door(["10.0.0.0/8"]), environment()),
        (Door(LOOPBACK, "hush"), environment()),
        (Door(LOOPBACK), environment(script="private")),
        (Door(LOOPBACK), b"GET / HTTP/1.1\r\n\r\n"),
    ]:
        listener = Listener(story, door, on_refused=broken)
        far_end = FarEnd([], greeting)
        await far_end.converse(await listener.listen_on("127.0.0.1", 0))
        assert (far_end.lines, listener.sessions) == ([], 0)
        await listener.drain(0.0)
    assert story.asked == []


@pytest.mark.parametrize(
    ("ceilings", "refusal"),
    [
        (Ceilings(sessions=2), Refusal.FULL),
        (Ceilings(peer_sessions=2), Refusal.PEER_FULL),
        (Ceilings(peer_per_s=2.0), Refusal.PEER_FAST),
    ],
)
async def test_no_more_than_there_is_room_for(ceilings: Ceilings, refusal: Refusal) -> None:
    """One too many is closed upon at once, and those who are in are served."""
    story = Story(holds=True)
    async with open_house(story, ceilings=ceilings) as house:
        inside = [asyncio.create_task(house.call()) for _ in range(2)]
        while len(story.asked) < 2:  # noqa: ASYNC110 - a few turns of the loop
            await asyncio.sleep(0)
        assert (await house.call()).lines == []
        assert [each.kind for each in house.refused] == [refusal]
        story.let_go.set()
        for far_end in await asyncio.gather(*inside):
            assert far_end.variables["GUARD_VERDICT"] == "ALLOW"


async def test_the_secret_is_asked_for() -> None:
    """Without it not a word is said; with it the story never sees the token."""
    door = Door(LOOPBACK, "hush")
    async with open_house(door=door) as house:
        for arguments in ([f"call={CALL}", "dialled=1"], [f"call={CALL}", "dialled=1", "token=x"]):
            assert (await house.call(greeting=environment(*arguments))).lines == []
        assert [each.kind for each in house.refused] == [Refusal.BAD_TOKEN] * 2
        asked = Question("outbound", {"call": CALL, "dialled": "1"}, "", CALL, "en", "")
        greeting = environment(f"call={CALL}", "dialled=1", f"token={door.token(asked)}")
        assert (await house.call(greeting=greeting)).variables["GUARD_VERDICT"] == "ALLOW"
        assert house.story.asked[0].arguments == {"call": CALL, "dialled": "1"}


@pytest.mark.parametrize(
    ("greeting", "refusal"),
    [
        (b"GET / HTTP/1.1\r\n\r\n", Refusal.ODD),
        (environment() + b"agi_callingpres: 0\n", Refusal.ODD),
        (environment(script="private"), Refusal.BAD_QUESTION),
        (environment("call=1.2", "call=1.2"), Refusal.BAD_QUESTION),
    ],
)
async def test_what_is_not_ours_is_not_asked(greeting: bytes, refusal: Refusal) -> None:
    """The story hears nothing of it."""
    async with open_house() as house:
        far_end = await house.call(greeting=greeting)
        assert far_end.variables == {}
        await house.over()
        assert [each.kind for each in house.refused] == [refusal]
        assert house.story.asked == []


async def test_a_forged_environment_is_never_asked() -> None:
    """A newline in a caller's name brings a whole environment along: the boss dials the police.

    The true rest of it arrives a moment later, as on a real Asterisk 22 (see
    `tests/conformance/recorded/22-name-whole-environment.agi`).
    """
    forged, true_rest = (
        environment(f"call={CALL}", "dialled=112", "endpoint=boss"),
        environment().partition(b"agi_calleridname: unknown\n")[2],
    )
    async with open_house() as house:
        reader, writer = await asyncio.open_connection("127.0.0.1", house.port)
        writer.write(forged)
        assert await reader.readline() == b"NOOP\n"
        writer.write(true_rest + b"200 result=0\n")
        assert await reader.read() == b""
        writer.close()
        await house.over()
        assert house.story.asked == []
        assert [each.kind for each in house.refused] == [Refusal.ODD]


async def test_asterisk_that_is_silent_is_let_go() -> None:
    """Before its environment is complete, and before it has proven that it is its own."""
    soon = Deadlines(environment_s=0.02, command_s=0.02)
    async with open_house(deadlines=soon) as house:
        for said in (b"agi_network: yes\n", environment()):
            reader, writer = await asyncio.open_connection("127.0.0.1", house.port)
            writer.write(said)
            await reader.read()
            writer.close()
        await house.over()
        assert [each.kind for each in house.refused] == [Refusal.SILENT] * 2
        assert house.story.asked == []


# ---------------------------------------------------------------------- who is gone already


@pytest.mark.parametrize("last", [b"", b"HANGUP\n"])
async def test_a_release_counts_though_nobody_waits(last: bytes) -> None:
    """A hangup handler says it and is gone: its environment being complete is enough."""
    async with open_house() as house:
        reader, writer = await asyncio.open_connection("127.0.0.1", house.port)
        writer.write(environment(f"call={CALL}", script="release") + last)
        writer.write_eof()
        await reader.read()
        writer.close()
        await house.story.begun.wait()
        await house.over()
        assert [each.script for each in house.story.asked] == ["release"]


async def test_an_outbound_caller_who_is_gone_is_not_asked_for() -> None:
    """Nobody wants to know any more, so nothing is decided, and no slot is taken."""
    async with open_house() as house:
        assert (await house.call(greeting=environment() + b"HANGUP\n")).lines == [b"NOOP\n"]
        for last in (b"", b"HANGUP\n"):
            reader, writer = await asyncio.open_connection("127.0.0.1", house.port)
            writer.write(environment() + last)
            writer.write_eof()
            await reader.read()
            writer.close()
        await house.over()
        assert house.story.asked == []
        assert house.listener.counters.abandoned == 3


async def test_a_connection_that_is_reset_proves_nothing() -> None:
    """Not even a release: what it said may not have been all."""
    async with open_house() as house:
        reader, writer = await asyncio.open_connection("127.0.0.1", house.port)
        writer.write(environment(f"call={CALL}", script="release"))
        assert await reader.readline() == b"NOOP\n"
        linger_no_time = b"\x01\x00\x00\x00\x00\x00\x00\x00"
        writer.get_extra_info("socket").setsockopt(
            socket.SOL_SOCKET, socket.SO_LINGER, linger_no_time
        )
        writer.transport.abort()
        await house.over()
        assert house.story.asked == []
        assert house.listener.counters.abandoned == 1


# ---------------------------------------------------------------------- what breaks


async def test_a_story_that_breaks_frees_its_caller() -> None:
    """It is our bug: the session is closed, counted and logged with its trace."""

    async def broken(question: Question, channel: Channel) -> None:
        raise ZeroDivisionError

    listener = Listener(broken, Door(LOOPBACK))
    port = await listener.listen_on("127.0.0.1", 0)
    far_end = FarEnd()
    with capture_logs() as logs:
        await far_end.converse(port)
        await listener.drain(1.0)
    assert far_end.variables == {}
    assert listener.counters.broken == 1
    assert [each["event"] for each in logs] == ["story-broke"]


async def test_a_story_that_never_ends_is_ended() -> None:
    """The caller is free when the session's time is over, the story a second later."""
    story = Story(holds=True)
    async with open_house(story, deadlines=Deadlines(session_s=0.02)) as house:
        assert (await house.call()).variables == {}
        assert [each.kind for each in house.refused] == [Refusal.SILENT]
        await house.listener.drain(5.0)
        assert house.listener.counters.broken == 1


# ---------------------------------------------------------------------- the log


async def test_refusals_are_logged_but_not_each_of_a_flood() -> None:
    """One line a second and kind, which says how many there were; nothing of it unescaped."""
    house = House(Story(), Door(LOOPBACK))
    house.port = await house.listener.listen_on("127.0.0.1", 0)
    with capture_logs() as logs:
        for _ in range(5):
            await house.call(greeting=b"\x1b[2J\r\n")
        await house.call(greeting=environment(script="nonsense"))
        await house.over()
        await house.listener.drain(0.0)
    assert logs == [
        {
            "event": "refused",
            "log_level": "warning",
            "kind": "odd",
            "peer": "127.0.0.1",
            "why": "line 1 of the environment is no `key: value` but `\\x1b[2J\\r`",
            "unlogged": 0,
        },
        {
            "event": "refused",
            "log_level": "warning",
            "kind": "bad-question",
            "peer": "127.0.0.1",
            "why": "no script `agi://127.0.0.1:4573/nonsense`; after agi://… there may be "
            "/outbound, /release, /sign-in, /sign-off, /signed-in",
            "unlogged": 0,
        },
    ]
    assert len(house.refused) == 6


async def test_digits_are_logged_nowhere() -> None:
    """Not where they are right, nor where a reply with them is odd."""
    with capture_logs() as logs:
        async with open_house(Story(prompts=True)) as house:
            await house.call(["471193#"])
            reader, writer = await asyncio.open_connection("127.0.0.1", house.port)
            writer.write(environment())
            await reader.readline()
            writer.write(b"200 result=0\n")
            await reader.readline()
            writer.write(b"200 result=4711935555\n")
            await reader.read()
            writer.close()
            await house.over()
            assert "471193" not in f"{house.refused}{house.listener.counters}"
            assert [each.kind for each in house.refused] == [Refusal.ODD]
    assert "471193" not in f"{logs}"


# ---------------------------------------------------------------------- the end


async def test_draining_lets_callers_finish() -> None:
    """Nobody new comes in; who is at a prompt is served."""
    story = Story(holds=True)
    async with open_house(story) as house:
        caller = asyncio.create_task(house.call())
        await story.begun.wait()
        drained = asyncio.create_task(house.listener.drain(30.0))
        await asyncio.sleep(0)
        with pytest.raises(ConnectionRefusedError):
            await asyncio.open_connection("127.0.0.1", house.port)
        story.let_go.set()
        await drained
        assert (await caller).variables["GUARD_VERDICT"] == "ALLOW"
        assert house.listener.sessions == 0


async def test_draining_frees_who_does_not_finish() -> None:
    """When the time is over, the caller is free, and the story can still record its end."""
    story = Story(prompts=True)
    async with open_house(story) as house:
        caller = asyncio.create_task(house.call([Does.FREEZE]))
        await story.begun.wait()
        await house.listener.drain(0.01)
        assert (await caller).variables == {}
        assert story.gone == 1
        assert house.listener.counters.answered == 1
        assert house.listener.sessions == 0


async def test_draining_ends_a_story_that_hangs() -> None:
    """After its last second it is cancelled."""
    story = Story(holds=True)
    async with open_house(story) as house:
        caller = asyncio.create_task(house.call())
        await story.begun.wait()
        await house.listener.drain(0.0)
        assert (await caller).variables == {}
        assert story.gone == 0
        assert (house.listener.counters.answered, house.listener.counters.broken) == (0, 0)


@pytest.mark.parametrize("turns", range(6))
def test_a_caller_is_served_whenever_one_of_two_begins_to_drain(turns: int) -> None:
    """Who drains serves whom the kernel handed to it; the queue behind is the other one's, too.

    On uvloop, as workers are: asyncio's own server drops a connection accepted in its last turn.
    """

    async def scene() -> dict[str, str]:
        with socket.create_server(("127.0.0.1", 0)) as shared:
            leaves, stays = (Listener(Story(), Door(LOOPBACK)) for _ in range(2))
            await leaves.listen(shared.dup())
            line = socket.create_connection(shared.getsockname())
            far_end = FarEnd()
            conversation = asyncio.create_task(far_end.converse_on(line))
            for _ in range(turns):
                await asyncio.sleep(0)
            await leaves.drain(5.0)
            await stays.listen(shared.dup())
            await conversation
            await stays.drain(5.0)
            return far_end.variables

    assert uvloop.run(scene()).get("GUARD_VERDICT") == "ALLOW"


async def test_a_connection_that_slips_in_after_draining() -> None:
    """Nobody would end it any more, so it is closed upon."""
    async with open_house() as house:
        await house.listener.drain(0.0)
        late = Wire(Session(house.listener, Deadlines(), Limits()))
        assert late.aborted
        assert [each.kind for each in house.refused] == [Refusal.FULL]


async def test_nothing_to_drain() -> None:
    """A listener that never listened is drained at once."""
    await Listener(Story(), Door(LOOPBACK)).drain(30.0)


async def test_a_site_that_may_not_be_named_is_not_asked_for() -> None:
    """Whoever has taken an Asterisk over spends for its own sites only."""
    door = Door(LOOPBACK, sites={"127.0.0.1": ["office"]})
    async with open_house(door=door) as house:
        for site in ("hotel", ""):
            given = [f"site={site}"] if site else []
            greeting = environment(f"call={CALL}", "dialled=1", *given)
            assert (await house.call(greeting=greeting)).variables == {}
        greeting = environment(f"call={CALL}", "dialled=1", "site=office")
        assert (await house.call(greeting=greeting)).variables["GUARD_VERDICT"] == "ALLOW"
        assert [each.kind for each in house.refused] == [Refusal.FOREIGN_SITE] * 2


async def test_a_site_with_too_many_calls_leaves_room_for_others() -> None:
    """Its next is closed upon, and another's is answered; so is its own, once there is room."""
    story = Story(holds=True)
    ceilings = Ceilings(sessions=4)
    async with open_house(story, ceilings=ceilings, site_of=lambda named: named) as house:
        asked = {site: environment(f"call={CALL}", f"site={site}") for site in ("a", "b")}
        waiting = [asyncio.create_task(house.call(greeting=asked["a"])) for _ in range(2)]
        while len(story.asked) < 2:  # noqa: ASYNC110 - a few turns of the loop
            await asyncio.sleep(0)
        assert (await house.call(greeting=asked["a"])).variables == {}
        waiting.append(asyncio.create_task(house.call(greeting=asked["b"])))
        while len(story.asked) < 3:  # noqa: ASYNC110 - likewise
            await asyncio.sleep(0)
        assert [each.kind for each in house.refused] == [Refusal.SITE_FULL]
        story.let_go.set()
        for far_end in await asyncio.gather(*waiting):
            assert far_end.variables["GUARD_VERDICT"] == "ALLOW"
        assert (await house.call(greeting=asked["a"])).variables["GUARD_VERDICT"] == "ALLOW"


# ---------------------------------------------------------------------- who probes

REMOTE = "10.0.0.9"


def knocked(house: House, said: Sequence[bytes], times: int = MOST) -> list[Refusal]:
    """Have a peer of another machine say something, again and again; return the refusals."""
    before = len(house.refused)
    for _ in range(times):
        wire = Wire(Session(house.listener, Deadlines(), Limits()), REMOTE)
        for each in said:
            if not wire.closed:
                wire._protocol.data_received(each)
        wire.lose()
    return [each.kind for each in house.refused[before:]]


@pytest.mark.parametrize(
    "said",
    [
        [b"GET / HTTP/1.1\r\n\r\n"],
        [b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" * 1_000],
        [b"OPTIONS sip:100@10.0.0.1 SIP/2.0\r\n"],
        [b"agi_network: no\n"],
        [b"\n"],
    ],
    ids=["http", "tls", "sip", "nearly agi", "blank"],
)
async def test_who_is_no_asterisk_is_closed_upon_at_once_after_a_while(
    said: list[bytes],
) -> None:
    """It costs neither a session nor a line on record any more; others are answered."""
    async with open_house(door=Door([*LOOPBACK, "10.0.0.0/8"])) as house:
        with capture_logs() as logs:
            assert knocked(house, said) == [Refusal.ODD] * MOST
        assert [each for each in logs if each["event"] == "peer-shut-out"] == [
            {"event": "peer-shut-out", "log_level": "warning", "peer": REMOTE, "for_s": FOR_S}
        ]
        assert knocked(house, said) == [Refusal.SHUT_OUT] * MOST
        assert (await house.call()).variables["GUARD_VERDICT"] == "ALLOW"


@pytest.mark.parametrize(
    ("said", "kinds"),
    [
        ([environment().replace(b"\nagi_callingpres", b"\nagi_nonsense: x\nagi_callingpres")],
         {Refusal.ODD}),
        ([environment().replace(b"agi_channel: ", b"agi_channel: \x01")], {Refusal.ODD}),
        ([environment(f"call={CALL}", "dialled=1", "token=x")], {Refusal.BAD_TOKEN}),
        ([environment("nonsense=1")], {Refusal.BAD_QUESTION}),
        ([b""], {Refusal.ODD}),
        ([b"agi_network: yes\nagi_netw", b""], {Refusal.ODD}),
        ([], set()),
    ],
    ids=["a name", "a channel's name", "a token", "an argument", "a look", "cut off", "silence"],
)  # fmt: skip
async def test_no_text_of_a_caller_shuts_an_asterisk_out(
    said: list[bytes], kinds: set[Refusal]
) -> None:
    """What phones say of themselves may end a line, or the environment, and start another.

    Nor does a load balancer that looks whether somebody is there, or a connection that is lost.
    """
    door = Door([*LOOPBACK, "10.0.0.0/8"], "secret")
    async with open_house(door=door) as house:
        assert set(knocked(house, said, 5 * MOST)) == kinds


async def test_an_asterisk_that_asked_once_is_not_shut_out() -> None:
    """Whoever sits beside it on its address shuts it out neither."""
    async with open_house(door=Door([*LOOPBACK, "10.0.0.0/8"])) as house:
        wire = Wire(Session(house.listener, Deadlines(), Limits()), REMOTE)
        wire._protocol.data_received(environment())
        for _ in range(20):
            await asyncio.sleep(0)
            if wire.written:
                wire._protocol.data_received(b"200 result=0\n")
                wire.written.clear()
        assert len(house.story.asked) == 1
        assert set(knocked(house, [b"GET /\n"], 5 * MOST)) == {Refusal.ODD}


async def test_the_machine_itself_is_not_shut_out() -> None:
    """Its own Asterisk asks from there."""
    async with open_house() as house:
        for _ in range(2 * MOST):
            await house.call(greeting=b"GET /\n")
        assert (await house.call()).variables["GUARD_VERDICT"] == "ALLOW"
