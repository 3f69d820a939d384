"""Sign-ins and lockouts, by looking at what is there now and what was."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from fastagi.errors import StoreError
from fastagi.events.changes import RENEWED_S, SETTLED_S, Changes
from fastagi.events.event import Kind
from fastagi.stores.records import EVERYWHERE
from fastagi.stores.sign_ins import SignedOff
from fastagi.stores.store import Attempt, FailureKind, Lockout, Penalty, Subject, SubjectKind
from fastagi.webhooks.outbox import Outbox
from tests.unit.webhooks.conftest import HOOK, NOW, sign_in, waiting

if TYPE_CHECKING:
    from tests.doubles.shaky_store import ShakyStore

SUBJECT = Subject(SubjectKind.EXTENSION, "101", 1)


@pytest.fixture
async def changes(shaky: ShakyStore, outbox: Outbox) -> Changes:
    """Somebody who looks, and has looked at nothing already."""
    looking = Changes(shaky.store, "test", HOOK.kinds, outbox)
    assert await looking.look(NOW)
    return looking


async def lock_out(shaky: ShakyStore, now: float) -> Attempt | Lockout:
    """Have 101 locked out, by one guess."""
    return await shaky.behind.begin_attempt(
        "office", (SUBJECT,), FailureKind.CODE, Penalty(900, 900), now
    )


async def test_a_sign_in_and_its_end_are_told_once(
    shaky: ShakyStore, outbox: Outbox, changes: Changes
) -> None:
    """However often somebody looks."""
    await shaky.behind.open_sign_in(sign_in(), None, 1, NOW)
    for _ in range(3):
        assert await changes.look(NOW + 1)
    assert await waiting(outbox) == [("sign-in", "a")]
    await shaky.behind.end_sign_ins("office", "101", None, SignedOff.OPERATOR, NOW + 2)
    for _ in range(3):
        assert await changes.look(NOW + 3)
    assert await waiting(outbox) == [("sign-in", "a"), ("sign-off", "a")]
    (_, over) = await outbox.waiting(NOW)
    assert '"why":"operator"' in over.body


@pytest.mark.parametrize(("idle_s", "later_s", "why"), [(0, 3600, "expired"), (60, 60, "idle")])
async def test_an_end_that_nobody_made_is_told(
    shaky: ShakyStore,
    outbox: Outbox,
    changes: Changes,
    idle_s: int,
    later_s: float,
    why: str,
) -> None:
    """Time does."""
    await shaky.behind.open_sign_in(sign_in(idle_s=idle_s), None, 1, NOW)
    await changes.look(NOW)
    await changes.look(NOW + later_s + 30)
    told = await outbox.waiting(NOW)
    assert f'"why":"{why}"' in told[-1].body


async def test_what_is_there_at_the_first_look_is_not_told(
    shaky: ShakyStore, outbox: Outbox
) -> None:
    """Its end is."""
    await shaky.behind.open_sign_in(sign_in(), None, 1, NOW)
    await lock_out(shaky, NOW - 10)
    looking = Changes(shaky.store, "test", HOOK.kinds, outbox)
    await shaky.behind.open_sign_in(sign_in("102", "b"), None, 1, NOW)
    assert await looking.look(NOW)
    assert await waiting(outbox) == []
    await shaky.behind.end_sign_ins("office", "102", None, SignedOff.PAGE, NOW)
    assert await looking.look(NOW + 1)
    assert await waiting(outbox) == [("sign-off", "b")]


async def test_another_goes_on_where_one_left_off(
    shaky: ShakyStore, outbox: Outbox, changes: Changes
) -> None:
    """What came and went meanwhile is told, also of a site of which nobody knew."""
    await shaky.behind.open_sign_in(sign_in(), None, 1, NOW)
    await changes.look(NOW)
    await shaky.behind.end_sign_ins("office", "101", None, SignedOff.API, NOW + 1)
    await shaky.behind.open_sign_in(sign_in("102", "b", site="home"), None, 1, NOW)
    other = Changes(shaky.store, "test", HOOK.kinds, outbox)
    assert await other.look(NOW + 5)
    assert sorted(await waiting(outbox)) == [("sign-in", "a"), ("sign-in", "b"), ("sign-off", "a")]
    await shaky.behind.open_sign_in(sign_in("103", "c"), None, 1, NOW)
    assert not await changes.look(NOW + 6)
    assert await other.look(NOW + 7)
    assert len(await waiting(outbox)) == 4


async def test_two_who_look_at_one_moment_tell_each_event_once(
    shaky: ShakyStore, outbox: Outbox, changes: Changes
) -> None:
    """One of them hears that it is not alone."""
    other = Changes(shaky.store, "test", HOOK.kinds, outbox)
    await other.look(NOW)
    await shaky.behind.open_sign_in(sign_in(), None, 1, NOW)
    assert [await changes.look(NOW + 1), await other.look(NOW + 1)] == [True, False]
    assert await waiting(outbox) == [("sign-in", "a")]


@pytest.mark.parametrize("step", ["before", "after"])
@pytest.mark.parametrize("which", range(1, 4))
async def test_whatever_fails_on_the_way_everything_is_told(
    shaky: ShakyStore, outbox: Outbox, changes: Changes, step: str, which: int
) -> None:
    """Before a write or after it: the store does not say which."""
    await shaky.behind.open_sign_in(sign_in(), None, 1, NOW)
    await shaky.behind.open_sign_in(sign_in("102", "b", NOW + 1), None, 1, NOW)
    shaky.asked.clear()

    async def fail() -> None:
        if shaky.asked.count("put_record") == which:
            raise StoreError("away")

    getattr(shaky, step)["put_record"] = fail
    with pytest.raises(StoreError):
        await changes.look(NOW + 2)
    looking = changes
    for _ in range(3):
        if not await looking.look(NOW + 3):
            looking = Changes(shaky.store, "test", HOOK.kinds, outbox)
    assert await waiting(outbox) == [("sign-in", "a"), ("sign-in", "b")]


async def test_a_lockout_is_told_once_it_is_sure(
    shaky: ShakyStore, outbox: Outbox, changes: Changes
) -> None:
    """The guess that caused it may turn out right."""
    await shaky.behind.open_sign_in(sign_in(), None, 1, NOW)
    await changes.look(NOW)
    await lock_out(shaky, NOW)
    await changes.look(NOW + SETTLED_S - 0.1)
    assert await waiting(outbox) == [("sign-in", "a")]
    await changes.look(NOW + SETTLED_S)
    assert sorted(await waiting(outbox)) == [
        ("lockout", "101"),
        ("sign-in", "a"),
        ("sign-off", "a"),
    ]
    await shaky.behind.clear("office", SubjectKind.EXTENSION, "101", NOW + 3)
    await changes.look(NOW + 4)
    assert len(await waiting(outbox)) == 3


async def test_a_lockout_that_was_never_due_is_not_told(
    shaky: ShakyStore, outbox: Outbox, changes: Changes
) -> None:
    """Nor the end of what lives on."""
    await shaky.behind.open_sign_in(sign_in(), None, 1, NOW)
    await changes.look(NOW)
    attempt = await lock_out(shaky, NOW)
    assert isinstance(attempt, Attempt)
    await changes.look(NOW + 1)
    await shaky.behind.succeed(attempt, NOW + 1)
    await changes.look(NOW + 3)
    assert await waiting(outbox) == [("sign-in", "a")]
    await shaky.behind.end_sign_ins("office", "101", None, SignedOff.PAGE, NOW + 4)
    await changes.look(NOW + 5)
    assert await waiting(outbox) == [("sign-in", "a"), ("sign-off", "a")]


async def test_what_the_store_has_forgotten_is_told_no_more(
    shaky: ShakyStore, outbox: Outbox, changes: Changes
) -> None:
    """It was over for a day as somebody looked."""
    await shaky.behind.open_sign_in(sign_in(), None, 1, NOW)
    await changes.look(NOW)
    later = NOW + 3600 + 86400 + 1
    await shaky.behind.tidy(later)
    assert await changes.look(later)
    assert await waiting(outbox) == [("sign-in", "a")]


async def test_a_teller_hears_of_its_kinds_only(shaky: ShakyStore, outbox: Outbox) -> None:
    """And the store is not asked for others."""
    looking = Changes(shaky.store, "a", {Kind.SIGN_OFF}, outbox)
    await looking.look(NOW)
    await shaky.behind.open_sign_in(sign_in(), None, 1, NOW)
    await looking.look(NOW)
    await shaky.behind.end_sign_ins("office", "101", None, SignedOff.PAGE, NOW)
    await looking.look(NOW + 1)
    assert await waiting(outbox) == [("sign-off", "a")]
    assert "lockouts" not in shaky.asked
    shaky.asked.clear()
    await Changes(shaky.store, "b", {Kind.LOCKOUT}, outbox).look(NOW)
    assert "sign_ins" not in shaky.asked


async def test_where_nothing_changes_little_is_written(
    shaky: ShakyStore, changes: Changes
) -> None:
    """Once a day, so that it is not forgotten."""
    await shaky.behind.open_sign_in(sign_in(until=NOW + 10 * 86400), None, 1, NOW)
    await changes.look(NOW)
    shaky.asked.clear()
    for second in range(60):
        assert await changes.look(NOW + second)
    assert "put_record" not in shaky.asked
    assert await changes.look(NOW + RENEWED_S)
    assert shaky.asked.count("put_record") == 2


async def test_after_a_long_rest_it_begins_anew(
    shaky: ShakyStore, outbox: Outbox, changes: Changes
) -> None:
    """What was two days ago is no news."""
    later = NOW + 3 * 86400
    await shaky.behind.open_sign_in(sign_in(since=later - 9), None, 1, later)
    assert await Changes(shaky.store, "test", HOOK.kinds, outbox).look(later)
    assert await waiting(outbox, later) == []


async def test_two_who_begin_at_one_moment_are_not_both_first(
    shaky: ShakyStore, outbox: Outbox
) -> None:
    """One hears of it, and goes on from what the other saw."""
    await shaky.behind.open_sign_in(sign_in(), None, 1, NOW)
    one, other = (Changes(shaky.store, "test", HOOK.kinds, outbox) for _ in range(2))

    async def first() -> None:
        shaky.before.clear()
        await shaky.behind.open_sign_in(sign_in("102", "b"), None, 1, NOW)
        assert await other.look(NOW)

    shaky.before["put_record"] = first
    assert not await one.look(NOW)
    assert await Changes(shaky.store, "test", HOOK.kinds, outbox).look(NOW)
    assert await waiting(outbox) == []


async def test_an_operator_s_lockout_is_told_once_as_any_other(
    shaky: ShakyStore, outbox: Outbox, changes: Changes
) -> None:
    """It is of no site, and what was seen of it is kept like a site's."""
    operator = Subject(SubjectKind.OPERATOR, "anna", 1)
    penalty = Penalty(900, 900)
    await shaky.behind.begin_attempt(EVERYWHERE, (operator,), FailureKind.CODE, penalty, NOW)
    for second in range(5):
        assert await changes.look(NOW + SETTLED_S + second)
    (told,) = await outbox.waiting(NOW)
    await outbox.drop(told, NOW)
    other = Changes(shaky.store, "test", HOOK.kinds, outbox)
    assert await other.look(NOW + 9)
    assert await outbox.waiting(NOW + 9) == []
