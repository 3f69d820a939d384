"""Files of a folder that another user may write to, read and replaced as root does it safely.

Asterisk's folder belongs to Asterisk's user, and on a FreePBX to the web server's as well: so no
symbolic link in it is followed, be it put there between two steps of ours.
"""

from __future__ import annotations

import os
import secrets
import stat
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from fastagi.errors import InstallError, Problem

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SUBFOLDER: Final = 0o755
"""The mode of a folder that is made."""

LONGEST: Final = 8 << 20  # bytes; who writes dialplans by hand writes no more


@dataclass(frozen=True, slots=True)
class Owned:
    """Whose a file is, and who may do what with it."""

    user: int
    group: int
    mode: int


class ConfFolder:
    """A folder of configuration; names are relative to it, with one folder between at most."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def read(self, name: str) -> bytes | None:
        """Return what a file holds; None where there is none.

        Raises:
            InstallError: It is a link, or no file, or cannot be read.
        """
        with self._guarded(name):
            try:
                with self._parent(name) as (parent, leaf):
                    return _read(parent, leaf)[0]
            except FileNotFoundError:
                return None

    def replace(self, name: str, before: bytes | None, after: bytes, like: str) -> None:
        """Have a file hold something else, whole or not at all; owner and mode stay.

        Args:
            name: The file; it and its folder are made where they are not there.
            before: What it held when it was read.
            after: What it is to hold.
            like: The file whose owner and mode a new one has.

        Raises:
            InstallError: It is another by now, or it cannot be written.
        """
        with self._guarded(name):
            owned = self._owned(name) or self._owned(like)
            self._make_parent(name, owned)
            with self._parent(name) as (parent, leaf):
                try:
                    now = _read(parent, leaf)[0]
                except FileNotFoundError:
                    now = None
                if now != before:
                    what = "somebody changed it just now: look at it, and run this again"
                    raise InstallError([Problem(self._folder / name, 0, what)])
                _write(parent, leaf, after, owned)

    # ----------------------------------------------------------------------------- steps

    @contextmanager
    def _guarded(self, name: str) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            what = f"cannot be read or written ({error.strerror}); it must be no symbolic link"
            raise InstallError([Problem(self._folder / name, 0, what)]) from error

    @contextmanager
    def _parent(self, name: str) -> Iterator[tuple[int, str]]:
        """Open the folder a file is in, and say what it is called there."""
        folder, _, leaf = name.rpartition("/")
        top = os.open(self._folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            if not folder:
                yield top, leaf
                return
            parent = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW, dir_fd=top)
            try:
                yield parent, leaf
            finally:
                os.close(parent)
        finally:
            os.close(top)

    def _owned(self, name: str) -> Owned | None:
        try:
            with self._parent(name) as (parent, leaf):
                return _read(parent, leaf)[1]
        except FileNotFoundError:
            return None

    def _make_parent(self, name: str, owned: Owned | None) -> None:
        folder, _, _ = name.rpartition("/")
        if not folder:
            return
        with self._parent(folder) as (top, leaf):
            try:
                os.mkdir(leaf, SUBFOLDER, dir_fd=top)
            except FileExistsError:
                return
            if owned is not None:
                os.chown(leaf, owned.user, owned.group, dir_fd=top, follow_symlinks=False)


def _read(parent: int, leaf: str) -> tuple[bytes, Owned]:
    # A pipe would have us wait for its other end.
    file = os.open(leaf, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK, dir_fd=parent)
    with os.fdopen(file, "rb") as opened:
        found = os.fstat(file)
        if not stat.S_ISREG(found.st_mode):
            raise OSError(0, "it is no file")
        content = opened.read(LONGEST + 1)
        if len(content) > LONGEST:
            raise OSError(0, "it is too long")
        return content, Owned(found.st_uid, found.st_gid, stat.S_IMODE(found.st_mode))


def _write(parent: int, leaf: str, content: bytes, owned: Owned | None) -> None:
    """Write a file beside it, and put that in its place: Asterisk reads one or the other."""
    draft = f".{leaf}.{secrets.token_hex(8)}"
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW
    file = os.open(draft, flags, 0o600, dir_fd=parent)
    try:
        with os.fdopen(file, "wb") as opened:
            opened.write(content)
            opened.flush()
            if owned is not None:
                os.fchown(file, owned.user, owned.group)
                os.fchmod(file, owned.mode)
            os.fsync(file)
        os.replace(draft, leaf, src_dir_fd=parent, dst_dir_fd=parent)
    finally:
        with suppress(FileNotFoundError):  # it is in its place
            os.unlink(draft, dir_fd=parent)
    os.fsync(parent)
