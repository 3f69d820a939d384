"""Contents of files under their SHA-256, compressed, each once, and whole or not at all."""

from __future__ import annotations

import contextlib
import gzip
import hashlib
import os
import secrets
import shutil
import zlib
from typing import TYPE_CHECKING, Final

from fastagi.errors import VersionError

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator
    from pathlib import Path

BLOBS: Final = "_blobs"
"""No site's name: those have no underscore."""
SUFFIX: Final = ".gz"
DRAFT: Final = ".draft"
CHUNK: Final = 1 << 20
LEVEL: Final = 6
"""Of gzip: a rate sheet shrinks to a fifth in about a second each 20 MB, in a thread."""


def digest_of(file: Path) -> str:
    """Return the SHA-256 of a file, in hex.

    Raises:
        OSError: It cannot be read.
    """
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()


def put(folder: Path, file: Path, digest: str) -> None:
    """Keep what a file holds, if it is not kept already.

    Raises:
        OSError: It cannot be read, or not kept.
        VersionError: It holds something else by now.
    """
    kept = _place(folder, digest)
    if kept.exists():
        return
    for made in (folder, folder / BLOBS, kept.parent):  # `parents` would make those with no mode
        made.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = kept.with_name(f"{digest[:12]}-{secrets.token_hex(4)}{DRAFT}")
    read = hashlib.sha256()
    try:
        with file.open("rb") as opened, os.fdopen(_created(draft), "wb") as raw:
            with gzip.GzipFile("", "wb", LEVEL, raw, mtime=0) as packed:
                while chunk := opened.read(CHUNK):
                    read.update(chunk)
                    packed.write(chunk)
            raw.flush()
            os.fsync(raw.fileno())
        if read.hexdigest() != digest:
            raise VersionError(f"`{file}` changes while it is kept")
        draft.replace(kept)
    finally:
        draft.unlink(missing_ok=True)


def get(folder: Path, digest: str) -> bytes:
    """Return what is kept under a digest.

    Raises:
        VersionError: It is not there, cannot be read, or is not what was kept.
    """
    try:
        with gzip.open(_place(folder, digest)) as packed:
            raw = packed.read()
    except (OSError, EOFError, zlib.error) as error:
        raise VersionError(f"what was kept as {digest[:12]} cannot be read") from error
    if hashlib.sha256(raw).hexdigest() != digest:
        raise VersionError(f"what was kept as {digest[:12]} is not what it was")
    return raw


def unpack(folder: Path, digest: str, file: Path) -> None:
    """Write what is kept under a digest into a file, however long it is.

    Raises:
        VersionError: As of `get`.
    """
    try:
        with gzip.open(_place(folder, digest)) as packed, file.open("wb") as opened:
            shutil.copyfileobj(packed, opened, CHUNK)
        is_whole = digest_of(file) == digest
    except (OSError, EOFError, zlib.error) as error:
        raise VersionError(f"what was kept as {digest[:12]} cannot be read") from error
    if not is_whole:
        raise VersionError(f"what was kept as {digest[:12]} is not what it was")


def sizes(folder: Path) -> dict[str, int]:
    """Return how many bytes each kept content takes, by its digest."""
    found: dict[str, int] = {}
    for each in _files(folder):
        with contextlib.suppress(FileNotFoundError):  # another took it away just now
            found[each.name.removesuffix(SUFFIX)] = each.stat().st_size
    return found


def forget_others(folder: Path, used: Collection[str]) -> None:
    """Take every content away that is not among those, and what a crash left half-written.

    Raises:
        OSError: One cannot be taken away.
    """
    for each in _files(folder):
        if each.name.removesuffix(SUFFIX) not in used:
            each.unlink(missing_ok=True)
    for draft in (folder / BLOBS).glob(f"*/*{DRAFT}"):
        draft.unlink(missing_ok=True)


def _files(folder: Path) -> Iterator[Path]:
    yield from (folder / BLOBS).glob(f"*/*{SUFFIX}")


def _place(folder: Path, digest: str) -> Path:
    return folder / BLOBS / digest[:2] / f"{digest}{SUFFIX}"


def _created(file: Path) -> int:
    return os.open(file, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_CLOEXEC, 0o600)
