"""`call.standing`: how things stand for a call right now, with nothing taken by looking."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from ipaddress import ip_address
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from fastagi.call.admit import lease_of
from fastagi.call.identify import Caller
from fastagi.call.standing import standing, what_store_says
from fastagi.policy.decision import decide
from fastagi.policy.explain import explain
from fastagi.policy.loading import load_text
from fastagi.policy.model import Facts, Reason, Request, Unit, Verdict
from fastagi.policy.used import Used
from fastagi.stores.opening import open_store
from fastagi.stores.sign_ins import Origin, SignIn, Way
from fastagi.stores.store import FailureKind, Penalty, Subject, SubjectKind

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from fastagi.stores.store import Store

NOW = 1_767_607_800.0
HOME = "902079460000"

POLICY = load_text(
    """
[site]
name = "office"
country = "GB"
timezone = "UTC"
internal = ["1XX"]
outside_prefix = "9"
[classes]
staff = ["1XX"]
[[rule]]
name = "new"
to = ["first-time-number"]
then = "deny"
[[rule]]
name = "many"
when = "over:tries"
then = "deny"
[[rule]]
name = "home"
then = "allow"
[[limit]]
name = "two"
per = "extension"
calls = 2
[[limit]]
name = "an-hour"
per = "extension"
minutes = 60
within = "24h"
[[limit]]
name = "tries"
per = "extension"
attempts = 1
within = "1h"
then = "watch"
""",
    Path("office.toml"),
)


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    """Return a store of its own."""
    opened = open_store(f"sqlite:///{tmp_path / 'dialguard.db'}")
    yield opened
    await opened.close()


def _request(dialled: str = HOME, address: str = "10.0.0.5") -> Request:
    return Request(
        "101",
        POLICY.plan.read(dialled),
        datetime.fromtimestamp(NOW, POLICY.site.timezone),
        ip_address(address) if address else None,
    )


async def _up(store: Store, call: str, extension: str = "101") -> None:
    """Have a call be up, for half an hour."""
    request = replace(_request(), extension=extension)
    decision = replace(decide(POLICY, request, Facts()), seconds=1_800)
    caller = Caller(extension, call, f"PJSIP/{call}", None, None, "", "pbx", transferred=False)
    await store.take(lease_of("office", caller, request.number, decision, "1", NOW), NOW)


async def test_nothing_is_used_at_first(store: Store) -> None:
    """Each limit is told of, with nothing; the number is new, as it left no mark."""
    there = await standing(POLICY, _request(), store, NOW)
    assert there.used["two"] == Used()
    assert there.used["an-hour"] == Used(units={Unit.SECONDS: 0})
    assert (there.lockout, there.sign_ins) == (None, ())
    assert what_store_says(POLICY, _request(), there).rule == "new"


async def test_what_is_used_is_told_by_the_call_s_own_keys(store: Store) -> None:
    """Calls that are up, and seconds that are reserved; another extension's are its own."""
    await _up(store, "1.1")
    await _up(store, "1.2", "102")
    there = await standing(POLICY, _request(), store, NOW)
    assert there.used["two"] == Used(1)
    assert there.used["an-hour"].units == {Unit.SECONDS: 1_800}
    assert there.facts.over == {"tries"}


async def test_what_the_store_would_say_is_said(store: Store) -> None:
    """Two are up: a third finds no slot."""
    await _up(store, "1.1")
    await _up(store, "1.2")
    there = await standing(POLICY, _request(), store, NOW)
    free = replace(there, facts=replace(there.facts, novel=frozenset(), over=frozenset()))
    decision = what_store_says(POLICY, _request(), free)
    assert (decision.verdict, decision.rule) == (Verdict.DENY, "two")
    assert decision.reason is Reason.LIMIT_REACHED
    told = explain(POLICY, _request(), free.facts, free.used, came_to=decision)
    assert told.limits[0].why == "all its slots are taken: 2 of 2 calls up"


async def test_to_look_takes_nothing(store: Store) -> None:
    """However often."""
    for _ in range(3):
        await standing(POLICY, _request(), store, NOW)
    assert await store.live(None, NOW) == []
    assert list(await store.spent("office", NOW)) == []


async def test_a_lockout_is_known(store: Store) -> None:
    """With when it is over."""
    subject = Subject(SubjectKind.EXTENSION, "101", 1)
    await store.begin_attempt("office", (subject,), FailureKind.CODE, Penalty(900, 9_000), NOW)
    there = await standing(POLICY, _request(), store, NOW)
    assert there.facts.locked_out
    assert there.lockout is not None
    assert there.lockout.until == NOW + 900


async def test_an_inside_call_falls_under_no_limit(store: Store) -> None:
    """None is asked for."""
    there = await standing(POLICY, _request("102"), store, NOW)
    assert there.used == {}


@pytest.mark.parametrize(
    ("address", "transferred", "counts"),
    [("10.0.0.5", False, True), ("10.0.0.6", False, False), ("", False, True), ("", True, False)],
)
async def test_a_sign_in_counts_from_where_it_is(
    store: Store, address: str, transferred: bool, counts: bool
) -> None:
    """Where nobody says from where the call comes, wherever it is."""
    origin = Origin("10.0.0.5", "tls", "a" * 40, "c" * 40)
    until = NOW + 60
    sign_in = SignIn(
        *("office", "101", "a" * 24, "101"), Way.KEYPAD, origin, "pbx", NOW, until, 0, NOW
    )
    assert await store.open_sign_in(sign_in, None, 1, NOW) == []
    request = replace(_request(address=address), transferred=transferred)
    there = await standing(POLICY, request, store, NOW)
    assert there.facts.signed_in is counts
    assert [each.person for each in there.sign_ins] == ["101"]
