"""`decision_log.record`: one line, complete, masked, not to be forged."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fastagi.decision_log.record import Record, line, masked
from fastagi.numbering.number import Category
from fastagi.policy.model import Factor, Reason, Stage, Then, Verdict

RECORD = Record(
    at=1767607800.25,
    site="office",
    call="1767607799.12",
    channel="PJSIP/101-00000007",
    extension="101",
    verdict=Verdict.DENY,
    reason=Reason.WRONG_CODE,
    rule="abroad",
    reference="4071",
    number="+390612345678",
    category=Category.INTERNATIONAL,
    country="IT",
    node="pbx1",
    address="10.0.0.5",
    trunk="carrier",
    asked=(Factor.PIN, Factor.TOTP),
    shown=frozenset({Factor.TOTP, Factor.PIN}),
    waited_s=12.34567,
    seconds=1800,
    policy="0123456789ab",
    shadows=(("stricter", Then.DENY),),
    over=("ten-at-a-time",),
    price=350_000,
    reserved=10_500_000,
    currency="GBP",
    crossed=("a-day",),
    brakes=((Stage.EXTENSION, "101"), (Stage.SITE, "")),
    evidence=(("guessed", "41 wrong passwords"),),
)


def test_a_line_says_everything() -> None:
    """Keys and their order are a format that others read: this test changes only by addition."""
    assert line(RECORD, 4) == (
        '{"time":"2026-01-05T10:10:00.250Z","site":"office","node":"pbx1",'
        '"call":"1767607799.12","channel":"PJSIP/101-00000007","extension":"101",'
        '"address":"10.0.0.5","trunk":"carrier","number":"+39061234xxxx",'
        '"category":"international","country":"IT","verdict":"deny","rule":"abroad",'
        '"reason":"wrong-code","reference":"4071","asked":["pin","totp"],'
        '"shown":["pin","totp"],"waited_s":12.346,"seconds":1800,"policy":"0123456789ab",'
        '"shadows":[{"rule":"stricter","then":"deny"}],"over":["ten-at-a-time"],'
        '"without_store":false,"person":"","override":"",'
        '"price":"0.35","reserved":"10.50","cost":"","currency":"GBP","crossed":["a-day"],'
        '"brakes":[{"stage":"extension","name":"101"},{"stage":"site","name":""}],'
        '"evidence":[{"watch":"guessed","seen":"41 wrong passwords"}],"facts":null}\n'
    )


def test_what_never_became_known_is_empty() -> None:
    """A question that could not be read still leaves a line."""
    record = Record(
        at=0.0,
        site="",
        call="",
        extension="",
        verdict=Verdict.DENY,
        reason=Reason.BAD_QUESTION,
        rule="none",
        reference="0001",
    )
    entry = json.loads(line(record, 4))

    assert entry["time"] == "1970-01-01T00:00:00.000Z"
    assert entry["category"] == entry["number"] == ""
    assert entry["shown"] == entry["shadows"] == []


@pytest.mark.parametrize(
    ("number", "category", "mask", "shown"),
    [
        ("+390612345678", Category.INTERNATIONAL, 4, "+39061234xxxx"),
        ("+390612345678", Category.INTERNATIONAL, 0, "+390612345678"),
        ("118500", Category.PREMIUM, 4, "11xxxx"),
        ("123", Category.INVALID, 4, "xxx"),
        ("", None, 4, ""),
        ("*21#4711", Category.INVALID, 6, "*2x#xxxx"),
        ("malformed", None, 4, "malformed"),
        ("999", Category.EMERGENCY, 4, "999"),
        ("102", Category.INTERNAL, 4, "102"),
    ],
)
def test_the_last_digits_of_outside_numbers_are_not_shown(
    number: str, category: Category | None, mask: int, shown: str
) -> None:
    """Emergency and inside numbers are; words that stand for a number have no digits to hide."""
    assert masked(number, category, mask) == shown


@given(st.text(), st.text(), st.integers(0, 15))
def test_no_text_forges_a_line(extension: str, number: str, mask: int) -> None:
    """Whatever a caller chooses, it is one line of ASCII that reads back."""
    text = line(replace(RECORD, extension=extension, number=number), mask)

    assert text.isascii()
    assert text.isprintable() or text[:-1].isprintable()
    assert text.count("\n") == 1
    assert json.loads(text)["extension"] == extension
