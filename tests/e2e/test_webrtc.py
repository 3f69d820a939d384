"""Phones in browsers: nginx with the configuration that ships, a real Asterisk behind it.

One file, though it is long: all of it comes to one nginx.
"""

from __future__ import annotations

import contextlib
import ssl
import subprocess
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

import httpx
import pytest
from websockets.exceptions import InvalidStatus
from websockets.typing import Subprotocol

from tests.e2e.conftest import VERSIONS
from tests.e2e.rig.asterisk import IN_A_BROWSER
from tests.e2e.rig.crowd import Crowd
from tests.e2e.rig.edge import NAME, PAGE, Edge, sign_in
from tests.e2e.rig.phone import Phone
from tests.e2e.rig.ports import free
from tests.e2e.rig.roots import REPOSITORY
from tests.e2e.rig.service import POLICY, Service
from tests.e2e.rig.waiting import until
from tests.e2e.rig.window import chromium

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.e2e.conftest import Evidence
    from tests.e2e.rig.asterisk import Asterisk
    from tests.e2e.rig.trunk import FarEnd

ROME, ROME_E164 = "900390612345678", "+390612345678"
LONDON, LONDON_E164 = "902079460123", "+442079460123"
EXTENSION, PIN = "134", "80911426"
HOME, ELSEWHERE = "127.0.0.7", "127.0.0.8"
OPEN_A_SOCKET = f"""() => new Promise(told => {{
  const socket = new WebSocket("wss://{NAME}/ws", "sip");
  socket.onopen = () => told("open");
  socket.onerror = () => told("error");
}})"""
OFFER = """async () => {
  window.phone = new RTCPeerConnection();
  phone.addTransceiver("audio");
  await phone.setLocalDescription();
  while (phone.iceGatheringState !== "complete") await new Promise(on => setTimeout(on, 50));
  return phone.localDescription.sdp;
}"""
CONNECT = """async sdp => {
  await phone.setRemoteDescription({ type: "answer", sdp });
  while (["new", "connecting"].includes(phone.connectionState))
    await new Promise(on => setTimeout(on, 50));
  return phone.connectionState;
}"""
RULES = f"""
[networks]
home = ["{HOME}"]

[[rule]]
name = "in-a-browser-only"
to = ["international"]
transport = ["udp", "tcp", "tls", "ws"]
then = "deny"

[[rule]]
name = "abroad"
"""
BY_TRANSPORT_AND_NETWORK = (
    POLICY.replace('\n[[rule]]\nname = "abroad"\n', RULES)
    .replace('then = "pin+totp"', 'transport = ["wss"]\nthen = "sign-in"')
    .replace('to = ["national", "toll-free"]', 'to = ["national"]\nnetwork = ["home"]')
)


@dataclass
class Office:
    """A gate whose people's phones are in browsers."""

    gate: Service
    edge: Edge

    @property
    def last(self) -> tuple[object, object, object]:
        """The last decision: the rule, the reason, and from where the call came."""
        said = self.gate.decisions[-1]
        return said["rule"], said["reason"], said["address"]


@pytest.fixture
def behind(running: Asterisk) -> Iterator[None]:
    """Have the dialplan know that what comes to its HTTP server came by nginx, and so by TLS."""
    ports = running.ports
    for name, port in (("WSS", str(ports.http)), ("WS", '""')):
        running.cli(f"dialplan set global DIALGUARD_PORT_{name} {port}")
    yield
    for name, port in (("WSS", str(ports.https)), ("WS", str(ports.http))):
        running.cli(f"dialplan set global DIALGUARD_PORT_{name} {port}")


@pytest.fixture
def edge(asterisk: Asterisk) -> Iterator[Edge]:
    """An nginx before Asterisk; nobody looks at the page."""
    with Edge(asterisk.ports.http, free()) as edge:
        yield edge


@pytest.fixture
def office(running: Asterisk, trunk: FarEnd, evidence: Evidence, behind: None) -> Iterator[Office]:
    """A service with its web and a watcher, both behind nginx."""
    folder = running.root.scratch(f"webrtc-{len(evidence.folders)}")
    web = free()
    console = (
        f'[console]\nlisten = "127.0.0.1:{web}"\nurl = "https://{NAME}"\nproxies = ["127.0.0.1"]\n'
    )
    gate = Service(folder, running.ports.agi, BY_TRANSPORT_AND_NETWORK, more=console)
    gate.watch(running.ports.ami)
    with gate, Edge(running.ports.http, web) as edge:
        evidence.folders.append(folder)
        with edge.browser(HOME) as browser:
            until(lambda: "ami-linked" in gate.log and _answers(browser), within_s=60)
        yield Office(gate, edge)
        evidence.keep(gate)
        running.wait_idle()
        until(lambda: gate.slots == [])


# ----------------------------------------------------------------------------- calls


def test_a_phone_in_a_browser_is_refused_signs_in_and_gets_through(
    asterisk: Asterisk, trunk: FarEnd, office: Office
) -> None:
    """Its own address is what rules and sign-in see; a thief's, with its password, is another."""
    known = office.gate.enrol(EXTENSION, PIN)
    with office.edge.phone(EXTENSION, HOME) as phone, office.edge.browser(HOME) as browser:
        phone.register()
        assert phone.dial(ROME) == 403
        assert office.last == ("abroad", "sign-in-required", HOME)
        sign_in(browser, EXTENSION, PIN, known.code())
        assert phone.dial(ROME) == 200
        with office.edge.phone(EXTENSION, ELSEWHERE) as thief:
            assert thief.dial(ROME) == 403
        assert office.last == ("abroad", "sign-in-required", ELSEWHERE)
        assert not Phone(asterisk, EXTENSION).dial(ROME, at=HOME).answered
        assert office.last == ("in-a-browser-only", "rule", HOME)
    assert trunk.calls == [ROME_E164]


def test_a_phone_that_is_elsewhere_has_neither_the_rules_of_home_nor_a_sign_in(
    trunk: FarEnd, office: Office
) -> None:
    """Nginx is not where it is; and by the page nobody opens what a thief registered."""
    known = office.gate.enrol(EXTENSION, PIN)
    with office.edge.phone(EXTENSION, HOME) as phone:
        phone.register()
        assert phone.dial(LONDON) == 200
    with office.edge.phone(EXTENSION, ELSEWHERE) as thief, office.edge.browser(HOME) as browser:
        thief.register()
        assert thief.dial(LONDON) == 403
        assert office.last == ("none", "no-rule", ELSEWHERE)
        with pytest.raises(AssertionError):
            sign_in(browser, EXTENSION, PIN, known.code())
        assert thief.dial(ROME) == 403
    assert trunk.calls == [LONDON_E164]


def test_a_crowd_at_the_door_costs_no_phone_its_place(
    asterisk: Asterisk, trunk: FarEnd, office: Office
) -> None:
    """Strangers by the hundred, and a flood of handshakes: most are refused; calls go as ever."""
    with office.edge.phone(EXTENSION, HOME) as phone:
        phone.register()
        with Crowd(office.edge.port, office.edge.authority, 300, flood=True) as crowd:
            assert [phone.dial(dialled) for dialled in (LONDON, ROME, LONDON)] == [200, 403, 200]
            assert f"sip:{EXTENSION}@" in asterisk.cli(f"pjsip show aor {EXTENSION}")
    assert crowd.siege.up == 300
    assert crowd.siege.answers[429] > crowd.siege.answers[101]
    assert trunk.calls == [LONDON_E164] * 2


def test_a_real_browser_opens_a_phone_for_our_page_only_and_calls_by_it(
    trunk: FarEnd, office: Office
) -> None:
    """By the endpoint that ships: keys are exchanged (DTLS), a way for sound is found (ICE)."""
    with chromium(office.edge) as page, office.edge.phone(IN_A_BROWSER, HOME) as phone:
        for origin, opened in ((PAGE, "open"), ("https://evil.example.org", "error")):
            page.goto(f"{origin}/empty")
            assert page.evaluate(OPEN_A_SOCKET) == opened
        phone.register()
        answer = phone.offer(LONDON, page.evaluate(OFFER))
        assert answer.status == 200, answer.text
        assert page.evaluate(CONNECT, answer.text.partition("\r\n\r\n")[2]) == "connected"
        phone.hang_up()
    assert trunk.calls == [LONDON_E164]


@pytest.mark.parametrize("version", VERSIONS, ids=lambda version: f"asterisk-{version}")
def test_asterisk_sees_the_address_of_a_phone_on_another_machine(version: str) -> None:
    """By the routes of the unit that ships; without them its answers are lost: 504, by nginx."""
    done = subprocess.run(
        ["unshare", "--net", sys.executable, "-m", "tests.e2e.rig.far_away", version],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        check=False,
        timeout=100,
    )
    assert done.stdout.split() == ["504", "198.51.100.9"], done.stdout + done.stderr


# ----------------------------------------------------------------------------- who gets no phone


@pytest.mark.parametrize(
    ("wrong", "status"),
    [
        ({"origin": "https://evil.example.org"}, 403),
        ({"origin": "https://phones.example.org.evil.example.org"}, 403),
        ({"origin": "null"}, 403),
        ({"origin": None}, 403),
        ({"protocol": None}, 400),
        ({"protocol": Subprotocol("echo")}, 400),
        ({"path": "/ari/events"}, 502),
        ({"path": "/httpstatus"}, 502),
        ({"path": "/ws/"}, 502),
        ({"path": "//ws/../amanager"}, 502),
        ({"path": "/console/login"}, 404),
        ({"path": "/ws/..%2Fapi//v1"}, 404),
    ],
    ids=lambda value: (
        "-".join(map(str, value.values())) if isinstance(value, dict) else str(value)
    ),
)
def test_who_is_no_page_of_ours_opens_no_phone(
    edge: Edge, wrong: dict[str, object], status: int
) -> None:
    """The same handshake without what is wrong in it is taken; 502: it was never for Asterisk."""
    with pytest.raises(InvalidStatus) as refused, edge.opened(HOME, **wrong):  # type: ignore[arg-type]  # each as `opened` has it
        pass
    assert refused.value.response.status_code == status
    with edge.opened(HOME):
        pass


@pytest.mark.filterwarnings("ignore:ssl.TLSVersion.TLSv1_1 is deprecated")
def test_tls_1_1_is_refused(edge: Edge) -> None:
    """By nginx, which says that it is the version."""
    old = edge.tls()
    old.set_ciphers("DEFAULT:@SECLEVEL=0")  # else the client itself would not
    old.minimum_version = old.maximum_version = ssl.TLSVersion.TLSv1_1
    with pytest.raises(ssl.SSLError) as refused:
        old.wrap_socket(edge.reached(HOME), server_hostname=NAME)
    assert refused.value.reason == "TLSV1_ALERT_PROTOCOL_VERSION"


@pytest.mark.parametrize("name", ["127.0.0.1", "pbx.example.org"])
def test_who_asks_for_another_name_gets_no_handshake(edge: Edge, name: str) -> None:
    """As scanners do, who know addresses only."""
    with pytest.raises(ssl.SSLError) as refused:
        edge.tls().wrap_socket(edge.reached(HOME), server_hostname=name)
    assert refused.value.reason == "TLSV1_UNRECOGNIZED_NAME"


def test_one_address_has_so_many_connections_and_no_more(edge: Edge) -> None:
    """The twenty-first is refused, another address is not; when one is closed, there is room."""
    with contextlib.ExitStack() as twenty:
        for _ in range(19):
            twenty.enter_context(edge.opened(ELSEWHERE))
        with edge.opened(ELSEWHERE), pytest.raises(InvalidStatus) as refused:
            twenty.enter_context(edge.opened(ELSEWHERE))
        assert refused.value.response.status_code == 429
        with edge.phone(EXTENSION, HOME) as phone:
            phone.register()
        until(lambda: _opens(edge, ELSEWHERE))
    assert "limiting connections" in edge.log


def test_who_has_no_certificate_of_the_house_gets_no_further(asterisk: Asterisk) -> None:
    """Where the two lines that ship as remarks are none."""
    changes = {"# ssl_client_certificate": "ssl_client_certificate"}
    changes |= {"# ssl_verify_client": "ssl_verify_client"}
    with Edge(asterisk.ports.http, free(), changes) as edge:
        with pytest.raises(InvalidStatus) as refused, edge.opened(HOME):
            pass
        assert refused.value.response.status_code == 400
        with edge.opened(HOME, tls=edge.tls(is_known=True)):
            pass


def _answers(browser: httpx.Client) -> bool:
    with contextlib.suppress(httpx.TransportError):
        return browser.get("/office/").status_code == 200
    return False


def _opens(edge: Edge, at: str) -> bool:
    with contextlib.suppress(InvalidStatus), edge.opened(at):
        return True
    return False
