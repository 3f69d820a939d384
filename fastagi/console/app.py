"""The whole of the web as one ASGI application."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import structlog
from fastapi import FastAPI, HTTPException, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from starlette.exceptions import HTTPException as StarletteHTTPException

from fastagi import __version__
from fastagi.console import assets, credentials, invited, people
from fastagi.console.api.application import Mounted, make_api
from fastagi.console.api.ports import ApiPorts
from fastagi.console.guarding import SITE, Guarding
from fastagi.console.operators.routes import open_console
from fastagi.console.past_decisions import PastDecisions
from fastagi.console.rendering import Renderer, Trouble
from fastagi.console.visits import STATUS, Desk, language_of
from fastagi.errors import BusyError, StoreError, VaultError

if TYPE_CHECKING:
    from starlette.types import ASGIApp

    from fastagi.console.front import Front
    from fastagi.console.operators.ports import Backstage
    from fastagi.console.ports import Ports

BAD_REQUEST: Final = 400
"""A form that is none."""

log = structlog.get_logger(__name__)


def make_app(ports: Ports, front: Front, backstage: Backstage | None = None) -> ASGIApp:
    """Put the web together.

    Args:
        ports: The world.
        front: How browsers reach it.
        backstage: What the console needs besides; None where there is no console.
    """
    # No page that describes the API in a browser: FastAPI's load their scripts from elsewhere.
    app = FastAPI(
        title="dialguard",
        version=__version__,
        docs_url=None,
        redoc_url=None,
        openapi_url=None,  # the API has its own
        redirect_slashes=False,
    )
    there = assets.load()
    desk = Desk(ports, front, Renderer(front.languages, there))
    app.include_router(assets.make_router(there))

    @app.get("/", include_in_schema=False)
    async def first(request: Request) -> Response:
        """Go to the page of the site that is meant: the host's, or the only one there is."""
        policy = ports.policies.of(request.scope[SITE])
        if policy is None:
            raise HTTPException(404)
        return RedirectResponse(f"/{policy.site.name}/", 303)

    if backstage is not None:  # before the sites: none can be called as it is
        app.include_router(open_console(backstage, front, there).router)
    app.include_router(invited.make_router(desk))
    app.include_router(people.make_router(desk))
    app.include_router(credentials.make_router(desk))
    _tell_of_trouble(app, desk)
    record = None
    if backstage is not None:
        record = PastDecisions(backstage.decisions, backstage.versions, ports.policies)
    api = make_api(ApiPorts(ports.call, ports.whereabouts, unused_s=ports.unused_s, record=record))
    return Guarding(Mounted(api, app), front)


def _tell_of_trouble(app: FastAPI, desk: Desk) -> None:
    """Answer with a page where something is wrong; the API has its own words."""

    def told(request: Request, trouble: Trouble, status: int | None = None) -> Response:
        status = STATUS[trouble] if status is None else status
        language = language_of(request, desk.front)
        here = {"site": "dialguard", "home": "", "here": ""}
        html = desk.renderer.render("trouble.html", language, trouble=trouble, **here)
        return HTMLResponse(html, status)

    async def refused(request: Request, error: Exception) -> Response:
        assert isinstance(error, StarletteHTTPException)  # noqa: S101 - what it is registered for
        trouble = Trouble.STALE if error.status_code == BAD_REQUEST else Trouble.NOT_FOUND
        return told(request, trouble, error.status_code)

    async def busy(request: Request, _: Exception) -> Response:
        return told(request, Trouble.BUSY)

    async def away(request: Request, error: Exception) -> Response:
        log.error("web-without-store", error=str(error), cause=repr(error.__cause__))
        return told(request, Trouble.AWAY)

    async def unreadable(request: Request, error: Exception) -> Response:
        log.error("secret-unreadable", error=str(error))
        return told(request, Trouble.FAILED)

    async def failed(request: Request, _: Exception) -> Response:
        return told(request, Trouble.FAILED)

    app.add_exception_handler(StarletteHTTPException, refused)
    app.add_exception_handler(BusyError, busy)
    app.add_exception_handler(StoreError, away)
    app.add_exception_handler(VaultError, unreadable)
    app.add_exception_handler(Exception, failed)  # after which it is told to the log
