"""The console with everything real but the clock, the socket, and Asterisk."""

from __future__ import annotations

import contextlib
import json
import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import httpx
import pyotp

from fastagi.console.app import make_app
from fastagi.console.operators import accounts
from fastagi.console.operators.accounts import Operator, Role
from fastagi.console.operators.ports import Backstage
from fastagi.second_factor import one_time_code, password
from fastagi.stores.sign_ins import SignIn, Way
from fastagi.stores.store import FailureKind, Hold, Lease, Penalty, Subject, SubjectKind
from tests.unit.console.world import DESK, URL

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence
    from pathlib import Path

    from starlette.types import ASGIApp

    from fastagi.console.front import Front
    from fastagi.console.operators.ports import SingleSignOn
    from fastagi.stores.store import Store
    from tests.unit.console.world import World

WORDS = "tram vivid oboe quarry"
"""Every operator's password."""

HASHED = password.hash_password(WORDS)
SECRET = one_time_code.new_secret()

TOKEN = re.compile(r'name="form" value="([0-9a-f]{64})"')


@dataclass
class Ender:
    """An Asterisk that hangs up what it is told to."""

    store: Store
    asked: list[tuple[str, str, str, str]] = field(default_factory=list)
    trouble: Exception | None = None

    async def __call__(self, site: str, call: str, number: str, node: str) -> Sequence[str]:
        """End it, as the hangup handler of its leg does."""
        self.asked.append((site, call, number, node))
        if self.trouble is not None:
            raise self.trouble
        count = await self.store.release(site, call, number, node, 0.0)
        return ["PJSIP/my-trunk-00000001"] * count


@dataclass
class Console:
    """What a test of the console looks at and turns."""

    world: World
    decisions: Path
    ender: Ender
    front: Front
    single_sign_on: SingleSignOn | None = None
    app: ASGIApp = field(init=False)

    def __post_init__(self) -> None:
        """Put it together."""
        self.build()

    def build(self, *, can_end: bool = True, **changed: object) -> None:
        """Put it together anew; `changed` are ports."""
        ports = replace(self.world.ports, **changed)  # type: ignore[arg-type]
        ender = self.ender if can_end else None
        backstage = Backstage(
            ports, self.decisions, ender, self.single_sign_on, self.decisions.parent / "versions"
        )
        self.app = make_app(ports, self.front, backstage)

    @property
    def store(self) -> Store:
        """The store."""
        return self.world.ports.store

    @property
    def now(self) -> float:
        """The moment."""
        return self.world.clock.now

    def code(self, secret: str = SECRET) -> str:
        """Return the one-time code of the moment."""
        return pyotp.TOTP(secret).at(int(self.now))

    async def add(self, name: str, role: Role, *sites: str) -> Operator:
        """Make an operator, of all sites or of some."""
        operator = Operator(name, role, HASHED, SECRET, self.now, sites=frozenset(sites))
        assert await accounts.put(self.store, self.world.ports.vault, operator, self.now)
        return operator

    def browser(self, address: str = "192.0.2.7", url: str = URL) -> httpx.AsyncClient:
        """Return somebody who asks, from an address, and keeps cookies."""
        transport = httpx.ASGITransport(self.app, client=(address, 40_000))
        return httpx.AsyncClient(transport=transport, base_url=url)

    async def log_in(self, asking: httpx.AsyncClient, name: str, **typed: str) -> httpx.Response:
        """Fill in the form as somebody does."""
        form = token_in((await asking.get("/console/login")).text)
        filled = {"name": name, "password": WORDS, "code": self.code(), "form": form} | typed
        return await asking.post("/console/login", data=filled)

    @contextlib.asynccontextmanager
    async def entered(
        self, name: str = "olga", role: Role = Role.OPERATOR, *sites: str
    ) -> AsyncIterator[httpx.AsyncClient]:
        """Yield a browser in which an operator is in."""
        await self.add(name, role, *sites)
        async with self.browser() as asking:
            assert (await self.log_in(asking, name)).status_code == 303
            yield asking

    async def send(
        self, asking: httpx.AsyncClient, path: str, *which: str, **filled: str
    ) -> httpx.Response:
        """Press a button, or send a form."""
        form = token_in((await asking.get("/console/policy")).text)
        data = {"form": form, **filled}
        if which:
            data["which"] = json.dumps(which)
        return await asking.post(f"/console{path}", data=data)

    # ------------------------------------------------------------------- what there is to see

    async def call(self, **parts: object) -> Lease:
        """Have a call be up."""
        lease = replace(
            Lease(
                site="office",
                call="1.2",
                number="+390612345678",
                node="pbx",
                extension="101",
                country="IT",
                category="international",
                channel="PJSIP/101-00000001",
                rule="abroad",
                reference="4071",
                seconds=3600,
                since=self.now,
                expires=self.now + 4000,
                holds=(Hold("two-at-a-time", "101", 2),),
            ),
            **parts,  # type: ignore[arg-type]
        )
        await self.store.take(lease, self.now)
        return lease

    async def lock_out(
        self, name: str, kind: SubjectKind = SubjectKind.EXTENSION, site: str = "office"
    ) -> None:
        """Have somebody be locked out."""
        subjects = (Subject(kind, name, 1),)
        penalty = Penalty(900, 86_400)
        await self.store.begin_attempt(site, subjects, FailureKind.CODE, penalty, self.now)

    async def sign_in(self, extension: str = "101", **parts: object) -> SignIn:
        """Have somebody be signed in."""
        opened = replace(
            SignIn(
                site="office",
                extension=extension,
                id="an-id-that-nobody-guesses",
                person=extension,
                way=Way.PAGE,
                origin=DESK,
                node="pbx",
                since=self.now,
                until=self.now + 3600,
                idle_s=0,
                used=self.now,
            ),
            **parts,  # type: ignore[arg-type]
        )
        await self.store.open_sign_in(opened, None, 1, self.now)
        return opened

    def decide(self, **parts: object) -> None:
        """Have a decision be on record."""
        entry = {
            "time": "2026-01-05T10:10:00.000Z",
            "site": "office",
            "node": "pbx",
            "call": "1.2",
            "channel": "PJSIP/101-00000001",
            "extension": "101",
            "address": "10.0.0.5",
            "number": "+3906123xxxx",
            "verdict": "deny",
            "rule": "abroad",
            "reason": "wrong-code",
            "reference": "4071",
            "policy": "0123456789ab",
        } | parts
        with self.decisions.open("a") as file:
            file.write(json.dumps(entry, separators=(",", ":")) + "\n")


def token_in(html: str) -> str:
    """Return the token of a page's form."""
    found = TOKEN.search(html)
    assert found is not None, html
    return found[1]
