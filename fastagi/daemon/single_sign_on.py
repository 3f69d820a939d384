"""The OpenID provider that operators sign in at, as the settings have it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fastagi.console.oidc.asking import Asking
from fastagi.console.oidc.client import Client
from fastagi.console.oidc.provider import Provider
from fastagi.console.operators.accounts import Role
from fastagi.console.operators.entitlement import Entitlement
from fastagi.console.operators.ports import SingleSignOn
from fastagi.console.operators.single_sign_on import CALLBACK
from fastagi.console.operators.visits import PREFIX
from fastagi.daemon.keys import read_client_secret

if TYPE_CHECKING:
    from collections.abc import Callable

    from fastagi.settings.model import ConsoleSettings


def single_sign_on_of(console: ConsoleSettings, now: Callable[[], float]) -> SingleSignOn | None:
    """Return it; None where operators enter by password alone. Its provider is to be closed.

    Raises:
        SettingsError: The client's secret cannot be read, or everybody can read it.
    """
    oidc = console.oidc
    if oidc is None:
        return None
    entitlement = Entitlement(
        oidc.name_claim,
        oidc.role_claim,
        {Role(role): frozenset(values) for role, values in oidc.roles.items() if values},
        oidc.accounts == "first-sign-in",
        oidc.sites_claim,
    )
    client = Client(
        oidc.issuer,
        oidc.client_id,
        f"{console.public_url}{PREFIX}{CALLBACK}",
        "" if oidc.secret_file is None else read_client_secret(oidc.secret_file),
        oidc.token_endpoint_auth_method,
        oidc.scopes,
        entitlement.claims,
        oidc.acr,
        oidc.amr,
    )
    return SingleSignOn(Provider(client, Asking(), now), entitlement, oidc.label)
