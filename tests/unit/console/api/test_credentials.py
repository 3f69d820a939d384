"""Credentials by the API: for PIN and code, by a token that may."""

from __future__ import annotations

from dataclasses import replace
from ipaddress import ip_address
from typing import TYPE_CHECKING, Any

import httpx
import pyotp
import pytest

from fastagi.call.credentials import asked_for, ha1, ha1_of
from fastagi.console.api.application import make_api
from fastagi.console.api.ports import ApiPorts
from fastagi.errors import BusyError
from fastagi.policy.loading import load_text
from fastagi.signs.sighting import Seen, Sighting
from fastagi.stores.sign_ins import Way
from fastagi.tokens import Scope
from tests.unit.call.conftest import PIN, SECRET, NoPool, OnePolicy
from tests.unit.console.api.conftest import POLICY, told
from tests.unit.console.world import enrolled

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path
    from typing import TypeVar

    from tests.unit.console.api.conftest import Api

    Found = TypeVar("Found")

PATH = "/sites/office/extensions/{}/credentials"


@pytest.fixture(autouse=True)
async def _at_the_desk(api: Api) -> None:
    """Extension 101 has everything."""
    await api.shaky.behind.enrol("office", enrolled(api.gate.vault))


def right(api: Api, **fields: object) -> dict[str, object]:
    """Return what is shown, all right but for some fields."""
    code = pyotp.TOTP(SECRET).at(int(api.clock.now))
    return {"pin": PIN, "code": code, "address": "192.0.2.7"} | fields


async def ask(
    api: Api, token: dict[str, str], extension: str = "101", **fields: object
) -> httpx.Response:
    """Ask for one."""
    path = PATH.format(extension)
    return await api.client.post(path, headers=token, json=right(api, **fields))


async def lives(api: Api) -> str | None:
    """Return the digest of what lives."""
    found = await asked_for("office/101", api.gate.policies, api.shaky.behind, api.clock.now)
    return None if found is None else ha1_of(found, api.gate.vault)


async def test_one_is_handed_out_and_ends_with_its_sign_in(api: Api) -> None:
    """Which is the person's own, and waits for the phone at their browser's address."""
    token = await api.token()
    made = await ask(api, token, seconds=600)
    assert made.status_code == 201, made.text
    body = made.json()
    assert await lives(api) == ha1("101", body["password"])
    (waiting,) = await api.shaky.behind.sign_ins("office", api.clock.now)
    assert (waiting.id, waiting.way, waiting.is_waiting) == (body["sign_in"], Way.API, True)
    assert (waiting.origin.address, waiting.person) == ("192.0.2.7", "101")
    assert (body["username"], body["realm"], body["site"]) == ("101", "dialguard", "office")
    assert made.headers["Cache-Control"] == "no-store"
    place = made.headers["Location"].removeprefix("/api/v1")
    read = (await api.client.get(place, headers=token)).json()
    assert (read["live"], read["until"]) == (True, body["register_by"])
    assert (await api.client.delete(place, headers=token)).status_code == 204
    assert await lives(api) is None


async def test_sent_again_it_is_done_once_and_the_password_is_not_told_again(api: Api) -> None:
    """Nor is anything kept of what was shown, in whatever form."""
    token = await api.token() | {"Idempotency-Key": "k"}
    first, again = await ask(api, token), await ask(api, token)
    assert (first.status_code, again.status_code) == (201, 201)
    assert again.headers["Idempotency-Replayed"] == "true"
    assert again.json() == first.json() | {"password": None}
    assert await lives(api) == ha1("101", first.json()["password"])
    assert told(await ask(api, token, address="192.0.2.8")) == (422, "other-body")
    assert (await ask(api, token, pin="0000")).json() == again.json()
    refused = await api.token() | {"Idempotency-Key": "k2"}
    assert told(await ask(api, refused)) == (403, "wrong-factors")
    assert told(await ask(api, refused)) == (403, "wrong-factors")


@pytest.mark.parametrize(
    "fields", [{"pin": "4712"}, {"code": "000000"}, {"pin": "x"}, {"code": "x"}]
)
async def test_a_wrong_factor_gets_none(api: Api, fields: dict[str, Any]) -> None:
    """It is counted, and locks out."""
    token = await api.token()
    for _ in range(3):
        assert told(await ask(api, token, **fields)) == (403, "wrong-factors")
    for _ in range(20):
        answer = await ask(api, token, **fields)
    assert told(answer) == (409, "locked-out")
    assert told(await ask(api, token)) == (409, "locked-out")
    assert await lives(api) is None


async def test_the_token_has_to_have_the_scope_and_speak_for_the_extension(api: Api) -> None:
    """Before anything is looked at."""
    for token, code in (
        (await api.token(Scope.WRITE_SIGN_INS, Scope.READ_SIGN_INS), (403, "not-granted")),
        (await api.token(extensions=["2XX"]), (403, "not-spoken-for")),
        ({}, (401, "no-token")),
    ):
        assert told(await ask(api, token)) == code
    assert "begin_attempt" not in api.shaky.asked


@pytest.mark.parametrize(
    ("body", "where"),
    [
        ({"address": "phones.example.org"}, "/address"),
        ({"address": 1}, "/address"),
        ({"pin": ""}, "/pin"),
        ({"seconds": 0}, "/seconds"),
        ({"password": "x"}, ""),
    ],
)
async def test_what_cannot_be_is_refused_and_not_said_back(
    api: Api, body: dict[str, Any], where: str
) -> None:
    """Which it is, and no more."""
    answer = await ask(api, await api.token(), **body)
    assert told(answer) == (422, "bad-fields")
    assert [each["where"] for each in answer.json()["wrong"]] == [where]
    assert PIN not in answer.text


async def test_without_a_body_all_fields_are_missing(api: Api) -> None:
    """As where it is an empty object."""
    answer = await api.client.post(PATH.format("101"), headers=await api.token())
    assert told(answer) == (422, "bad-fields")
    assert [each["where"] for each in answer.json()["wrong"]] == ["/pin", "/code", "/address"]


async def test_an_extension_without_such_a_phone_gets_none(api: Api) -> None:
    """Nor where Asterisk is away."""
    api.registrar.borrows = set()
    token = await api.token()
    assert told(await ask(api, token)) == (409, "not-handed-out")
    api.registrar.away = True
    api.clock.now += 60
    assert told(await ask(api, token)) == (503, "asterisk-away")
    assert await lives(api) is None


async def test_where_none_are_handed_out_none_is(api: Api, tmp_path: Path) -> None:
    """Without the settings; or where one factor would do to sign in."""
    short = POLICY.replace('for = "8h"', 'for = "8h"\nfactors = "totp"')
    one = OnePolicy(load_text(short, tmp_path / "short.toml"))
    token = await api.token()
    for ports in (
        ApiPorts(api.gate, api.registrar),
        ApiPorts(replace(api.gate, policies=one), api.registrar, unused_s=300),
    ):
        transport = httpx.ASGITransport(make_api(ports))
        async with httpx.AsyncClient(transport=transport, base_url="http://web/") as client:
            answer = await client.post(PATH.format("101"), headers=token, json=right(api))
        assert told(answer) == (409, "not-handed-out")
    assert "begin_attempt" not in api.shaky.asked


async def test_too_many_at_once_are_told_to_come_again(api: Api) -> None:
    """Nothing is held against them."""

    class Full(NoPool):
        async def run(self, check: Callable[[], Found], site: str) -> Found:
            raise BusyError("full")

    ports = ApiPorts(replace(api.gate, hash_pool=Full()), api.registrar, unused_s=300)
    transport = httpx.ASGITransport(make_api(ports))
    async with httpx.AsyncClient(transport=transport, base_url="http://web/") as client:
        answer = await client.post(PATH.format("101"), headers=await api.token(), json=right(api))
    assert told(answer) == (503, "busy")
    assert answer.headers["Retry-After"] == "1"


async def test_factors_that_were_changed_meanwhile_are_wrong(api: Api) -> None:
    """In the moment between."""

    async def changed() -> None:
        known = await api.shaky.behind.enrolment("office", "101")
        assert known is not None
        await api.shaky.behind.enrol("office", replace(known, totp=b"another"))

    api.shaky.before["open_sign_in"] = changed
    assert told(await ask(api, await api.token())) == (403, "wrong-factors")


async def test_an_address_that_a_program_tells_is_proven_by_nothing(api: Api) -> None:
    """Whoever has its token could else have anybody banned."""
    token = await api.token(Scope.WRITE_CREDENTIALS)
    assert told(await ask(api, token, pin="1357")) == (403, "wrong-factors")
    there = ip_address("192.0.2.7")
    assert api.lookout.seen == [
        Sighting(api.clock.now, Seen.WRONG_CODE, "101", there, proven=False, site="office")
    ]
