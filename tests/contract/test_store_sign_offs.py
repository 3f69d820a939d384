"""What every store promises of people who are signed in: what ends a sign-in."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from fastagi.stores.sign_ins import REMEMBERED_S, SignedOff
from fastagi.stores.store import (
    Attempt,
    Dossier,
    Enrolment,
    FailureKind,
    NotSignedIn,
    Subject,
    SubjectKind,
    Taken,
)
from tests.contract.store_kinds import NODE, PENALTY, ROME, SITE
from tests.contract.store_sign_ins import (
    GUEST,
    PLACES,
    SIGN_IN,
    let_through,
    lock_out,
    look,
    opened,
    over,
)

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from fastagi.stores.store import Store

ENROLLED = Enrolment("101", "$argon2id$v=19$…", b"sealed", frozenset({"aa"}), since=5.0)
CODE = FailureKind.CODE


@pytest.mark.parametrize("why", list(SignedOff))
async def test_whoever_ends_it_says_why(store: Store, why: SignedOff) -> None:
    """It is told once, and stays as it is."""
    await opened(store, SIGN_IN, GUEST)
    was = over(SIGN_IN, 30.0, why)
    assert list(await store.end_sign_ins(SITE, "101", SIGN_IN.id, why, 30.0)) == [was]
    assert list(await store.end_sign_ins(SITE, "101", SIGN_IN.id, SignedOff.API, 40.0)) == []
    assert await look(store, 40.0) == was
    assert await look(store, 40.0, GUEST) == GUEST


async def test_all_of_an_extension_are_ended_at_once(store: Store) -> None:
    """None of another's; none that is over, or that there is not."""
    elsewhere = replace(SIGN_IN, extension="102")
    soon = replace(SIGN_IN, id="soon", origin=PLACES[1], until=30.0)
    await opened(store, GUEST, SIGN_IN, soon, elsewhere)
    ended = await store.end_sign_ins(SITE, "101", None, SignedOff.OPERATOR, 30.0)
    assert list(ended) == [over(each, 30.0, SignedOff.OPERATOR) for each in (SIGN_IN, GUEST)]
    assert await look(store, 30.0, soon) == over(soon, 30.0, SignedOff.EXPIRED)
    assert list(await store.sign_ins(SITE, 30.0)) == [elsewhere]
    assert list(await store.end_sign_ins(SITE, "103", None, SignedOff.PAGE, 30.0)) == []
    assert list(await store.end_sign_ins("hotel", "102", None, SignedOff.PAGE, 30.0)) == []


async def test_it_is_over_at_its_time(store: Store) -> None:
    """At that very moment, and not before; a clock that is set back ends nothing."""
    await opened(store, SIGN_IN)
    for now in (1009.9, 5.0):
        assert await look(store, now) == SIGN_IN
    for now in (1010.0, 5000.0):
        assert await look(store, now) == over(SIGN_IN, 1010.0, SignedOff.EXPIRED)
    assert await look(store, 1009.9) == SIGN_IN
    assert list(await store.end_sign_ins(SITE, "101", None, SignedOff.PAGE, 1010.0)) == []


async def test_what_ends_before_it_began_ends_as_it_began(store: Store) -> None:
    """A clock was set back meanwhile."""
    await opened(store, SIGN_IN)
    ended = await store.end_sign_ins(SITE, "101", None, SignedOff.PAGE, 5.0)
    assert list(ended) == [over(SIGN_IN, 10.0, SignedOff.PAGE)]


async def test_it_is_over_when_it_was_idle_for_long(store: Store) -> None:
    """From when it began, where it was not used at all; its own time comes first all the same."""
    idle = replace(SIGN_IN, idle_s=60)
    short = replace(GUEST, idle_s=60, until=70.0)
    await opened(store, idle, short)
    assert await look(store, 69.9) == idle
    for now in (70.0, 5000.0):
        assert await look(store, now) == over(idle, 70.0, SignedOff.IDLE)
        assert await look(store, now, short) == over(short, 70.0, SignedOff.EXPIRED)


async def test_letting_a_call_through_and_its_end_are_uses(store: Store) -> None:
    """Also of a call that is let through without a challenge, in the step that knows."""
    idle = replace(SIGN_IN, idle_s=60)
    await opened(store, idle)
    await store.take(let_through("a"), 30.0)
    assert await look(store, 30.0) == replace(idle, used=30.0)
    await store.release(SITE, "a", ROME, NODE, 50.0)
    assert await look(store, 109.9) == replace(idle, used=50.0)
    wanted = let_through("b")
    asked = (SITE, "101", "10.0.0.5", "IT", "b", ROME, NODE, 109.9, wanted)
    known = await store.known(*asked)
    assert known.taken == Taken(wanted, fresh=True)
    assert known.sign_ins == (replace(idle, used=50.0),)  # as it was before
    await store.release(SITE, "b", None, None, 110.0)
    used = replace(idle, used=110.0)
    assert await look(store, 169.9) == used
    assert await look(store, 170.0) == over(used, 170.0, SignedOff.IDLE)


async def test_while_a_call_of_its_own_lives_it_is_not_idle(store: Store) -> None:
    """However long, renewed or not; another's call, or one that needed no sign-in, is none."""
    idle = replace(SIGN_IN, idle_s=60)
    await opened(store, idle, replace(GUEST, idle_s=60))
    await store.take(let_through("a", expires=400.0), 10.0)
    await store.take(let_through("b", sign_in=""), 10.0)
    assert await store.renew(SITE, "a", ROME, NODE, 500.0, 390.0)
    assert await look(store, 499.9) == idle
    was = over(replace(GUEST, idle_s=60), 70.0, SignedOff.IDLE)
    assert await look(store, 499.9, GUEST) == was
    await store.release(SITE, "a", None, None, 499.9)
    assert await look(store, 559.8) == replace(idle, used=499.9)
    assert await look(store, 1000.0) == over(replace(idle, used=499.9), 499.9 + 60, SignedOff.IDLE)


@pytest.mark.parametrize("tidied", [False, True], ids=["", "tidied"])
@pytest.mark.parametrize("dropped", ["not", "released", "taken anew"])
async def test_a_call_that_nobody_released_counts_until_it_expired(
    store: Store, dropped: str, tidied: bool
) -> None:
    """Whatever becomes of the lease then; and it was not a use."""
    idle = replace(SIGN_IN, idle_s=60)
    await opened(store, idle)
    await store.take(let_through("a", expires=400.0), 10.0)
    if tidied:
        await store.tidy(410.0)
    if dropped == "released":
        assert await store.release(SITE, "a", None, None, 420.0) == 0
    elif dropped == "taken anew":
        await store.take(let_through("a", sign_in="", expires=900.0), 420.0)
    assert await look(store, 459.9) == idle
    assert await look(store, 460.0) == over(idle, 460.0, SignedOff.IDLE)


async def test_a_lockout_ends_what_the_extension_has_and_opened_elsewhere(store: Store) -> None:
    """On its own phone, whoever signed in; and on others'."""
    away = replace(SIGN_IN, id="away", extension="103", person="101")
    other = replace(SIGN_IN, id="other", extension="103", person="103", origin=PLACES[1])
    hotel = replace(SIGN_IN, site="hotel")
    await opened(store, SIGN_IN, GUEST, away, other, hotel)
    await lock_out(store, "101", 20.0)
    for each in (SIGN_IN, GUEST, away):
        assert await look(store, 20.0, each) == over(each, 20.0, SignedOff.LOCKOUT)
    assert await look(store, 20.0, other) == other
    assert await look(store, 20.0, hotel) == hotel
    await store.clear(SITE, SubjectKind.EXTENSION, "101", 30.0)
    assert await look(store, 30.0) == over(SIGN_IN, 20.0, SignedOff.LOCKOUT)


async def test_a_guess_that_locks_nobody_out_ends_nothing(store: Store) -> None:
    """It was within what is allowed."""
    await opened(store, SIGN_IN)
    subject = Subject(SubjectKind.EXTENSION, "101", 2)
    await store.begin_attempt(SITE, (subject,), CODE, PENALTY, 20.0)
    assert await look(store, 20.0) == SIGN_IN
    await store.begin_attempt(SITE, (subject,), CODE, PENALTY, 20.0)
    assert await look(store, 20.0) == over(SIGN_IN, 20.0, SignedOff.LOCKOUT)


@pytest.mark.parametrize("anew", [True, False])
async def test_a_lockout_that_was_never_due_has_ended_nothing(store: Store, anew: bool) -> None:
    """The guess turned out right; what was over before it stays so."""
    soon = replace(SIGN_IN, id="soon", origin=PLACES[1], until=15.0)
    away = replace(SIGN_IN, id="away", extension="103", person="101")
    await opened(store, SIGN_IN, GUEST, away, soon)
    await store.end_sign_ins(SITE, "101", GUEST.id, SignedOff.PAGE, 12.0)
    await store.take(let_through("a"), 13.0)
    attempt = await lock_out(store, "101", 20.0)
    await store.release(SITE, "a", None, None, 21.0)
    await store.succeed(attempt, 25.0, anew=anew)
    assert await look(store, 25.0) == replace(SIGN_IN, used=21.0)
    assert await look(store, 25.0, away) == away
    assert await look(store, 25.0, GUEST) == over(GUEST, 12.0, SignedOff.PAGE)
    assert await look(store, 25.0, soon) == over(soon, 15.0, SignedOff.EXPIRED)
    await store.end_sign_ins(SITE, "101", SIGN_IN.id, SignedOff.PAGE, 30.0)
    await store.succeed(attempt, 31.0, anew=anew)  # said twice, it undoes nothing more
    was = over(replace(SIGN_IN, used=21.0), 30.0, SignedOff.PAGE)
    assert await look(store, 31.0) == was


async def test_a_guess_for_two_extensions_ends_and_gives_back_both(store: Store) -> None:
    """As one that is made at somebody else's phone."""
    elsewhere = replace(SIGN_IN, extension="102", person="102")
    await opened(store, GUEST, elsewhere)
    subjects = tuple(Subject(SubjectKind.EXTENSION, each, 1) for each in ("101", "102"))
    attempt = await store.begin_attempt(SITE, subjects, CODE, PENALTY, 20.0)
    assert isinstance(attempt, Attempt)
    assert await look(store, 20.0, GUEST) == over(GUEST, 20.0, SignedOff.LOCKOUT)
    assert await look(store, 20.0, elsewhere) == over(elsewhere, 20.0, SignedOff.LOCKOUT)
    await store.succeed(attempt, 21.0)
    assert await look(store, 21.0, GUEST) == GUEST
    assert await look(store, 21.0, elsewhere) == elsewhere


async def test_an_attempt_that_was_cleared_brings_nothing_back(store: Store) -> None:
    """The operator forgave it, and whoever was signed in signs in anew."""
    await opened(store, SIGN_IN)
    address = Subject(SubjectKind.ADDRESS, "10.0.0.5", 9)
    subjects = (Subject(SubjectKind.EXTENSION, "101", 1), address)
    attempt = await store.begin_attempt(SITE, subjects, CODE, PENALTY, 20.0)
    assert isinstance(attempt, Attempt)
    await store.clear(SITE, SubjectKind.EXTENSION, "101", 21.0)
    await store.succeed(attempt, 22.0)
    assert await look(store, 22.0) == over(SIGN_IN, 20.0, SignedOff.LOCKOUT)


MEANWHILE: dict[str, Callable[[Store], Awaitable[object]]] = {
    "signed off": lambda store: store.end_sign_ins(SITE, "101", None, SignedOff.PAGE, 22.0),
    "enrolled anew": lambda store: store.enrol(SITE, Enrolment("102", pin="other", since=22.0)),
    "removed": lambda store: store.unenrol(SITE, "102", 22.0),
    "locked out": lambda store: lock_out(store, "102", 22.0),
    "over elsewhere": lambda store: store.put_sign_in(over(GUEST, 20.0, SignedOff.LOCKOUT)),
    "signed in anew": lambda store: store.open_sign_in(
        replace(SIGN_IN, id="new", since=80.0, used=80.0), None, 9, 80.0
    ),
}
"""What would end the guest's sign-in, too."""


@pytest.mark.parametrize("meanwhile", list(MEANWHILE))
async def test_what_something_else_would_have_ended_meanwhile_stays_over(
    store: Store, meanwhile: str
) -> None:
    """A guess that turns out right brings no sign-in back with factors that are others now."""
    await opened(store, GUEST)
    attempt = await lock_out(store, "101", 20.0)
    await MEANWHILE[meanwhile](store)
    await store.succeed(attempt, 81.0)
    assert await look(store, 81.0, GUEST) == over(GUEST, 20.0, SignedOff.LOCKOUT)


# ----------------------------------------------------------------------------- other factors


@pytest.mark.parametrize(
    "new",
    [Enrolment("101", pin="other", since=20.0), Enrolment("101", totp=b"other", since=20.0)],
    ids=["PIN", "secret"],
)
async def test_other_factors_end_what_was_opened_with_the_old_ones(
    store: Store, new: Enrolment
) -> None:
    """Wherever; what others opened on the same extension goes on."""
    away = replace(SIGN_IN, id="away", extension="103")
    hotel = replace(SIGN_IN, site="hotel")
    await store.enrol(SITE, ENROLLED)
    await opened(store, SIGN_IN, GUEST, away, hotel)
    await store.enrol(SITE, new)
    for each in (SIGN_IN, away):
        assert await look(store, 20.0, each) == over(each, 20.0, SignedOff.REVOKED)
    assert [await look(store, 20.0, each) for each in (GUEST, hotel)] == [GUEST, hotel]


async def test_the_same_factors_end_nothing(store: Store) -> None:
    """New recovery codes, the same PIN once more, another key."""
    await store.enrol(SITE, ENROLLED)
    await opened(store, SIGN_IN)
    await store.enrol(SITE, Enrolment("101", recovery=frozenset({"bb"}), since=20.0))
    await store.enrol(SITE, Enrolment("101", pin=ENROLLED.pin, since=21.0))
    renewed = replace(ENROLLED, pin="hashed anew", totp=b"sealed anew")
    assert await store.rekey(SITE, ENROLLED, renewed)
    assert await store.put_dossier(SITE, Dossier("101", replace(renewed, since=30.0)))
    assert await look(store, 30.0) == SIGN_IN


async def test_the_first_enrolment_ends_what_was_opened_without_any(store: Store) -> None:
    """By the API, say: who has the extension may be somebody else by now."""
    await opened(store, SIGN_IN)
    await store.enrol(SITE, replace(ENROLLED, since=20.0))
    assert await look(store, 20.0) == over(SIGN_IN, 20.0, SignedOff.REVOKED)


async def test_removing_an_enrolment_ends_what_was_opened_with_it(store: Store) -> None:
    """Also where there was none."""
    await store.enrol(SITE, ENROLLED)
    await opened(store, SIGN_IN, GUEST)
    assert await store.unenrol(SITE, "101", 20.0)
    assert await look(store, 20.0) == over(SIGN_IN, 20.0, SignedOff.REVOKED)
    assert not await store.unenrol(SITE, "102", 30.0)
    assert await look(store, 30.0, GUEST) == over(GUEST, 30.0, SignedOff.REVOKED)


@pytest.mark.parametrize(
    ("since", "changes"), [(4.0, False), (5.0, False), (6.0, True)], ids=["old", "same", "new"]
)
async def test_a_dossier_ends_it_where_its_factors_replace_others(
    store: Store, since: float, changes: bool
) -> None:
    """As of when they were changed; in a store that has none, too."""
    await store.enrol(SITE, ENROLLED)
    await opened(store, SIGN_IN, GUEST)
    other = replace(ENROLLED, pin="other", since=since)
    assert await store.put_dossier(SITE, Dossier("101", other)) == changes
    revoked = over(SIGN_IN, 10.0, SignedOff.REVOKED)
    assert await look(store, 20.0) == (revoked if changes else SIGN_IN)
    await store.put_dossier(SITE, Dossier("102", countries={"IT": 1.0}))
    assert await look(store, 20.0, GUEST) == GUEST
    await store.put_dossier(SITE, Dossier("102", Enrolment("102", pin="p", since=15.0)))
    assert await look(store, 20.0, GUEST) == over(GUEST, 15.0, SignedOff.REVOKED)


async def test_a_change_by_a_clock_that_is_ahead_ends_it_at_once(store: Store) -> None:
    """Even where its time would be up by then."""
    await opened(store, SIGN_IN, replace(GUEST, idle_s=60, person="101"))
    await store.enrol(SITE, replace(ENROLLED, since=5000.0))
    assert await store.take(let_through("a"), 20.0) == NotSignedIn()
    assert await look(store, 20.0) == over(SIGN_IN, 1010.0, SignedOff.EXPIRED)
    found = await look(store, 20.0, GUEST)
    assert found is not None
    assert (found.ended, found.why) == (70.0, SignedOff.IDLE)


# ----------------------------------------------------------------------------- forgetting


@pytest.mark.parametrize("tidied", [False, True], ids=["", "tidied"])
async def test_what_is_over_is_remembered_for_a_day(store: Store, tidied: bool) -> None:
    """From its end, whoever or whatever ended it; tidied or not."""
    idle = replace(SIGN_IN, id="idle", origin=PLACES[1], idle_s=60)
    ends = {GUEST: 20.0, idle: 70.0, SIGN_IN: 1010.0}
    await opened(store, *ends)
    await store.end_sign_ins(SITE, "101", GUEST.id, SignedOff.API, 20.0)
    for each, ended in ends.items():
        if tidied:
            await store.tidy(ended + REMEMBERED_S - 1)
        found = await look(store, ended + REMEMBERED_S - 1, each)
        assert found is not None
        assert found.ended == ended
        if tidied:
            assert await store.tidy(ended + REMEMBERED_S) >= 1
        assert await look(store, ended + REMEMBERED_S, each) is None


async def test_tidying_says_how_many_it_forgot(store: Store) -> None:
    """And leaves the live ones, whatever their age."""
    long = replace(GUEST, until=10 * REMEMBERED_S)
    await opened(store, SIGN_IN, long, replace(SIGN_IN, site="hotel"))
    assert await store.tidy(1010.0 + REMEMBERED_S - 1) == 0
    assert await store.tidy(1010.0 + REMEMBERED_S) == 2
    assert list(await store.sign_ins(None, 1010.0 + REMEMBERED_S)) == [long]
    assert list(await store.sign_ins(None, 20.0)) == [long]


async def test_one_that_is_forgotten_can_be_opened_anew(store: Store) -> None:
    """Nothing of it is left, though nobody tidied."""
    await opened(store, SIGN_IN)
    late = 1010.0 + REMEMBERED_S
    new = replace(SIGN_IN, since=late, until=late + 100, used=late, person="102")
    assert await opened(store, new) == []
    assert await look(store, late) == new


async def test_a_clock_that_was_set_back_leaves_no_sign_in_that_it_opened(store: Store) -> None:
    """A minute is what clocks may differ by; it is not counted."""
    differs = replace(GUEST, since=160.0)
    await opened(store, differs, replace(SIGN_IN, since=160.1))
    assert await store.tidy(100.0) == 0
    assert await look(store, 100.0) is None
    assert await look(store, 100.0, GUEST) == differs
    assert await store.take(let_through("a"), 100.0) == NotSignedIn()


async def test_what_was_used_by_a_clock_that_was_set_back_was_used_now(store: Store) -> None:
    """So it is idle in time; and remembered no longer than any other."""
    idle = replace(SIGN_IN, until=90_000.0, idle_s=60)
    ended = replace(GUEST, until=90_000.0)
    lived = replace(SIGN_IN, id="lived", origin=PLACES[1], until=90_000.0, idle_s=60)
    await opened(store, idle, ended, lived)
    await store.take(let_through("a", expires=60_000.0), 50.0)
    await store.take(let_through("b", sign_in=lived.id, expires=49_000.0), 50.0)
    await store.release(SITE, "a", None, None, 50_000.0)
    await store.end_sign_ins(SITE, "101", GUEST.id, SignedOff.PAGE, 50_000.0)
    await store.tidy(50_000.0)
    await store.tidy(100.0)
    assert await look(store, 159.9) == replace(idle, used=100.0)
    assert await look(store, 160.0) == over(replace(idle, used=100.0), 160.0, SignedOff.IDLE)
    assert await look(store, 100.0, GUEST) == over(ended, 100.0, SignedOff.PAGE)
    used = replace(lived, used=50.0)
    assert await look(store, 160.0, lived) == over(used, 160.0, SignedOff.IDLE)


async def test_a_lease_that_is_moved_by_a_clock_set_back_keeps_its_sign_in_alive_as_long(
    store: Store,
) -> None:
    """And no longer."""
    idle = replace(SIGN_IN, until=90_000.0, idle_s=60)
    await opened(store, idle)
    lease = replace(let_through("a"), since=50_000.0, expires=50_200.0)
    await store.take(lease, 40.0)
    await store.tidy(100.0)
    assert await look(store, 359.9) == replace(idle, used=40.0)
    assert await look(store, 360.0) == over(replace(idle, used=40.0), 360.0, SignedOff.IDLE)
