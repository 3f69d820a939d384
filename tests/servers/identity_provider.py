"""Glewlwyd, a real OpenID provider, on a loopback port and in a folder of its own.

Debian's package would make a service of the machine's, so `make` unpacks it into `.cache` and
does not install it (see the Makefile). It is set up as its administrator would, by its own API.
"""

from __future__ import annotations

import contextlib
import sqlite3
import subprocess
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final

import httpx
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from tests.servers.node import free_ports

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

UNPACKED: Final = Path(__file__).parents[2] / ".cache" / "glewlwyd"
ADMIN: Final = {"username": "admin", "password": "password"}  # as it comes, on loopback
STARTS_WITHIN_S: Final = 60.0
PLUGIN: Final = "oidc"
CLIENT: Final = "dialguard"
CLIENT_SECRET: Final = "Fj3~rook.Tin-vase+9"  # not of letters only, as those of others
PASSWORD: Final = "a plain tulip at dusk"
TOLD: Final = "openid"
"""The one scope that its people have."""

GROUPS: Final = """\
UPDATE g_user_module_instance SET gumi_parameters = json_set(
  gumi_parameters, '$."data-format".groups',
  json('{"multiple": true, "read": true, "write": true}')
)"""
"""What makes room for the groups of people, who are otherwise in none."""

CONFIGURATION: Final = """\
port = {port}
bind_address = "127.0.0.1"
external_url = "{url}"
login_url = "login.html"
api_prefix = "api"
static_files_path = "{files}"
static_files_mime_types = (
  {{ extension = ".html", mime_type = "text/html" }},
  {{ extension = ".css", mime_type = "text/css" }},
  {{ extension = ".js", mime_type = "application/javascript" }},
  {{ extension = ".json", mime_type = "application/json" }}
)
log_mode = "console"
log_level = "WARNING"
cookie_domain = "127.0.0.1"
cookie_secure = 0
session_key = "GLEWLWYD"
session_expiration = 3600
admin_scope = "g_admin"
profile_scope = "g_profile"
hash_algorithm = "SHA512"
allow_multiple_user_per_session = false
user_module_path = "{modules}/user"
user_middleware_module_path = "{modules}/user_middleware"
client_module_path = "{modules}/client"
user_auth_scheme_module_path = "{modules}/scheme"
plugin_module_path = "{modules}/plugin"
database = {{ type = "sqlite3", path = "{database}" }}
"""


@dataclass
class IdentityProvider:
    """One that runs, or can."""

    folder: Path
    port: int = field(default_factory=lambda: free_ports(1)[0])
    running: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """Where it is, without a slash at the end."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def issuer(self) -> str:
        """Its issuer identifier (OpenID Connect Core, 2)."""
        return f"{self.url}/api/{PLUGIN}"

    def start(self) -> None:
        """Start it, and wait until it answers."""
        binary = UNPACKED / "usr" / "bin" / "glewlwyd"
        assert binary.exists(), f"`make provider` unpacks it; there is no {binary}"
        with (self.folder / "glewlwyd.log").open("ab") as log:
            self.running = subprocess.Popen(
                [binary, "--config-file", self.folder / "glewlwyd.conf"],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        until = time.monotonic() + STARTS_WITHIN_S
        while True:
            with contextlib.suppress(httpx.TransportError):
                httpx.get(f"{self.url}/api/", timeout=5)
                return
            assert self.running.poll() is None, self.log()
            assert time.monotonic() < until, "the provider does not answer"
            time.sleep(0.05)

    def stop(self) -> None:
        """End it."""
        if self.running is not None:
            self.running.terminate()
            self.running.wait(30)
            self.running = None

    def log(self) -> str:
        """Return what it said so far."""
        return (self.folder / "glewlwyd.log").read_text()

    # ------------------------------------------------------------------- what is in it

    def configure(self, redirect_uri: str) -> None:
        """Make it a provider, with one client."""
        with self._as_admin() as admin:
            self._set(admin, "POST", "/api/mod/plugin/", self._plugin(self.new_key()))
            self._set(admin, "PUT", "/api/scope/openid", {
                "name": "openid",
                "display_name": "Open ID",
                "password_required": True,
                "password_max_age": 0,
                "scheme": {},
            })  # fmt: skip
            self._set(admin, "POST", "/api/client/", {
                "client_id": CLIENT,
                "name": "dialguard",
                "enabled": True,
                "confidential": True,
                "password": CLIENT_SECRET,
                "client_secret": CLIENT_SECRET,
                "scope": [],
                "redirect_uri": [redirect_uri],
                "authorization_type": ["code"],
                "token_endpoint_auth_method": ["client_secret_basic"],
            })  # fmt: skip

    def sign_with(self, key: str) -> None:
        """Take another signing key in the place of the one there is."""
        with self._as_admin() as admin:
            self._set(admin, "PUT", f"/api/mod/plugin/{PLUGIN}", self._plugin(key))
            admin.put(f"/api/mod/plugin/{PLUGIN}/reset/").raise_for_status()

    def has(self, name: str, groups: Sequence[str]) -> None:
        """Have somebody, in these groups and no others."""
        person = {
            "username": name,
            "name": name,
            "email": f"{name}@example.org",
            "enabled": True,
            "scope": ["openid", "g_profile"],
            "groups": list(groups),
        }
        with self._as_admin() as admin:
            if admin.get(f"/api/user/{name}").status_code == 200:
                self._set(admin, "PUT", f"/api/user/{name}", person)
            else:
                self._set(admin, "POST", "/api/user/", {**person, "password": PASSWORD})

    @staticmethod
    def new_key() -> str:
        """Return a new signing key."""
        key = ec.generate_private_key(ec.SECP256R1())
        return key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        ).decode()

    def _plugin(self, key: str) -> dict[str, object]:
        public = serialization.load_pem_private_key(key.encode(), None).public_key()
        return {
            "module": "oidc",
            "name": PLUGIN,
            "display_name": PLUGIN,
            "enabled": True,
            "order_rank": 0,
            "parameters": {
                "iss": self.issuer,
                "jwt-type": "ecdsa",
                "jwt-key-size": "256",
                "key": key,
                "cert": public.public_bytes(
                    serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
                ).decode(),
                "access-token-duration": 600,
                "refresh-token-duration": 600,
                "code-duration": 60,
                "refresh-token-rolling": False,
                "allow-non-oidc": False,
                "auth-type-code-enabled": True,
                "auth-type-token-enabled": False,
                "auth-type-id-token-enabled": True,
                "auth-type-implicit-enabled": False,
                "auth-type-password-enabled": False,
                "auth-type-client-enabled": False,
                "auth-type-refresh-enabled": False,
                "pkce-allowed": True,
                "pkce-required": True,
                "pkce-method-plain-allowed": False,
                "oauth-as-iss-id": True,
                "jwks-show": True,
                "name-claim": "on-demand",
                "email-claim": "on-demand",
                "claims": [
                    {
                        "name": "preferred_username",
                        "user-property": "username",
                        "type": "string",
                        "mandatory": True,
                        "scope": [],
                    },
                    {
                        "name": "groups",
                        "user-property": "groups",
                        "type": "string",
                        "mandatory": True,
                        "scope": [],
                    },
                ],
                "scope": [],
            },
        }

    @contextlib.contextmanager
    def _as_admin(self) -> Iterator[httpx.Client]:
        with httpx.Client(base_url=self.url, timeout=30, trust_env=False) as admin:
            self._set(admin, "POST", "/api/auth/", ADMIN)
            yield admin

    @staticmethod
    def _set(admin: httpx.Client, method: str, path: str, what: object) -> None:
        answer = admin.request(method, path, json=what)
        assert answer.status_code == 200, f"{method} {path}: {answer.status_code} {answer.text}"


def new_provider(folder: Path) -> IdentityProvider:
    """Return one that is not yet started, with an empty database."""
    folder.mkdir(parents=True)
    provider = IdentityProvider(folder)
    tables = (
        UNPACKED
        / "usr"
        / "share"
        / "dbconfig-common"
        / "data"
        / "glewlwyd"
        / "install"
        / "sqlite3"
    ).read_text()
    database = folder / "glewlwyd.db"
    with contextlib.closing(sqlite3.connect(database)) as made:
        made.executescript(tables)
        made.execute(GROUPS)
        made.commit()
    (folder / "glewlwyd.conf").write_text(
        CONFIGURATION.format(
            port=provider.port,
            url=provider.url,
            files=UNPACKED / "webapp",
            modules=UNPACKED / "usr" / "lib" / "glewlwyd",
            database=database,
        )
    )
    return provider
