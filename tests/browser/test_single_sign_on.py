"""Operators sign in at a real provider, in a real browser."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final
from urllib.parse import parse_qs, urlsplit

from playwright.sync_api import expect

from fastagi.console.operators import audit
from tests.browser.test_operators import ask, log_in, make
from tests.browser.test_people import looked_at
from tests.integration.running import dialguard
from tests.servers.identity_provider import PASSWORD

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Page

    from tests.browser.conftest import Web
    from tests.servers.identity_provider import IdentityProvider

    Open = Callable[..., Page]

LABEL: Final = "Log in with the office"
"""What the settings have on the button."""


def go_to_the_provider(page: Page, name: str) -> None:
    """Press the button, and show the provider who it is; its page then asks whether to go on."""
    page.goto("/console/")
    page.get_by_role("link", name=LABEL).click()
    page.locator("#username").fill(name)
    page.locator("#password").fill(PASSWORD)
    page.locator("#loginbut").click()
    expect(page.get_by_role("button", name="Continue")).to_be_visible()


def sign_in(page: Page, name: str, role: str) -> None:
    """Go all the way."""
    go_to_the_provider(page, name)
    page.get_by_role("button", name="Continue").click()
    expect(page.locator("h1")).to_have_text("Calls")
    expect(page.locator(".who")).to_contain_text(f"{name} ({role})")


def answer_of(page: Page) -> str:
    """Return where the provider sends this browser, which does not go there."""
    (callback,) = parse_qs(urlsplit(page.url).query)["callback_url"]
    sent = page.request.get(f"{callback}&g_continue", max_redirects=0)  # as its button does
    return sent.headers["location"]


def test_an_operator_signs_in_at_the_provider(
    web: Web, opened: Open, provider: IdentityProvider
) -> None:
    """Whom nobody made here, with the role of their group; and out again."""
    provider.has("anna", ["staff", "gate-operators"])
    page = opened()
    page.goto("/console/login")
    looked_at(page, "operators-login-provider")
    sign_in(page, "anna", "operator")
    assert page.url == f"{web.url}/console/"
    kept = {each["name"]: each for each in page.context.cookies(web.url)}
    assert kept["__Host-dialguard-operator"]["sameSite"] == "Strict"
    assert "__Host-dialguard-oidc" not in kept
    entry = ask(web, lambda store: audit.page(store, "", 1, 0.0))[0]
    assert (entry.operator, entry.deed) == ("anna", "entered")
    assert entry.what == f"by {provider.issuer}"
    page.get_by_role("button", name="Log out").click()
    expect(page.locator("h1")).to_have_text("Log in")
    page.goto("/console/")
    expect(page.locator("h1")).to_have_text("Log in")


def test_another_role_there_is_another_here(
    web: Web, opened: Open, provider: IdentityProvider
) -> None:
    """At the next sign-in, which ends the page that was open with the old one; none is none."""
    provider.has("bruno", ["gate-admins"])
    first, second, third = opened(), opened(), opened()
    sign_in(first, "bruno", "admin")
    provider.has("bruno", ["gate-operators"])
    sign_in(second, "bruno", "operator")
    first.goto("/console/trail")
    expect(first.locator("h1")).to_have_text("Log in")
    provider.has("bruno", ["staff"])
    go_to_the_provider(third, "bruno")
    third.get_by_role("button", name="Continue").click()
    expect(third.get_by_role("alert")).to_contain_text("You may not enter the console")
    second.goto("/console/")
    expect(second.locator("h1")).to_have_text("Log in")


def test_another_signing_key_there_is_taken_at_once(
    opened: Open, provider: IdentityProvider
) -> None:
    """Keys change without a word; nobody stands before the door for it."""
    provider.has("cleo", ["gate-operators"])
    sign_in(opened(), "cleo", "operator")
    provider.sign_with(provider.new_key())
    sign_in(opened(), "cleo", "operator")


def test_an_answer_is_good_in_the_browser_that_asked(
    web: Web, opened: Open, provider: IdentityProvider
) -> None:
    """A thief who sends somebody their own answer has nobody signed in as the thief."""
    provider.has("dora", ["gate-operators"])
    thief, victim = opened(), opened()
    go_to_the_provider(thief, "dora")
    answer = answer_of(thief)
    victim.goto("/console/login")
    victim.goto(answer)
    expect(victim.get_by_role("alert")).to_contain_text("begun in another browser")
    victim.goto("/console/")
    expect(victim.locator("h1")).to_have_text("Log in")


def test_who_is_disabled_here_is_out(web: Web, opened: Open, provider: IdentityProvider) -> None:
    """Whatever the provider says; and in again once that is over."""
    provider.has("emil", ["gate-operators"])
    page = opened()
    sign_in(page, "emil", "operator")
    assert dialguard(web.folder, "operator", "disable", "emil").returncode == 0
    page.goto("/console/")
    page.get_by_role("link", name=LABEL).click()
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_role("alert")).to_contain_text("You may not enter the console")
    assert dialguard(web.folder, "operator", "enable", "emil").returncode == 0
    page.get_by_role("link", name=LABEL).click()
    page.get_by_role("button", name="Continue").click()
    expect(page.locator("h1")).to_have_text("Calls")


def test_a_provider_that_is_away_keeps_nobody_with_a_password_out(
    web: Web, opened: Open, provider: IdentityProvider
) -> None:
    """It is said plainly, also by the doctor; and once it is back all is as before."""
    secret = make(web, "mona")
    provider.has("fred", ["gate-operators"])
    page, other = opened(), opened()
    go_to_the_provider(page, "fred")
    answer = answer_of(page)
    provider.stop()
    try:
        page.goto(answer)
        expect(page.get_by_role("alert")).to_contain_text("The provider does not answer")
        looked_at(page, "operators-provider-away")
        log_in(other, "mona", secret)
        (line,) = (each for each in _findings(web) if "OpenID" in each["what"])
        assert (line["mark"], "does not answer" in line["what"]) == ("FAIL", True)
    finally:
        provider.start()
    sign_in(opened(), "fred", "operator")
    (line,) = (each for each in _findings(web) if "OpenID" in each["what"])
    assert (line["mark"], f"`{web.url}/console/oidc/callback`" in line["what"]) == ("OK", True)


def _findings(web: Web) -> list[dict[str, str]]:
    done = dialguard(web.folder, "doctor", "--json", "--asterisk", "/nowhere")
    found: list[dict[str, str]] = json.loads(done.stdout)
    return found
