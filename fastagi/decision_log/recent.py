"""The end of the record as it grows: the latest decisions, and how many of the last day.

Whoever follows reads what is new since it last looked, and never more than `MOST_BYTES` of it:
for older decisions there is `lookup`. It takes no lock; the file may be rotated meanwhile.
"""

from __future__ import annotations

import contextlib
import functools
import os
import weakref
from collections import Counter, deque
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final, NamedTuple

from fastagi.decision_log.lookup import entry_in
from fastagi.policy.model import Reason

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

MOST_BYTES: Final = 32 << 20
"""What is read at a time: some 60,000 decisions, in about half a second."""

LINE_BYTES: Final = 65_536
"""A line that is longer is none of ours."""

LATEST: Final = 2_000
"""Decisions that are kept whole."""

LATEST_OF_SITE: Final = 200
"""Decisions that are kept whole of each site, however many calls others make."""

SLOT_S: Final = 900
SLOTS: Final = 96
"""Of the day: 96 quarters of an hour."""


class Slot(NamedTuple):
    """A quarter of an hour of a site's, by verdict and reason."""

    at: int
    site: str
    verdict: str
    reason: str


class Recent:
    """Reads the file of decisions as it grows; for one thread at a time."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file: int | None = None
        self._let_go = weakref.finalize(self, lambda: None)
        self._at = 0
        self._rest = b""
        self.latest: deque[Mapping[str, object]] = deque(maxlen=LATEST)
        """Oldest first."""
        self.latest_of: dict[str, deque[tuple[int, Mapping[str, object]]]] = {}
        """By site, each with its place among all that were read."""
        self._read = 0
        self.counts: Counter[Slot] = Counter()
        self.versions: dict[tuple[str, str], tuple[str, str]] = {}
        """By site and node: the version of the policy that judged last there, and when."""
        self.since: float | None = None
        """From when on all was read; None where nothing was yet."""

    def catch_up(self, now: float) -> int:
        """Read what is new; how many decisions that are.

        Raises:
            OSError: The file is there, and cannot be read.
        """
        if self._file is None:
            self._open()
        if self._file is None:
            return 0
        found = self._take(self._file, now)
        if self._is_another(self._file):
            self.close()
            self._open()
            if self._file is not None:
                found += self._take(self._file, now)
        self._forget(now)
        return found

    def close(self) -> None:
        """Let the file go, as happens by itself where whoever follows is forgotten."""
        self._let_go()
        self._file, self._at, self._rest = None, 0, b""

    # ------------------------------------------------------------------- the file

    def _open(self) -> None:
        with contextlib.suppress(FileNotFoundError):
            self._file = os.open(self._path, os.O_RDONLY | os.O_CLOEXEC)
            self._let_go = weakref.finalize(self, functools.partial(os.close, self._file))

    def _is_another(self, file: int) -> bool:
        """Whether all of it was read, and the name is another file's, or the file was cut."""
        try:
            there = self._path.stat()
        except FileNotFoundError:
            return False
        mine = os.fstat(file)
        return not os.path.samestat(mine, there) or mine.st_size < self._at

    def _take(self, file: int, now: float) -> int:
        """Read what is new; of very much, the end."""
        new = os.fstat(file).st_size - self._at
        skipped = new > MOST_BYTES
        if skipped:
            self._at += new - MOST_BYTES
            self._rest = b""
            self.latest.clear()
            self.latest_of.clear()
            self.counts.clear()
            self.since = None
        read = os.pread(file, MOST_BYTES, self._at)
        self._at += len(read)
        *lines, self._rest = (self._rest + read).split(b"\n")
        if len(self._rest) > LINE_BYTES:
            self._rest = b"-"  # no beginning of a line of ours
        if skipped:
            del lines[:1]  # the one that is cut
        return sum(self._note(line, now) for line in lines if len(line) <= LINE_BYTES)

    # ------------------------------------------------------------------- what is in it

    def _note(self, line: bytes, now: float) -> bool:
        entry = entry_in(line)
        try:
            at = datetime.fromisoformat(str(entry["time"])).astimezone(UTC).timestamp()
        except (KeyError, ValueError, OverflowError):
            return False
        self.latest.append(entry)
        self._read += 1
        of_site = self.latest_of.setdefault(
            str(entry.get("site", "")), deque(maxlen=LATEST_OF_SITE)
        )
        of_site.append((self._read, entry))
        if entry.get("reason") == Reason.SETTLED:
            return True  # a call that is over was counted when it was let through
        site, node, version = (str(entry.get(name, "")) for name in ("site", "node", "policy"))
        if version:
            self.versions[(site, node)] = (version, str(entry["time"]))
        if self.since is None:
            self.since = at
        if now - at < SLOTS * SLOT_S:
            of = (str(entry.get(name, "")) for name in ("verdict", "reason"))
            self.counts[Slot(int(at) // SLOT_S * SLOT_S, site, *of)] += 1
        return True

    def _forget(self, now: float) -> None:
        for slot in [each for each in self.counts if each.at <= now - SLOTS * SLOT_S - SLOT_S]:
            del self.counts[slot]
