"""The API as one ASGI application, with its document, and its place in the web."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.openapi.utils import get_openapi
from starlette.exceptions import HTTPException

from fastagi.console.api import credentials, decisions, problems, sign_ins
from fastagi.console.api.access import Access
from fastagi.console.api.envelope import Envelope
from fastagi.console.api.pace import Pace
from fastagi.console.api.problems import PREFIX, Code, ProblemDetails, Refused, Wrong
from fastagi.console.api.shapes import Asking, Opening
from fastagi.errors import LinkError, StoreError

if TYPE_CHECKING:
    from starlette.responses import Response
    from starlette.types import ASGIApp, Receive, Scope, Send

    from fastagi.console.api.ports import ApiPorts

log = structlog.get_logger(__name__)

VERSION: Final = "1"  # the API's; which dialguard it is, strangers need not know
AGAIN: Final = {"Retry-After": "5"}
REFERENCE: Final = "#/components/schemas/{model}"


def make_api(ports: ApiPorts) -> ASGIApp:
    """Return the API.

    Its document is at `/openapi.json`; there is no page that shows it, as those that FastAPI has
    load their scripts from elsewhere.
    """
    app = FastAPI(
        title="dialguard",
        version=VERSION,
        docs_url=None,
        redoc_url=None,
        openapi_url="/openapi.json",
        redirect_slashes=False,  # which would build a URL of the Host header
    )
    access, pace = Access(ports), Pace(ports.per_s, ports.burst)
    app.include_router(sign_ins.make_router(ports, access, pace))
    app.include_router(credentials.make_router(ports, access, pace))
    app.include_router(decisions.make_router(ports, access, pace))
    app.add_exception_handler(Refused, _refused)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _unrouted)
    app.add_exception_handler(StoreError, _store_away)
    app.add_exception_handler(LinkError, _asterisk_away)
    app.add_exception_handler(Exception, _broken)
    app.openapi = lambda: document(app)  # type: ignore[method-assign]  # as FastAPI's own book does
    return Envelope(app)


class Mounted:
    """The API in the web, at its prefix; everything else is the pages'.

    Starlette's own `Mount` has no place for a path with a line feed in it, and hands it to the
    pages: what is asked of the API is refused by the API.
    """

    def __init__(self, api: ASGIApp, pages: ASGIApp) -> None:
        self._api = api
        self.app = pages
        """As Starlette's own wrappers name what they are around."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, or have the pages answer."""
        if scope["type"] == "http" and scope["path"].startswith(f"{PREFIX}/"):
            scope = {**scope, "root_path": scope.get("root_path", "") + PREFIX}
            await self._api(scope, receive, send)
        else:
            await self.app(scope, receive, send)


def document(app: FastAPI) -> dict[str, Any]:
    """Return the OpenAPI document."""
    if app.openapi_schema is None:
        made = get_openapi(
            title="dialguard",
            version=app.version,
            summary="Who is signed in on which phone, what phones in browsers register with, and "
            "why calls were judged as they were.",
            routes=app.routes,
            servers=[{"url": PREFIX}],
        )
        schemas = made["components"]["schemas"]
        for model in (ProblemDetails, Opening, Asking):
            name = problems.SCHEMA if model is ProblemDetails else model.__name__
            schema = model.model_json_schema(ref_template=REFERENCE)
            schemas |= schema.pop("$defs", {})
            schemas[name] = schema
        app.openapi_schema = made
    return app.openapi_schema


# ----------------------------------------------------------------------------- what goes wrong


async def _refused(request: Request, refused: Exception) -> Response:
    assert isinstance(refused, Refused)  # noqa: S101 - as it was registered
    return problems.response(request.scope, refused)


async def _invalid(request: Request, error: Exception) -> Response:
    """Answer where a parameter cannot be: of the path, there is nothing there."""
    assert isinstance(error, RequestValidationError)  # noqa: S101 - as it was registered
    found = [
        (str(each["loc"][0]), str(each["loc"][-1]), str(each["msg"])) for each in error.errors()
    ]
    if any(kind == "path" for kind, _, _ in found):
        return problems.response(request.scope, Refused(Code.NOT_FOUND))
    wrong = [Wrong(where=name, what=what) for _, name, what in found]
    return problems.response(request.scope, Refused(Code.BAD_PARAMETERS, wrong=wrong))


async def _unrouted(request: Request, error: Exception) -> Response:
    """Answer where no route is, or none of this method."""
    assert isinstance(error, HTTPException)  # noqa: S101 - as it was registered
    code = (
        Code.NO_SUCH_METHOD if error.status_code == Code.NO_SUCH_METHOD.status else Code.NOT_FOUND
    )
    return problems.response(request.scope, Refused(code, headers=error.headers or {}))


async def _store_away(request: Request, error: Exception) -> Response:
    log.error("web-without-store", error=str(error), cause=repr(error.__cause__))
    return problems.response(request.scope, Refused(Code.STORE_AWAY, headers=AGAIN))


async def _asterisk_away(request: Request, _error: Exception) -> Response:
    return problems.response(request.scope, Refused(Code.ASTERISK_AWAY, headers=AGAIN))


async def _broken(request: Request, _error: Exception) -> Response:
    """Answer a fault of ours; it goes on to whoever called us, and into the log."""
    return problems.response(request.scope, Refused(Code.BROKEN))
