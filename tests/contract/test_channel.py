"""A scripted channel and a real session are the same to a story."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

import pytest

from fastagi.call.channel import Channel, Keyed, Question, Variable
from fastagi.errors import ChannelError, ChannelGone, ChannelSilent
from fastagi.server.deadlines import Deadlines
from fastagi.server.door import Door
from fastagi.server.listener import Listener
from tests.doubles.far_end import FarEnd
from tests.doubles.scripted_channel import Does, ScriptedChannel

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.doubles.scripted_channel import Act


@dataclass
class Seen:
    """What the other side of a channel saw, whichever it is."""

    heard: Callable[[], list[tuple[str, ...]]]
    bounds: Callable[[], list[int]]
    told: Callable[[], dict[str, str]]
    answered: Callable[[], bool]
    progressed: Callable[[], bool]


Opened: TypeAlias = AbstractAsyncContextManager[tuple[Channel, Seen]]
Open: TypeAlias = "Callable[[Sequence[Act]], Opened]"

VERDICT = {
    Variable.VERDICT: "ALLOW",
    Variable.NUMBER: "+390612345678",
    Variable.CAUSE: "",
    Variable.PROMPT: "beep&digits/4",
}


@asynccontextmanager
async def scripted(acts: Sequence[Act]) -> AsyncIterator[tuple[Channel, Seen]]:
    """Open a scripted channel."""
    channel = ScriptedChannel(acts)
    yield (
        channel,
        Seen(
            heard=lambda: channel.heard,
            bounds=lambda: channel.bounds,
            told=lambda: {str(name): value for name, value in channel.told.items()},
            answered=lambda: channel.answered,
            progressed=lambda: channel.progressed,
        ),
    )


@asynccontextmanager
async def over_fastagi(acts: Sequence[Act]) -> AsyncIterator[tuple[Channel, Seen]]:
    """Open a real session, on a socket, with Asterisk's twin at the far end."""
    opened: asyncio.Future[Channel] = asyncio.get_running_loop().create_future()
    over = asyncio.Event()

    async def answer(question: Question, channel: Channel) -> None:
        opened.set_result(channel)
        await over.wait()

    # A frozen Asterisk is given up at once: less than nothing for sounds, besides 1 s a digit.
    sounds_s = -6.95 if Does.FREEZE in acts else 30.0
    listener = Listener(answer, Door(["127.0.0.1"]), deadlines=Deadlines(sounds_s=sounds_s))
    far_end = FarEnd(acts)
    conversation = asyncio.create_task(far_end.converse(await listener.listen_on("127.0.0.1", 0)))
    bounds = "TIMEOUT(absolute)"
    yield (
        await opened,
        Seen(
            heard=lambda: far_end.heard,
            bounds=lambda: [
                int(value) for name, value in far_end.variables.items() if name == bounds
            ],
            told=lambda: {
                name: value for name, value in far_end.variables.items() if name != bounds
            },
            answered=lambda: far_end.answered,
            progressed=lambda: far_end.progressed,
        ),
    )
    over.set()
    await conversation
    await listener.drain(1.0)


@pytest.fixture(params=[scripted, over_fastagi], ids=["scripted", "session"])
def open_channel(request: pytest.FixtureRequest) -> Open:
    """Give each implementation in turn."""
    opener: Open = request.param
    return opener


async def ask(channel: Channel, *sounds: str) -> Keyed:
    """Ask for up to six digits."""
    return await channel.ask(sounds or ("agent-pass",), wait_s=1, most=6)


async def test_a_call_from_beginning_to_end(open_channel: Open) -> None:
    """All of a challenge: bounded, answered, asked, told."""
    async with open_channel(["4711#"]) as (channel, seen):
        await channel.bound(60)
        await channel.answer()
        assert await ask(channel, "agent-pass", "beep") == Keyed("4711", timed_out=False)
        await channel.tell(VERDICT)
        assert seen.bounds() == [60]
        assert seen.answered()
        assert seen.heard() == [("agent-pass", "beep")]
        assert seen.told() == {str(name): value for name, value in VERDICT.items()}


@pytest.mark.parametrize(
    ("act", "keyed"),
    [
        ("4711#", Keyed("4711", timed_out=False)),
        ("123456", Keyed("123456", timed_out=False)),
        ("1234567", Keyed("123456", timed_out=False)),
        ("12", Keyed("12", timed_out=True)),
        ("7*8#", Keyed("7*8", timed_out=False)),
        ("#", Keyed("", timed_out=False)),
        (Does.NOTHING, Keyed("", timed_out=True)),
    ],
)
async def test_what_a_caller_keys(open_channel: Open, act: Act, keyed: Keyed) -> None:
    """Digits end with `#`, with the last there can be, or with silence."""
    async with open_channel([act]) as (channel, _):
        assert await ask(channel) == keyed


async def test_a_caller_is_asked_again(open_channel: Open) -> None:
    """Each question has its own digits; who is asked too often is silent."""
    async with open_channel(["1#", "22#"]) as (channel, seen):
        assert [(await ask(channel)).digits for _ in range(3)] == ["1", "22", ""]
        assert seen.heard() == [("agent-pass",)] * 3


async def test_early_media_is_no_answer(open_channel: Open) -> None:
    """The phone hears, and nothing is answered."""
    async with open_channel(["1#"]) as (channel, seen):
        await channel.progress()
        assert await ask(channel) == Keyed("1", timed_out=False)
        assert (seen.progressed(), seen.answered()) == (True, False)


@pytest.mark.parametrize("act", [Does.HANG_UP, Does.LOSE])
async def test_a_caller_who_is_gone(open_channel: Open, act: Act) -> None:
    """From then on everything says so, and nothing is told."""
    async with open_channel([act]) as (channel, seen):
        with pytest.raises(ChannelGone):
            await ask(channel)
        for again in (
            lambda: ask(channel),
            channel.answer,
            channel.progress,
            lambda: channel.bound(5),
            lambda: channel.tell(VERDICT),
        ):
            with pytest.raises(ChannelGone):
                await again()
        assert seen.told() == {}


async def test_an_asterisk_that_freezes(open_channel: Open) -> None:
    """It is given up after its deadline, and is not asked again."""
    async with open_channel([Does.FREEZE]) as (channel, seen):
        with pytest.raises(ChannelSilent):
            await ask(channel)
        with pytest.raises(ChannelError):
            await channel.tell(VERDICT)
        assert seen.told() == {}


async def test_nothing_is_said_after_the_verdict(open_channel: Open) -> None:
    """What is told is the end."""
    async with open_channel([]) as (channel, seen):
        await channel.tell(VERDICT)
        with pytest.raises(ChannelGone):
            await channel.tell({Variable.VERDICT: "DENY"})
        assert seen.told()["GUARD_VERDICT"] == "ALLOW"
