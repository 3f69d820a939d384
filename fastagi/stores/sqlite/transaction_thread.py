"""Group commit: a thread that runs the operations of many callers in one transaction.

Callers wait while a transaction is on its way to the disk; whatever they asked meanwhile makes up
the next. So a busy store syncs once for many calls, and a quiet one at once for each.

Sites take turns in the queue: what one of them asks a thousand times keeps another waiting for a
transaction or two, and where the queue is full it is theirs that is refused.

An operation whose caller has given up before it began is not done at all. One that had begun is
done before anything that anybody asks later, in whatever process, as the write lock is held until
it is committed. So whoever gives a call up and then releases it leaves nothing behind.
"""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Concatenate, Final, ParamSpec, TypeVar

import apsw

from fastagi.errors import StoreError
from fastagi.fair_line import FairLine

if TYPE_CHECKING:
    from types import TracebackType

    from fastagi.stores.sqlite.database import Database

MOST_WAITING: Final = 4_096
"""Operations in the queue: more than any disk does while a caller waits for an answer (0.5 s)."""

MOST_AT_ONCE: Final = 256
"""Operations in one transaction: some 10 ms, for which other processes wait."""

Given = ParamSpec("Given")
Result = TypeVar("Result")
Operation = Callable[[apsw.Connection], Any]  # Any: each caller's own; `run` is typed


@dataclass(slots=True)
class _Job:
    """An operation, who waits for it, and how it ended."""

    operation: Operation
    future: asyncio.Future[Any]  # as above
    insists: bool
    result: object = None
    error: BaseException | None = None

    @property
    def is_abandoned(self) -> bool:
        """Whether nobody waits any more for what has not begun."""
        return self.future.cancelled() and not self.insists

    def tell(self) -> None:
        """Hand the outcome over, in the caller's event loop."""
        if self.future.done():
            return
        if self.error is None:
            self.future.set_result(self.result)
        else:
            self.future.set_exception(self.error)


class TransactionThread:
    """Runs operations on one connection, in a thread of its own, in the order a site asked them.

    Args:
        database: The connection; the thread's own from now on.
        writes: Whether its transactions take the write lock.
        most_waiting: Operations the queue holds; what is over is refused.
        most_at_once: Operations in one transaction.
    """

    def __init__(
        self,
        database: Database,
        *,
        writes: bool,
        most_waiting: int = MOST_WAITING,
        most_at_once: int = MOST_AT_ONCE,
    ) -> None:
        self._database = database
        self._begin = database.begin_writing if writes else database.begin_reading
        self._most_waiting = most_waiting
        self._most_at_once = most_at_once
        self._waiting: FairLine[_Job] = FairLine()
        self._changed = threading.Condition()  # guards the queue and the flags below
        self._closing = False
        self._dead = False
        self._thread = threading.Thread(target=self._run, name="store", daemon=True)
        self._thread.start()

    async def run(
        self,
        operation: Callable[Concatenate[apsw.Connection, Given], Result],
        *args: Given.args,
        **kwargs: Given.kwargs,
    ) -> Result:
        """Run an operation in a transaction and return its result once that is committed.

        Raises:
            StoreError: It failed, the transaction failed, the queue is full, or the thread died
                of a fault of ours.
        """
        whose = _site_of(*args)
        return await self._ask(lambda db: operation(db, *args, **kwargs), whose, insists=False)

    async def run_surely(
        self,
        operation: Callable[Concatenate[apsw.Connection, Given], Result],
        *args: Given.args,
        **kwargs: Given.kwargs,
    ) -> Result:
        """Run an operation as `run` does, and even if nobody waits for it any more."""
        whose = _site_of(*args)
        return await self._ask(lambda db: operation(db, *args, **kwargs), whose, insists=True)

    async def close(self, patience_s: float) -> None:
        """Finish what was asked, then close the connection.

        Args:
            patience_s: How long a disk that does not answer is waited for; then it is left alone.
        """
        with self._changed:
            self._closing = True
            self._changed.notify()
        await asyncio.to_thread(self._thread.join, patience_s)

    async def _ask(
        self, operation: Callable[[apsw.Connection], Result], whose: str, *, insists: bool
    ) -> Result:
        future: asyncio.Future[Result] = asyncio.get_running_loop().create_future()
        with self._changed:
            if self._closing:
                raise StoreError(f"`{self._database.name}` is closed")
            if self._dead:
                raise self._death()
            dropped = None
            if len(self._waiting) >= self._most_waiting:
                dropped = self._waiting.make_room(whose)
                if dropped is None:
                    raise self._slowness()
            self._waiting.put(whose, _Job(operation, future, insists))
            self._changed.notify()
        if dropped is not None:
            dropped.error = self._slowness()
            _tell([dropped])
        return await future

    # ------------------------------------------------------------------- in the thread

    def _run(self) -> None:
        jobs: list[_Job] = []
        try:
            while jobs := self._next_jobs():
                self._run_transaction(jobs)
                _tell(jobs)
            self._database.close()
        finally:
            self._give_up(jobs)

    def _give_up(self, jobs: list[_Job]) -> None:
        """Tell whoever waits, if the thread ends with work left: nobody waits for ever."""
        with self._changed:
            self._dead = True
            left = [*jobs, *(self._waiting.take() for _ in range(len(self._waiting)))]
        for job in left:
            job.error = self._death()
        _tell(left)

    def _slowness(self) -> StoreError:
        return StoreError(
            f"`{self._database.name}` is too slow: "
            f"{self._most_waiting} operations wait for it already"
        )

    def _death(self) -> StoreError:
        return StoreError(
            f"the thread that serves `{self._database.name}` has died; restart the service, "
            "and look above for what it died of"
        )

    def _next_jobs(self) -> list[_Job]:
        """Wait for operations; none when there are no more to come."""
        with self._changed:
            self._changed.wait_for(lambda: len(self._waiting) or self._closing)
            count = min(len(self._waiting), self._most_at_once)
            return [self._waiting.take() for _ in range(count)]

    def _run_transaction(self, jobs: list[_Job]) -> None:
        """Do all jobs, or none if the disk, the lock or the file fails."""
        database = self._database
        try:
            self._begin()
            for job in jobs:
                if not job.is_abandoned:
                    with _Savepoint(database, job):
                        job.result = job.operation(database.connection)
            database.commit()
        except (apsw.Error, OSError) as error:  # OSError: of the turnstile, where locks run out
            database.roll_back()
            for job in jobs:
                job.error = database.fault(error)
        except StoreError as error:
            for job in jobs:
                job.error = StoreError(*error.args)


def _site_of(first: object = None, *_: object) -> str:
    """Return whose an operation is: of the site that it is told first, or that this is of."""
    named = first if isinstance(first, str) else getattr(first, "site", "")
    return str(named)


class _Savepoint:
    """Keeps an operation that fails from harming its neighbours; its caller gets its error."""

    def __init__(self, database: Database, job: _Job) -> None:
        self._database = database
        self._job = job

    def __enter__(self) -> None:
        self._database.connection.execute("SAVEPOINT operation")

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> bool:
        connection = self._database.connection
        if error is None:
            connection.execute("RELEASE operation")
            return False
        if not connection.in_transaction:
            return False  # SQLite gave the whole transaction up: no room, no disk, no memory
        connection.execute("ROLLBACK TO operation")
        connection.execute("RELEASE operation")
        if isinstance(error, apsw.Error | OverflowError | UnicodeError):
            error = self._database.fault(error)
        self._job.error = error
        return True


def _tell(jobs: list[_Job]) -> None:
    """Tell every caller, in one step for each event loop."""
    by_loop: dict[asyncio.AbstractEventLoop, list[_Job]] = {}
    for job in jobs:
        by_loop.setdefault(job.future.get_loop(), []).append(job)
    for loop, told in by_loop.items():
        with contextlib.suppress(RuntimeError):  # the loop is closed: nobody is left to be told
            loop.call_soon_threadsafe(_tell_all, told)


def _tell_all(jobs: list[_Job]) -> None:
    for job in jobs:
        job.tell()
