"""A replay in words."""

from __future__ import annotations

import dataclasses

import pytest

from fastagi.replay import text
from fastagi.replay.report import Person, Report, Stopped, Sums
from tests.unit.replay.samples import (
    AT_HOME,
    GAMBIA,
    ITALY,
    a_call,
    hostile,
    moment,
    month,
    office,
    replayed,
)

NIGHT = moment("2026-12-12 23:00")


def said(report: Report) -> str:
    """Return all of it."""
    return "\n".join(line for line, _ in text.lines(report))


def test_the_month_in_words() -> None:
    """What a person reads first: how many, whose, the attack, by what."""
    lines = said(month()).splitlines()
    assert lines[0] == "What this policy would have done to the calls of office"
    assert "10,809 calls from Tue 2026-12-01" in lines[1]
    assert lines[2].startswith(
        "  835 refused (7.7 %), 155 asked for a code and let through (1.4 %)"
    )
    assert lines[3] == "  of those refused 26 look legitimate, 0 are unclear, 809 look like fraud"
    assert lines[4].startswith("  the calls cost 89,")
    assert "These people would have phoned you on Monday:" in lines
    assert any(line.startswith("  109: 26 refused") for line in lines)
    attack = next(each for each in lines if each.startswith("Attack from extension 109"))
    assert "to Mon 2026-12-14 06:55:36: 809 calls to PG, MV, GM, BI, …, 89,630.75 GBP" in attack
    after = lines[lines.index(attack) + 1]
    assert after == (
        "  Its first call would have been refused by `abroad-at-night` (wrong-code); in all "
        "0.00 GBP would have got out."
    )
    assert any(line.startswith("  locked-out       817 refused") for line in lines)
    assert any(line.startswith("Beside ") for line in lines)


def test_nothing_to_tell_is_told_in_a_few_lines() -> None:
    """Nobody is hurt, nothing looks like an attack."""
    report = replayed([a_call(dialled=AT_HOME)])
    lines = said(report)
    assert "1 as they were" in lines
    assert "phoned you" not in lines
    assert "nobody whose calls look legitimate" not in lines
    assert "Nothing in these calls looks like an attack." in lines
    asked = said(replayed([a_call(dialled=ITALY)]))
    assert "nobody whose calls look legitimate would have been refused or cut" in asked


def test_no_call_is_no_report() -> None:
    """It says so."""
    assert said(replayed([])).endswith("No call.")


def test_without_rates_it_says_that_nobody_knows() -> None:
    """Instead of nought."""
    lines = said(replayed([a_call()], dataclasses.replace(office(), rates=None)))
    assert "the policy has no `[rates]`" in lines
    assert "GBP" not in lines


def test_how_an_attack_was_stopped() -> None:
    """At its first call, later, or never."""
    report = month()
    (attack,) = report.attacks
    stopped = Stopped(attack.first + 200, 200, 2, 5_000_001, "two-at-a-time", "limit-reached")
    told = text.attack(
        report,
        dataclasses.replace(
            attack,
            stopped=stopped,
            out=7_000_000,
            through=3,
            last_through=attack.first + 7200,
            other_out=9_000_000,
        ),
    )
    assert told[1] == (
        "`two-at-a-time` would have refused a call of it first 3.3 min after it began, after "
        "2 calls and 5.01 GBP (limit-reached); in all 7.00 GBP would have got out, by 3 calls, "
        "the last 2 h after it began."
    )
    assert told[2].endswith("office.toml 9.00 GBP would have got out.")
    told = text.attack(report, dataclasses.replace(attack, stopped=None, out=attack.was))
    assert told[1].startswith("No call of it would have been refused; 89,")
    several = dataclasses.replace(attack, extensions=["101", "102", "103"], countries=[])
    told = text.attack(dataclasses.replace(report, currency=""), several)
    assert told[0].startswith("Attack from extension 101 and 2 more, ")
    assert told[0].endswith("809 calls to nowhere known")


def test_what_is_beyond_is_told() -> None:
    """People, attacks, lonely calls, records."""
    report = dataclasses.replace(
        month(), people_beyond=1200, attacks_beyond=3, alone=1, skipped={"inbound": 7}, retries=2
    )
    lines = said(report)
    assert "and 1,200 more" in lines
    assert "and 3 more attacks that cost less" in lines
    assert "1 call besides look like fraud" in lines
    assert lines.endswith("Not counted: 7 inbound, 2 asked for their next trunk.")


def test_whose_hours_were_taken() -> None:
    """The policy's, or the usual ones."""
    assert text.hours(month()) == "Office hours are those of `office` in the policy."
    assert "8 to 18" in text.hours(dataclasses.replace(month(), hours=""))


def test_who_is_only_asked_for_a_code_is_not_hurt() -> None:
    """And a person is told in a line."""
    asked = Person("101", 0, 0, 3, ["abroad"], [])
    cut = Person("102", 0, 1, 0, ["longest-dear"], [])
    report = dataclasses.replace(month(), people=[cut, asked])
    assert text.hurt(report) == [cut]
    assert text.person(asked) == "101: 3 asked for a code (by abroad)"
    assert text.person(cut) == "102: 1 cut short (by longest-dear)"


@pytest.mark.parametrize(
    ("sums", "words"),
    [
        (Sums(), "nothing changed"),
        (Sums(calls=3, refused=2, legitimate=1), "2 refused, 1 of them legitimate by their looks"),
        (Sums(calls=3, stepped_up=1, cut=2), "1 asked for a code, 2 cut short"),
    ],
)
def test_what_came_of_calls(sums: Sums, words: str) -> None:
    """As far as anything did."""
    assert text.changes(sums) == words


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0, "0 s"), (119, "119 s"), (120, "2 min"), (200, "3.3 min"), (7200, "2 h")],
)
def test_how_long_something_took(seconds: int, words: str) -> None:
    """In the unit that fits."""
    assert text.lasting(seconds) == words


def test_figures() -> None:
    """What is not nothing never reads as nothing."""
    assert text.share(1, 100_000) == "under 0.1 %"
    assert text.share(0, 0) == "0 %"
    assert text.money(1, "GBP") == "0.01 GBP"
    assert text.money(None, "GBP") == "unknown"
    assert text.money(1_234_560_000, "") == "1,234.56"


def test_an_example_of_an_unknown_price_says_so() -> None:
    """It is no nought."""
    report = replayed([a_call(NIGHT, GAMBIA)], against=office())
    assert report.beside is not None
    shown = dataclasses.replace(month().beside.examples_here[0], was=None)  # type: ignore[union-attr] # it has one
    beside = dataclasses.replace(report.beside, examples_here=[shown])
    assert "price unknown" in said(dataclasses.replace(report, beside=beside))


def test_what_a_caller_calls_himself_moves_no_cursor() -> None:
    """Whatever is in the records."""
    report = hostile("\x1b[2J")
    unsafe = dataclasses.replace(report, policy="p", site="s", hours="h", skipped={})
    assert report.beside is not None
    beside = dataclasses.replace(report.beside, policy="q")
    assert "\x1b" not in said(dataclasses.replace(unsafe, beside=beside))
