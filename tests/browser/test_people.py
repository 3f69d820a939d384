"""What people do in a real browser: enrol, sign in, see the time left, sign off."""

from __future__ import annotations

import asyncio
import io
import re
import threading
import time
from typing import TYPE_CHECKING

import pyotp
import pytest
import zxingcpp
from axe_playwright_python.sync_playwright import Axe
from PIL import Image
from playwright.sync_api import expect

from fastagi.stores.opening import open_store
from fastagi.stores.sign_ins import SignedOff
from tests.browser.conftest import NEW_PIN, kept

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from playwright.sync_api import Page

    from tests.browser.conftest import Web

    Open = Callable[..., Page]

SERIOUS = {"serious", "critical"}


def looked_at(page: Page, name: str) -> None:
    """Keep what it looks like, and have axe-core find nothing serious in it."""
    kept(page, name)
    found = Axe().run(page).response["violations"]
    assert [(each["id"], each["help"]) for each in found if each["impact"] in SERIOUS] == []


def secret_in_the_picture(page: Page) -> str:
    """Read the QR code as a telephone would: from what the screen shows."""
    page.locator("img.qr").wait_for()
    page.wait_for_load_state()  # a picture comes after its page
    shown = Image.open(io.BytesIO(page.locator("img.qr").screenshot()))
    (code,) = zxingcpp.read_barcodes(shown)
    return str(pyotp.parse_uri(code.text).secret)


def enrol(page: Page, web: Web, extension: str) -> str:
    """Enrol by an invitation's link; returns the secret of the one-time codes."""
    web.register(extension)
    page.goto(web.invite(extension))
    page.get_by_role("button").click()
    secret = secret_in_the_picture(page)
    page.locator("#pin").fill(NEW_PIN)
    page.locator("#again").fill(NEW_PIN)
    page.locator("#code").fill(pyotp.TOTP(secret).now())
    page.get_by_role("button").click()
    expect(page.locator(".codes li")).to_have_count(10)
    return secret


def next_code(secret: str) -> str:
    """Return a code that was not shown yet; the service takes those of one step early."""
    return pyotp.TOTP(secret).at(int(time.time()) + 30)


def sign_in(page: Page, extension: str, code: str, pin: str = NEW_PIN) -> None:
    """Fill in the form and send it."""
    page.goto("/office/")
    page.locator("#extension").fill(extension)
    page.locator("#pin").fill(pin)
    page.locator("#code").fill(code)
    page.get_by_role("button").click()


def ended(web: Web, extension: str, why: SignedOff) -> None:
    """End the sign-ins of an extension as somebody else would: in the store."""

    async def end() -> None:
        store = open_store(f"sqlite://{web.folder / 'dialguard.db'}")
        await store.end_sign_ins("office", extension, None, why, time.time())
        await store.close()

    thread = threading.Thread(target=asyncio.run, args=(end(),))
    thread.start()
    thread.join()


def test_a_person_enrols_signs_in_and_off(web: Web, opened: Open) -> None:
    """From the operator's link to the end, with every page looked at."""
    page = opened()
    web.register("101")
    page.goto(web.invite("101"))
    expect(page.locator("h1")).to_have_text("Set up your phone")
    looked_at(page, "invitation")
    page.get_by_role("button").click()

    expect(page.locator("h1")).to_have_text("Set up extension 101")
    secret = secret_in_the_picture(page)
    assert page.locator(".secret").inner_text().replace(" ", "") == secret
    looked_at(page, "enrol")
    page.locator("#pin").fill("1234")
    page.locator("#again").fill("1234")
    page.locator("#code").fill(pyotp.TOTP(secret).now())
    page.get_by_role("button").click()
    expect(page.get_by_role("alert")).to_contain_text("too easy to guess")
    expect(page.get_by_role("alert")).to_be_focused()
    looked_at(page, "enrol-weak-pin")
    page.locator("#pin").fill(NEW_PIN)
    page.locator("#again").fill(NEW_PIN)
    page.locator("#code").fill(pyotp.TOTP(secret).now())
    page.get_by_role("button").click()
    expect(page.locator("h1")).to_have_text("Your phone is set up")
    expect(page.locator(".codes li")).to_have_count(10)
    looked_at(page, "enrolled")

    page.get_by_role("link", name="Go on to sign in").click()
    looked_at(page, "sign-in")
    sign_in(page, "101", next_code(secret), pin="80912")
    expect(page.get_by_role("alert")).to_contain_text("That is not right")
    expect(page.locator("#extension")).to_have_value("101")
    expect(page.locator("#pin")).to_have_value("")
    looked_at(page, "sign-in-wrong")
    sign_in(page, "101", next_code(secret))
    expect(page.locator("h1")).to_have_text("Signed in")
    expect(page.locator("#left")).to_have_text(re.compile(r"^(8 hrs?|7 hrs? 59 mins?)$"))
    looked_at(page, "signed-in")

    page.get_by_role("button", name="Sign off").click()
    expect(page.get_by_role("status")).to_have_text("You are signed off.")
    looked_at(page, "signed-off")
    page.go_back()
    page.reload()
    expect(page.locator("h1")).to_have_text("Sign in")


def test_a_page_that_is_open_says_why_it_is_over(web: Web, opened: Open) -> None:
    """By itself, soon after."""
    page = opened()
    secret = enrol(page, web, "102")
    sign_in(page, "102", next_code(secret))
    expect(page.locator("h1")).to_have_text("Signed in")
    ended(web, "102", SignedOff.MOVED)
    expect(page.get_by_role("status")).to_contain_text("another place")
    looked_at(page, "moved")


def test_the_time_left_counts_down(web: Web, opened: Open) -> None:
    """To the last minute, which is said, and to the end, when the page looks again."""
    page = opened()
    secret = enrol(page, web, "103")
    page.clock.install()
    sign_in(page, "103", next_code(secret))
    page.clock.fast_forward("06:30:00")
    expect(page.locator("#left")).to_have_text(re.compile(r"^1 hr 30 mins?$|^1 hr 29 mins?$"))
    expect(page.locator("#soon")).to_be_hidden()
    page.clock.fast_forward("01:26:00")
    expect(page.locator("#soon")).to_be_visible()
    looked_at(page, "almost-up")


def test_without_scripts_everything_can_be_done(web: Web, opened: Open) -> None:
    """A link looks again; nothing else is missing."""
    page = opened(360, scripts=False)
    secret = enrol(page, web, "104")
    sign_in(page, "104", next_code(secret))
    expect(page.locator("h1")).to_have_text("Signed in")
    expect(page.locator("#left")).to_contain_text("hr")
    page.get_by_role("link", name="Look again").click()
    expect(page.locator("h1")).to_have_text("Signed in")
    page.get_by_role("button", name="Sign off").click()
    expect(page.get_by_role("status")).to_have_text("You are signed off.")


def test_the_keyboard_is_enough(web: Web, opened: Open) -> None:
    """In the order in which it is read; and where one is shows."""
    page = opened()
    secret = enrol(page, web, "105")
    page.goto("/office/")
    for typed in ("105", NEW_PIN, next_code(secret)):
        page.keyboard.press("Tab")
        page.keyboard.type(typed)
    outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
    assert outline == "solid"
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_have_text("Signed in")
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Sign off")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_have_text("You are signed off.")


@pytest.mark.parametrize(
    ("language", "title"),
    [
        ("es-ES", "Iniciar sesión"),
        ("fr-FR", "Ouvrir une session"),
        ("de-DE", "Anmelden"),
        ("it-IT", "Accedi"),
        ("pt-BR", "Sign in"),
    ],
)
def test_it_speaks_the_browsers_language(opened: Open, language: str, title: str) -> None:
    """At every width; and another where that is chosen."""
    page = opened(language=language)
    page.goto("/office/")
    expect(page.locator("h1")).to_have_text(title)
    looked_at(page, f"sign-in-{language[:2]}")
    page.get_by_role("link", name="Español").click()
    expect(page.locator("h1")).to_have_text("Iniciar sesión")
    page.goto("/office/")
    expect(page.locator("h1")).to_have_text("Iniciar sesión")


def test_trouble_looks_like_a_page(web: Web, opened: Open) -> None:
    """An invitation that was used, a page that is not there, a phone that is nowhere."""
    page = opened()
    page.goto("/office/invitation/made-up")
    page.get_by_role("button").click()
    expect(page.locator("h1")).to_have_text("That did not work")
    looked_at(page, "void")
    page.goto("/nowhere/")
    looked_at(page, "not-found")
    secret = enrol(page, web, "106")
    web.asterisk.functions.clear()
    sign_in(page, "106", next_code(secret))
    expect(page.get_by_role("alert")).to_contain_text("dial *1")
    looked_at(page, "nowhere")


def test_what_was_sent_is_in_no_log(web: Web) -> None:
    """Neither PIN, nor token, nor session."""
    said = repr(web.service.log)
    assert NEW_PIN not in said
    assert "signed-in" in said


def test_another_page_cannot_use_the_browser(web: Web, opened: Open, tmp_path: Path) -> None:
    """A form elsewhere that is sent to ours does nothing: no cookie goes with it."""
    page = opened()
    secret = enrol(page, web, "107")
    sign_in(page, "107", next_code(secret))
    expect(page.locator("h1")).to_have_text("Signed in")
    evil = tmp_path / "evil.html"
    evil.write_text(
        f'<form method="post" action="{web.url}/office/sign-off"><button>Win</button></form>'
        f'<iframe src="{web.url}/office/"></iframe>'
    )
    page.goto(f"file://{evil}")
    page.get_by_role("button").click()
    page.goto("/office/")
    expect(page.locator("h1")).to_have_text("Signed in")
