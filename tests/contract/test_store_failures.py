"""What every store promises of guesses: no more than allowed, however they are made."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING

from fastagi.stores.records import EVERYWHERE
from fastagi.stores.store import Attempt, FailureKind, Lockout, Penalty, Subject, SubjectKind
from tests.contract.store_kinds import ADDRESS, EXTENSION, PENALTY, SITE, SOON_S, give_up

if TYPE_CHECKING:
    from fastagi.stores.store import Store, Subject

BOTH = (EXTENSION, ADDRESS)


async def _guess(
    store: Store,
    now: float,
    *subjects: Subject,
    kind: FailureKind = FailureKind.CODE,
    site: str = SITE,
    penalty: Penalty = PENALTY,
) -> Attempt | Lockout:
    return await store.begin_attempt(site, subjects or (EXTENSION,), kind, penalty, now)


async def _wrong(store: Store, now: float, times: int, *subjects: Subject) -> Attempt:
    """Guess wrong some times; return the last attempt."""
    attempts = [await _guess(store, now, *subjects) for _ in range(times)]
    last = attempts[-1]
    assert isinstance(last, Attempt)
    return last


def _locked(
    until: float, *, row: int = 1, since: float = 0.0, failure: FailureKind = FailureKind.CODE
) -> Lockout:
    return Lockout(SITE, SubjectKind.EXTENSION, "101", since, until, row, failure)


async def test_as_many_guesses_as_allowed_then_a_lockout(store: Store) -> None:
    """The guess that uses up the last of them is still looked at."""
    ids = {(await _wrong(store, 0.0, 1)).id for _ in range(3)}
    assert len(ids) == 3
    assert await _guess(store, 1.0) == _locked(60.0)
    assert await store.lockouts(SITE, 1.0) == [_locked(60.0)]


async def test_a_lockout_ends_at_its_instant(store: Store) -> None:
    """Not before, and then all tries are there again."""
    await _wrong(store, 0.0, 3)
    assert isinstance(await _guess(store, 59.9), Lockout)
    assert await store.lockouts(SITE, 60.0) == []
    await _wrong(store, 60.0, 3)
    assert isinstance(await _guess(store, 60.0), Lockout)


async def test_guesses_at_one_moment_cannot_outrun_the_count(store: Store) -> None:
    """A hundred at once get as many looks as a hundred one after the other."""
    answers = await asyncio.gather(*(_guess(store, 0.0, *BOTH) for _ in range(100)))
    assert sum(isinstance(answer, Attempt) for answer in answers) == EXTENSION.allowed


async def test_lockouts_double_in_a_row_up_to_the_most(store: Store) -> None:
    """60, 120, 240, 480, and then 600 for ever."""
    now, lengths = 0.0, []
    for _ in range(6):
        await _wrong(store, now, 3)
        lockout = await _guess(store, now)
        assert isinstance(lockout, Lockout)
        lengths.append((lockout.row, lockout.until - now))
        now = lockout.until + 599.0
    assert lengths == [(1, 60), (2, 120), (3, 240), (4, 480), (5, 600), (6, 600)]


async def test_a_row_is_forgotten_after_a_good_while(store: Store) -> None:
    """As long after the last lockout as the longest one lasts."""
    await _wrong(store, 0.0, 3)
    await _wrong(store, 660.0, 3)
    assert await _guess(store, 660.0) == _locked(720.0, since=660.0)


async def test_failures_are_forgotten_after_a_good_while(store: Store) -> None:
    """Each by itself."""
    await _wrong(store, 0.0, 1)
    await _wrong(store, 300.0, 1)
    await _wrong(store, 600.0, 1)
    assert await store.lockouts(SITE, 600.0) == []
    await _wrong(store, 600.0, 1)
    assert await store.lockouts(SITE, 600.0) == [_locked(660.0, since=600.0)]


async def test_one_address_cannot_go_through_all_extensions(store: Store) -> None:
    """Its guesses add up over the extensions behind it."""
    for name in ("101", "102", "103", "104", "105"):
        extension = replace(EXTENSION, name=name)
        assert isinstance(await _guess(store, 0.0, extension, ADDRESS), Attempt)
    locked = await _guess(store, 0.0, replace(EXTENSION, name="106"), ADDRESS)
    assert locked == Lockout(SITE, SubjectKind.ADDRESS, "10.0.0.5", 0.0, 60.0, 1, FailureKind.CODE)


async def test_a_refused_guess_counts_against_nobody(store: Store) -> None:
    """A phone behind a locked-out address is not locked out by trying."""
    await _wrong(store, 0.0, 5, ADDRESS)
    for _ in range(10):
        assert isinstance(await _guess(store, 1.0, *BOTH), Lockout)
    assert [each.kind for each in await store.lockouts(SITE, 1.0)] == [SubjectKind.ADDRESS]


async def test_of_two_lockouts_the_longer_is_told(store: Store) -> None:
    """Whoever is locked out twice waits for the later end."""
    await _wrong(store, 0.0, 5, ADDRESS)
    await _wrong(store, 10.0, 3, EXTENSION)
    assert await _guess(store, 20.0, *BOTH) == _locked(70.0, since=10.0)
    assert [each.until for each in await store.lockouts(SITE, 20.0)] == [70.0, 60.0]


async def test_kinds_are_counted_apart(store: Store) -> None:
    """Two wrong codes and two wrong numbers are not four of anything; a lockout is for both."""
    for kind in FailureKind:
        for _ in range(2):
            assert isinstance(await _guess(store, 0.0, kind=kind), Attempt)
    assert await store.lockouts(SITE, 0.0) == []
    await _guess(store, 0.0, kind=FailureKind.NUMBER)
    told = _locked(60.0, failure=FailureKind.NUMBER)
    assert await _guess(store, 0.0, kind=FailureKind.CODE) == told
    assert await store.lockouts(SITE, 0.0) == [told]


async def test_an_extension_that_succeeds_starts_anew(store: Store) -> None:
    """The owner of a phone who got it right at last has all tries again."""
    attempt = await _wrong(store, 0.0, 2)
    await store.succeed(attempt, 0.0)
    await _wrong(store, 0.0, 3)
    assert isinstance(await _guess(store, 0.0), Lockout)


async def test_an_extension_that_does_not_start_anew_only_regains_the_one(store: Store) -> None:
    """Who knows the PIN only cannot buy guesses at the code with it."""
    await _wrong(store, 0.0, 1)
    await store.succeed(await _wrong(store, 0.0, 1), 0.0, anew=False)
    assert await store.lockouts(SITE, 0.0) == []
    await _wrong(store, 0.0, 2)
    assert await store.lockouts(SITE, 0.0) == [_locked(60.0)]


async def test_without_starting_anew_the_row_of_lockouts_goes_on(store: Store) -> None:
    """The next lockout is the second one."""
    await _wrong(store, 0.0, 3)
    await store.succeed(await _wrong(store, 60.0, 1), 60.0, anew=False)
    await _wrong(store, 60.0, 3)
    assert await _guess(store, 60.0) == _locked(180.0, row=2, since=60.0)


async def test_a_lockout_taken_back_without_starting_anew_leaves_the_failures_before(
    store: Store,
) -> None:
    """What was spent on it counts again: the next wrong one locks out."""
    last = await _wrong(store, 0.0, 3)
    await store.succeed(last, 0.0, anew=False)
    assert await store.lockouts(SITE, 0.0) == []
    await store.succeed(last, 0.0, anew=False)
    await _wrong(store, 0.0, 1)
    assert await store.lockouts(SITE, 0.0) == [_locked(60.0)]


async def test_a_success_is_done_even_if_whoever_asked_has_given_up(store: Store) -> None:
    """The caller hung up in that very moment; a right code is no failure for that."""
    attempt = await _wrong(store, 0.0, 3)
    await give_up(store, store.succeed(attempt, 0.0))
    async with asyncio.timeout(SOON_S):
        while await store.lockouts(SITE, 0.0):
            pass


async def test_success_ends_the_row_of_lockouts(store: Store) -> None:
    """The next lockout is a first one again."""
    await _wrong(store, 0.0, 3)
    await store.succeed(await _wrong(store, 60.0, 1), 60.0)
    await _wrong(store, 60.0, 3)
    assert await _guess(store, 60.0) == _locked(120.0, since=60.0)


async def test_success_with_one_kind_does_not_excuse_the_other(store: Store) -> None:
    """A right PIN says nothing of hunting for trunk prefixes."""
    for _ in range(2):
        await _guess(store, 0.0, kind=FailureKind.NUMBER)
    await store.succeed(await _wrong(store, 0.0, 1), 0.0)
    await _guess(store, 0.0, kind=FailureKind.NUMBER)
    assert isinstance(await _guess(store, 0.0), Lockout)


async def test_an_address_only_regains_the_one(store: Store) -> None:
    """A thief with a phone of their own cannot clear the address by calling with it."""
    await _wrong(store, 0.0, 4, ADDRESS)
    own = replace(EXTENSION, name="200")
    await store.succeed(await _wrong(store, 0.0, 1, own, ADDRESS), 0.0)
    await _wrong(store, 0.0, 1, ADDRESS)
    assert isinstance(await _guess(store, 0.0, ADDRESS), Lockout)


async def test_a_lockout_is_taken_back_by_the_success_of_what_caused_it(store: Store) -> None:
    """The last try was right: nobody is locked out, and an address has the others still."""
    await _wrong(store, 0.0, 2)
    await _wrong(store, 0.0, 2, ADDRESS)
    last = await _wrong(store, 0.0, 1, EXTENSION, replace(ADDRESS, allowed=3))
    assert len(await store.lockouts(SITE, 0.0)) == 2
    await store.succeed(last, 0.0)
    assert await store.lockouts(SITE, 0.0) == []
    await _wrong(store, 0.0, 1, replace(ADDRESS, allowed=3))
    assert len(await store.lockouts(SITE, 0.0)) == 1


async def test_a_lockout_that_another_attempt_caused_stays(store: Store) -> None:
    """Of three guesses at once, the second being right does not excuse the third."""
    second = (await _wrong(store, 0.0, 1), await _wrong(store, 0.0, 1))[1]
    await _wrong(store, 0.0, 1)
    await store.succeed(second, 0.0)
    assert await store.lockouts(SITE, 0.0) == [_locked(60.0)]


async def test_succeeding_twice_changes_nothing(store: Store) -> None:
    """Each success takes back one failure, its own."""
    right = await _wrong(store, 0.0, 1, ADDRESS)
    await store.succeed(right, 0.0)
    await _wrong(store, 0.0, 4, ADDRESS)
    await store.succeed(right, 0.0)
    await _wrong(store, 0.0, 1, ADDRESS)
    assert len(await store.lockouts(SITE, 0.0)) == 1


async def test_an_attempt_of_another_site_is_none(store: Store) -> None:
    """Ids are no door between tenants."""
    await _wrong(store, 0.0, 2)
    third = await _wrong(store, 0.0, 1)
    await store.succeed(replace(third, site="hotel"), 0.0)
    assert len(await store.lockouts(SITE, 0.0)) == 1


async def test_nothing_crosses_sites(store: Store) -> None:
    """The same extension elsewhere is another one."""
    await _wrong(store, 0.0, 3)
    assert isinstance(await _guess(store, 0.0, site="hotel"), Attempt)
    assert await store.lockouts("hotel", 0.0) == []
    assert await store.clear("hotel", SubjectKind.EXTENSION, "101", 0.0)
    assert await store.lockouts(None, 0.0) == [_locked(60.0)]


async def test_clearing_ends_a_lockout_and_forgets_all(store: Store) -> None:
    """The operator's word: it says whether there was anything, and the row begins anew."""
    await _wrong(store, 0.0, 3)
    assert await store.clear(SITE, SubjectKind.EXTENSION, "101", 1.0)
    assert not await store.clear(SITE, SubjectKind.EXTENSION, "101", 1.0)
    assert not await store.clear(SITE, SubjectKind.ADDRESS, "101", 1.0)
    await _wrong(store, 1.0, 3)
    assert await _guess(store, 1.0) == _locked(61.0, since=1.0)


async def test_what_was_forgotten_is_nothing_to_clear(store: Store) -> None:
    """Whether the store was tidied meanwhile makes no difference."""
    await _wrong(store, 0.0, 1)
    assert not await store.clear(SITE, SubjectKind.EXTENSION, "101", 600.0)


async def test_a_late_success_after_clearing_changes_nothing(store: Store) -> None:
    """What the operator cleared is not cleared a second time."""
    early = await _wrong(store, 0.0, 1)
    await store.clear(SITE, SubjectKind.EXTENSION, "101", 0.0)
    await _wrong(store, 0.0, 2)
    await store.succeed(early, 0.0)
    await _wrong(store, 0.0, 1)
    assert len(await store.lockouts(SITE, 0.0)) == 1


async def test_the_first_lockout_is_never_over_the_most(store: Store) -> None:
    """Whatever the policy says."""
    odd = Penalty(for_s=900, at_most_s=10)
    await _guess(store, 0.0, replace(EXTENSION, allowed=1), penalty=odd)
    assert await store.lockouts(SITE, 0.0) == [_locked(10.0)]


async def test_a_clock_set_back_frees_nobody_and_locks_nobody_out_for_ever(store: Store) -> None:
    """A lockout stays one, and lasts as long as it was meant to."""
    await _wrong(store, 9000.0, 3)
    assert isinstance(await _guess(store, 100.0), Lockout)
    await store.tidy(100.0)
    assert await store.lockouts(SITE, 100.0) == [_locked(160.0, since=100.0)]
    await _wrong(store, 160.0, 3)
    assert await _guess(store, 160.0) == _locked(280.0, row=2, since=160.0)


async def test_a_clock_set_back_forgets_no_failure(store: Store) -> None:
    """Two wrong codes at noon and one at eleven are three."""
    await _wrong(store, 9000.0, 2)
    await store.tidy(100.0)
    await _wrong(store, 100.0, 1)
    assert len(await store.lockouts(SITE, 100.0)) == 1


async def test_tidying_drops_what_is_forgotten(store: Store) -> None:
    """Failures after the longest lockout's time; lockouts when their row is over."""
    await _wrong(store, 0.0, 3)
    assert await store.tidy(599.0) == 0
    assert await store.tidy(600.0) == 3
    assert await store.tidy(659.0) == 0
    assert await store.tidy(660.0) == 1


async def test_an_operator_starts_anew_as_an_extension_does(store: Store) -> None:
    """By name, at the site of what is of none; clearing it ends the lockout."""
    olga = Subject(SubjectKind.OPERATOR, "olga", 3)
    await _attempt(store, EVERYWHERE, 0.0, olga)
    right = await _attempt(store, EVERYWHERE, 0.0, olga)
    assert isinstance(right, Attempt)
    await store.succeed(right, 0.0)
    for _ in range(2):
        assert isinstance(await _attempt(store, EVERYWHERE, 0.0, olga), Attempt)
    assert await store.lockouts(None, 0.0) == []
    await _attempt(store, EVERYWHERE, 0.0, olga)
    locked = await store.lockouts(None, 0.0)
    assert [(each.site, each.kind, each.name) for each in locked] == [
        (EVERYWHERE, SubjectKind.OPERATOR, "olga")
    ]
    assert await store.clear(EVERYWHERE, SubjectKind.OPERATOR, "olga", 0.0)
    assert await store.lockouts(None, 0.0) == []


async def _attempt(store: Store, site: str, now: float, subject: Subject) -> Attempt | Lockout:
    return await store.begin_attempt(site, (subject,), FailureKind.CODE, PENALTY, now)
