"""A real nginx before an Asterisk, with the configuration that ships, and who comes to it."""

from __future__ import annotations

import contextlib
import os
import re
import resource
import shutil
import signal
import socket
import ssl
import subprocess
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Final, Self

import httpx
from websockets.sync.client import connect
from websockets.typing import Origin, Subprotocol

from tests.e2e.rig.browser import PATIENCE_S, BrowserPhone
from tests.e2e.rig.ports import free
from tests.e2e.rig.roots import REPOSITORY, RigError
from tests.e2e.rig.waiting import until
from tests.servers.certificates import make_certificates

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from types import TracebackType

    from websockets.sync.client import ClientConnection

SHIPPED: Final = REPOSITORY / "deploy" / "webrtc" / "nginx.conf"
CACHED: Final = REPOSITORY / ".cache" / "nginx" / "usr" / "sbin" / "nginx"
NAME: Final = "phones.example.org"
"""What the configuration that ships calls itself."""

PAGE: Final = f"https://{NAME}"
SIP: Final = Subprotocol("sip")
OWN_FOLDERS: Final = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")


class Edge:
    """An nginx that is running.

    Attributes:
        port: Where it listens.
    """

    def __init__(
        self,
        asterisk: int,
        web: int,
        changes: Mapping[str, str] | None = None,
        host: str = "127.0.0.1",
    ) -> None:
        """Make one that is not started yet.

        Args:
            asterisk: The port of Asterisk's HTTP server.
            web: The port of the page on which people sign in.
            changes: What else is another in the configuration, by what it is in the shipped one.
            host: The address it listens at.
        """
        self.port = free()
        self._folder = Path(tempfile.mkdtemp(prefix="edge-"))
        self._changes = {
            "127.0.0.1:8088": f"127.0.0.1:{asterisk}",
            "127.0.0.1:8573": f"127.0.0.1:{web}",
            "listen 443": f"listen {host}:{self.port}",
            "/etc/nginx/phones.crt": f"{self._folder}/server.pem",
            "/etc/nginx/phones.key": f"{self._folder}/server.key",
            "/etc/nginx/phones-ca.crt": f"{self._folder}/ca.pem",
        } | dict(changes or {})
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        make_certificates(self._folder)
        self._folder.chmod(0o755)  # its workers are not root
        text = SHIPPED.read_text()
        for old, new in self._changes.items():
            assert old in text, f"`{old}` is not in {SHIPPED.name}"
            text = text.replace(old, new)
        (self._folder / "phones.conf").write_text(text)
        own = "".join(f"{each}_temp_path {self._folder}/{each};\n" for each in OWN_FOLDERS)
        _, files = resource.getrlimit(resource.RLIMIT_NOFILE)
        (self._folder / "nginx.conf").write_text(
            f"daemon off;\npid {self._folder}/pid;\nworker_priority 10;\n"
            f"worker_rlimit_nofile {files};\nevents {{ worker_connections 16384; }}\n"
            f"http {{\naccess_log off;\n{own}include {self._folder}/phones.conf;\n}}\n"
        )
        self._process = subprocess.Popen(
            [_nginx(), "-p", self._folder, "-e", self._log, "-c", self._folder / "nginx.conf"],
            stdin=subprocess.DEVNULL,
        )
        until(self._answers)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        assert self._process is not None
        self._process.send_signal(signal.SIGTERM)
        self._process.wait(PATIENCE_S)
        shutil.rmtree(self._folder)

    @property
    def authority(self) -> Path:
        """The certificate that its own is signed by."""
        return self._folder / "ca.pem"

    @property
    def log(self) -> str:
        """What it complained about."""
        return self._log.read_text()

    # ------------------------------------------------------------------------- who comes to it

    @contextlib.contextmanager
    def phone(self, extension: str, at: str | socket.socket) -> Iterator[BrowserPhone]:
        """Connect the phone of an extension of `ROAMING`, from an address."""
        with self.opened(at) as wire:
            yield BrowserPhone(wire, NAME, extension, "phone")

    @contextlib.contextmanager
    def opened(
        self,
        at: str | socket.socket,
        *,
        origin: str | None = PAGE,
        protocol: Subprotocol | None = SIP,
        path: str = "/ws",
        tls: ssl.SSLContext | None = None,
    ) -> Iterator[ClientConnection]:
        """Open a WebSocket from an address, as the page of an origin has it opened.

        Args:
            at: The address; or a connection from it, with nothing said yet.
            origin: Whose page.
            protocol: What is to be spoken.
            path: What is asked for.
            tls: How TLS is spoken, if not as by most browsers.

        Raises:
            InvalidStatus: It is refused.
        """
        with connect(
            f"wss://{NAME}{path}",
            sock=self.reached(at) if isinstance(at, str) else at,
            ssl=tls or self.tls(),
            server_hostname=NAME,
            origin=None if origin is None else Origin(origin),
            subprotocols=None if protocol is None else [protocol],
            compression=None,
            close_timeout=0.1,  # Asterisk 16 is slow to say goodbye
        ) as wire:
            yield wire

    def reached(self, at: str) -> socket.socket:
        """Return a connection from an address, with nothing said yet."""
        made = socket.create_connection(("127.0.0.1", self.port), PATIENCE_S, (at, 0))
        made.settimeout(None)
        return made

    def tls(self, *, is_known: bool = False) -> ssl.SSLContext:
        """Return how a browser speaks TLS; `is_known`: with a certificate of the house."""
        context = ssl.create_default_context(cafile=self.authority)
        context.check_hostname = False  # the certificate is one for the loopback
        if is_known:
            context.load_cert_chain(self._folder / "server.pem", self._folder / "server.key")
        return context

    def browser(self, at: str) -> httpx.Client:
        """Return a browser for the page, at an address."""
        transport = httpx.HTTPTransport(verify=self.tls(), local_address=at)
        return _Browser(
            transport=transport,
            base_url=f"https://127.0.0.1:{self.port}",
            headers={"Host": NAME, "Origin": PAGE},
            timeout=PATIENCE_S,
        )

    @property
    def _log(self) -> Path:
        return self._folder / "error.log"

    def _answers(self) -> bool:
        assert self._process is not None
        if self._process.poll() is not None:
            message = f"nginx did not start:\n{self.log}"
            raise RigError(message)
        with contextlib.suppress(OSError), self.reached("127.0.0.1"):
            return True
        return False


class _Browser(httpx.Client):
    """One that asks for the name, whatever address it connects to."""

    def send(self, request: httpx.Request, **more: object) -> httpx.Response:
        request.extensions = {**request.extensions, "sni_hostname": NAME}
        return super().send(request, **more)  # type: ignore[arg-type]  # handed on as they are


def sign_in(browser: httpx.Client, extension: str, pin: str, code: str) -> None:
    """Sign in on the page, as its form does.

    Raises:
        AssertionError: The page says no.
    """
    form = re.search(r'name="form" value="([^"]+)"', browser.get("/office/").text)
    assert form is not None
    fields = {"form": form[1], "extension": extension, "pin": pin, "totp": code}
    answer = browser.post("/office/sign-in", data=fields)
    assert answer.status_code == 303, answer.text


def _nginx() -> str:
    found = (
        str(CACHED) if CACHED.exists() else shutil.which("nginx", path=f"/usr/sbin:{os.defpath}")
    )
    if found is None:
        raise RigError("no nginx: `make nginx` fetches it")
    return found
