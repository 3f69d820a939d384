"""Copying all that lasts from one store to another, of whatever kinds the two are.

Nothing is taken away where it comes from, and nothing undone where it goes: to copy again goes on
where it broke off, and changes nothing twice. Then both are read and compared.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from fastagi.stores.store import NotSignedIn, Standing, Taken

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence

    from fastagi.stores.budgets import Charge
    from fastagi.stores.records import Record
    from fastagi.stores.sign_ins import SignIn
    from fastagi.stores.store import Dossier, Lease, Store, SubjectKind

AT_ONCE: Final = 100
"""Dossiers, or records, that one step reads, and charges that are put at one time: a service that
runs need not wait for long."""


@dataclass(frozen=True, slots=True)
class Counts:
    """How much there is of a site in the store that it comes from."""

    site: str
    dossiers: int
    standings: int
    leases: int
    sign_ins: int = 0
    records: int = 0
    charges: int = 0


async def count(source: Store, now: float) -> list[Counts]:
    """Count what would be copied.

    Raises:
        StoreError: The store cannot be read.
    """
    counts = []
    for site in await source.sites():
        dossiers = [dossier async for dossier in _dossiers(source, site)]
        standings = await source.standings(site, now)
        leases = await source.live(site, now)
        sign_ins = await source.sign_ins(site, now)
        records = [record async for _, record in _records(source, site, now)]
        charges = await _charges(source, site, now)
        parts = (dossiers, standings, leases, sign_ins, records, charges)
        sizes = [len(each) for each in parts]
        counts.append(Counts(site, *sizes))
    return counts


async def copy(source: Store, target: Store, now: float, tell: Callable[[str], None]) -> None:
    """Copy every site's dossiers, standings, live sign-ins, charges, live leases and records.

    Args:
        source: Where it comes from.
        target: Where it goes; what it has already stays.
        now: The moment; what is void by then stays behind.
        tell: Told what is copied, as it goes on.

    Raises:
        StoreError: One of them failed on the way; to copy again goes on.
    """
    for site in await source.sites():
        done = 0
        async for dossier in _dossiers(source, site):
            await target.put_dossier(site, dossier)
            done += 1
            tell(f"{site}: {done} extensions")
        there = _by_subject(await target.standings(site, now))
        for standing in await source.standings(site, now):
            has = there.get((standing.kind, standing.name))
            if not _is_held_against(standing, has):
                both = standing if has is None else _joined(standing, has)
                await target.put_standing(site, both)
            tell(f"{site}: {standing.kind} {standing.name}")
        leases = await source.live(site, now)
        await _copy_sign_ins(source, target, site, leases, now, tell)
        charges = await _charges(source, site, now)
        for begin in range(0, len(charges), AT_ONCE):
            some = charges[begin : begin + AT_ONCE]
            await asyncio.gather(*(target.put_charge(site, charge) for charge in some))
            tell(f"{site}: {begin + len(some)} charges")
        await _copy_leases(target, site, leases, now, tell)
        async for kind, record in _records(source, site, now):
            await target.put_record(site, kind, record, None, now)
            tell(f"{site}: {kind}")


async def _copy_leases(
    target: Store, site: str, leases: Sequence[Lease], now: float, tell: Callable[[str], object]
) -> None:
    """Let calls have their slots, also those that go on though their sign-in is over.

    And charge them to their budgets, as far as these have something left there.
    """
    held = {_name(lease): lease for lease in await target.live(site, now)}
    for lease in leases:
        has_it = held.get(_name(lease))
        if has_it is None:
            taken = await target.take(lease, now)
            if isinstance(taken, NotSignedIn):
                taken = await target.take(replace(lease, sign_in=""), now)
            has_it = taken.lease if isinstance(taken, Taken) else None
        if has_it is None or has_it.extension != lease.extension:
            pass  # it is named in the end
        elif (has_it.seconds, has_it.expires) != (lease.seconds, lease.expires):
            await target.extend(site, *_name(lease), lease.seconds, now)
            await target.renew(site, *_name(lease), lease.expires, now)
        tell(f"{site}: call {lease.call}")


async def _copy_sign_ins(
    source: Store,
    target: Store,
    site: str,
    leases: Sequence[Lease],
    now: float,
    tell: Callable[[str], object],
) -> None:
    """Copy sign-ins before the leases that hang on them; and the end of those copied before."""
    busy = {(lease.extension, lease.sign_in) for lease in leases}
    for each in await source.sign_ins(site, now):
        # Its calls are not there yet: it must not count as idle until they are.
        is_busy = (each.extension, each.id) in busy
        await target.put_sign_in(replace(each, used=max(each.used, now)) if is_busy else each)
        tell(f"{site}: sign-in on {each.extension}")
    for each in await target.sign_ins(site, now):
        origin = await source.sign_in(site, each.extension, each.id, now)
        if origin is not None and origin.ended is not None:
            await target.put_sign_in(origin)


async def differences(source: Store, target: Store, now: float) -> list[str]:
    """Read both stores; name everything of the first that the second has not, or has otherwise.

    What only the second has is none. No secret is named.

    Raises:
        StoreError: One of them cannot be read.
    """
    found: list[str] = []
    for site in await source.sites():
        dossiers = {each.extension: each async for each in _dossiers(target, site)}
        async for dossier in _dossiers(source, site):
            what = ", ".join(_unlike(dossier, dossiers.get(dossier.extension)))
            if what:
                found.append(f"{site}: extension {dossier.extension}: {what}")
        standings = _by_subject(await target.standings(site, now))
        for standing in await source.standings(site, now):
            if not _is_held_against(standing, standings.get((standing.kind, standing.name))):
                found.append(f"{site}: {standing.kind} {standing.name}: failures or lockouts")
        found += [
            f"{site}: sign-in on {each.extension}"
            for each in await source.sign_ins(site, now)
            if not _is_signed_in(each, await target.sign_in(site, each.extension, each.id, now))
        ]
        leases = {_name(lease): lease for lease in await target.live(site, now)}
        for lease in await source.live(site, now):
            there = leases.get(_name(lease))
            lacks = [
                *(["its slots"] if not _is_held(lease, there) else []),
                *(["its budgets"] if not _is_charged(lease, there) else []),
            ]
            if lacks:
                found.append(f"{site}: call {lease.call} to {lease.number}: {', '.join(lacks)}")
        counted = {_counted(each) for each in await target.charges(site, now)}
        found += dict.fromkeys(
            f"{site}: limit {each.limit} of {each.key}: what was used of {each.unit}"
            for each in await _charges(source, site, now)
            if _counted(each) not in counted
        )
        async for kind, record in _records(source, site, now):
            if await target.record(site, kind, record.key, now) != record:
                found.append(f"{site}: {kind}: a record")
    return found


async def _dossiers(store: Store, site: str) -> AsyncIterator[Dossier]:
    after = ""
    while page := await store.dossiers(site, after, AT_ONCE):
        for dossier in page:
            yield dossier
        after = page[-1].extension


async def _records(store: Store, site: str, now: float) -> AsyncIterator[tuple[str, Record]]:
    for kind in await store.record_kinds(site):
        after = ""
        while page := await store.records(site, kind, after, AT_ONCE, now):
            for record in page:
                yield kind, record
            after = page[-1].key


async def _charges(store: Store, site: str, now: float) -> Sequence[Charge]:
    """Return charges that no lease has: the others move with their leases."""
    return [each for each in await store.charges(site, now) if not each.is_held]


def _by_subject(standings: Sequence[Standing]) -> Mapping[tuple[SubjectKind, str], Standing]:
    return {(each.kind, each.name): each for each in standings}


def _joined(one: Standing, other: Standing) -> Standing:
    """Hold against a subject what either store does; what both have counts once.

    So a lockout that came after the first copy is not undone by the next.
    """
    failures = Counter(one.failures) | Counter(other.failures)  # two at one moment stay two
    lockouts = Counter(one.lockouts) | Counter(other.lockouts)
    return Standing(
        one.kind,
        one.name,
        tuple(sorted(failures.elements(), key=lambda each: (each.at, each.kind, each.forget))),
        tuple(sorted(lockouts.elements(), key=lambda each: (each.lockout.since, each.forget))),
    )


def _is_held_against(standing: Standing, there: Standing | None) -> bool:
    """Whether all of it is held against the subject there, whatever else is."""
    return there is not None and _joined(standing, there) == _joined(there, there)


def _unlike(dossier: Dossier, there: Dossier | None) -> Iterator[str]:
    if there is None:
        yield "is not there"
        return
    here, other = dossier.enrolment, there.enrolment
    if here is not None and other is not None:
        if (here.pin, here.totp, here.since) != (other.pin, other.totp, other.since):
            yield "another enrolment"
        elif here.recovery != other.recovery:
            yield "other recovery codes"
        elif dossier.step != there.step:
            yield "another one-time code was used last"
    elif here is not None:
        yield "no enrolment"
    if not dossier.countries.keys() <= there.countries.keys():
        yield "countries"


def _name(lease: Lease) -> tuple[str, str, str]:
    return lease.call, lease.number, lease.node


def _counted(charge: Charge) -> tuple[str, ...]:
    """Name what is charged; how much may be less at the target, where the call ended there."""
    return charge.limit, charge.key, charge.unit, charge.id


def _is_charged(lease: Lease, there: Lease | None) -> bool:
    """Whether the call is charged there to all that it is here, for as long."""
    if there is None or there.extension != lease.extension:
        return not lease.budgets
    has = {each.window for each in there.budgets}
    return {each.window for each in lease.budgets} <= has and lease.seconds <= there.seconds


def _is_signed_in(here: SignIn, there: SignIn | None) -> bool:
    """Whether it is the same there, whenever it was used last."""
    return there is not None and replace(there, used=here.used) == here


def _is_held(lease: Lease, there: Lease | None) -> bool:
    """Whether the call has all its slots there, for as long."""
    if there is None:
        return False
    return (
        lease.extension == there.extension
        and set(lease.holds) <= set(there.holds)
        and lease.expires <= there.expires
        and there.sign_in in (lease.sign_in, "")
    )
