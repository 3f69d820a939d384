"""Which ID tokens are believed: the attacker's list, with a key of our own."""

from __future__ import annotations

import base64
import hmac
import json
import re
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from authlib.oidc.core.util import create_half_hash
from joserfc import jws, jwt
from joserfc.jwk import ECKey, KeySet, OctKey, OKPKey, RSAKey

from fastagi.console.oidc.id_token import LEEWAY_S, Expected, keys_in, verify
from fastagi.errors import ProviderError, WeakSignInError

if TYPE_CHECKING:
    from joserfc.jwk import Key

ISSUER = "https://id.example.org"
NOW = 1_800_000_000.0
EXPECTED = Expected(ISSUER, "dialguard", "a-nonce", NOW - 30)
RSA = RSAKey.generate_key(2048, auto_kid=True)
EC = ECKey.generate_key("P-256", auto_kid=True)
ED = OKPKey.generate_key("Ed25519", auto_kid=True)
OTHER = RSAKey.generate_key(2048, auto_kid=True)
KEYS = keys_in(KeySet([RSA, EC, ED]).as_dict(private=False))

Claims = dict[str, object]

RIGHT: Claims = {
    "iss": ISSUER,
    "sub": "f81d4fae",
    "aud": "dialguard",
    "exp": int(NOW) + 300,
    "iat": int(NOW) - 5,
    "nonce": "a-nonce",
}


def token(changed: Claims | None = None, key: Key = RSA, alg: str = "RS256") -> str:
    """Return a signed token; None takes a claim out."""
    claims = {name: each for name, each in (RIGHT | (changed or {})).items() if each is not None}
    return jwt.encode({"alg": alg, "kid": key.kid}, claims, key, algorithms=[alg])


def part(value: object) -> str:
    """Return a part of a token that is made by hand."""
    text = json.dumps(value).encode()
    return base64.urlsafe_b64encode(text).decode().rstrip("=")


@pytest.mark.parametrize(
    ("key", "alg"), [(RSA, "RS256"), (RSA, "PS512"), (EC, "ES256"), (ED, "Ed25519")]
)
def test_a_right_one_is_believed(key: Key, alg: str) -> None:
    """By whichever of its keys."""
    assert verify(token(None, key, alg), KEYS, EXPECTED, NOW)["sub"] == "f81d4fae"


@pytest.mark.parametrize(
    "changed",
    [
        {"aud": ["dialguard", "another"], "azp": "dialguard"},
        {"azp": "dialguard"},
        {"exp": int(NOW) - LEEWAY_S + 1},
        {"iat": int(NOW) + LEEWAY_S},
        {"at_hash": create_half_hash("access", "RS256").decode()},
        {"nbf": int(NOW)},
    ],
)
def test_so_is_one_that_says_more(changed: Claims) -> None:
    """And clocks may differ a little."""
    expected = replace(EXPECTED, access_token="access")
    assert verify(token(changed), KEYS, expected, NOW)


@pytest.mark.parametrize(
    "changed",
    [
        {"iss": "https://evil.example.org"},
        {"iss": f"{ISSUER}/"},
        {"iss": None},
        {"sub": None},
        {"sub": ""},
        {"sub": 7},
        {"aud": "another"},
        {"aud": ["another"]},
        {"aud": []},
        {"aud": None},
        {"aud": ["dialguard", "another"]},
        {"aud": ["dialguard", "another"], "azp": "another"},
        {"azp": "another"},
        {"exp": int(NOW) - LEEWAY_S},
        {"exp": None},
        {"exp": "never"},
        {"exp": float("nan")},
        {"iat": int(NOW) + LEEWAY_S + 1},
        {"iat": int(NOW) - 30 - LEEWAY_S - 1},
        {"iat": None},
        {"nbf": int(NOW) + LEEWAY_S + 1},
        {"nonce": "another"},
        {"nonce": None},
        {"nonce": ""},
        {"at_hash": "another"},
    ],
    ids=str,
)
def test_a_wrong_one_is_not(changed: Claims) -> None:
    """Whatever of it is wrong; and what is in it is not told."""
    expected = replace(EXPECTED, access_token="access")
    with pytest.raises(ProviderError, match="not to be believed") as refused:
        verify(token(changed), KEYS, expected, NOW)
    assert "evil" not in str(refused.value)


def test_none_is_no_signature() -> None:
    """With or without something in its place."""
    for alg in ("none", "None", "NONE"):
        for end in ("", "x"):
            forged = f"{part({'alg': alg})}.{part(RIGHT)}.{end}"
            with pytest.raises(ProviderError, match="not to be believed"):
                verify(forged, KEYS, EXPECTED, NOW)


@pytest.mark.parametrize("named", [True, False])
def test_the_public_key_is_no_shared_secret(named: bool) -> None:
    """HS256 with what everybody has, in each form that somebody may have taken for the secret."""
    public = RSA.as_pem(private=False)
    for secret in (public, public.strip(), json.dumps(RSA.as_dict(private=False)).encode()):
        header = {"alg": "HS256"} | ({"kid": RSA.kid} if named else {})
        forged = f"{part(header)}.{part(RIGHT)}"
        mac = hmac.digest(secret, forged.encode(), "sha256")
        forged += f".{base64.urlsafe_b64encode(mac).decode().rstrip('=')}"
        with pytest.raises(ProviderError, match="not to be believed"):
            verify(forged, KEYS, EXPECTED, NOW)


def test_nor_is_a_secret_that_it_publishes() -> None:
    """A provider that lists one by mistake has let all sign by it."""
    oct_key = OctKey.generate_key(256, auto_kid=True)
    keys = KeySet([oct_key])
    forged = jwt.encode({"alg": "HS256", "kid": oct_key.kid}, dict(RIGHT), oct_key)
    with pytest.raises(ProviderError, match="not to be believed"):
        verify(forged, keys, EXPECTED, NOW)


def test_another_key_is_not_believed() -> None:
    """Under its own name, or under one of theirs, or with itself in the header."""
    named = {"alg": "RS256", "kid": RSA.kid}
    brought = {"alg": "RS256", "jwk": OTHER.as_dict(private=False), "kid": OTHER.kid}
    for header in ({"alg": "RS256", "kid": OTHER.kid}, named, brought, {"alg": "RS256"}):
        forged = jwt.encode(header, dict(RIGHT), OTHER, algorithms=["RS256"])
        with pytest.raises(ProviderError, match="not to be believed"):
            verify(forged, KEYS, EXPECTED, NOW)


def test_what_was_changed_is_not_believed() -> None:
    """A letter will do."""
    head, _, signature = token().split(".")
    forged = ".".join((head, part(RIGHT | {"sub": "another"}), signature))
    with pytest.raises(ProviderError, match="not to be believed"):
        verify(forged, KEYS, EXPECTED, NOW)


@pytest.mark.parametrize("text", ["", "a", "a.b.c", "é.é.é", "a.b.c.d.e", "." * 9, "[" * 5000])
def test_what_is_no_token_is_not_believed(text: str) -> None:
    """Nor does it do anything else."""
    with pytest.raises(ProviderError, match="not to be believed"):
        verify(text, KEYS, EXPECTED, NOW)


def test_claims_that_are_no_object_are_not_believed() -> None:
    """Though the signature is right."""
    signed = jws.serialize_compact(
        {"alg": "RS256", "kid": RSA.kid}, b"[1]", RSA, algorithms=["RS256"]
    )
    with pytest.raises(ProviderError, match="not to be believed"):
        verify(signed, KEYS, EXPECTED, NOW)


def test_a_second_factor_can_be_demanded() -> None:
    """What the provider says of how somebody showed who they are (`acr`, `amr`)."""
    acr = replace(EXPECTED, acr=("gold", "silver"))
    amr = replace(EXPECTED, amr=("otp", "hwk"))
    assert verify(token({"acr": "silver"}), KEYS, acr, NOW)
    assert verify(token({"amr": ["pwd", "otp"]}), KEYS, amr, NOW)
    contexts: list[Claims] = [{}, {"acr": "0"}, {"acr": ["gold"]}]
    for said in contexts:
        with pytest.raises(WeakSignInError, match=re.escape("must be one of `gold`, `silver`")):
            verify(token(said), KEYS, acr, NOW)
    several: list[Claims] = [{}, {"amr": ["pwd"]}, {"amr": []}, {"amr": [["otp"]]}]
    for ways in several:
        with pytest.raises(WeakSignInError, match=re.escape("must name one of `otp`, `hwk`")):
            verify(token(ways), KEYS, amr, NOW)


@pytest.mark.parametrize(
    "document",
    [
        {},
        {"keys": []},
        {"keys": "none"},
        {"keys": [7]},
        {"keys": [{"kty": "of the future"}]},
        {"keys": [{"kty": "RSA", "n": "x"}]},
    ],
)
def test_what_has_no_keys_is_told(document: dict[str, object]) -> None:
    """In plain words."""
    with pytest.raises(ProviderError, match=r"keys cannot be read|publishes no key"):
        keys_in(document)


@pytest.mark.filterwarnings("ignore:Key size")
def test_a_weak_key_is_none() -> None:
    """Of 1024 bits: what it signs somebody else may have."""
    weak = RSAKey.generate_key(1024, auto_kid=True)
    with pytest.raises(ProviderError, match="publishes no key"):
        keys_in(KeySet([weak]).as_dict(private=False))
    assert len(keys_in(KeySet([weak, EC]).as_dict(private=False)).keys) == 1
