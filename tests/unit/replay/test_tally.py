"""A replay, added up into a report."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

from fastagi.replay.judged import Codes
from tests.doubles import leaked_month
from tests.unit.replay.samples import (
    GAMBIA,
    ITALY,
    a_call,
    moment,
    month,
    office,
    open_office,
    replayed,
)

if TYPE_CHECKING:
    from fastagi.replay.report import Report

NIGHT = moment("2026-12-12 23:00")


def _attack(report: Report) -> tuple[list[str], float, int]:
    (found,) = report.attacks
    return list(found.extensions), found.first, found.calls


def test_the_attack_hidden_in_the_month_is_found_to_the_call() -> None:
    """Extension, beginning, what stopped it, and what got out."""
    report = month()
    attack = leaked_month.attack()
    assert _attack(report) == (["109"], attack[0].at, len(attack))
    (found,) = report.attacks
    assert found.last == attack[-1].at
    assert found.stopped is not None
    assert (found.stopped.rule, found.stopped.reason) == ("abroad-at-night", "wrong-code")
    assert (found.stopped.after_s, found.stopped.calls, found.stopped.money) == (0, 0, 0)
    assert (found.out, found.refused) == (0, len(attack))
    assert found.was > 50_000_000_000


def test_an_open_policy_with_limits_stops_it_after_some_money() -> None:
    """So much got out by then, and so much in all."""
    report = replayed(leaked_month.month(), open_office())
    (found,) = report.attacks
    assert found.stopped is not None
    assert found.stopped.rule in {"two-at-a-time", "money-a-day", "abroad-a-day"}
    assert 0 < found.stopped.money <= found.out < found.was / 10
    assert found.stopped.calls == 2
    assert found.money[-1][1:] == (found.was, found.out)


def test_a_policy_that_stops_nothing_says_so() -> None:
    """All of the money got out."""
    attack = [each._replace(talked_s=60) for each in leaked_month.attack()[:3]]
    report = replayed(attack, open_office())
    (found,) = report.attacks
    assert found.stopped is None
    assert found.out == found.was


def test_thieves_who_can_show_codes_are_stopped_by_limits() -> None:
    """`--codes all` is for whoever wants to know what a stolen code would buy."""
    report = replayed(leaked_month.month(), codes=Codes.ALL)
    (found,) = report.attacks
    assert found.stopped is not None
    assert found.stopped.money > 0
    assert found.out > found.stopped.money


def test_sums_are_those_of_the_calls() -> None:
    """Every call once; what is legitimate and refused is told with whose it is."""
    report = month()
    total = report.parts.total
    assert total.calls == len(leaked_month.month())
    assert total.fraud == len(leaked_month.attack())
    assert (report.since, report.until) == (
        *(min(each.at for each in leaked_month.month()),),
        max(each.at for each in leaked_month.month()),
    )
    assert sum(each.refused for each in report.people) == total.legitimate
    assert len(report.legitimate) == min(10, total.legitimate)
    assert all(each.look == "legitimate" for each in report.legitimate)
    assert report.alone == 0


def test_what_looks_like_fraud_and_goes_through_is_listed() -> None:
    """Whatever the policy says of it."""
    report = replayed([a_call(NIGHT, GAMBIA)], open_office())
    assert [each.number for each in report.through] == ["+2203012310"]
    assert report.alone == 1
    assert not report.legitimate


def test_two_policies_are_told_apart() -> None:
    """What the one refuses and the other does not, both ways."""
    calls = [a_call(NIGHT, GAMBIA), a_call(NIGHT + 60, ITALY, extension="102")]
    here, there = (
        replayed(calls, policy, against=other)
        for policy, other in ((office(), open_office()), (open_office(), office()))
    )
    assert here.beside is not None
    assert there.beside is not None
    assert here.beside.only_here.total.refused == here.parts.total.refused > 0
    assert here.beside.only_there.total.calls == 0
    assert there.beside.only_there.total.refused == there.beside.total.refused > 0
    assert there.beside.only_here.total.calls == 0
    assert len(here.beside.examples_here) == here.beside.only_here.total.refused
    assert len(there.beside.examples_there) == there.beside.only_there.total.refused
    assert here.beside.only_here.rules.names


def test_a_report_of_no_call_is_one() -> None:
    """Nothing in it."""
    report = replayed([])
    assert (report.since, report.parts.total.calls, list(report.attacks)) == (None, 0, [])


def test_without_rates_nothing_has_a_price() -> None:
    """And it says so."""
    report = replayed([a_call()], dataclasses.replace(office(), rates=None))
    assert (report.currency, report.parts.total.unpriced) == ("", 1)
