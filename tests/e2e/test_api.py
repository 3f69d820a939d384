"""Signing in by the API, on a real Asterisk: a program says who, Asterisk says where."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import httpx
import pytest

from tests.e2e.rig.browser import in_a_browser
from tests.e2e.rig.ports import free
from tests.e2e.rig.roaming import RoamingPhone
from tests.e2e.rig.service import POLICY, Service
from tests.e2e.rig.waiting import until

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.e2e.conftest import Evidence
    from tests.e2e.rig.asterisk import Asterisk
    from tests.e2e.rig.phone import Phone
    from tests.e2e.rig.trunk import FarEnd

ROME = "900390612345678"
E164 = "+390612345678"
AGENT = ["User-Agent: phone"]
ELSEWHERE = "127.0.0.5"


class Program:
    """A program with a token for one extension."""

    def __init__(self, gate: Service, web: int, extension: str) -> None:
        scopes = ("--scope", "sign-ins:write", "--scope", "sign-ins:read")
        made = gate.command("token", "add", "crm", *scopes, "--extensions", extension)
        self._headers = {"Authorization": f"Bearer {made.strip()}"}
        self._at = f"http://127.0.0.1:{web}/api/v1/sites/office/extensions/{extension}/sign-ins"

    def ask(self, method: str, id: str = "") -> tuple[int, dict[str, Any]]:
        """Ask for something; return the status, and what was answered."""
        where = f"{self._at}/{id}" if id else self._at
        answer = httpx.request(method, where, headers=self._headers, timeout=10, trust_env=False)
        return answer.status_code, answer.json() if answer.content else {}


@pytest.fixture
def web() -> int:
    """The port of the web."""
    return free()


@pytest.fixture
def gate(running: Asterisk, trunk: FarEnd, evidence: Evidence, web: int) -> Iterator[Service]:
    """A service with a web and a watcher; calls abroad need a sign-in."""
    folder = running.root.scratch(f"api-{len(evidence.folders)}")
    policy = POLICY.replace('then = "pin+totp"', 'then = "sign-in"')
    console = f'[console]\nlisten = "127.0.0.1:{web}"\n'
    service = Service(folder, running.ports.agi, policy, more=console)
    service.watch(
        running.ports.ami, '\n[networks]\nhere = ["127.0.0.0/8"]\n[sign-in]\nnetwork = ["here"]\n'
    )
    with service:
        evidence.folders.append(folder)
        until(lambda: "ami-linked" in service.log and "process-ready" in service.log)
        yield service
        evidence.keep(service)
        running.wait_idle()


@pytest.fixture
def registered(asterisk: Asterisk) -> Iterator[Callable[..., RoamingPhone]]:
    """A phone that registers, by its extension and its address; in the end none is."""
    made: list[RoamingPhone] = []

    def make(extension: str, host: str = "127.0.0.1") -> RoamingPhone:
        made.append(RoamingPhone(asterisk, extension, host))
        made[-1].register()
        return made[-1]

    yield make
    for each in made:
        each.leave()


def test_a_program_opens_a_phones_calls_and_ends_that(
    phone: Callable[[str], Phone],
    registered: Callable[..., RoamingPhone],
    trunk: FarEnd,
    gate: Service,
    web: int,
) -> None:
    """Refused, signed in, through; the thief beside it not; signed off, refused."""
    crm = Program(gate, web, "131")
    until(lambda: crm.ask("POST")[1].get("code") != "asterisk-away")
    status, refused = crm.ask("POST")
    assert (status, refused["code"]) == (409, "phone-not-registered")
    registered("131")
    assert not phone("131").dial(ROME, headers=AGENT).answered
    status, opened = crm.ask("POST")
    assert (status, opened["address"], opened["transport"]) == (201, "127.0.0.1", "udp")
    assert phone("131").dial(ROME, headers=AGENT).answered
    assert not phone("131").dial(ROME, headers=AGENT, at="127.0.0.9").answered
    assert not phone("131").dial(ROME, headers=["User-Agent: friendly-scanner"]).answered
    assert crm.ask("DELETE", opened["id"])[0] == 204
    assert not phone("131").dial(ROME, headers=AGENT).answered
    assert trunk.calls == [E164]
    assert crm.ask("GET", opened["id"])[1]["why"] == "api"


def test_a_phone_in_a_browser_is_signed_in(
    asterisk: Asterisk, trunk: FarEnd, gate: Service, web: int
) -> None:
    """Asterisk says `ws` of every WebSocket that registers, and the call came by a secure one."""
    crm = Program(gate, web, "131")
    until(lambda: crm.ask("POST")[1].get("code") != "asterisk-away")
    with in_a_browser(asterisk, "131") as browser:
        browser.register()
        assert browser.dial(ROME) != 200
        status, opened = crm.ask("POST")
        assert (status, opened["address"], opened["transport"]) == (201, "127.0.0.1", "ws")
        assert browser.dial(ROME) == 200
    until(lambda: crm.ask("GET", opened["id"])[1]["why"] == "moved")
    assert trunk.calls == [E164]


def test_a_program_hears_that_the_phone_moved(
    phone: Callable[[str], Phone],
    registered: Callable[..., RoamingPhone],
    trunk: FarEnd,
    gate: Service,
    web: int,
) -> None:
    """The sign-in is over, and two places are none to open another for."""
    crm = Program(gate, web, "133")
    registered("133")
    until(lambda: crm.ask("POST")[1].get("code") != "asterisk-away")
    _, opened = crm.ask("POST")
    registered("133", ELSEWHERE)
    until(lambda: crm.ask("GET", opened["id"])[1]["why"] == "moved")
    assert not phone("133").dial(ROME, headers=AGENT).answered
    assert crm.ask("POST")[1]["code"] == "phone-registered-twice"
    assert trunk.calls == []
