"""The shared store: every promise of `stores.store` as one step of the script, or a listing.

As long as the contract is: a method a promise, and nothing in any of them but words and one step.
"""

from __future__ import annotations

import asyncio
import time
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from redis.exceptions import ResponseError

from fastagi.errors import StoreError
from fastagi.stores.redis import words
from fastagi.stores.redis.client import read_url
from fastagi.stores.redis.listing import Listing
from fastagi.stores.redis.script import PROBED, Steps
from fastagi.stores.redis.sites import Sites
from fastagi.stores.redis.words import joined, moment
from fastagi.stores.shadows import is_shadow
from fastagi.stores.store import NOTHING_ASKED, Attempt, Known, SubjectKind

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Mapping, Sequence

    from fastagi.stores.budgets import Charge, Level
    from fastagi.stores.records import Record
    from fastagi.stores.redis.script import Argument
    from fastagi.stores.sign_ins import Origin, SignedOff, SignIn
    from fastagi.stores.store import (
        Asked,
        Dossier,
        Enrolment,
        FailureKind,
        Full,
        Lease,
        Lockout,
        Longer,
        NotSignedIn,
        Penalty,
        Standing,
        Subject,
        Taken,
    )


READY_PAUSES_S: Final = (0.1, 0.3, 1.0)
"""Pauses after which a server that does not answer at first is asked again whether it is ready."""


def open_store(url: str, clock: Callable[[], float] = time.time) -> RedisStore:
    """Open the store at a URL (see `client.read_url`); it connects when it is first asked.

    Raises:
        StoreError: The URL is not understood.
    """
    return RedisStore(Steps(read_url(url), clock))


class RedisStore:
    """A `Store`; its methods are described there.

    Leases, failures, lockouts and proofs end by themselves, in the server too. Enrolments, the
    steps that were burnt and the countries that are known do not: nothing tells when they may.
    """

    def __init__(self, steps: Steps) -> None:
        self._steps = steps
        self._sites = Sites(steps)
        self._listing = Listing(steps)
        self._sure: set[asyncio.Task[Any]] = set()

    # ------------------------------------------------------------------ leases

    async def take(self, lease: Lease, now: float) -> Taken | Full | NotSignedIn:
        """See `Leases`."""
        shift = self._steps.shift_of(lease.site)
        wanted = words.lease_words(lease, shift)
        told = await self._write(lease.site, "take", moment(now + shift), *wanted)
        return words.taken_of(told, shift)

    async def extend(
        self, site: str, call: str, number: str, node: str, seconds: int, now: float
    ) -> Longer | None:
        """See `Leases`."""
        shift = self._steps.shift_of(site)
        asked = (moment(now + shift), joined(call, number, node), seconds)
        told = await self._write(site, "extend", *asked)
        return words.longer_of(told, shift) if told else None

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
        joined(call, number or "", node or "")
        return int(
            await self._surely(
                self._steps.ask(
                    site,
                    "release",
                    moment(now + self._steps.shift_of(site)),
                    *(call, number or "", node or ""),
                    *(int(number is None), int(node is None)),
                    "" if talked_s is None else talked_s,
                )
            )
        )

    async def renew(
        self, site: str, call: str, number: str, node: str, expires: float, now: float
    ) -> bool:
        """See `Leases`."""
        shift = self._steps.shift_of(site)
        lease = joined(call, number, node)
        ends = moment(expires + shift)
        return bool(await self._steps.ask(site, "renew", moment(now + shift), lease, ends))

    async def live(self, site: str | None, now: float) -> Sequence[Lease]:
        """See `Leases`."""
        return await self._listing.live(await self._of(site), now)

    async def spent(self, site: str, now: float) -> Sequence[Level]:
        """See `Leases`."""
        return await self._listing.spent(site, now)

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
        shift = self._steps.shift_of(site)
        asked: list[Argument] = []
        for subject in subjects:
            asked += [joined(subject.kind, subject.name), subject.allowed]
        terms = (kind, penalty.for_s, penalty.at_most_s)
        said, told = await self._write(site, "begin_attempt", moment(now + shift), *terms, *asked)
        if said == b"locked":
            return words.lockout_of(site, told, shift)
        return Attempt(site, int(told), subjects)

    async def succeed(self, attempt: Attempt, now: float, *, anew: bool = True) -> None:
        """See `Failures`; done even if whoever asked has given up."""
        asked: list[Argument] = []
        for subject in attempt.subjects:
            may = anew and subject.kind is not SubjectKind.ADDRESS
            asked += [int(may), joined(subject.kind, subject.name)]
        at = moment(now + self._steps.shift_of(attempt.site))
        await self._surely(self._steps.ask(attempt.site, "succeed", at, attempt.id, *asked))

    async def lockouts(self, site: str | None, now: float) -> Sequence[Lockout]:
        """See `Failures`."""
        return await self._listing.lockouts(await self._of(site), now)

    async def clear(self, site: str, kind: SubjectKind, name: str, now: float) -> bool:
        """See `Failures`."""
        at = moment(now + self._steps.shift_of(site))
        return bool(await self._steps.ask(site, "clear", at, joined(kind, name)))

    # ------------------------------------------------------------------ enrolments

    async def enrolment(self, site: str, extension: str) -> Enrolment | None:
        """See `Enrolments`."""
        told = await self._steps.ask(site, "enrolment", extension)
        return words.enrolment_of(told) if told else None

    async def enrolments(self, site: str) -> Sequence[Enrolment]:
        """See `Enrolments`."""
        return await self._listing.enrolments(site)

    async def enrol(self, site: str, enrolment: Enrolment) -> None:
        """See `Enrolments`."""
        since, codes = moment(enrolment.since), sorted(enrolment.recovery)
        at = moment(enrolment.since + self._steps.shift_of(site))
        await self._write(site, "enrol", at, *words.in_force(enrolment), since, *codes)

    async def rekey(self, site: str, verified: Enrolment, renewed: Enrolment) -> bool:
        """See `Enrolments`."""
        _, pin, totp = words.in_force(renewed)
        return bool(await self._write(site, "rekey", *words.in_force(verified), pin, totp))

    async def unenrol(self, site: str, extension: str, now: float) -> bool:
        """See `Enrolments`."""
        at = moment(now + self._steps.shift_of(site))
        return bool(await self._write(site, "unenrol", at, extension))

    async def claim_step(self, site: str, verified: Enrolment, step: int) -> bool:
        """See `Enrolments`."""
        return bool(await self._write(site, "claim_step", *words.in_force(verified), step))

    async def claim_recovery(self, site: str, verified: Enrolment, digest: str) -> bool:
        """See `Enrolments`."""
        return bool(await self._write(site, "claim_recovery", *words.in_force(verified), digest))

    # ------------------------------------------------------------------ sign-ins

    async def open_sign_in(
        self, sign_in: SignIn, verified: Enrolment | None, at_once: int, now: float
    ) -> Sequence[SignIn] | None:
        """See `SignIns`."""
        site = sign_in.site
        shift = self._steps.shift_of(site)
        shown = ("", "", "") if verified is None else words.in_force(verified)
        asked = (moment(now + shift), at_once, int(verified is not None), *shown)
        new = words.sign_in_words(sign_in, shift)
        told = await self._write(site, "open_sign_in", *asked, *new)
        return None if told is None else [words.sign_in_of(each, shift) for each in told]

    async def place_sign_in(
        self, sign_in: SignIn, origin: Origin, node: str, until: float, now: float
    ) -> bool:
        """See `SignIns`."""
        shift = self._steps.shift_of(sign_in.site)
        before = words.sign_in_words(sign_in, shift)
        placed = replace(sign_in, origin=origin, node=node, until=until)
        name, _, origin_words, head, _, ends, *_ = words.sign_in_words(placed, shift)
        asked = (moment(now + shift), name, before[2], before[3], origin_words, head, ends)
        return bool(await self._write(sign_in.site, "place_sign_in", *asked))

    async def end_sign_ins(
        self, site: str, extension: str, id: str | None, why: SignedOff, now: float
    ) -> Sequence[SignIn]:
        """See `SignIns`."""
        shift = self._steps.shift_of(site)
        named = (extension, joined(extension, id or ""), int(id is None))
        told = await self._write(site, "end_sign_ins", moment(now + shift), *named, why)
        return [words.sign_in_of(each, shift) for each in told]

    async def sign_in(self, site: str, extension: str, id: str, now: float) -> SignIn | None:
        """See `SignIns`."""
        shift = self._steps.shift_of(site)
        told = await self._steps.ask(site, "sign_in", moment(now + shift), joined(extension, id))
        return words.sign_in_of(told, shift) if told else None

    async def sign_ins(self, site: str | None, now: float) -> Sequence[SignIn]:
        """See `SignIns`."""
        return await self._listing.sign_ins(await self._of(site), now)

    async def put_sign_in(self, sign_in: SignIn) -> None:
        """See `SignIns`."""
        put = words.sign_in_words(sign_in, self._steps.shift_of(sign_in.site))
        await self._write(sign_in.site, "put_sign_in", *put)

    # ------------------------------------------------------------------ records

    async def put_record(
        self, site: str, kind: str, record: Record, before: str | None, now: float
    ) -> bool:
        """See `Records`."""
        shift = self._steps.shift_of(site)
        put = words.record_words(kind, record, before, shift)
        return bool(await self._write(site, "put_record", moment(now + shift), *put))

    async def record(self, site: str, kind: str, key: str, now: float) -> Record | None:
        """See `Records`."""
        shift = self._steps.shift_of(site)
        told = await self._steps.ask(site, "record", moment(now + shift), joined(kind, key))
        return words.record_of(told, shift) if told else None

    async def take_record(self, site: str, kind: str, key: str, now: float) -> Record | None:
        """See `Records`."""
        shift = self._steps.shift_of(site)
        told = await self._write(site, "take_record", moment(now + shift), joined(kind, key))
        return words.record_of(told, shift) if told else None

    async def records(
        self, site: str, kind: str, after: str, count: int, now: float
    ) -> Sequence[Record]:
        """See `Records`."""
        return await self._listing.records(site, kind, after, count, now)

    async def record_kinds(self, site: str) -> Sequence[str]:
        """See `Records`."""
        return await self._listing.record_kinds(site)

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
        """See `Memory`."""
        shift = self._steps.shift_of(site)
        of_call = [
            *(moment(now + shift), extension, f"address:{address}"),
            *(f"call:{call}/{number}/{node}", country, joined(call, number, node)),
            words.asked_words(asked),
        ]
        if wanted is None:
            told = await self._steps.ask(site, "known", *of_call)
        else:
            told = await self._write(site, "known", *of_call, *words.lease_words(wanted, shift))
        lockout, lease, proven, shown, known_country, live, besides = told[:7]
        records, levels = besides or ((), ())
        return Known(
            words.lockout_of(site, lockout, shift) if lockout else None,
            words.lease_of(lease, shift) if lease else None,
            _proofs(proven, shift),
            _proofs(shown, shift),
            bool(known_country),
            words.taken_of(told[7], shift) if len(told) > 7 else None,
            tuple(words.sign_in_of(each, shift) for each in live),
            words.records_of(asked, records, shift),
            words.levels_of(asked, levels),
        )

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
        joined(scope, *factors)
        shift = self._steps.shift_of(site)
        extension, pin, totp = words.in_force(verified)
        at, ends = moment(now + shift), moment(until + shift)
        return bool(
            await self._steps.ask(
                site, "remember", at, extension, pin, totp, scope, ends, *factors
            )
        )

    # ------------------------------------------------------------------ moving

    async def sites(self) -> Sequence[str]:
        """See `Moving`."""
        return await self._sites.all()

    async def dossiers(self, site: str, after: str, count: int) -> Sequence[Dossier]:
        """See `Moving`."""
        return [
            words.dossier_of(told)
            for told in await self._steps.ask(site, "dossiers", after, count)
        ]

    async def put_dossier(self, site: str, dossier: Dossier) -> bool:
        """See `Moving`."""
        since = 0.0 if dossier.enrolment is None else dossier.enrolment.since
        at = moment(since + self._steps.shift_of(site))
        return bool(await self._write(site, "put_dossier", at, *words.dossier_words(dossier)))

    async def standings(self, site: str, now: float) -> Sequence[Standing]:
        """See `Moving`."""
        return await self._listing.standings(site, now)

    async def put_standing(self, site: str, standing: Standing) -> None:
        """See `Moving`."""
        put = words.standing_words(standing, self._steps.shift_of(site))
        await self._write(site, "put_standing", *put)

    async def charges(self, site: str, now: float) -> Sequence[Charge]:
        """See `Moving`."""
        return await self._listing.charges(site, now)

    async def put_charge(self, site: str, charge: Charge) -> None:
        """See `Moving`."""
        put = words.charge_words(charge, self._steps.shift_of(site))
        await self._write(site, "put_charge", *put)

    # ------------------------------------------------------------------ its life

    def keep_on(self, replicas: Mapping[str, int]) -> None:
        """See `Store`."""
        self._steps.keep_on(replicas)

    async def ready(self) -> None:
        """See `Store`; also refuses a server that may forget what it is to keep.

        A server that runs full and evicts keys forgets who holds a slot, and which codes are
        burnt. Where its user may not look, that is the administrator's to see to.
        """
        await self._probe()
        policy = await self._steps.guarded(self._eviction, PROBED)
        if policy not in {"", "noeviction"}:
            raise StoreError(
                f"the server forgets keys when it is full (`maxmemory-policy {policy}`); "
                "set it to `noeviction`"
            )

    async def _probe(self) -> None:
        """Write something, and be patient: a first connection to a busy server takes its time."""
        for pause_s in READY_PAUSES_S:
            try:
                await self._steps.ask(PROBED, "probe")
            except StoreError:
                await asyncio.sleep(pause_s)
            else:
                return
        await self._steps.ask(PROBED, "probe")

    async def _eviction(self) -> str:
        """Return what the server does when it is full; empty where that does not happen."""
        try:
            said = await self._steps.client.info("memory")
        except ResponseError:  # its user may not
            return ""
        every = said.values() if "maxmemory" not in said else [said]  # of a cluster, by node
        found = {str(each.get("maxmemory_policy", "")) for each in every if each.get("maxmemory")}
        return ", ".join(sorted(found))

    async def tidy(self, now: float) -> int:
        """See `Store`."""
        return await self._listing.tidy(await self._sites.all(), now)

    async def close(self) -> None:
        """See `Store`."""
        await asyncio.gather(*self._sure, return_exceptions=True)
        await self._steps.close()

    # ------------------------------------------------------------------ asking

    async def _of(self, site: str | None) -> Sequence[str]:
        if site is not None:
            return [site]
        return [each for each in await self._sites.all() if not is_shadow(each)]

    async def _write(self, site: str, step: str, *arguments: Argument) -> Any:
        """Take a step that must not be forgotten, of a site that is named before."""
        await self._sites.name(site)
        try:
            return await self._steps.ask(site, step, *arguments, is_lasting=True)
        except StoreError:
            self._sites.forget()  # another server may answer next, which never heard of it
            raise

    async def _surely(self, asked: Coroutine[Any, Any, Any]) -> Any:
        """Take a step to its end, whoever gives up."""
        task = asyncio.get_running_loop().create_task(asked)
        self._sure.add(task)
        task.add_done_callback(self._done)
        return await asyncio.shield(task)

    def _done(self, task: asyncio.Task[Any]) -> None:
        self._sure.discard(task)
        if not task.cancelled():
            task.exception()  # whoever gave up takes it no more


def _proofs(told: Sequence[bytes], shift_s: float) -> dict[str, float]:
    pairs = zip(told[::2], told[1::2], strict=True)
    return {factor.decode(): float(at) - shift_s for factor, at in pairs}
