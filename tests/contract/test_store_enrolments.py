"""What every store promises of second factors: what is used up stays used up."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from fastagi.stores.store import Enrolment, FailureKind, Subject, SubjectKind
from tests.contract.store_kinds import NODE, PENALTY, ROME, SITE, a_lease

if TYPE_CHECKING:
    from collections.abc import Mapping

    from fastagi.stores.store import Store

FULL = Enrolment("101", "$argon2id$v=19$…", b"sealed", frozenset({"aa", "bb"}), since=5.0)
HERE = "address:10.0.0.5"
ONLY_PIN = Enrolment("102", "$argon2id$v=19$…", since=6.0)


async def test_an_enrolment_comes_back_as_it_was_put(store: Store) -> None:
    """Every field, and none for an extension without one."""
    await store.enrol(SITE, FULL)
    await store.enrol(SITE, ONLY_PIN)
    assert await store.enrolment(SITE, "101") == FULL
    assert await store.enrolment(SITE, "102") == ONLY_PIN
    assert await store.enrolment(SITE, "103") is None
    assert await store.enrolments(SITE) == [FULL, ONLY_PIN]


async def test_enrolling_replaces_what_it_has(store: Store) -> None:
    """Of old recovery codes none is left."""
    await store.enrol(SITE, FULL)
    new = replace(FULL, pin="other", totp=b"other", recovery=frozenset({"cc"}), since=9.0)
    await store.enrol(SITE, new)
    assert await store.enrolments(SITE) == [new]
    assert not await store.claim_recovery(SITE, new, "aa")


@pytest.mark.parametrize(
    "part",
    [{"pin": "other"}, {"totp": b"other"}, {"recovery": frozenset({"cc"})}],
    ids=["pin", "totp", "recovery"],
)
async def test_enrolling_a_part_leaves_the_others(store: Store, part: dict[str, Any]) -> None:
    """A recovery code that was burnt stays burnt, whatever else is changed."""
    await store.enrol(SITE, FULL)
    assert await store.claim_recovery(SITE, FULL, "aa")
    await store.enrol(SITE, replace(Enrolment("101", since=9.0), **part))
    left = replace(FULL, recovery=frozenset({"bb"}), since=9.0)
    assert await store.enrolment(SITE, "101") == replace(left, **part)


async def test_two_who_change_a_part_each_undo_nothing(store: Store) -> None:
    """PIN and secret set at one moment are both in force."""
    parts = (Enrolment("101", pin="new"), Enrolment("101", totp=b"new"))
    for _ in range(10):
        await store.enrol(SITE, FULL)
        await asyncio.gather(*(store.enrol(SITE, part) for part in parts))
        assert await store.enrolment(SITE, "101") == replace(
            FULL, pin="new", totp=b"new", since=0.0
        )


async def test_a_step_is_burnt_once_and_with_it_all_before(store: Store) -> None:
    """A code that was heard on the line is worth nothing, nor is the one before it."""
    await store.enrol(SITE, FULL)
    assert await store.claim_step(SITE, FULL, 100)
    for step in (100, 99, 0, -1):
        assert not await store.claim_step(SITE, FULL, step)
    assert await store.claim_step(SITE, FULL, 101)


async def test_a_step_claimed_at_one_moment_is_burnt_once(store: Store) -> None:
    """Two callers with the same code: one gets through."""
    await store.enrol(SITE, FULL)
    claims = await asyncio.gather(*(store.claim_step(SITE, FULL, 100) for _ in range(20)))
    assert claims.count(True) == 1


async def test_there_is_no_step_to_burn_without_a_secret(store: Store) -> None:
    """Neither for a stranger nor for an extension with only a PIN."""
    await store.enrol(SITE, ONLY_PIN)
    assert not await store.claim_step(SITE, ONLY_PIN, 100)
    assert not await store.claim_step(SITE, FULL, 100)


async def test_the_same_secret_keeps_its_steps(store: Store) -> None:
    """Changing the PIN does not make old codes good again."""
    await store.enrol(SITE, FULL)
    await store.claim_step(SITE, FULL, 100)
    other = replace(FULL, pin="other")
    await store.enrol(SITE, other)
    assert not await store.claim_step(SITE, other, 100)
    assert await store.claim_step(SITE, other, 101)


async def test_another_key_changes_nothing_for_the_caller(store: Store) -> None:
    """Burnt steps stay burnt, proofs and recovery codes good, the date what it was."""
    await store.enrol(SITE, FULL)
    await store.claim_step(SITE, FULL, 100)
    assert await store.remember(SITE, FULL, HERE, ["pin"], now=10.0, until=900.0)
    renewed = replace(FULL, pin="other", totp=b"other", recovery=frozenset(), since=99.0)
    assert await store.rekey(SITE, FULL, renewed)
    after = replace(FULL, pin="other", totp=b"other")
    assert await store.enrolments(SITE) == [after]
    assert not await store.claim_step(SITE, after, 100)
    assert await store.claim_step(SITE, after, 101)
    known = await store.known(SITE, "101", "10.0.0.5", "IT", "1.1", ROME, NODE, now=11.0)
    assert known.proven_at == {"pin": 10.0}


async def test_what_was_changed_meanwhile_keeps_its_key(store: Store) -> None:
    """A PIN that was set anew is not undone, nor one that was taken away brought back."""
    await store.enrol(SITE, FULL)
    changed = replace(FULL, pin="changed")
    await store.enrol(SITE, changed)
    assert not await store.rekey(SITE, FULL, replace(FULL, pin="other"))
    assert await store.enrolments(SITE) == [changed]
    await store.unenrol(SITE, "101", 0.0)
    assert not await store.rekey(SITE, changed, replace(changed, pin="other"))
    assert await store.enrolments(SITE) == []


async def test_a_new_secret_starts_its_steps_anew(store: Store) -> None:
    """The first code of a new phone is good at once."""
    await store.enrol(SITE, FULL)
    await store.claim_step(SITE, FULL, 100)
    other = replace(FULL, totp=b"other")
    await store.enrol(SITE, other)
    assert await store.claim_step(SITE, other, 100)


async def test_a_recovery_code_is_good_once(store: Store) -> None:
    """Also when it is keyed twice at one moment."""
    await store.enrol(SITE, FULL)
    claims = await asyncio.gather(*(store.claim_recovery(SITE, FULL, "aa") for _ in range(9)))
    assert claims.count(True) == 1
    assert not await store.claim_recovery(SITE, FULL, "zz")
    left = await store.enrolment(SITE, "101")
    assert left is not None
    assert left.recovery == {"bb"}


async def test_unenrolling_forgets_the_extension(store: Store) -> None:
    """Whoever gets it next starts from nothing: no factor, no step, no proof, no country."""
    await store.enrol(SITE, FULL)
    await store.claim_step(SITE, FULL, 100)
    await store.remember(SITE, FULL, HERE, ["pin"], 0.0, 900.0)
    await store.take(a_lease("a"), 0.0)
    assert await store.unenrol(SITE, "101", 0.0)
    assert not await store.unenrol(SITE, "101", 0.0)
    known = await store.known(SITE, "101", "10.0.0.5", "IT", "x", ROME, NODE, 1.0)
    assert (dict(known.proven_at), known.known_country) == ({}, False)
    await store.enrol(SITE, replace(FULL, recovery=frozenset()))
    assert await store.enrolment(SITE, "101") == replace(FULL, recovery=frozenset())
    assert await store.claim_step(SITE, FULL, 100)


async def test_unenrolling_lifts_no_lockout_and_frees_no_slot(store: Store) -> None:
    """Those are of the phone, not of its second factor."""
    await store.enrol(SITE, FULL)
    await store.take(a_lease("a"), 0.0)
    subject = Subject(SubjectKind.EXTENSION, "101", 1)
    await store.begin_attempt(SITE, (subject,), FailureKind.CODE, PENALTY, 0.0)
    await store.unenrol(SITE, "101", 0.0)
    assert len(await store.lockouts(SITE, 0.0)) == 1
    assert len(await store.live(SITE, 0.0)) == 1


async def test_a_changed_factor_makes_old_proofs_worthless(store: Store) -> None:
    """A thief who knew the old PIN does not go on for as long as it was to be remembered."""
    await store.enrol(SITE, FULL)
    present = FULL
    for changed, left in (
        (replace(FULL, since=7.0), {"pin": 0.0}),
        (replace(FULL, pin="other"), {}),
        (replace(FULL, pin="other", totp=b"other"), {}),
    ):
        assert await store.remember(SITE, present, HERE, ["pin"], 0.0, 900.0)
        await store.enrol(SITE, changed)
        assert await _proven(store) == left
        present = changed


@pytest.mark.parametrize("part", [{"pin": "other"}, {"totp": b"other"}], ids=["pin", "totp"])
async def test_what_was_verified_against_an_older_enrolment_does_nothing(
    store: Store, part: dict[str, Any]
) -> None:
    """A guess at the old PIN or secret burns nothing of the new ones, and is not remembered."""
    new = replace(FULL, **part)
    await store.enrol(SITE, FULL)
    await store.enrol(SITE, new)
    await _nothing_follows(store, FULL)
    assert await store.enrolment(SITE, "101") == new
    assert await store.claim_step(SITE, new, 1)


async def test_what_was_verified_before_an_extension_was_unenrolled_does_nothing(
    store: Store,
) -> None:
    """Neither while there is none, nor for whoever has the extension next."""
    await store.enrol(SITE, FULL)
    await store.unenrol(SITE, "101", 0.0)
    await _nothing_follows(store, FULL)
    await store.enrol(SITE, replace(FULL, pin="next", totp=b"next"))
    await _nothing_follows(store, FULL)


async def test_new_recovery_codes_change_nothing_that_was_verified(store: Store) -> None:
    """PIN and secret are the same; only the old codes are void."""
    await store.enrol(SITE, FULL)
    await store.enrol(SITE, replace(FULL, recovery=frozenset({"cc"}), since=9.0))
    assert not await store.claim_recovery(SITE, FULL, "aa")
    assert await store.claim_recovery(SITE, FULL, "cc")
    assert await store.claim_step(SITE, FULL, 100)
    assert await store.remember(SITE, FULL, HERE, ["pin"], 0.0, 900.0)


async def _nothing_follows(store: Store, verified: Enrolment) -> None:
    """Nothing can be burnt or remembered for this enrolment."""
    assert not await store.claim_step(SITE, verified, 100)
    assert not await store.claim_recovery(SITE, verified, "aa")
    assert not await store.remember(SITE, verified, HERE, ["pin"], 0.0, 900.0)
    assert await _proven(store) == {}


async def _proven(store: Store) -> Mapping[str, float]:
    return (await store.known(SITE, "101", "10.0.0.5", "IT", "x", ROME, NODE, 1.0)).proven_at


async def test_nothing_crosses_sites(store: Store) -> None:
    """Neither a factor nor its use."""
    await store.enrol(SITE, FULL)
    await store.enrol("hotel", FULL)
    assert await store.claim_step(SITE, FULL, 100)
    assert await store.claim_step("hotel", FULL, 100)
    assert await store.claim_recovery(SITE, FULL, "aa")
    assert await store.unenrol(SITE, "101", 0.0)
    assert await store.enrolment("hotel", "101") == FULL
    assert await store.enrolments("motel") == []
