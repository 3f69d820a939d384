"""One sheet for all processes of the service: made by the first that needs it, mapped by all.

It lies in the service's own folder, which is in memory and nobody else's (mode 0700). A sheet that
was replaced goes on to exist for whoever has it mapped.
"""

from __future__ import annotations

import fcntl
import mmap
from typing import TYPE_CHECKING, Final

from fastagi.rating.sheet import RateSheet

if TYPE_CHECKING:
    from collections.abc import Callable, Collection
    from pathlib import Path

SUFFIX: Final = ".rates"


class MappedSheet(RateSheet):
    """A sheet that is mapped from a file, and travels to other processes as the file's name.

    Raises:
        OSError: The file is not there, or cannot be mapped.
        ValueError: It is no sheet, or not whole.
    """

    __slots__ = ("file",)

    def __init__(self, file: Path) -> None:
        with file.open("rb") as opened:
            super().__init__(memoryview(mmap.mmap(opened.fileno(), 0, access=mmap.ACCESS_READ)))
        self.file = file

    def __reduce__(self) -> tuple[type[MappedSheet], tuple[Path]]:  # type: ignore[override]  # the parent's with another argument
        """Pickle it as where it lies."""
        return MappedSheet, (self.file,)


def shared_sheet(folder: Path, name: str, read: Callable[[], RateSheet]) -> RateSheet:
    """Return a sheet from the folder; where it is not there yet, read it and put it there.

    Of several processes that want it at once one reads, and the others wait for it. Where the
    folder is full or gone, each has its own: dearer, and no worse.

    Args:
        folder: The service's own.
        name: Tells this sheet from all others, by what is in it.
        read: Reads it; what it raises is raised.
    """
    file = folder / (name + SUFFIX)
    try:
        with (folder / (name + ".lock")).open("wb") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            return _mapped_or_made(file, read)
    except OSError:
        return read()


def _mapped_or_made(file: Path, read: Callable[[], RateSheet]) -> RateSheet:
    try:
        return MappedSheet(file)
    except (FileNotFoundError, ValueError):
        sheet = read()
    try:
        draft = file.with_suffix(".draft")
        draft.write_bytes(sheet.buffer)
        draft.replace(file)
        return MappedSheet(file)
    except OSError:
        return sheet


def forget_others(folder: Path, used: Collection[RateSheet]) -> None:
    """Take the files of sheets away that are not among those; whoever has one mapped keeps it."""
    kept = {sheet.file for sheet in used if isinstance(sheet, MappedSheet)}
    for file in folder.glob("*" + SUFFIX):
        if file not in kept:
            file.unlink(missing_ok=True)  # its lock stays: somebody may hold it
