"""What `dialguard phone` does to an enrolment; how it asks for a PIN, and shows secrets once."""

from __future__ import annotations

import getpass
import os
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from fastagi.call import invitations
from fastagi.call.identify import ENDPOINT
from fastagi.cli.output import fail, give_up, say, warn
from fastagi.cli.service import leave_to_owner, policy_of, settings_of, with_store
from fastagi.daemon.keys import vault_of
from fastagi.daemon.places import policy_place, store_is_shared
from fastagi.daemon.reload import policy_files
from fastagi.errors import DialguardError
from fastagi.policy.decision import class_of
from fastagi.policy.loading import load
from fastagi.second_factor import pin, qr
from fastagi.stores.store import Enrolment

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from fastagi.second_factor.vault import Vault
    from fastagi.settings import Settings


@dataclass(frozen=True, slots=True)
class Phone:
    """An extension of a site, in the service's store."""

    settings: Settings
    site: str
    extension: str

    def enrolment(self) -> Enrolment | None:
        """Return what it has."""
        return with_store(self.settings, lambda store: store.enrolment(self.site, self.extension))

    def change(self, changed: Callable[[Enrolment], Enrolment]) -> None:
        """Give it the parts that the change sets, in one step; the others stay as they are."""
        parts = changed(Enrolment(self.extension, since=time.time()))
        with_store(self.settings, lambda store: store.enrol(self.site, parts))

    def remove(self) -> bool:
        """Forget it; whether there was anything."""
        return with_store(
            self.settings, lambda store: store.unenrol(self.site, self.extension, time.time())
        )

    def invite(self, until: float) -> str:
        """Make an invitation to enrol it, which is good until then; returns its token."""
        return with_store(
            self.settings,
            lambda store: invitations.invite(store, self.site, self.extension, until, time.time()),
        )

    def withdraw_invitations(self) -> int:
        """Void every invitation to enrol it; how many there were."""
        return with_store(
            self.settings,
            lambda store: invitations.withdraw(store, self.site, self.extension, time.time()),
        )

    def vault(self) -> Vault:
        """Return the vault for its secrets; the key file is made if nobody is enrolled yet."""
        file = self.settings.keys.file
        leave_to_owner(file)
        sites = sites_of(self.settings)
        is_shared = store_is_shared(self.settings)
        return with_store(
            self.settings, lambda store: vault_of(file, store, sites, is_shared=is_shared)
        )


def sites_of(settings: Settings) -> Iterator[str]:
    """Yield every site that has a policy; loading them may take its time."""
    for file in policy_files(policy_place(settings)):
        yield load(file).site.name


def phone_of(named: Path | None, site: str, extension: str, *, to_dial: bool = True) -> Phone:
    """Return the extension's phone; warns of one that the policy does not know.

    Args:
        named: The settings file.
        site: The site; empty for the only one there is.
        extension: Whose phone.
        to_dial: Whether it is wanted for calls; no use in warning of one that is to go.
    """
    if not ENDPOINT.fullmatch(extension):
        fail(f"`{extension}` cannot be an endpoint's name: letters, digits and `_ . @ + -` can")
    settings = settings_of(named)
    policy = policy_of(settings, site)
    inside = any(pattern.matches(extension) for pattern in policy.site.internal)
    if to_dial and class_of(policy, extension) is None and not inside:
        warn(f"`{extension}` is in no class and no inside pattern of the policy: it cannot dial")
    return Phone(settings, policy.site.name, extension)


# ----------------------------------------------------------------------------- secrets, once


def sits_there() -> bool:
    """Whether a person sits at a terminal."""
    return sys.stdin.isatty()


def ask_pin(extension: str, *, from_stdin: bool) -> str:
    """Ask for a new PIN, twice and without showing it; or read it from stdin, once.

    Ends the command on a PIN that a thief would try first.
    """
    if from_stdin:
        chosen = sys.stdin.readline().strip()
    elif sits_there():
        chosen = getpass.getpass("PIN (4 to 12 digits; not shown): ")
    else:
        fail("there is no terminal to key a PIN at; use `--pin-stdin`")
    try:
        pin.check_strength(chosen, extension)
    except DialguardError as error:
        give_up(error)
    if not from_stdin and getpass.getpass("once more: ") != chosen:
        fail("the two are not the same; nothing was changed")
    return chosen


def show_uri(uri: str, *, out: Path | None, as_text: bool) -> None:
    """Show what an authenticator app scans: a QR code in the terminal or a file, or its text."""
    if out is not None:
        if out.suffix.lower() not in {".png", ".svg"}:
            fail(f"`{out}` is neither .png nor .svg; nothing was changed")
        picture = qr.svg(uri).encode() if out.suffix.lower() == ".svg" else qr.png(uri)
        _write_privately(out, picture)
        say(f"the QR code is in `{out}`; delete it once it was scanned")
    elif as_text:
        say(uri)
    else:
        sys.stdout.write(qr.terminal(uri))
        say("scan it with an authenticator app; it is not shown again")


def _write_privately(out: Path, content: bytes) -> None:
    """Write a file that only its owner can read, and that was not there before."""
    try:
        with os.fdopen(os.open(out, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(content)
    except FileExistsError:
        fail(f"`{out}` is there already; name a new file")
    except OSError as error:
        fail(f"`{out}` cannot be written: {error.strerror}")


def show_recovery(codes: tuple[str, ...]) -> None:
    """Print recovery codes, the only time they can be read."""
    say(
        "recovery codes, each good once where the one-time code is asked for; print and lock away:"
    )
    for code in codes:
        say(f"  {code}")
