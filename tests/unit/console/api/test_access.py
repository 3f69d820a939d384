"""Whose token it is, and what that may do: what a thief of tokens tries."""

from __future__ import annotations

import time
from ipaddress import ip_address
from typing import TYPE_CHECKING

import httpx
import pytest

from fastagi import tokens
from fastagi.signs.sighting import Seen, Sighting
from fastagi.tokens import Scope
from tests.unit.console.api.conftest import told

if TYPE_CHECKING:
    from tests.unit.console.api.conftest import Api

OF_101 = "/sites/office/extensions/101/sign-ins"
ID = "a" * 24
ALL = [
    ("POST", OF_101),
    ("GET", OF_101),
    ("GET", f"{OF_101}/{ID}"),
    ("DELETE", f"{OF_101}/{ID}"),
    ("GET", "/sites/office/sign-ins"),
]


@pytest.mark.parametrize(("method", "path"), ALL)
async def test_without_a_token_everything_looks_alike(api: Api, method: str, path: str) -> None:
    """A site that is none, an extension that is none, a body that is wrong: the same answer."""
    answers = []
    for each in (path, path.replace("office", "nowhere"), path.replace("101", "nobody")):
        for authorization in ("", "Bearer", "Bearer x", "Basic YTpi", f"Bearer dgt_{'a' * 43}"):
            headers = {"Authorization": authorization, "Content-Type": "application/json"}
            refused = await api.client.request(method, each, headers=headers, content=b"{")
            assert told(refused) == (401, "no-token")
            assert refused.headers["WWW-Authenticate"] == "Bearer"
            answers.append({**refused.json(), "request_id": ""})
    assert all(each == answers[0] for each in answers)


async def test_without_a_site_the_store_is_asked_all_the_same(api: Api) -> None:
    """How long it takes does not tell which sites there are."""
    headers = {"Authorization": f"Bearer dgt_{'a' * 43}"}
    asked = []
    for site in ("office", "nowhere"):
        api.shaky.asked.clear()
        await api.client.get(f"/sites/{site}/sign-ins", headers=headers)
        asked.append(list(api.shaky.asked))
    assert asked == [["record"], ["record"]]


async def test_a_token_in_the_url_or_a_cookie_is_none(api: Api) -> None:
    """URLs are written into logs, and cookies are sent by whatever page is open."""
    secret = (await api.token())["Authorization"].removeprefix("Bearer ")
    for query, cookie in ((f"?access_token={secret}&token={secret}", ""), ("", f"token={secret}")):
        refused = await api.client.get(f"{OF_101}{query}", headers={"Cookie": cookie})
        assert told(refused) == (401, "no-token")


@pytest.mark.parametrize(("method", "path"), ALL)
async def test_a_token_does_what_its_scopes_say(api: Api, method: str, path: str) -> None:
    """One that reads changes nothing, and one that writes reads nothing."""
    reads = await api.token(Scope.READ_SIGN_INS)
    writes = await api.token(Scope.WRITE_SIGN_INS)
    wrong, right = (reads, writes) if method in {"POST", "DELETE"} else (writes, reads)
    assert told(await api.client.request(method, path, headers=wrong)) == (403, "not-granted")
    assert (await api.client.request(method, path, headers=right)).status_code in {200, 201, 404}


@pytest.mark.parametrize(("method", "path"), ALL[:4])
async def test_a_token_speaks_for_its_extensions_only(api: Api, method: str, path: str) -> None:
    """Whether the others are there it does not learn."""
    token = await api.token(extensions=["2XX"])
    for each in (path, path.replace("101", "nobody")):
        refused = await api.client.request(method, each, headers=token)
        assert told(refused) == (403, "not-spoken-for")
    assert api.registrar.asked == []


@pytest.mark.parametrize(("method", "path"), ALL)
async def test_a_token_of_another_site_is_none(api: Api, method: str, path: str) -> None:
    """Neither there, where this service has no policy, nor here."""
    token = await api.token(site="home")
    for each in (path, path.replace("office", "home")):
        assert told(await api.client.request(method, each, headers=token)) == (401, "no-token")


async def test_a_token_that_is_over_or_removed_is_none(api: Api) -> None:
    """From that moment on."""
    brief, removed = await api.token(for_s=60), await api.token()
    for token in (brief, removed):
        assert (await api.client.get(OF_101, headers=token)).status_code == 200
    api.clock.now += 60
    await tokens.remove(api.shaky.behind, "office", "t1", api.clock.now)
    for token in (brief, removed):
        assert told(await api.client.get(OF_101, headers=token)) == (401, "no-token")


async def test_a_token_has_its_requests_and_no_more(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Others have theirs; and in a while there are more."""
    moment = 100.0
    monkeypatch.setattr(time, "monotonic", lambda: moment)
    token, other = await api.token(), await api.token()
    for _ in range(50):
        assert (await api.client.get(OF_101, headers=token)).status_code == 200
    refused = await api.client.get(OF_101, headers=token)
    assert told(refused) == (429, "too-many-requests")
    assert refused.headers["Retry-After"] == "1"
    assert (await api.client.get(OF_101, headers=other)).status_code == 200
    moment += 1
    assert (await api.client.get(OF_101, headers=token)).status_code == 200


@pytest.fixture
def stopped(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """A clock that stands at the last of these."""
    moments = [100.0]
    monkeypatch.setattr(time, "monotonic", lambda: moments[-1])
    return moments


def _of(address: str, api: Api) -> httpx.AsyncClient:
    transport = httpx.ASGITransport(api.app, client=(address, 40_000))
    return httpx.AsyncClient(transport=transport, base_url="http://web/")


async def _flood(client: httpx.AsyncClient, times: int = 50) -> None:
    for number in range(times):
        forged = {"Authorization": f"Bearer dgt_{number:043}"} if number % 2 else {}
        assert told(await client.get(OF_101, headers=forged)) == (401, "no-token")


async def test_who_shows_no_token_does_not_keep_the_store_busy(
    api: Api, stopped: list[float]
) -> None:
    """An address has some requests, wherever they go; in a while there is one more."""
    async with _of("192.0.2.7", api) as thief, _of("192.0.2.8", api) as other:
        await _flood(thief)
        api.shaky.asked.clear()
        for method, path in ALL:
            forged = {"Authorization": f"Bearer dgt_{'a' * 43}"}
            for each in (path, path.replace("office", "nowhere")):
                refused = await thief.request(method, each, headers=forged)
                assert told(refused) == (429, "too-many-requests")
                assert refused.headers["Retry-After"] == "1"
        assert api.shaky.asked == []
        assert told(await other.get(OF_101)) == (401, "no-token")
        stopped.append(101.0)
        assert told(await thief.get(OF_101)) == (401, "no-token")
        assert told(await thief.get(OF_101)) == (429, "too-many-requests")


async def test_who_has_a_network_has_the_requests_of_one(api: Api, stopped: list[float]) -> None:
    """Of IPv6, as failures are counted; and an address that is written otherwise is the same."""
    for one, same in (("2001:db8::1", "2001:db8::ffff:1"), ("192.0.2.7", "::ffff:192.0.2.7")):
        async with _of(one, api) as thief, _of(same, api) as again:
            await _flood(thief)
            assert told(await again.get(OF_101)) == (429, "too-many-requests")


async def test_a_token_is_not_held_up_by_who_is_at_its_address(
    api: Api, stopped: list[float]
) -> None:
    """Once it was seen to be in force; until then it costs its address nothing, either."""
    token, new, removed = await api.token(), await api.token(), await api.token()
    async with _of("192.0.2.7", api) as client:
        for _ in range(49):
            assert (await client.get(OF_101, headers=token)).status_code == 200
        assert (await client.get(OF_101, headers=removed)).status_code == 200
        await _flood(client)
        assert (await client.get(OF_101, headers=token)).status_code == 200
        assert told(await client.get(OF_101, headers=new)) == (429, "too-many-requests")
        await tokens.remove(api.shaky.behind, "office", "t2", api.clock.now)
        assert told(await client.get(OF_101, headers=removed)) == (401, "no-token")
        assert told(await client.get(OF_101, headers=removed)) == (429, "too-many-requests")
        stopped.append(102.0)
        assert (await client.get(OF_101, headers=new)).status_code == 200


async def test_its_use_is_noted_and_a_store_that_fails_there_is_no_refusal(api: Api) -> None:
    """When it was last used is for the operator, not for the caller."""
    token = await api.token()

    async def fail() -> None:
        api.shaky.away = True

    async def work() -> None:
        api.shaky.away = False

    api.shaky.after["record"] = fail
    api.shaky.before["known"] = work
    assert (await api.client.get(OF_101, headers=token)).status_code == 503
    api.shaky.after.clear()
    api.shaky.away = False
    assert (await api.client.get(OF_101, headers=token)).status_code == 200
    assert [each.used for each in await api.tokens()] == [api.clock.now]


async def test_no_token_gets_into_the_log(api: Api, capsys: pytest.CaptureFixture[str]) -> None:
    """Nor its digest; its name does, with the request's id."""
    token = await api.token()
    answer = await api.open(token)
    shown = "".join(capsys.readouterr())
    secret = token["Authorization"].removeprefix("Bearer ")
    assert secret not in shown
    assert tokens.digest_of(secret) not in shown
    assert answer.headers["X-Request-Id"] in shown


async def test_a_token_that_is_none_is_told_of_to_the_lookout(api: Api) -> None:
    """Of whoever shows one; not of whoever shows none, or one that is good."""
    good = await api.token()
    for headers in ({}, {"Authorization": "Basic YTpi"}, good):
        await api.client.get(OF_101, headers=headers)
    assert api.lookout.seen == []
    for secret in ("x", f"dgt_{'a' * 43}"):
        await api.client.get(OF_101, headers={"Authorization": f"Bearer {secret}"})
    await api.client.get(OF_101.replace("office", "nowhere"), headers=good)
    here = ip_address("127.0.0.1")
    probe = Sighting(api.clock.now, Seen.PROBE, address=here, proven=True)
    assert api.lookout.seen == [probe] * 3
