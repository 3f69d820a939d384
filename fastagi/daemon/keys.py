"""Secrets on disk: the file of keys, and secrets shared with the dialplan and with others.

They are refused when others can read them. What the keys are good for is
`fastagi.second_factor.vault`'s to know.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import re
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Final

import structlog

from fastagi.errors import Problem, SettingsError, VaultError
from fastagi.second_factor.vault import Vault, new_key, parse_keys

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from fastagi.stores.store import Enrolments

OTHERS: Final = 0o077
"""Permission bits that a file of keys must not have: anything for group or others."""

EVERYBODY: Final = 0o007
"""Permission bits that a shared secret must not have; Asterisk may read it as its group."""

SECRET: Final = re.compile(r"[A-Za-z0-9_-]+")
"""What a shared secret is made of: nothing that means something to a dialplan."""

CLIENT_SECRET: Final = re.compile(r"[!-~]{1,1000}")
"""What a client secret is made of (RFC 6749, appendix A.2), but for blanks at either end."""

SECRET_LEAST: Final = 16
"""Characters of a shared secret: whoever has overheard one token can try secrets at home."""


log = structlog.get_logger(__name__)


async def vault_of(
    file: Path, store: Enrolments, sites: Iterable[str], *, is_shared: bool = False
) -> Vault:
    """Return the vault of a key file, which is made if nothing depends on a lost one.

    A new key in the place of a lost one would read nothing that is stored: every right PIN would
    be wrong, and lock its owner out.

    Args:
        file: The key file.
        store: Where the enrolments are.
        sites: All there are; looked at only where the file is missing.
        is_shared: Whether other gates use the store. Each would make a key of its own then, and
            take what was enrolled at another for wrong.

    Raises:
        VaultError: The file is missing and wanted, or cannot be made; or as `open_vault`.
        StoreError: The store is down.
    """
    if _is_missing(file):
        for site in sites:
            if await store.enrolments(site):
                raise VaultError(
                    f"key file `{file}` is missing; restore it from its backup: "
                    "the store has enrolments that a new key cannot read"
                )
        if is_shared:
            raise VaultError(
                f"key file `{file}` is missing; gates that share a store share its keys: copy it "
                "from another gate, or, for the first of them, make it: "
                f"`(umask 077; openssl rand -base64 32 | tr +/ -_ > {file})`"
            )
        if make_keys(file):
            log.warning("key-file-made", file=str(file))
    return open_vault(file)


def open_vault(file: Path) -> Vault:
    """Return the vault of a key file.

    Raises:
        VaultError: The file cannot be read, others can read it, or it holds no keys.
    """
    return Vault(_read(file), lambda: _read(file))


def _read(file: Path) -> Sequence[bytes]:
    try:
        mode = file.stat().st_mode
        text = file.read_text(encoding="ascii")
    except (OSError, UnicodeDecodeError) as error:
        raise VaultError(f"key file `{file}` cannot be used") from error
    if mode & OTHERS:
        raise VaultError(f"key file `{file}` is open to other users; run `chmod 600 {file}`")
    try:
        return parse_keys(text)
    except VaultError as error:
        raise VaultError(f"key file `{file}`: {error}") from None


def make_keys(file: Path) -> bool:
    """Write a key file of one new key; False where there is a file already.

    It is written whole or not at all, so that of two processes one finds the other's key.

    Raises:
        VaultError: The file cannot be made.
    """
    try:
        file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        draft = _draft(file, new_key() + b"\n")
        try:
            os.link(draft, file)
            _sync(file.parent)
        except FileExistsError:
            return False  # another process was quicker: its key is the one
        finally:
            draft.unlink()
    except OSError as error:
        raise VaultError(f"key file `{file}` cannot be made") from error
    return True


def rotate_keys(file: Path) -> None:
    """Put a new key before those of a key file, which stay for what is stored under them.

    The new file is whole and on the disk before it takes the old one's place and owner: what is
    encrypted under a key that a power cut took away is lost.

    Raises:
        VaultError: As `open_vault`; or the file cannot be written.
    """
    file = file.resolve()  # not in the place of a symbolic link
    try:
        with _alone_in(file.parent):
            _read(file)
            owner = file.stat()
            draft = _draft(file, new_key() + b"\n" + file.read_bytes())
            try:
                if owner.st_uid != os.geteuid():
                    os.chown(draft, owner.st_uid, owner.st_gid)
                draft.replace(file)
            except OSError:
                draft.unlink()
                raise
            _sync(file.parent)
    except OSError as error:
        raise VaultError(f"key file `{file}` cannot be written") from error


@contextlib.contextmanager
def _alone_in(folder: Path) -> Iterator[None]:
    """Have the folder's key file to oneself: of two who rotate, neither loses a key."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _sync(folder: Path) -> None:
    """Have the disk remember a folder's names."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _is_missing(file: Path) -> bool:
    try:
        return not file.exists()
    except OSError:  # a folder that we may not look into; `open_vault` says so
        return False


def _draft(file: Path, content: bytes) -> Path:
    """Write a file beside another, that only its owner can read, and that is on the disk."""
    descriptor, name = tempfile.mkstemp(dir=file.parent, prefix=f".{file.name}-")  # mode 0600
    with os.fdopen(descriptor, "wb") as writing:
        writing.write(content)
        writing.flush()
        os.fsync(writing.fileno())
    return Path(name)


def read_secret(file: Path) -> str:
    """Read what the service shares with the dialplan: one line.

    Raises:
        SettingsError: It cannot be read, everybody can read it, it is no such line or too short.
    """
    secret = _secret_in(file)
    if not SECRET.fullmatch(secret):
        what = "a shared secret is one line of letters, digits, `-` and `_`"
        raise SettingsError([Problem(file, 1, what)])
    if len(secret) < SECRET_LEAST:
        what = f"a shared secret has {SECRET_LEAST} characters or more; run `openssl rand -hex 16`"
        raise SettingsError([Problem(file, 1, what)])
    return secret


def read_client_secret(file: Path) -> str:
    """Read what an OpenID provider knows us by: one line, of whatever the provider made it of.

    Raises:
        SettingsError: It cannot be read, everybody can read it, or it is no such line.
    """
    secret = _secret_in(file)
    if not CLIENT_SECRET.fullmatch(secret):
        what = "a client secret is one line, as the provider shows it"
        raise SettingsError([Problem(file, 1, what)])
    return secret


def _secret_in(file: Path) -> str:
    """Read a file that not everybody can read."""
    try:
        mode = file.stat().st_mode
        secret = file.read_text(encoding="ascii", errors="replace").strip()
    except OSError as error:
        why = (error.strerror or str(error)).lower()
        what = f"the shared secret cannot be read: {why}"
        raise SettingsError([Problem(file, 0, what)]) from error
    if mode & EVERYBODY:
        what = f"everybody can read the shared secret; run `chmod o= {file}`"
        raise SettingsError([Problem(file, 0, what)])
    return secret
