"""The API over a store of its own, asked without a socket."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import httpx
import pytest

from fastagi import tokens
from fastagi.call.ports import Ports
from fastagi.call.sign_in import Phone
from fastagi.console.api.application import make_api
from fastagi.console.api.ports import ApiPorts
from fastagi.errors import LinkError
from fastagi.numbering.pattern import Pattern
from fastagi.policy.loading import load_text
from fastagi.second_factor.vault import Vault, new_key
from fastagi.stores.opening import open_store
from fastagi.stores.sign_ins import Origin
from fastagi.tokens import Scope
from tests.doubles.lookout import Lookout
from tests.doubles.shaky_store import ShakyStore
from tests.unit.call.conftest import Clock, Log, NoPool, OnePolicy

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence
    from pathlib import Path

    from starlette.types import ASGIApp

POLICY = """
[site]
name = "office"
country = "GB"
timezone = "Europe/London"
internal = ["1XX", "2XX", "3XX"]
outside_prefix = "9"

[classes]
staff = ["1XX", "alice@home"]
lobby = ["2XX"]

[[rule]]
name = "abroad"
from = ["staff"]
to = ["international"]
then = "sign-in"

[[rule]]
name = "at-home"
to = ["national"]
then = "allow"

[networks]
office = ["10.0.0.0/8"]

[sign-in]
for = "8h"
network = ["office"]
"""

HERE = Origin("10.0.0.5", "tls", "a" * 40, "c" * 40)
ELSEWHERE = Origin("10.0.0.6", "tls", "a" * 40, "d" * 40)


@dataclass
class Registrar:
    """Where phones are registered."""

    places: dict[str, list[Origin]] = field(default_factory=lambda: {"101": [HERE]})
    away: bool = False
    asked: list[tuple[str, str]] = field(default_factory=list)
    borrows: set[str] = field(default_factory=lambda: {"101"})

    async def take_off(self, site: str, extension: str) -> bool:
        """Return whether its password is handed out."""
        if self.away:
            raise LinkError("away")
        return extension in self.borrows

    async def phones(self, site: str, extension: str) -> Sequence[Phone]:
        """Return them."""
        self.asked.append((site, extension))
        if self.away:
            raise LinkError("away")
        return [Phone(extension, each, "pbx") for each in self.places.get(extension, ())]


@dataclass
class Api:
    """The API, and what a test of it turns."""

    app: ASGIApp
    shaky: ShakyStore
    clock: Clock
    registrar: Registrar
    client: httpx.AsyncClient
    gate: Ports
    lookout: Lookout

    async def token(
        self,
        *scopes: Scope,
        extensions: Sequence[str] = (),
        site: str = "office",
        for_s: float = 3600.0,
    ) -> dict[str, str]:
        """Make a token, and return it as a header."""
        patterns = [Pattern(each) for each in extensions]
        now, name = self.clock.now, f"t{len(await self.tokens(site))}"
        secret = await tokens.add(
            self.shaky.behind, site, name, scopes or Scope, patterns, now + for_s, now
        )
        return {"Authorization": f"Bearer {secret}"}

    async def tokens(self, site: str = "office") -> list[tokens.Token]:
        """Return the tokens there are."""
        return await tokens.every(self.shaky.behind, site, self.clock.now)

    async def open(
        self, headers: dict[str, str], extension: str = "101", **body: object
    ) -> httpx.Response:
        """Ask for a sign-in."""
        path = f"/sites/office/extensions/{extension}/sign-ins"
        return await self.client.post(path, headers=headers, json=body or None)


@pytest.fixture
async def api(tmp_path: Path) -> AsyncIterator[Api]:
    """The API of a site where 101 is registered."""
    shaky = ShakyStore(open_store(f"sqlite:///{tmp_path / 'dialguard.db'}"))
    clock, registrar = Clock(), Registrar()
    policies = OnePolicy(load_text(POLICY, tmp_path / "office.toml"))
    lookout = Lookout()
    gate = Ports(
        *(policies, shaky.store, Vault([new_key()]), NoPool(), Log(), clock), sightings=lookout
    )
    app = make_api(ApiPorts(gate, registrar, unused_s=300))
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://web/") as client:
        yield Api(app, shaky, clock, registrar, client, gate, lookout)
    await shaky.behind.close()


def told(response: httpx.Response) -> tuple[int, str]:
    """Return what a request was refused with; that it was, as problem details."""
    assert response.headers["Content-Type"] == "application/problem+json"
    body = response.json()
    assert body["status"] == response.status_code
    assert body["request_id"] == response.headers["X-Request-Id"]
    return response.status_code, body["code"]
