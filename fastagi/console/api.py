"""The API: `/api/v1`, for programs. What it can do is described at `/api/v1/openapi.json`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from fastapi import APIRouter

if TYPE_CHECKING:
    from fastagi.console.ports import Ports

PREFIX: Final = "/api/v1"


def make_router(ports: Ports) -> APIRouter:  # noqa: ARG001 - its routes are to come
    """Return the API's routes."""
    return APIRouter(prefix=PREFIX)
