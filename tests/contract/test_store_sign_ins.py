"""What every store promises of people who sign in: what opens a sign-in, and for which calls."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from fastagi.stores.sign_ins import Origin, SignedOff, Way
from fastagi.stores.store import (
    Enrolment,
    FailureKind,
    Full,
    Hold,
    NotSignedIn,
    Subject,
    SubjectKind,
    Taken,
)
from tests.contract.store_kinds import NODE, PENALTY, ROME, SITE, a_lease, two_at_a_time
from tests.contract.store_sign_ins import (
    GUEST,
    HERE,
    PLACES,
    SIGN_IN,
    let_through,
    lock_out,
    look,
    opened,
    over,
)

if TYPE_CHECKING:
    from fastagi.stores.store import Store

ENROLLED = Enrolment("101", "$argon2id$v=19$…", b"sealed", frozenset({"aa"}), since=5.0)
CODE = FailureKind.CODE

# ----------------------------------------------------------------------------- opening


async def test_a_sign_in_comes_back_as_it_was_opened(store: Store) -> None:
    """Every field, wherever it is read; and what there is not is not."""
    assert await opened(store, SIGN_IN) == []
    assert await look(store, 10.0) == SIGN_IN
    assert await look(store, 10.0, replace(SIGN_IN, id="other")) is None
    assert await look(store, 10.0, replace(SIGN_IN, extension="102")) is None
    assert await look(store, 10.0, replace(SIGN_IN, site="hotel")) is None


async def test_the_same_id_of_two_extensions_and_two_sites_is_two_sign_ins(store: Store) -> None:
    """To end one leaves the others."""
    others = [replace(SIGN_IN, extension="102"), replace(SIGN_IN, site="hotel")]
    await opened(store, SIGN_IN, *others)
    await store.end_sign_ins(SITE, "101", SIGN_IN.id, SignedOff.PAGE, 20.0)
    assert await look(store, 20.0) == over(SIGN_IN, 20.0, SignedOff.PAGE)
    assert [await look(store, 20.0, each) for each in others] == others


async def test_live_ones_are_listed_oldest_first_of_a_site_or_of_all(store: Store) -> None:
    """Those of an extension are known to each of its calls."""
    first, second = replace(SIGN_IN, id="b"), replace(SIGN_IN, id="a", origin=PLACES[0])
    third = replace(SIGN_IN, id="c", extension="102", since=9.0)
    away = replace(SIGN_IN, site="hotel", since=11.0)
    await opened(store, first, away, third, second)
    assert list(await store.sign_ins(SITE, 20.0)) == [third, second, first]
    assert list(await store.sign_ins(None, 20.0)) == [third, second, first, away]
    known = await store.known(SITE, "101", "10.0.0.5", "IT", "x", ROME, NODE, 20.0)
    assert known.sign_ins == (second, first)


async def test_to_open_the_very_same_again_changes_nothing(store: Store) -> None:
    """Whoever heard no answer may ask again; what is over stays over."""
    await opened(store, SIGN_IN, GUEST)
    again = replace(SIGN_IN, since=30.0, until=5000.0, used=30.0, origin=PLACES[3])
    assert await opened(store, again, at_once=1) == []
    assert await look(store, 30.0) == SIGN_IN
    assert await look(store, 30.0, GUEST) == GUEST
    await store.end_sign_ins(SITE, "101", None, SignedOff.PAGE, 40.0)
    assert await opened(store, again) == []
    assert await look(store, 50.0) == over(SIGN_IN, 40.0, SignedOff.PAGE)


async def test_one_of_the_same_origin_is_replaced(store: Store) -> None:
    """However many there may be; and one of another stays."""
    second = replace(SIGN_IN, id="second", since=20.0, used=20.0)
    await opened(store, SIGN_IN, GUEST)
    assert await opened(store, second) == [over(SIGN_IN, 20.0, SignedOff.ELSEWHERE)]
    assert await look(store, 20.0) == over(SIGN_IN, 20.0, SignedOff.ELSEWHERE)
    assert list(await store.sign_ins(SITE, 20.0)) == [GUEST, second]


@pytest.mark.parametrize("part", ["address", "transport", "agent", "contact"])
async def test_an_origin_is_the_same_in_all_of_its_parts(store: Store, part: str) -> None:
    """Nothing runs from one part into the next."""
    other = replace(SIGN_IN, id="other", origin=replace(HERE, **{part: ""}))
    await opened(store, SIGN_IN, other)
    assert list(await store.sign_ins(SITE, 20.0)) == [SIGN_IN, other]


@pytest.mark.parametrize(("at_once", "stay"), [(0, 0), (1, 0), (2, 1), (4, 3), (9, 4)])
async def test_no_more_are_live_than_may_be_at_once(store: Store, at_once: int, stay: int) -> None:
    """The oldest go; another extension's and another site's do not count."""
    four = [
        replace(SIGN_IN, id=f"{count}", origin=PLACES[count], since=10.0 + count)
        for count in range(4)
    ]
    others = [replace(SIGN_IN, extension="102"), replace(SIGN_IN, site="hotel")]
    new = replace(SIGN_IN, id="new", origin=PLACES[4], since=20.0, used=20.0)
    await opened(store, *four, *others)
    go = four[: 4 - stay]
    ended = await opened(store, new, at_once=at_once)
    assert ended == [over(each, 20.0, SignedOff.ELSEWHERE) for each in go]
    live = [each for each in await store.sign_ins(None, 20.0) if each not in others]
    assert live == [*four[4 - stay :], new]


async def test_the_same_origin_makes_room(store: Store) -> None:
    """What it replaces does not count among those that may be at once."""
    new = replace(SIGN_IN, id="new", since=20.0, used=20.0)
    await opened(store, SIGN_IN, GUEST)
    ended = await opened(store, new, at_once=2)
    assert ended == [over(SIGN_IN, 20.0, SignedOff.ELSEWHERE)]


async def test_what_is_over_already_is_not_ended_anew(store: Store) -> None:
    """It makes no room either; and it stays over, though a clock be set back."""
    idle = replace(SIGN_IN, id="idle", origin=PLACES[1], idle_s=5)
    await opened(store, idle, GUEST, replace(SIGN_IN, until=30.0))
    new = replace(SIGN_IN, id="new", since=30.0, used=30.0)
    assert await opened(store, new, at_once=2) == []
    for now in (30.0, 12.0):
        assert await look(store, now) == over(
            replace(SIGN_IN, until=30.0), 30.0, SignedOff.EXPIRED
        )
        assert await look(store, now, idle) == over(idle, 15.0, SignedOff.IDLE)
    assert await look(store, 30.0, GUEST) == GUEST


async def test_of_two_who_open_at_one_moment_as_many_live_as_may_be(store: Store) -> None:
    """Whoever comes second ends the first."""
    many = [
        replace(SIGN_IN, id=f"{count}", origin=Origin(contact=f"{count}")) for count in range(20)
    ]
    told = await asyncio.gather(*(store.open_sign_in(each, None, 3, 10.0) for each in many))
    assert None not in told
    ended = [each.id for some in told for each in some or ()]
    live = [each.id for each in await store.sign_ins(SITE, 10.0)]
    assert len(live) == 3
    assert sorted([*live, *ended]) == sorted(each.id for each in many)


async def test_of_two_at_one_place_at_one_moment_one_lives(store: Store) -> None:
    """A phone has one sign-in."""
    many = [replace(SIGN_IN, id=f"{count}") for count in range(10)]
    await asyncio.gather(*(store.open_sign_in(each, None, 9, 10.0) for each in many))
    assert len(await store.sign_ins(SITE, 10.0)) == 1


# ----------------------------------------------------------------------------- what keeps it shut


@pytest.mark.parametrize(
    "now_is",
    [None, replace(ENROLLED, pin="other"), replace(ENROLLED, totp=b"other")],
    ids=["none", "other PIN", "other secret"],
)
async def test_factors_that_are_in_force_no_more_open_nothing(
    store: Store, now_is: Enrolment | None
) -> None:
    """And end nothing: whoever is signed in goes on."""
    await opened(store, GUEST)
    if now_is is not None:
        await store.enrol(SITE, now_is)
    assert await store.open_sign_in(SIGN_IN, ENROLLED, 1, 10.0) is None
    assert await look(store, 10.0) is None
    assert await look(store, 10.0, GUEST) == GUEST


async def test_factors_that_are_in_force_open_it(store: Store) -> None:
    """Whatever became of the recovery codes."""
    await store.enrol(SITE, ENROLLED)
    assert await store.claim_recovery(SITE, ENROLLED, "aa")
    assert await store.open_sign_in(SIGN_IN, ENROLLED, 1, 10.0) is not None
    assert await look(store, 10.0) == SIGN_IN


@pytest.mark.parametrize("whose", ["101", "102"], ids=["extension", "person"])
async def test_nobody_signs_in_while_locked_out(store: Store, whose: str) -> None:
    """Neither the extension nor the person; until the lockout is over, at that moment."""
    await lock_out(store, whose, 10.0)
    guest = replace(GUEST, since=69.9)
    assert await store.open_sign_in(guest, None, 1, 69.9) is None
    assert await look(store, 69.9, GUEST) is None
    assert await store.open_sign_in(guest, None, 1, 70.0) is not None


async def test_a_lockout_of_another_site_or_of_an_address_keeps_nobody_out(store: Store) -> None:
    """Even one of the same name."""
    address = Subject(SubjectKind.ADDRESS, "101", 1)
    await store.begin_attempt(SITE, (address,), CODE, PENALTY, 10.0)
    subject = Subject(SubjectKind.EXTENSION, "101", 1)
    await store.begin_attempt("hotel", (subject,), CODE, PENALTY, 10.0)
    await opened(store, SIGN_IN)
    assert await look(store, 10.0) == SIGN_IN
    await store.clear(SITE, address.kind, address.name, 10.0)
    await store.begin_attempt(SITE, (address,), CODE, PENALTY, 10.0)
    assert await look(store, 10.0) == SIGN_IN


# ----------------------------------------------------------------------------- its calls


@pytest.mark.parametrize("way", ["never", "ended", "expired", "idle", "another's", "elsewhere"])
async def test_without_a_live_sign_in_nothing_is_taken(store: Store, way: str) -> None:
    """No slot, no lease, and the country is not known by it; in either step that takes."""
    await store.take(a_lease("before"), 10.0)
    if way in {"ended", "expired", "idle"}:
        terms = {"until": 30.0} if way == "expired" else {"idle_s": 20} if way == "idle" else {}
        await opened(store, replace(SIGN_IN, **terms))
    elif way == "another's":
        await opened(store, replace(SIGN_IN, extension="102"))
    elif way == "elsewhere":
        await opened(store, replace(SIGN_IN, site="hotel"))
    if way == "ended":
        await store.end_sign_ins(SITE, "101", None, SignedOff.PAGE, 20.0)
    was = await store.sign_in(SITE, "101", SIGN_IN.id, 30.0)
    one = Hold("one", "101", 1)
    wanted = replace(let_through("a", one), country="FR")
    assert await store.take(wanted, 30.0) == NotSignedIn()
    asked = (SITE, "101", "10.0.0.5", "IT", "a", ROME, NODE, 30.0, let_through("a", one))
    assert (await store.known(*asked)).taken == NotSignedIn()
    asked = (SITE, "101", "10.0.0.5", "FR", "a", ROME, NODE, 30.0, wanted)
    known = await store.known(*asked)
    assert (known.lease, known.known_country, known.taken) == (None, False, None)
    assert [each.call for each in await store.live(SITE, 30.0)] == ["before"]
    assert isinstance(await store.take(a_lease("b", one), 30.0), Taken)
    assert await store.sign_in(SITE, "101", SIGN_IN.id, 30.0) == was


async def test_a_lease_tells_by_which_sign_in_it_was_let_through(store: Store) -> None:
    """Wherever it is read."""
    await opened(store, SIGN_IN)
    lease = let_through("a", two_at_a_time())
    assert await store.take(lease, 20.0) == Taken(lease, fresh=True)
    assert list(await store.live(SITE, 20.0)) == [lease]
    known = await store.known(SITE, "101", "10.0.0.5", "IT", "a", ROME, NODE, 20.0)
    assert known.lease == lease


async def test_a_call_goes_on_when_its_sign_in_is_over(store: Store) -> None:
    """It holds its slots, is renewed and released; only its next trunk is refused."""
    await opened(store, SIGN_IN)
    lease = let_through("a", Hold("trunk", "A", 1))
    await store.take(lease, 20.0)
    await store.end_sign_ins(SITE, "101", None, SignedOff.KEYPAD, 30.0)
    assert await store.renew(SITE, "a", ROME, NODE, 950.0, 40.0)
    lasts = replace(lease, expires=950.0)
    again = replace(lease, holds=(Hold("trunk", "B", 1),))
    assert await store.take(again, 40.0) == NotSignedIn()
    assert list(await store.live(SITE, 40.0)) == [lasts]
    assert await store.take(replace(again, sign_in=""), 40.0) == Taken(
        replace(lasts, holds=again.holds), fresh=False
    )
    assert await store.release(SITE, "a", None, NODE, 50.0) == 1
    assert await look(store, 50.0) == over(replace(SIGN_IN, used=50.0), 30.0, SignedOff.KEYPAD)


async def test_a_call_that_asks_again_uses_the_sign_in_it_names(store: Store) -> None:
    """Its lease stays that of the sign-in which let it through first."""
    await opened(store, SIGN_IN, GUEST)
    lease = let_through("a", Hold("trunk", "A", 1))
    await store.take(lease, 20.0)
    again = replace(lease, holds=(Hold("trunk", "B", 1),), sign_in=GUEST.id)
    assert await store.take(again, 30.0) == Taken(replace(lease, holds=again.holds), fresh=False)
    assert await look(store, 30.0) == replace(SIGN_IN, used=20.0)
    assert await look(store, 30.0, GUEST) == replace(GUEST, used=30.0)
    await store.release(SITE, "a", None, NODE, 40.0)
    assert await look(store, 40.0) == replace(SIGN_IN, used=40.0)
    assert await look(store, 40.0, GUEST) == replace(GUEST, used=30.0)


async def test_what_is_refused_is_no_use(store: Store) -> None:
    """A full limit; and another extension's call of the same name, which stays as it is."""
    await opened(store, SIGN_IN)
    assert await store.take(let_through("a", Hold("none", "x", 0)), 20.0) == Full("none", "x")
    others = a_lease("b", extension="102")
    await store.take(others, 20.0)
    assert await store.take(let_through("b"), 20.0) == Taken(others, fresh=False)
    assert await look(store, 20.0) == SIGN_IN


async def test_whoever_signs_off_while_a_call_asks_is_asked_before_it_or_after(
    store: Store,
) -> None:
    """No call is let through by a sign-in whose end was told before."""
    await opened(store, SIGN_IN)
    taking = [store.take(let_through(f"{count}"), 20.0) for count in range(30)]
    ending = store.end_sign_ins(SITE, "101", None, SignedOff.OPERATOR, 20.0)
    await asyncio.gather(*taking[:15], ending, *taking[15:])
    taken = len(await store.live(SITE, 20.0))
    assert await store.take(let_through("late"), 20.0) == NotSignedIn()
    assert len(await store.live(SITE, 20.0)) == taken


# ----------------------------------------------------------------------------- a place of its own

WAITING = replace(SIGN_IN, way=Way.PAGE, origin=Origin("10.0.0.5"), node="", until=310.0)
"""As it is opened for a phone in a browser, which has not registered yet."""


async def test_a_sign_in_that_waits_is_placed_once(store: Store) -> None:
    """It is bound and lasts as is said; whoever thinks that it waits still changes nothing."""
    await opened(store, WAITING)
    assert await store.place_sign_in(WAITING, HERE, NODE, 1010.0, 20.0)
    placed = replace(WAITING, origin=HERE, node=NODE, until=1010.0, used=20.0)
    assert await look(store, 900.0) == placed
    assert not await store.place_sign_in(WAITING, PLACES[0], NODE, 5000.0, 30.0)
    assert await look(store, 900.0) == placed
    assert await look(store, 1010.0) == over(placed, 1010.0, SignedOff.EXPIRED)


async def test_of_two_who_place_one_at_one_moment_one_is_told(store: Store) -> None:
    """As two Asterisks' watchers may; it is where that one put it."""
    await opened(store, WAITING)
    done = await asyncio.gather(
        *(store.place_sign_in(WAITING, each, NODE, 1010.0, 20.0) for each in PLACES)
    )
    assert done.count(True) == 1
    found = await look(store, 30.0)
    assert found is not None
    assert found.origin == PLACES[done.index(True)]


@pytest.mark.parametrize("at", [20.0, 310.0], ids=["ended", "time-is-up"])
async def test_what_is_over_is_placed_no_more(store: Store, at: float) -> None:
    """Nor one that there never was."""
    await opened(store, WAITING)
    if at < WAITING.until:
        await store.end_sign_ins(SITE, "101", WAITING.id, SignedOff.PAGE, at)
    assert not await store.place_sign_in(WAITING, HERE, NODE, 1010.0, at)
    assert not await store.place_sign_in(replace(WAITING, id="other"), HERE, NODE, 1010.0, at)
    found = await look(store, at)
    assert found is not None
    assert (found.ended, found.origin) == (at, WAITING.origin)


# ----------------------------------------------------------------------------- from another store


async def test_a_sign_in_is_put_in_as_it_is(store: Store) -> None:
    """Live or over; and its person's factors and the extension's lockout end it here, too."""
    await store.put_sign_in(SIGN_IN)
    ended = over(replace(GUEST, used=15.0), 20.0, SignedOff.MOVED)
    await store.put_sign_in(ended)
    assert await look(store, 30.0) == SIGN_IN
    assert await look(store, 30.0, GUEST) == ended
    await store.unenrol(SITE, "101", 30.0)
    assert await look(store, 30.0) == over(SIGN_IN, 30.0, SignedOff.REVOKED)


async def test_of_one_that_is_there_the_later_use_counts(store: Store) -> None:
    """Whichever comes first; nothing else of it changes."""
    await opened(store, SIGN_IN)
    for used in (50.0, 40.0):
        await store.put_sign_in(replace(SIGN_IN, used=used, until=5000.0, person="102"))
        assert await look(store, 50.0) == replace(SIGN_IN, used=50.0)


async def test_it_is_over_if_either_is(store: Store) -> None:
    """As the one is that was here."""
    await opened(store, SIGN_IN)
    ended = over(SIGN_IN, 40.0, SignedOff.PAGE)
    await store.put_sign_in(ended)
    assert await look(store, 50.0) == ended
    for each in (SIGN_IN, over(SIGN_IN, 30.0, SignedOff.API)):
        await store.put_sign_in(each)
        assert await look(store, 50.0) == ended
