"""What of a provider's words is a name and a role here."""

from __future__ import annotations

import pytest

from fastagi.console.operators.accounts import Role
from fastagi.console.operators.entitlement import Entitlement, name_in, role_in, sites_in
from fastagi.errors import ProviderError

GROUPS = Entitlement(
    roles={
        Role.ADMIN: frozenset({"gate-admins"}),
        Role.VIEWER: frozenset({"gate-viewers", "staff"}),
    }
)
NESTED = Entitlement(role_claim="realm_access.roles", roles=GROUPS.roles)
BY_EMAIL = Entitlement(name_claim="email")


@pytest.mark.parametrize(
    ("said", "role"),
    [
        (["gate-admins"], Role.ADMIN),
        (["staff", "gate-admins", "other"], Role.ADMIN),
        (["staff"], Role.VIEWER),
        ("staff", Role.VIEWER),
        ([], None),
        (["other"], None),
        (["Gate-Admins"], None),
        (["gate-admins "], None),
        ("gate-admins,staff", None),
        ({"gate-admins": True}, None),
        ([["gate-admins"], 7, None], None),
        (None, None),
    ],
)
def test_the_highest_role_that_is_given_counts(said: object, role: Role | None) -> None:
    """Letter by letter; what is no text gives none."""
    assert role_in({"groups": said}, GROUPS) is role
    assert role_in({"realm_access": {"roles": said}}, NESTED) is role


def test_without_roles_none_is_given() -> None:
    """Accounts say it."""
    assert role_in({"groups": ["admin"]}, Entitlement()) is None


@pytest.mark.parametrize(
    ("said", "name"),
    [
        ("olga", "olga"),
        (" Olga ", "olga"),
        ("olga.b@example.org", "olga.b@example.org"),
    ],
)
def test_a_name_is_an_operators(said: str, name: str) -> None:
    """In lower case, as who logs in types it."""
    assert name_in({"preferred_username": said}, Entitlement()) == name


@pytest.mark.parametrize(
    "said", [None, "", 7, ["olga"], "(command line)", "o" * 65, "ölga", "<b>", "olga b"]
)
def test_what_can_be_no_name_is_refused(said: object) -> None:
    """None can be taken for another's, nor for the command line."""
    with pytest.raises(ProviderError, match="`preferred_username` says no name"):
        name_in({"preferred_username": said}, Entitlement())


def test_an_address_is_one_that_was_looked_at() -> None:
    """Anybody can say to have another's."""
    said: dict[str, object] = {"email": "olga@example.org", "email_verified": True}
    assert name_in(said, BY_EMAIL) == "olga@example.org"
    for verified in (False, None, "true"):
        with pytest.raises(ProviderError, match="not verified"):
            name_in(said | {"email_verified": verified}, BY_EMAIL)


def test_the_claims_that_count_are_known() -> None:
    """The provider is asked for more only where one is missing."""
    assert GROUPS.claims == ("preferred_username", "groups")
    assert BY_EMAIL.claims == ("email",)


@pytest.mark.parametrize(
    ("said", "sites"),
    [
        (["hotel", "spa"], {"hotel", "spa"}),
        ("hotel", {"hotel"}),
        (["hotel", "*"], set()),
        ("*", set()),
        (["Hotel", "a b", "~"], None),
        ([], None),
        (None, None),
        ({"*": True}, None),
    ],
)
def test_sites_are_those_that_are_named(said: object, sites: set[str] | None) -> None:
    """All only by a word of its own: who is given none sees none."""
    by_claim = Entitlement(sites_claim="sites")
    assert sites_in({"sites": said}, by_claim) == sites
    assert by_claim.claims == ("preferred_username", "sites")
