"""What every store promises of what it knows between calls."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING

from fastagi.stores.store import (
    Enrolment,
    FailureKind,
    Full,
    Hold,
    Known,
    Lockout,
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
) -> Known:
    return await store.known(site, extension, address, country, call, number, node, now, wanted)


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
