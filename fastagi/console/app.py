"""The whole of the web as one ASGI application."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fastapi import FastAPI

from fastagi import __version__
from fastagi.console.api.application import make_api
from fastagi.console.api.ports import ApiPorts, OnePlace
from fastagi.console.api.problems import PREFIX
from fastagi.console.guarding import Guarding

if TYPE_CHECKING:
    from starlette.types import ASGIApp

    from fastagi.console.front import Front
    from fastagi.console.ports import Ports


def make_app(ports: Ports, front: Front) -> ASGIApp:
    """Put the web together.

    Args:
        ports: The world.
        front: How browsers reach it.
    """
    # No page that describes the API in a browser: FastAPI's load their scripts from elsewhere.
    app = FastAPI(
        title="dialguard",
        version=__version__,
        docs_url=None,
        redoc_url=None,
        openapi_url=None,  # the API has its own
    )
    app.mount(PREFIX, make_api(ApiPorts(ports.call, OnePlace(ports.whereabouts))))
    return Guarding(app, front)
