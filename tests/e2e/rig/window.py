"""A window of a real browser, which comes to the edge."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from playwright.sync_api import sync_playwright

from tests.browser.conftest import ARGUMENTS, CHROMIUM
from tests.e2e.rig.edge import NAME

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Page

    from tests.e2e.rig.edge import Edge

WARY = (
    "WebRtcHideLocalIpsWithMdns",
    "LocalNetworkAccessChecks",
    "LocalNetworkAccessChecksWebSockets",
)


@contextlib.contextmanager
def chromium(edge: Edge) -> Iterator[Page]:
    """A window of a real browser, to which the edge is where its name is."""
    arguments = [
        *ARGUMENTS,
        f"--host-resolver-rules=MAP {NAME}:443 127.0.0.1:{edge.port}",
        "--ignore-certificate-errors",
        # It would keep a page that the test makes up from the loopback, and the loopback from it.
        f"--disable-features={','.join(WARY)}",
    ]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=arguments)
        page = browser.new_context(ignore_https_errors=True).new_page()
        page.route("**/empty", lambda route: route.fulfill(body="", content_type="text/html"))
        yield page
        browser.close()
