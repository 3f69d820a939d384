"""A password for a phone in this browser, by the page."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from fastagi.call.credentials import asked_for, ha1, ha1_of
from fastagi.policy.loading import load_text
from fastagi.stores.sign_ins import SignedOff, Way
from tests.unit.console.world import PIN, POLICY, Phones, World

if TYPE_CHECKING:
    from pathlib import Path


async def asks(browser: httpx.AsyncClient, world: World, **fields: str) -> httpx.Response:
    """Ask for one, all right but for some fields."""
    form = (await browser.get("/office/credentials")).json()["form"]
    typed = {"form": form, "extension": "101", "pin": PIN, "totp": world.code()}
    return await browser.post("/office/credentials", data=typed | fields)


def lends(
    world: World, phones: Phones | None = None
) -> dict[str, Any]:  # Any: each as `Ports` has it
    """Return the ports of a service that hands out, where 101 has such a phone."""
    return {"unused_s": 300, "whereabouts": phones or Phones(borrows={("office", "101")})}


async def test_it_is_told_once_and_the_page_signs_off(world: World) -> None:
    """Its browser is signed in by it; what it registers with is gone when it signs off."""
    async with world.browser(**lends(world)) as browser:
        answer = await asks(browser, world)
        assert answer.status_code == 200, answer.text
        assert answer.headers["cache-control"] == "no-store"
        body = answer.json()
        assert sorted(body) == ["password", "realm", "register_by", "until", "username"]
        assert (body["username"], body["realm"]) == ("101", "dialguard")
        (waiting,) = await world.store.sign_ins("office", world.clock.now)
        assert (waiting.is_waiting, waiting.way) == (True, Way.PAGE)
        assert waiting.origin.address == "192.0.2.7"
        found = await asked_for("office/101", world.sites, world.store, world.clock.now)
        assert found is not None
        assert ha1_of(found, world.ports.vault) == ha1("101", body["password"])
        page = await browser.get("/office/")
        assert "Signed in" in page.text
        assert body["password"] not in page.text
        form = (await browser.get("/office/credentials")).json()["form"]
        await browser.post("/office/sign-off", data={"form": form})
    over = await world.store.sign_in("office", "101", waiting.id, world.clock.now)
    assert over is not None
    assert over.why is SignedOff.PAGE
    assert await asked_for("office/101", world.sites, world.store, world.clock.now) is None


@pytest.mark.parametrize(
    ("fields", "status", "trouble"),
    [
        ({"pin": "4712"}, 403, "wrong"),
        ({"totp": "000000"}, 403, "wrong"),
        ({"extension": "102"}, 403, "wrong"),
        ({"totp": ""}, 400, "incomplete"),
        ({"form": "0" * 64}, 403, "stale"),
    ],
)
async def test_whoever_shows_less_gets_none(
    world: World, fields: dict[str, str], status: int, trouble: str
) -> None:
    """And is told as little as on the page."""
    async with world.browser(**lends(world)) as browser:
        answer = await asks(browser, world, **fields)
    assert (answer.status_code, answer.json()) == (status, {"trouble": trouble})
    assert await world.store.sign_ins("office", world.clock.now) == []


async def test_a_page_of_others_gets_none(world: World) -> None:
    """As its browser says; nothing is looked at."""
    async with world.browser(**lends(world)) as browser:
        browser.headers["Sec-Fetch-Site"] = "cross-site"
        assert (await asks(browser, world)).json() == {"trouble": "stale"}


async def test_wrong_guesses_lock_out_as_on_the_page(world: World) -> None:
    """It is no way round the lockout."""
    async with world.browser(**lends(world)) as browser:
        for _ in range(5):
            await asks(browser, world, totp="000000")
        answer = await asks(browser, world)
    assert (answer.status_code, answer.json()) == (429, {"trouble": "locked-out"})


@pytest.mark.parametrize("phones", [Phones(), Phones(away=True)])
async def test_an_extension_without_such_a_phone_gets_none(world: World, phones: Phones) -> None:
    """Nor where Asterisk cannot say."""
    async with world.browser(**lends(world, phones)) as browser:
        answer = await asks(browser, world)
    assert (answer.status_code, answer.json()) == (409, {"trouble": "nowhere"})
    assert await world.store.sign_ins("office", world.clock.now) == []


async def test_who_comes_from_nowhere_gets_none(world: World) -> None:
    """There would be no place to register from."""
    async with world.browser("testclient", **lends(world)) as browser:
        answer = await asks(browser, world)
    assert answer.json() == {"trouble": "nowhere"}


async def test_a_factor_that_was_changed_meanwhile_is_wrong(world: World) -> None:
    """In the moment between."""
    phones = Phones(borrows={("office", "101")})

    async def changed() -> None:
        known = await world.store.enrolment("office", "101")
        assert known is not None
        await world.store.enrol("office", replace(known, totp=b"another"))

    phones.before = changed
    async with world.browser(**lends(world, phones)) as browser:
        answer = await asks(browser, world)
    assert (answer.status_code, answer.json()) == (403, {"trouble": "wrong"})


@pytest.mark.parametrize("asked", ["GET", "POST"])
async def test_where_none_are_handed_out_there_is_nothing(
    world: World, tmp_path: Path, asked: str
) -> None:
    """Without the settings; or where one factor would do to sign in."""
    async with world.browser() as browser:
        assert (await browser.request(asked, "/office/credentials")).status_code == 404
    short = POLICY.replace('for = "8h"', 'for = "8h"\nfactors = "totp"')
    world.sites.by_site["office"] = load_text(short, tmp_path / "office.toml")
    async with world.browser(**lends(world)) as browser:
        assert (await browser.request(asked, "/office/credentials")).status_code == 404
