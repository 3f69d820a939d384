"""A real service with its web, an Asterisk that is played, and a real Chromium.

What the pages look like is kept in `.cache/screenshots`, for people to look at.
"""

from __future__ import annotations

import re
import ssl
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

import httpx
import pytest
from playwright.sync_api import expect, sync_playwright

from tests.doubles.manager import Manager, in_a_thread
from tests.integration.running import DEADLINE_S, Service, dialguard, free_port, prepare
from tests.servers.certificates import make_certificates
from tests.servers.identity_provider import CLIENT, CLIENT_SECRET, IdentityProvider, new_provider
from tests.unit.watcher.samples import CONTACTS, registers

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator

    from playwright.sync_api import Browser, BrowserContext, Page

CHROMIUM: Final = "/usr/bin/chromium"  # Debian's
ARGUMENTS: Final = (
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    "--disable-background-networking",
)
PICTURES: Final = Path(__file__).parents[2] / ".cache" / "screenshots"
WIDTHS: Final = (360, 1280)
LAST_LINES: Final = 20
LAST_CHARACTERS: Final = 2_000

# What a page should show in a second; two cores may be busy with other things.
expect.set_options(timeout=DEADLINE_S * 1000)
NEW_PIN: Final = "80911"

POLICY: Final = """\
[site]
name           = "office"
country        = "GB"
timezone       = "Europe/London"
internal       = ["1XX"]
outside_prefix = "9"
languages      = ["en"]

[classes]
staff = ["1XX"]

[networks]
office = ["10.0.0.0/8"]

[sign-in]
network  = ["office"]
for      = "8h"
idle     = "1h"

[[rule]]
name = "abroad"
to   = ["international"]
then = "sign-in"

[brake]

[lockout]
wrong = 5
wrong_from_address = 1000
for   = "15m"
"""


@dataclass
class Web:
    """What runs.

    Attributes:
        url: Of the web, without a slash at the end.
    """

    folder: Path
    url: str
    service: Service
    asterisk: Manager

    def register(self, extension: str) -> None:
        """Have a phone registered at the Asterisk."""
        contact = f"PJSIP_CONTACT({CONTACTS}"
        known = registers() | {
            f"{contact},uri)": "sip:101@10.0.0.5:5060",
            f"{contact},user_agent)": "A Phone/1.0",
        }
        self.asterisk.functions |= {
            each.replace("101", extension): value.replace("101", extension)
            for each, value in known.items()
        }

    def invite(self, extension: str) -> str:
        """Return the link of an invitation, as the operator makes it."""
        done = dialguard(self.folder, "phone", "invite", extension, "--for", "1h")
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Function,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Say beside a fault what the service and the provider said; a page tells people less."""
    report = yield
    if report.failed:
        match item.funcargs.get("web"):
            case Web() as web:
                said = "\n".join(map(str, web.service.log[-LAST_LINES:]))
                report.sections.append(("the service said", said))
        match item.funcargs.get("provider"):
            case IdentityProvider() as provider:
                report.sections.append(("the provider said", provider.log()[-LAST_CHARACTERS:]))
    return report


@pytest.fixture(scope="session")
def provider(tmp_path_factory: pytest.TempPathFactory) -> Iterator[IdentityProvider]:
    """A real OpenID provider, that knows nobody yet, nor the console."""
    provider = new_provider(tmp_path_factory.mktemp("provider") / "glewlwyd")
    provider.start()
    yield provider
    provider.stop()


@pytest.fixture(scope="session")
def web(tmp_path_factory: pytest.TempPathFactory, provider: IdentityProvider) -> Iterator[Web]:
    """The service, with its web over TLS, and operators of the provider."""
    folder = tmp_path_factory.mktemp("web")
    prepare(folder, policy=POLICY)
    make_certificates(folder)
    with in_a_thread() as asterisk:
        asterisk.functions = registers()
        secret = folder / "ami-secret"
        secret.touch(0o600)
        secret.write_text(asterisk.secret)
        client = folder / "oidc-secret"
        client.touch(0o600)
        client.write_text(f"{CLIENT_SECRET}\n")
        port = free_port()
        url = f"https://localhost:{port}"
        with (folder / "dialguard.toml").open("a") as settings:
            settings.write(
                f'\n[ami]\nport = {asterisk.port}\nsecret_file = "ami-secret"\n'
                f'\n[console]\nlisten = "127.0.0.1:{port}"\nurl = "{url}"\n'
                'certificate = "server.pem"\nprivate_key = "server.key"\n'
                f'\n[console.oidc]\nissuer = "{provider.issuer}"\nclient_id = "{CLIENT}"\n'
                'secret_file = "oidc-secret"\nscopes = ["openid"]\n'
                'label = "Log in with the office"\naccounts = "first-sign-in"\n'
                '[console.oidc.roles]\nadmin = ["gate-admins"]\noperator = ["gate-operators"]\n'
            )
        provider.configure(f"{url}/console/oidc/callback")
        service = Service(folder, 0).start().ready()
        service.wait_for("process-ready")
        _until_it_answers(url, folder)
        yield Web(folder, url, service, asterisk)
        service.stop()


def _until_it_answers(url: str, folder: Path) -> None:
    """Also: the certificate is one that is trusted by whoever trusts its authority."""
    trusts = ssl.create_default_context(cafile=folder / "ca.pem")
    with httpx.Client(verify=trusts, timeout=DEADLINE_S) as asking:
        assert asking.get(f"{url}/office/").status_code == 200


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """A browser without a window."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(ARGUMENTS))
        yield browser
        browser.close()


@pytest.fixture
def opened(chromium: Browser, web: Web) -> Iterator[Callable[..., Page]]:
    """Return what opens a window of a width, as another person each time."""
    contexts: list[BrowserContext] = []
    broken: list[str] = []

    def opened(width: int = 1280, *, scripts: bool = True, language: str = "en-GB") -> Page:
        context = chromium.new_context(
            base_url=web.url,
            ignore_https_errors=True,
            java_script_enabled=scripts,
            locale=language,
            viewport={"width": width, "height": 800},
        )
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda told: broken.append(told.text) if _is_fault(told.text) else None)
        page.on("pageerror", lambda error: broken.append(str(error)))
        return page

    yield opened
    for each in contexts:
        each.close()
    assert broken == []


def _is_fault(text: str) -> bool:
    """Whether the browser refused something of ours, as a policy that is too strict has it.

    That it refuses to frame our pages is what they ask for.
    """
    return (
        not text.startswith("Framing ")
        and re.search(r"Content Security Policy|Refused to|Uncaught", text) is not None
    )


def kept(page: Page, name: str) -> None:
    """Keep what a page looks like, at every width."""
    PICTURES.mkdir(parents=True, exist_ok=True)
    before = page.viewport_size
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 800})
        page.screenshot(path=PICTURES / f"{name}-{width}.png", full_page=True)
        wide = page.evaluate("document.documentElement.scrollWidth")
        assert wide <= width, f"{name} is {wide} wide at {width}"
    if before is not None:
        page.set_viewport_size(before)
