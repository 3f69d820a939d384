"""Operators are told of an attack, and not of each of its events."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from fastagi.lookout import telling
from fastagi.lookout.telling import AGAIN_S, LINES_A_MINUTE, Telling, Weight, name_of, weight_of
from fastagi.signs.sign import Per, Sign
from tests.unit.lookout.samples import Counted, evidence

if TYPE_CHECKING:
    from structlog.typing import EventDict

SPOOFED = evidence(Sign.ENUMERATION, Per.ADDRESS, "198.51.100.1", account="", proven=False)


@pytest.mark.parametrize(
    ("what", "weight"),
    [
        (evidence(Sign.SUCCESS_AFTER_GUESSING), Weight.BREACH),
        (evidence(Sign.SUCCESS_AFTER_GUESSING, proven=False), Weight.BREACH),
        (evidence(Sign.HONEYPOT, Per.ADDRESS, "203.0.113.9"), Weight.TRAP),
        (evidence(Sign.HONEYPOT, name="666", account="666"), Weight.TRAP),
        (evidence(Sign.HONEYPOT, proven=False), Weight.TRAP),
        (evidence(Sign.HONEYPOT, Per.ADDRESS, "203.0.113.9", proven=False), Weight.ANYBODY),
        (evidence(proven=False), Weight.ACCOUNT),
        (evidence(Sign.NEW_ADDRESS), Weight.ACCOUNT),
        (evidence(Sign.GUESSING, Per.ADDRESS, "203.0.113.9"), Weight.SOMEBODY),
        (SPOOFED, Weight.ANYBODY),
    ],
)
def test_evidence_weighs(what: object, weight: Weight) -> None:
    """What nobody can make up weighs more."""
    assert weight_of(what) is weight  # type: ignore[arg-type]  # as parametrised


def test_of_one_subject_it_is_told_once_in_a_while() -> None:
    """Or as soon as there is ten times as much."""
    tells = Telling(Counted().dropped)
    assert tells.is_news(evidence(), 0.0)
    assert not tells.is_news(evidence(count=99), AGAIN_S - 1)
    assert tells.is_news(evidence(count=100), AGAIN_S - 1)
    assert not tells.is_news(evidence(count=101), AGAIN_S + 1)
    assert tells.is_news(evidence(name="102"), AGAIN_S + 1)
    assert tells.is_news(evidence(), 2 * AGAIN_S)


def test_a_flood_is_told_at_a_pace_and_takes_no_line_of_what_is_heavier(
    told: list[EventDict],
) -> None:
    """What was not told is counted, and said with what is told next."""
    meter = Counted()
    tells = Telling(meter.dropped)
    for number in range(1000):
        tells.tell(replace(SPOOFED, name=f"198.51.100.{number}"), ["tell"], 0.0, shadow=False)
    assert len(told) == LINES_A_MINUTE
    assert meter.drops == {"untold": 1000 - LINES_A_MINUTE}
    tells.tell(evidence(Sign.SUCCESS_AFTER_GUESSING), ["step-up"], 1.0, shadow=True)
    last = told[-1]
    assert (last["event"], last["log_level"]) == ("attack-seen", "warning")
    assert (last["extension"], last["then"], last["shadow"]) == ("101", ["step-up"], True)
    assert last["untold"] == 1000 - LINES_A_MINUTE
    tells.tell(SPOOFED, ["tell"], 61.0, shadow=False)
    assert told[-1]["name"] == "198.51.100.1"


def test_who_touches_traps_takes_no_line_of_a_break_in(told: list[EventDict]) -> None:
    """Nor one of what is about an extension: each weighs more, and traps are lighter than both."""
    tells = Telling(Counted().dropped)
    for number in range(LINES_A_MINUTE + 1):
        touched = evidence(Sign.HONEYPOT, Per.ADDRESS, f"198.51.100.{number}", account="")
        tells.tell(touched, ["tell"], 0.0, shadow=False)
    assert len(told) == LINES_A_MINUTE
    tells.tell(evidence(), ["tell"], 1.0, shadow=False)
    tells.tell(evidence(Sign.SUCCESS_AFTER_GUESSING), ["step-up"], 1.0, shadow=False)
    assert [each["sign"] for each in told[LINES_A_MINUTE:]] == [
        "guessing",
        "success-after-guessing",
    ]
    assert Weight.TRAP < Weight.ACCOUNT < Weight.BREACH


def test_who_has_many_addresses_of_one_network_is_one_subject() -> None:
    """Of IPv6 a /64; of IPv4 each is somebody, and so is an account whatever its name."""
    tells = Telling(Counted().dropped)
    six = evidence(Sign.GUESSING, Per.ADDRESS, "2001:db8::1", account="")
    assert tells.is_news(six, 0.0)
    assert not tells.is_news(replace(six, name="2001:db8::2"), 1.0)
    assert tells.is_news(replace(six, name="2001:db8:0:1::1"), 1.0)
    assert tells.is_news(replace(six, name="203.0.113.9"), 1.0)
    assert tells.is_news(replace(six, name="203.0.113.10"), 1.0)
    named = [
        name_of(replace(six, name=name, per=per))
        for name, per in (
            ("2001:db8::1", Per.ADDRESS),
            ("2001:db8::1", Per.ACCOUNT),
            ("no:address", Per.ADDRESS),
        )
    ]
    assert named == ["2001:db8::/64", "2001:db8::1", "no:address"]


def test_what_an_attacker_chooses_is_cut(told: list[EventDict]) -> None:
    """It stands in one line of JSON."""
    tells = Telling(Counted().dropped)
    tells.tell(evidence(name="x" * 500, account="y" * 500), ["tell"], 0.0, shadow=False)
    assert (len(told[0]["name"]), len(told[0]["extension"])) == (80, 80)


def test_subjects_without_end_take_no_memory_without_end(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who was told of last is remembered; and each weight has places of its own."""
    monkeypatch.setattr(telling, "SUBJECTS_MOST", 10)
    tells = Telling(Counted().dropped)
    assert tells.is_news(evidence(), 0.0)
    for number in range(1000):
        assert tells.is_news(replace(SPOOFED, name=str(number)), 0.0)
    assert not tells.is_news(replace(SPOOFED, name="999"), 1.0)
    assert not tells.is_news(evidence(), 1.0)
    assert [len(each) for each in tells._told.values()] == [10, 0, 0, 1, 0]
