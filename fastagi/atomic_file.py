"""A file that is replaced as a whole: who reads it sees the old one or the new, never a half."""

from __future__ import annotations

import os
import secrets
import stat
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

ACCESS: Final = ("system.posix_acl_", "user.")
"""Extended attributes that are taken along; labels of SELinux are the kernel's to give."""


def write(path: Path, content: bytes) -> None:
    """Replace a file, or make it; when this returns, the new one survives a loss of power.

    Mode, owner, group and access lists stay; a symbolic link stays one, and what it leads to is
    replaced. What is new has the mode that the umask leaves.

    Raises:
        OSError: It cannot be written as it was owned; the old one is as it was.
    """
    with replacing(path) as file:
        file.write(content)


@contextmanager
def replacing(path: Path) -> Iterator[IO[bytes]]:
    """Give what to write to, as `write` does: leaving it puts the new file in its place.

    Leaving it by an error leaves the old one.

    Raises:
        OSError: As of `write`.
    """
    target = Path(os.path.realpath(path))
    draft = target.with_name(f".{target.name}.{secrets.token_hex(4)}")
    before = target.stat() if target.exists() else None
    if before is not None and not stat.S_ISREG(before.st_mode):
        raise OSError(f"`{path}` is no regular file")
    mode = 0o666 if before is None else 0o600  # what is replaced is shown to nobody meanwhile
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, mode)
    try:
        with os.fdopen(descriptor, "wb") as file:
            yield file
            file.flush()
            if before is not None:
                _keep(target, before, descriptor)
            os.fsync(descriptor)
        draft.replace(target)
    finally:
        # Whatever ended this, Ctrl-C included, leaves no draft behind; once it is in place, there
        # is none.
        with suppress(OSError):
            draft.unlink()
    _settle(target.parent)


def _keep(target: Path, before: os.stat_result, descriptor: int) -> None:
    """Give the new file what the old one had; the owner first, as that clears bits of the mode."""
    now = os.fstat(descriptor)
    if (now.st_uid, now.st_gid) != (before.st_uid, before.st_gid):
        os.fchown(descriptor, before.st_uid, before.st_gid)
    os.fchmod(descriptor, stat.S_IMODE(before.st_mode))
    keep_access(target, descriptor)


def keep_access(target: Path, descriptor: int) -> None:
    """Give an open file the access lists of another, beside its mode."""
    for name in os.listxattr(target):
        if name.startswith(ACCESS):
            os.setxattr(descriptor, name, os.getxattr(target, name))


def _settle(folder: Path) -> None:
    """Have the folder's own entry on the disk, too."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
