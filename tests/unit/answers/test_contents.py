"""`contents`: what lists hold otherwise is told, and prices that are announced otherwise."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from fastagi.answers.contents import contents
from fastagi.answers.difference import differences
from fastagi.answers.written import Setting
from fastagi.numbering.prefixes import PrefixTable
from fastagi.rating.sheet import BLOCKED, ENDED
from tests.unit.answers.samples import NOW
from tests.unit.policy.samples import policy_of, rates_of
from tests.unit.rating.test_sheet import priced, sheet_of

if TYPE_CHECKING:
    from fastagi.policy.model import Policy

AT = NOW.timestamp()
LATER = int(datetime(2027, 1, 1, tzinfo=UTC).timestamp())


def _with(*prefixes: str) -> Policy:
    return replace(policy_of(), lists={"bad": PrefixTable(prefixes)})


def _told(before: Policy, after: Policy) -> list[tuple[str, str, str]]:
    return [(each.name, each.before, each.after) for each in contents(before, after, AT)]


def test_a_list_is_compared_by_what_it_holds() -> None:
    """Whoever asks for it: of the brake, no call tells."""
    assert _told(_with("39", "41"), _with("41", "39")) == []
    assert _told(_with("39", "4"), _with("39", "41", "42", "4")) == [
        ("lists.bad", "2 prefixes", "4 prefixes: +41…, +42… more")
    ]
    many = [f"+{each}" for each in range(411, 417)]
    assert _told(_with("39", *many), _with("40")) == [
        (
            "lists.bad",
            "7 prefixes",
            "1 prefixes: +40… more; +411…, +412…, +413… and 4 others fewer",
        )
    ]
    assert _told(policy_of(), _with("39")) == [("lists.bad", "(none)", "1 prefixes")]
    assert _told(_with("39"), policy_of()) == [("lists.bad", "1 prefixes", "(none)")]


def test_a_list_makes_policies_differ() -> None:
    """Where no call does."""
    found = differences(_with("39"), _with("41"), NOW, "882")
    assert found.calls == ()
    assert found.settings == (
        Setting("lists.bad", "1 prefixes", "1 prefixes: +41… more; +39… fewer"),
    )


def _priced(*entries: tuple[str, int, int]) -> Policy:
    return replace(policy_of(), rates=replace(rates_of({}), sheet=sheet_of(*entries)))


def test_prices_that_are_announced_are_compared() -> None:
    """Those of today are on calls, and those of the past on none."""
    today = priced("39", 1)
    assert _told(_priced(today), _priced(priced("39", 2), priced("41", 3, int(AT)))) == []
    assert _told(_priced(today), _priced(today, priced("39", 4, LATER))) == [
        (
            "rates.file",
            "(none)",
            "+39… 0.000004 for 60s, then 0.000004 for each 60s, from 2027-01-01 00:00 UTC",
        )
    ]
    ends = ("39", LATER, ENDED), ("41", LATER, BLOCKED)
    (_, gone, come), *others = _told(_priced(today, *ends), policy_of())
    assert gone == (
        "+39… no longer listed from 2027-01-01 00:00 UTC, "
        "+41… not served from 2027-01-01 00:00 UTC"
    )
    assert (come, others) == ("(none)", [])
    same = _priced(today, *ends), _priced(priced("39", 2), *ends)
    assert _told(*same) == []


def test_prices_that_are_announced_make_policies_differ() -> None:
    """Where no call does at the prices of today."""
    found = differences(
        _priced(priced("39", 1)), _priced(priced("39", 1), priced("39", 2, LATER)), NOW, "882"
    )
    assert found.calls == ()
    assert [each.name for each in found.settings] == ["rates.file"]
