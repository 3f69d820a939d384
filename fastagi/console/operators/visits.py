"""One request of the console: whose it is, whether they may, and whether its form is ours.

Every route of the console is opened here, by `Doors`, which wants to be told the role that it
takes; there is no other way to make one. What changes anything is a form; what makes it ours is
`forms`.
"""

from __future__ import annotations

import asyncio
import ipaddress
import json
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, TypeAlias

import structlog
from fastapi import APIRouter, HTTPException, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from fastagi.console import forms
from fastagi.console.cookies import Cookies
from fastagi.console.guarding import SITE
from fastagi.console.operators import audit, entering
from fastagi.console.operators.audit import Deed, Entry
from fastagi.errors import BusyError, StoreError, VaultError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from ipaddress import IPv4Address, IPv6Address

    from fastagi.console.front import Front
    from fastagi.console.operators.accounts import Role
    from fastagi.console.operators.board import Board, Seen
    from fastagi.console.operators.entering import Session
    from fastagi.console.operators.ports import Backstage
    from fastagi.console.operators.rendering import Renderer
    from fastagi.console.operators.watching import Watchers
    from fastagi.policy.model import Policy

PREFIX: Final = "/console"

SESSION: Final = "dialguard-operator"
FORM: Final = "dialguard-operator-form"
"""Cookies, of who is in and of who is not; `__Host-` stands before them where all is encrypted."""

FIELD_MAX: Final = 2_000
"""Characters of a field; the longest name a call, with its channel's site and node."""

OVER: Final = "event: over\ndata: {}\n\n"
"""What a page hears whose session is over."""

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Desk:
    """What all pages are made with."""

    backstage: Backstage
    front: Front
    renderer: Renderer
    board: Board
    watchers: Watchers


@dataclass(slots=True)
class Visit(Cookies):
    """One request.

    Attributes:
        session: Who asks; None where nobody is in.
        begun_s: When it came; monotonic.
        fields: Of the form, once it was read and found to be ours.
        cookies: What is set with the answer, by name; None removes one.
    """

    request: Request
    desk: Desk
    session: Session | None
    begun_s: float
    fields: Mapping[str, str] = field(default_factory=dict, repr=False)
    cookies: dict[str, str | None] = field(default_factory=dict, repr=False)

    @property
    def address(self) -> IPv4Address | IPv6Address | None:
        """Where it comes from; None where that is no address."""
        client = self.request.client
        try:
            return None if client is None else ipaddress.ip_address(client.host.partition("%")[0])
        except ValueError:
            return None

    def may(self, role: Role) -> bool:
        """Whether who asks may do what takes a role."""
        return self.session is not None and self.session.operator.role.may(role)

    # ------------------------------------------------------------------- what there is to see

    @property
    def sites(self) -> frozenset[str]:
        """The sites that who asks may know of; none where they may of all."""
        return frozenset() if self.session is None else self.session.operator.sites

    def sees(self, site: str) -> bool:
        """Whether who asks may know of a site; of what is of none, only who sees all."""
        return self.session is not None and self.session.operator.sees(site)

    def policies(self) -> Sequence[Policy]:
        """Return the policies in force, of the sites that who asks may know of."""
        every = self.desk.backstage.web.policies.all()
        return [each for each in every if self.sees(each.site.name)]

    def policy_of(self, site: str) -> Policy | None:
        """Return a site's policy; None also where who asks may not know of it."""
        found = self.desk.backstage.web.policies.of(site)
        return found if found is not None and self.sees(found.site.name) else None

    async def look(self, *, anew: bool = False) -> Seen:
        """Return what there is to see for who asks; `anew`, as of now."""
        board = self.desk.board
        seen = await (board.look_anew() if anew else board.look())
        return seen.of(self.sites)

    # ------------------------------------------------------------------- what is asked for

    def asked(self, name: str) -> str:
        """Return what the address says of something; empty where it says nothing."""
        return self.request.query_params.get(name, "").strip()[:FIELD_MAX]

    # ------------------------------------------------------------------- forms

    def token(self) -> str:
        """Return the token for a form, and see to its cookie."""
        return forms.token(FORM, self._seed(), self.desk.backstage.web.vault)

    def _seed(self) -> str:
        if self.session is not None:
            return self.session.key
        seed = self.cookies.get(FORM) or self.cookie(FORM)
        if not seed:
            seed = forms.new_seed()
            self.keep(FORM, seed)
        return seed

    async def read_form(self) -> bool:
        """Read the form into `fields`; False where a page of ours did not send it."""
        if not forms.is_from_here(self.request, self.desk.front):
            return False
        self.fields = await forms.fields(self.request, FIELD_MAX)
        seed = self.cookie(FORM) if self.session is None else self.session.key
        shown = self.fields.get(forms.TOKEN, "")
        return forms.fits(FORM, seed, shown, self.desk.backstage.web.vault)

    # ------------------------------------------------------------------- answers

    def page(self, template: str, status: int = 200, **values: object) -> Response:
        """Answer with a page."""
        operator = None if self.session is None else self.session.operator
        html = self.desk.renderer.render(
            template,
            operator=operator,
            here=self.request.url.path,
            form=self.token(),
            may=self.may,
            **values,
        )
        return self._with_cookies(HTMLResponse(html, status))

    def say(self, what: str, status: int) -> Response:
        """Answer with a sentence."""
        return self.page("message.html", status, what=what)

    def elsewhere(self, path: str) -> Response:
        """Answer that it goes on at another page of the console."""
        return self._with_cookies(RedirectResponse(f"{PREFIX}{path}", 303))

    def away(self, url: str) -> Response:
        """Answer that it goes on elsewhere, to come back from there."""
        return self._with_cookies(RedirectResponse(url, 303))

    async def pace(self) -> None:
        """Wait until the time since the question is a multiple of the pace.

        What an answer says must not be told sooner by when it comes.
        """
        pace_s = self.desk.front.pace_s
        if pace_s:
            await asyncio.sleep(pace_s - (time.monotonic() - self.begun_s) % pace_s)

    # ------------------------------------------------------------------- what is done

    async def note(self, deed: Deed, site: str = "", what: str = "") -> Entry:
        """Write down what is about to be done.

        Raises:
            StoreError: It could not be, and so must not be done.
        """
        assert self.session is not None  # noqa: S101 - nobody else gets here
        web = self.desk.backstage.web
        name, address = self.session.operator.name, str(self.address or "")
        return await audit.note(web.store, Entry(web.now(), name, address, deed, site, what))

    async def close(self, entry: Entry, outcome: str) -> None:
        """Write down what came of it."""
        web = self.desk.backstage.web
        await audit.close(web.store, entry, outcome, web.now())


Answer: TypeAlias = Callable[[Visit], Awaitable[Response]]


@dataclass(slots=True)
class Doors:
    """The routes of the console, and what each takes.

    Attributes:
        opened: By method and path, the role it takes; None where it takes none.
    """

    desk: Desk
    router: APIRouter = field(
        default_factory=lambda: APIRouter(prefix=PREFIX, include_in_schema=False)
    )
    opened: dict[tuple[str, str], Role | None] = field(default_factory=dict)

    def page(self, path: str, needs: Role | None, answer: Answer) -> None:
        """Open a page, which is asked for and changes nothing."""
        self._open("GET", path, needs, answer)

    def form(self, path: str, needs: Role | None, answer: Answer) -> None:
        """Open what a form is sent to; `answer` is asked only of forms that are ours."""
        self._open("POST", path, needs, answer)

    def _open(self, method: str, path: str, needs: Role | None, answer: Answer) -> None:
        async def endpoint(request: Request) -> Response:
            return await self._enter(request, method, needs, answer)

        self.opened[(method, f"{PREFIX}{path}")] = needs
        self.router.add_api_route(path, endpoint, methods=[method], response_model=None)

    async def _enter(
        self, request: Request, method: str, needs: Role | None, answer: Answer
    ) -> Response:
        if request.scope[SITE]:  # by the name of one site's host there is that site only
            raise HTTPException(404)
        visit = Visit(request, self.desk, None, time.monotonic())
        web, key = self.desk.backstage.web, visit.cookie(SESSION)
        try:
            visit.session = await entering.session_of(key, web, watching=is_watch(request))
            if needs is not None and visit.session is None:
                if is_watch(request):  # a page that is open; it goes to the door by itself
                    return Response(OVER, media_type="text/event-stream")
                if key:
                    visit.keep(SESSION, None)
                return visit.elsewhere("/login")
            if needs is not None and not visit.may(needs):
                return visit.say(f"This takes the role `{needs}`, which you have not.", 403)
            if method == "POST" and not await visit.read_form():
                return visit.say("The form is too old, or not of this page. Try it again.", 403)
            return await answer(visit)
        except BusyError:
            return visit.say("Too many passwords are being checked. Try it again.", 503)
        except StoreError as error:
            log.warning("console-failed", error=str(error), cause=repr(error.__cause__))
            return visit.say("The store does not answer, so that this could not be done.", 503)
        except VaultError as error:
            log.warning("console-failed", error=str(error), cause="")
            return visit.say("What is stored cannot be read; the service's log says why.", 503)


def is_watch(request: Request) -> bool:
    """Whether a request is a page's own that looks for news, and nobody did anything."""
    return request.url.path == f"{PREFIX}/events"


def names(text: str, count: int) -> Sequence[str] | None:
    """Return the names that a button says, each as it is; None where it says no such thing."""
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):  # anybody can send a thousand brackets
        return None
    if (
        isinstance(found, list)
        and len(found) == count
        and all(isinstance(each, str) for each in found)
    ):
        return found
    return None
