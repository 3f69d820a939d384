"""Whether an ID token is true, meant for us, and of this sign-in (OpenID Connect Core, 3.1.3.7).

Its signature is checked even though it comes from the provider itself over TLS: to leave that out
is allowed then, and is one mistake less that may be made with it.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import JoseError, SecurityWarning
from joserfc.jwk import KeySet, RSAKey

from fastagi.errors import ProviderError, WeakSignInError

if TYPE_CHECKING:
    from collections.abc import Mapping

ALGORITHMS: Final = (
    *("RS256", "RS384", "RS512", "PS256", "PS384", "PS512"),
    *("ES256", "ES384", "ES512", "Ed25519"),
)
"""Signatures that only who has the private key can make: never `none`, never a shared secret."""

RSA_LEAST_BITS: Final = 2048

LEEWAY_S: Final = 60
"""How far its clock may be from ours."""


@dataclass(frozen=True, slots=True)
class Expected:
    """What it must say.

    Attributes:
        begun: When the sign-in began: no token is older.
        access_token: What came with it; its digest is in the token, where the provider says it.
        acr: Of these one; any, where there are none.
        amr: Likewise.
    """

    issuer: str
    client_id: str
    nonce: str = field(repr=False)
    begun: float
    access_token: str = field(default="", repr=False)
    acr: tuple[str, ...] = ()
    amr: tuple[str, ...] = ()


def keys_in(document: Mapping[str, object]) -> KeySet:
    """Take in a JWK Set (RFC 7517): its keys that can be used; those of unknown kinds are not.

    Raises:
        ProviderError: It is none, or has none.
    """
    given: Any = document
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", SecurityWarning)  # of keys that are not taken
            found = KeySet.import_key_set(given)
    except (JoseError, ValueError, TypeError, KeyError, AttributeError) as error:
        raise ProviderError(f"its keys cannot be read: {error}") from None
    strong = [
        each
        for each in found.keys
        if not isinstance(each, RSAKey) or each.public_key.key_size >= RSA_LEAST_BITS
    ]
    if not strong:
        raise ProviderError("it publishes no key that could sign an ID token")
    return KeySet(strong)


def verify(token: str, keys: KeySet, expected: Expected, now: float) -> Mapping[str, object]:
    """Return what a token says, if it is to be believed.

    Raises:
        ProviderError: It is not; the message says why.
        WeakSignInError: It is, and somebody was asked for less than is demanded.
    """
    try:
        opened = jwt.decode(token, keys, algorithms=ALGORITHMS)
        # Authlib looks at iss, sub, aud, exp, iat, nbf, nonce, azp and at_hash, if told what for.
        options = {
            "iss": {"essential": True, "value": expected.issuer},
            "sub": {"essential": True},
            "aud": {"essential": True, "values": [expected.client_id]},
            "nonce": {"essential": True, "value": expected.nonce},
        }
        params = {
            "nonce": expected.nonce,
            "client_id": expected.client_id,
            "access_token": expected.access_token,
        }
        CodeIDToken(opened.claims, opened.header, options, params).validate(int(now), LEEWAY_S)
    except (JoseError, ValueError) as error:
        raise ProviderError(f"its ID token is not to be believed: {error}") from None
    claims: dict[str, object] = opened.claims
    issued = claims["iat"]
    if not isinstance(issued, int | float) or issued < expected.begun - LEEWAY_S:
        raise ProviderError("its ID token is not to be believed: it is older than the sign-in")
    _strong_enough(claims, expected)
    return claims


def _strong_enough(claims: Mapping[str, object], expected: Expected) -> None:
    """Look whether somebody was asked for what the settings demand: a second factor, say."""
    acr, amr = claims.get("acr"), claims.get("amr")
    if expected.acr and acr not in expected.acr:
        raise WeakSignInError(f"`acr` is {acr!r}, and must be one of {_listed(expected.acr)}")
    ways = [each for each in amr if isinstance(each, str)] if isinstance(amr, list) else []
    if expected.amr and not set(expected.amr) & set(ways):
        raise WeakSignInError(f"`amr` is {ways!r}, and must name one of {_listed(expected.amr)}")


def _listed(several: tuple[str, ...]) -> str:
    return ", ".join(f"`{each}`" for each in several)
