"""Files with secrets that everybody on the machine can read."""

from __future__ import annotations

import stat
from typing import TYPE_CHECKING, Final

from fastagi.audit.configuration.mailboxes import read_mailboxes
from fastagi.audit.finding import Finding, Kind, Severity
from fastagi.audit.place import Place

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from fastagi.audit.configuration.files import Files

SECRETS: Final = frozenset(
    {
        "password",
        "md5_cred",
        "password_digest",
        "oauth_secret",
        "refresh_token",
        "inbound_auth/password",
        "inbound_auth/md5_cred",
        "inbound_auth/password_digest",
        "outbound_auth/password",
        "outbound_auth/md5_cred",
        "outbound_auth/password_digest",
        "secret",
        "md5secret",
        "remotesecret",
        "auth_password",
        "dbpass",
    }
)
"""Settings that are secrets, in whatever file."""

KEYS: Final = frozenset({"priv_key_file", "tlsprivatekey"})
"""Settings that name a file with a private key; it counts where it is named from the root."""

FOLDER: Final = ""
"""The folder itself, among modes."""


def secret_files(files: Files) -> tuple[str, ...]:
    """Return the files that hold secrets, as they are told to people.

    Included ones too, and private keys.
    """
    found = [
        each.place.file
        for conf in files.confs.values()
        for section in conf.sections
        for each in section.settings
        if each.name.lower() in SECRETS and each.value
    ]
    found += [
        each.value.strip()
        for conf in files.confs.values()
        for section in conf.sections
        for each in section.settings
        if each.name.lower() in KEYS and each.value.strip().startswith("/")
    ]
    found += [box.place.file for box in read_mailboxes(files) if box.digits.value]
    return tuple(dict.fromkeys(found))


def read_modes(files: Files) -> dict[str, int]:
    """Return the modes of files that hold secrets, and of the folder (`FOLDER`).

    One that is not there any more has none. Where the folder is a copy, as a repository is, they
    say nothing of the machine.
    """
    modes = {}
    for name in (FOLDER, *secret_files(files)):
        try:
            modes[name] = stat.S_IMODE((files.folder / name).stat().st_mode)
        except (OSError, ValueError):
            continue
    return modes


def check_modes(files: Files, modes: Mapping[str, int]) -> Iterator[Finding]:
    """Find files with secrets that everybody can read, in a folder that everybody can enter.

    Args:
        files: What was read.
        modes: Of `read_modes`; without any, nothing is found.
    """
    closed = not modes.get(FOLDER, 0o777) & stat.S_IXOTH
    for name in secret_files(files):
        inside = not name.startswith("/")
        if modes.get(name, 0) & stat.S_IROTH and not (closed and inside):
            yield Finding(
                Kind.READABLE,
                Severity.MEDIUM,
                f"everybody on the machine can read `{name}`, and the secrets in it",
                f"chmod o-rwx {name}, and leave it to Asterisk's user",
                Place(name, 0),
            )
