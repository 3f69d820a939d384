"""`sequence_document`: what a sequence may say."""

from __future__ import annotations

from decimal import Decimal

import pytest
from pydantic import ValidationError

from fastagi.policy.model import Factor, Stage, Then
from fastagi.policy.sequence_document import (
    TIMES_MAX,
    DialTable,
    Keys,
    OutcomeTable,
    SequenceTable,
    StepTable,
)


def _message(error: ValidationError) -> str:
    (detail,) = error.errors()
    return str(detail.get("ctx", {}).get("error", detail["msg"]))


def test_a_call_can_say_everything_about_itself() -> None:
    """What it leaves out is as the sequence says for all."""
    call = DialTable.model_validate(
        {
            "from": "101",
            "dial": "999",
            "address": "::1",
            "transport": "wss",
            "trunk": "carrier",
            "keys": "pin",
            "rings": "20s",
            "talks": "5m",
            "name": "first",
        }
    )
    assert (call.from_, call.keys, call.rings, call.talks) == ("101", Keys.PIN, 20, 300)
    assert DialTable.model_validate({}).model_fields_set == set()


def test_an_expectation_can_say_how_it_was_in_the_end() -> None:
    """In the words of cases, and a few of its own."""
    expect = OutcomeTable.model_validate(
        {
            "verdict": "deny",
            "asked": ["pin", "totp"],
            "brake": "class",
            "talked": "30m",
            "cost": "1.50",
            "cut": True,
        }
    )
    assert (expect.verdict, expect.asked) == (Then.DENY, [Factor.PIN, Factor.TOTP])
    assert (expect.brake, expect.talked, expect.cost) == (Stage.CLASS, 1800, Decimal("1.50"))


@pytest.mark.parametrize(
    ("table", "written", "message"),
    [
        (OutcomeTable, {"verdict": "pin"}, "say by `asked` what is asked for on the way"),
        (OutcomeTable, {"verdict": "dney"}, "`dney` is not how a call ends; did you mean `deny`?"),
        (DialTable, {"keys": "rigth"}, "`rigth` is no thing to key; did you mean `right`?"),
        (StepTable, {"times": 0}, "greater than or equal to 1"),
        (StepTable, {"times": TIMES_MAX + 1}, f"less than or equal to {TIMES_MAX}"),
        (SequenceTable, {"name": "a", "start": "2026-01-05T10:00:00", "step": []}, "at least 1"),
    ],
)
def test_what_cannot_be_is_refused(
    table: type[StepTable], written: dict[str, object], message: str
) -> None:
    """With what to write instead."""
    with pytest.raises(ValidationError) as refused:
        table.model_validate(written)
    assert message in _message(refused.value)
