"""The tables of `dialguard.toml`, their keys, what each may be, and what it is where left out.

How they are found, read and complained about is `loading`'s. All tables are in this one file, as
they are in the administrator's.
"""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network
from pathlib import Path
from typing import Annotated, Final
from urllib.parse import SplitResult, urlsplit

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainValidator,
    PrivateAttr,
    ValidationInfo,
    WithJsonSchema,
    field_validator,
    model_validator,
)
from pydantic_settings import (
    BaseSettings,
    NoDecode,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
)

PREFIX: Final = "DIALGUARD_"
DELIMITER: Final = "__"  # `DIALGUARD_AGI__LISTEN` is `listen` of `[agi]`

# ----------------------------------------------------------------------------- values


@dataclass(frozen=True, slots=True)
class Listen:
    """An address to listen at: an IP address of this machine, and a port."""

    host: IPv4Address | IPv6Address
    port: int

    def __str__(self) -> str:
        """Show it as it is written: `127.0.0.1:4573`, `[::1]:4573`."""
        host = f"[{self.host}]" if self.host.version == 6 else str(self.host)
        return f"{host}:{self.port}"


def _listen(text: object) -> Listen:
    parts = re.fullmatch(r"(?:\[([0-9a-fA-F:]+)\]|([0-9.]+)):([0-9]{1,5})", str(text))
    try:
        if parts is None or int(parts[3]) > 65535:
            raise ValueError
        return Listen(ipaddress.ip_address(parts[1] or parts[2]), int(parts[3]))
    except ValueError:
        raise ValueError(
            f"`{text}` is no IP address and port; write `127.0.0.1:4573` or `[::1]:4573`"
        ) from None


def _network(text: object) -> IPv4Network | IPv6Network:
    try:
        return ipaddress.ip_network(str(text).strip(), strict=False)
    except ValueError:
        raise ValueError(
            f"`{text}` is no IP address or network; write `192.0.2.7` or `192.0.2.0/24`"
        ) from None


def _split(value: object) -> object:
    """Take the list of a variable apart; the file's is one already."""
    return [each for each in value.split(",") if each.strip()] if isinstance(value, str) else value


def _split_all(value: object) -> object:
    """Take a list apart in which nothing is a thing: `,+,00`."""
    return [each.strip() for each in value.split(",")] if isinstance(value, str) else value


def _none_if_empty(value: object) -> object:
    return None if value == "" else value


def _not_empty(value: object) -> object:
    if value == "":
        raise ValueError("this is empty; name a file")
    return value


Network = Annotated[
    IPv4Network | IPv6Network,
    PlainValidator(_network),
    WithJsonSchema({"type": "string", "examples": ["192.0.2.7", "192.0.2.0/24"]}),
]
Networks = Annotated[tuple[Network, ...], NoDecode, BeforeValidator(_split)]
Address = Annotated[
    Listen,
    NoDecode,  # a variable of it is no JSON
    PlainValidator(_listen),
    WithJsonSchema({"type": "string", "pattern": ":[0-9]{1,5}$", "examples": ["127.0.0.1:4573"]}),
]
FilePath = Annotated[Path, BeforeValidator(_not_empty)]
OptionalPath = Annotated[Path | None, BeforeValidator(_none_if_empty)]

LOOPBACK: Final = (IPv4Network("127.0.0.1/32"), IPv6Network("::1/128"))

# ----------------------------------------------------------------------------- the tables


class Table(BaseModel):
    """A table of the file: closed, frozen, and its errors show no values."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


class PolicySettings(Table):
    """`[policy]`: one policy, or a folder with one a site.

    Attributes:
        file: The policy.
        folder: Or a folder with one policy a site.
    """

    file: OptionalPath = None
    folder: OptionalPath = None

    @model_validator(mode="after")
    def _either(self) -> PolicySettings:
        if (self.file is None) == (self.folder is None):
            raise ValueError('give either `file = "policy.toml"` or `folder = "policies"`')
        return self


def _named(sites: tuple[str, ...]) -> tuple[str, ...]:
    """Refuse what can be no site's name, so that a slip does not come to mean nobody's."""
    if wrong := next((each for each in sites if not re.fullmatch(r"[a-z0-9-]{1,64}", each)), None):
        raise ValueError(f"`{wrong}` is no site's name; write a policy's `site.name`")
    return sites


Sites = Annotated[tuple[str, ...], NoDecode, AfterValidator(_named), BeforeValidator(_split)]


class AgiSettings(Table):
    """`[agi]`: the door that Asterisk knocks at.

    Attributes:
        listen: Address and port.
        allow: Who may connect.
        secret_file: Holds what is shared with the dialplan; needed where Asterisk is elsewhere.
        workers: Processes on the same port.
        sessions: The most there may be at a time in one worker, a caller at a prompt being one.
        peer_sessions: The most of these from one address.
        peer_per_s: Connections a second that one worker takes from one address. A call makes two
            or three: its question, and its releases.
        sites: By address or network, the sites that whoever asks from there may name; who is in
            none of these may name any.
    """

    listen: Address = Listen(IPv4Address("127.0.0.1"), 4573)
    allow: Networks = LOOPBACK
    secret_file: OptionalPath = None
    workers: int = Field(default=1, ge=1, le=64)
    sessions: int = Field(default=10_000, ge=1, le=1_000_000)
    peer_sessions: int = Field(default=5_000, ge=1, le=1_000_000)
    peer_per_s: int = Field(default=500, ge=1, le=1_000_000)
    sites: dict[str, Sites] = Field(default_factory=dict)

    @field_validator("sites")
    @classmethod
    def _of_networks(cls, sites: dict[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
        for network, named in sites.items():
            _network(network)
            if not named:
                raise ValueError(f"`{network}` may name no site; take it out of `allow` instead")
        return sites

    @model_validator(mode="after")
    def _secret_unless_local(self) -> AgiSettings:
        if not self.listen.host.is_loopback and self.secret_file is None:
            raise ValueError(
                f'`listen = "{self.listen}"` can be reached from other machines: '
                "name a `secret_file`, and give the dialplan the same secret"
            )
        return self


STORES: Final = (
    *("sqlite", "redis", "rediss", "redis+sentinel", "rediss+sentinel"),
    *("redis+cluster", "rediss+cluster"),
)


class StoreSettings(Table):
    """`[store]`; the URL may hold a password, so it is not shown.

    Attributes:
        url: `sqlite:///path`, or Redis's: see docs/redis.md.
        calls_without: Calls at a time that this gate lets through while the store is away, of
            rules with `without_store = "allow"`; 0 lets none through.
    """

    url: str = Field(default="sqlite:///var/lib/dialguard/dialguard.db", repr=False)
    calls_without: int = Field(default=20, ge=0, le=100_000)

    @field_validator("url")
    @classmethod
    def _known(cls, url: str) -> str:
        scheme = urlsplit(url).scheme
        if scheme not in STORES:
            known = ", ".join(f"`{each}`" for each in STORES)
            raise ValueError(f"`{scheme}` is no kind of store; the URL begins with one of {known}")
        return url


class KeysSettings(Table):
    """`[keys]`: the vault's.

    Attributes:
        file: Where they are; made where nobody is enrolled yet.
    """

    file: FilePath = Path("/var/lib/dialguard/keys")


SLICE_LEAST_S: Final = 4


class AmiSettings(Table):
    """`[ami]`, or one `[[ami]]` each: the manager interface of an Asterisk; may be left out.

    Attributes:
        host: Where it is.
        port: Its port.
        username: Its section in manager.conf.
        secret_file: Holds its password.
        node: How its dialplan names itself (`DIALGUARD_NODE`); its address where it does not.
        sites: Those whose phones register and whose calls are there; any where none is named. Of
            others' calls nothing is believed that it tells, and nothing done there.
        slice_s: For how many seconds a call's budgets are reserved at a time; 0 for all at once.
    """

    host: str = "127.0.0.1"
    port: int = Field(default=5038, ge=1, le=65535)
    username: str = "dialguard"
    secret_file: FilePath
    node: str = ""
    sites: Sites = ()
    slice_s: int = Field(default=300, ge=0, le=86_400)

    @field_validator("slice_s")
    @classmethod
    def _long_enough(cls, slice_s: int) -> int:
        if 0 < slice_s < SLICE_LEAST_S:
            raise ValueError(
                f"the next slice is reserved before the last is over: give {SLICE_LEAST_S} or "
                "more, or 0 to reserve all that a call may use at once"
            )
        return slice_s

    @model_validator(mode="before")
    @classmethod
    def _node_of_an_address(cls, given: object) -> object:
        """Take the address for the node, as its leases do."""
        if not isinstance(given, dict) or "node" in given:
            return given
        host = given.get("host", cls.model_fields["host"].default)
        return {**given, "node": host} if _is_address(host) else given

    @model_validator(mode="after")
    def _named(self) -> AmiSettings:
        if not self.node:
            raise ValueError(
                f"`host` is `{self.host}`, which is no address; give its `node` too: "
                "DIALGUARD_NODE of its dialplan, or else the address that it asks from"
            )
        return self


def _is_address(host: object) -> bool:
    try:
        ipaddress.ip_address(str(host))
    except ValueError:
        return False
    return True


def _listed(value: object) -> object:
    """Take a single `[ami]`, `[webhook]` or `[alert]` as a list of one."""
    if value is None or value == "":
        return ()
    return (value,) if isinstance(value, dict | Table) else value


Amis = Annotated[tuple[AmiSettings, ...], BeforeValidator(_listed)]


LANGUAGES: Final = ("en", "es", "fr", "de", "it")
"""Those that the pages are written in."""

HOST: Final = r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)*[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_URL: Final = re.compile(rf"(https?)://({HOST}|\[[0-9a-f:]+\])(?::([0-9]{{1,5}}))?/?")


ROLES: Final = ("viewer", "operator", "admin")
"""Of operators of the console, each of which may what those before it may."""

OPENID: Final = "openid"
"""The scope that makes a sign-in one of OpenID Connect (Core 1.0, 3.1.2.1)."""

AUTH_METHODS: Final = ("client_secret_basic", "client_secret_post")
"""How a client may show its secret (OpenID Connect Core 1.0, 9)."""

SCOPE: Final = re.compile(r"[!#-\[\]-~]+")
"""What a scope is made of (RFC 6749, 3.3)."""

Words = Annotated[tuple[str, ...], NoDecode, BeforeValidator(_split)]


class OidcSettings(Table):
    """`[console.oidc]`: the OpenID provider that operators sign in at; leave out to do without.

    Attributes:
        issuer: Its issuer identifier, letter by letter as it says it.
        client_id: What it calls the console.
        secret_file: Holds the client's secret; left out for a public client.
        token_endpoint_auth_method: How the secret is shown; empty for what the provider takes, in
            a header before all.
        scopes: What is asked for.
        name_claim: The claim that is the operator's name.
        role_claim: The claim that `roles` is held against; its parts with dots between them where
            it lies within others.
        roles: By role, the values of it that give it. With none, each account's own counts.
        sites_claim: The claim that names the sites they see, `*` for all; with none, each
            account's own count.
        accounts: Whether accounts exist `beforehand`, or are made at the `first-sign-in`.
        acr: Of these authentication contexts the provider must say one.
        amr: Of these ways of authentication the provider must say one.
        label: What stands on the button.
    """

    issuer: str
    client_id: str = Field(min_length=1, max_length=255)
    secret_file: OptionalPath = None
    token_endpoint_auth_method: str = ""
    scopes: Words = (OPENID, "profile")
    name_claim: str = Field(default="preferred_username", min_length=1)
    role_claim: str = Field(default="groups", min_length=1)
    roles: dict[str, Words] = Field(default_factory=dict)
    sites_claim: str = ""
    accounts: str = "beforehand"
    acr: Words = ()
    amr: Words = ()
    label: str = Field(default="Log in with single sign-on", min_length=1, max_length=60)

    @field_validator("issuer")
    @classmethod
    def _encrypted(cls, issuer: str) -> str:
        try:
            parts = urlsplit(issuer)
            host, port = parts.hostname or "", parts.port
        except ValueError:
            host, port = "", None
        if not host or not re.fullmatch(r"[!-~]{1,1000}", issuer) or port == 0 or "@" in issuer:
            raise ValueError(
                "this is no issuer; write it as the provider says it, such as "
                "`https://id.example.org/realms/office`"
            )
        if parts.query or parts.fragment or "?" in issuer or "#" in issuer:
            raise ValueError("an issuer has neither `?` nor `#` (OpenID Connect Discovery, 3)")
        if parts.path.endswith("/.well-known/openid-configuration"):
            raise ValueError("leave `/.well-known/openid-configuration` out: it is put there")
        if parts.scheme != "https" and not (parts.scheme == "http" and _is_here(host)):
            raise ValueError(
                "whoever listens on the way could be any operator: let `issuer` begin with "
                "`https://`"
            )
        return issuer

    @field_validator("token_endpoint_auth_method")
    @classmethod
    def _with_a_secret(cls, method: str) -> str:
        if method not in {"", *AUTH_METHODS}:
            known = " or ".join(f"`{each}`" for each in AUTH_METHODS)
            raise ValueError(
                f"`{method}` is no way to show the secret that we know; write {known}"
            )
        return method

    @field_validator("scopes")
    @classmethod
    def _openid(cls, scopes: tuple[str, ...]) -> tuple[str, ...]:
        scopes = tuple(each.strip() for each in scopes)
        if wrong := next((each for each in scopes if not SCOPE.fullmatch(each)), None):
            raise ValueError(f"`{wrong}` is no scope: name each by itself")
        if OPENID not in scopes:
            raise ValueError(f"`{OPENID}` must be one of them: no other tells who it is")
        return scopes

    @field_validator("roles")
    @classmethod
    def _known(cls, roles: dict[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
        if wrong := next((each for each in roles if each not in ROLES), None):
            known = ", ".join(f"`{each}`" for each in ROLES)
            raise ValueError(f"there is no role `{wrong}`; there is {known}")
        return roles

    @field_validator("accounts")
    @classmethod
    def _one_of_both(cls, accounts: str) -> str:
        if accounts not in {"beforehand", "first-sign-in"}:
            raise ValueError("`accounts` is `beforehand` or `first-sign-in`")
        return accounts

    @model_validator(mode="after")
    def _no_role_for_all(self) -> OidcSettings:
        if self.accounts == "first-sign-in" and not any(self.roles.values()):
            raise ValueError(
                "`accounts` are made at the first sign-in, and nothing says with which role: "
                "write `[console.oidc.roles]`"
            )
        return self


class ConsoleSettings(Table):
    """`[console]`: web pages and API; leave out to do without.

    Attributes:
        listen: Address and port.
        url: How browsers reach it; its scheme says whether what they send is encrypted.
        hosts: Other names it is reached by, and the site whose page each shows.
        proxies: Who may say, by X-Forwarded-For, whom they ask for; without a certificate of our
            own nobody else may knock at an address that others can reach.
        certificate: The chain, in PEM.
        private_key: Its key, in PEM, without a passphrase.
        languages: Those offered; the first is shown to browsers that want none of them.
        connections: The most there may be at a time.
        peer_connections: The most of these from one address that is no proxy.
        oidc: The provider that operators may sign in at.
    """

    listen: Address = Listen(IPv4Address("127.0.0.1"), 8573)
    url: str = ""
    hosts: dict[str, str] = Field(default_factory=dict)
    proxies: Networks = ()
    certificate: OptionalPath = None
    private_key: OptionalPath = None
    languages: Annotated[tuple[str, ...], NoDecode, BeforeValidator(_split)] = LANGUAGES
    connections: int = Field(default=2_000, ge=1, le=100_000)
    peer_connections: int = Field(default=200, ge=1, le=100_000)
    oidc: OidcSettings | None = None

    @property
    def public_url(self) -> str:
        """How browsers reach it, without a slash at the end; what `listen` says by default."""
        scheme = "http" if self.certificate is None else "https"
        return self.url.rstrip("/") or f"{scheme}://{self.listen}"

    @field_validator("url")
    @classmethod
    def _of_the_web(cls, url: str) -> str:
        parts = _URL.fullmatch(url)
        if url and (parts is None or int(parts[3] or 1) > 65535):
            raise ValueError(
                "this is no URL of a page; write `https://phones.example.org`, in lower case and "
                "without a path"
            )
        return url

    @field_validator("hosts")
    @classmethod
    def _names(cls, hosts: dict[str, str]) -> dict[str, str]:
        if wrong := next((each for each in hosts if not re.fullmatch(HOST, each)), None):
            raise ValueError(f"`{wrong}` is no name of a host; write `office.example.org`")
        return hosts

    @field_validator("languages")
    @classmethod
    def _known(cls, languages: tuple[str, ...]) -> tuple[str, ...]:
        languages = tuple(each.strip() for each in languages)
        if not languages or not set(languages) <= set(LANGUAGES):
            known = ", ".join(f"`{each}`" for each in LANGUAGES)
            raise ValueError(f"the pages are written in {known}; name one or more of them")
        return languages

    @model_validator(mode="after")
    def _encrypted(self) -> ConsoleSettings:
        if (self.certificate is None) != (self.private_key is None):
            raise ValueError("give both, `certificate` and `private_key`, or neither")
        url, is_bare = urlsplit(self.public_url), self.certificate is None
        if url.scheme == "http" and not _is_here(url.hostname or ""):
            raise ValueError(
                "whoever listens on the way could read PINs: let `url` begin with `https://`, and "
                "give a `certificate`, or put a proxy that has one before it"
            )
        if url.scheme == "http" and not is_bare:
            raise ValueError("with a `certificate` the `url` begins with `https://`")
        if url.scheme == "https" and is_bare and not self.proxies:
            raise ValueError(
                "`url` says https, and there is no `certificate`: name the address of the proxy "
                "that has one in `proxies`"
            )
        return self


def _is_here(host: str) -> bool:
    """Whether a name means this machine, so that nothing is sent over a wire."""
    return host == "localhost" or (_is_address(host) and ipaddress.ip_address(host).is_loopback)


def _parts_of(url: str) -> SplitResult | None:
    """Take a URL apart; None where it is none that anything can be asked for at."""
    try:
        parts = urlsplit(url)
        is_one = bool(parts.hostname) and parts.port != 0 and not parts.fragment
    except ValueError:
        return None
    return parts if is_one and re.fullmatch(r"[!-~]{1,2000}", url) else None


def _is_private(url: SplitResult) -> bool:
    """Whether nobody on the way can read what is sent there: encrypted, or not sent at all."""
    return url.scheme == "https" or (url.scheme == "http" and _is_here(url.hostname or ""))


EVENTS: Final = ("sign-in", "sign-off", "denial", "lockout", "brake")


class WebhookSettings(Table):
    """`[[webhook]]`, one each: a program that is told what happens, by the web's process.

    Attributes:
        url: Where it is; not shown, as its path or query may be a secret.
        secret_file: Holds what deliveries are signed with.
        events: What it is told of.
        sites: Of these sites only; of all, and of what is of none, where none is named.
    """

    url: str = Field(repr=False)
    secret_file: FilePath
    sites: Sites = ()
    events: Annotated[tuple[str, ...], NoDecode, BeforeValidator(_split)] = EVENTS

    @field_validator("url")
    @classmethod
    def _encrypted(cls, url: str) -> str:
        parts = _parts_of(url)
        if parts is None:
            raise ValueError("this is no URL; write `https://crm.example.org/dialguard`")
        if "@" in parts.netloc:
            raise ValueError("a URL is no place for a password: deliveries are signed instead")
        if not _is_private(parts):
            raise ValueError(
                "whoever listens on the way could read who signs in: let `url` begin with "
                "`https://`"
            )
        return url

    @field_validator("events")
    @classmethod
    def _known(cls, events: tuple[str, ...]) -> tuple[str, ...]:
        events = tuple(each.strip() for each in events)
        if not events or not set(events) <= set(EVENTS):
            known = ", ".join(f"`{each}`" for each in EVENTS)
            raise ValueError(f"there is {known} to be told of; name one or more of them")
        return events


Webhooks = Annotated[tuple[WebhookSettings, ...], BeforeValidator(_listed)]


class LookupSettings(Table):
    """`[lookups]`: who is asked what numbers and addresses others report; leave out to ask nobody.

    Attributes:
        numbers: The URL that a number is written behind; empty to send none.
        addresses: The same of addresses.
        before: What is put before a number's digits, each asked for: thieves dial it so.
        token_url: Where a token is got for client id and secret; empty where none is wanted.
        client_id: For it.
        secret_file: Holds the client's secret.
        audience: What the token is to be good for, where that has to be said.
        per_minute: Requests of one worker.
        keep_found_h: Hours until what is reported is asked for anew.
        keep_not_found_h: The same of what is not.
    """

    numbers: str = Field(default="", repr=False)
    addresses: str = Field(default="", repr=False)
    before: Annotated[tuple[str, ...], NoDecode, BeforeValidator(_split_all)] = ("", "+", "00")
    token_url: str = ""
    client_id: str = ""
    secret_file: OptionalPath = None
    audience: str = ""
    per_minute: int = Field(default=60, ge=1, le=60_000)
    keep_found_h: int = Field(default=24, ge=1, le=24 * 31)
    keep_not_found_h: int = Field(default=1, ge=1, le=24 * 31)

    @field_validator("numbers", "addresses", "token_url")
    @classmethod
    def _encrypted(cls, url: str, asked: ValidationInfo) -> str:
        if not url:
            return url
        behind = asked.field_name != "token_url"
        parts = _parts_of(url)
        if (
            parts is None
            or parts.query
            or "@" in parts.netloc
            or (behind and not parts.path.endswith("/"))
        ):
            like = "api/phone-numbers/" if behind else "oauth/token"
            raise ValueError(f"this is no such URL; write `https://service.example.org/{like}`")
        if not _is_private(parts):
            raise ValueError(
                "whoever listens on the way could read who is called, and answer: let it begin "
                "with `https://`"
            )
        return url

    @field_validator("before")
    @classmethod
    def _dialled(cls, before: tuple[str, ...]) -> tuple[str, ...]:
        if not before or not all(re.fullmatch(r"\+|[0-9]{0,8}", each) for each in before):
            raise ValueError('give what is dialled before a number: `["", "+", "00", "900"]`')
        return tuple(dict.fromkeys(before))

    @model_validator(mode="after")
    def _whole(self) -> LookupSettings:
        if not self.numbers and not self.addresses:
            raise ValueError("give `numbers`, `addresses`, or both: the URLs to ask at")
        given = [bool(self.token_url), bool(self.client_id), self.secret_file is not None]
        if any(given) and not all(given):
            raise ValueError("give all of `token_url`, `client_id` and `secret_file`, or none")
        return self


KINDS: Final = (
    *(
        "bypass",
        "attack",
        "forgery",
        "brake",
        "lockout",
        "new-address",
        "budget",
        "store",
        "ami",
        "policy",
    ),
    *("secrets", "record", "process"),
)


class AlertSettings(Table):
    """`[[alert]]`, one each: whom to wake, by what apprise speaks.

    Attributes:
        name: What logs and metrics call it.
        urls_file: Holds the URLs, as apprise reads them, one a line; they are secrets.
        kinds: What it is told of.
        again_s: How long the same (kind and whom it is about) is counted before it is told again.
        per_hour: Messages an hour to each URL, in the long run.
        sites: Of these sites only; of all, and of what is of none, where none is named.
    """

    name: str
    urls_file: FilePath
    sites: Sites = ()
    kinds: Annotated[tuple[str, ...], NoDecode, BeforeValidator(_split)] = KINDS
    again_s: int = Field(default=900, ge=60, le=86_400)
    per_hour: int = Field(default=20, ge=1, le=3_600)

    @field_validator("name")
    @classmethod
    def _plain(cls, name: str) -> str:
        if not re.fullmatch(r"[a-z0-9][a-z0-9-]{0,39}", name):
            raise ValueError("a `name` is made of a-z, 0-9 and `-`, at most 40 of them")
        return name

    @field_validator("kinds")
    @classmethod
    def _known(cls, kinds: tuple[str, ...]) -> tuple[str, ...]:
        kinds = tuple(each.strip() for each in kinds)
        if not kinds or not set(kinds) <= set(KINDS):
            known = ", ".join(f"`{each}`" for each in KINDS)
            raise ValueError(f"there is {known} to be told of; name one or more of them")
        return kinds


Alerts = Annotated[tuple[AlertSettings, ...], BeforeValidator(_listed)]


class CredentialSettings(Table):
    """`[credentials]`: passwords for phones in browsers, handed out; leave out to do without.

    Attributes:
        listen: Where Asterisk asks for them, on this machine.
        secret_file: Holds what Asterisk shows when it asks.
        unused_s: How long a first registration is waited for.
    """

    listen: Address = Listen(IPv4Address("127.0.0.1"), 8574)
    secret_file: FilePath
    unused_s: int = Field(default=300, ge=30, le=3_600)

    @field_validator("listen")
    @classmethod
    def _here(cls, listen: Listen) -> Listen:
        if not listen.host.is_loopback:
            raise ValueError(
                "what Asterisk is told is for nobody else: let it listen at `127.0.0.1`, and have "
                "Asterisk on the same machine"
            )
        return listen


class MetricsSettings(Table):
    """`[metrics]`: where Prometheus reads; leave out to count nothing.

    Attributes:
        listen: Address and port.
        allow: Who may read.
    """

    listen: Address = Listen(IPv4Address("127.0.0.1"), 9573)
    allow: Networks = LOOPBACK


class LookoutSettings(Table):
    """`[lookout]`: who looks for signs of an attack, for `[[watch]]`; leave out to look for none.

    Attributes:
        geoip: A database of countries by address, in MaxMind's format; without it no country is
            known.
        keep_days: For how many days it is remembered from where, and with what, a phone
            registered.
    """

    geoip: OptionalPath = None
    keep_days: int = Field(default=90, ge=1, le=3_650)


BACKENDS: Final = ("nftables", "fail2ban")


class BansSettings(Table):
    """`[bans]`: addresses that this machine hears nothing of for a while; see docs/bans.md.

    Attributes:
        backend: Who carries bans out: `nftables`, or `fail2ban`, which reads the agent's log.
        never: Who is never banned, beside those that the service knows of by itself.
        ports: What of the banned is dropped: packets to these ports, or all where none is named.
        dry_run: Whether the agent only says what it would do.
    """

    backend: str = "nftables"
    never: Networks = ()
    ports: Annotated[tuple[int, ...], NoDecode, BeforeValidator(_split)] = ()
    dry_run: bool = False

    @field_validator("backend")
    @classmethod
    def _known(cls, backend: str) -> str:
        if backend not in BACKENDS:
            known = ", ".join(f"`{each}`" for each in BACKENDS)
            raise ValueError(f"`{backend}` bans nobody; there is {known}")
        return backend

    @field_validator("ports")
    @classmethod
    def _of_udp_and_tcp(cls, ports: tuple[int, ...]) -> tuple[int, ...]:
        wrong = next((each for each in ports if not 0 < each < 65536), None)
        if wrong is not None:
            raise ValueError(f"`{wrong}` is no port; write `[5060, 5061]`")
        return tuple(sorted(set(ports)))


class VersionsSettings(Table):
    """`[versions]`: policies that were in force, kept for explaining what they decided.

    Attributes:
        folder: Where; beside the vault's keys, if left out.
        days: For how long after one was in force last; longer while the record of decisions has
            lines as old.
        mb: The most that they may take, in MiB, compressed; what is in force is always kept.
    """

    folder: OptionalPath = None
    days: int = Field(default=400, ge=1, le=36_500)
    mb: int = Field(default=2_048, ge=1, le=1_048_576)


class LogSettings(Table):
    """`[log]`: the record of decisions.

    Attributes:
        decisions: The decision log.
        mask: Last digits of outside numbers that logs do not show; 0 shows all.
        rotate_mb: Size above which the file is rotated, in MiB; 0 leaves that to logrotate.
        keep: Rotated files that are kept.
    """

    decisions: FilePath = Path("/var/log/dialguard/decisions.jsonl")
    mask: int = Field(default=4, ge=0, le=15)  # E.164 has 15 digits
    rotate_mb: int = Field(default=64, ge=0)
    keep: int = Field(default=10, ge=1, le=1000)


class Settings(BaseSettings):
    """All of them, frozen; made by `loading.load`."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX,
        env_nested_delimiter=DELIMITER,
        extra="forbid",
        frozen=True,
        hide_input_in_errors=True,
    )

    policy: PolicySettings
    agi: AgiSettings = AgiSettings()
    store: StoreSettings = StoreSettings()
    keys: KeysSettings = KeysSettings()
    ami: Amis = ()
    console: ConsoleSettings | None = None
    credentials: CredentialSettings | None = None
    webhook: Webhooks = ()
    lookups: LookupSettings | None = None
    alert: Alerts = ()
    metrics: MetricsSettings | None = None
    lookout: LookoutSettings | None = None
    bans: BansSettings = BansSettings()
    versions: VersionsSettings = VersionsSettings()
    log: LogSettings = LogSettings()

    _source: Path | None = PrivateAttr(default=None)

    @field_validator("ami")
    @classmethod
    def _one_a_node(cls, ami: tuple[AmiSettings, ...]) -> tuple[AmiSettings, ...]:
        nodes = [each.node for each in ami]
        if twice := next((each for each in nodes if nodes.count(each) > 1), None):
            raise ValueError(
                f"two `[[ami]]` are node `{twice}`, and would end each other's calls; "
                "give each a `node` of its own, and its dialplan the same DIALGUARD_NODE"
            )
        return ami

    @field_validator("credentials")
    @classmethod
    def _handed_out(
        cls, credentials: CredentialSettings | None, others: ValidationInfo
    ) -> CredentialSettings | None:
        if credentials is not None and others.data.get("console", "invalid") is None:
            raise ValueError("page and API hand them out; write `[console]`, too")
        if credentials is not None and others.data.get("ami") == ():
            raise ValueError(
                "they are bound to a phone, and taken from it, by what Asterisk tells; write "
                "`[[ami]]`, too"
            )
        return credentials

    @field_validator("webhook")
    @classmethod
    def _told_by_the_web(
        cls, webhook: tuple[WebhookSettings, ...], others: ValidationInfo
    ) -> tuple[WebhookSettings, ...]:
        if webhook and others.data.get("console", "invalid") is None:
            raise ValueError("webhooks are the web's to serve; write `[console]`, too")
        if len({each.url for each in webhook}) < len(webhook):
            raise ValueError("two `[[webhook]]` have one `url`; put their `events` together")
        return webhook

    @field_validator("alert")
    @classmethod
    def _one_a_name(cls, alert: tuple[AlertSettings, ...]) -> tuple[AlertSettings, ...]:
        names = [each.name for each in alert]
        if twice := next((each for each in names if names.count(each) > 1), None):
            raise ValueError(f"two `[[alert]]` are called `{twice}`; give each its own `name`")
        return alert

    @property
    def source(self) -> Path | None:
        """The file they were read from; None where there are only variables."""
        return self._source

    def read_from(self, source: Path) -> Settings:
        """Return them with the file they were read from."""
        copy = self.model_copy()
        copy._source = source
        return copy

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],  # noqa: ARG003 - the signature is pydantic's
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003 - not read
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003 - not read
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Let variables win over the file, which `loading` hands to the constructor."""
        return env_settings, init_settings
