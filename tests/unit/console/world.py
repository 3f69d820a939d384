"""The web with everything real but the clock, the socket, and where phones are."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import httpx
import pyotp

from fastagi.call.sign_in import Phone
from fastagi.console.app import make_app
from fastagi.console.front import Front
from fastagi.errors import LinkError
from fastagi.second_factor import one_time_code, pin, recovery
from fastagi.stores.sign_ins import Origin
from fastagi.stores.store import Enrolment
from tests.unit.call.conftest import PIN, SECRET, SPARE, Clock, Log, NoPool

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from starlette.types import ASGIApp

    from fastagi.console.ports import Ports
    from fastagi.policy.model import Policy
    from fastagi.second_factor.vault import Vault
    from fastagi.stores.store import Store

__all__ = ["PIN", "SECRET", "SPARE", "Clock", "Log", "NoPool"]

URL = "https://phones.example.org"
FRONT = Front(URL, {"branch.example.org": "branch"}, ("en", "es", "fr", "de", "it"), pace_s=0.0)

POLICY = """
[site]
name = "office"
country = "GB"
timezone = "Europe/London"
internal = ["1XX"]
outside_prefix = "9"

[classes]
staff = ["1XX"]

[networks]
desks = ["10.0.0.0/8"]

[sign-in]
for = "8h"
network = ["desks"]

[[rule]]
name = "abroad"
to = ["international"]
then = "sign-in"

[lockout]
wrong = 5
wrong_from_address = 20
invalid = 3
for = "15m"
at_most = "24h"
"""

DESK = Origin("10.0.0.5", "tls", "a" * 40, "c" * 40)


@dataclass
class Sites:
    """The policies of a service that has some."""

    by_site: dict[str, Policy]

    def of(self, site: str) -> Policy | None:
        """Return a site's; of an empty name, the only one there is."""
        if site or len(self.by_site) != 1:
            return self.by_site.get(site)
        return next(iter(self.by_site.values()))

    def all(self) -> Sequence[Policy]:
        """Return every site's."""
        return tuple(self.by_site.values())


@dataclass
class Phones:
    """Where phones are: nowhere, until a test says where; and whose password is handed out."""

    places: dict[tuple[str, str], Origin] = field(default_factory=dict)
    borrows: set[tuple[str, str]] = field(default_factory=set)
    away: bool = False
    before: Callable[[], Awaitable[None]] | None = None

    async def take_off(self, site: str, extension: str) -> bool:
        """Return whether its password is handed out; `before` is called before."""
        if self.away:
            raise LinkError("away")
        if self.before is not None:
            await self.before()
        return (site, extension) in self.borrows

    async def phones(self, site: str, extension: str) -> Sequence[Phone]:
        """Return where it is."""
        place = self.places.get((site, extension))
        return () if place is None else (Phone(extension, place, "pbx"),)


@dataclass
class World:
    """What a test of the web looks at and turns."""

    ports: Ports
    clock: Clock
    phones: Phones
    sites: Sites
    front: Front = FRONT

    @property
    def store(self) -> Store:
        """The store."""
        return self.ports.store

    def code(self) -> str:
        """Return the one-time code of the moment."""
        return pyotp.TOTP(SECRET).at(int(self.clock.now))

    def app(self, **changed: object) -> ASGIApp:
        """Return the application; `changed` are ports."""
        return make_app(replace(self.ports, **changed), self.front)  # type: ignore[arg-type]

    def browser(
        self, address: str = "192.0.2.7", *, url: str = URL, **changed: object
    ) -> httpx.AsyncClient:
        """Return somebody who asks, from an address, and keeps cookies."""
        transport = httpx.ASGITransport(self.app(**changed), client=(address, 40_000))
        return httpx.AsyncClient(transport=transport, base_url=url)


def token_in(page: str) -> str:
    """Return the token of a page's form."""
    found = re.search(r'name="form" value="([0-9a-f]+)"', page)
    assert found is not None
    return found[1]


async def sign_in(
    browser: httpx.AsyncClient, world: World, *, extension: str = "101", site: str = "office"
) -> httpx.Response:
    """Open the page and fill it in, all right; returns the answer to the form."""
    page = await browser.get(f"/{site}/")
    return await browser.post(f"/{site}/sign-in", data=right(world, page.text, extension))


def right(world: World, page: str, extension: str = "101") -> dict[str, str]:
    """Return the fields of the form, all right."""
    typed = {"extension": extension, "pin": PIN, "totp": world.code()}
    return {"form": token_in(page), **typed}


def enrolled(vault: Vault, extension: str = "101", site: str = "office") -> Enrolment:
    """Return an extension with everything."""
    return Enrolment(
        extension,
        pin=pin.hash_pin(vault, site, extension, PIN),
        totp=one_time_code.seal(vault, site, extension, SECRET),
        recovery=frozenset({recovery.digest(vault, site, extension, SPARE)}),
    )
