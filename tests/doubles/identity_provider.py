"""An OpenID provider that does what no real one can be made to: it lies, and it is wrong.

It has a key of its own, and answers by httpx's own means, without a socket. What is right of it is
held against a real one in `tests/browser`.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, cast
from urllib.parse import parse_qs, parse_qsl, urlsplit

import httpx
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from joserfc import jwt
from joserfc.jwk import ECKey, RSAKey

from fastagi.console.oidc.asking import Asking
from fastagi.console.oidc.client import Client
from fastagi.console.oidc.provider import Provider

if TYPE_CHECKING:
    from joserfc.jwk import Key

ISSUER: Final = "https://id.example.org/realms/office"
REDIRECT: Final = "https://phones.example.org/console/oidc/callback"
CLIENT: Final = Client(
    ISSUER,
    "dialguard",
    REDIRECT,
    "a-client-secret",
    claims=("preferred_username", "groups"),
)

KEY: Final = RSAKey.generate_key(2048, auto_kid=True)

Claims = dict[str, object]


def wire(answer: Callable[[httpx.Request], httpx.Response]) -> httpx.MockTransport:
    """Return a wire to somebody who answers like this, whose answers come as bytes."""

    def answered(request: httpx.Request) -> httpx.Response:
        made = answer(request)
        if made.is_closed:  # its content was given whole
            return httpx.Response(
                made.status_code, headers=made.headers, stream=httpx.ByteStream(made.content)
            )
        return made

    return httpx.MockTransport(answered)


@dataclass
class Asked:
    """What a browser brought: the code is for this."""

    nonce: str
    challenge: str
    claims: Claims


@dataclass
class LyingProvider:
    """One of them.

    Attributes:
        key: What it signs with.
        spoil: Changes the claims of an ID token.
        sign: Makes an ID token of claims; its own key's by default.
        description: Parts of its metadata that are others; None takes one out.
        answers: Paths that answer something else.
        userinfo: What it says there.
        asked: Every request.
        away: Whether nobody is there.
    """

    now: Callable[[], float]
    key: Key = field(default_factory=lambda: KEY)
    spoil: Callable[[Claims], Claims] = lambda claims: claims
    sign: Callable[[Claims], str] | None = None
    description: dict[str, object] = field(default_factory=dict)
    answers: dict[str, httpx.Response] = field(default_factory=dict)
    userinfo: Claims = field(default_factory=dict)
    asked: list[httpx.Request] = field(default_factory=list)
    codes: dict[str, Asked] = field(default_factory=dict)
    away: bool = False

    def provider(self, client: Client = CLIENT) -> Provider:
        """Return what asks it."""
        return Provider(client, Asking(wire(self._answer)), self.now)

    def authorize(self, url: str, **claims: object) -> str:
        """Let somebody in who was sent here; returns their code."""
        said = {name: value[0] for name, value in parse_qs(urlsplit(url).query).items()}
        assert said["response_type"] == "code"
        assert said["code_challenge_method"] == "S256"
        assert said["redirect_uri"] == REDIRECT
        code = f"code-{len(self.codes)}"
        self.codes[code] = Asked(said["nonce"], said["code_challenge"], dict(claims))
        return code

    def back(self, url: str, **claims: object) -> str:
        """Let somebody in who was sent here; returns where their browser is sent back to."""
        said = dict(parse_qsl(urlsplit(url).query))
        query = {"code": self.authorize(url, **claims), "state": said["state"], "iss": ISSUER}
        return f"{REDIRECT}?{httpx.QueryParams(query)}"

    def _answer(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request)
        if self.away:
            raise httpx.ConnectError("nobody is there")
        path = request.url.path.removeprefix("/realms/office")
        if path in self.answers:
            return self.answers[path]
        match path:
            case "/.well-known/openid-configuration":
                return httpx.Response(200, json=self._described())
            case "/token":
                return self._redeem(request)
            case "/keys":
                return httpx.Response(200, json={"keys": [self.key.as_dict(private=False)]})
            case "/userinfo":
                return httpx.Response(200, json=self.userinfo)
            case _:
                return httpx.Response(404)

    def _described(self) -> Claims:
        described: Claims = {
            "issuer": ISSUER,
            "authorization_endpoint": f"{ISSUER}/auth",
            "token_endpoint": f"{ISSUER}/token",
            "jwks_uri": f"{ISSUER}/keys",
            "userinfo_endpoint": f"{ISSUER}/userinfo",
            "response_types_supported": ["code"],
            "authorization_response_iss_parameter_supported": True,
        } | self.description
        return {name: value for name, value in described.items() if value is not None}

    def _redeem(self, request: httpx.Request) -> httpx.Response:
        """Take a code, once, of whoever has its verifier (RFC 7636, 4.6)."""
        form = dict(parse_qsl(request.content.decode()))
        asked = self.codes.pop(form.get("code", ""), None)
        verifier = form.get("code_verifier", "")
        if asked is None or create_s256_code_challenge(verifier) != asked.challenge:
            return httpx.Response(400, json={"error": "invalid_grant"})
        now = int(self.now())
        claims = self.spoil(
            {
                "iss": ISSUER,
                "sub": "f81d4fae",
                "aud": "dialguard",
                "exp": now + 300,
                "iat": now,
                "nonce": asked.nonce,
                "preferred_username": "olga",
                "groups": ["gate-operators"],
            }
            | asked.claims
        )
        token = self.sign(claims) if self.sign is not None else self.signed(claims)
        return httpx.Response(
            200,
            json={"id_token": token, "access_token": "an-access-token", "token_type": "Bearer"},
        )

    def signed(self, claims: Claims) -> str:
        """Return an ID token that its own key signed."""
        algorithm = "ES256" if isinstance(self.key, ECKey) else "RS256"
        return jwt.encode(
            {"alg": algorithm, "kid": self.key.kid}, claims, self.key, algorithms=[algorithm]
        )

    @property
    def public_pem(self) -> bytes:
        """Its public key, which everybody has."""
        return cast("RSAKey", self.key).as_pem(private=False)

    def counts(self, path: str) -> int:
        """Say how often it was asked something."""
        return sum(json.dumps(str(each.url)).endswith(f'{path}"') for each in self.asked)
