"""Any store and the naive one, asked the same in any order, answer the same.

A machine for each part of the contract, so that its forty steps meet each other.
"""

from __future__ import annotations

import asyncio
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    consumes,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from fastagi.rating.tariff import Tariff
from fastagi.stores.budgets import Budget, Unit
from fastagi.stores.opening import open_store
from fastagi.stores.records import Record
from fastagi.stores.sign_ins import Origin, SignedOff, SignIn, Way
from fastagi.stores.store import (
    NOTHING_ASKED,
    Asked,
    Attempt,
    Dossier,
    Enrolment,
    FailureKind,
    Hold,
    Lease,
    Looked,
    Note,
    Penalty,
    Subject,
    SubjectKind,
)
from tests.contract.naive_store import NaiveStore
from tests.contract.store_kinds import a_lease

if TYPE_CHECKING:
    from collections.abc import Awaitable, Sequence
    from typing import TypeVar

    from tests.contract.store_kinds import Kind

    Answer = TypeVar("Answer")

pytestmark = pytest.mark.no_cover
"""What it reaches, others reach; to count it doubles the time of the longest tests there are."""

IN_MEMORY = settings(
    max_examples=80,
    stateful_step_count=40,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
SYNCING = settings(IN_MEMORY, max_examples=15)
"""Where each step may wait for a disk or a network."""
COSTLY = settings(IN_MEMORY, max_examples=4)
"""Where another kind runs the very same scripts already."""

SITES = st.sampled_from(["office", "office", "office", "hotel"])
ANY_SITE = st.none() | SITES
EXTENSIONS = st.sampled_from(["101", "101", "102"])
ADDRESSES = st.sampled_from(["10.0.0.5", "10.0.0.5", "10.0.0.6"])
CALLS = st.sampled_from(["a", "b", "c"])
NODES = st.sampled_from(["one", "one", "two"])
NUMBERS = st.sampled_from(["+39", "+33"])
COUNTRIES = st.sampled_from(["IT", "FR"])
SCOPES = st.sampled_from(["address:10.0.0.5", "address:10.0.0.6", "call:a/+39/one"])
FACTORS = st.lists(st.sampled_from(["pin", "totp"]), unique=True)
SECONDS = st.sampled_from([0.0, 1.0, 5.0, 20.0, 69.0, 70.0, 150.0])
"""The same few, so that ends and moments often fall together."""
PENALTY = Penalty(for_s=20, at_most_s=70)
HOLDS = st.lists(
    st.builds(
        Hold,
        st.sampled_from(["two", "site"]),
        st.sampled_from(["101", "102"]),
        st.integers(1, 2),
        st.booleans(),
    ),
    max_size=2,
    unique_by=lambda hold: (hold.limit, hold.key),
).map(tuple)
SUBJECTS = st.tuples(
    st.builds(Subject, st.just(SubjectKind.EXTENSION), EXTENSIONS, st.integers(1, 3)),
    st.builds(Subject, st.just(SubjectKind.ADDRESS), ADDRESSES, st.integers(1, 4)),
).flatmap(lambda both: st.sampled_from([both, both[:1]]))
ENROLMENTS = st.builds(
    Enrolment,
    EXTENSIONS,
    st.none() | st.sampled_from(["hash", "other"]),
    st.none() | st.sampled_from([b"sealed", b"other"]),
    st.frozensets(st.sampled_from(["aa", "bb"])),
    SECONDS,
)
DOSSIERS = st.builds(
    lambda enrolment, step, countries: Dossier(enrolment.extension, enrolment, step, countries),
    ENROLMENTS,
    st.none() | st.integers(0, 5),
    st.dictionaries(COUNTRIES, SECONDS),
) | st.builds(Dossier, EXTENSIONS, countries=st.dictionaries(COUNTRIES, SECONDS))


MONEY = st.sampled_from([0, 1, 5, 7, 60, 130, 10**15 + 7, 2**53 - 1])
"""Of any unit, so that most are too much for some and too little for others."""
BUDGETS = st.lists(
    st.builds(
        Budget,
        st.sampled_from(["day", "week"]),
        st.just("101"),
        st.sampled_from(Unit),
        MONEY,
        st.sampled_from([20, 20, 70]),
        st.sampled_from([False, False, True]),
        st.sampled_from(["IT", "FR", ""]),
    ),
    max_size=4,
).map(tuple)
TARIFFS = st.none() | st.sampled_from(
    [
        Tariff(60, 3, 60, 3),
        Tariff(1, 0, 1, 1),
        Tariff(30, 0, 6, 0),
        Tariff(30, 10**14 - 1, 6, 10**13 + 1),
    ]
)
LENGTHS = st.sampled_from([0, 1, 5, 30, 31, 61, 130])
"""Of calls, in seconds."""
KINDS_OF_RECORD = st.sampled_from(["one", "two"])
ASKED = st.just(NOTHING_ASKED) | st.builds(
    Asked,
    st.lists(st.builds(Looked, KINDS_OF_RECORD, CALLS, st.booleans()), max_size=2).map(tuple),
    BUDGETS.map(lambda budgets: budgets[:2]),
)
"""Of little only, so that it is often as it is thought to be."""
NOTES = st.lists(
    st.tuples(KINDS_OF_RECORD, CALLS, st.sampled_from(["one", "two"]), SECONDS), max_size=2
)
"""Kind, key, text, and how long it is there."""
IDS = st.sampled_from(["s", "s", "t", "u"])
ORIGINS = st.sampled_from([Origin("10.0.0.5"), Origin("10.0.0.5", contact="c"), Origin()])
TEXTS = st.sampled_from(["one", "two", ""])


class Both(RuleBasedStateMachine):
    """Two stores and a clock.

    Attributes:
        jumps: Whether the clock is set back now and then. Where it goes forward only, only the
            real store is ever tidied: that must not show.
    """

    kind: ClassVar[Kind]
    jumps: ClassVar[bool]

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.runner = asyncio.Runner()
        self.store = open_store(self.kind.url(Path(self.folder.name)))
        self.naive = NaiveStore()
        self.now = 1000.0

    def teardown(self) -> None:
        """Leave nothing behind."""
        self.runner.run(self.store.close())
        self.runner.close()
        self.folder.cleanup()

    def ask(self, answer: Awaitable[Answer]) -> Answer:
        """Wait for the real store's answer."""

        async def wait() -> Answer:
            return await answer

        return self.runner.run(wait())

    @rule(seconds=SECONDS)
    def wait(self, seconds: float) -> None:
        """Time passes."""
        self.now += seconds

    @precondition(lambda self: self.jumps)
    @rule(seconds=st.sampled_from([1, 59, 61, 500]))
    def set_back(self, seconds: int) -> None:
        """Somebody sets the clock back."""
        self.now -= seconds

    @rule()
    def tidy(self) -> None:
        """The daemon tidies."""
        dropped = self.ask(self.store.tidy(self.now))
        if self.jumps:
            assert dropped == self.naive.tidy(self.now)

    @rule(
        site=SITES,
        extension=EXTENSIONS,
        address=ADDRESSES,
        country=COUNTRIES,
        call=CALLS,
        number=NUMBERS,
        node=NODES,
        holds=st.none() | HOLDS,
        lasts=SECONDS,
        notes=NOTES,
        asked=ASKED,
    )
    def known(
        self,
        site: str,
        extension: str,
        address: str,
        country: str,
        call: str,
        number: str,
        node: str,
        holds: tuple[Hold, ...] | None,
        lasts: float,
        notes: list[tuple[str, str, str, float]],
        asked: Asked,
    ) -> None:
        """A call is screened; and let through at once, if it wants that."""
        wanted = None
        if holds is not None:
            wanted = a_lease(
                call,
                *holds,
                site=site,
                extension=extension,
                country=country,
                number=number,
                node=node,
                since=self.now,
                expires=self.now + lasts,
            )
            wanted = replace(wanted, notes=self.notes(notes))
        of_call = (site, extension, address, country, call, number, node, self.now)
        real = self.ask(self.store.known(*of_call, wanted, asked))
        assert real == self.naive.known(*of_call, wanted, asked)

    def notes(self, notes: list[tuple[str, str, str, float]]) -> tuple[Note, ...]:
        """Return notes that end so much later than now."""
        return tuple(Note(kind, key, text, self.now + lasts) for kind, key, text, lasts in notes)

    @rule(site=ANY_SITE)
    def lists(self, site: str | None) -> None:
        """The operator looks."""
        assert self.ask(self.store.live(site, self.now)) == self.naive.live(site, self.now)
        signed = self.ask(self.store.sign_ins(site, self.now))
        assert list(signed) == self.naive.sign_ins(site, self.now)
        locked = self.ask(self.store.lockouts(site, self.now))
        assert locked == self.naive.lockouts(site, self.now)
        sites = self.ask(self.store.sites())
        for named in ("office", "hotel"):
            # What is void may be kept, or not: only the real store is ever tidied.
            some = (self.naive.dossiers(named, "", 1), self.naive.standings(named, self.now))
            live = (self.naive.live(named, self.now), self.naive.sign_ins(named, self.now))
            assert named in sites or not any((*some, *live))
            assert self.ask(self.store.enrolments(named)) == self.naive.enrolments(named)
            for after in ("", "101"):
                found = self.ask(self.store.dossiers(named, after, 1))
                assert found == self.naive.dossiers(named, after, 1)
            held = self.ask(self.store.standings(named, self.now))
            assert held == self.naive.standings(named, self.now)


class Slots(Both):
    """Calls come and go."""

    @rule(
        site=SITES,
        call=CALLS,
        number=NUMBERS,
        node=NODES,
        extension=EXTENSIONS,
        country=COUNTRIES,
        holds=HOLDS,
        lasts=SECONDS,
    )
    def take(
        self,
        site: str,
        call: str,
        number: str,
        node: str,
        extension: str,
        country: str,
        holds: tuple[Hold, ...],
        lasts: float,
    ) -> None:
        """A call asks for its slots."""
        lease = Lease(
            site=site,
            call=call,
            number=number,
            extension=extension,
            country=country,
            category="international",
            channel="PJSIP/101-1",
            node=node,
            rule="abroad",
            reference="4711",
            seconds=int(lasts),
            since=self.now,
            expires=self.now + lasts,
            holds=holds,
        )
        assert self.ask(self.store.take(lease, self.now)) == self.naive.take(lease, self.now)

    @rule(site=SITES, call=CALLS, number=NUMBERS, node=NODES, lasts=SECONDS)
    def renew(self, site: str, call: str, number: str, node: str, lasts: float) -> None:
        """A call goes on for longer than it was thought to."""
        asked = (site, call, number, node, self.now + lasts, self.now)
        assert self.ask(self.store.renew(*asked)) == self.naive.renew(*asked)

    @rule(site=SITES, call=CALLS, number=st.none() | NUMBERS, node=st.none() | NODES)
    def release(self, site: str, call: str, number: str | None, node: str | None) -> None:
        """A call ends."""
        freed = self.ask(self.store.release(site, call, number, node, self.now))
        assert freed == self.naive.release(site, call, number, node, self.now)

    @precondition(lambda self: not self.jumps)  # a clock set back shows ended calls as live
    @invariant()
    def no_limit_is_exceeded(self) -> None:
        """Of a limit with two slots for all, no more than two are ever taken for good."""
        held = [
            (lease.site, hold.limit, hold.key)
            for lease in self.naive.live(None, self.now)
            for hold in lease.holds
            if not hold.shadow
        ]
        assert all(held.count(each) <= 2 for each in held)


class Budgets(Both):
    """Calls use up money, seconds, attempts and what there is."""

    @rule()
    def tidy(self) -> None:
        """The daemon tidies; that shows where an expired lease is released after that."""
        super().tidy()
        self.naive.give_up_expired(self.now)

    @rule(
        site=SITES,
        call=CALLS,
        number=NUMBERS,
        extension=EXTENSIONS,
        holds=HOLDS,
        budgets=BUDGETS,
        tariff=TARIFFS,
        seconds=LENGTHS,
        longest_s=LENGTHS,
        least_s=LENGTHS,
        earlier_s=st.sampled_from([0, 0, 0, 1, 100]),
        asked=st.none() | ASKED,
    )
    def take(
        self,
        site: str,
        call: str,
        number: str,
        extension: str,
        holds: tuple[Hold, ...],
        budgets: tuple[Budget, ...],
        tariff: Tariff | None,
        seconds: int,
        longest_s: int,
        least_s: int,
        earlier_s: int,
        asked: Asked | None,
    ) -> None:
        """A call asks for all that it may use up; by a step of its own, or with what is known."""
        lease = a_lease(
            call,
            *holds,
            site=site,
            number=number,
            extension=extension,
            since=self.now - earlier_s,
            expires=self.now - earlier_s + seconds + 5,
        )
        lease = replace(lease, seconds=seconds, longest_s=longest_s, least_s=least_s)
        lease = replace(lease, budgets=budgets, tariff=tariff)
        if asked is not None:
            of_call = (site, extension, "10.0.0.5", lease.country, call, number, lease.node)
            real = self.ask(self.store.known(*of_call, self.now, lease, asked))
            assert real == self.naive.known(*of_call, self.now, lease, asked)
        else:
            assert self.ask(self.store.take(lease, self.now)) == self.naive.take(lease, self.now)

    @rule(site=SITES, call=CALLS, number=NUMBERS, seconds=LENGTHS)
    def extend(self, site: str, call: str, number: str, seconds: int) -> None:
        """A call goes on for as long as there is money."""
        asked = (site, call, number, a_lease(call).node, seconds, self.now)
        assert self.ask(self.store.extend(*asked)) == self.naive.extend(*asked)

    @rule(site=SITES, call=CALLS, number=NUMBERS, lasts=SECONDS)
    def renew(self, site: str, call: str, number: str, lasts: float) -> None:
        """A call may end later than it was thought to."""
        asked = (site, call, number, a_lease(call).node, self.now + lasts, self.now)
        assert self.ask(self.store.renew(*asked)) == self.naive.renew(*asked)

    @rule(
        site=SITES,
        call=CALLS,
        number=st.none() | NUMBERS,
        talked_s=st.none() | LENGTHS,
        part_s=st.sampled_from([0.0, 0.5]),
    )
    def release(
        self, site: str, call: str, number: str | None, talked_s: int | None, part_s: float
    ) -> None:
        """A call ends; how long it was answered is known, or not."""
        asked = (site, call, number, None, self.now + part_s, talked_s)
        assert self.ask(self.store.release(*asked)) == self.naive.release(*asked)

    @rule(come=SITES, go=SITES)
    def move(self, come: str, go: str) -> None:
        """What a site was charged moves to another, or is put back."""
        for charge in self.naive.charges(come, self.now):
            self.ask(self.store.put_charge(go, charge))
            self.naive.put_charge(go, charge)

    @rule(site=SITES)
    def look(self, site: str) -> None:
        """The operator asks what is spent, and on what."""
        spent = self.ask(self.store.spent(site, self.now))
        assert list(spent) == self.naive.spent(site, self.now)
        charges = self.ask(self.store.charges(site, self.now))
        assert list(charges) == self.naive.charges(site, self.now)
        assert site in self.ask(self.store.sites()) or not charges


class Guesses(Both):
    """Codes and numbers are wrong, or right."""

    attempts: Bundle[tuple[Attempt, Attempt]] = Bundle("attempts")

    @rule(target=attempts, site=SITES, subjects=SUBJECTS, kind=st.sampled_from(FailureKind))
    def begin_attempt(
        self, site: str, subjects: tuple[Subject, ...], kind: FailureKind
    ) -> tuple[Attempt, Attempt]:
        """Somebody guesses; which id the attempt has is each store's own affair."""
        real = self.ask(self.store.begin_attempt(site, subjects, kind, PENALTY, self.now))
        naive = self.naive.begin_attempt(site, subjects, kind, PENALTY, self.now)
        if isinstance(real, Attempt) and isinstance(naive, Attempt):
            assert replace(real, id=naive.id) == naive
            return real, naive
        assert real == naive
        none = Attempt(site, 0, subjects)
        return none, none

    @rule(attempt=attempts, anew=st.booleans())
    def succeed(self, attempt: tuple[Attempt, Attempt], anew: bool) -> None:
        """A guess was right, wholly or as far as it was asked for; or is said so twice."""
        real, naive = attempt
        self.ask(self.store.succeed(real, self.now, anew=anew))
        self.naive.succeed(naive, self.now, anew=anew)

    @rule(attempt=consumes(attempts))
    def fail(self, attempt: tuple[Attempt, Attempt]) -> None:
        """A guess was wrong, and nothing more is heard of it."""

    @rule(site=SITES, subject=SUBJECTS)
    def clear(self, site: str, subject: tuple[Subject, ...]) -> None:
        """The operator has mercy."""
        whom = subject[-1]
        cleared = self.ask(self.store.clear(site, whom.kind, whom.name, self.now))
        assert cleared == self.naive.clear(site, whom.kind, whom.name, self.now)

    @rule(come=SITES, go=SITES)
    def move(self, come: str, go: str) -> None:
        """What is held against anybody of a site moves to another, or is put back."""
        for standing in self.naive.standings(come, self.now):
            self.ask(self.store.put_standing(go, standing))
            self.naive.put_standing(go, standing)


class Factors(Both):
    """Phones are enrolled, codes are used up, proofs remembered.

    Attributes:
        read: Enrolments as a caller at the prompt has them, in force or no more.
    """

    read: Bundle[Enrolment] = Bundle("read")

    @rule(site=SITES, extension=EXTENSIONS, country=COUNTRIES)
    def call(self, site: str, extension: str, country: str) -> None:
        """An extension is let through to a country, for a moment."""
        lease = a_lease("x", site=site, extension=extension, country=country, expires=0.0)
        assert self.ask(self.store.take(lease, self.now)) == self.naive.take(lease, self.now)

    @rule(site=SITES, enrolment=ENROLMENTS)
    def enrol(self, site: str, enrolment: Enrolment) -> None:
        """The operator enrols a phone."""
        self.ask(self.store.enrol(site, enrolment))
        self.naive.enrol(site, enrolment)

    @rule(site=SITES, dossier=DOSSIERS)
    def move(self, site: str, dossier: Dossier) -> None:
        """An extension moves in from another store."""
        moved = self.ask(self.store.put_dossier(site, dossier))
        assert moved == self.naive.put_dossier(site, dossier)

    @rule(site=SITES, extension=EXTENSIONS)
    def unenrol(self, site: str, extension: str) -> None:
        """The operator takes a phone away."""
        removed = self.ask(self.store.unenrol(site, extension, self.now))
        assert removed == self.naive.unenrol(site, extension, self.now)

    @rule(target=read, site=SITES, extension=EXTENSIONS)
    def look(self, site: str, extension: str) -> Enrolment:
        """A caller is about to guess."""
        found = self.ask(self.store.enrolment(site, extension))
        assert found == self.naive.enrolled.get((site, extension))
        return found or Enrolment(extension)

    @rule(site=SITES, verified=read, renewed=ENROLMENTS)
    def rekey(self, site: str, verified: Enrolment, renewed: Enrolment) -> None:
        """Keys are rotated."""
        done = self.ask(self.store.rekey(site, verified, renewed))
        assert done == self.naive.rekey(site, verified, renewed)

    @rule(site=SITES, verified=read, step=st.integers(0, 5))
    def claim_step(self, site: str, verified: Enrolment, step: int) -> None:
        """A code is keyed."""
        claimed = self.ask(self.store.claim_step(site, verified, step))
        assert claimed == self.naive.claim_step(site, verified, step)

    @rule(site=SITES, verified=read, digest=st.sampled_from(["aa", "bb", "cc"]))
    def claim_recovery(self, site: str, verified: Enrolment, digest: str) -> None:
        """A recovery code is keyed."""
        claimed = self.ask(self.store.claim_recovery(site, verified, digest))
        assert claimed == self.naive.claim_recovery(site, verified, digest)

    @rule(site=SITES, verified=read, scope=SCOPES, factors=FACTORS, lasts=SECONDS)
    def remember(
        self, site: str, verified: Enrolment, scope: str, factors: list[str], lasts: float
    ) -> None:
        """A factor was proven."""
        asked = (site, verified, scope, factors, self.now, self.now + lasts)
        assert self.ask(self.store.remember(*asked)) == self.naive.remember(*asked)


class SignedIn(Both):
    """People sign in, and all that can end it happens.

    Attributes:
        attempts: Guesses under way, in each store.
    """

    attempts: Bundle[tuple[Attempt, Attempt]] = Bundle("attempts")

    @rule(
        site=SITES,
        extension=EXTENSIONS,
        id=IDS,
        person=EXTENSIONS,
        origin=ORIGINS,
        lasts=SECONDS,
        idle_s=st.sampled_from([0, 5, 20]),
        at_once=st.sampled_from([0, 1, 2]),
        enrolment=st.none() | ENROLMENTS,
    )
    def open_sign_in(
        self,
        site: str,
        extension: str,
        id: str,
        person: str,
        origin: Origin,
        lasts: float,
        idle_s: int,
        at_once: int,
        enrolment: Enrolment | None,
    ) -> None:
        """Somebody signs in; with factors that are in force, or are no more."""
        times = (self.now, self.now + lasts, idle_s, self.now)
        new = SignIn(site, extension, id, person, Way.KEYPAD, origin, "one", *times)
        asked = (new, enrolment, at_once, self.now)
        assert _listed(self.ask(self.store.open_sign_in(*asked))) == _listed(
            self.naive.open_sign_in(*asked)
        )

    @rule(
        site=SITES, extension=EXTENSIONS, id=st.none() | IDS, why=st.sampled_from(list(SignedOff))
    )
    def end(self, site: str, extension: str, id: str | None, why: SignedOff) -> None:
        """Somebody signs off."""
        asked = (site, extension, id, why, self.now)
        assert _listed(self.ask(self.store.end_sign_ins(*asked))) == _listed(
            self.naive.end_sign_ins(*asked)
        )

    @rule(site=SITES, extension=EXTENSIONS, id=IDS)
    def look(self, site: str, extension: str, id: str) -> None:
        """A page asks what became of it."""
        asked = (site, extension, id, self.now)
        assert self.ask(self.store.sign_in(*asked)) == self.naive.sign_in(*asked)

    @rule(site=SITES, extension=EXTENSIONS, id=IDS, before=ORIGINS, origin=ORIGINS, lasts=SECONDS)
    def place(
        self, site: str, extension: str, id: str, before: Origin, origin: Origin, lasts: float
    ) -> None:
        """One is put into another place, by who knows where it was, or does not."""
        times = (self.now, self.now, 0, self.now)
        thought = SignIn(site, extension, id, "101", Way.KEYPAD, before, "one", *times)
        found = self.naive.sign_in(site, extension, id, self.now)
        if found is not None and found.origin == before:
            thought = found
        asked = (thought, origin, "one", self.now + lasts, self.now)
        assert self.ask(self.store.place_sign_in(*asked)) == self.naive.place_sign_in(*asked)

    @rule(come=SITES, extension=EXTENSIONS, id=IDS, go=SITES)
    def move(self, come: str, extension: str, id: str, go: str) -> None:
        """One is put into another site as it is, live or over."""
        found = self.naive.sign_in(come, extension, id, self.now)
        if found is not None:
            self.ask(self.store.put_sign_in(replace(found, site=go)))
            self.naive.put_sign_in(replace(found, site=go))

    @rule(site=SITES, extension=EXTENSIONS, id=IDS, call=CALLS, lasts=SECONDS)
    def take(self, site: str, extension: str, id: str, call: str, lasts: float) -> None:
        """A call is let through by a sign-in, or asks again under another."""
        lease = replace(
            a_lease(call, site=site, extension=extension, since=self.now, number="+39"),
            expires=self.now + lasts,
            sign_in=id,
        )
        assert self.ask(self.store.take(lease, self.now)) == self.naive.take(lease, self.now)

    @rule(site=SITES, call=CALLS, lasts=SECONDS)
    def renew(self, site: str, call: str, lasts: float) -> None:
        """A call goes on."""
        asked = (site, call, "+39", a_lease(call).node, self.now + lasts, self.now)
        assert self.ask(self.store.renew(*asked)) == self.naive.renew(*asked)

    @rule(site=SITES, call=CALLS)
    def release(self, site: str, call: str) -> None:
        """A call ends."""
        asked = (site, call, None, None, self.now)
        assert self.ask(self.store.release(*asked)) == self.naive.release(*asked)

    @rule(target=attempts, site=SITES, extension=EXTENSIONS, other=EXTENSIONS)
    def begin_attempt(self, site: str, extension: str, other: str) -> tuple[Attempt, Attempt]:
        """Somebody guesses, for one extension or at the phone of another; two are too many."""
        names = dict.fromkeys([extension, other])
        subjects = tuple(Subject(SubjectKind.EXTENSION, name, 2) for name in names)
        asked = (site, subjects, FailureKind.CODE, PENALTY, self.now)
        real = self.ask(self.store.begin_attempt(*asked))
        naive = self.naive.begin_attempt(*asked)
        if isinstance(real, Attempt) and isinstance(naive, Attempt):
            return real, naive
        assert real == naive
        none = Attempt(site, 0, subjects)
        return none, none

    @rule(attempt=attempts, anew=st.booleans())
    def succeed(self, attempt: tuple[Attempt, Attempt], anew: bool) -> None:
        """A guess was right."""
        real, naive = attempt
        self.ask(self.store.succeed(real, self.now, anew=anew))
        self.naive.succeed(naive, self.now, anew=anew)

    @rule(site=SITES, extension=EXTENSIONS)
    def clear(self, site: str, extension: str) -> None:
        """The operator has mercy."""
        asked = (site, SubjectKind.EXTENSION, extension, self.now)
        assert self.ask(self.store.clear(*asked)) == self.naive.clear(*asked)

    @rule(site=SITES, enrolment=ENROLMENTS)
    def enrol(self, site: str, enrolment: Enrolment) -> None:
        """The operator enrols a phone: its clock may be ahead, or behind."""
        self.ask(self.store.enrol(site, enrolment))
        self.naive.enrol(site, enrolment)

    @rule(site=SITES, dossier=DOSSIERS)
    def move_in(self, site: str, dossier: Dossier) -> None:
        """An extension moves in from another store."""
        moved = self.ask(self.store.put_dossier(site, dossier))
        assert moved == self.naive.put_dossier(site, dossier)

    @rule(site=SITES, extension=EXTENSIONS)
    def unenrol(self, site: str, extension: str) -> None:
        """The operator takes a phone away."""
        removed = self.ask(self.store.unenrol(site, extension, self.now))
        assert removed == self.naive.unenrol(site, extension, self.now)


class Papers(Both):
    """Records are put, changed, taken and forgotten; and calls leave some."""

    @rule(
        site=SITES,
        call=CALLS,
        extension=EXTENSIONS,
        country=COUNTRIES,
        holds=HOLDS,
        lasts=SECONDS,
        notes=NOTES,
    )
    def call(
        self,
        site: str,
        call: str,
        extension: str,
        country: str,
        holds: tuple[Hold, ...],
        lasts: float,
        notes: list[tuple[str, str, str, float]],
    ) -> None:
        """A call asks for its slots, for the first time or once more."""
        lease = a_lease(call, *holds, site=site, extension=extension, country=country)
        lease = replace(lease, number="+39", node="one", since=self.now, expires=self.now + lasts)
        lease = replace(lease, notes=self.notes(notes))
        assert self.ask(self.store.take(lease, self.now)) == self.naive.take(lease, self.now)

    @rule(
        site=SITES,
        kind=NODES,
        key=CALLS,
        text=TEXTS,
        lasts=st.none() | SECONDS,
        before=st.none() | TEXTS,
    )
    def put(
        self, site: str, kind: str, key: str, text: str, lasts: float | None, before: str | None
    ) -> None:
        """Somebody changes what they read, or writes what is new."""
        until = None if lasts is None else self.now + lasts
        asked = (site, kind, Record(key, text, until), before, self.now)
        assert self.ask(self.store.put_record(*asked)) == self.naive.put_record(*asked)

    @rule(site=SITES, kind=NODES, key=CALLS)
    def look(self, site: str, kind: str, key: str) -> None:
        """Somebody reads one."""
        asked = (site, kind, key, self.now)
        assert self.ask(self.store.record(*asked)) == self.naive.record(*asked)

    @rule(site=SITES, kind=NODES, key=CALLS)
    def take(self, site: str, kind: str, key: str) -> None:
        """Somebody uses one up."""
        asked = (site, kind, key, self.now)
        assert self.ask(self.store.take_record(*asked)) == self.naive.take_record(*asked)

    @rule(site=SITES, kind=NODES, after=st.just("") | CALLS, count=st.integers(1, 3))
    def page(self, site: str, kind: str, after: str, count: int) -> None:
        """Somebody turns the pages."""
        asked = (site, kind, after, count, self.now)
        found = self.naive.page(*asked)
        assert self.ask(self.store.records(*asked)) == found
        assert not found or kind in self.ask(self.store.record_kinds(site))


def _listed(answer: Sequence[SignIn] | None) -> list[SignIn] | None:
    return None if answer is None else list(answer)


@pytest.mark.parametrize("jumps", [False, True], ids=["forward", "jumps"])
@pytest.mark.parametrize(
    "part", [Slots, Budgets, Guesses, Factors, SignedIn, Papers], ids=lambda part: part.__name__
)
def test_a_store_answers_as_the_naive_one(kind: Kind, part: type[Both], jumps: bool) -> None:
    """Whatever is asked, in whatever order, and whatever the clock does."""
    machine = type(part.__name__, (part,), {"kind": kind, "jumps": jumps})
    run_state_machine_as_test(machine, settings=_pace(kind))


def _pace(kind: Kind) -> settings:
    if kind.is_costly:
        return COSTLY
    return SYNCING if kind.is_shared else IN_MEMORY
