"""`settings.model`: the keys, what each may be, and what is not shown."""

from __future__ import annotations

from ipaddress import ip_address, ip_network
from pathlib import Path

import pytest
from pydantic import BaseModel, ValidationError

from fastagi.settings.model import (
    LOOPBACK,
    STORES,
    AgiSettings,
    AmiSettings,
    BansSettings,
    ConsoleSettings,
    KeysSettings,
    Listen,
    LookupSettings,
    OidcSettings,
    PolicySettings,
    Settings,
    StoreSettings,
    WebhookSettings,
)


def _agi(**values: object) -> AgiSettings:
    return AgiSettings.model_validate(values)


@pytest.mark.parametrize(
    ("text", "host", "port"),
    [
        ("127.0.0.1:4573", "127.0.0.1", 4573),
        ("[::1]:4573", "::1", 4573),
        ("127.0.0.2:0", "127.0.0.2", 0),
    ],
)
def test_an_address_is_an_ip_address_and_a_port(text: str, host: str, port: int) -> None:
    """And shows as it was written."""
    listen = _agi(listen=text).listen

    assert listen == Listen(ip_address(host), port)
    assert str(listen) == text


@pytest.mark.parametrize(
    "text",
    ["", "localhost:4573", "127.0.0.1", "::1:4573", "127.0.0.1:65536", "1.2.3:4", "[::1]", 4573],
)
def test_anything_else_is_no_address(text: object) -> None:
    """The message shows what to write."""
    with pytest.raises(ValidationError, match=r"write `127\.0\.0\.1:4573`"):
        _agi(listen=text)


def test_peers_are_addresses_and_networks() -> None:
    """One address is a network of one; host bits are no reason to refuse."""
    agi = _agi(allow=["192.0.2.7", "10.1.2.3/8", "::1"])

    assert agi.allow == tuple(map(ip_network, ("192.0.2.7", "10.0.0.0/8", "::1")))
    assert _agi().allow == LOOPBACK
    with pytest.raises(ValidationError, match="`pbx` is no IP address or network"):
        _agi(allow=["pbx"])


def test_whoever_listens_to_others_needs_a_secret() -> None:
    """The protocol has no login: on loopback that will do, elsewhere it will not."""
    with pytest.raises(ValidationError, match="name a `secret_file`"):
        _agi(listen="0.0.0.0:4573")
    agi = _agi(listen="0.0.0.0:4573", secret_file="/etc/dialguard/agi-secret")
    assert agi.secret_file == Path("/etc/dialguard/agi-secret")


@pytest.mark.parametrize("key", ["sessions", "peer_sessions", "peer_per_s"])
def test_a_door_without_a_bound_or_shut_for_good_is_refused(key: str) -> None:
    """None, and a million, are slips of the finger."""
    assert getattr(_agi(**{key: 7}), key) == 7
    for wrong in (0, -1, 1_000_001, "many", None):
        with pytest.raises(ValidationError, match=key):
            _agi(**{key: wrong})


def test_an_empty_optional_file_is_none() -> None:
    """As the sample writes it."""
    assert _agi(secret_file="").secret_file is None


def test_an_empty_file_that_is_needed_is_refused() -> None:
    """The current folder is not meant."""
    with pytest.raises(ValidationError, match="name a file"):
        KeysSettings.model_validate({"file": ""})


@pytest.mark.parametrize("given", [{}, {"file": "a", "folder": "b"}, {"file": "", "folder": ""}])
def test_there_is_one_policy_or_one_folder(given: dict[str, str]) -> None:
    """Not none and not both."""
    with pytest.raises(ValidationError, match="either"):
        PolicySettings.model_validate(given)


@pytest.mark.parametrize("scheme", STORES)
def test_a_store_is_named_by_its_scheme(scheme: str) -> None:
    """Of every kind that the format knows."""
    assert StoreSettings(url=f"{scheme}://x").url == f"{scheme}://x"


def test_a_store_of_another_kind_is_refused_without_its_password() -> None:
    """The message names the scheme, and what there is."""
    with pytest.raises(ValidationError, match="`mysql` is no kind of store") as caught:
        StoreSettings(url="mysql://admin:hunter2@host/db")
    assert "hunter2" not in str(caught.value)


def test_a_password_in_the_url_is_not_shown() -> None:
    """Neither in the repr of the table nor of the whole."""
    settings = Settings(
        policy=PolicySettings(file=Path("p.toml")),
        store=StoreSettings(url="redis://:hunter2@host/0"),
    )

    assert "hunter2" not in f"{settings!r} {settings} {settings.store!r}"


def test_every_table_is_closed_and_frozen() -> None:
    """A key that is misspelt is an error, and nothing changes after the start."""
    for field in Settings.model_fields.values():
        for model in (field.annotation, *getattr(field.annotation, "__args__", ())):
            if isinstance(model, type) and issubclass(model, BaseModel):
                assert model.model_config["extra"] == "forbid"
                assert model.model_config["frozen"]


def test_settings_know_their_source() -> None:
    """Where there was a file."""
    settings = Settings(policy=PolicySettings(file=Path("p.toml")))

    assert settings.source is None
    assert settings.read_from(Path("d.toml")).source == Path("d.toml")
    assert settings.source is None


# ----------------------------------------------------------------------------- the web


@pytest.mark.parametrize(
    ("given", "url"),
    [
        ({}, "http://127.0.0.1:8573"),
        ({"listen": "[::1]:1"}, "http://[::1]:1"),
        ({"url": "http://localhost:8573/"}, "http://localhost:8573"),
        ({"url": "https://a.example", "proxies": ["127.0.0.1"]}, "https://a.example"),
        (
            {"listen": "10.0.0.2:443", "certificate": "c.pem", "private_key": "k.pem"},
            "https://10.0.0.2:443",
        ),
    ],
)
def test_the_web_is_reached_where_the_settings_say(given: dict[str, object], url: str) -> None:
    """By `url`, or else by what `listen` says."""
    assert ConsoleSettings.model_validate(given).public_url == url


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ({"url": "http://a.example"}, "could read PINs"),
        ({"listen": "10.0.0.2:80"}, "could read PINs"),
        ({"url": "https://a.example"}, "name the address of the proxy"),
        ({"certificate": "c.pem"}, "give both"),
        ({"private_key": "k.pem"}, "give both"),
        (
            {"url": "http://localhost:1", "certificate": "c", "private_key": "k"},
            "begins with `https://`",
        ),
        ({"url": "https://A.example"}, "no URL of a page"),
        ({"url": "https://a.example/phones"}, "no URL of a page"),
        ({"url": "https://a.example:99999"}, "no URL of a page"),
        ({"url": "javascript:alert(1)"}, "no URL of a page"),
        ({"hosts": {"a b": "office"}}, "no name of a host"),
        ({"languages": ["en", "xx"]}, "the pages are written in"),
        ({"languages": []}, "the pages are written in"),
    ],
)
def test_what_would_make_the_web_unsafe_or_unreachable_is_refused(
    given: dict[str, object], why: str
) -> None:
    """With what to write instead."""
    with pytest.raises(ValidationError, match=why):
        ConsoleSettings.model_validate(given)


def test_languages_may_come_from_a_variable() -> None:
    """By commas, as every list."""
    assert ConsoleSettings.model_validate({"languages": "de, en"}).languages == ("de", "en")


@pytest.mark.parametrize(
    "url",
    [
        "https://crm.example",
        "https://crm.example:8443/a/b?key=c",
        "https://[2001:db8::1]/x",
        "http://127.0.0.1:8000/x",
        "http://localhost/x",
        "http://[::1]:8000/x",
    ],
)
def test_a_webhook_is_told_where_nobody_listens_on_the_way(url: str) -> None:
    """Encrypted, or on this machine; the URL does not show, as it may hold a key."""
    hook = WebhookSettings.model_validate({"url": url, "secret_file": "s"})
    assert hook.url == url
    assert hook.events == ("sign-in", "sign-off", "denial", "lockout", "brake")
    assert url not in repr(hook)


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ({"url": "http://crm.example"}, "could read who signs in"),
        ({"url": "http://127.0.0.1.example"}, "could read who signs in"),
        ({"url": "ftp://127.0.0.1/x"}, "could read who signs in"),
        ({"url": "file:///etc/passwd"}, "no URL"),
        ({"url": ""}, "no URL"),
        ({"url": "https://"}, "no URL"),
        ({"url": "https://crm.example:0"}, "no URL"),
        ({"url": "https://crm.example:x"}, "no URL"),
        ({"url": "https://[::1/"}, "no URL"),
        ({"url": "https://crm.example/a b"}, "no URL"),
        ({"url": "https://crm.example/a\r\nX: y"}, "no URL"),
        ({"url": "https://crm.example/#x"}, "no URL"),
        ({"url": "https://me:hunter2@crm.example"}, "no place for a password"),
        ({"events": []}, "name one or more"),
        ({"events": ["sign-in", "call"]}, "name one or more"),
    ],
)
def test_a_webhook_that_cannot_be_is_refused(given: dict[str, object], why: str) -> None:
    """And its URL is not said back."""
    with pytest.raises(ValidationError, match=why) as refused:
        WebhookSettings.model_validate({"url": "https://crm.example", "secret_file": "s"} | given)
    assert "hunter2" not in str(refused.value)


@pytest.mark.parametrize("slice_s", [0, 4, 300, 86_400])
def test_a_slice_is_none_or_long_enough(slice_s: int) -> None:
    """0 reserves all of a call at once."""
    assert AmiSettings(secret_file=Path("s"), slice_s=slice_s).slice_s == slice_s


@pytest.mark.parametrize("slice_s", [-1, 1, 3, 86_401])
def test_a_slice_that_is_over_before_the_next_is_refused(slice_s: int) -> None:
    """The watcher would come too late."""
    with pytest.raises(ValidationError, match="slice"):
        AmiSettings(secret_file=Path("s"), slice_s=slice_s)


OIDC = {"issuer": "https://id.example.org/realms/office", "client_id": "dialguard"}


@pytest.mark.parametrize(
    "issuer",
    [
        "https://id.example.org",
        "https://id.example.org/",
        "https://id.example.org:8443/realms/Office",
        "http://localhost:8080/realms/office",
        "http://[::1]:8080",
    ],
)
def test_an_issuer_is_as_the_provider_says_it(issuer: str) -> None:
    """Letter by letter, slash and case included."""
    assert OidcSettings.model_validate(OIDC | {"issuer": issuer}).issuer == issuer


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"issuer": ""}, "this is no issuer"),
        ({"issuer": "id.example.org"}, "this is no issuer"),
        ({"issuer": "https://a:b@id.example.org"}, "this is no issuer"),
        ({"issuer": "https://id.example.org/a b"}, "this is no issuer"),
        ({"issuer": "https://[x"}, "this is no issuer"),
        ({"issuer": "https://id.example.org:0"}, "this is no issuer"),
        ({"issuer": "http://id.example.org"}, "begin with `https://`"),
        ({"issuer": "ftp://id.example.org"}, "begin with `https://`"),
        ({"issuer": "https://id.example.org?realm=a"}, "neither `\\?` nor `#`"),
        ({"issuer": "https://id.example.org#"}, "neither `\\?` nor `#`"),
        ({"issuer": "https://id.example.org/.well-known/openid-configuration"}, "leave `/.well"),
        ({"scopes": ["profile"]}, "`openid` must be one"),
        ({"scopes": ["openid profile"]}, "name each by itself"),
        ({"roles": {"root": ["x"]}}, "there is no role `root`; there is `viewer`"),
        ({"accounts": "always"}, "`beforehand` or `first-sign-in`"),
        ({"accounts": "first-sign-in"}, "write `\\[console.oidc.roles\\]`"),
        ({"accounts": "first-sign-in", "roles": {"admin": []}}, "write `\\[console.oidc"),
        ({"token_endpoint_auth_method": "private_key_jwt"}, "`private_key_jwt` is no way"),
    ],
    ids=str,
)
def test_what_is_wrong_of_a_provider_is_told(changed: dict[str, object], said: str) -> None:
    """In plain words, before anybody stands before the door."""
    with pytest.raises(ValidationError, match=said):
        OidcSettings.model_validate(OIDC | changed)


def test_what_is_left_out_of_a_provider_is_as_most_have_it() -> None:
    """Names by `preferred_username`, roles by `groups` where there are any."""
    made = OidcSettings.model_validate(OIDC | {"scopes": "openid, email", "amr": "otp,hwk"})
    assert (made.scopes, made.amr, made.acr) == (("openid", "email"), ("otp", "hwk"), ())
    assert (made.name_claim, made.role_claim, made.roles) == ("preferred_username", "groups", {})
    assert (made.accounts, made.secret_file) == ("beforehand", None)


@pytest.mark.parametrize(
    "given",
    [
        {"numbers": "https://reports.example/api/phone-numbers/"},
        {"addresses": "http://127.0.0.1:8082/ip-addresses/"},
        {
            "numbers": "https://reports.example/n/",
            "token_url": "https://reports.example/token",
            "client_id": "me",
            "secret_file": "s",
        },
    ],
)
def test_who_is_asked_is_asked_where_nobody_listens_on_the_way(given: dict[str, object]) -> None:
    """Encrypted, or on this machine."""
    lookups = LookupSettings.model_validate(given)
    assert lookups.before == ("", "+", "00")


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ({"numbers": ""}, "give `numbers`, `addresses`, or both"),
        ({"numbers": "http://reports.example/n/"}, "could read who is called"),
        ({"numbers": "https://reports.example/n"}, "no such URL"),
        ({"numbers": "https://reports.example/n/?key="}, "no such URL"),
        ({"numbers": "https://me:hunter2@reports.example/n/"}, "no such URL"),
        ({"token_url": "http://reports.example/token"}, "could read who is called"),
        ({"token_url": "https://reports.example/token"}, "give all of `token_url`"),
        ({"secret_file": "s"}, "give all of `token_url`"),
        ({"before": ["x"]}, "give what is dialled before a number"),
        ({"before": []}, "give what is dialled before a number"),
        ({"per_minute": 0}, "greater than or equal to 1"),
    ],
)
def test_look_ups_that_cannot_be_are_refused(given: dict[str, object], why: str) -> None:
    """And the URL is not said back."""
    with pytest.raises(ValidationError, match=why) as refused:
        LookupSettings.model_validate({"numbers": "https://reports.example/n/"} | given)
    assert "hunter2" not in str(refused.value)


def test_beginnings_come_from_a_variable_too() -> None:
    """With commas; nothing is one of them."""
    given = {"numbers": "https://reports.example/n/", "before": ",+,900"}
    assert LookupSettings.model_validate(given).before == ("", "+", "900")


def test_ports_of_bans_are_ports() -> None:
    """In order, once each; none is all."""
    assert BansSettings().ports == ()
    assert BansSettings.model_validate({"ports": [5061, 5060, 5061]}).ports == (5060, 5061)
    assert BansSettings.model_validate({"ports": "5060,5061"}).ports == (5060, 5061)
    for wrong in (0, 65536, -1):
        with pytest.raises(ValidationError, match=r"write `\[5060, 5061\]`"):
            BansSettings.model_validate({"ports": [wrong]})


def test_bans_are_carried_out_by_nftables_or_fail2ban() -> None:
    """Whatever else is written there bans nobody."""
    assert BansSettings().backend == "nftables"
    assert BansSettings(backend="fail2ban").backend == "fail2ban"
    with pytest.raises(ValidationError, match="there is `nftables`, `fail2ban`"):
        BansSettings(backend="iptables")
