"""Failures in memory answer what the contract of stores, written down plainly, answers."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from fastagi.rehearsal.failures import Failures
from fastagi.stores.store import (
    Attempt,
    FailureKind,
    Lockout,
    Penalty,
    Subject,
    SubjectKind,
)
from tests.contract.naive_store import NaiveStore

PENALTY = Penalty(10, 60)
PHONE = Subject(SubjectKind.EXTENSION, "101", 2)
OTHER = Subject(SubjectKind.EXTENSION, "102", 3)
PLACE = Subject(SubjectKind.ADDRESS, "10.0.0.5", 3)
WHOM = ((PHONE,), (OTHER,), (PHONE, PLACE), (OTHER, PLACE))

STEPS = st.lists(
    st.tuples(
        st.sampled_from((0, 0, 1, 7, 25, 90)),
        st.sampled_from(WHOM),
        st.sampled_from(FailureKind),
        st.sampled_from(("wrong", "right", "right, with less", "tidy")),
    ),
    max_size=40,
)


@given(STEPS)
def test_as_the_contract_has_it(
    steps: list[tuple[int, tuple[Subject, ...], FailureKind, str]],
) -> None:
    """Whoever guesses what, the same are locked out, for as long."""
    failures, store, now = Failures(PENALTY), NaiveStore(), 1_000.0
    for pause_s, whom, kind, what in steps:
        now += pause_s
        begun = failures.begin(whom, kind, now)
        attempt = store.begin_attempt("site", whom, kind, PENALTY, now)
        assert (begun is None) == isinstance(attempt, Lockout)
        if begun is not None and isinstance(attempt, Attempt):
            locked = {each.name for each in store.lockouts("site", now)}
            assert set(begun.locked_out) <= locked
            if what.startswith("right"):
                failures.succeed(begun, now, anew=what == "right")
                store.succeed(attempt, now, anew=what == "right")
        if what == "tidy":
            failures.tidy(now)
        out = {
            each.name for each in store.lockouts("site", now) if each.kind is SubjectKind.EXTENSION
        }
        assert {each for each in ("101", "102") if failures.is_locked_out(each, now)} == out


def test_nobody_is_locked_out_at_first() -> None:
    """Of whom nothing is known is not locked out; taking a guess back twice changes nothing."""
    failures = Failures(PENALTY)
    assert not failures.is_locked_out("101", 0.0)
    begun = failures.begin((PHONE,), FailureKind.CODE, 0.0)
    assert begun is not None
    failures.succeed(begun, 0.0, anew=False)
    failures.succeed(begun, 0.0, anew=True)
    failures.tidy(0.0)
    assert not failures.is_locked_out("101", 0.0)


def test_an_address_is_locked_out_by_itself() -> None:
    """Guesses at several phones from one place lock the place out, and none of the phones."""
    failures = Failures(PENALTY)
    for name in ("101", "102", "103"):
        phone = Subject(SubjectKind.EXTENSION, name, 5)
        begun = failures.begin((phone, PLACE), FailureKind.CODE, 0.0)
        assert begun is not None
        assert begun.locked_out == ()
    assert failures.begin((PHONE, PLACE), FailureKind.CODE, 1.0) is None
    assert not failures.is_locked_out("101", 1.0)
    assert failures.begin((PHONE,), FailureKind.CODE, 1.0) is not None
