"""What Asterisk is told of passwords that were handed out, and who is told nothing."""

from __future__ import annotations

import base64
from dataclasses import replace
from ipaddress import ip_address
from typing import TYPE_CHECKING
from urllib.parse import parse_qs

import httpx
import pytest

from fastagi.call.credentials import HandedOut, ha1, hand_out
from fastagi.console.passwords import make_passwords
from fastagi.second_factor.vault import Vault, new_key
from fastagi.signs.sighting import Seen, Sighting
from fastagi.stores.sign_ins import SignedOff, Way
from tests.doubles.lookout import Lookout
from tests.doubles.shaky_store import ShakyStore

if TYPE_CHECKING:
    from structlog.typing import EventDict

    from fastagi.stores.store import Enrolment
    from tests.unit.console.world import World

SECRET = "asterisk-asks-for-passwords"
MINE = {"id": "office/101"}


def shown(secret: str = SECRET, name: str = "asterisk") -> dict[str, str]:
    """Return how Asterisk says who it is."""
    return {"Authorization": f"Basic {base64.b64encode(f'{name}:{secret}'.encode()).decode()}"}


def asterisk(world: World, address: str = "127.0.0.1", **ports: object) -> httpx.AsyncClient:
    """Return who asks, from an address."""
    app = make_passwords(replace(world.ports.call, **ports), SECRET)  # type: ignore[arg-type]  # as a test says
    transport = httpx.ASGITransport(app, client=(address, 40_000))
    return httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8574")


@pytest.fixture
async def lent(world: World, at_the_desk: Enrolment) -> HandedOut:
    """101 was handed a password."""

    async def take_off(site: str, extension: str) -> bool:
        return True

    policy = world.sites.by_site["office"]
    browser, call = ip_address("192.0.2.7"), world.ports.call
    made = await hand_out(policy, at_the_desk, Way.PAGE, browser, 300, take_off, call)
    assert isinstance(made, HandedOut)
    return made


async def test_asterisk_is_told_a_digest_in_its_own_words(world: World, lent: HandedOut) -> None:
    """One line of pairs, of which it makes an `auth`."""
    async with asterisk(world) as asks:
        answer = await asks.post("/auths/single", data=MINE, headers=shown())
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "no-store"
    assert parse_qs(answer.text, strict_parsing=True) == {
        "id": ["office/101"],
        "auth_type": ["md5"],
        "username": ["101"],
        "realm": ["dialguard"],
        "md5_cred": [ha1("101", lent.password)],
    }
    assert lent.password not in answer.text


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/auths/multi", "id%20LIKE=%25"),
        ("/auths/single", "id%20LIKE=office%2F101"),
        ("/auths/single", "id=%25"),
        ("/auths/single", "id=office%2F102"),
        ("/auths/single", "id=branch%2F101"),
        ("/auths/single", "username=101"),
        ("/auths/single", "id=office%2F101&id=office%2F101"),
        ("/auths/single", "id=office%2F101&x=y"),
        ("/auths/single", "id"),
        ("/auths/single", ""),
        ("/auths/single", "id=%ff%00"),
        ("/auths/single", "id=" + "office%2F101" * 200),
        ("/auths/store", "id=office%2F101"),
        ("/", "id=office%2F101"),
    ],
)
async def test_any_other_question_is_answered_with_nothing(
    world: World, lent: HandedOut, path: str, body: str
) -> None:
    """Of which Asterisk makes a refusal."""
    async with asterisk(world) as asks:
        answer = await asks.post(path, content=body, headers=shown())
        assert (answer.status_code, answer.content) == (200, b"")
        answer = await asks.get("/auths/single?id=office%2F101", headers=shown())
        assert (answer.status_code, answer.content) == (200, b"")


async def test_a_body_that_is_no_text_is_answered_with_nothing(world: World) -> None:
    """Whatever it is."""
    async with asterisk(world) as asks:
        answer = await asks.post("/auths/single", content=b"id=\xff", headers=shown())
    assert (answer.status_code, answer.content) == (200, b"")


@pytest.mark.parametrize(
    ("address", "headers"),
    [
        ("127.0.0.1", {}),
        ("127.0.0.1", shown("another-secret-altogether")),
        ("127.0.0.1", shown(name="admin")),
        ("127.0.0.1", {"Authorization": f"Bearer {SECRET}"}),
        ("192.0.2.7", shown()),
        ("testclient", shown()),
    ],
)
async def test_who_is_not_asterisk_is_told_nothing(
    world: World,
    lent: HandedOut,
    told: list[EventDict],
    address: str,
    headers: dict[str, str],
) -> None:
    """With the secret from elsewhere neither; and the log says that somebody asked."""
    async with asterisk(world, address) as asks:
        answer = await asks.post("/auths/single", data=MINE, headers=headers)
    assert (answer.status_code, answer.content) == (403, b"")
    assert told == [{"event": "passwords-refused", "log_level": "warning", "peer": address}]


async def test_what_is_over_is_told_no_more(world: World, lent: HandedOut) -> None:
    """From the moment on at which it is."""
    await world.store.end_sign_ins("office", "101", None, SignedOff.PAGE, world.clock.now)
    async with asterisk(world) as asks:
        answer = await asks.post("/auths/single", data=MINE, headers=shown())
    assert (answer.status_code, answer.content) == (200, b"")


@pytest.mark.parametrize("trouble", ["away", "silent"])
async def test_without_the_store_nobody_gets_in(
    world: World, lent: HandedOut, told: list[EventDict], trouble: str
) -> None:
    """In half a second, and the log says why."""
    shaky = ShakyStore(world.store)
    setattr(shaky, trouble, True)
    async with asterisk(world, store=shaky.store) as asks:
        answer = await asks.post("/auths/single", data=MINE, headers=shown())
    assert (answer.status_code, answer.content) == (200, b"")
    assert [each["event"] for each in told] == ["passwords-without-store"]


async def test_what_cannot_be_read_lets_nobody_in(
    world: World, lent: HandedOut, told: list[EventDict]
) -> None:
    """Its key is gone, say."""
    async with asterisk(world, vault=Vault([new_key()])) as asks:
        answer = await asks.post("/auths/single", data=MINE, headers=shown())
    assert (answer.status_code, answer.content) == (200, b"")
    (said,) = told
    assert (said["event"], said["site"], said["extension"]) == (
        "secret-unreadable",
        "office",
        "101",
    )


async def test_what_is_no_request_is_not_answered(world: World) -> None:
    """Such as a WebSocket."""
    app = make_passwords(world.ports.call, SECRET)

    async def never(*_: object) -> None:
        raise AssertionError("it was answered")

    await app({"type": "websocket"}, never, never)  # type: ignore[arg-type]  # they are not called


@pytest.mark.parametrize("secret", ["", "nonsense", SECRET])
async def test_who_guesses_the_secret_is_told_of_to_the_lookout(world: World, secret: str) -> None:
    """It is somebody on this machine."""
    lookout = Lookout()
    async with asterisk(world, sightings=lookout) as asks:
        answer = await asks.post("/auths/single", data=MINE, headers=shown(secret))
    wrong = [] if secret == SECRET else [Sighting(world.clock.now, Seen.PROBE)]
    assert (answer.status_code, lookout.seen) == (403 if wrong else 200, wrong)
