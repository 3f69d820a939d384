"""What every store promises to whoever moves house: all that lasts, whole, and nothing undone."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from fastagi.stores.store import (
    Attempt,
    Dossier,
    Enrolment,
    Failed,
    FailureKind,
    Lockout,
    Served,
    Standing,
    SubjectKind,
)
from tests.contract.store_kinds import ADDRESS, EXTENSION, PENALTY, SITE, a_lease

if TYPE_CHECKING:
    from fastagi.stores.store import Store

FULL = Enrolment("101", "$argon2id$v=19$…", b"sealed", frozenset({"aa", "bb"}), since=5.0)
WHOLE = Dossier("101", FULL, 7, {"IT": 1.0, "FR": 2.0})
HERE = "address:10.0.0.5"
CODE = FailureKind.CODE
LOCKED = Lockout(SITE, SubjectKind.EXTENSION, "101", 10.0, 70.0, 2, CODE)
STANDING = Standing(
    SubjectKind.EXTENSION,
    "101",
    (Failed(CODE, 80.0, 680.0), Failed(FailureKind.NUMBER, 80.0, 680.0)),
    (Served(replace(LOCKED, row=1, since=0.0, until=9.0), 609.0), Served(LOCKED, 670.0)),
)


async def _dossier(store: Store, site: str = SITE) -> Dossier:
    (found,) = await store.dossiers(site, "", 9)
    return found


async def test_an_empty_store_has_nothing_to_move(store: Store) -> None:
    """Neither sites nor anything of one."""
    assert await store.sites() == []
    assert await store.dossiers(SITE, "", 9) == []
    assert await store.standings(SITE, 0.0) == []


async def test_sites_are_named_in_order_whatever_is_kept_of_them(store: Store) -> None:
    """A lease, a failure, an enrolment, a country: each is enough."""
    await store.enrol("d-enrolled", FULL)
    await store.put_dossier("c-country", Dossier("101", countries={"IT": 0.0}))
    await store.take(a_lease("a", site="b-lease"), 0.0)
    await store.begin_attempt("a-failure", (EXTENSION,), CODE, PENALTY, 0.0)
    assert await store.sites() == ["a-failure", "b-lease", "c-country", "d-enrolled"]


async def test_a_dossier_comes_back_as_it_was_put(store: Store) -> None:
    """Whole, and to put it twice changes nothing."""
    for _ in range(2):
        assert await store.put_dossier(SITE, WHOLE)
        assert await _dossier(store) == WHOLE
    assert await store.enrolment(SITE, "101") == FULL


async def test_a_dossier_is_what_the_extension_did(store: Store) -> None:
    """Its factors, the step that it burnt, the countries that it was let through to."""
    await store.enrol(SITE, FULL)
    assert await store.claim_step(SITE, FULL, 7)
    assert await store.claim_recovery(SITE, FULL, "aa")
    await store.take(a_lease("a"), 3.0)
    left = replace(FULL, recovery=frozenset({"bb"}))
    assert await _dossier(store) == Dossier("101", left, 7, {"IT": 3.0})


async def test_dossiers_come_in_order_and_some_at_a_time(store: Store) -> None:
    """Those after a name; of enrolled extensions, and of such as only called."""
    for extension in ("102", "100", "9", "101"):
        await store.put_dossier(SITE, Dossier(extension, replace(FULL, extension=extension)))
    await store.take(a_lease("a", extension="1010"), 0.0)
    await store.put_dossier("hotel", WHOLE)
    pages = [await store.dossiers(SITE, after, 2) for after in ("", "101", "102", "9")]
    names = [[each.extension for each in page] for page in pages]
    assert names == [["100", "101"], ["1010", "102"], ["9"], []]
    assert (await store.dossiers(SITE, "101", 1))[0] == Dossier("1010", countries={"IT": 0.0})


async def test_an_enrolment_changed_later_stays(store: Store) -> None:
    """The dossier tells that it is not in force; of one moment, the one that is there stays."""
    newer = replace(FULL, pin="other", totp=b"other", since=6.0)
    await store.enrol(SITE, newer)
    for since in (5.0, 6.0):
        dossier = replace(WHOLE, enrolment=replace(FULL, since=since))
        assert not await store.put_dossier(SITE, dossier)
        assert await _dossier(store) == Dossier("101", newer, None, WHOLE.countries)


async def test_a_dossiers_later_enrolment_replaces_the_other_whole(store: Store) -> None:
    """No part of the old one is left, and nothing that was proven with it."""
    await store.enrol(SITE, FULL)
    await store.claim_step(SITE, FULL, 9)
    await store.remember(SITE, FULL, HERE, ["pin"], 0.0, 900.0)
    only_pin = Enrolment("101", pin="other", since=6.0)
    assert await store.put_dossier(SITE, Dossier("101", only_pin))
    assert await _dossier(store) == Dossier("101", only_pin)
    known = await store.known(SITE, "101", "10.0.0.5", "IT", "a", "+39", "one", 1.0)
    assert known.proven_at == {}


async def test_what_was_proven_stays_where_nothing_is_replaced(store: Store) -> None:
    """A move that is done twice sends no caller to the prompt again."""
    await store.put_dossier(SITE, WHOLE)
    await store.remember(SITE, FULL, HERE, ["pin"], 0.0, 900.0)
    assert await store.put_dossier(SITE, WHOLE)
    known = await store.known(SITE, "101", "10.0.0.5", "IT", "a", "+39", "one", 1.0)
    assert known.proven_at == {"pin": 0.0}


@pytest.mark.parametrize("since", [4.0, 5.0, 6.0], ids=["earlier", "same", "later"])
@pytest.mark.parametrize(("here", "there"), [(7, 9), (9, 7), (9, None), (None, 9)])
async def test_of_one_secret_the_later_step_stays_burnt(
    store: Store, since: float, here: int | None, there: int | None
) -> None:
    """Whichever enrolment stays, and whatever its PIN."""
    await store.enrol(SITE, FULL)
    if here is not None:
        assert await store.claim_step(SITE, FULL, here)
    moved = replace(FULL, pin="other", since=since)
    await store.put_dossier(SITE, Dossier("101", moved, there))
    found = await _dossier(store)
    assert found.step == 9
    assert found.enrolment is not None
    assert not await store.claim_step(SITE, found.enrolment, 9)
    assert await store.claim_step(SITE, found.enrolment, 10)


@pytest.mark.parametrize("since", [4.0, 5.0, 6.0], ids=["earlier", "same", "later"])
async def test_no_burnt_recovery_code_comes_back(store: Store, since: float) -> None:
    """Of enrolments with the same factors only the codes that both have are left."""
    await store.enrol(SITE, FULL)
    assert await store.claim_recovery(SITE, FULL, "aa")
    moved = replace(FULL, recovery=frozenset({"aa", "bb", "cc"}), since=since)
    assert await store.put_dossier(SITE, Dossier("101", moved))
    left = replace(FULL, recovery=frozenset({"bb"}), since=max(since, 5.0))
    assert await store.enrolment(SITE, "101") == left


async def test_countries_are_added(store: Store) -> None:
    """Those that are known stay so; a dossier without an enrolment changes none."""
    await store.enrol(SITE, FULL)
    await store.take(a_lease("a"), 3.0)
    assert not await store.put_dossier(SITE, Dossier("101", countries={"IT": 9.0, "FR": 9.0}))
    assert await _dossier(store) == Dossier("101", FULL, None, {"IT": 3.0, "FR": 9.0})
    assert await store.put_dossier(SITE, Dossier("102", countries={"IT": 9.0}))


async def test_a_standing_comes_back_as_it_was_put(store: Store) -> None:
    """In place of all that was held against the subject; twice changes nothing."""
    await store.begin_attempt(SITE, (EXTENSION, ADDRESS), CODE, PENALTY, 50.0)
    for _ in range(2):
        await store.put_standing(SITE, STANDING)
        address = Standing(ADDRESS.kind, ADDRESS.name, (Failed(CODE, 50.0, 650.0),))
        assert await store.standings(SITE, 80.0) == [address, STANDING]
    await store.put_standing(SITE, Standing(ADDRESS.kind, ADDRESS.name))
    assert await store.standings(SITE, 80.0) == [STANDING]
    assert await store.standings("hotel", 80.0) == []


async def test_a_standing_leaves_out_what_is_forgotten_or_spent(store: Store) -> None:
    """What was spent on a lockout stands as the lockout."""
    for _ in range(3):
        await store.begin_attempt(SITE, (EXTENSION,), CODE, PENALTY, 0.0)
    await store.begin_attempt(SITE, (EXTENSION,), CODE, PENALTY, 60.0)
    locked = Lockout(SITE, SubjectKind.EXTENSION, "101", 0.0, 60.0, 1, CODE)
    served, failed = Served(locked, 660.0), Failed(CODE, 60.0, 660.0)
    expected = Standing(SubjectKind.EXTENSION, "101", (failed,), (served,))
    assert await store.standings(SITE, 659.9) == [expected]
    assert await store.standings(SITE, 660.0) == []


async def test_what_was_moved_counts_as_before(store: Store) -> None:
    """The lockout is in force, the failure is one of three, the next lockout the next in the row.

    What failed when it was moved is nobody's to take back.
    """
    under_way = await store.begin_attempt(SITE, (EXTENSION,), CODE, PENALTY, 10.0)
    assert isinstance(under_way, Attempt)
    await store.put_standing(SITE, STANDING)
    assert await store.lockouts(SITE, 69.0) == [LOCKED]
    await store.succeed(under_way, 75.0)
    assert await store.standings(SITE, 75.0) == [STANDING]
    ids = set()
    for _ in range(2):
        attempt = await store.begin_attempt(SITE, (EXTENSION,), CODE, PENALTY, 80.0)
        assert isinstance(attempt, Attempt)
        ids.add(attempt.id)
    assert under_way.id not in ids
    third = Lockout(SITE, SubjectKind.EXTENSION, "101", 80.0, 320.0, 3, CODE)
    assert await store.begin_attempt(SITE, (EXTENSION,), CODE, PENALTY, 81.0) == third
