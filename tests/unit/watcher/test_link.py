"""The link, and the faults of the other side that must stay there."""

from __future__ import annotations

import asyncio
import socket
from typing import TYPE_CHECKING

import pytest

from fastagi.errors import LinkError, LoginRefused
from fastagi.watcher import link as links
from fastagi.watcher.channels import MARK
from fastagi.watcher.link import Login, connected
from tests.doubles.manager import Manager
from tests.unit.watcher.samples import row, until

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from structlog.typing import EventDict

    from fastagi.watcher.link import Fields

QUICK_S = 0.05


@pytest.fixture
async def manager() -> AsyncIterator[Manager]:
    """An Asterisk."""
    async with Manager() as playing:
        yield playing


def login_of(manager: Manager, secret: str = "") -> Login:
    """Return how to log in there."""
    return Login("pbx", "127.0.0.1", manager.port, "dialguard", lambda: secret or manager.secret)


async def lost(link: links.Link) -> None:
    """Wait until the link is."""
    async with asyncio.timeout(5):
        await link.lost.wait()


async def test_it_lists_channels(manager: Manager) -> None:
    """Each with the variable that is asked for; the rest of the list is left out."""
    manager.rows = [row("1"), row("2")]
    async with connected(login_of(manager)) as link:
        assert [each["Uniqueid"] for each in await link.channels(MARK)] == ["1", "2"]
    assert manager.asked("Status")[0]["Variables"] == MARK
    assert manager.asked("Login")[0]["Events"] == "off"


async def test_events_come_one_by_one(manager: Manager) -> None:
    """As they were sent; a field that comes twice is none."""
    heard: list[Fields] = []
    async with connected(login_of(manager), heard.append) as link:
        manager.send(b"Event: A\r\nX: 1\r\n\r\nEvent: B\r\nX: 1\r\nX: 2\r\n\r\nEvent: C\r")
        manager.send(b"\n\r\n")
        await link.ask("Ping")
    assert [dict(each) for each in heard] == [
        {"Event": "A", "X": "1", "content": ""},
        {"Event": "B", "content": ""},
        {"Event": "C", "content": ""},
    ]


async def test_events_that_nobody_asked_for_are_passed_over(manager: Manager) -> None:
    """An Asterisk may send some all the same."""
    async with connected(login_of(manager)) as link:
        manager.say(Event="A")
        assert await link.ask("Ping")


async def test_a_refused_login_is_told(manager: Manager) -> None:
    """In Asterisk's words, and without the secret."""
    with pytest.raises(LoginRefused, match="refuses `dialguard`: Authentication failed") as caught:
        async with connected(login_of(manager, "wrong-and-secret")):
            pass
    assert "wrong-and-secret" not in str(caught.value)
    assert "a-secret" not in repr(login_of(manager))


async def test_nobody_there_is_told(manager: Manager) -> None:
    """By the address."""
    await manager.stop()
    with pytest.raises(LinkError, match=f"nobody answers at 127.0.0.1:{manager.port}"):
        async with connected(login_of(manager)):
            pass
    await manager.start()


async def test_one_who_never_answers_is_given_up(
    manager: Manager, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A port that takes the connection and says nothing."""
    monkeypatch.setattr(links, "ANSWER_S", QUICK_S)
    monkeypatch.setattr(links._ask, "__defaults__", (QUICK_S,))
    manager.silent = True
    with pytest.raises(LinkError, match="did not answer `Login`"):
        async with connected(login_of(manager)):
            pass


async def test_a_connection_that_is_never_made_is_given_up(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A full backlog drops the SYN."""
    monkeypatch.setattr(links, "ANSWER_S", QUICK_S)
    with socket.socket() as full:
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        port = full.getsockname()[1]
        with socket.create_connection(("127.0.0.1", port)), pytest.raises(LinkError):
            async with connected(Login("pbx", "127.0.0.1", port, "x", lambda: "y")):
                pass  # pragma: no cover


@pytest.mark.parametrize("value", ["a\r\nAction: Originate", "a\nb", "a\0b"])
async def test_a_value_with_a_line_break_is_never_sent(manager: Manager, value: str) -> None:
    """It would be an action of its own."""
    async with connected(login_of(manager)) as link:
        with pytest.raises(LinkError, match="line break"):
            await link.hang_up(value)
    assert manager.asked("Hangup") == []


async def test_a_pattern_ends_no_channel(manager: Manager) -> None:
    """`/.*/` would end all of them."""
    async with connected(login_of(manager)) as link:
        with pytest.raises(LinkError, match="by a pattern"):
            await link.hang_up("/.*/")
        await link.hang_up("PJSIP/my-trunk-00000001")
    assert [each["Channel"] for each in manager.asked("Hangup")] == ["PJSIP/my-trunk-00000001"]


async def test_what_asterisk_does_not_do_is_told(manager: Manager) -> None:
    """With its reason, or without one."""
    manager.refuses.add("Status")
    manager.gone.add("PJSIP/x-00000001")
    async with connected(login_of(manager)) as link:
        with pytest.raises(LinkError, match="does not do `Status`: Permission denied"):
            await link.channels(MARK)
        with pytest.raises(LinkError, match="no reason given"):
            await link.hang_up("PJSIP/x-00000001")
        assert not link.lost.is_set()


async def test_unanswered_pings_break_the_link(manager: Manager) -> None:
    """A connection that is half open says nothing for ever."""
    async with connected(login_of(manager), ping_s=QUICK_S) as link:
        await asyncio.sleep(3 * QUICK_S)  # pings that are answered
        assert not link.lost.is_set()
        manager.silent = True
        await lost(link)


async def test_who_waits_for_an_answer_is_told_of_the_loss(manager: Manager) -> None:
    """At once; and whoever asks afterwards."""
    async with connected(login_of(manager)) as link:
        manager.silent = True
        asked = asyncio.create_task(link.ask("Status"))
        await until(lambda: manager.asked("Status") != [])
        manager.drop()
        with pytest.raises(LinkError, match="was lost"):
            await asked
        with pytest.raises(LinkError, match="is lost"):
            await link.ask("Status")


async def test_asterisk_says_that_it_stops(manager: Manager) -> None:
    """The link is over then."""
    async with connected(login_of(manager), lambda _: None) as link:
        manager.say(Event="Shutdown")
        await lost(link)


async def test_garbage_breaks_the_link_and_nothing_else(
    manager: Manager, service_said: list[EventDict]
) -> None:
    """What panoramisk cannot read; bytes that are no text are passed over."""
    async with connected(login_of(manager), lambda _: None) as link:
        manager.send(b"\xff\xfe\r\n\r\nno colon\r\n\r\n")
        await link.ask("Ping")
        manager.send(b"Event: A\r\nEvent: B\r\n\r\n")
        await lost(link)
    assert [each["event"] for each in service_said] == ["ami-link-broke"]


async def test_a_listener_that_raises_breaks_the_link_and_nothing_else(
    manager: Manager, service_said: list[EventDict]
) -> None:
    """The loop's own handler never hears of it."""

    def raises(_: Fields) -> None:
        raise ZeroDivisionError

    async with connected(login_of(manager), raises) as link:
        manager.say(Event="A")
        await lost(link)
    assert [each["event"] for each in service_said] == ["ami-link-broke"]


async def test_a_message_without_an_end_breaks_the_link(
    manager: Manager, service_said: list[EventDict]
) -> None:
    """It would fill the memory."""
    async with connected(login_of(manager)) as link:
        manager.send(b"X" * (links.UNFINISHED_MAX + 100))
        await lost(link)
    assert "without an end" in str(service_said[0]["why"])
