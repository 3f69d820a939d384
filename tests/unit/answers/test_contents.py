"""`contents`: what lists hold otherwise is told."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from fastagi.answers.contents import contents
from fastagi.answers.difference import differences
from fastagi.answers.written import Setting
from fastagi.numbering.prefixes import PrefixTable
from tests.unit.answers.samples import NOW
from tests.unit.policy.samples import policy_of

if TYPE_CHECKING:
    from fastagi.policy.model import Policy


def _with(*prefixes: str) -> Policy:
    return replace(policy_of(), lists={"bad": PrefixTable(prefixes)})


def _told(before: Policy, after: Policy) -> list[tuple[str, str, str]]:
    return [(each.name, each.before, each.after) for each in contents(before, after)]


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
