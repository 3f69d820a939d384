"""What we are to the provider, and what we ask of it: as the settings have it."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Client:
    """A relying party of one provider.

    Attributes:
        issuer: The provider's issuer identifier.
        redirect_uri: Where the provider sends browsers back to.
        secret: Empty for a public client.
        auth_method: How the secret is shown (OpenID Connect Core, 9); empty for what it takes.
        claims: Those that we go by; where the ID token lacks one, the provider is asked for more.
        acr: Of these the provider must say one (`acr`); all will do where there are none.
        amr: Of these the provider must say one (`amr`), likewise.
    """

    issuer: str
    client_id: str
    redirect_uri: str
    secret: str = field(default="", repr=False)
    auth_method: str = ""
    scopes: tuple[str, ...] = ("openid", "profile")
    claims: tuple[str, ...] = ()
    acr: tuple[str, ...] = ()
    amr: tuple[str, ...] = ()
