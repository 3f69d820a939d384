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
        assert (await link.channels(MARK)).whole
        assert [each["Uniqueid"] for each in (await link.channels(MARK)).rows] == ["1", "2"]
    assert manager.asked("Status")[0]["Variables"] == MARK
    assert manager.asked("Login")[0]["Events"] == "off"


async def test_a_function_is_asked_without_a_channel(manager: Manager) -> None:
    """What Asterisk has no value of is empty; a line break in it is never sent."""
    manager.functions["PJSIP_ENDPOINT(101,aors)"] = "101"
    async with connected(login_of(manager)) as link:
        assert await link.function("PJSIP_ENDPOINT(101,aors)") == "101"
        assert await link.function("PJSIP_ENDPOINT(102,aors)") == ""
        with pytest.raises(LinkError, match="line break"):
            await link.function("PJSIP_AOR(1\r\nAction: Hangup\r\n,contact)")
        manager.untold.add("PJSIP_AOR(101,contact)")
        with pytest.raises(LinkError, match="does not do `Getvar`: No such function"):
            await link.function("PJSIP_AOR(101,contact)")
    assert all("Channel" not in each for each in manager.asked("Getvar"))


async def test_events_come_one_by_one(manager: Manager) -> None:
    """As they were sent; a field that comes twice is none."""
    heard: list[Fields] = []
    async with connected(login_of(manager), heard.append) as link:
        manager.send(b"Event: A\r\nX: 1\r\n\r\nEvent: B\r\nX: 1\r\nX: 2\r\n\r\nEvent: C\r")
        manager.send(b"\n\r\n")
        await link.ask("Ping")
    assert [dict(each) for each in heard] == [
        {"Event": "A", "X": "1"},
        {"Event": "B"},
        {"Event": "C"},
    ]


async def test_only_some_classes_of_events_are_asked_for(manager: Manager) -> None:
    """By who listens: none of security, but where somebody says so."""
    async with connected(login_of(manager), lambda _: None):
        assert manager.asked("Login")[0]["Events"] == "system,call,user"
    async with connected(login_of(manager), lambda _: None, classes="security,system"):
        assert manager.asked("Login")[1]["Events"] == "security,system"


async def test_who_is_first_sees_messages_as_they_came(manager: Manager) -> None:
    """And what it takes, nobody else sees; an answer still finds who asked."""
    heard: list[Fields] = []
    seen: list[bytes] = []

    def take(block: bytes) -> bool:
        seen.append(block)
        return block.startswith(b"Event: A\r\n")

    async with connected(login_of(manager), heard.append, first=take) as link:
        manager.send(b"Event: A\r\nX: 1\r\nX: 2\r\n\r\nEvent: B\r\n\r\n")
        assert await link.ask("Ping")
    assert [dict(each) for each in heard] == [{"Event": "B"}]
    assert b"Event: A\r\nX: 1\r\nX: 2" in seen


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


async def test_nothing_that_is_said_ends_the_link(
    manager: Manager, service_said: list[EventDict]
) -> None:
    """Anybody can forge `Shutdown`, and nonsense; an Asterisk that stops hangs up."""
    heard: list[Fields] = []
    async with connected(login_of(manager), heard.append) as link:
        manager.forge(Event="Shutdown")
        manager.send(b"\xff\xfe\r\n\r\nno colon\r\n\r\n\r\n\r\nEvent: A\r\nEvent: B\r\n\r\n")
        await link.ask("Ping")
        assert not link.lost.is_set()
        manager.drop()
        await lost(link)
    assert [each["Event"] for each in heard] == ["Shutdown"]
    assert {each["event"] for each in service_said} == {"ami-forged"}


async def test_an_answer_cannot_be_forged(manager: Manager, service_said: list[EventDict]) -> None:
    """Its number is not to be guessed, and no two are alike; an event with it is none either."""
    manager.up["1"] = {MARK: "true"}
    async with connected(login_of(manager)) as link:
        manager.send(b"Response: Success\r\nActionID: 1\r\nValue: forged\r\n\r\n")
        manager.send(b"Response: Success\r\nValue: forged\r\n\r\n")
        assert await link.variable("1", MARK) == "true"
        manager.silent = True
        asked = asyncio.create_task(link.variable("1", MARK))
        await until(lambda: len(manager.asked("Getvar")) > 1)
        numbers = [each["ActionID"] for each in manager.asked("Getvar")]
        manager.forge(Event="X", ActionID=numbers[1], Value="forged")
        manager.forge(Response="Success", ActionID=numbers[1], Value="late")
        assert await asked == "late"
    assert len(set(numbers)) == 2
    assert {len(each) for each in numbers} == {2 * links.ACTION_ID_BYTES}
    assert link.forgeries.count == 2  # the nameless response, and the event; the rest is late
    assert [each["event"] for each in service_said] == ["ami-forged"]


async def test_a_variable_of_a_channel_is_told_or_that_it_is_gone(manager: Manager) -> None:
    """And not, where Asterisk says no for another reason."""
    manager.up["1"] = {}
    async with connected(login_of(manager)) as link:
        assert await link.variable("1", MARK) == ""
        assert await link.variable("2", MARK) is None
        manager.refuses.add("Getvar")
        with pytest.raises(LinkError, match=r"does not tell `DIALGUARD_LEG`.*Permission denied"):
            await link.variable("1", MARK)


async def test_a_torn_row_is_mended(manager: Manager, monkeypatch: pytest.MonkeyPatch) -> None:
    """By what Asterisk answers of its channel; the list is not whole all the same."""
    monkeypatch.setattr(links, "TORN_MAX", 2)
    manager.up["1"] = {}
    manager.up["PJSIP/x-00000001"] = {"UNIQUEID": "9", MARK: "mark"}
    manager.rows = [row("1")]
    async with connected(login_of(manager)) as link:
        heard = manager._answer

        def torn(action: dict[str, str]) -> bytes:
            answer = heard(action)
            if action["Action"] == "Status":
                for name in ("PJSIP/x-00000001", "gone", "one-too-many"):
                    manager.send(b"Event: Status\r\nChannel: %s\r\n\r\n" % name.encode())
            return answer

        monkeypatch.setattr(manager, "_answer", torn)
        listing = await link.channels(MARK)
    assert not listing.whole
    assert [each["Uniqueid"] for each in listing.rows] == ["1", "9"]
    assert listing.rows[1]["Variable"] == f"{MARK}=mark"
    assert "one-too-many" not in [each["Channel"] for each in manager.asked("Getvar")]


async def test_a_list_that_ends_early_is_not_whole(manager: Manager) -> None:
    """Asterisk says how many there are."""
    manager.rows = [{**row("1"), "Event": "Other"}]
    async with connected(login_of(manager)) as link:
        assert not (await link.channels(MARK)).whole


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
