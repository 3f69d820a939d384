"""The lines into the file: a thread of its own behind a bounded queue.

A call hands its record over and goes on; it never waits for a disk. What does not fit into the
queue is dropped, counted, and told in the service's log; of the site that has most there the
newest, so that nobody's calls push those of another off the record. While the disk is full or the
folder gone, calls go on; that is told once, and once more when it is over. The thread outlives
whatever goes wrong with a record: there is nobody to start another.
"""

from __future__ import annotations

import threading
from collections import Counter, deque
from operator import itemgetter
from typing import TYPE_CHECKING, Final, Generic, Protocol, TypeVar

import structlog

from fastagi.decision_log import record as records
from fastagi.decision_log.lookup import lookup
from fastagi.decision_log.record import Record
from fastagi.decision_log.shared_file import SharedFile

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from structlog.typing import FilteringBoundLogger

MOST_WAITING: Final = 10_000
"""Records in the queue: some minutes of a busy system while its disk is away; about 10 MB."""

MOST_AT_ONCE: Final = 500
"""Records written in one step, so that a burst costs few locks."""

ROTATE_BYTES: Final = 64 * 1024 * 1024
KEEP: Final = 10
RETRY_S: Final = 1.0


class OfSite(Protocol):
    """What goes on record: of one site, which may not push another's off it."""

    @property
    def site(self) -> str:
        """The site's name."""
        ...


Written = TypeVar("Written", bound=OfSite)


class LineLog(Generic[Written]):
    """A record of lines; make it in the process that uses it: threads do not survive a fork.

    Args:
        path: The file of JSON lines; several processes may write the same.
        line: Returns a line, with its newline, of which so many last digits are not shown.
        mask: How many last digits of outside numbers are not shown.
        rotate_bytes: The size above which the file is rotated; 0 leaves that to logrotate.
        keep: How many rotated files are kept.
        most_waiting: Records the queue holds.
        retry_s: Seconds between tries while the file cannot be written.
        log: The service's log.
    """

    def __init__(
        self,
        path: Path,
        line: Callable[[Written, int], str],
        mask: int,
        *,
        rotate_bytes: int = ROTATE_BYTES,
        keep: int = KEEP,
        most_waiting: int = MOST_WAITING,
        retry_s: float = RETRY_S,
        log: FilteringBoundLogger | None = None,
    ) -> None:
        self._path = path
        self._line = line
        self._mask = mask
        self._file = SharedFile(path, rotate_bytes=rotate_bytes, keep=keep)
        self._most_waiting = most_waiting
        self._retry_s = retry_s
        self._log: FilteringBoundLogger = log or structlog.get_logger("decision_log")
        self._waiting: deque[Written] = deque()
        self._of_sites: Counter[str] = Counter()
        self._changed = threading.Condition()  # guards the queue, its counts and the three below
        self._closing = False
        self._dropped = 0
        self._dropped_told = 0
        self._failing = False  # from here on the writer's own
        self._unrotated = False
        self._thread = threading.Thread(target=self._run, name="decision-log", daemon=True)
        self._thread.start()

    def record(self, record: Written) -> None:
        """Put a decision on record, soon; never waits for the file, never raises."""
        with self._changed:
            is_full = len(self._waiting) >= self._most_waiting
            self._dropped += self._closing or is_full
            if self._closing or (is_full and not self._made_room(record.site)):
                return
            self._waiting.append(record)
            self._of_sites[record.site] += 1
            self._changed.notify()

    def _made_room(self, site: str) -> bool:
        """Drop the newest of the site that has most; False where that is this one."""
        most, count = max(self._of_sites.items(), key=itemgetter(1))
        if count <= self._of_sites[site] + 1:
            return False
        newest_first = range(len(self._waiting) - 1, -1, -1)
        del self._waiting[next(at for at in newest_first if self._waiting[at].site == most)]
        self._of_sites[most] -= 1
        return True

    @property
    def dropped(self) -> int:
        """How many records are lost, because the queue was full or the file not to be written."""
        with self._changed:
            return self._dropped

    def close(self, patience_s: float = 5.0) -> None:
        """Write what is waiting, and end; a file that cannot be written is not waited for.

        Args:
            patience_s: Seconds after which a disk that does not answer is left to itself.
        """
        with self._changed:
            self._closing = True
            self._changed.notify()
        self._thread.join(patience_s)
        if self._thread.is_alive():
            self._log.error("decision-log-hangs", file=str(self._path), waiting=len(self._waiting))

    # ------------------------------------------------------------------- the writer's thread

    def _run(self) -> None:
        while batch := self._next_batch():
            try:
                kept = self._kept(batch)
            except Exception:  # our bug, or the log's; the batches to come are not to pay for it
                self._log.exception("decision-log-broke", count=len(batch))
                kept = False
            if not kept:
                self._drop(len(batch))
            self._tell_dropped()

    def _kept(self, batch: list[Written]) -> bool:
        lines = "".join(self._line(each, self._mask) for each in batch).encode()
        return self._wrote_in_the_end(lines)

    def _next_batch(self) -> list[Written]:
        """Wait for records; none when there are no more to come."""
        with self._changed:
            self._changed.wait_for(lambda: self._waiting or self._closing)
            count = min(len(self._waiting), MOST_AT_ONCE)
            batch = [self._waiting.popleft() for _ in range(count)]
            self._of_sites -= Counter(each.site for each in batch)
            return batch

    def _wrote_in_the_end(self, lines: bytes) -> bool:
        """Try until it is written; once the log is closed, once more and no longer."""
        closing = False
        while not self._wrote(lines):
            if closing:
                return False
            with self._changed:
                closing = self._changed.wait_for(lambda: self._closing, self._retry_s)
        return True

    def _wrote(self, lines: bytes) -> bool:
        """Try to write; tell when that begins to fail, and when it is over."""
        try:
            unrotated = self._file.append(lines)
        except OSError as error:
            if not self._failing:
                self._log.error("decision-log-not-written", file=str(self._path), error=str(error))
            self._failing = True
            return False
        if self._failing:
            self._log.info("decision-log-written-again", file=str(self._path))
        self._failing = False
        if unrotated is not None and not self._unrotated:
            self._log.error("decision-log-not-rotated", file=str(self._path), error=str(unrotated))
        self._unrotated = unrotated is not None
        return True

    def _drop(self, count: int) -> None:
        with self._changed:
            self._dropped += count

    def _tell_dropped(self) -> None:
        with self._changed:
            fresh = self._dropped - self._dropped_told
            self._dropped_told = self._dropped
        if fresh:
            self._log.error("decisions-not-on-record", count=fresh, file=str(self._path))


class DecisionLog(LineLog[Record]):
    """The record of decisions: a `fastagi.call.ports.Decisions`; see `LineLog`."""

    def __init__(
        self,
        path: Path,
        mask: int,
        *,
        rotate_bytes: int = ROTATE_BYTES,
        keep: int = KEEP,
        most_waiting: int = MOST_WAITING,
        retry_s: float = RETRY_S,
        log: FilteringBoundLogger | None = None,
    ) -> None:
        super().__init__(
            path,
            records.line,
            mask,
            rotate_bytes=rotate_bytes,
            keep=keep,
            most_waiting=most_waiting,
            retry_s=retry_s,
            log=log,
        )

    def lookup(self, reference: str) -> Iterator[dict[str, object]]:
        """Find decisions by the four digits a refused caller hears, newest first."""
        return lookup(self._path, reference)
