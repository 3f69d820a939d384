"""The page for people who were invited: a QR code, a PIN, recovery codes; once."""

from __future__ import annotations

import html
import re
from typing import TYPE_CHECKING

import pyotp
import pytest
import zxingcpp
from PIL import Image

from fastagi.call.invitations import invite
from fastagi.second_factor import pin, recovery
from tests.unit.console.world import PIN, World, sign_in, token_in

if TYPE_CHECKING:
    import httpx

DRAFT = "__Host-dialguard-draft"
NEW_PIN = "80911"


async def invited(world: World, extension: str = "102") -> str:
    """Return the path of an invitation's link."""
    until = world.clock.now + 3600
    token = await invite(world.store, "office", extension, until, world.clock.now)
    return f"/office/invitation/{token}"


async def begun(browser: httpx.AsyncClient, world: World, extension: str = "102") -> str:
    """Accept an invitation; returns the page with the QR code."""
    page = await browser.get(await invited(world, extension))
    answer = await browser.post("/office/invitation", data=fields_of(page.text))
    assert (answer.status_code, answer.headers["location"]) == (303, "/office/enrol")
    return (await browser.get("/office/enrol")).text


def fields_of(page: str) -> dict[str, str]:
    """Return what a form has hidden."""
    return dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', page))


def secret_in(page: str) -> str:
    """Return the secret that a page shows as text."""
    found = re.search(r'class="secret">([A-Z2-7 ]+)<', page)
    assert found is not None
    return found[1].replace(" ", "")


def filled_in(world: World, page: str, **changed: str) -> dict[str, str]:
    """Return the fields of the form, all right."""
    code = pyotp.TOTP(secret_in(page)).at(int(world.clock.now))
    return {"form": token_in(page), "pin": NEW_PIN, "again": NEW_PIN, "code": code} | changed


async def test_somebody_enrols_and_signs_in(world: World) -> None:
    """The next code serves; the one that confirmed it does not."""
    async with world.browser() as browser:
        page = await begun(browser, world)
        assert "Set up extension 102" in page
        answer = await browser.post("/office/enrol", data=filled_in(world, page))
        assert answer.status_code == 200
        codes = re.findall(r"<code>([0-9]{10})</code>", answer.text)
        assert DRAFT not in browser.cookies
    present = await world.store.enrolment("office", "102")
    assert present is not None
    vault = world.ports.vault
    assert pin.verify_pin(vault, "office", "102", NEW_PIN, present.pin)
    assert present.recovery == {recovery.digest(vault, "office", "102", each) for each in codes}
    assert len(codes) == 10


async def test_the_picture_and_the_link_hold_the_secret(world: World) -> None:
    """As a reader that is not the writer reads it."""
    async with world.browser() as browser:
        page = await begun(browser, world)
        picture = await browser.get("/office/enrol/qr.svg")
    assert picture.headers["content-type"] == "image/svg+xml"
    assert picture.headers["cache-control"] == "no-store"
    found = re.search(r'href="(otpauth:[^"]+)"', page)
    assert found is not None
    uri = html.unescape(found[1])
    assert pyotp.parse_uri(uri).secret == secret_in(page)
    assert "<script" not in picture.text
    assert read_svg(picture.text) == uri


async def test_opening_the_link_uses_nothing_up(world: World) -> None:
    """Mail programs and messengers open links, too."""
    link = await invited(world)
    async with world.browser() as scanner:
        for _ in range(3):
            assert (await scanner.get(link)).status_code == 200
    async with world.browser() as browser:
        page = await browser.get(link)
        answer = await browser.post("/office/invitation", data=fields_of(page.text))
    assert answer.status_code == 303


async def test_an_invitation_is_good_once(world: World) -> None:
    """Replayed, it gives nothing, and says no more than a made-up one."""
    link = await invited(world)
    async with world.browser() as browser, world.browser() as thief:
        page = await browser.get(link)
        await browser.post("/office/invitation", data=fields_of(page.text))
        page = await thief.get(link)
        replayed = await thief.post("/office/invitation", data=fields_of(page.text))
        made_up = await thief.get("/office/invitation/made-up")
        unknown = await thief.post("/office/invitation", data=fields_of(made_up.text))
        assert (await thief.get("/office/enrol")).status_code == 410
    assert replayed.status_code == unknown.status_code == 410
    assert replayed.text == unknown.text
    assert DRAFT not in thief.cookies


async def test_a_form_replayed_enrols_nobody_twice(world: World) -> None:
    """The recovery codes are shown once."""
    async with world.browser() as browser:
        page = await begun(browser, world)
        fields, key = filled_in(world, page), browser.cookies[DRAFT]
        await browser.post("/office/enrol", data=fields)
        before = await world.store.enrolment("office", "102")
        browser.cookies.set(DRAFT, key, domain="phones.example.org", path="/")
        again = await browser.post("/office/enrol", data=fields)
    assert again.status_code == 410
    assert await world.store.enrolment("office", "102") == before


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"pin": "1234", "again": "1234"}, "too easy to guess"),
        ({"pin": "102102", "again": "102102"}, "too easy to guess"),
        ({"pin": "12", "again": "12"}, "4 to 12 digits"),
        ({"pin": "abcde", "again": "abcde"}, "4 to 12 digits"),
        (
            {"pin": "\u0668\u0660\u0669\u0661\u0661"}
            | {"again": "\u0668\u0660\u0669\u0661\u0661"},
            "4 to 12",
        ),
        ({"again": "80912"}, "not the same"),
        ({"code": "000000"}, "not the code"),
        ({"code": ""}, "fill in every field"),
        ({"pin": "", "again": ""}, "fill in every field"),
        ({"form": "0" * 64}, "open for too long"),
    ],
)
async def test_what_is_wrong_is_said_and_can_be_put_right(
    world: World, changed: dict[str, str], said: str
) -> None:
    """The same picture stays good; nothing is in force until all is right."""
    async with world.browser() as browser:
        page = await begun(browser, world)
        answer = await browser.post("/office/enrol", data=filled_in(world, page, **changed))
        assert 400 <= answer.status_code < 500
        assert said in answer.text
        assert secret_in(answer.text) == secret_in(page)
        assert await world.store.enrolment("office", "102") is None
        answer = await browser.post("/office/enrol", data=filled_in(world, answer.text))
        assert answer.status_code == 200


async def test_what_was_typed_comes_back_in_no_page(world: World) -> None:
    """Neither PIN nor code."""
    async with world.browser() as browser:
        page = await begun(browser, world)
        fields = filled_in(world, page, again="80912")
        answer = await browser.post("/office/enrol", data=fields)
    for typed in ("pin", "again", "code"):
        assert f'"{fields[typed]}"' not in answer.text


async def test_another_page_cannot_accept_nor_enrol(world: World) -> None:
    """Nor have a browser do it."""
    elsewhere = {"Sec-Fetch-Site": "cross-site", "Origin": "https://evil.example"}
    async with world.browser() as browser:
        page = await browser.get(await invited(world))
        fields = fields_of(page.text)
        answer = await browser.post("/office/invitation", data=fields, headers=elsewhere)
        assert answer.status_code == 403
        assert (await browser.post("/office/invitation", data=fields)).status_code == 303
        page = await browser.get("/office/enrol")
        fields = filled_in(world, page.text)
        answer = await browser.post("/office/enrol", data=fields, headers=elsewhere)
        assert answer.status_code == 403
    assert await world.store.enrolment("office", "102") is None


async def test_a_form_that_is_too_old_keeps_its_invitation(world: World) -> None:
    """The page comes back with a button that works."""
    async with world.browser() as browser:
        page = await browser.get(await invited(world))
        old = fields_of(page.text) | {"form": "0" * 64}
        answer = await browser.post("/office/invitation", data=old)
        assert answer.status_code == 403
        assert fields_of(answer.text)["token"] == old["token"]
        answer = await browser.post("/office/invitation", data=fields_of(answer.text))
        assert answer.status_code == 303


async def test_who_was_not_invited_sees_no_picture(world: World) -> None:
    """Nor does an old cookie."""
    async with world.browser() as browser:
        assert (await browser.get("/office/enrol/qr.svg")).status_code == 404
        await begun(browser, world)
        world.clock.now += 3600
        assert (await browser.get("/office/enrol/qr.svg")).status_code == 404
        assert (await browser.get("/office/enrol")).status_code == 410
        answer = await browser.post("/office/enrol", data={"form": "x"})
        assert answer.status_code == 410


async def test_of_two_who_finish_the_second_is_told(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It was finished between two looks."""

    async def nothing(*_: object) -> None:
        return None

    monkeypatch.setattr("fastagi.console.invited.finish", nothing)
    async with world.browser() as browser:
        page = await begun(browser, world)
        answer = await browser.post("/office/enrol", data=filled_in(world, page))
    assert answer.status_code == 410


async def test_a_new_enrolment_ends_what_the_old_one_opened(world: World) -> None:
    """Whoever had the old PIN is signed in no more; the page says why."""
    async with world.browser() as browser, world.browser() as invitee:
        await sign_in(browser, world)
        page = await begun(invitee, world, "101")
        assert (await browser.get("/office/state")).json() == {"live": True}
        await invitee.post("/office/enrol", data=filled_in(world, page))
        assert "PIN or its codes were changed" in (await browser.get("/office/")).text
        world.clock.now += 60
        assert (await sign_in(browser, world)).status_code == 403
    assert PIN != NEW_PIN


async def test_markup_in_a_token_is_text(world: World) -> None:
    """And stays in its field."""
    async with world.browser() as browser:
        page = await browser.get("/office/invitation/%22%3E%3Cscript%3Ealert(1)%3C")
    assert page.status_code == 200
    assert "<script>alert" not in page.text
    assert page.text.count("<script") == 1


def read_svg(svg: str) -> str:
    """Read a QR code that is one path of horizontal strokes, as segno draws it."""
    found = re.search(r'width="(\d+)".*?scale\((\d+)\)', svg, re.DOTALL)
    assert found is not None
    size = int(found[1]) // int(found[2])
    picture = Image.new("L", (size, size), 255)
    path = re.search(r'class="qrline" d="([^"]+)"', svg) or re.search(
        r'stroke="#000" d="([^"]+)"', svg
    )
    assert path is not None
    x = y = 0.0
    for step, first, second in re.findall(r"([MmhH])(-?[\d.]+)(?:[ ,]?(-?[\d.]+))?", path[1]):
        if step == "M":
            x, y = float(first), float(second)
        elif step == "m":
            x, y = x + float(first), y + float(second)
        else:
            for at in range(int(x), int(x) + int(first)):
                picture.putpixel((at, int(y)), 0)
            x += float(first)
    (read,) = zxingcpp.read_barcodes(
        picture.resize((size * 8, size * 8), Image.Resampling.NEAREST)
    )
    return str(read.text)
