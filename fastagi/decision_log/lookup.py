"""The lines out of the record again, over the file in use and the rotated ones beside it.

The operator's command reads while the service writes and rotates; it takes no lock. A line that
is not whole is passed over.
"""

from __future__ import annotations

import contextlib
import gzip
import json
import zlib
from operator import itemgetter
from typing import TYPE_CHECKING

from fastagi.policy.model import Reason

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


def lookup(path: Path, reference: str, site: str | None = None) -> Iterator[dict[str, object]]:
    """Find the decisions with a reference, newest first; four digits come round again.

    Args:
        path: The file in use.
        reference: The four digits that the caller heard.
        site: Only of this site; None for all.

    Yields:
        Each decision as it is in the file.

    Raises:
        OSError: The folder, or a file that is there, cannot be read.
    """
    for file in newest_first(path):
        found = [each for each in _entries(file, reference) if site in (None, each.get("site"))]
        yield from reversed(found)


def decisions_of(
    path: Path, reference: str, site: str | None = None, time: str = "", call: str = ""
) -> list[dict[str, object]]:
    """Return the decisions with a reference, newest first, without what their calls came to cost.

    Args:
        path: The file in use.
        reference: The four digits that the caller heard.
        site: Only of this site; None for all.
        time: Only those whose moment begins like this, in UTC; empty for all.
        call: Only of this call of Asterisk's; empty for all.

    Raises:
        OSError: As of `lookup`.
    """
    return [
        each
        for each in lookup(path, reference, site)
        if each.get("reason") != Reason.SETTLED
        and str(each.get("time", "")).startswith(time)
        and call in ("", each.get("call"))
    ]


def newest_first(path: Path) -> list[Path]:
    """List the file and what it was rotated to (`.1`, `.2.gz`, `-20260105`), by last line."""
    dated: list[tuple[int, Path]] = []
    beside = path.parent.iterdir() if path.parent.exists() else ()
    for file in sorted(each for each in beside if each.name.startswith(path.name)):
        with contextlib.suppress(FileNotFoundError):  # rotated away between the two
            dated.append((file.stat().st_mtime_ns, file))
    dated.sort(key=itemgetter(0), reverse=True)
    return [file for _, file in dated]


def _entries(file: Path, reference: str) -> Iterator[dict[str, object]]:
    """Read the entries with the reference, in the file's order."""
    needle = f'"reference":{json.dumps(reference)}'.encode()  # spares parsing all the others
    try:
        with gzip.open(file) if file.suffix == ".gz" else file.open("rb") as lines:
            for raw in lines:
                if needle in raw and (entry := entry_in(raw)):
                    yield entry
    except (FileNotFoundError, EOFError, zlib.error):  # rotated away, or not wholly compressed
        return


def entry_in(raw: bytes) -> dict[str, object]:
    """Read one line; empty if it is not whole."""
    try:
        entry: object = json.loads(raw)
    except ValueError:
        return {}
    return entry if isinstance(entry, dict) else {}
