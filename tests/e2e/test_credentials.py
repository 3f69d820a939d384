"""Passwords that are handed out: a phone in a browser that has no other, on a real Asterisk."""

from __future__ import annotations

import contextlib
import re
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

import httpx
import pytest

from fastagi.call.credentials import ha1
from tests.e2e.rig.asterisk import ASKS, BORROWED
from tests.e2e.rig.browser import SDP
from tests.e2e.rig.edge import NAME, PAGE, Edge
from tests.e2e.rig.ports import free
from tests.e2e.rig.roots import REPOSITORY
from tests.e2e.rig.service import POLICY, Service
from tests.e2e.rig.waiting import until
from tests.e2e.rig.window import chromium

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.e2e.conftest import Evidence
    from tests.e2e.rig.asterisk import Asterisk
    from tests.e2e.rig.browser import BrowserPhone
    from tests.e2e.rig.service import Enrolled
    from tests.e2e.rig.trunk import FarEnd

ROME, ROME_E164 = "900390612345678", "+390612345678"
PIN = "80911426"
HOME, ELSEWHERE = "127.0.0.7", "127.0.0.8"
OTHER = "135"
"""An extension whose phone has a password of its own."""

ENDING = '\n[sign-in]\nfor = "1h"\ncalls = "end"\n'
BY_SIGN_IN = POLICY.replace('then = "pin+totp"', 'then = "sign-in"')
ASK_FROM_ELSEWHERE = "async url => (await fetch(url).catch(error => error)).name"
SHOWN = re.search(r"```js\n(.*?)```", (REPOSITORY / "docs/webrtc.md").read_text(), re.DOTALL)
assert SHOWN
SCRIPT = f"""async ({{ extension, pin, totp }}) => {{
{SHOWN[1]}
  return {{ username, password, realm, register_by, until }};
}}"""
"""What the document has a page do."""


@dataclass
class Office:
    """A gate that hands passwords out, and nginx before it.

    Attributes:
        spare: Codes that were not used yet: a one-time code is good once in 30 s.
    """

    asterisk: Asterisk
    gate: Service
    edge: Edge
    known: Enrolled
    spare: list[str]

    def asks(self, browser: httpx.Client) -> str:
        """Ask for a password, as a script of the page does, and return it."""
        form = browser.get("/office/credentials").json()["form"]
        fields = {"form": form, "extension": BORROWED, "pin": PIN, "totp": self.spare.pop()}
        answer = browser.post("/office/credentials", data=fields)
        assert answer.status_code == 200, answer.text
        return self.remembered(answer.json()["password"])

    def remembered(self, password: str) -> str:
        """Have it hunted for, and what is as good, when all is over."""
        self.known.shown.extend((password, ha1(BORROWED, password)))
        return password

    def signs_in(self, phone: BrowserPhone, browser: httpx.Client) -> None:
        """Have a phone get its password, register, and be bound to its sign-in."""
        phone.password = self.asks(browser)
        said = len(self.gate.log)
        phone.register()
        until(lambda: "sign-in-placed" in self.gate.log[said:])

    def signs_off(self, browser: httpx.Client) -> None:
        """Sign off on the page."""
        form = browser.get("/office/credentials").json()["form"]
        assert browser.post("/office/sign-off", data={"form": form}).status_code == 303

    def is_registered(self) -> bool:
        """Whether it is registered."""
        return f"{BORROWED};@" in self.asterisk.cli("database show registrar")


@pytest.fixture(scope="module")
def gate_and_edge(running: Asterisk, evidence: Evidence) -> Iterator[Office]:
    """A service with its web, a watcher and its passwords, behind nginx; one for all tests."""
    folder = running.root.scratch(f"credentials-{len(evidence.folders)}")
    secret, web = folder / "asks", free()
    secret.touch(0o600)
    secret.write_text(f"{ASKS}\n")
    more = (
        f'[console]\nlisten = "127.0.0.1:{web}"\nurl = "https://{NAME}"\nproxies = ["127.0.0.1"]\n'
        f'[credentials]\nlisten = "127.0.0.1:{running.ports.credentials}"\n'
        f'secret_file = "{secret}"\n'
    )
    gate = Service(folder, running.ports.agi, BY_SIGN_IN + ENDING, more=more)
    gate.watch(running.ports.ami)
    with gate, Edge(running.ports.http, web) as edge:
        evidence.folders.append(folder)
        with edge.browser(HOME) as browser:
            until(lambda: "ami-linked" in gate.log and _answers(browser), within_s=60)
        known = gate.enrol(BORROWED, PIN)
        yield Office(running, gate, edge, known, list(known.recovery))
        evidence.keep(gate)


@pytest.fixture
def office(gate_and_edge: Office, asterisk: Asterisk, trunk: FarEnd) -> Iterator[Office]:
    """The same, where nobody is signed in; afterwards no slot is held."""
    yield gate_and_edge
    asterisk.wait_idle()
    until(lambda: gate_and_edge.gate.slots == [])


def test_a_password_comes_with_a_sign_in_and_is_gone_with_it(
    trunk: FarEnd, office: Office
) -> None:
    """Nothing without it; with it a call abroad; after it neither contact, nor call, nor more."""
    with office.edge.phone(BORROWED, HOME) as phone, office.edge.browser(HOME) as browser:
        assert phone.try_to_register() >= 400
        assert phone.dial(ROME) >= 400
        assert not office.is_registered()
        office.signs_in(phone, browser)
        assert office.is_registered()
        assert phone.offer(ROME, SDP).status == 200
        office.signs_off(browser)
        until(lambda: office.asterisk.channels == 0)
        until(lambda: not office.is_registered())
        assert phone.try_to_register() >= 400
        assert phone.dial(ROME) >= 400
        assert not office.is_registered()
    assert trunk.calls == [ROME_E164]
    assert phone.password not in office.gate.log


def test_a_real_browser_gets_one_for_our_page_only(trunk: FarEnd, office: Office) -> None:
    """By the script of the document, as the browser sends it; and the page has it sign off."""
    fields = {"extension": BORROWED, "pin": PIN, "totp": office.spare.pop()}
    here = "127.0.0.1"
    with chromium(office.edge) as page, office.edge.phone(BORROWED, here) as phone:
        page.goto("https://evil.example.org/empty")
        assert page.evaluate(ASK_FROM_ELSEWHERE, f"{PAGE}/office/credentials") == "TypeError"
        page.goto(f"{PAGE}/empty")
        told = page.evaluate(SCRIPT, fields)
        assert told["username"] == BORROWED
        phone.password = office.remembered(told["password"])
        said = len(office.gate.log)
        phone.register()
        until(lambda: "sign-in-placed" in office.gate.log[said:])
        assert phone.dial(ROME) == 200
        page.goto(f"{PAGE}/office/")
        assert told["password"] not in page.content()
        page.click("form[action$='/sign-off'] button")
        until(lambda: not office.is_registered())
        assert phone.try_to_register() >= 400
    assert trunk.calls == [ROME_E164]


def test_who_has_stolen_it_gets_nowhere(trunk: FarEnd, office: Office) -> None:
    """Not from elsewhere, whoever comes first; and not as another extension."""
    with office.edge.browser(HOME) as browser, office.edge.phone(BORROWED, ELSEWHERE) as thief:
        thief.password = office.asks(browser)
        with office.edge.phone(OTHER, HOME) as other:
            other.password = thief.password
            assert other.try_to_register() == 401
        thief.register()
        until(lambda: not office.is_registered())
        assert thief.try_to_register() >= 400
        with office.edge.phone(BORROWED, HOME) as phone:
            office.signs_in(phone, browser)
            thief.password = phone.password
            assert thief.dial(ROME) == 403
            assert phone.dial(ROME) == 200
            assert thief.try_to_register() == 200  # in the place of the phone, which ends all
            until(lambda: not office.is_registered())
            assert phone.dial(ROME) >= 400
    assert trunk.calls == [ROME_E164]


def test_a_service_that_hangs_or_is_dead_lets_nobody_in_and_asterisk_lives(
    office: Office,
) -> None:
    """Refused in some seconds, which other phones do not notice; and in again once it is back."""
    with office.edge.phone(BORROWED, HOME) as phone, office.edge.browser(HOME) as browser:
        office.signs_in(phone, browser)
        office.gate.freeze()
        began = time.monotonic()
        assert phone.try_to_register() >= 400
        assert time.monotonic() - began < 8
        with office.edge.phone(OTHER, ELSEWHERE) as other:
            other.register()
        office.gate.thaw()
        until(lambda: phone.try_to_register() == 200)
        office.gate.kill()
        assert phone.try_to_register() >= 400
        office.gate.start()
        until(lambda: phone.try_to_register() == 200, within_s=60)
        until(lambda: _answers(browser))
        office.signs_off(browser)


def _answers(browser: httpx.Client) -> bool:
    with contextlib.suppress(httpx.TransportError):
        return browser.get("/office/").status_code == 200
    return False
