"""The service by HTTP: what it, or whoever stands in its place, could do to us."""

from __future__ import annotations

import asyncio
import gzip
import json
from dataclasses import replace
from typing import TYPE_CHECKING
from urllib.parse import parse_qs

import pytest

from fastagi.errors import LookupFailed
from fastagi.lookups import service as room
from fastagi.lookups.pacing import Pace
from fastagi.lookups.service import BODY_MAX, Service
from fastagi.lookups.subject import Kind, Subject
from tests.unit.lookups.conftest import HUB_FOUND, HUB_NOT_FOUND, NODE_FOUND, TOKEN, answer

if TYPE_CHECKING:
    from tests.unit.lookups.conftest import Stub

CUBA = Subject(Kind.NUMBER, "5355512345")
THERE = Subject(Kind.ADDRESS, "2001:db8::5")


async def asked(stub: Stub, subject: Subject = CUBA, *before: str) -> bool:
    """Ask once."""
    service = stub.service(*before)
    try:
        return await service.ask(subject)
    finally:
        await service.close()


@pytest.mark.parametrize(
    ("status", "body", "is_found"),
    [
        (200, HUB_FOUND, True),
        (200, NODE_FOUND, True),
        (200, '{"bad_actor_found": "192.0.2.7"}', True),
        (200, '{"ip_address_found": "192.0.2.7"}', True),
        (404, HUB_NOT_FOUND, False),
        (404, '{"message": "No bad actor found"}', False),
        (400, "", False),
        (422, "<html>", False),
    ],
)
async def test_hub_and_node_say_yes_or_no(
    stub: Stub, status: int, body: str, is_found: bool
) -> None:
    """Each in its way; a number that it will not have is none of its own."""
    stub.else_ = answer(status, body)
    assert await asked(stub) is is_found
    assert stub.asked == ["/phone-numbers/5355512345"]


@pytest.mark.parametrize(
    "said",
    [
        answer(200, "<html>Log in to this network</html>"),
        answer(200, HUB_NOT_FOUND),
        answer(200, "{}"),
        answer(200, "[1]"),
        answer(200, '{"phone_number_found": ""}'),
        answer(200, '{"message": "nothing found, not at all found."}'),
        answer(200, '{"message": 1}'),
        answer(200, "[" * BODY_MAX),
        answer(200, ""),
        answer(404, "<html>404</html>"),
        answer(204, ""),
        answer(301, HUB_FOUND, "Location: http://169.254.169.254/"),
        answer(302, HUB_FOUND, "Location: http://127.0.0.1:1/"),
        answer(401, HUB_FOUND),
        answer(500, HUB_FOUND),
        answer(200, gzip.compress(HUB_FOUND.encode(), mtime=0), "Content-Encoding: gzip"),
        b"SSH-2.0-OpenSSH_9.2\r\n\r\n",
        b"HTTP/1.1 200 X\r\nContent-Length: 999\r\n\r\n{}",
    ],
)
async def test_nothing_else_is_an_answer(stub: Stub, said: bytes) -> None:
    """It finds nobody guilty, and clears nobody. No redirect is followed, nothing unpacked."""
    stub.else_ = said
    stub.talk = None

    async def says(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(said)
        await writer.drain()

    stub.talk = says
    with pytest.raises(LookupFailed) as failed:
        await asked(stub)
    assert len(stub.asked) == 1
    assert "5355512345" not in str(failed.value)
    assert failed.value.pause_s is None


@pytest.mark.parametrize(
    ("header", "pause_s"),
    [
        ("Retry-After: 120", 120.0),
        ("Retry-After: Wed, 21 Oct 2026 07:28:00 GMT", 0.0),
        ("X: y", 0),
    ],
)
async def test_a_service_that_is_asked_too_often_is_left_alone(
    stub: Stub, header: str, pause_s: float
) -> None:
    """For as long as it says, where it does."""
    stub.else_ = answer(429, '{"status": "429 Too Many Requests"}', header)
    with pytest.raises(LookupFailed, match="too often") as failed:
        await asked(stub)
    assert failed.value.pause_s == pause_s


async def test_a_number_is_asked_for_as_thieves_dial_it(stub: Stub) -> None:
    """With each beginning until one is found; an address as it is."""
    stub.answers["/phone-numbers/%2B5355512345"] = answer(200, HUB_FOUND)
    assert await asked(stub, CUBA, "", "+", "00")
    assert stub.asked == ["/phone-numbers/5355512345", "/phone-numbers/%2B5355512345"]
    stub.asked.clear()
    assert not await asked(stub, THERE, "", "+", "00")
    assert stub.asked == ["/ip-addresses/2001%3Adb8%3A%3A5"]


async def test_an_endless_answer_is_not_read(stub: Stub) -> None:
    """Nor one that says that it is short, and is not."""
    sent = 0

    async def gushes(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal sent
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n")
        while sent < 2000:
            writer.write(b"x" * 65536)
            await writer.drain()
            sent += 1

    stub.talk = gushes
    async with asyncio.timeout(20):
        with pytest.raises(LookupFailed, match="longer than 16 KiB"):
            await asked(stub)
    assert sent < 2000


@pytest.mark.parametrize("said", [b"", b"HTTP/1.1 200 OK\r\n", b"HTTP/1.1 200 OK\r\n\r\n{"])
async def test_a_service_that_hangs_is_given_up(
    stub: Stub, said: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Wherever in its answer."""
    monkeypatch.setattr(room, "WITHIN_S", 0.2)

    async def hangs(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(said)
        await writer.drain()
        await asyncio.Event().wait()

    stub.talk = hangs
    async with asyncio.timeout(20):
        with pytest.raises(LookupFailed, match=r"did not answer within|Timeout"):
            await asked(stub)


async def test_a_service_that_is_not_there_is_told_without_the_number(stub: Stub) -> None:
    """A log is no place for whom somebody called."""
    stub.port = 1
    with pytest.raises(LookupFailed) as failed:
        await asked(stub)
    assert str(failed.value) == "ConnectError"


async def test_no_proxy_is_taken_from_the_environment(
    stub: Stub, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nor a password out of ~/.netrc."""
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:9")
    assert not await asked(stub)
    assert "authorization" not in stub.heads[0].lower()


# ----------------------------------------------------------------------------- tokens


async def test_a_token_is_got_once_and_shown(stub: Stub) -> None:
    """By client credentials (RFC 6749, 4.4); of many who ask at once one gets it."""
    stub.answers["/token"] = answer(200, TOKEN)
    service = stub.service(credentials=True)
    others = [Subject(Kind.NUMBER, f"535551234{last}") for last in range(4)]
    assert await asyncio.gather(*map(service.ask, others)) == [False] * 4
    await service.close()
    assert stub.asked.count("/token") == 1
    form = parse_qs(stub.bodies[stub.asked.index("/token")])
    assert form == {
        "grant_type": ["client_credentials"],
        "client_id": ["me"],
        "client_secret": ["s3cret-of-mine"],
        "audience": [f"http://127.0.0.1:{stub.port}/api"],
    }
    shown = [head for head in stub.heads if "GET" in head]
    assert all("Authorization: Bearer a.b-c\r\n" in head for head in shown)


async def test_a_token_that_is_refused_is_got_anew(stub: Stub) -> None:
    """At the next look-up."""
    stub.answers["/token"] = answer(200, TOKEN)
    stub.else_ = answer(401, '{"error": "Invalid token"}')
    service = stub.service(credentials=True)
    for _ in range(2):
        with pytest.raises(LookupFailed, match="it answered 401"):
            await service.ask(CUBA)
    await service.close()
    assert stub.asked.count("/token") == 2


async def test_a_token_is_got_anew_before_it_is_over(stub: Stub) -> None:
    """A minute before; and one that says it lasts for ever, each day."""
    moment = [0.0]
    stub.answers["/token"] = answer(200, TOKEN.replace("86400", "3600"))
    service = Service(stub.place(credentials=True), Pace(60_000), lambda: moment[0])
    for now, got in ((0.0, 1), (3539.0, 1), (3540.0, 2)):
        moment[0] = now
        await service.ask(CUBA)
        assert stub.asked.count("/token") == got
    await service.close()


@pytest.mark.parametrize(
    "said",
    [
        answer(200, "<html>"),
        answer(200, '{"access_token": "x\\r\\nX-Evil: 1"}'),
        answer(200, '{"access_token": 1}'),
        answer(200, json.dumps({"access_token": "x" * 9000})),
        answer(403, TOKEN),
        answer(302, TOKEN, "Location: /elsewhere"),
    ],
)
async def test_what_is_no_token_is_not_shown(stub: Stub, said: bytes) -> None:
    """Nothing of it gets into a request; the secret gets into no message."""
    stub.answers["/token"] = said
    service = stub.service(credentials=True)
    with pytest.raises(LookupFailed, match="it gave no token") as failed:
        await service.ask(CUBA)
    await service.close()
    assert stub.asked == ["/token"]
    assert "s3cret" not in str(failed.value)
    assert "s3cret" not in repr(stub.place(credentials=True))


async def test_requests_keep_to_their_pace(stub: Stub) -> None:
    """Also those for a token."""
    turns: list[float] = []

    class Counting(Pace):
        def turn(self, now: float) -> float:
            turns.append(now)
            return 0.0

    stub.answers["/token"] = answer(200, TOKEN)
    place = replace(
        stub.place("", "+", credentials=True), urls={Kind.NUMBER: stub.place().urls[Kind.NUMBER]}
    )
    service = Service(place, Counting(60), lambda: 1.0)
    assert service.knows(Kind.NUMBER)
    assert not service.knows(Kind.ADDRESS)
    assert not await service.ask(CUBA)
    await service.close()
    assert turns == [1.0, 1.0, 1.0]
