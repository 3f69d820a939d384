"""Where in what a provider says of somebody something stands.

A claim that lies within others is named with dots (`realm_access.roles`); one whose own name has
dots, as Auth0's have, is found by that first.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


def find(claims: Mapping[str, object], path: str) -> object | None:
    """Return a claim, by its own name or by its place within others."""
    if path in claims:
        return claims[path]
    found: object = claims
    for part in path.split("."):
        if not isinstance(found, dict) or part not in found:
            return None
        found = found[part]
    return found
