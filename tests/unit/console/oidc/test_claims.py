"""Where a claim stands."""

from __future__ import annotations

import pytest

from fastagi.console.oidc.claims import find

SAID = {
    "groups": ["staff"],
    "realm_access": {"roles": ["gate"]},
    "https://example.org/roles": ["admin"],
    "a.b": 1,
    "a": {"b": 2},
}


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("groups", ["staff"]),
        ("realm_access.roles", ["gate"]),
        ("https://example.org/roles", ["admin"]),
        ("a.b", 1),
        ("nothing", None),
        ("realm_access.other", None),
        ("groups.roles", None),
    ],
)
def test_a_claim_is_found_by_name_or_place(path: str, found: object) -> None:
    """A name that has dots comes first."""
    assert find(SAID, path) == found
