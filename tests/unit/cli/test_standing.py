"""`dialguard explain --live`."""

from __future__ import annotations

import asyncio
import json
import time
from typing import TYPE_CHECKING

from fastagi.call import brakes
from fastagi.call.brakes import Brake
from fastagi.policy.model import Stage
from fastagi.stores.opening import open_store
from fastagi.stores.sign_ins import Origin, SignIn, Way
from fastagi.stores.store import FailureKind, Hold, Lease, Penalty, Subject, SubjectKind

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from fastagi.stores.store import Store
    from tests.unit.cli.conftest import Dialguard

HOME = "902079460000"
AT = ("--at", "2026-01-05T10:10")


def _store(dialguard: Dialguard, work: Callable[[Store], Awaitable[object]]) -> None:
    async def do() -> None:
        store = open_store(f"sqlite://{dialguard.folder / 'dialguard.db'}")
        try:
            await work(store)
        finally:
            await store.close()

    asyncio.run(do())


def _up(call: str) -> Lease:
    now = time.time()
    return Lease(
        *("office", call, "+442079460000", "pbx", "101", "GB", "national", "PJSIP/101-1"),
        *("at-home", "4071", 600, now, now + 600, (Hold("two-at-a-time", "101", 2),)),
    )


def test_what_is_used_right_now_is_told(dialguard: Dialguard) -> None:
    """Both slots are taken: the next call would be denied by the limit, and status 2 says so."""

    async def two(store: Store) -> None:
        for call in ("1.1", "1.2"):
            await store.take(_up(call), time.time())

    words = ("explain", str(dialguard.policy), "101", HOME, *AT, "--live")
    before = dialguard.on_settings(*words)
    assert before.exit_code == 0, before.output
    assert "0 of 2 calls up" in before.stdout
    assert "nothing is held against it" in before.stdout
    _store(dialguard, two)
    after = dialguard.on_settings(*words)
    assert after.exit_code == 2
    assert "all its slots are taken: 2 of 2 calls up" in after.stdout
    told = json.loads(dialguard.on_settings(*words, "--json").stdout)
    assert (told["rule"], told["reason"]) == ("two-at-a-time", "limit-reached")
    assert told["limits"][0]["figures"][0] == {
        "what": "calls",
        "value": 2,
        "threshold": 2,
        "needs": 1,
        "unit": "",
    }


def test_what_is_known_of_the_extension_is_told(dialguard: Dialguard) -> None:
    """A lockout, who is signed in, a brake."""
    dialguard.policy.write_text(dialguard.policy.read_text() + "\n[brake]\n")

    async def known(store: Store) -> None:
        now = time.time()
        sign_in = SignIn(
            *("office", "101", "a" * 24, "102", Way.KEYPAD, Origin("10.0.0.5"), "pbx"),
            *(now, now + 600, 0, now),
        )
        await store.open_sign_in(sign_in, None, 1, now)
        await brakes.put_on(
            store, Brake("office", Stage.SITE, "", "", now, now + 60, "", "it"), now
        )

    _store(dialguard, known)
    words = ("explain", str(dialguard.policy), "101", "900390612345678", "--live")
    told = dialguard.on_settings(*words).stdout
    assert "signed in by 102 at 10.0.0.5 until" in told
    assert "the brake is on, of the site" in told

    async def locked(store: Store) -> None:
        subject = Subject(SubjectKind.EXTENSION, "101", 1)
        penalty = Penalty(900, 9_000)
        await store.begin_attempt("office", (subject,), FailureKind.CODE, penalty, time.time())

    _store(dialguard, locked)
    done = dialguard.on_settings(*words)
    assert done.exit_code == 2
    assert "locked out until" in done.stdout


def test_what_is_supposed_is_not_asked_for_as_well(dialguard: Dialguard) -> None:
    """Either the store says, or the one who asks."""
    words = ("explain", str(dialguard.policy), "101", HOME, "--live", "--locked-out")
    done = dialguard.on_settings(*words)
    assert done.exit_code == 1
    assert "leave out what is to be supposed" in done.stderr
