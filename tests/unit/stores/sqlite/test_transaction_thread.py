"""Group commit: one transaction for many callers, and each with their own answer."""

from __future__ import annotations

import asyncio
import errno
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import TYPE_CHECKING

import apsw
import pytest

from fastagi.errors import StoreError
from fastagi.stores.sqlite.database import Database
from fastagi.stores.sqlite.transaction_thread import TransactionThread

if TYPE_CHECKING:
    from pathlib import Path


class Counted(Database):
    """A database that counts its transactions."""

    committed = 0

    def commit(self) -> None:
        """Commit, and count it."""
        super().commit()
        self.committed += 1


@pytest.fixture
def database(tmp_path: Path) -> Counted:
    """A new store's file, open."""
    return Counted(tmp_path / "store.db", patience_s=0.01)


@asynccontextmanager
async def _thread(database: Database, **queue: int) -> AsyncIterator[TransactionThread]:
    thread = TransactionThread(database, writes=True, **queue)
    yield thread
    await thread.close(patience_s=5.0)


def _add(db: apsw.Connection, amount: int) -> int:
    db.execute("UPDATE sequence SET attempt = attempt + ?", (amount,))
    return _total(db)


def _total(db: apsw.Connection) -> int:
    total: int = db.execute("SELECT attempt FROM sequence").get
    return total


class Gate:
    """An operation that holds the thread up until it is told to go on."""

    def __init__(self) -> None:
        self.reached = threading.Event()
        self._open = threading.Event()

    def hold(self, db: apsw.Connection) -> None:
        """Wait, in the thread."""
        self.reached.set()
        self._open.wait(10)

    def open(self) -> None:
        """Let the thread go on."""
        self._open.set()


@asynccontextmanager
async def _held_up(thread: TransactionThread) -> AsyncIterator[Gate]:
    """Hold the thread up while the caller of this puts operations into its queue."""
    gate = Gate()
    held = asyncio.create_task(thread.run(gate.hold))
    await asyncio.to_thread(gate.reached.wait, 10)
    yield gate
    gate.open()
    await held


async def _queued(count: int = 1) -> None:
    """Let tasks that were just made put their operations into the queue."""
    for _ in range(count):
        await asyncio.sleep(0)


async def test_what_is_asked_meanwhile_shares_one_commit(database: Counted) -> None:
    """A hundred callers pay for one sync, and each gets their own answer, in order."""
    async with _thread(database) as thread:
        async with _held_up(thread):
            asked = [asyncio.create_task(thread.run(_add, 1)) for _ in range(100)]
            await _queued()
        assert await asyncio.gather(*asked) == list(range(1, 101))
        assert database.committed == 2


async def test_a_transaction_is_bounded(database: Counted) -> None:
    """Other processes wait for the lock meanwhile."""
    async with _thread(database, most_at_once=10) as thread:
        async with _held_up(thread):
            asked = [asyncio.create_task(thread.run(_add, 1)) for _ in range(25)]
            await _queued()
        await asyncio.gather(*asked)
        assert database.committed == 1 + 3


def _add_and_break(db: apsw.Connection, error: Callable[[], object]) -> None:
    _add(db, 1000)
    error()


def _raise_key_error() -> object:
    raise KeyError("a fault of ours")


async def test_one_that_fails_does_not_fail_its_neighbours(database: Counted) -> None:
    """Nothing stays of what it did; its caller gets its own error, a fault of ours too."""
    async with _thread(database) as thread:
        async with _held_up(thread):
            asked = [
                asyncio.create_task(thread.run(_add, 1)),
                asyncio.create_task(thread.run(lambda db: _bind(db, 2**70))),
                asyncio.create_task(thread.run(lambda db: _bind(db, "\ud800"))),
                asyncio.create_task(thread.run(lambda db: _bind(db, "text"))),
                asyncio.create_task(thread.run(_add_and_break, _raise_key_error)),
                asyncio.create_task(thread.run(_add, 1)),
            ]
            await _queued()
        first, large, broken, wrong, ours, last = await asyncio.gather(
            *asked, return_exceptions=True
        )
        assert (first, last) == (1, 2)
        assert isinstance(large, StoreError)
        assert isinstance(large.__cause__, OverflowError)
        assert isinstance(broken, StoreError)
        assert isinstance(broken.__cause__, UnicodeError)
        assert isinstance(wrong, StoreError)
        assert isinstance(wrong.__cause__, apsw.ConstraintError)
        assert isinstance(ours, KeyError)
        assert database.committed == 2


def _bind(db: apsw.Connection, value: int | str) -> None:
    db.execute("UPDATE sequence SET attempt = ?", (value,))


@pytest.mark.parametrize("fault", ["commit", "operation"])
async def test_a_transaction_that_fails_fails_all_and_does_nothing(
    database: Counted, fault: str
) -> None:
    """No disk, no answer: nobody is told of what was not kept. Then it goes on."""
    async with _thread(database) as thread:
        async with _held_up(thread):
            operation = _lose_all if fault == "operation" else _add_at_no_commit(database)
            asked = [
                asyncio.create_task(thread.run(_add, 1)),
                asyncio.create_task(thread.run(operation)),
                asyncio.create_task(thread.run(_add, 1)),
            ]
            await _queued()
        answers = await asyncio.gather(*asked, return_exceptions=True)
        told = [answer for answer in answers if isinstance(answer, StoreError)]
        assert all(isinstance(error.__cause__, apsw.Error) for error in told)
        assert len({id(error) for error in told}) == 3
        assert await thread.run(_add, 1) == 1


def _lose_all(db: apsw.Connection) -> object:
    """Fail so that SQLite rolls the whole transaction back, as it does where a disk fails."""
    db.execute("CREATE TABLE one (a INTEGER PRIMARY KEY) STRICT; INSERT INTO one VALUES (1)")
    return db.execute("INSERT OR ROLLBACK INTO one VALUES (1)")


def _add_at_no_commit(database: Database) -> Callable[[apsw.Connection], object]:
    """Return an operation after which the next commit fails, once."""

    def refuse() -> bool:
        database.connection.set_commit_hook(None)
        return True

    def operation(db: apsw.Connection) -> None:
        _add(db, 1)
        db.set_commit_hook(refuse)

    return operation


async def test_a_full_disk_fails_those_who_need_room(database: Counted) -> None:
    """Who only writes what there is room for is served."""
    async with _thread(database) as thread:
        async with _held_up(thread):
            large = asyncio.create_task(thread.run(_fill_the_disk))
            small = asyncio.create_task(thread.run(_add, 1))
            await _queued()
        with pytest.raises(StoreError, match=r"the disk of .* is full; make room"):
            await large
        assert await small == 1


def _fill_the_disk(db: apsw.Connection) -> None:
    db.pragma("max_page_count", db.pragma("page_count"))
    for count in range(db.pragma("freelist_count") + 1):
        db.execute(f"CREATE TABLE large_{count} (a BLOB) STRICT")


async def test_a_file_that_cannot_be_written_is_said(database: Counted) -> None:
    """With what to look at."""
    async with _thread(database) as thread:
        await thread.run(lambda db: db.pragma("query_only", True))
        with pytest.raises(StoreError, match="cannot be written") as caught:
            await thread.run(_add, 1)
        assert isinstance(caught.value.__cause__, apsw.ReadOnlyError)


async def test_a_lock_held_for_too_long_is_said(database: Counted) -> None:
    """And then it goes on."""
    other = Database(database._file, patience_s=0.0)
    async with _thread(database) as thread:
        other.begin_writing()
        with pytest.raises(StoreError, match="locked by another process"):
            await thread.run(_add, 1)
        other.commit()
        assert await thread.run(_add, 1) == 1
    other.close()


async def test_a_file_that_was_replaced_is_said_to_each(database: Counted, tmp_path: Path) -> None:
    """Nobody counts in a file that nobody else reads."""
    async with _thread(database) as thread:
        await thread.run(_add, 1)
        (tmp_path / "store.db").rename(tmp_path / "away.db")
        with pytest.raises(StoreError, match="moved or replaced"):
            await thread.run(_add, 1)


async def test_a_file_system_without_locks_left_is_said(
    database: Counted, monkeypatch: pytest.MonkeyPatch
) -> None:
    """To each who asks; and when there are some again, it goes on."""

    def no_locks(_: int, operation: int) -> None:
        raise OSError(errno.ENOLCK, "No locks available")

    async with _thread(database) as thread:
        with monkeypatch.context() as patched:
            patched.setattr("fastagi.stores.sqlite.turnstile.fcntl.flock", no_locks)
            for _ in range(3):
                with pytest.raises(StoreError, match="cannot be locked: No locks available"):
                    await thread.run(_add, 1)
        assert await thread.run(_add, 1) == 1


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
async def test_nobody_waits_for_a_thread_that_died(database: Counted) -> None:
    """Those in its transaction, those in the queue and those who come later are told."""

    def break_down() -> None:
        raise MemoryError

    async with _thread(database, most_at_once=2) as thread:
        async with _held_up(thread):
            asked = [asyncio.create_task(thread.run(_add, 1)) for _ in range(5)]
            await _queued()
            thread._begin = break_down
        answers = await asyncio.gather(*asked, return_exceptions=True)
        assert [str(answer) for answer in answers] == 5 * [str(thread._death())]
        with pytest.raises(StoreError, match="has died; restart the service"):
            await thread.run(_add, 1)


async def test_a_full_queue_refuses_the_newest_at_once(database: Counted) -> None:
    """Those who wait already are served."""
    async with _thread(database, most_waiting=3) as thread:
        async with _held_up(thread):
            asked = [asyncio.create_task(thread.run(_add, 1)) for _ in range(3)]
            await _queued()
            with pytest.raises(StoreError, match="is too slow: 3 operations wait"):
                await thread.run(_add, 1)
        assert await asyncio.gather(*asked) == [1, 2, 3]


async def test_who_gives_up_before_it_began_leaves_nothing(database: Counted) -> None:
    """Whatever comes after never finds a slot that nobody knows of."""
    async with _thread(database) as thread:
        async with _held_up(thread):
            given_up = asyncio.create_task(thread.run(_add, 1))
            insisted = asyncio.create_task(thread.run_surely(_add, 10))
            await _queued()
            given_up.cancel()
            insisted.cancel()
            await asyncio.gather(given_up, insisted, return_exceptions=True)
        assert await thread.run(_total) == 10


async def test_who_gives_up_after_it_began_is_before_all_that_come_later(
    database: Counted,
) -> None:
    """A release that is asked then finds what there is to release."""
    async with _thread(database) as thread:
        gate = Gate()

        def slow(db: apsw.Connection) -> None:
            gate.hold(db)
            _add(db, 1)

        given_up = asyncio.create_task(thread.run(slow))
        await asyncio.to_thread(gate.reached.wait, 10)
        given_up.cancel()
        total = asyncio.create_task(thread.run(_total))
        await _queued()
        gate.open()
        assert await total == 1
        assert given_up.cancelled()


async def test_closing_finishes_what_was_asked(database: Counted) -> None:
    """Then nothing more is taken."""
    thread = TransactionThread(database, writes=True)
    async with _held_up(thread) as gate:
        asked = [asyncio.create_task(thread.run(_add, 1)) for _ in range(5)]
        await _queued()
        closing = asyncio.create_task(thread.close(patience_s=5.0))
        await _queued()
        with pytest.raises(StoreError, match="is closed"):
            await thread.run(_add, 1)
        gate.open()
    assert await asyncio.gather(*asked) == [1, 2, 3, 4, 5]
    await closing
    await thread.close(patience_s=5.0)
    with pytest.raises(StoreError, match="is closed"):
        await thread.run(_total)


async def test_closing_does_not_wait_for_ever(database: Counted) -> None:
    """A disk that hangs does not keep the daemon from ending."""
    thread = TransactionThread(database, writes=True)
    async with _held_up(thread):
        await thread.close(patience_s=0.01)
    await thread.close(patience_s=5.0)


@contextmanager
def _own_loop() -> Iterator[asyncio.AbstractEventLoop]:
    loop = asyncio.new_event_loop()
    yield loop
    loop.close()


def test_callers_of_two_loops_are_both_told(database: Counted) -> None:
    """And a loop that is gone by then harms nobody."""
    gate = Gate()
    with _own_loop() as first, _own_loop() as second:
        thread = TransactionThread(database, writes=True)
        held = first.create_task(thread.run(gate.hold))
        first.run_until_complete(asyncio.to_thread(gate.reached.wait, 10))
        with _own_loop() as gone:
            lost = gone.create_task(thread.run(_add, 1))
            gone.run_until_complete(_queued())
            lost.cancel()
            gone.run_until_complete(asyncio.gather(lost, return_exceptions=True))
        one = first.create_task(thread.run(_add, 1))
        first.run_until_complete(_queued())
        other = second.create_task(thread.run(_add, 1))
        second.run_until_complete(_queued())
        gate.open()
        first.run_until_complete(held)
        assert first.run_until_complete(one) == 1
        assert second.run_until_complete(other) == 2
        first.run_until_complete(thread.close(patience_s=5.0))
