"""`document`: what each table may hold, and nothing else."""

from __future__ import annotations

import pytest
from pydantic import TypeAdapter, ValidationError

from fastagi.policy import document
from fastagi.policy.model import Challenge, Lockout, Per, Then
from fastagi.policy.scope import Transport


def test_tables_left_empty_are_as_the_model_says() -> None:
    """The defaults of the file are those of the code."""
    lockout = document.LockoutTable.model_validate({})
    assert (lockout.wrong, lockout.invalid) == (Lockout().wrong, Lockout().invalid)
    assert (lockout.for_, lockout.at_most) == (Lockout().for_s, Lockout().at_most_s)
    challenge = document.ChallengeTable.model_validate({})
    assert Challenge(challenge.answer, challenge.tries, challenge.wait) == Challenge()


def test_words_are_read_into_the_model() -> None:
    """A rule and a limit as written become their values."""
    rule = document.RuleTable.model_validate(
        {"name": "a", "to": ["premium"], "transport": ["wss"], "then": "pin+totp"}
    )
    assert (rule.then, rule.transport, rule.to[0].text) == (
        Then.PIN_TOTP,
        [Transport.WSS],
        "premium",
    )
    limit = document.LimitTable.model_validate({"name": "l", "per": "site", "calls": 2})
    assert limit.per is Per.SITE
    assert TypeAdapter(document.ClassPatterns).validate_python(["1XX"])[0].text == "1XX"


def test_a_text_describes_itself_to_editors() -> None:
    """As it is written, not as what it becomes."""
    within = document.LimitTable.model_json_schema()["properties"]["within"]
    assert within["description"] == "a time that rolls, such as `24h`"
    text, _ = within["anyOf"]
    assert (text["type"], text["description"]) == (
        "string",
        "such as `45s`, `30m`, `24h`, `2h30m`",
    )


@pytest.mark.parametrize(
    ("table", "written"),
    [
        (document.RuleTable, {"name": "a", "then": "allow", "form": []}),
        (document.RuleTable, {"name": "a", "then": 1}),
        (document.RuleTable, {"name": "a", "then": "allow", "shadow": "yes"}),
        (document.RuleTable, {"name": "a", "then": "allow", "from": []}),
        (document.LimitTable, {"name": "l", "calls": "2"}),
        (document.LimitTable, {"name": "l", "calls": True}),
        (document.LimitTable, {"name": "l", "calls": 2.0}),
        (document.LimitTable, {"name": "l", "spend": 20.0}),
    ],
)
def test_nothing_is_bent_to_fit(table: type[document.Table], written: object) -> None:
    """An unknown key, a text for a number, a number for a text: refused, not repaired."""
    with pytest.raises(ValidationError):
        table.model_validate(written)
