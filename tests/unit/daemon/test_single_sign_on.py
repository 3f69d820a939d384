"""The provider as the settings have it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from fastagi.console.operators.accounts import Role
from fastagi.daemon.single_sign_on import single_sign_on_of
from fastagi.errors import SettingsError
from fastagi.settings.model import ROLES, ConsoleSettings

if TYPE_CHECKING:
    from pathlib import Path

ISSUER = "https://id.example.org"


def settings(**oidc: object) -> ConsoleSettings:
    """Return `[console]` with a provider."""
    return ConsoleSettings.model_validate(
        {"oidc": {"issuer": ISSUER, "client_id": "dialguard", **oidc}}
    )


async def test_a_client_is_what_the_settings_say(tmp_path: Path) -> None:
    """Also that what comes back comes to the address that browsers know."""
    secret = tmp_path / "secret"
    secret.touch(0o600)
    secret.write_text("Fj3~rook.Tin-vase+9\n")
    found = single_sign_on_of(
        settings(
            secret_file=secret,
            accounts="first-sign-in",
            roles={"admin": ["gate"], "viewer": []},
            role_claim="realm_access.roles",
            token_endpoint_auth_method="client_secret_post",
            acr=["gold"],
            amr=["otp"],
            label="In",
        ),
        lambda: 0.0,
    )
    assert found is not None
    client = found.provider.client
    assert (client.issuer, client.client_id) == (ISSUER, "dialguard")
    assert client.redirect_uri == "http://127.0.0.1:8573/console/oidc/callback"
    assert (client.secret, client.auth_method) == ("Fj3~rook.Tin-vase+9", "client_secret_post")
    assert client.secret not in repr(found.provider.client)
    assert (client.acr, client.amr) == (("gold",), ("otp",))
    assert client.claims == ("preferred_username", "realm_access.roles")
    assert found.entitlement.roles == {Role.ADMIN: frozenset({"gate"})}
    assert found.entitlement.makes_accounts
    assert found.label == "In"
    await found.provider.close()


async def test_what_is_left_out_is_left_out() -> None:
    """A public client, and accounts that say their roles."""
    assert single_sign_on_of(ConsoleSettings(), lambda: 0.0) is None
    found = single_sign_on_of(settings(), lambda: 0.0)
    assert found is not None
    assert (found.provider.client.secret, found.entitlement.roles) == ("", {})
    assert not found.entitlement.makes_accounts
    assert found.provider.client.claims == ("preferred_username",)
    await found.provider.close()


def test_a_secret_that_everybody_can_read_is_refused(tmp_path: Path) -> None:
    """As the others are."""
    secret = tmp_path / "secret"
    secret.write_text("a-client-secret")
    secret.chmod(0o644)
    with pytest.raises(SettingsError, match="everybody can read"):
        single_sign_on_of(settings(secret_file=secret), lambda: 0.0)


def test_the_settings_know_every_role() -> None:
    """They may not import them."""
    assert list(ROLES) == [str(each) for each in Role]
