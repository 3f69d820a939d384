"""What every store promises of two sites: neither can tell that there is another.

Random steps are taken for two sites in turn, whose extensions, calls, numbers and keys have the
same names. Each answer is what it is where that site is alone; and in the end each has all that is
its own.
"""

from __future__ import annotations

import random
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from fastagi.stores.budgets import Budget, Unit
from fastagi.stores.opening import open_store
from fastagi.stores.records import Record
from fastagi.stores.sign_ins import Origin, SignedOff, SignIn, Way
from fastagi.stores.sqlite import SQLiteStore
from fastagi.stores.store import (
    Attempt,
    Enrolment,
    FailureKind,
    Hold,
    Penalty,
    Subject,
    SubjectKind,
)
from tests.contract.store_kinds import NODE, ROME, a_lease

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from fastagi.stores.store import Lease, Store

SITES = ("alpha", "beta")
STEPS = 60
PENALTY = Penalty(60, 600)
EXTENSIONS = ("101", "102")


class Clerk:
    """Takes steps for one site, and writes down what came of them."""

    def __init__(self, store: Store, site: str) -> None:
        self.store = store
        self.site = site
        self.attempts: list[Attempt] = []
        self.heard: list[object] = []

    async def take(self, step: str, extension: str, number: int, now: float) -> None:
        """Take a step of the store by its name."""
        work: Callable[[str, int, float], Awaitable[object]] = getattr(self, f"_{step}")
        answer = await work(extension, number, now)
        if isinstance(answer, Attempt):
            self.attempts.append(answer)
            answer = "counted"  # its number is the store's own
        self.heard.append((step, told(answer)))

    def lease(self, extension: str, number: int, now: float) -> Lease:
        """Return what a call is to have: slots of its phone and of its site, and a budget."""
        holds = (Hold("own", extension, 2), Hold("all", "", 3))
        budgets = (Budget("minutes", "", Unit.SECONDS, 3000, 3600),)
        lease = a_lease(f"1.{number}", *holds, site=self.site, since=now, expires=now + 1000)
        return replace(lease, extension=extension, budgets=budgets)

    def sign_in(self, extension: str, number: int, now: float) -> SignIn:
        """Return a sign-in."""
        return SignIn(
            site=self.site,
            extension=extension,
            id=f"id-{number}",
            person=extension,
            way=Way.PAGE,
            origin=Origin("10.0.0.5", "tls", "a" * 40, "c" * 40),
            node=NODE,
            since=now,
            until=now + 500,
            idle_s=0,
            used=now,
        )

    async def _take(self, extension: str, number: int, now: float) -> object:
        return await self.store.take(self.lease(extension, number, now), now)

    async def _release(self, _: str, number: int, now: float) -> object:
        return await self.store.release(self.site, f"1.{number}", ROME, NODE, now, 60)

    async def _renew(self, _: str, number: int, now: float) -> object:
        return await self.store.renew(self.site, f"1.{number}", ROME, NODE, now + 2000, now)

    async def _extend(self, _: str, number: int, now: float) -> object:
        return await self.store.extend(self.site, f"1.{number}", ROME, NODE, 980, now)

    async def _begin_attempt(self, extension: str, _: int, now: float) -> object:
        subjects = (
            Subject(SubjectKind.EXTENSION, extension, 3),
            Subject(SubjectKind.ADDRESS, "10.0.0.5", 5),
        )
        return await self.store.begin_attempt(self.site, subjects, FailureKind.CODE, PENALTY, now)

    async def _succeed(self, _: str, __: int, now: float) -> object:
        if self.attempts:
            await self.store.succeed(self.attempts[-1], now)
        return None

    async def _clear(self, extension: str, _: int, now: float) -> object:
        return await self.store.clear(self.site, SubjectKind.EXTENSION, extension, now)

    async def _enrol(self, extension: str, number: int, _: float) -> object:
        enrolment = Enrolment(extension, f"hash-{number}", b"sealed", frozenset({"spare"}))
        await self.store.enrol(self.site, enrolment)
        return None

    async def _unenrol(self, extension: str, _: int, now: float) -> object:
        return await self.store.unenrol(self.site, extension, now)

    async def _claim_step(self, extension: str, number: int, _: float) -> object:
        present = await self.store.enrolment(self.site, extension)
        return present and await self.store.claim_step(self.site, present, number)

    async def _claim_recovery(self, extension: str, _: int, __: float) -> object:
        present = await self.store.enrolment(self.site, extension)
        return present and await self.store.claim_recovery(self.site, present, "spare")

    async def _remember(self, extension: str, _: int, now: float) -> object:
        present = await self.store.enrolment(self.site, extension)
        return present and await self.store.remember(
            self.site, present, "10.0.0.5", ["pin"], now, now + 100
        )

    async def _open_sign_in(self, extension: str, number: int, now: float) -> object:
        sign_in = self.sign_in(extension, number, now)
        return await self.store.open_sign_in(sign_in, None, 2, now)

    async def _place_sign_in(self, extension: str, number: int, now: float) -> object:
        here, there = self.sign_in(extension, number, now), Origin("10.0.0.6", "ws")
        return await self.store.place_sign_in(here, there, NODE, now + 400, now)

    async def _end_sign_ins(self, extension: str, _: int, now: float) -> object:
        why = SignedOff.OPERATOR
        return await self.store.end_sign_ins(self.site, extension, None, why, now)

    async def _put_record(self, extension: str, number: int, now: float) -> object:
        record = Record(extension, f"text {number} of {self.site}", now + 300)
        return await self.store.put_record(self.site, "kind", record, None, now)

    async def _take_record(self, extension: str, _: int, now: float) -> object:
        return await self.store.take_record(self.site, "kind", extension, now)

    async def _known(self, extension: str, number: int, now: float) -> object:
        of = (self.site, extension, "10.0.0.5", "IT", f"1.{number}", ROME, NODE)
        wanted = self.lease(extension, number, now) if number % 2 else None
        return await self.store.known(*of, now, wanted)

    async def everything(self, now: float) -> list[object]:
        """Return all that the store has of the site, by every step that lists anything."""
        store, site = self.store, self.site
        found = [
            *(await store.live(site, now), await store.spent(site, now)),
            *(await store.lockouts(site, now), await store.enrolments(site)),
            *(await store.sign_ins(site, now), await store.records(site, "kind", "", 99, now)),
            *(await store.record_kinds(site), await store.dossiers(site, "", 99)),
            *(await store.standings(site, now), await store.charges(site, now)),
            *[await store.enrolment(site, each) for each in EXTENSIONS],
            *[
                await store.sign_in(site, each, f"id-{number}", now)
                for each in EXTENSIONS
                for number in range(6)
            ],
        ]
        return [told(each) for each in found]


def told(answer: object) -> str:
    """Write an answer down, the same for every site."""
    text = repr(sorted(answer, key=repr) if isinstance(answer, list | tuple) else answer)
    for site in SITES:
        text = text.replace(site, "SITE")
    return text


STEP_NAMES = sorted(
    name[1:]
    for name, each in vars(Clerk).items()
    if name.startswith("_") and not name.startswith("__") and callable(each)
)


def script(chance: random.Random) -> Sequence[tuple[str, str, int, float]]:
    """Return random steps: name, extension, number, moment."""
    return [
        (chance.choice(STEP_NAMES), chance.choice(EXTENSIONS), chance.randrange(6), float(at))
        for at in range(1, STEPS + 1)
    ]


async def alone(site: str, steps: Sequence[tuple[str, str, int, float]]) -> Clerk:
    """Take the steps in a store where there is no other site."""
    store = open_store("sqlite://:memory:")
    clerk = Clerk(store, site)
    for each in steps:
        await clerk.take(*each)
    clerk.heard.append(await clerk.everything(STEPS + 1.0))
    await store.close()
    return clerk


@pytest.mark.parametrize("seed", range(3))
async def test_a_site_cannot_tell_that_there_is_another(store: Store, seed: int) -> None:
    """Whatever is done for both, in whatever order, with the same names."""
    chance = random.Random(seed)  # noqa: S311 - no secret
    scripts = {site: script(chance) for site in SITES}
    clerks = {site: Clerk(store, site) for site in SITES}
    left: dict[str, list[Any]] = {site: list(steps) for site, steps in scripts.items()}
    while any(left.values()):
        site = chance.choice([each for each in SITES if left[each]])
        await clerks[site].take(*left[site].pop(0))
    for site, clerk in clerks.items():
        clerk.heard.append(await clerk.everything(STEPS + 1.0))
        assert clerk.heard == (await alone(site, scripts[site])).heard
        assert all(each.site == site for each in await store.live(site, STEPS + 1.0))


def test_every_step_of_a_site_is_taken() -> None:
    """A new step of the store is one of these, or lists what `everything` lists."""
    listed = {"live", "spent", "lockouts", "enrolments", "sign_ins", "records", "record_kinds"}
    listed |= {"dossiers", "standings", "charges", "enrolment", "sign_in", "record"}
    moved = {"put_dossier", "put_standing", "put_charge", "put_sign_in", "rekey"}
    of_no_site = {"sites", "ready", "tidy", "close", "keep_on"}
    steps = {name for name in vars(SQLiteStore) if not name.startswith("_")}
    assert steps == set(STEP_NAMES) | listed | moved | of_no_site
