"""Putting a file in the place of another, whole or not at all."""

from __future__ import annotations

import contextlib
import os
import tempfile
from pathlib import Path

from fastagi.atomic_file import keep_access
from fastagi.errors import PolicyError, Problem
from fastagi.policy.files import read_file
from fastagi.policy.reading import BYTES_MAX
from fastagi.toml_lines import WHOLE_FILE


def text_of(file: Path) -> str:
    """Return the text of a policy.

    Raises:
        PolicyError: It cannot be read, or is no UTF-8.
    """
    try:
        return read_file(file, BYTES_MAX).decode()
    except UnicodeDecodeError:
        raise wrong(file, "this is no UTF-8; save it as that") from None


def replace_text(file: Path, before: str, text: str) -> None:
    """Replace a file's text in one step; mode, owner and access lists stay; so does a link.

    Raises:
        PolicyError: Somebody else changed the file meanwhile, or it cannot be written; it is as it
            was then.
    """
    target = file.resolve()
    if text_of(file) != before:
        raise wrong(file, "somebody else has changed it meanwhile; do it again")
    temporary = None
    try:
        status = target.stat()
        descriptor, name = tempfile.mkstemp(prefix=f".{target.name}.", dir=target.parent)
        temporary = Path(name)
        with os.fdopen(descriptor, "wb") as written:
            written.write(text.encode())
            written.flush()
            if (status.st_uid, status.st_gid) != (os.geteuid(), os.getegid()):
                os.fchown(descriptor, status.st_uid, status.st_gid)
            os.fchmod(descriptor, status.st_mode & 0o7777)
            keep_access(target, descriptor)
            os.fsync(descriptor)
        temporary.replace(target)
        temporary = None
    except OSError as error:
        raise wrong(file, f"it cannot be written: {error.strerror}; nothing is changed") from None
    finally:
        if temporary is not None:
            temporary.unlink(missing_ok=True)
    sync(target.parent)


def write_like(file: Path, text: str, like: Path) -> None:
    """Write a file, whole or not at all, that only those can read who may read another."""
    status = like.stat()
    draft = file.with_name(f".{file.name}.new")
    draft.unlink(missing_ok=True)
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as written:
        written.write(text.encode())
        written.flush()
        if (status.st_uid, status.st_gid) != (os.geteuid(), os.getegid()):
            os.fchown(descriptor, status.st_uid, status.st_gid)
        os.fchmod(descriptor, status.st_mode & 0o7777)
        keep_access(like, descriptor)
        os.fsync(descriptor)
    draft.replace(file)


def sync(folder: Path) -> None:
    """Have the folder remember what its files are called now, should the power fail."""
    with contextlib.suppress(OSError):  # not every file system can; it is done all the same
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def wrong(file: Path, what: str) -> PolicyError:
    """Return what is wrong with a file as a whole."""
    return PolicyError([Problem(file, WHOLE_FILE, what)])
