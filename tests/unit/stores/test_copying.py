"""Copying a store: all that lasts, nothing twice, and what differs is named."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from fastagi.errors import StoreError
from fastagi.rating.tariff import Tariff
from fastagi.stores import copying
from fastagi.stores.budgets import Budget, Level, Unit
from fastagi.stores.copying import Counts, copy, count, differences
from fastagi.stores.opening import open_store
from fastagi.stores.records import EVERYWHERE, Record
from fastagi.stores.sign_ins import SignedOff
from fastagi.stores.store import Dossier, Enrolment, FailureKind, Hold, Penalty, SubjectKind
from tests.contract.store_kinds import ADDRESS, EXTENSION, PENALTY, SITE, a_lease
from tests.contract.store_sign_ins import GUEST, SIGN_IN, let_through

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from fastagi.stores.store import Store

FULL = Enrolment("101", "$argon2id$v=19$…", b"sealed", frozenset({"aa", "bb"}), since=5.0)
CODE = FailureKind.CODE
ONE = Hold("one", "101", 1)
LEASE = a_lease("a", ONE)
OTHER = replace(SIGN_IN, extension="102", person="102")
"""Nothing is held against whoever it is."""


@pytest.fixture
async def stores() -> AsyncIterator[tuple[Store, Store]]:
    """A store that is lived in, and an empty one."""
    source, target = open_store("sqlite://:memory:"), open_store("sqlite://:memory:")
    await source.enrol(SITE, FULL)
    await source.claim_step(SITE, FULL, 7)
    await source.enrol("hotel", replace(FULL, extension="9"))
    for number in range(7):
        await source.put_dossier(SITE, Dossier(f"30{number}", countries={"FR": 1.0}))
    for _ in range(4):
        await source.begin_attempt(SITE, (EXTENSION, ADDRESS), CODE, PENALTY, 1.0)
    await source.begin_attempt(SITE, (ADDRESS,), FailureKind.NUMBER, PENALTY, 1.0)
    await source.take(LEASE, 1.0)
    yield source, target
    await source.close()
    await target.close()


async def _copy(source: Store, target: Store) -> list[str]:
    told: list[str] = []
    await copy(source, target, 2.0, told.append)
    return told


async def _all(store: Store) -> object:
    return [
        (
            site,
            list(await store.dossiers(site, "", 99)),
            list(await store.standings(site, 2.0)),
            list(await store.live(site, 2.0)),
        )
        for site in await store.sites()
    ]


async def test_all_that_lasts_is_copied(
    stores: tuple[Store, Store], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Page by page, and told as it goes on; to do it twice changes nothing."""
    monkeypatch.setattr(copying, "AT_ONCE", 3)
    source, target = stores
    assert await count(source, 2.0) == [Counts("hotel", 1, 0, 0), Counts(SITE, 8, 2, 1)]
    for _ in range(2):
        told = await _copy(source, target)
        assert told[0] == "hotel: 1 extensions"
        assert told[-1] == f"{SITE}: call a"
        assert await _all(target) == await _all(source)
        assert await differences(source, target, 2.0) == []


async def test_a_copy_that_broke_off_goes_on(stores: tuple[Store, Store]) -> None:
    """Wherever it was."""
    source, target = stores
    for most in range(14):

        def tell(_: str, left: list[None] = [None] * most) -> None:
            if not left:
                raise StoreError("it went away")
            left.pop()

        try:
            await copy(source, target, 2.0, tell)
        except StoreError:
            continue
    await _copy(source, target)
    assert await _all(target) == await _all(source)


async def test_what_is_not_there_is_named(stores: tuple[Store, Store]) -> None:
    """Each by what it is; no secret."""
    source, target = stores
    assert await differences(source, target, 2.0) == [
        "hotel: extension 9: is not there",
        "office: extension 101: is not there",
        *[f"office: extension 30{number}: is not there" for number in range(7)],
        "office: address 10.0.0.5: failures or lockouts",
        "office: extension 101: failures or lockouts",
        "office: call a to +390612345678: its slots",
    ]


@pytest.mark.parametrize(
    ("there", "what"),
    [
        (Dossier("101", replace(FULL, since=9.0), 7), "another enrolment"),
        (Dossier("101", replace(FULL, pin="other", since=9.0), 7), "another enrolment"),
        (Dossier("101", replace(FULL, recovery=frozenset({"aa"}))), "other recovery codes"),
        (Dossier("101", FULL, 9), "another one-time code was used last"),
    ],
)
async def test_an_enrolment_that_is_unlike_is_named(
    stores: tuple[Store, Store], there: Dossier, what: str
) -> None:
    """What was done at the target is not undone, and is told."""
    source, target = stores
    await target.put_dossier(SITE, there)
    await _copy(source, target)
    assert await differences(source, target, 2.0) == [f"office: extension 101: {what}"]


async def test_what_is_missing_of_a_dossier_is_named(stores: tuple[Store, Store]) -> None:
    """An enrolment; a country."""
    source, target = stores
    await _copy(source, target)
    await target.unenrol(SITE, "101", 0.0)
    await target.take(a_lease("b", country="DE"), 2.0)
    await source.put_dossier(SITE, Dossier("300", countries={"US": 1.0}))
    assert await differences(source, target, 2.0) == [
        "office: extension 101: no enrolment, countries",
        "office: extension 300: countries",
    ]


async def test_what_came_to_be_held_against_somebody_at_the_target_stays(
    stores: tuple[Store, Store],
) -> None:
    """To copy again gives no thief another try."""
    source, target = stores
    await _copy(source, target)
    strict = Penalty(for_s=900, at_most_s=9000)
    await target.begin_attempt(SITE, (ADDRESS,), FailureKind.NUMBER, strict, 2.0)
    held = await target.standings(SITE, 2.0)
    await source.begin_attempt(SITE, (ADDRESS,), FailureKind.NUMBER, PENALTY, 2.0)
    await _copy(source, target)
    (address, _) = await target.standings(SITE, 2.0)
    assert set(address.failures) > set(held[0].failures)
    assert len(address.failures) == len(held[0].failures) + 1
    assert [each.name for each in await target.lockouts(SITE, 2.0)] == ["101"]
    await target.put_standing(SITE, replace(address, kind=SubjectKind.EXTENSION, name="999"))
    assert await differences(source, target, 2.0) == []


async def test_a_call_whose_limit_is_full_there_is_named(stores: tuple[Store, Store]) -> None:
    """It is not let in over the limit."""
    source, target = stores
    await target.take(a_lease("other", ONE), 1.0)
    await _copy(source, target)
    found = await differences(source, target, 2.0)
    assert found == ["office: call a to +390612345678: its slots"]


async def test_a_call_of_another_extension_is_named(stores: tuple[Store, Store]) -> None:
    """Nobody's slots become another's, nor last for longer by that."""
    source, target = stores
    others = a_lease("a", extension="102", expires=900.0)
    await target.take(others, 1.0)
    await _copy(source, target)
    assert await target.live(SITE, 2.0) == [others]
    found = await differences(source, target, 2.0)
    assert found == ["office: call a to +390612345678: its slots"]


async def test_a_call_that_was_renewed_since_lasts_as_long_there(
    stores: tuple[Store, Store],
) -> None:
    """Once it is copied again."""
    source, target = stores
    await _copy(source, target)
    await source.renew(SITE, LEASE.call, LEASE.number, LEASE.node, 5000.0, 2.0)
    assert len(await differences(source, target, 2.0)) == 1
    await _copy(source, target)
    assert await target.live(SITE, 2.0) == [replace(LEASE, expires=5000.0)]


async def test_a_call_that_went_on_at_the_target_keeps_the_slots_it_has_there(
    stores: tuple[Store, Store],
) -> None:
    """It may be at its next trunk by now; that its slots are others is told."""
    source, target = stores
    next_trunk = replace(LEASE, holds=(Hold("one", "102", 1),))
    await target.take(next_trunk, 1.0)
    await _copy(source, target)
    assert await target.live(SITE, 2.0) == [next_trunk]
    found = await differences(source, target, 2.0)
    assert found == ["office: call a to +390612345678: its slots"]


async def test_sign_ins_are_copied_before_the_calls_that_hang_on_them(
    stores: tuple[Store, Store],
) -> None:
    """One that is idle but for its call is live there, too; and to copy again changes nothing."""
    source, target = stores
    busy = replace(OTHER, idle_s=60)
    quiet = replace(OTHER, extension="103", person="103", idle_s=600)
    for each in (busy, quiet):
        assert await source.open_sign_in(each, None, 9, 10.0) is not None
    call = replace(let_through("b"), extension="102")
    await source.take(call, 10.0)
    assert (await count(source, 500.0))[1].sign_ins == 2
    for _ in range(2):
        await copy(source, target, 500.0, lambda _: None)
        assert await target.sign_ins(SITE, 500.0) == [replace(busy, used=500.0), quiet]
        assert [each for each in await target.live(SITE, 500.0) if each.sign_in] == [call]
        assert await differences(source, target, 500.0) == []


async def test_the_end_of_a_sign_in_is_copied_too(stores: tuple[Store, Store]) -> None:
    """Of one that was copied before; one that only the target has stays."""
    source, target = stores
    await source.open_sign_in(OTHER, None, 9, 10.0)
    await target.open_sign_in(replace(GUEST, extension="104"), None, 9, 10.0)
    await copy(source, target, 20.0, lambda _: None)
    (ended,) = await source.end_sign_ins(SITE, "102", None, SignedOff.PAGE, 30.0)
    await copy(source, target, 40.0, lambda _: None)
    assert await target.sign_in(SITE, "102", OTHER.id, 40.0) == ended
    assert [each.extension for each in await target.sign_ins(SITE, 40.0)] == ["104"]
    assert await differences(source, target, 40.0) == []


async def test_a_call_whose_sign_in_is_over_keeps_its_slots_there(
    stores: tuple[Store, Store],
) -> None:
    """As it does here: else its limit would have room for another."""
    source, target = stores
    await source.open_sign_in(OTHER, None, 9, 10.0)
    one = Hold("one", "102", 1)
    await source.take(replace(let_through("b", one), extension="102"), 10.0)
    await source.end_sign_ins(SITE, "102", None, SignedOff.PAGE, 30.0)
    await copy(source, target, 40.0, lambda _: None)
    assert [each.holds for each in await target.live(SITE, 40.0)] == [(ONE,), (one,)]
    assert await differences(source, target, 40.0) == []


async def test_a_sign_in_that_is_over_at_the_target_stays_over_and_is_named(
    stores: tuple[Store, Store],
) -> None:
    """Whom it was taken from has it no more."""
    source, target = stores
    await source.open_sign_in(OTHER, None, 9, 10.0)
    await _copy(source, target)
    await target.end_sign_ins(SITE, "102", None, SignedOff.OPERATOR, 30.0)
    await copy(source, target, 40.0, lambda _: None)
    assert list(await target.sign_ins(SITE, 40.0)) == []
    assert await differences(source, target, 40.0) == ["office: sign-in on 102"]
    empty = open_store("sqlite://:memory:")
    assert "office: sign-in on 102" in await differences(source, empty, 40.0)
    await empty.close()


async def test_records_are_copied_whosever_they_are(
    stores: tuple[Store, Store], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Page by page; what is there already stays, and is named by its kind alone."""
    monkeypatch.setattr(copying, "AT_ONCE", 2)
    source, target = stores
    records = [Record(f"{number}", "secret", 900.0 if number else None) for number in range(5)]
    for site, kind in ((SITE, "token"), (EVERYWHERE, "operator"), (EVERYWHERE, "session")):
        for record in records:
            await source.put_record(site, kind, record, None, 1.0)
    await target.put_record(EVERYWHERE, "operator", Record("3", "other", None), None, 1.0)
    assert [each.records for each in await count(source, 2.0)] == [0, 5, 10]
    assert len(await differences(source, target, 2.0)) > 10
    for _ in range(2):
        told = await _copy(source, target)
        assert told.count("~: session") == told.count("office: token") == 5
        assert await differences(source, target, 2.0) == ["~: operator: a record"]
    assert await target.records(SITE, "token", "", 9, 2.0) == records
    assert await target.record(EVERYWHERE, "operator", "3", 2.0) == Record("3", "other", None)


SPEND = Budget("day", "101", Unit.SPEND, 1000, 3600)
CALLED = Budget("day", "101", Unit.COUNTRIES, 3, 3600, item="IT")
PAID = replace(
    a_lease("paid", expires=700.0),
    seconds=600,
    longest_s=600,
    budgets=(SPEND, CALLED),
    tariff=Tariff(60, 10, 60, 10),
)


async def test_what_was_used_up_is_copied_once(
    stores: tuple[Store, Store], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of calls that are over, and with those that are up; the count is that of the former."""
    monkeypatch.setattr(copying, "AT_ONCE", 3)
    source, target = stores
    for number in range(5):
        await source.take(replace(PAID, call=f"{number}"), 1.0)
        await source.release(SITE, f"{number}", None, None, 1.0, talked_s=61)
    await source.take(PAID, 1.0)
    assert (await count(source, 2.0))[1].charges == 6
    assert await differences(source, target, 2.0) != []
    for _ in range(2):
        assert f"{SITE}: 6 charges" in await _copy(source, target)
        assert await target.spent(SITE, 2.0) == await source.spent(SITE, 2.0)
        assert await target.charges(SITE, 2.0) == await source.charges(SITE, 2.0)
        assert await _all(target) == await _all(source)
        assert await differences(source, target, 2.0) == []
    await target.release(SITE, "paid", None, None, 2.0, talked_s=1)
    assert await target.spent(SITE, 2.0) == [
        Level("day", "101", Unit.COUNTRIES, 1, 3),
        Level("day", "101", Unit.SPEND, 110, 1000),
    ]


async def test_a_call_that_was_extended_since_is_charged_for_it_there(
    stores: tuple[Store, Store],
) -> None:
    """Once it is copied again."""
    source, target = stores
    await source.take(replace(PAID, seconds=60, expires=160.0), 1.0)
    await _copy(source, target)
    await source.extend(SITE, PAID.call, PAID.number, PAID.node, 180, 2.0)
    named = f"{SITE}: call paid to {PAID.number}: its slots, its budgets"
    assert await differences(source, target, 2.0) == [named]
    await _copy(source, target)
    assert await target.live(SITE, 2.0) == await source.live(SITE, 2.0)
    assert await differences(source, target, 2.0) == []


async def test_a_call_whose_budget_is_short_there_is_charged_what_is_left_and_named(
    stores: tuple[Store, Store],
) -> None:
    """It goes on, and its slot stays taken for as long; where nothing is left, it has none."""
    source, target = stores
    await source.take(PAID, 1.0)
    await target.take(replace(PAID, call="other", seconds=5940, longest_s=0), 1.0)
    await _copy(source, target)
    (there,) = [each for each in await target.live(SITE, 2.0) if each.call == "paid"]
    assert (there.seconds, there.expires) == (60, PAID.expires)
    assert await differences(source, target, 2.0) == [
        f"{SITE}: call paid to {PAID.number}: its budgets"
    ]
    await source.take(replace(PAID, call="more"), 1.0)
    await _copy(source, target)
    found = await differences(source, target, 2.0)
    assert f"{SITE}: call more to {PAID.number}: its slots, its budgets" in found


async def test_what_was_used_up_and_is_not_there_is_named_once_a_budget(
    stores: tuple[Store, Store],
) -> None:
    """However many calls it was."""
    source, target = stores
    for call in "bc":
        await source.take(replace(PAID, call=call), 1.0)
        await source.release(SITE, call, None, None, 1.0, talked_s=60)
    found = [each for each in await differences(source, target, 2.0) if "limit" in each]
    assert found == [
        f"{SITE}: limit day of 101: what was used of countries",
        f"{SITE}: limit day of 101: what was used of spend",
    ]
