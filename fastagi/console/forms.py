"""Whether a form is of a page of ours, for all pages.

It is taken only where three agree: the browser (Sec-Fetch-Site, Origin), the cookie, which is sent
with nothing that begins elsewhere (SameSite), and a token that is made of the cookie with a key
that nobody else has. So no other page can have a browser do anything here, and none can plant a
cookie of its own choice.
"""

from __future__ import annotations

import hmac
import secrets
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

    from fastapi import Request

    from fastagi.console.front import Front
    from fastagi.second_factor.vault import Vault

SEED_BYTES: Final = 32

FIELDS_MAX: Final = 20

TOKEN: Final = "form"  # noqa: S105 - the name of a field
"""The field that the token is in."""


def new_seed() -> str:
    """Return what a cookie holds, of which tokens are made."""
    return secrets.token_urlsafe(SEED_BYTES)


def token(purpose: str, seed: str, vault: Vault) -> str:
    """Return the token for a form; `purpose` tells the forms of one kind of pages from others."""
    return vault.digest(purpose, seed).hex()


def is_from_here(request: Request, front: Front) -> bool:
    """Whether the browser says that a page of ours sends it, or is too old to say."""
    origins = front.origins()
    return request.headers.get("sec-fetch-site", "same-origin") == "same-origin" and all(
        each in origins for each in request.headers.getlist("origin")
    )


async def fields(request: Request, longest: int) -> Mapping[str, str]:
    """Read what was filled in; what is longer than `longest` characters is left out."""
    form = await request.form(max_files=0, max_fields=FIELDS_MAX, max_part_size=longest)
    return {
        name: value
        for name, value in form.items()
        if isinstance(value, str) and len(value) <= longest
    }


def fits(purpose: str, seed: str, shown: str, vault: Vault) -> bool:
    """Whether a token is of a seed, under any key; each is compared in constant time."""
    right = vault.digests(purpose, seed)
    found = [
        hmac.compare_digest(each.hex().encode(), shown.encode(errors="replace")) for each in right
    ]
    return bool(seed) and any(found)
