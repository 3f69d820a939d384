"""Styles and scripts: our own, from the package, and nothing else.

They are read when the web starts, and found by name: no path of a request ever touches a folder.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from importlib.resources import files
from typing import Final

from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import Response

PREFIX: Final = "/_"
"""No site has that name."""

KINDS: Final = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}

KEPT: Final = "public, max-age=31536000, immutable"
"""Its address changes with its content."""


@dataclass(frozen=True, slots=True)
class Asset:
    """One file.

    Attributes:
        url: With a digest of what is in it.
    """

    url: str
    kind: str
    content: bytes


def load() -> dict[str, Asset]:
    """Read all there are, by name."""
    found: dict[str, Asset] = {}
    for file in (files("fastagi.console") / "static").iterdir():
        kind = KINDS.get(f".{file.name.rpartition('.')[2]}")
        if kind is not None:
            content = file.read_bytes()
            version = hashlib.sha256(content).hexdigest()[:16]
            found[file.name] = Asset(f"{PREFIX}/{version}/{file.name}", kind, content)
    return found


def make_router(assets: dict[str, Asset]) -> APIRouter:
    """Return their routes."""
    router = APIRouter(prefix=PREFIX, include_in_schema=False)
    by_url = {each.url: each for each in assets.values()}

    @router.get("/{version}/{name}")
    async def asset(request: Request) -> Response:
        found = by_url.get(request.url.path)
        if found is None:
            raise HTTPException(404)
        return Response(found.content, media_type=found.kind, headers={"Cache-Control": KEPT})

    return router
