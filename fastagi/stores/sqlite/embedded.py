"""The embedded store: every promise of `stores.store` as one operation in a transaction.

As long as the contract is: a method a promise, and nothing in any of them but one operation.

Writes go through one thread, reads through another with a connection of its own, so that reading
never waits for the disk to take what is written. A reader sees all that was acknowledged before
it asked, by whatever process: an operation is acknowledged when it is committed, and a read
transaction begins after it was asked for. A database in memory has one connection for both.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from fastagi.stores.sqlite import (
    budgets,
    enrolments,
    failures,
    leases,
    memory,
    moving,
    records,
    sign_ins,
    tidying,
)
from fastagi.stores.sqlite.database import Database
from fastagi.stores.sqlite.transaction_thread import TransactionThread
from fastagi.stores.store import NOTHING_ASKED

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    import apsw

    from fastagi.stores.budgets import Charge, Level
    from fastagi.stores.records import Record
    from fastagi.stores.sign_ins import Origin, SignedOff, SignIn
    from fastagi.stores.store import (
        Asked,
        Attempt,
        Dossier,
        Enrolment,
        FailureKind,
        Full,
        Known,
        Lease,
        Lockout,
        Longer,
        NotSignedIn,
        Penalty,
        Standing,
        Subject,
        SubjectKind,
        Taken,
    )

PATIENCE_S: Final = 0.4
"""How long a lock of another process is waited for: a little less than a caller waits for us."""

CLOSING_S: Final = 5.0
"""How long a disk that does not answer is waited for at the end."""


def open_store(file: Path | None, *, patience_s: float = PATIENCE_S, **queue: int) -> SQLiteStore:
    """Open the store in a file, which is made if missing; or one in memory, for None.

    It belongs to the process that opens it: open it after forking, not before.

    Args:
        file: The file.
        patience_s: How long a lock of another process is waited for.
        queue: `most_waiting` and `most_at_once` of `TransactionThread`.

    Raises:
        StoreError: It cannot be opened, is open to others, is damaged, or is no store of ours.
    """
    writing = Database(file, patience_s=patience_s)
    reading = None if file is None else Database(file, patience_s=patience_s)
    writer = TransactionThread(writing, writes=True, **queue)
    reader = writer if reading is None else TransactionThread(reading, writes=False, **queue)
    return SQLiteStore(writer, reader)


class SQLiteStore:
    """A `Store`; its methods are described there."""

    def __init__(self, writer: TransactionThread, reader: TransactionThread) -> None:
        self._writer = writer
        self._reader = reader

    # ------------------------------------------------------------------ leases

    async def take(self, lease: Lease, now: float) -> Taken | Full | NotSignedIn:
        """See `Leases`."""
        return await self._writer.run(leases.take, lease, now)

    async def extend(
        self, site: str, call: str, number: str, node: str, seconds: int, now: float
    ) -> Longer | None:
        """See `Leases`."""
        return await self._writer.run(leases.extend, site, call, number, node, seconds, now)

    async def release(
        self,
        site: str,
        call: str,
        number: str | None,
        node: str | None,
        now: float,
        talked_s: int | None = None,
    ) -> int:
        """See `Leases`; done even if whoever asked has given up."""
        asked = (site, call, number, node, now, talked_s)
        return await self._writer.run_surely(leases.release, *asked)

    async def renew(
        self, site: str, call: str, number: str, node: str, expires: float, now: float
    ) -> bool:
        """See `Leases`."""
        return await self._writer.run(leases.renew, site, call, number, node, expires, now)

    async def live(self, site: str | None, now: float) -> Sequence[Lease]:
        """See `Leases`."""
        return await self._reader.run(leases.live, site, now)

    async def spent(self, site: str, now: float) -> Sequence[Level]:
        """See `Leases`."""
        return await self._reader.run(budgets.spent, site, now)

    # ------------------------------------------------------------------ failures

    async def begin_attempt(
        self,
        site: str,
        subjects: tuple[Subject, ...],
        kind: FailureKind,
        penalty: Penalty,
        now: float,
    ) -> Attempt | Lockout:
        """See `Failures`."""
        return await self._writer.run(failures.begin_attempt, site, subjects, kind, penalty, now)

    async def succeed(self, attempt: Attempt, now: float, *, anew: bool = True) -> None:
        """See `Failures`; done even if whoever asked has given up."""
        await self._writer.run_surely(failures.succeed, attempt, now, anew=anew)

    async def lockouts(self, site: str | None, now: float) -> Sequence[Lockout]:
        """See `Failures`."""
        return await self._reader.run(failures.lockouts, site, now)

    async def clear(self, site: str, kind: SubjectKind, name: str, now: float) -> bool:
        """See `Failures`."""
        return await self._writer.run(failures.clear, site, kind, name, now)

    # ------------------------------------------------------------------ enrolments

    async def enrolment(self, site: str, extension: str) -> Enrolment | None:
        """See `Enrolments`."""
        return await self._reader.run(enrolments.enrolment, site, extension)

    async def enrolments(self, site: str) -> Sequence[Enrolment]:
        """See `Enrolments`."""
        return await self._reader.run(enrolments.enrolments, site)

    async def enrol(self, site: str, enrolment: Enrolment) -> None:
        """See `Enrolments`."""
        await self._writer.run(enrolments.enrol, site, enrolment)

    async def rekey(self, site: str, verified: Enrolment, renewed: Enrolment) -> bool:
        """See `Enrolments`."""
        return await self._writer.run(enrolments.rekey, site, verified, renewed)

    async def unenrol(self, site: str, extension: str, now: float) -> bool:
        """See `Enrolments`."""
        return await self._writer.run(enrolments.unenrol, site, extension, now)

    async def claim_step(self, site: str, verified: Enrolment, step: int) -> bool:
        """See `Enrolments`."""
        return await self._writer.run(enrolments.claim_step, site, verified, step)

    async def claim_recovery(self, site: str, verified: Enrolment, digest: str) -> bool:
        """See `Enrolments`."""
        return await self._writer.run(enrolments.claim_recovery, site, verified, digest)

    # ------------------------------------------------------------------ sign-ins

    async def open_sign_in(
        self, sign_in: SignIn, verified: Enrolment | None, at_once: int, now: float
    ) -> Sequence[SignIn] | None:
        """See `SignIns`."""
        return await self._writer.run(enrolments.open_sign_in, sign_in, verified, at_once, now)

    async def place_sign_in(
        self, sign_in: SignIn, origin: Origin, node: str, until: float, now: float
    ) -> bool:
        """See `SignIns`."""
        return await self._writer.run(sign_ins.place_sign_in, sign_in, origin, node, until, now)

    async def end_sign_ins(
        self, site: str, extension: str, id: str | None, why: SignedOff, now: float
    ) -> Sequence[SignIn]:
        """See `SignIns`."""
        return await self._writer.run(sign_ins.end_sign_ins, site, extension, id, why, now)

    async def sign_in(self, site: str, extension: str, id: str, now: float) -> SignIn | None:
        """See `SignIns`."""
        return await self._reader.run(sign_ins.sign_in, site, extension, id, now)

    async def sign_ins(self, site: str | None, now: float) -> Sequence[SignIn]:
        """See `SignIns`."""
        return await self._reader.run(sign_ins.sign_ins, site, now)

    async def put_sign_in(self, sign_in: SignIn) -> None:
        """See `SignIns`."""
        await self._writer.run(sign_ins.put_sign_in, sign_in)

    # ------------------------------------------------------------------ records

    async def put_record(
        self, site: str, kind: str, record: Record, before: str | None, now: float
    ) -> bool:
        """See `Records`."""
        return await self._writer.run(records.put_record, site, kind, record, before, now)

    async def record(self, site: str, kind: str, key: str, now: float) -> Record | None:
        """See `Records`."""
        return await self._reader.run(records.record, site, kind, key, now)

    async def take_record(self, site: str, kind: str, key: str, now: float) -> Record | None:
        """See `Records`."""
        return await self._writer.run(records.take_record, site, kind, key, now)

    async def records(
        self, site: str, kind: str, after: str, count: int, now: float
    ) -> Sequence[Record]:
        """See `Records`."""
        return await self._reader.run(records.records, site, kind, after, count, now)

    async def record_kinds(self, site: str) -> Sequence[str]:
        """See `Records`."""
        return await self._reader.run(records.record_kinds, site)

    # ------------------------------------------------------------------ what is known

    async def known(
        self,
        site: str,
        extension: str,
        address: str,
        country: str,
        call: str,
        number: str,
        node: str,
        now: float,
        wanted: Lease | None = None,
        asked: Asked = NOTHING_ASKED,
    ) -> Known:
        """See `Memory`; it waits for the disk only where there is something to take."""
        of_call = (site, extension, address, country, call, number, node, now)
        if wanted is None:
            return await self._reader.run(memory.known, *of_call, asked)
        return await self._writer.run(memory.known_or_taken, *of_call, asked, wanted)

    async def remember(
        self,
        site: str,
        verified: Enrolment,
        scope: str,
        factors: Sequence[str],
        now: float,
        until: float,
    ) -> bool:
        """See `Memory`."""
        return await self._writer.run(memory.remember, site, verified, scope, factors, now, until)

    # ------------------------------------------------------------------ moving

    async def sites(self) -> Sequence[str]:
        """See `Moving`."""
        return await self._reader.run(moving.sites)

    async def dossiers(self, site: str, after: str, count: int) -> Sequence[Dossier]:
        """See `Moving`."""
        return await self._reader.run(moving.dossiers, site, after, count)

    async def put_dossier(self, site: str, dossier: Dossier) -> bool:
        """See `Moving`."""
        return await self._writer.run(moving.put_dossier, site, dossier)

    async def standings(self, site: str, now: float) -> Sequence[Standing]:
        """See `Moving`."""
        return await self._reader.run(moving.standings, site, now)

    async def put_standing(self, site: str, standing: Standing) -> None:
        """See `Moving`."""
        await self._writer.run(moving.put_standing, site, standing)

    async def charges(self, site: str, now: float) -> Sequence[Charge]:
        """See `Moving`."""
        return await self._reader.run(budgets.charges, site, now)

    async def put_charge(self, site: str, charge: Charge) -> None:
        """See `Moving`."""
        await self._writer.run(budgets.put_charge, site, charge)

    # ------------------------------------------------------------------ its life

    def keep_on(self, replicas: Mapping[str, int]) -> None:
        """See `Store`: nothing, as all there is is the disk, and that has it."""

    async def ready(self) -> None:
        """See `Store`."""
        await self._writer.run(_write)
        await self._reader.run(_read)

    async def tidy(self, now: float) -> int:
        """See `Store`."""
        return await self._writer.run(tidying.tidy, now)

    async def close(self) -> None:
        """See `Store`."""
        await self._reader.close(CLOSING_S)
        await self._writer.close(CLOSING_S)


def _write(db: apsw.Connection) -> None:
    db.execute("UPDATE sequence SET attempt = attempt")


def _read(db: apsw.Connection) -> None:
    db.execute("SELECT attempt FROM sequence").fetchall()
