"""The provider: where its doors are, and what it says of somebody who comes back with a code.

Where its doors are is remembered for a while; its keys are fetched with each sign-in, as there are
few: a key that it changes or withdraws counts at once. It is asked for them only after it took a
code for good, so that strangers cannot have it asked.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from authlib.oauth2.auth import ClientAuth
from authlib.oauth2.client import OAuth2Client
from authlib.oauth2.rfc6749.parameters import prepare_token_request
from authlib.oidc.discovery import get_well_known_url

from fastagi.console.oidc.claims import find
from fastagi.console.oidc.id_token import Expected, keys_in, verify
from fastagi.errors import ProviderAway, ProviderError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from joserfc.jwk import KeySet

    from fastagi.console.oidc.asking import Asking
    from fastagi.console.oidc.attempt import Attempt
    from fastagi.console.oidc.client import Client

FRESH_S: Final = 600.0
"""How long its description is taken for what it is."""

AWAY_S: Final = 5.0
"""How long a provider that did not answer is not asked again."""

BASIC: Final = "client_secret_basic"
POST: Final = "client_secret_post"

FORM: Final = "application/x-www-form-urlencoded"

OK: Final = 200
SERVER_ERROR: Final = 500
TOO_MANY: Final = 429


@dataclass(frozen=True, slots=True)
class Description:
    """What counts of its metadata (OpenID Connect Discovery, 3).

    Attributes:
        authorization: Where browsers are sent.
        token: Where a code is turned into an ID token.
        keys: Where its keys are.
        userinfo: Where it says more of somebody; empty where it does not.
        methods: How clients may show who they are.
        names_itself: Whether every answer says whose it is (RFC 9207).
    """

    authorization: str
    token: str
    keys: str
    userinfo: str
    methods: tuple[str, ...]
    names_itself: bool


class Provider:
    """One provider, as one client of it sees it; to be closed."""

    def __init__(self, client: Client, asking: Asking, now: Callable[[], float]) -> None:
        self.client = client
        self._asking = asking
        self._now = now
        self._known: Description | None = None
        self._trouble: ProviderError | None = None
        self._until = 0.0
        self._one_asks = asyncio.Lock()

    async def close(self) -> None:
        """Let go of its connections."""
        await self._asking.close()

    async def description(self) -> Description:
        """Return where its doors are.

        Raises:
            ProviderAway: It does not answer.
            ProviderError: It is not the issuer that the settings name, or cannot do what we need.
        """
        async with self._one_asks:
            # A clock that was set back must not have a description be fresh for years.
            if not 0 < self._until - self._now() <= FRESH_S:
                await self._describe()
            if self._known is None:
                assert self._trouble is not None  # noqa: S101 - one of both there is
                raise self._trouble
            return self._known

    async def _describe(self) -> None:
        try:
            self._known = _read(
                await self._asking.get(get_well_known_url(self.client.issuer, external=True)),
                self.client.issuer,
            )
            self._until = self._now() + FRESH_S
        except ProviderError as error:
            self._known, self._trouble = None, error
            self._until = self._now() + AWAY_S

    async def address(self, attempt: Attempt) -> str:
        """Return where to send a browser for a sign-in.

        Raises:
            ProviderError: As `description`.
        """
        description, client = await self.description(), self.client
        more = {"acr_values": " ".join(client.acr)} if client.acr else {}
        url, _ = OAuth2Client(
            None,
            client.client_id,
            scope=" ".join(client.scopes),
            redirect_uri=client.redirect_uri,
            code_challenge_method="S256",
        ).create_authorization_url(
            description.authorization,
            attempt.state,
            attempt.verifier,
            nonce=attempt.nonce,
            **more,
        )
        return str(url)

    async def check_issuer(self, issuer: str | None) -> None:
        """Refuse an answer that says to be another provider's, or not whose (RFC 9207, 2.4).

        Raises:
            ProviderError: It is refused; or as `description`.
        """
        names_itself = (await self.description()).names_itself
        if issuer is None and names_itself:
            raise ProviderError("its answer does not say whose it is (`iss`)")
        if issuer is not None and issuer != self.client.issuer:
            raise ProviderError(f"its answer says to be of `{issuer:.200}`, another issuer")

    async def keys(self) -> KeySet:
        """Return the keys that it signs with at this moment.

        Raises:
            ProviderAway: It does not answer.
            ProviderError: There is none that can be used; or as `description`.
        """
        return keys_in(await self._asking.get((await self.description()).keys))

    async def redeem(self, code: str, attempt: Attempt) -> Mapping[str, object]:
        """Turn a code into what the provider says of somebody, and believe it.

        Raises:
            ProviderAway: It does not answer.
            ProviderError: It takes the code for no good, or what it says is not to be believed.
        """
        description, client = await self.description(), self.client
        tokens = await self._tokens(code, attempt, description)
        id_token, access_token = tokens.get("id_token"), tokens.get("access_token")
        if not isinstance(id_token, str) or not isinstance(access_token, str):
            raise ProviderError("it gives no ID token for a code")
        keys = await self.keys()
        expected = Expected(
            client.issuer,
            client.client_id,
            attempt.nonce,
            attempt.begun,
            access_token,
            client.acr,
            client.amr,
        )
        claims = verify(id_token, keys, expected, self._now())
        if description.userinfo and any(find(claims, each) is None for each in client.claims):
            claims = await self._with_more(claims, access_token, description)
        return claims

    async def _tokens(
        self, code: str, attempt: Attempt, description: Description
    ) -> dict[str, object]:
        client = self.client
        body = prepare_token_request(
            "authorization_code",
            code=code,
            redirect_uri=client.redirect_uri,
            code_verifier=attempt.verifier,
        )
        _, headers, body = ClientAuth(
            client.client_id, client.secret, _method(client, description)
        ).prepare("POST", description.token, {"Content-Type": FORM}, body)
        status, answer = await self._asking.post(description.token, headers, body)
        if status >= SERVER_ERROR or status == TOO_MANY:
            raise ProviderAway(f"`{description.token}` answers {status}")
        if status != OK or "error" in answer:
            raise ProviderError(
                f"it does not take the code: {status}, {answer.get('error')!r:.80}, "
                f"{answer.get('error_description')!r:.200}"
            )
        return answer

    async def _with_more(
        self, claims: Mapping[str, object], access_token: str, description: Description
    ) -> Mapping[str, object]:
        """Add what it says elsewhere; what the ID token says is signed, and counts."""
        more = await self._asking.get(
            description.userinfo, {"Authorization": f"Bearer {access_token}"}
        )
        if more.get("sub") != claims["sub"]:  # OpenID Connect Core, 5.3.2
            raise ProviderError("what it says at `userinfo_endpoint` is of somebody else")
        return {**more, **claims}


def _method(client: Client, description: Description) -> str:
    """Return how to show who we are: as the settings have it, or in a header if that will do."""
    if not client.secret:
        return "none"
    if client.auth_method:
        return client.auth_method
    return next((each for each in (BASIC, POST) if each in description.methods), BASIC)


def _read(document: Mapping[str, Any], issuer: str) -> Description:
    """Take in its metadata.

    Raises:
        ProviderError: It is another issuer's, or lacks what we need.
    """
    if document.get("issuer") != issuer:
        raise ProviderError(
            f"the provider calls itself {document.get('issuer')!r:.200}, and the settings "
            f"`{issuer}`; write in `[console.oidc]` what it calls itself, letter by letter"
        )
    if "code" not in _several(document, "response_types_supported", ("code",)):
        raise ProviderError("the provider has no authorization code flow")
    return Description(
        _url(document, "authorization_endpoint", issuer),
        _url(document, "token_endpoint", issuer),
        _url(document, "jwks_uri", issuer),
        _url(document, "userinfo_endpoint", issuer) if "userinfo_endpoint" in document else "",
        _several(document, "token_endpoint_auth_methods_supported", (BASIC,)),
        document.get("authorization_response_iss_parameter_supported") is True,
    )


def _several(document: Mapping[str, Any], name: str, default: tuple[str, ...]) -> tuple[str, ...]:
    given = document.get(name)
    if not isinstance(given, list):
        return default
    return tuple(each for each in given if isinstance(each, str))


def _url(document: Mapping[str, Any], name: str, issuer: str) -> str:
    """Return one of its doors: encrypted, unless all of the provider is on this machine."""
    url = document.get(name)
    if not isinstance(url, str):
        raise ProviderError(f"the provider says no `{name}`")
    try:
        parts, own = urlsplit(url), urlsplit(issuer)
        usable = bool(parts.hostname) and not parts.fragment and "@" not in parts.netloc
        usable = usable and (
            parts.scheme == "https" or (own.scheme, own.hostname) == (parts.scheme, parts.hostname)
        )
    except ValueError:
        usable = False
    if not usable or not url.isascii() or not url.isprintable():
        raise ProviderError(f"the provider's `{name}` cannot be used: {url!r:.200}")
    return url
