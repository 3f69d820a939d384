"""One request of a page: whose site, in which language, and whether its form is ours.

What makes a form ours is `forms`.
"""

from __future__ import annotations

import asyncio
import ipaddress
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from fastapi import HTTPException
from fastapi.responses import HTMLResponse, JSONResponse, RedirectResponse

from fastagi.console import forms, languages
from fastagi.console.cookies import Cookies
from fastagi.console.guarding import SITE
from fastagi.console.rendering import Trouble

if TYPE_CHECKING:
    from collections.abc import Mapping
    from ipaddress import IPv4Address, IPv6Address

    from fastapi import Request, Response

    from fastagi.console.front import Front
    from fastagi.console.languages import Language
    from fastagi.console.ports import Ports
    from fastagi.console.rendering import Renderer
    from fastagi.policy.model import Policy

FORM: Final = "dialguard-form"
LANGUAGE: Final = "dialguard-language"
"""Cookies; `__Host-` stands before them where all is encrypted (RFC 6265bis, 4.1.3.2)."""

FIELD_MAX: Final = 200
"""Characters of a field; the longest of ours is a token."""

STATUS: Final = {
    Trouble.WRONG: 403,
    Trouble.INCOMPLETE: 400,
    Trouble.LOCKED_OUT: 429,
    Trouble.NOWHERE: 409,
    Trouble.BUSY: 503,
    Trouble.AWAY: 503,
    Trouble.STALE: 403,
    Trouble.WEAK_PIN: 422,
    Trouble.NO_PIN: 422,
    Trouble.OTHER_PIN: 422,
    Trouble.WRONG_CODE: 422,
    Trouble.VOID: 410,
    Trouble.NOT_FOUND: 404,
    Trouble.FAILED: 500,
}


@dataclass(frozen=True, slots=True)
class Desk:
    """What all pages are made with."""

    ports: Ports
    front: Front
    renderer: Renderer


@dataclass(slots=True)
class Visit(Cookies):
    """One request of a site's pages.

    Attributes:
        begun_s: When it came; monotonic.
        fields: Of the form, once it was read and found to be ours.
        cookies: What is set with the answer, by name; None removes one.
    """

    request: Request
    desk: Desk
    policy: Policy
    language: Language
    begun_s: float
    fields: Mapping[str, str] = field(default_factory=dict, repr=False)
    cookies: dict[str, str | None] = field(default_factory=dict, repr=False)

    @property
    def site(self) -> str:
        """The site's name."""
        return self.policy.site.name

    @property
    def home(self) -> str:
        """The path of the site's page."""
        return f"/{self.site}/"

    @property
    def address(self) -> IPv4Address | IPv6Address | None:
        """Where it comes from; None where that is no address."""
        client = self.request.client
        try:
            return None if client is None else ipaddress.ip_address(client.host.partition("%")[0])
        except ValueError:
            return None

    # ------------------------------------------------------------------- forms

    async def read_form(self) -> bool:
        """Read the form into `fields`; False where a page of ours did not send it."""
        if not forms.is_from_here(self.request, self.desk.front):
            return False
        found = await forms.fields(self.request, FIELD_MAX)
        self.fields = {name: value.strip() for name, value in found.items()}
        shown = self.fields.get(forms.TOKEN, "")
        return forms.fits(FORM, self.cookie(FORM), shown, self.desk.ports.vault)

    def form_token(self) -> str:
        """Return the token for a form, and see to its cookie."""
        seed = self.cookie(FORM)
        if not seed:
            seed = self.cookies.get(FORM) or forms.new_seed()
            self.keep(FORM, seed)
        return forms.token(FORM, seed, self.desk.ports.vault)

    # ------------------------------------------------------------------- answers

    def page(
        self, template: str, here: str, trouble: Trouble | None = None, **values: object
    ) -> Response:
        """Answer with a page.

        Args:
            template: Of `pages/`.
            here: Where the same page is found in another language; empty for nowhere.
            trouble: What it has to say.
            values: What else the template needs.
        """
        html = self.desk.renderer.render(
            template,
            self.language,
            site=self.site,
            home=self.home,
            here=here,
            form=self.form_token(),
            trouble=trouble,
            **values,
        )
        status = 200 if trouble is None else STATUS[trouble]
        return self._with_cookies(HTMLResponse(html, status))

    def told(self, answer: Mapping[str, object], status: int = 200) -> Response:
        """Answer a script of a page of ours."""
        return self._with_cookies(JSONResponse(answer, status))

    def elsewhere(self, path: str) -> Response:
        """Answer that it goes on at another page of ours."""
        return self._with_cookies(RedirectResponse(path, 303))

    async def pace(self) -> None:
        """Wait until the time since the question is a multiple of the pace.

        What an answer says must not be told sooner by when it comes.
        """
        pace_s = self.desk.front.pace_s
        if pace_s:
            await asyncio.sleep(pace_s - (time.monotonic() - self.begun_s) % pace_s)


def visit_of(request: Request, desk: Desk) -> Visit:
    """Take in a request; the path says whose site it is of.

    Raises:
        HTTPException: There is no such site, or not by this name of the host.
    """
    name = request.path_params["site"]
    policy = desk.ports.policies.of(name) if name else None
    if policy is None or request.scope[SITE] not in {"", name}:
        raise HTTPException(404)
    visit = Visit(request, desk, policy, language_of(request, desk.front), time.monotonic())
    chosen = request.query_params.get("lang", "")
    if chosen in desk.front.languages:
        visit.keep(LANGUAGE, chosen)
    return visit


def language_of(request: Request, front: Front) -> Language:
    """Return the language of an answer: what was chosen, now or before, or the browser's."""
    before = f"__Host-{LANGUAGE}" if front.is_encrypted else LANGUAGE
    wanted = request.query_params.get("lang", "") or request.cookies.get(before, "")
    return languages.choose(front.languages, wanted, request.headers.get("accept-language", ""))
