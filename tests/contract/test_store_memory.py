"""What every store promises of what it knows between calls."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from fastagi.stores.budgets import Budget, Level, Unit
from fastagi.stores.records import Record
from fastagi.stores.store import (
    NOTHING_ASKED,
    Asked,
    Enrolment,
    FailureKind,
    Full,
    Hold,
    Known,
    Lockout,
    Looked,
    Note,
    SubjectKind,
    Taken,
)
from tests.contract.store_kinds import ADDRESS, EXTENSION, NODE, PENALTY, ROME, SITE, a_lease

if TYPE_CHECKING:
    from collections.abc import Sequence

    from fastagi.stores.store import Lease, Store

HERE = "address:10.0.0.5"
THIS_CALL = f"call:a/{ROME}/{NODE}"
ENROLLED = Enrolment("101", "$argon2id$v=19$…", b"sealed")
NOTHING = Known(None, None, {}, {}, known_country=False)


async def _known(
    store: Store,
    now: float = 1.0,
    *,
    site: str = SITE,
    extension: str = "101",
    address: str = "10.0.0.5",
    country: str = "IT",
    call: str = "a",
    number: str = ROME,
    node: str = NODE,
    wanted: Lease | None = None,
    asked: Asked = NOTHING_ASKED,
) -> Known:
    of_call = (site, extension, address, country, call, number, node, now)
    return await store.known(*of_call, wanted, asked)


async def _remember(
    store: Store, scope: str, factors: Sequence[str], now: float, until: float
) -> None:
    """Enrol 101, for good; then remember."""
    await store.enrol(SITE, ENROLLED)
    assert await store.remember(SITE, ENROLLED, scope, factors, now, until)


async def test_of_a_stranger_nothing_is_known(store: Store) -> None:
    """And asking does not change that."""
    assert await _known(store) == NOTHING
    assert await _known(store) == NOTHING


async def test_everything_is_fetched_at_once(store: Store) -> None:
    """The lease of this very call, proofs by where they count, the country, the lockout."""
    lease = a_lease("a")
    await store.take(lease, 0.0)
    await _remember(store, HERE, ["pin", "totp"], 2.0, 900.0)
    await _remember(store, THIS_CALL, ["totp"], 3.0, 120.0)
    for _ in range(3):
        await store.begin_attempt(SITE, (EXTENSION,), FailureKind.CODE, PENALTY, 4.0)
    known = await _known(store, 5.0)
    locked = Lockout(SITE, SubjectKind.EXTENSION, "101", 4.0, 64.0, 1, FailureKind.CODE)
    assert known == Known(
        locked, lease, {"pin": 2.0, "totp": 2.0}, {"totp": 3.0}, known_country=True
    )


async def test_a_lockout_of_the_extension_is_known(store: Store) -> None:
    """At the instant of its end it is over; an address is no extension, whatever it is called."""
    for subject, since in ((EXTENSION, 0.0), (ADDRESS, 10.0)):
        for _ in range(subject.allowed):
            await store.begin_attempt(SITE, (subject,), FailureKind.CODE, PENALTY, since)
    locked = Lockout(SITE, SubjectKind.EXTENSION, "101", 0.0, 60.0, 1, FailureKind.CODE)
    assert (await _known(store, 20.0)).lockout == locked
    assert (await _known(store, 20.0, extension="102")).lockout is None
    assert (await _known(store, 20.0, extension="10.0.0.5")).lockout is None
    assert (await _known(store, 60.0)).lockout is None


async def test_a_lease_is_known_to_its_own_call_and_number_only(store: Store) -> None:
    """Another number on the same channel is another question, and so is another Asterisk's."""
    await store.take(a_lease("a", expires=60.0), 0.0)
    assert (await _known(store, 59.0)).lease is not None
    assert (await _known(store, 59.0, number="+331")).lease is None
    assert (await _known(store, 59.0, call="b")).lease is None
    assert (await _known(store, 59.0, node="other")).lease is None
    assert (await _known(store, 60.0)).lease is None


async def test_a_proof_ends_at_its_instant(store: Store) -> None:
    """Not before, not after."""
    await _remember(store, HERE, ["pin"], 0.0, 900.0)
    assert (await _known(store, 899.0)).proven_at == {"pin": 0.0}
    assert (await _known(store, 900.0)).proven_at == {}


async def test_a_proof_counts_for_who_gave_it_and_where(store: Store) -> None:
    """Not for another extension at that address, nor for this one elsewhere."""
    await _remember(store, HERE, ["pin"], 0.0, 900.0)
    await _remember(store, THIS_CALL, ["totp"], 0.0, 900.0)
    assert (await _known(store, extension="102")) == NOTHING
    elsewhere = await _known(store, address="10.0.0.6", call="b")
    assert elsewhere == NOTHING
    assert (await _known(store, number="+331")).shown_at == {}
    assert (await _known(store, call="b")).shown_at == {}
    assert (await _known(store, node="other")).shown_at == {}


async def test_a_newer_proof_never_shortens_an_older_one(store: Store) -> None:
    """The later moment it was given, and the later end."""
    await _remember(store, HERE, ["pin"], 0.0, 900.0)
    await _remember(store, HERE, ["pin"], 100.0, 200.0)
    assert (await _known(store, 899.0)).proven_at == {"pin": 100.0}
    await _remember(store, HERE, ["pin"], 899.0, 2000.0)
    assert (await _known(store, 1999.0)).proven_at == {"pin": 899.0}


async def test_a_country_is_known_once_a_call_there_was_let_through(store: Store) -> None:
    """To the extension that called; for good, also after the call."""
    await store.take(a_lease("a"), 0.0)
    await store.release(SITE, "a", None, NODE, 1.0)
    await store.tidy(1e9)
    assert (await _known(store)).known_country
    assert not (await _known(store, country="FR")).known_country
    assert not (await _known(store, extension="102")).known_country


async def _called_before(store: Store) -> None:
    """Let 101 through to Italy once, and end that call."""
    await store.take(a_lease("before"), 0.0)
    await store.release(SITE, "before", None, NODE, 0.0)


async def test_a_wanted_lease_is_taken_at_once(store: Store) -> None:
    """What is said besides is how it was before."""
    await _called_before(store)
    lease = a_lease("a", Hold("one", "101", 1))
    known = await _known(store, wanted=lease)
    assert known == replace(NOTHING, known_country=True, taken=Taken(lease, fresh=True))
    assert await store.live(SITE, 1.0) == [lease]
    other = a_lease("b", Hold("one", "101", 1))
    full = await _known(store, call="b", wanted=other)
    assert full == replace(NOTHING, known_country=True, taken=Full("one", "101"))
    assert await store.live(SITE, 1.0) == [lease]


async def test_a_wanted_lease_says_which_shadow_limits_were_full(store: Store) -> None:
    """As taking it does."""
    shadow = Hold("one", "101", 1, shadow=True)
    await store.take(a_lease("other", shadow), 0.0)
    lease = a_lease("a", shadow)
    known = await _known(store, wanted=lease)
    assert known.taken == Taken(lease, fresh=True, over=("one",))


async def test_a_wanted_lease_is_not_tried_for_a_new_country(store: Store) -> None:
    """Nor does the country become known by that."""
    for _ in range(2):
        assert await _known(store, wanted=a_lease("a")) == NOTHING
    assert await store.live(SITE, 1.0) == []


async def test_a_wanted_lease_is_not_tried_while_locked_out(store: Store) -> None:
    """To the instant of its end."""
    await _called_before(store)
    for _ in range(3):
        await store.begin_attempt(SITE, (EXTENSION,), FailureKind.CODE, PENALTY, 0.0)
    known = await _known(store, 59.9, wanted=a_lease("a"))
    assert known.lockout is not None
    assert known.taken is None
    assert await store.live(SITE, 59.9) == []
    assert (await _known(store, 60.0, wanted=a_lease("a"))).taken is not None


async def test_a_wanted_lease_changes_nothing_of_a_held_one(store: Store) -> None:
    """Its slots neither; whoever asks decides what becomes of them."""
    await _called_before(store)
    held = a_lease("a", Hold("one", "A", 1))
    await store.take(held, 0.0)
    wanted = a_lease("a", Hold("one", "B", 1))
    known = await _known(store, wanted=wanted)
    assert known == replace(NOTHING, known_country=True, lease=held)
    assert await store.live(SITE, 1.0) == [held]


async def test_wanted_leases_at_one_moment_do_not_share_a_slot(store: Store) -> None:
    """However many ask at once, as many get through as there are slots."""
    await _called_before(store)
    hold = Hold("some", "101", 7)
    asked = [
        _known(store, call=f"{count}", wanted=a_lease(f"{count}", hold)) for count in range(50)
    ]
    answers = await asyncio.gather(*asked)
    assert sum(isinstance(answer.taken, Taken) for answer in answers) == 7
    assert len(await store.live(SITE, 1.0)) == 7


# ----------------------------------------------------------------------------- what is asked

MARK = Record("extension/101/prefix/39061", "", 500.0)
BRAKE = Record("extension/101", "é", 500.0)
TRIES = Budget("tries", "101", Unit.ATTEMPTS, 2, 3600)
FAR = Budget("far", "101", Unit.NUMBERS, 2, 3600, item=ROME)
MINUTES = Budget("minutes", "101", Unit.SECONDS, 2000, 3600)


def _looked(record: Record, *, expected: bool, kind: str = "dialled") -> Looked:
    return Looked(kind, record.key, expected)


async def test_records_that_are_asked_for_are_told(store: Store) -> None:
    """Those that are there, of that site and kind, and not over."""
    for kind, record in (("dialled", MARK), ("brake", BRAKE)):
        await store.put_record(SITE, kind, record, None, 0.0)
    asked = Asked(
        (
            _looked(MARK, expected=False),
            _looked(BRAKE, expected=False, kind="brake"),
            _looked(MARK, expected=False, kind="brake"),
            Looked("dialled", "other", expected=True),
        )
    )
    there = {("dialled", MARK.key): MARK, ("brake", BRAKE.key): BRAKE}
    assert await _known(store, asked=asked) == replace(NOTHING, records=there)
    assert await _known(store, 499.9, asked=asked) == replace(NOTHING, records=there)
    assert await _known(store, 500.0, asked=asked) == NOTHING
    assert await _known(store, site="hotel", asked=asked) == NOTHING
    assert await _known(store) == NOTHING


@pytest.mark.parametrize("until", [None, 1.0, 500.0])
@pytest.mark.parametrize("expected", [False, True])
async def test_a_wanted_lease_is_taken_where_all_records_are_as_expected(
    store: Store, until: float | None, expected: bool
) -> None:
    """There, or not there; one that is over is not."""
    await _called_before(store)
    await store.put_record(SITE, "brake", BRAKE, None, 0.0)
    if until is not None:
        await store.put_record(SITE, "dialled", replace(MARK, until=until), None, 0.0)
    brake = _looked(BRAKE, expected=True, kind="brake")
    asked = Asked((brake, _looked(MARK, expected=expected)))
    known = await _known(store, wanted=a_lease("a"), asked=asked)
    assert (known.taken is not None) is (expected is (until == 500.0))
    assert len(await store.live(SITE, 1.0)) == (known.taken is not None)
    no_brake = replace(brake, expected=False)
    other = await _known(store, call="b", wanted=a_lease("b"), asked=Asked((no_brake,)))
    assert other.taken is None


async def test_levels_are_what_was_used_before_this_call(store: Store) -> None:
    """In the order that was asked; of numbers without its own, and none of what was over."""
    budgets = (TRIES, FAR, MINUTES)
    asked = Asked(budgets=(MINUTES, replace(TRIES, most=7), FAR, replace(TRIES, key="102")))
    paris = replace(FAR, item="+331")
    await store.take(replace(a_lease("b"), budgets=(TRIES, paris, MINUTES)), 0.0)
    await store.take(replace(a_lease("c"), budgets=budgets), 0.0)

    def levels(minutes: int, tries: int, far: int) -> tuple[Level, ...]:
        return (
            Level("minutes", "101", Unit.SECONDS, minutes, 2000),
            Level("tries", "101", Unit.ATTEMPTS, tries, 7),
            Level("far", "101", Unit.NUMBERS, far, 2),
            Level("tries", "102", Unit.ATTEMPTS, 0, 2),
        )

    assert (await _known(store, asked=asked)).levels == levels(1880, 2, 1)
    other = replace(asked, budgets=(replace(FAR, item="+49"),))
    assert [each.used for each in (await _known(store, asked=other)).levels] == [2]
    assert (await _known(store, 3599.9, asked=asked)).levels == levels(1880, 2, 1)
    assert (await _known(store, 3600.0, asked=asked)).levels == levels(1880, 0, 0)
    assert (await _known(store, site="hotel", asked=asked)).levels == levels(0, 0, 0)


async def test_what_a_call_has_used_itself_was_not_used_before_it(store: Store) -> None:
    """Who asks again is judged as before; once the lease is over, it was another call."""
    budgets = (TRIES, FAR, MINUTES, replace(TRIES, unit=Unit.SHORT))
    await store.take(replace(a_lease("b"), budgets=budgets), 0.0)
    await store.take(replace(a_lease("a"), budgets=(*budgets, replace(MINUTES, key="A"))), 0.0)
    asked = Asked(budgets=(*budgets, replace(MINUTES, key="A")))

    async def used(now: float) -> list[int]:
        return [each.used for each in (await _known(store, now, asked=asked)).levels]

    assert await used(1.0) == [1, 0, 940, 1, 0]
    assert await used(1000.0) == [2, 0, 1880, 2, 940]


@pytest.mark.parametrize(("most", "is_taken"), [(2, False), (3, True)])
@pytest.mark.parametrize("unit", [Unit.ATTEMPTS, Unit.NUMBERS, Unit.SHORT])
async def test_a_wanted_lease_is_taken_where_something_is_left_of_all_windows(
    store: Store, unit: Unit, most: int, is_taken: bool
) -> None:
    """Though it would not be charged there itself; of the others more is left."""
    await _called_before(store)
    budget = replace(TRIES, unit=unit, most=most)
    for call in ("b", "c"):
        await store.take(replace(a_lease(call), budgets=(replace(budget, item=call),)), 0.0)
    asked = Asked(budgets=(replace(TRIES, limit="other"), replace(budget, item=ROME)))
    known = await _known(store, wanted=a_lease("a"), asked=asked)
    assert [each.used for each in known.levels] == [0, 2]
    assert known.taken == (Taken(a_lease("a"), fresh=True) if is_taken else None)
    assert [each.call for each in await store.live(SITE, 1.0)] == ["a", "b", "c"][not is_taken :]


async def test_calls_at_one_moment_do_not_pass_by_what_they_ask_for(store: Store) -> None:
    """Of many that are to be the first one is; and of a window no more than there is is used."""
    await _called_before(store)
    mark = _looked(MARK, expected=False)
    note = Note("dialled", MARK.key, "", 500.0)
    burst = replace(TRIES, shadow=True)

    def first(call: str) -> Lease:
        return replace(a_lease(call), notes=(note,))

    def some(call: str) -> Lease:
        return replace(a_lease(call), budgets=(burst,))

    for wanted, asked, expected in (
        (first, Asked((mark,)), 1),
        (some, Asked(budgets=(burst,)), 2),
    ):
        calls = [f"{wanted.__name__}-{count}" for count in range(6)]
        answers = await asyncio.gather(
            *(_known(store, call=call, wanted=wanted(call), asked=asked) for call in calls)
        )
        assert sum(isinstance(answer.taken, Taken) for answer in answers) == expected
    assert len(await store.live(SITE, 1.0)) == 3


# ----------------------------------------------------------------------------- notes

NOTES = (Note("dialled", MARK.key, "new é", 900.0), Note("brake", "site", "", 30.0))


async def test_a_call_that_is_let_through_leaves_its_notes(store: Store) -> None:
    """Over what is there, until their moment; a lease that is told has none."""
    await store.put_record(SITE, "dialled", MARK, None, 0.0)
    await store.put_record(SITE, "brake", Record("site", "old", None), None, 0.0)
    lease = replace(a_lease("a"), notes=NOTES)
    assert await store.take(lease, 0.0) == Taken(a_lease("a"), fresh=True)
    assert await store.live(SITE, 0.0) == [a_lease("a")]
    new = Record(MARK.key, "new é", 900.0)
    assert await store.record(SITE, "dialled", MARK.key, 899.9) == new
    assert await store.records(SITE, "dialled", "", 9, 1.0) == [new]
    assert await store.record(SITE, "brake", "site", 29.9) == Record("site", "", 30.0)
    assert await store.record(SITE, "brake", "site", 30.0) is None
    assert await store.record("hotel", "dialled", MARK.key, 1.0) is None
    await store.release(SITE, "a", None, None, 1.0)
    assert await store.record(SITE, "dialled", MARK.key, 1.0) == new
    assert await store.tidy(30.0) == 1
    assert await store.tidy(900.0) == 1
    assert await store.records(SITE, "dialled", "", 9, 0.0) == []


async def test_notes_are_left_by_what_is_known_and_taken_in_one_step(store: Store) -> None:
    """What is said besides is how it was before."""
    await _called_before(store)
    asked = Asked((_looked(MARK, expected=False),))
    lease = replace(a_lease("a"), notes=NOTES)
    known = await _known(store, wanted=lease, asked=asked)
    taken = Taken(a_lease("a"), fresh=True)
    assert known == replace(NOTHING, known_country=True, taken=taken)
    assert ("dialled", MARK.key) in (await _known(store, asked=asked)).records


async def test_a_call_that_takes_nothing_new_leaves_no_notes(store: Store) -> None:
    """Neither one that is refused, nor one that asks again, nor one that is not tried."""
    one = Hold("one", "101", 1)
    full = replace(a_lease("b", one), notes=NOTES)
    await store.take(a_lease("a", one), 0.0)
    assert await store.take(full, 0.0) == Full("one", "101")
    no_sign_in = replace(full, sign_in="none", holds=())
    assert not isinstance(await store.take(no_sign_in, 0.0), Taken)
    again = await store.take(replace(a_lease("a", one), notes=NOTES), 1.0)
    assert again == Taken(a_lease("a", one), fresh=False)
    asked = Asked((_looked(MARK, expected=True),))
    untried = replace(a_lease("c"), notes=NOTES)
    assert (await _known(store, call="c", wanted=untried, asked=asked)).taken is None
    assert (await _known(store, call="b", wanted=full)).taken == Full("one", "101")
    assert await store.record_kinds(SITE) == []


async def test_the_next_call_of_that_name_leaves_its_own(store: Store) -> None:
    """Once the first one's lease has expired, it is taken anew."""
    await store.take(a_lease("a", expires=10.0), 0.0)
    taken = await store.take(replace(a_lease("a", since=10.0), notes=NOTES), 10.0)
    assert taken == Taken(a_lease("a", since=10.0), fresh=True)
    assert await store.record_kinds(SITE) == ["brake", "dialled"]


async def test_nothing_crosses_sites(store: Store) -> None:
    """Neither proofs nor leases, countries or lockouts."""
    await store.take(a_lease("a"), 0.0)
    await _remember(store, HERE, ["pin"], 0.0, 900.0)
    await _remember(store, THIS_CALL, ["pin"], 0.0, 900.0)
    for _ in range(3):
        await store.begin_attempt(SITE, (EXTENSION,), FailureKind.CODE, PENALTY, 0.0)
    assert await _known(store, site="hotel") == NOTHING


async def test_tidying_drops_proofs_that_are_over(store: Store) -> None:
    """And those that a clock gave which has been set back since."""
    await _remember(store, HERE, ["pin", "totp"], 0.0, 900.0)
    assert await store.tidy(899.0) == 0
    assert await store.tidy(900.0) == 2
    await _remember(store, HERE, ["pin"], 5000.0, 9000.0)
    await _remember(store, THIS_CALL, ["pin"], 1050.0, 9000.0)
    await store.tidy(1000.0)
    known = await _known(store, 6000.0)
    assert (known.proven_at, known.shown_at) == ({}, {"pin": 1050.0})


async def test_it_is_ready_and_stays_so(store: Store) -> None:
    """Proving that it can be read and written changes nothing."""
    await store.ready()
    await store.ready()
    assert await _known(store) == NOTHING
