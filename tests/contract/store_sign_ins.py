"""A person who is signed in, as the tests of the stores have one; and where to look for one."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from fastagi.stores.sign_ins import Origin, SignedOff, SignIn, Way
from fastagi.stores.store import Attempt, FailureKind, Hold, Lease, Subject, SubjectKind
from tests.contract.store_kinds import NODE, PENALTY, ROME, SITE, a_lease

if TYPE_CHECKING:
    from collections.abc import Sequence

    from fastagi.stores.store import Store

HERE = Origin("10.0.0.5", "tls", "a" * 40, "c" * 40)
PLACES = [replace(HERE, contact=f"{count}") for count in range(5)]
SIGN_IN = SignIn(
    site=SITE,
    extension="101",
    id="first",
    person="101",
    way=Way.KEYPAD,
    origin=HERE,
    node=NODE,
    since=10.0,
    until=1010.0,
    idle_s=0,
    used=10.0,
)
GUEST = replace(SIGN_IN, id="guest", person="102", origin=PLACES[0])
"""Somebody else, signed in on the same extension; listed after the first."""


def let_through(
    call: str, *holds: Hold, sign_in: str = SIGN_IN.id, expires: float = 900.0
) -> Lease:
    """Return the lease of a call of a sign-in."""
    return replace(a_lease(call, *holds, since=10.0, expires=expires), sign_in=sign_in)


def over(sign_in: SignIn, ended: float, why: SignedOff) -> SignIn:
    """Return a sign-in as it is when it is over."""
    return replace(sign_in, ended=ended, why=why)


async def opened(store: Store, *sign_ins: SignIn, at_once: int = 9) -> Sequence[SignIn]:
    """Open some, each when it begins; return what the last of them ended."""
    ended: Sequence[SignIn] | None = ()
    for each in sign_ins:
        ended = await store.open_sign_in(each, None, at_once, each.since)
        assert ended is not None
    return list(ended or ())


async def look(store: Store, now: float, sign_in: SignIn = SIGN_IN) -> SignIn | None:
    """Return a sign-in; all that tells of it agrees whether it lives."""
    found = await store.sign_in(sign_in.site, sign_in.extension, sign_in.id, now)
    asked = (sign_in.site, sign_in.extension, "10.0.0.5", "IT", "x", ROME, NODE, now)
    live = [each for each in (await store.known(*asked)).sign_ins if each.id == sign_in.id]
    assert live == ([found] if found is not None and found.ended is None else [])
    of_site = await store.sign_ins(sign_in.site, now)
    name = (sign_in.extension, sign_in.id)
    assert live == [each for each in of_site if (each.extension, each.id) == name]
    return found


async def lock_out(store: Store, extension: str, now: float) -> Attempt:
    """Lock an extension out, and return the attempt that did it."""
    subject = Subject(SubjectKind.EXTENSION, extension, 1)
    attempt = await store.begin_attempt(SITE, (subject,), FailureKind.CODE, PENALTY, now)
    assert isinstance(attempt, Attempt)
    return attempt
