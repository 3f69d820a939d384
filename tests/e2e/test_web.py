"""The whole of it: a person at a real browser, or a program; their phone at a real Asterisk."""

from __future__ import annotations

import re
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

import httpx
import pyotp
import pytest
from playwright.sync_api import expect, sync_playwright

from tests.browser.conftest import ARGUMENTS, CHROMIUM, NEW_PIN
from tests.browser.test_operators import WORDS, log_in
from tests.browser.test_people import next_code, secret_in_the_picture, sign_in
from tests.e2e.rig.phone import Key, Phone, Step, Wait
from tests.e2e.rig.ports import free
from tests.e2e.rig.roaming import RoamingPhone
from tests.e2e.rig.service import POLICY, Enrolled, Service
from tests.e2e.rig.waiting import until

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Page

    from tests.e2e.conftest import Evidence
    from tests.e2e.rig.asterisk import Asterisk
    from tests.e2e.rig.trunk import FarEnd

ROME = "900390612345678"
E164 = "+390612345678"
EXTENSION = "131"
BY_SIGN_IN = POLICY.replace('then = "pin+totp"', 'then = "sign-in"')
FOR_PROGRAMS = '\n[networks]\nhere = ["127.0.0.1"]\n\n[sign-in]\nnetwork = ["here"]\n'
"""The page is looked at from the phone's own address; a program is nowhere."""


@dataclass
class Desk:
    """A person's phone, and the service with its web."""

    gate: Service
    url: str
    phone: Phone
    registration: RoamingPhone
    elsewhere: RoamingPhone

    def gets_through(self) -> bool:
        """Dial abroad; whether it was let through."""
        return self.phone.dial(ROME).answered

    def why(self) -> str:
        """Return the reason of the last decision."""
        return str(self.gate.decisions[-1]["reason"])


@pytest.fixture
def desk(running: Asterisk, trunk: FarEnd, evidence: Evidence) -> Iterator[Desk]:
    """A service with its web and a watcher; a phone that is registered."""
    folder = running.root.scratch(f"web-{len(evidence.folders)}")
    port = free()
    url = f"http://127.0.0.1:{port}"
    more = f'[console]\nlisten = "127.0.0.1:{port}"\nurl = "{url}"\n'
    gate = Service(folder, running.ports.agi, BY_SIGN_IN + FOR_PROGRAMS, more=more)
    gate.watch(running.ports.ami)
    here = RoamingPhone(running, EXTENSION)
    elsewhere = RoamingPhone(running, EXTENSION, "127.0.0.5")
    with gate:
        evidence.folders.append(folder)
        until(lambda: "ami-linked" in gate.log and _answers(url))
        here.register()
        yield Desk(gate, url, Phone(running, EXTENSION), here, elsewhere)
        for each in (here, elsewhere):
            each.leave()
        evidence.keep(gate)
        running.wait_idle()
        until(lambda: gate.slots == [])


def _answers(url: str) -> bool:
    try:
        return httpx.get(f"{url}/office/").status_code == 200
    except httpx.TransportError:
        return False


@pytest.fixture
def page(desk: Desk) -> Iterator[Page]:
    """A window of a real browser."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(ARGUMENTS))
        yield browser.new_context(base_url=desk.url, locale="en-GB").new_page()
        browser.close()


def _enrol(page: Page, desk: Desk) -> str:
    """Enrol by an invitation, and return the secret that the picture holds."""
    page.goto(desk.gate.command("phone", "invite", EXTENSION, "--for", "1h").strip())
    page.get_by_role("button").click()
    secret = secret_in_the_picture(page)
    page.locator("#pin").fill(NEW_PIN)
    page.locator("#again").fill(NEW_PIN)
    page.locator("#code").fill(pyotp.TOTP(secret).now())
    page.get_by_role("button").click()
    expect(page.locator(".codes li")).to_have_count(10)
    codes = tuple(code.replace(" ", "") for code in page.locator(".codes li").all_inner_texts())
    desk.gate.known.append(Enrolled(secret, secret, codes))  # none of it may turn up anywhere
    return secret


def test_a_person_enrols_and_signs_in_by_page_and_calls_until_they_sign_off(
    desk: Desk, page: Page, trunk: FarEnd
) -> None:
    """By the picture, with the time that is left; nobody asks for a code at the call."""
    secret = _enrol(page, desk)
    assert not desk.gets_through()
    sign_in(page, EXTENSION, next_code(secret))
    expect(page.locator("#left")).to_contain_text("hr")
    assert desk.gets_through()
    page.get_by_role("button", name="Sign off").click()
    expect(page.get_by_role("status")).to_have_text("You are signed off.")
    assert not desk.gets_through()
    assert desk.why() == "sign-in-required"
    assert trunk.calls == [E164]


def test_a_phone_that_registers_elsewhere_is_signed_in_no_more_and_the_page_says_why(
    desk: Desk, page: Page, trunk: FarEnd
) -> None:
    """Within a second of the event; whoever calls from there is refused."""
    secret = _enrol(page, desk)
    sign_in(page, EXTENSION, next_code(secret))
    expect(page.locator("h1")).to_have_text("Signed in")
    desk.elsewhere.register()
    time.sleep(1)
    assert not desk.phone.dial(ROME, at="127.0.0.5").answered
    assert not desk.gets_through()
    expect(page.get_by_role("status")).to_contain_text("another place", timeout=15_000)
    assert trunk.calls == []


def test_what_was_signed_in_by_keypad_is_signed_off_by_the_operator(
    desk: Desk, trunk: FarEnd
) -> None:
    """One truth, whatever way it came."""
    known = desk.gate.enrol(EXTENSION, "83926154")
    keys: list[Step] = [Wait(0.5), Key(f"{known.pin}#"), Wait(0.5), Key(f"{known.code()}#")]
    assert desk.phone.dial("*1", *keys, talk_s=10).ended_by_asterisk
    assert desk.gets_through()
    desk.gate.command("signins", "end", EXTENSION)
    assert not desk.gets_through()
    assert trunk.calls == [E164]


def test_a_program_signs_in_and_off(desk: Desk, trunk: FarEnd) -> None:
    """By the API, with a token."""
    token = desk.gate.command(
        *("token", "add", "crm", "--scope", "sign-ins:write", "--scope", "sign-ins:read")
    ).strip()
    there = f"{desk.url}/api/v1/sites/office/extensions/{EXTENSION}/sign-ins"
    with httpx.Client(headers={"Authorization": f"Bearer {token}"}) as crm:
        assert not desk.gets_through()
        opened = crm.post(there, json={})
        assert opened.status_code == 201, opened.text
        assert desk.gets_through()
        assert crm.delete(f"{there}/{opened.json()['id']}").status_code == 204
        assert not desk.gets_through()
        over = crm.get(f"{there}/{opened.json()['id']}").json()
    assert over["why"] == "api"
    assert trunk.calls == [E164]


def test_an_operator_sees_a_call_and_ends_it(desk: Desk, page: Page, trunk: FarEnd) -> None:
    """It appears without reloading; the phone gets the BYE, and the call vanishes."""
    words = ("operator", "add", "olga", "--role", "operator", "--password-stdin", "--uri")
    said = desk.gate.command(*words, stdin=f"{WORDS}\n")
    found = re.search(r"secret=([A-Z2-7]+)", said)
    assert found is not None
    desk.gate.known.append(Enrolled(WORDS, found[1], ()))
    log_in(page, "olga", found[1])
    expect(page.locator("#state")).to_have_text("Live.")
    page.evaluate("window.stayed = true")
    call = desk.phone.call("902079460123", talk_s=60)
    live = page.locator("#part-calls")
    expect(live).to_contain_text("+442079460123", timeout=20_000)
    assert page.evaluate("window.stayed") is True
    until(lambda: call.is_answered)
    page.get_by_role("button", name=f"End the call of {EXTENSION} to +442079460123").click()
    expect(page.locator(".said")).to_have_text("The call was ended.")
    assert call.outcome().ended_by_asterisk
    expect(live).to_contain_text("No call is up.", timeout=20_000)
