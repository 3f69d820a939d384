"""What can be asked for: opening, reading and ending sign-ins."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from fastagi.stores.sign_ins import SignedOff
from fastagi.stores.store import FailureKind, Penalty, Subject, SubjectKind
from fastagi.tokens import Scope
from tests.unit.console.api.conftest import ELSEWHERE, HERE, told

if TYPE_CHECKING:
    from tests.unit.console.api.conftest import Api

OF_101 = "/sites/office/extensions/101/sign-ins"


async def test_a_sign_in_is_opened_read_and_ended(api: Api) -> None:
    """For the place that Asterisk says; nothing of its digests is told."""
    token = await api.token()
    opened = await api.open(token)
    assert opened.status_code == 201
    body = opened.json()
    place = opened.headers["Location"].removeprefix("/api/v1")
    assert place == f"{OF_101}/{body['id']}"
    (live,) = await api.shaky.behind.sign_ins("office", api.clock.now)
    assert (live.id, live.origin, live.node, live.person) == (body["id"], HERE, "pbx", "101")
    assert (body["way"], body["address"], body["live"]) == ("api", "10.0.0.5", True)
    assert live.until == api.clock.now + 8 * 3600
    assert HERE.agent not in opened.text
    assert HERE.contact not in opened.text

    assert (await api.client.get(place, headers=token)).json() == body
    assert (await api.client.get(OF_101, headers=token)).json() == {"sign_ins": [body]}
    for _ in range(2):
        ended = await api.client.delete(place, headers=token)
        assert (ended.status_code, ended.content) == (204, b"")
    over = (await api.client.get(place, headers=token)).json()
    assert (over["live"], over["why"], over["ended"] is None) == (False, "api", False)
    assert (await api.client.get(OF_101, headers=token)).json() == {"sign_ins": []}


async def test_it_may_be_shorter_than_the_policy_has_it_and_never_longer(api: Api) -> None:
    """So a token cannot outdo the policy."""
    token = await api.token()
    for seconds, lasts in ((60, 60), (366 * 86400, 8 * 3600)):
        await api.open(token, seconds=seconds)
        (live,) = await api.shaky.behind.sign_ins("office", api.clock.now)
        assert live.until == api.clock.now + lasts


async def test_why_it_ended_is_told(api: Api) -> None:
    """Whatever it was."""
    token = await api.token()
    place = (await api.open(token, seconds=60)).headers["Location"].removeprefix("/api/v1")
    api.clock.now += 61
    assert (await api.client.get(place, headers=token)).json()["why"] == SignedOff.EXPIRED


async def test_a_phone_that_is_nowhere_or_at_two_places_is_refused(api: Api) -> None:
    """Nobody could say which of two is the person's."""
    token = await api.token()
    api.registrar.places = {"102": [HERE, ELSEWHERE]}
    assert told(await api.open(token)) == (409, "phone-not-registered")
    assert told(await api.open(token, "102")) == (409, "phone-registered-twice")
    api.registrar.places = {"101": [type(HERE)("10.0.0.5", "tls", "", "c" * 40)]}
    assert told(await api.open(token)) == (409, "phone-not-placed")
    api.registrar.away = True
    refused = await api.open(token)
    assert told(refused) == (503, "asterisk-away")
    assert refused.headers["Retry-After"] == "5"
    assert not await api.shaky.behind.sign_ins("office", api.clock.now)


async def test_whoever_is_locked_out_is_not_signed_in_by_a_program(api: Api) -> None:
    """The lockout counts whatever way they come."""
    token = await api.token()
    subject = Subject(SubjectKind.EXTENSION, "101", 1)
    await api.shaky.behind.begin_attempt(
        "office", (subject,), FailureKind.CODE, Penalty(900, 900), api.clock.now
    )
    assert told(await api.open(token)) == (409, "locked-out")


@pytest.mark.parametrize(
    ("extension", "code"),
    [
        ("201", (409, "no-sign-in-rule")),
        ("301", (409, "no-sign-in-rule")),
        ("trunk", (404, "unknown-extension")),
    ],
)
async def test_an_extension_that_it_would_open_nothing_to_is_refused(
    api: Api, extension: str, code: tuple[int, str]
) -> None:
    """Before Asterisk is asked."""
    assert told(await api.open(await api.token(), extension)) == code
    assert api.registrar.asked == []


async def test_an_extension_by_name_has_a_path(api: Api) -> None:
    """Written plainly, or as clients write it."""
    api.registrar.places = {"alice@home": [HERE]}
    token = await api.token()
    for written in ("alice@home", "alice%40home"):
        opened = await api.open(token, written)
        assert opened.status_code == 201, opened.text
        place = opened.headers["Location"].removeprefix("/api/v1")
        assert (await api.client.get(place, headers=token)).json()["extension"] == "alice@home"


async def test_a_sign_in_that_is_none_is_told(api: Api) -> None:
    """Also one of another extension."""
    token = await api.token()
    id = (await api.open(token)).json()["id"]
    for path in (f"{OF_101}/{'a' * 24}", f"/sites/office/extensions/102/sign-ins/{id}"):
        assert told(await api.client.get(path, headers=token)) == (404, "unknown-sign-in")
        assert told(await api.client.delete(path, headers=token)) == (404, "unknown-sign-in")
    assert len(await api.shaky.behind.sign_ins("office", api.clock.now)) == 1


async def test_a_sites_sign_ins_come_page_by_page(api: Api) -> None:
    """Each once, in order; those of extensions that the token does not speak for do not."""
    token = await api.token()
    for extension in ("101", "102", "103", "104", "alice@home"):
        api.registrar.places[extension] = [HERE]
        await api.open(token, extension)
        api.clock.now += 0 if extension == "102" else 1
    for headers, expected in (
        (token, {"101", "102", "103", "104", "alice@home"}),
        (await api.token(extensions=["10[1-3]"]), {"101", "102", "103"}),
    ):
        found: list[str] = []
        after: dict[str, str] = {}
        while True:
            query = {"limit": "2", **after}
            page = (
                await api.client.get("/sites/office/sign-ins", params=query, headers=headers)
            ).json()
            found += [each["extension"] for each in page["sign_ins"]]
            assert len(page["sign_ins"]) <= 2
            if page["next"] is None:
                break
            after = {"after": page["next"]}
        assert len(found) == len(set(found))
        assert set(found) == expected


@pytest.mark.parametrize(
    "query", ["limit=0", "limit=501", "limit=x", "after=", "after=AAAA", "after=bmFuIGEgYg"]
)
async def test_a_page_that_cannot_be_is_refused(api: Api, query: str) -> None:
    """With the name of what is wrong."""
    refused = await api.client.get(f"/sites/office/sign-ins?{query}", headers=await api.token())
    assert told(refused) == (422, "bad-parameters")
    assert [each["where"] for each in refused.json()["wrong"]] == [query.partition("=")[0]]


async def test_two_without_a_key_leave_one_open(api: Api) -> None:
    """The later takes the place of the first: it is the same phone."""
    token = await api.token()
    both = await asyncio.gather(api.open(token), api.open(token))
    assert [each.status_code for each in both] == [201, 201]
    assert len(await api.shaky.behind.sign_ins("office", api.clock.now)) == 1


async def test_a_store_that_is_away_is_told(api: Api) -> None:
    """And nobody takes it for a no."""
    token = await api.token(Scope.READ_SIGN_INS)
    api.shaky.away = True
    refused = await api.client.get(OF_101, headers=token)
    assert told(refused) == (503, "store-away")
    assert refused.headers["Retry-After"] == "5"
