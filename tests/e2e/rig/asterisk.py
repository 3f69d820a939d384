"""One real Asterisk of the rig: its configuration, its life, its command line and its logs."""

from __future__ import annotations

import contextlib
import csv
import shutil
import socket
import subprocess
import time
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Final, Self

from tests.e2e.rig.ports import free, free_for_sip, range_for_rtp
from tests.e2e.rig.roots import REPOSITORY, RigError, Root, asterisk_root
from tests.e2e.rig.taps import Console, EventTap

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from types import TracebackType

TEMPLATES: Final = Path(__file__).resolve().parents[1] / "asterisk"
START_S: Final = 60.0  # of Asterisk, on a busy machine
PHONES: Final = ("100", *(str(number) for number in range(101, 121)), "201", "900")
"""The extensions that have an endpoint; each one's password is `password(extension)`."""

ROAMING: Final = {"131": 1, "132": 1, "133": 2, "134": 1, "134-desk": 1, "135": 1, "136": 1}
"""What phones register as, wherever they are, and how many contacts each may have."""

AORS: Final = {"134": "134, 134-desk"}
"""The extensions that have more than one such name."""

SECOND: Final = frozenset({"134-desk"})
"""Names that are no extension's own."""

IN_A_BROWSER: Final = "135"
"""The extension whose endpoint is one of `deploy/webrtc/pjsip.conf`."""

BORROWED: Final = "136"
"""The extension whose phone has no password but what the service hands out …"""

ASKS: Final = "asterisk-asks-for-passwords"
"""… and the secret by which Asterisk asks for it."""

OF_A_BRANCH: Final = "119"
"""The extension whose endpoint belongs to another site, named `branch`."""

RELEASE: Final = "Local/release:"
"""The channels on which the dialplan asks for a release."""

IN_ZZ: Final = "120"
"""The extension whose phone speaks `zz`, a language with one sound file …"""

PIN_IN_ZZ: Final = "tt-weasels"
"""… the PIN prompt, which is this file of the English ones."""


def password(extension: str) -> str:
    """Return the SIP password of a phone of the rig."""
    return f"sip-password-of-{extension}"


_numbers = count()  # a second Asterisk of a version has a home of its own


@dataclass(frozen=True, slots=True)
class Ports:
    """Where one Asterisk listens, and where it finds its trunk and its service."""

    rtp: tuple[int, int]
    sip: int = field(default_factory=free_for_sip)
    tcp: int = field(default_factory=free_for_sip)
    tls: int = field(default_factory=free_for_sip)
    http: int = field(default_factory=free)
    https: int = field(default_factory=free)
    ami: int = field(default_factory=free)
    agi: int = field(default_factory=free)
    credentials: int = field(default_factory=free)
    trunk: int = field(default_factory=lambda: free(socket.SOCK_DGRAM, "127.0.0.2"))
    phones: Mapping[str, int] = field(
        default_factory=lambda: {each: free_for_sip() for each in PHONES}
    )
    """Where a phone can be called."""


class Asterisk:
    """A running Asterisk.

    Attributes:
        home: Its folders `etc`, `log`, `db` … as the host sees them.
    """

    def __init__(
        self, version: str, *, globals_: Mapping[str, str] | None = None, calls: int = 100
    ) -> None:
        """Make one that is not started yet.

        Args:
            version: Which.
            globals_: More of the dialplan's global variables.
            calls: How many may be up at once; each has two legs, and each leg two ports.
        """
        self.version = version
        self.root: Root = asterisk_root(version)
        self.ports = Ports(rtp=range_for_rtp(4 * calls))
        self.home = self.root.scratch(f"asterisk-{version}-{next(_numbers)}")
        self._globals = dict(globals_ or {})
        self._process: subprocess.Popen[bytes] | None = None
        self._console: Console | None = None
        self._events: list[EventTap] = []

    def __enter__(self) -> Self:
        self.configure()
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    # ------------------------------------------------------------------------- its life

    def configure(self) -> None:
        """Write its configuration: the rig's templates and the dialplan that is shipped."""
        for folder in ("etc", "run", "db", "log", "spool", "spool/outgoing", "log/cdr-csv"):
            (self.home / folder).mkdir(exist_ok=True)
        etc = self.home / "etc"
        _make_language(self.root)
        shutil.copytree(REPOSITORY / "dialplan", etc / "dialguard", dirs_exist_ok=True)
        shutil.copy(REPOSITORY / "deploy/webrtc/pjsip.conf", etc / "webrtc.conf")
        for name in ("sorcery.conf", "extconfig.conf", "res_curl.conf"):
            text = (REPOSITORY / "deploy/webrtc" / name).read_text()
            text = text.replace("127.0.0.1:8574", f"127.0.0.1:{self.ports.credentials}")
            (etc / name).write_text(text.replace("asterisk:change-me-too", f"asterisk:{ASKS}"))
        _make_certificate(self.root, etc)
        values = {
            "home": self.root.inside(self.home),
            "name": f"rig{self.version}",
            "sip_port": str(self.ports.sip),
            "tcp_port": str(self.ports.tcp),
            "tls_port": str(self.ports.tls),
            "http_port": str(self.ports.http),
            "https_port": str(self.ports.https),
            "ami_port": str(self.ports.ami),
            "agi_port": str(self.ports.agi),
            "trunk_port": str(self.ports.trunk),
            "rtp_first": str(self.ports.rtp[0]),
            "rtp_last": str(self.ports.rtp[1]),
            "globals": "\n".join(f"{name} = {value}" for name, value in self._globals.items()),
        }
        for template in TEMPLATES.glob("*.conf"):
            text = template.read_text()
            for name, value in values.items():
                text = text.replace(f"@{name}@", value)
            (etc / template.name).write_text(text)
        aors = {each: f"remove_existing = yes\nmax_contacts = {ROAMING[each]}" for each in ROAMING}
        for phone, port in self.ports.phones.items():
            aors[phone] = f"contact = sip:{phone}@127.0.0.1:{port}"
        with (etc / "pjsip.conf").open("a") as pjsip:
            for phone, aor in aors.items():
                if phone in SECOND:
                    pjsip.write(f"[{phone}]\ntype = aor\n{aor}\n\n")
                    continue
                if phone == BORROWED:
                    pjsip.write(
                        f"[{phone}](in-a-browser)\nauth = office/{phone}\naors = {phone}\n\n"
                        f"[{phone}](one-borrower)\n\n"
                    )
                    continue
                kind = "in-a-browser" if phone == IN_A_BROWSER else "phone"
                pjsip.write(
                    f"[{phone}]({kind})\nauth = {phone}\naors = {AORS.get(phone, phone)}\n"
                    f"callerid = Phone {phone} <{phone}>\n"
                    f"language = {'zz' if phone == IN_ZZ else 'en'}\n"
                    f"{'set_var = DIALGUARD_SITE=branch' * (phone == OF_A_BRANCH)}\n\n"
                    f"[{phone}](login)\nusername = {phone}\npassword = {password(phone)}\n\n"
                    f"[{phone}]\ntype = aor\n{aor}\n\n"
                )

    def start(self) -> None:
        """Start it, and wait until it takes calls.

        Raises:
            RigError: It did not come up; the message holds the end of what it said.
        """
        conf = self.root.inside(self.home / "etc" / "asterisk.conf")
        output = self.home / "log" / "stdout"
        with output.open("ab") as stdout:
            self._process = subprocess.Popen(
                self.root.command(self.root.asterisk, "-C", conf, "-f", "-n"),
                stdin=subprocess.DEVNULL,
                stdout=stdout,
                stderr=subprocess.STDOUT,
            )
        until = time.monotonic() + START_S
        while "booted" not in self.cli("core waitfullybooted", check=False):
            if self._process.poll() is not None or time.monotonic() > until:
                message = f"Asterisk {self.version} did not start:\n{_text(output)[-3000:]}"
                raise RigError(message)
            time.sleep(0.1)
        self._console = Console(
            self.root.command(self.root.asterisk, "-C", conf, "-rvvvvv"),
            self.home / "log" / "console",
        )
        self._events = [
            EventTap(self.ports.ami, "rig", self.home / "log" / "ami-events"),
            EventTap(self.ports.ami, "usual", self.home / "log" / "ami-usual"),
        ]

    def stop(self) -> None:
        """Stop it at once."""
        for tap in self._events:
            tap.close()
        if self._process is not None:
            self.cli("core stop now", check=False)
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(10)
            self._process.kill()
            self._process.wait()
        if self._console is not None:
            self._console.close()

    def kill(self) -> None:
        """Kill it (SIGKILL), with whatever calls are up."""
        assert self._process is not None
        self._process.kill()
        self._process.wait()
        for tap in self._events:
            tap.close()
        if self._console is not None:
            self._console.close()

    # ------------------------------------------------------------------------- asking it

    def cli(self, command: str, *, check: bool = True) -> str:
        """Run a command on its command line and return what it says."""
        conf = self.root.inside(self.home / "etc" / "asterisk.conf")
        done = subprocess.run(
            self.root.command(self.root.asterisk, "-C", conf, "-rx", command),
            check=check,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=30,
        )
        return done.stdout.decode(errors="replace")

    @contextlib.contextmanager
    def secret(self, secret: str) -> Iterator[None]:
        """Have the dialplan know a secret for a while."""
        file = self.home / "agi-secret"
        file.write_text(f"{secret}\n")
        name = "DIALGUARD_SECRET_FILE"
        self.cli(f"dialplan set global {name} {self.root.inside(file)}")
        try:
            yield
        finally:
            self.cli(f'dialplan set global {name} ""')

    @property
    def channels(self) -> int:
        """How many channels it has, besides those that wait for a service to take a release."""
        lines = self.cli("core show channels concise").splitlines()
        return sum("!" in line and not line.startswith(RELEASE) for line in lines)

    @property
    def releases(self) -> list[str]:
        """The channels that wait for a service to take a release."""
        lines = self.cli("core show channels concise").splitlines()
        return [line.split("!")[0] for line in lines if line.startswith(RELEASE)]

    def give_up_releases(self) -> None:
        """End the channels that would ask the next test's service for a release."""
        for channel in self.releases:
            self.cli(f"channel request hangup {channel}", check=False)

    @property
    def log(self) -> str:
        """Everything it logged, at verbose 9."""
        return _text(self.home / "log" / "full")

    @property
    def cdr(self) -> list[list[str]]:
        """Its call detail records, as the columns of `Master.csv`."""
        file = self.home / "log" / "cdr-csv" / "Master.csv"
        if not file.exists():
            return []
        with file.open(newline="") as rows:
            return list(csv.reader(rows))

    def wait_idle(self, within_s: float = 15.0) -> None:
        """Wait until no channel is left.

        Raises:
            RigError: One is.
        """
        until = time.monotonic() + within_s
        while self.channels:
            if time.monotonic() > until:
                message = f"channels are left:\n{self.cli('core show channels concise')}"
                raise RigError(message)
            time.sleep(0.1)


def _text(file: Path) -> str:
    return file.read_text(errors="replace") if file.exists() else ""


def _make_language(root: Root) -> None:
    """Add the language `zz` to the sounds of a root."""
    english = english_sounds(root)
    folder = root.folder / "usr/share/asterisk/sounds/zz"
    folder.mkdir(exist_ok=True)
    shutil.copy(english / f"{PIN_IN_ZZ}.wav", folder / "confbridge-pin.wav")


def english_sounds(root: Root) -> Path:
    """Return where a root has its English sounds."""
    sounds = root.folder / "usr/share/asterisk/sounds"
    return next(each for each in (sounds / "en_US_f_Allison", sounds / "en") if each.is_dir())


def _make_certificate(root: Root, folder: Path) -> None:
    """Make a key and its certificate, with the root's own OpenSSL."""
    inside = root.inside(folder)
    subprocess.run(
        root.command(
            *("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2"),
            *("-subj", "/CN=127.0.0.1"),
            *("-keyout", f"{inside}/rig.key", "-out", f"{inside}/rig.crt"),
        ),
        check=True,
        stderr=subprocess.DEVNULL,
    )
