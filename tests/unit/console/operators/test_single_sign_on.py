"""Signing in at a provider, from the console's door and back; and what an attacker would try.

In one file, though long: the attacker's list is to be seen whole.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlsplit

import httpx
import pytest
from joserfc import jwt
from joserfc.jwk import RSAKey

from fastagi.console.guarding import POLICY
from fastagi.console.oidc.attempt import LASTS_S
from fastagi.console.operators import accounts, audit, single_sign_on
from fastagi.console.operators.accounts import Operator, Role
from fastagi.console.operators.entitlement import Entitlement
from fastagi.console.operators.ports import SingleSignOn
from fastagi.stores.records import EVERYWHERE
from tests.doubles.identity_provider import CLIENT, ISSUER, KEY, REDIRECT, LyingProvider
from tests.unit.console.operators.backstage import Console, Ender
from tests.unit.console.world import URL

if TYPE_CHECKING:
    from pathlib import Path

    from structlog.typing import EventDict

    from tests.unit.console.world import World

ENTITLEMENT = Entitlement(
    roles={
        Role.ADMIN: frozenset({"gate-admins"}),
        Role.OPERATOR: frozenset({"gate-operators"}),
    },
    makes_accounts=True,
)
COOKIE = "__Host-dialguard-oidc"


@pytest.fixture
def there(world: World) -> LyingProvider:
    """The provider."""
    return LyingProvider(world.clock)


@pytest.fixture
def console(world: World, tmp_path: Path, there: LyingProvider) -> Console:
    """A console with a provider."""
    return Console(
        world,
        tmp_path / "decisions.jsonl",
        Ender(world.ports.store),
        world.front,
        SingleSignOn(there.provider(), ENTITLEMENT, "Log in with the office"),
    )


async def begun(asking: httpx.AsyncClient) -> str:
    """Press the button; returns where the browser is sent."""
    answer = await asking.get("/console/oidc/login", headers={"Sec-Fetch-Site": "same-origin"})
    assert answer.status_code == 303
    return answer.headers["location"]


async def entered(
    asking: httpx.AsyncClient, there: LyingProvider, **claims: object
) -> httpx.Response:
    """Go all the way."""
    return await asking.get(there.back(await begun(asking), **claims))


async def is_in(asking: httpx.AsyncClient) -> bool:
    """Whether the console lets this browser see something."""
    return (await asking.get("/console/")).status_code == 200


def cookies_of(answer: httpx.Response, name: str) -> set[str]:
    """Return what is said of a cookie that is set."""
    found = answer.headers.get_list("set-cookie")
    (each,) = (each for each in found if each.startswith(f"{name}="))
    return set(each.split("; ")[1:])


# ----------------------------------------------------------------------------- as it should be


async def test_whom_the_provider_vouches_for_is_in(console: Console, there: LyingProvider) -> None:
    """With the role that is given there; by a page: a redirect would come without the cookie."""
    async with console.browser() as asking:
        page = await asking.get("/console/login")
        assert 'href="/console/oidc/login">Log in with the office</a>' in page.text
        answer = await entered(asking, there)
        assert answer.status_code == 200
        assert '<meta http-equiv="refresh" content="0; url=/console/">' in answer.text
        strict = {"HttpOnly", "Secure", "SameSite=strict", "Path=/"}
        assert cookies_of(answer, "__Host-dialguard-operator") == strict
        shown = (await asking.get("/console/")).text
    assert "olga" in shown
    assert "(operator)" in shown


async def test_what_must_come_back_is_kept_by_one_browser(
    console: Console, there: LyingProvider
) -> None:
    """It comes with who is sent back from elsewhere, and with no part of a page of others'."""
    async with console.browser() as asking:
        answer = await asking.get("/console/oidc/login")
        assert answer.headers["location"].startswith(f"{ISSUER}/auth?")
        assert cookies_of(answer, COOKIE) == {"HttpOnly", "Secure", "SameSite=lax", "Path=/"}
        assert answer.headers["content-security-policy"] == POLICY
        back = await asking.get(there.back(answer.headers["location"]))
        assert "Max-Age=0" in cookies_of(back, COOKIE)
        assert back.headers["content-security-policy"] == POLICY
        assert back.headers["referrer-policy"] == "same-origin"


async def test_nothing_is_stored_for_who_only_begins(
    console: Console, there: LyingProvider
) -> None:
    """Ten thousand who do fill nothing, and have the provider asked once."""
    async with console.browser() as asking:
        for _ in range(10):
            await begun(asking)
    assert len(there.asked) == 1
    assert not await console.store.records(EVERYWHERE, "oidc-attempt", "", 10, console.now)


async def test_the_trail_says_by_which_way(console: Console, there: LyingProvider) -> None:
    """Of both."""
    await console.add("anna", Role.VIEWER)
    async with console.browser() as asking, console.browser() as other:
        await entered(asking, there)
        console.world.clock.now += 1
        await console.log_in(other, "anna")
    found = await audit.page(console.store, "", 10, console.now)
    assert {(each.operator, each.deed, each.what) for each in found} == {
        ("anna", "entered", "by password and code"),
        ("olga", "entered", f"by {ISSUER}"),
        ("(provider)", "added-operator", "olga, operator"),
    }


async def test_who_logs_out_is_out(console: Console, there: LyingProvider) -> None:
    """As who came by password."""
    async with console.browser() as asking, console.browser() as thief:
        await entered(asking, there)
        thief.cookies.update(asking.cookies)
        assert await is_in(thief)
        assert (await console.send(asking, "/logout")).status_code == 303
        assert not await is_in(thief)


async def test_a_role_that_is_taken_away_there_counts_at_the_next_sign_in(
    console: Console, there: LyingProvider
) -> None:
    """And ends what was begun before, on every browser."""
    async with console.browser() as first, console.browser() as second:
        await entered(first, there, groups=["gate-admins"])
        assert (await first.get("/console/trail")).status_code == 200
        await entered(second, there, groups=["gate-operators"])
        assert not await is_in(first)
        assert (await second.get("/console/trail")).status_code == 403
        async with console.browser() as third:
            assert (await entered(third, there, groups=["staff"])).status_code == 403
        assert not await is_in(second)


async def test_who_is_in_is_not_sent_away(console: Console, there: LyingProvider) -> None:
    """Nor by going back to where they came from."""
    async with console.browser() as asking:
        back = there.back(await begun(asking))
        assert (await asking.get(back)).status_code == 200
        for path in ("/console/oidc/login", back):
            answer = await asking.get(path)
            assert (answer.status_code, answer.headers["location"]) == (303, "/console/")


async def test_who_enters_anew_is_out_as_before(console: Console, there: LyingProvider) -> None:
    """A session that nobody sees any more does not live on."""
    await console.add("anna", Role.VIEWER)
    async with console.browser() as asking, console.browser() as thief:
        back = there.back(await begun(asking))
        await console.log_in(asking, "anna")
        thief.cookies.update(asking.cookies)
        assert (await asking.get(back)).status_code == 200
        assert "olga" in (await asking.get("/console/")).text
        assert not await is_in(thief)


async def test_without_a_provider_there_is_no_door(world: World, tmp_path: Path) -> None:
    """And no button."""
    console = Console(world, tmp_path / "d", Ender(world.ports.store), world.front)
    async with console.browser() as asking:
        assert "/oidc/" not in (await asking.get("/console/login")).text
        assert (await asking.get("/console/oidc/login")).status_code == 404
        assert (await asking.get("/console/oidc/callback?code=a&state=b")).status_code == 404


async def test_a_hosts_of_a_site_has_no_such_door(console: Console) -> None:
    """As none of the console's."""
    async with console.browser(url="https://branch.example.org") as asking:
        assert (await asking.get("/console/oidc/login")).status_code == 404


# ----------------------------------------------------------------------------- what fails


async def test_who_enters_by_password_does_so_while_the_provider_is_away(
    console: Console, there: LyingProvider
) -> None:
    """It is said plainly, at either end of the way."""
    await console.add("anna", Role.VIEWER)
    async with console.browser() as asking:
        back = there.back(await begun(asking))
        there.away = True
        answer = await asking.get(back)
        assert (answer.status_code, single_sign_on.AWAY in answer.text) == (503, True)
        console.world.clock.now += 3600
        answer = await asking.get("/console/oidc/login")
        assert (answer.status_code, single_sign_on.AWAY in answer.text) == (503, True)
        assert (await console.log_in(asking, "anna")).status_code == 303
        assert await is_in(asking)


async def test_a_provider_that_is_another_than_the_settings_say_is_not_gone_to(
    console: Console, there: LyingProvider, told: list[EventDict]
) -> None:
    """The log says what to write."""
    there.description["issuer"] = "https://id.example.org/realms/other"
    async with console.browser() as asking:
        answer = await asking.get("/console/oidc/login")
    assert (answer.status_code, single_sign_on.UNTRUSTED in answer.text) == (502, True)
    (line,) = (each for each in told if each["event"] == "provider-failed")
    assert "calls itself 'https://id.example.org/realms/other'" in line["error"]


@pytest.mark.parametrize(
    "error", ["access_denied", "<script>alert(1)</script>", "x" * 5000], ids=len
)
async def test_who_is_turned_away_there_is_told(
    console: Console, there: LyingProvider, error: str
) -> None:
    """In our words, never in the address's."""
    async with console.browser() as asking:
        said = dict(parse_qsl(urlsplit(await begun(asking)).query))
        more = {"error": error, "error_description": "<b>call 0900</b>"}
        query = {"state": said["state"], "iss": ISSUER} | more
        answer = await asking.get("/console/oidc/callback", params=query)
    assert (answer.status_code, single_sign_on.DECLINED in answer.text) == (403, True)
    assert "alert(1)" not in answer.text
    assert "0900" not in answer.text


# ----------------------------------------------------------------------------- the attacker's list


async def refused(
    console: Console, asking: httpx.AsyncClient, back: str, said: str = single_sign_on.STALE
) -> None:
    """Look that nobody comes in by this."""
    answer = await asking.get(back)
    assert said in answer.text
    assert answer.status_code in {403, 502}
    assert not await is_in(asking)
    assert not await accounts.any_there(console.store, console.now)


async def test_a_state_is_good_once(console: Console, there: LyingProvider) -> None:
    """Also with the cookie that it came with, and another code."""
    async with console.browser() as asking, console.browser() as thief:
        url = await begun(asking)
        thief.cookies.update(asking.cookies)
        back = there.back(url, groups=[])
        await refused(console, asking, back, single_sign_on.NOT_ADMITTED)
        await refused(console, thief, there.back(url))
        assert there.counts("/token") == 1


async def test_another_browsers_state_is_good_for_nothing(
    console: Console, there: LyingProvider
) -> None:
    """Who sends a victim a link has them signed in as nobody, with a cookie of theirs or none."""
    async with console.browser() as thief, console.browser() as victim:
        back = there.back(await begun(thief))
        await refused(console, victim, back)
        await begun(victim)
        await refused(console, victim, back)
    assert there.counts("/token") == 0


async def test_a_planted_cookie_is_good_for_nothing(
    console: Console, there: LyingProvider
) -> None:
    """What was not sealed here."""
    async with console.browser() as asking:
        back = there.back(await begun(asking))
        for value in ("", "planted", "gAAAAABo"):
            asking.cookies.clear()
            asking.cookies.set(COOKIE, value, domain="phones.example.org")
            await refused(console, asking, back)


async def test_an_attempt_is_over_after_some_minutes(
    console: Console, there: LyingProvider
) -> None:
    """Nobody leaves it open at lunch."""
    async with console.browser() as asking:
        back = there.back(await begun(asking))
        console.world.clock.now += LASTS_S
        await refused(console, asking, back)


async def test_a_code_that_was_planted_is_good_for_nothing(
    console: Console, there: LyingProvider
) -> None:
    """The thief's code in the victim's answer, and the other way round: no verifier fits."""
    async with console.browser() as thief, console.browser() as victim:
        theirs, ours = await begun(thief), await begun(victim)
        code = there.authorize(theirs, preferred_username="thief")
        state = dict(parse_qsl(urlsplit(ours).query))["state"]
        query = httpx.QueryParams({"code": code, "state": state, "iss": ISSUER})
        await refused(console, victim, f"{REDIRECT}?{query}", single_sign_on.UNTRUSTED)


@pytest.mark.parametrize("issuer", [None, "", "https://evil.example.org", f"{ISSUER}/"])
async def test_an_answer_of_another_provider_is_not_taken(
    console: Console, there: LyingProvider, issuer: str | None
) -> None:
    """Mixed up (RFC 9207): the code is not sent to anybody."""
    async with console.browser() as asking:
        back = httpx.URL(there.back(await begun(asking)))
        params = back.params.remove("iss")
        params = params if issuer is None else params.set("iss", issuer)
        await refused(
            console, asking, str(back.copy_with(params=params)), single_sign_on.UNTRUSTED
        )
    assert there.counts("/token") == 0


@pytest.mark.parametrize("name", ["code", "state", "iss"])
async def test_what_stands_twice_is_not_taken(
    console: Console, there: LyingProvider, name: str
) -> None:
    """One reader would take the first, another the last (RFC 6749, 3.1)."""
    async with console.browser() as asking:
        back = there.back(await begun(asking))
        again = dict(parse_qsl(urlsplit(back).query))[name]
        answer = await asking.get(f"{back}&{httpx.QueryParams({name: again})}")
        assert answer.status_code in {403, 502}
        assert not await is_in(asking)
    assert there.counts("/token") == 0


@pytest.mark.parametrize(
    "spoilt",
    [
        {"nonce": "another"},
        {"aud": "another"},
        {"iss": "https://evil.example.org"},
        {"exp": 1},
        {"iat": 1},
        {"azp": "another"},
    ],
    ids=str,
)
async def test_a_wrong_token_is_not_believed(
    console: Console, there: LyingProvider, spoilt: dict[str, object], told: list[EventDict]
) -> None:
    """The log says why; the page does not."""
    there.spoil = lambda claims: claims | spoilt
    async with console.browser() as asking:
        back = there.back(await begun(asking))
        await refused(console, asking, back, single_sign_on.UNTRUSTED)
    (line,) = (each for each in told if each["event"] == "provider-failed")
    assert "not to be believed" in line["error"]


async def test_a_token_that_another_signed_is_not_believed(
    console: Console, there: LyingProvider
) -> None:
    """Under the name of the provider's own key."""
    other = RSAKey.generate_key(2048)
    there.sign = lambda claims: jwt.encode({"alg": "RS256", "kid": KEY.kid}, claims, other)
    async with console.browser() as asking:
        back = there.back(await begun(asking))
        await refused(console, asking, back, single_sign_on.UNTRUSTED)


async def test_no_address_leads_elsewhere(console: Console, there: LyingProvider) -> None:
    """Whatever is written behind it: the console is where everybody comes to."""
    more = "&next=https://evil.example.org&redirect_uri=https://evil.example.org&RelayState=//evil"
    async with console.browser() as asking:
        begin = await asking.get(f"/console/oidc/login?x=1{more}")
        assert "evil" not in begin.headers["location"]
        answer = await asking.get(there.back(begin.headers["location"]) + more)
        assert answer.status_code == 200
        assert "evil" not in answer.text
        assert "location" not in answer.headers


async def test_no_other_page_has_somebody_signed_in(console: Console) -> None:
    """By a frame, a picture or a link: the door is behind our own page."""
    async with console.browser() as asking:
        for site in ("cross-site", "same-site", "odd"):
            answer = await asking.get("/console/oidc/login", headers={"Sec-Fetch-Site": site})
            assert (answer.status_code, answer.headers["location"]) == (303, "/console/login")
            assert COOKIE not in answer.headers.get("set-cookie", "")


async def test_a_session_that_was_planted_is_not_taken_on(
    console: Console, there: LyingProvider
) -> None:
    """Each entering has a key of its own."""
    async with console.browser() as asking, console.browser() as thief:
        for each in (asking, thief):
            each.cookies.set("__Host-dialguard-operator", "planted", domain="phones.example.org")
        answer = await entered(asking, there)
        assert "planted" not in "".join(answer.headers.get_list("set-cookie"))
        assert not await is_in(thief)


async def test_who_is_in_no_group_is_not_in(
    console: Console, there: LyingProvider, told: list[EventDict]
) -> None:
    """Though the provider vouches for them; the log says who, and why."""
    there.userinfo = {"sub": "f81d4fae"}
    async with console.browser() as asking:
        for groups in (["staff"], [], None, "gate-operators,x", {"gate-admins": 1}):
            back = there.back(await begun(asking), groups=groups)
            await refused(console, asking, back, single_sign_on.NOT_ADMITTED)
    lines = [each for each in told if each["event"] == "operator-not-admitted"]
    assert {(each["operator"], each["why"]) for each in lines} == {
        ("olga", "nothing there gives a role")
    }


@pytest.mark.parametrize("name", ["(command line)", "", 7, "olga<script>"])
async def test_a_name_that_is_none_is_no_way_in(
    console: Console, there: LyingProvider, name: object
) -> None:
    """None is taken for another's."""
    async with console.browser() as asking:
        back = there.back(await begun(asking), preferred_username=name)
        await refused(console, asking, back, single_sign_on.UNTRUSTED)


async def test_who_is_disabled_is_out_and_stays_out(
    console: Console, there: LyingProvider
) -> None:
    """Whatever the provider says."""
    vault = console.world.ports.vault
    async with console.browser() as asking:
        await entered(asking, there)
        found = await accounts.find(console.store, vault, "olga", console.now)
        assert found is not None
        disabled = replace(found, disabled=True)  # not even with another stamp
        assert await accounts.put(console.store, vault, disabled, console.now)
        assert not await is_in(asking)
        answer = await entered(asking, there, groups=["gate-admins"])
        assert (answer.status_code, single_sign_on.NOT_ADMITTED in answer.text) == (403, True)
        assert not await is_in(asking)


async def test_no_password_is_a_way_into_an_account_that_has_none(console: Console) -> None:
    """Nor an empty one, nor a code of no secret."""
    operator = Operator("olga", Role.ADMIN, "", "", console.now)
    assert await accounts.put(console.store, console.world.ports.vault, operator, console.now)
    async with console.browser() as asking:
        for typed in ({}, {"password": ""}, {"password": "", "code": ""}):
            assert (await console.log_in(asking, "olga", **typed)).status_code == 403
        assert not await is_in(asking)


async def test_a_second_factor_there_can_be_demanded(
    console: Console, there: LyingProvider
) -> None:
    """Who showed a password only is not in."""
    client = replace(CLIENT, amr=("otp", "hwk"))
    console.single_sign_on = SingleSignOn(there.provider(client), ENTITLEMENT, "x")
    console.build()
    async with console.browser() as asking:
        back = there.back(await begun(asking), amr=["pwd"])
        await refused(console, asking, back, single_sign_on.WEAK)
        await entered(asking, there, amr=["pwd", "otp"])
        assert await is_in(asking)


async def test_the_redirect_uri_is_ours(console: Console) -> None:
    """What the provider is told is where this is."""
    assert f"{URL}/console{single_sign_on.CALLBACK}" == REDIRECT
