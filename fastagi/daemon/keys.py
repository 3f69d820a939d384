"""Secrets on disk: the file of keys, and the secret shared with the dialplan.

Both are refused when others can read them. What the keys are good for is
`fastagi.second_factor.vault`'s to know.
"""

from __future__ import annotations

import os
import re
import tempfile
from pathlib import Path
from typing import Final

from fastagi.errors import Problem, SettingsError, VaultError
from fastagi.second_factor.vault import Vault, new_key, parse_keys

OTHERS: Final = 0o077
"""Permission bits that a file of keys must not have: anything for group or others."""

EVERYBODY: Final = 0o007
"""Permission bits that a shared secret must not have; Asterisk may read it as its group."""

SECRET: Final = re.compile(r"[A-Za-z0-9_-]+")
"""What a shared secret is made of: nothing that means something to a dialplan."""


def open_vault(file: Path) -> Vault:
    """Return the vault of a key file, which is made if there is none.

    Raises:
        VaultError: The file cannot be made or read, others can read it, or it holds no keys.
    """
    try:
        if not file.exists():
            _make(file)
        mode = file.stat().st_mode
        text = file.read_text(encoding="ascii")
    except (OSError, UnicodeDecodeError) as error:
        raise VaultError(f"key file `{file}` cannot be used") from error
    if mode & OTHERS:
        raise VaultError(f"key file `{file}` is open to other users; run `chmod 600 {file}`")
    try:
        return Vault(parse_keys(text))
    except VaultError as error:
        raise VaultError(f"key file `{file}`: {error}") from None


def _make(file: Path) -> None:
    """Write one new key; whole or not at all, so that of two processes one finds the other's."""
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    descriptor, draft = tempfile.mkstemp(dir=file.parent, prefix=f".{file.name}-")  # mode 0600
    try:
        with os.fdopen(descriptor, "wb") as writing:
            writing.write(new_key() + b"\n")
            writing.flush()
            os.fsync(writing.fileno())
        os.link(draft, file)
    except FileExistsError:
        pass  # another process was quicker: its key is the one
    finally:
        Path(draft).unlink()


def read_secret(file: Path) -> str:
    """Read what the service shares with the dialplan: one line.

    Raises:
        SettingsError: It cannot be read, everybody can read it, or it is no such line.
    """
    try:
        mode = file.stat().st_mode
        secret = file.read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError([Problem(file, 0, "the shared secret cannot be read")]) from error
    if mode & EVERYBODY:
        what = f"everybody can read the shared secret; run `chmod o= {file}`"
        raise SettingsError([Problem(file, 0, what)])
    if not SECRET.fullmatch(secret):
        what = "a shared secret is one line of letters, digits, `-` and `_`"
        raise SettingsError([Problem(file, 1, what)])
    return secret
