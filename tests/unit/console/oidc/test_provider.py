"""What is asked of a provider, and what of its answers is taken."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from joserfc.jwk import ECKey

from fastagi.console.oidc.attempt import Attempt
from fastagi.console.oidc.provider import AWAY_S, FRESH_S
from fastagi.errors import ProviderAway, ProviderError
from tests.doubles.identity_provider import CLIENT, ISSUER, REDIRECT, LyingProvider

if TYPE_CHECKING:
    from fastagi.console.oidc.client import Client

DESCRIPTION = "/.well-known/openid-configuration"


class Now:
    """A clock."""

    at = 1_800_000_000.0

    def __call__(self) -> float:
        """Return the moment."""
        return self.at


@pytest.fixture
def now() -> Now:
    """A clock that stands."""
    return Now()


@pytest.fixture
def there(now: Now) -> LyingProvider:
    """A provider that tells the truth, until it is told to lie."""
    return LyingProvider(now)


async def signed_in(
    there: LyingProvider, client: Client = CLIENT, **claims: object
) -> dict[str, object]:
    """Go all the way; returns what the provider says of somebody."""
    provider, attempt = there.provider(client), Attempt(there.now())
    code = there.authorize(await provider.address(attempt), **claims)
    return dict(await provider.redeem(code, attempt))


async def test_a_browser_is_sent_with_all_that_binds_the_answer(there: LyingProvider) -> None:
    """State, nonce, and the challenge of a verifier that stays here."""
    attempt = Attempt(there.now())
    url = await there.provider(replace(CLIENT, acr=("gold", "silver"))).address(attempt)
    assert url.startswith(f"{ISSUER}/auth?")
    said = {name: value for name, (value,) in parse_qs(urlsplit(url).query).items()}
    challenge = said.pop("code_challenge")
    assert said == {
        "response_type": "code",
        "client_id": "dialguard",
        "redirect_uri": REDIRECT,
        "scope": "openid profile",
        "state": attempt.state,
        "nonce": attempt.nonce,
        "code_challenge_method": "S256",
        "acr_values": "gold silver",
    }
    assert len(challenge) == 43
    assert attempt.verifier not in url
    assert "a-client-secret" not in url


async def test_a_code_becomes_what_it_says_of_somebody(there: LyingProvider) -> None:
    """For whoever has secret and verifier; the secret goes in a header."""
    claims = await signed_in(there)
    assert (claims["sub"], claims["preferred_username"]) == ("f81d4fae", "olga")
    (asked,) = (each for each in there.asked if each.url.path.endswith("/token"))
    assert asked.headers["authorization"].startswith("Basic ")
    assert b"a-client-secret" not in asked.content
    assert there.counts("/userinfo") == 0


@pytest.mark.parametrize(
    ("secret", "wanted", "methods", "header", "body"),
    [
        ("plain", "", None, True, False),
        ("plain", "", ["client_secret_post"], False, True),
        ("plain", "", ["client_secret_post", "client_secret_basic"], True, False),
        ("plain", "client_secret_post", ["client_secret_basic"], False, True),
        ("plain", "client_secret_basic", ["client_secret_post"], True, False),
        ("plain", "", ["private_key_jwt"], True, False),
        ("", "client_secret_post", None, False, False),
    ],
)
async def test_the_client_shows_who_it_is_as_the_provider_wants(
    there: LyingProvider,
    secret: str,
    wanted: str,
    methods: list[str] | None,
    header: bool,
    body: bool,
) -> None:
    """Or as the settings have it; in a header where either will do; a public client not at all."""
    there.description["token_endpoint_auth_methods_supported"] = methods
    await signed_in(there, replace(CLIENT, secret=secret, auth_method=wanted))
    (asked,) = (each for each in there.asked if each.url.path.endswith("/token"))
    assert ("authorization" in asked.headers) is header
    assert (b"client_secret=" in asked.content) is body


async def test_a_new_key_counts_at_once(there: LyingProvider) -> None:
    """And the old one no more: keys are not remembered."""
    provider, old = there.provider(), there.key
    for key in (old, ECKey.generate_key("P-256", auto_kid=True)):
        there.key = key
        attempt = Attempt(there.now())
        code = there.authorize(await provider.address(attempt))
        assert (await provider.redeem(code, attempt))["sub"] == "f81d4fae"
    there.sign = replace(there, key=old).signed
    attempt = Attempt(there.now())
    code = there.authorize(await provider.address(attempt))
    with pytest.raises(ProviderError, match="not to be believed"):
        await provider.redeem(code, attempt)


async def test_its_description_is_remembered_for_a_while(there: LyingProvider, now: Now) -> None:
    """Whoever asks for the door again and again has the provider asked once."""
    provider = there.provider()
    for _ in range(5):
        await provider.description()
    assert there.counts(DESCRIPTION) == 1
    now.at += FRESH_S
    await provider.description()
    now.at -= 86_400  # a clock that is set back
    await provider.description()
    assert there.counts(DESCRIPTION) == 3


async def test_who_is_away_is_not_asked_all_the_time(there: LyingProvider, now: Now) -> None:
    """And is found again soon after it is back."""
    provider = there.provider()
    there.away = True
    for _ in range(5):
        with pytest.raises(ProviderAway, match="nobody is there"):
            await provider.description()
    assert len(there.asked) == 1
    there.away = False
    now.at += AWAY_S
    assert (await provider.description()).token == f"{ISSUER}/token"


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"issuer": "https://id.example.org/realms/other"}, "calls itself '.*other', and the set"),
        ({"issuer": f"{ISSUER}/"}, "letter by letter"),
        ({"issuer": None}, "calls itself None"),
        ({"token_endpoint": None}, "says no `token_endpoint`"),
        ({"jwks_uri": 7}, "says no `jwks_uri`"),
        ({"authorization_endpoint": "http://id.example.org/auth"}, "cannot be used"),
        ({"authorization_endpoint": "javascript:alert(1)"}, "cannot be used"),
        ({"authorization_endpoint": "https://a:b@id.example.org/"}, "cannot be used"),
        ({"authorization_endpoint": f"{ISSUER}/auth#x"}, "cannot be used"),
        ({"authorization_endpoint": f"{ISSUER}/auth\r\nX: y"}, "cannot be used"),
        ({"userinfo_endpoint": "http://127.0.0.1/"}, "cannot be used"),
        ({"token_endpoint": "https://[x"}, "cannot be used"),
        ({"response_types_supported": ["id_token"]}, "no authorization code flow"),
    ],
)
async def test_what_cannot_be_right_of_it_is_told(
    there: LyingProvider, changed: dict[str, object], said: str
) -> None:
    """What it calls itself is what the settings must say."""
    there.description |= changed
    with pytest.raises(ProviderError, match=said):
        await there.provider().description()


async def test_a_provider_of_this_machine_may_speak_in_the_clear() -> None:
    """But only if all of it is there."""
    issuer = "http://127.0.0.1:8080"
    client = replace(CLIENT, issuer=issuer)
    doors = ("authorization_endpoint", "token_endpoint", "jwks_uri", "userinfo_endpoint")
    there = LyingProvider(Now())
    for host, fits in (("http://127.0.0.1:9090", True), ("http://id.example.org", False)):
        described = {"issuer": issuer, "response_types_supported": ["code"]}
        described |= {each: f"{host}/{each}" for each in doors}
        there.answers[DESCRIPTION] = httpx.Response(200, json=described)
        provider = there.provider(client)
        if fits:
            assert (await provider.description()).token == f"{host}/token_endpoint"
        else:
            with pytest.raises(ProviderError, match="cannot be used"):
                await provider.description()


async def test_an_answer_says_whose_it_is(there: LyingProvider) -> None:
    """Where the provider promises that, and wherever it does (RFC 9207): no mixing up."""
    provider = there.provider()
    await provider.check_issuer(ISSUER)
    for issuer in (None, "", "https://evil.example.org", f"{ISSUER}/"):
        with pytest.raises(ProviderError, match=r"whose it is|another issuer"):
            await provider.check_issuer(issuer)
    there.description["authorization_response_iss_parameter_supported"] = None
    silent = there.provider()
    await silent.check_issuer(None)
    await silent.check_issuer(ISSUER)
    with pytest.raises(ProviderError, match="another issuer"):
        await silent.check_issuer("https://evil.example.org")


async def test_a_code_of_another_sign_in_is_good_for_nothing(there: LyingProvider) -> None:
    """Somebody who plants a code has not the verifier of it, and it is gone then."""
    provider = there.provider()
    thief, victim = Attempt(there.now()), Attempt(there.now())
    code = there.authorize(await provider.address(thief))
    with pytest.raises(ProviderError, match="does not take the code: 400, 'invalid_grant'"):
        await provider.redeem(code, victim)
    with pytest.raises(ProviderError, match="does not take the code"):
        await provider.redeem(code, thief)


async def test_a_token_of_another_sign_in_is_not_believed(there: LyingProvider) -> None:
    """Its nonce is another."""
    there.spoil = lambda claims: claims | {"nonce": "another"}
    with pytest.raises(ProviderError, match="nonce"):
        await signed_in(there)


@pytest.mark.parametrize(
    ("answer", "kind", "said"),
    [
        (httpx.Response(503), ProviderAway, "answers 503"),
        (httpx.Response(429), ProviderAway, "answers 429"),
        (httpx.Response(401, json={"error": "invalid_client"}), ProviderError, "invalid_client"),
        (httpx.Response(200, json={"error": "odd"}), ProviderError, "'odd'"),
        (httpx.Response(302), ProviderError, "302"),
        (httpx.Response(200, json={}), ProviderError, "no ID token"),
        (httpx.Response(200, json={"id_token": 7}), ProviderError, "no ID token"),
        (httpx.Response(200, json={"id_token": "x"}), ProviderError, "no ID token"),
        (httpx.Response(200, text="<p>"), ProviderError, "no ID token"),
    ],
)
async def test_what_it_answers_to_a_code_is_told(
    there: LyingProvider, answer: httpx.Response, kind: type[ProviderError], said: str
) -> None:
    """Who is away is told apart from who says no; its keys are not asked for."""
    there.answers["/token"] = answer
    with pytest.raises(ProviderError, match=said) as caught:
        await signed_in(there)
    assert type(caught.value) is kind
    assert there.counts("/keys") == 0


async def test_what_the_token_lacks_is_asked_for(there: LyingProvider) -> None:
    """Some say groups elsewhere only; what is signed counts where both say it."""
    there.spoil = lambda claims: {k: v for k, v in claims.items() if k != "groups"}
    there.userinfo = {"sub": "f81d4fae", "groups": ["more"], "preferred_username": "another"}
    claims = await signed_in(there)
    assert (claims["groups"], claims["preferred_username"]) == (["more"], "olga")
    (asked,) = (each for each in there.asked if each.url.path.endswith("/userinfo"))
    assert asked.headers["authorization"] == "Bearer an-access-token"


@pytest.mark.parametrize("sub", ["another", None])
async def test_what_it_says_of_somebody_else_is_not_taken(
    there: LyingProvider, sub: object
) -> None:
    """An access token that was put in the place of another (OpenID Connect Core, 5.3.2)."""
    there.spoil = lambda claims: {k: v for k, v in claims.items() if k != "groups"}
    there.userinfo = {"sub": sub, "groups": ["gate-admins"]}
    with pytest.raises(ProviderError, match="somebody else"):
        await signed_in(there)


async def test_a_provider_without_more_to_say_is_not_asked(there: LyingProvider) -> None:
    """It is without the claim, then."""
    there.spoil = lambda claims: {k: v for k, v in claims.items() if k != "groups"}
    there.description["userinfo_endpoint"] = None
    assert "groups" not in await signed_in(there)
    asked = Counter(each.url.path.rpartition("/")[2] for each in there.asked)
    assert asked == {"openid-configuration": 1, "token": 1, "keys": 1}


async def test_it_is_closed(there: LyingProvider) -> None:
    """Its connections are let go of."""
    provider = there.provider()
    await provider.close()
    with pytest.raises(RuntimeError):
        await provider.description()
