"""What a provider says of somebody, in our words: a name, and a role. No I/O."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from fastagi.console.oidc.claims import find
from fastagi.console.operators.accounts import NAME, Role
from fastagi.errors import ProviderError

EMAIL: Final = "email"

EVERY_SITE: Final = "*"
"""What a provider says of whoever sees all sites."""

SITE: Final = re.compile(r"[a-z0-9-]{1,64}")
"""What a policy's `site.name` is made of."""


@dataclass(frozen=True, slots=True)
class Entitlement:
    """By what somebody whom a provider vouches for is an operator.

    Attributes:
        name_claim: The claim that is the operator's name.
        role_claim: The claim that says the role.
        roles: By role, the values of that claim that give it; empty where accounts say it.
        makes_accounts: Whether who has a role has an account by that.
        sites_claim: The claim that names the sites they see; empty where accounts say it.
    """

    name_claim: str = "preferred_username"
    role_claim: str = "groups"
    roles: Mapping[Role, frozenset[str]] = field(default_factory=dict)
    makes_accounts: bool = False
    sites_claim: str = ""

    @property
    def claims(self) -> tuple[str, ...]:
        """Those that count."""
        roles = (self.role_claim,) if self.roles else ()
        sites = (self.sites_claim,) if self.sites_claim else ()
        return (self.name_claim, *roles, *sites)


def name_in(claims: Mapping[str, object], entitlement: Entitlement) -> str:
    """Return the operator's name.

    Raises:
        ProviderError: It says none that can be one, or an address that was never looked at.
    """
    said = find(claims, entitlement.name_claim)
    name = said.strip().lower() if isinstance(said, str) else ""
    if not NAME.fullmatch(name):
        raise ProviderError(
            f"`{entitlement.name_claim}` says no name that can be an operator's: {said!r:.80}"
        )
    if entitlement.name_claim == EMAIL and claims.get("email_verified") is not True:
        raise ProviderError(f"`{name}` is not verified (`email_verified`)")
    return name


def role_in(claims: Mapping[str, object], entitlement: Entitlement) -> Role | None:
    """Return the highest role that what it says gives; None where it gives none."""
    said = find(claims, entitlement.role_claim)
    values = {said} if isinstance(said, str) else set(_texts(said))
    given = [role for role in Role if values & entitlement.roles.get(role, frozenset())]
    return given[-1] if given else None


def sites_in(claims: Mapping[str, object], entitlement: Entitlement) -> frozenset[str] | None:
    """Return the sites that what it says lets somebody see, all for none; None where it says none.

    What can be no site's name is none: whoever has nothing else there sees nothing.
    """
    said = find(claims, entitlement.sites_claim)
    values = {said} if isinstance(said, str) else set(_texts(said))
    if EVERY_SITE in values:
        return frozenset()
    return frozenset(each for each in values if SITE.fullmatch(each)) or None


def _texts(said: object) -> list[str]:
    return [each for each in said if isinstance(each, str)] if isinstance(said, list) else []
