"""A reason becomes a cause and a prompt."""

from __future__ import annotations

import pytest

from fastagi.call.channel import Variable
from fastagi.call.ending import refused
from fastagi.call.refuse import refusal
from fastagi.policy.model import Prompt, Reason
from fastagi.stores.store import FailureKind, Lockout, SubjectKind


@pytest.mark.parametrize(
    ("reason", "cause"),
    [
        (Reason.RULE, "21"),
        (Reason.LIMIT_REACHED, "21"),
        (Reason.INVALID_NUMBER, "1"),
        (Reason.STORE_DOWN, "41"),
        (Reason.BUSY, "41"),
        (Reason.FAILED, "41"),
    ],
)
def test_a_reason_becomes_a_cause(reason: Reason, cause: str) -> None:
    """A policy's no, a number that is none, and trouble of ours sound different to a phone."""
    told = refusal(refused(reason, "r"), "1.1", "4071", {})
    assert told[Variable.CAUSE] == cause


@pytest.mark.parametrize("reason", [Reason.STORE_DOWN, Reason.FAILED])
def test_what_may_have_taken_a_slot_is_released_by_the_handler(reason: Reason) -> None:
    """A store that was too slow may have taken the slot after all."""
    assert refusal(refused(reason, "r"), "1.1", "4071", {})[Variable.CALL] == ""


@pytest.mark.parametrize(
    ("failure", "own", "heard"),
    [
        (FailureKind.CODE, {}, "confbridge-pin-bad"),
        (FailureKind.NUMBER, {}, "feature-not-avail-line"),
        (FailureKind.NUMBER, {Reason.LOCKED_OUT: "custom/locked"}, "custom/locked"),
        (None, {}, "confbridge-pin-bad"),
    ],
)
def test_whoever_is_locked_out_for_numbers_hears_nothing_of_pins(
    failure: FailureKind | None, own: dict[Prompt | Reason, str], heard: str
) -> None:
    """What is told to the dialplan is the same."""
    lockout = None
    if failure is not None:
        lockout = Lockout("office", SubjectKind.EXTENSION, "101", 0.0, 60.0, 1, failure)
    told = refusal(refused(Reason.LOCKED_OUT, "r"), "1.1", "40", own, lockout)
    assert told[Variable.PROMPT].split("&")[0] == heard
    assert told[Variable.REASON] == "locked-out"


def test_a_refusal_tells_all_and_the_verdict_last() -> None:
    """Nothing of it could be dialled."""
    told = refusal(refused(Reason.RULE, "r"), "1.1", "40", {Reason.RULE: "custom/no"})
    assert list(told.items()) == [
        (Variable.REASON, "rule"),
        (Variable.RULE, "r"),
        (Variable.REF, "40"),
        (Variable.CAUSE, "21"),
        (Variable.PROMPT, "custom/no&number&digits/4&digits/0"),
        (Variable.CALL, "1.1"),
        (Variable.VERDICT, "DENY"),
    ]
