"""What is asked and answered."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from fastagi.errors import StoreError
from fastagi.stores.budgets import Budget, Charge, Unit, charge_id
from fastagi.stores.records import Record
from fastagi.stores.redis.words import (
    asked_words,
    charge_words,
    joined,
    lease_of,
    lease_words,
    moment,
    optional,
    record_words,
    sign_in_words,
)
from fastagi.stores.store import NOTHING_ASKED, Asked, Hold, Looked, Note
from tests.contract.store_kinds import NODE, ROME, a_lease
from tests.contract.store_sign_ins import SIGN_IN


@pytest.mark.parametrize("seconds", [0.0, 1764086400.1234567, 1e-9, 0.1 + 0.2])
def test_a_moment_is_the_very_same_number(seconds: float) -> None:
    """A script that shows 14 digits would move it."""
    assert float(moment(seconds)) == seconds


def test_names_are_not_run_together() -> None:
    """Whoever could write the NUL between them could name another's lease."""
    assert joined("a", "b") == "a\0b"
    with pytest.raises(StoreError, match="NUL"):
        joined("a\0b", "c")
    with pytest.raises(StoreError, match="NUL"):
        lease_words(a_lease("a", Hold("two", "10\x001", 2)), 0.0)
    for named in (
        replace(SIGN_IN, extension="10\x001"),
        replace(SIGN_IN, id="10\x001"),
        replace(SIGN_IN, person="10\x001"),
    ):
        with pytest.raises(StoreError, match="NUL"):
            sign_in_words(named, 0.0)
    for part in ("address", "transport", "agent", "contact"):
        origin = replace(SIGN_IN.origin, **{part: "a\0"})
        with pytest.raises(StoreError, match="NUL"):
            sign_in_words(replace(SIGN_IN, origin=origin), 0.0)
    with pytest.raises(StoreError, match="NUL"):
        record_words("tok\0en", Record("a", "text", None), None, 0.0)
    with pytest.raises(StoreError, match="NUL"):
        record_words("token", Record("a\0", "text", None), None, 0.0)
    for kind, key in (("to\0ken", "a"), ("token", "a\0")):
        note = Note(kind, key, "", 1.0)
        with pytest.raises(StoreError, match="NUL"):
            lease_words(replace(a_lease("a"), notes=(note,)), 0.0)
        with pytest.raises(StoreError, match="NUL"):
            asked_words(Asked((Looked(kind, key, expected=True),)))


def test_a_lease_of_before_there_were_sign_ins_or_budgets_needed_none() -> None:
    """A call that is up during an upgrade is held on."""
    lease = replace(a_lease("a"), sign_in="s")
    _, _, _, head, since, expires, holds, name = lease_words(lease, 0.0)[:8]
    assert name == "101\0s"
    old = json.loads(head)
    assert old.pop("sign_in") == "s"
    told = (json.dumps(old), since, expires, holds, "", "", "", "[]")
    assert lease_of([each.encode() for each in told], 0.0) == a_lease("a")


def test_a_budget_has_a_window_of_its_own() -> None:
    """No name in it can make it another's; and no digit of it is lost."""
    budget = Budget("day", "101", Unit.SPEND, 2**53 - 1, 3600)
    *_, terms, budgets, least, _ = lease_words(replace(a_lease("a"), budgets=(budget,)), 0.0)
    assert json.loads(budgets) == [["day", "101", "spend", f"{2**53 - 1}", 3600, False, ""]]
    assert (json.loads(terms), least) == ([0, 1, charge_id("a", ROME, NODE, 0.0)], "1")
    for each in (replace(budget, limit="a\0b"), replace(budget, key="a\0b")):
        with pytest.raises(StoreError, match="NUL"):
            lease_words(replace(a_lease("a"), budgets=(each,)), 0.0)
        charge = Charge(*each.window, "id", 1, 10.0, 10, 10)
        with pytest.raises(StoreError, match="NUL"):
            charge_words(charge, 0.0)


def test_a_call_that_asks_nothing_besides_sends_nothing() -> None:
    """Else each call would have a list read that is empty."""
    assert asked_words(NOTHING_ASKED) == asked_words(Asked()) == ""
    assert json.loads(asked_words(Asked((Looked("brake", "site", expected=False),)))) == [
        [["brake", "site", False]],
        [],
    ]


def test_nothing_is_not_an_empty_value() -> None:
    """Both are kept apart."""
    assert [optional(each) for each in (None, "", "x", b"\xff", 0)] == [
        *(b"", b"=", b"=x", b"=\xff", b"=0"),
    ]
