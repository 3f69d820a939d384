"""Doing something again whenever one of its files changes, until Ctrl-C."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Final, TypeAlias

from rich.console import Console
from watchfiles import watch

from fastagi.cli.output import fail

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from pathlib import Path

LOOK_MS: Final = 1000
"""How long nothing is told at most: files of another machine change, and no system tells."""


Look: TypeAlias = tuple[int, ...]
"""Inode, size, and when it changed, in nanoseconds; empty of what is not there."""


def _woken(folders: Sequence[Path]) -> Iterator[object]:
    """Wake up whenever something may have changed in a folder, and every now and then."""
    return watch(
        *folders, recursive=False, rust_timeout=LOOK_MS, yield_on_timeout=True, debounce=200
    )


def rerun(
    files: Sequence[Path],
    run: Callable[[], Sequence[Path]],
    woken: Callable[[Sequence[Path]], Iterable[object]] = _woken,
) -> None:
    """Run now, and again after each change of a file that the last run hung on.

    Nothing is cleared: a line with the time stands before each run. It ends by Ctrl-C, with
    status 0, for that is how one ends it.

    Args:
        files: What it hangs on, as far as is known before the first run.
        run: Returns all that it hangs on.
        woken: Tells of each moment at which to look, given the folders to watch.
    """
    try:
        while True:
            Console().rule(f"{datetime.now().astimezone():%H:%M:%S}")
            before = _looks(files)  # what changes during a run is seen after it
            files = run()
            _wait(files, {**_looks(files), **before}, woken)
    except KeyboardInterrupt:
        return


def _wait(
    files: Sequence[Path],
    seen: dict[Path, Look],
    woken: Callable[[Sequence[Path]], Iterable[object]],
) -> None:
    folders = sorted({each.absolute().parent for each in files if each.parent.is_dir()})
    try:
        for _ in woken(folders):
            if _looks(files) != {each: seen[each] for each in files}:
                return
    except (OSError, RuntimeError) as error:
        fail(f"the files cannot be watched: {error}")
    raise KeyboardInterrupt  # watching ends with Ctrl-C only


def _looks(files: Iterable[Path]) -> dict[Path, Look]:
    """Return what changes when a file does; nothing of one that is not there."""
    looks: dict[Path, Look] = {}
    for each in files:
        try:
            status = each.stat()
        except OSError:
            looks[each] = ()
        else:
            looks[each] = (status.st_ino, status.st_size, status.st_mtime_ns)
    return looks
