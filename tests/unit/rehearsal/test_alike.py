"""One decision for all extensions that a policy knows no more of than of one another."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fastagi.call.asked import notes_of
from fastagi.policy.asking import question_of
from fastagi.policy.decision import decide
from fastagi.policy.model import Facts, Reason, Request, Stage, Verdict
from fastagi.rehearsal.alike import (
    ALL_IS_WELL,
    NOBODY,
    Alike,
    Grounds,
    Known,
    charged_to,
    decision_for,
    kind_of,
)
from tests.unit.rehearsal.conftest import (
    ABROAD,
    MOBILE,
    MONDAY,
    NATIONAL,
    NOTHING,
    SATELLITE,
    TEXT,
    policy_of,
)

if TYPE_CHECKING:
    from fastagi.policy.model import Policy

EVERY_KEY = """
[[limit]]
name = "own"
per = "extension"
calls = 2
attempts = 9
minutes = 90
numbers = 5
within = "24h"

[[limit]]
name = "callers"
per = "site"
extensions = 3
within = "24h"

[[limit]]
name = "to-one"
per = "number"
calls = 3

[[limit]]
name = "of-a-class"
per = "class"
calls = 30
"""

EXTENSIONS = ("101", "102", "109", "201", "299", "777", "no/body", "")
DIALLED = (MOBILE, NATIONAL, ABROAD, NOTHING, SATELLITE, "201", "299", "999")


@pytest.fixture(scope="module")
def policy(tmp_path_factory: pytest.TempPathFactory) -> Policy:
    """A policy that counts by whatever there is to count by."""
    folder = tmp_path_factory.mktemp("alike")
    return policy_of(folder, TEXT + EVERY_KEY)


def request_of(policy: Policy, extension: str, dialled: str, at: float = MONDAY) -> Request:
    """Return what is put to the policy."""
    moment = datetime.fromtimestamp(at, policy.site.timezone)
    return Request(extension, policy.plan.read(dialled), moment)


@given(
    first=st.sampled_from(EXTENSIONS),
    other=st.sampled_from(EXTENSIONS),
    dialled=st.sampled_from(DIALLED),
    known=st.builds(
        Known,
        locked_out=st.booleans(),
        signed_in=st.booleans(),
        known_country=st.booleans(),
        over=st.sampled_from([frozenset[str](), frozenset({"few-abroad"})]),
        braked=st.sampled_from([None, *Stage]),
        overridden=st.booleans(),
    ),
)
def test_extensions_of_one_kind_differ_in_nothing_but_their_name(
    policy: Policy, first: str, other: str, dialled: str, known: Known
) -> None:
    """What was decided for one, with the other's name in it, is what is decided for the other."""
    if kind_of(policy, first) != kind_of(policy, other):
        return
    alike = Alike(policy, request_of(policy, first, dialled), Grounds())
    request = request_of(policy, other, dialled)
    facts = Facts(
        locked_out=known.locked_out,
        signed_in=known.signed_in,
        known_country=known.known_country,
        over=known.over,
        braked=known.braked,
        overridden=known.overridden,
    )
    assert decision_for(other, alike.ground(known).decision) == decide(policy, request, facts)
    question = question_of(policy, request)
    assert set(alike.novel) == question.novel
    assert tuple(charged_to(other, each) for each in alike.budgets) == question.budgets
    assert len(alike.leaves) == len(notes_of(policy, other, request.number, 0.0))


def test_every_key_is_tried(policy: Policy) -> None:
    """The property above speaks of names that stand in slots, in budgets and in items."""
    decision = decide(policy, request_of(policy, "101", MOBILE), Facts())
    assert decision.verdict is Verdict.ALLOW
    nobody = decision_for(NOBODY, decision)
    assert nobody != decision
    assert decision_for("101", nobody) == decision
    assert {each.key for each in nobody.claims if each.limit == "own"} == {NOBODY}
    assert {each.item for each in decision.budgets if each.limit == "callers"} == {"101"}
    assert {each.item for each in nobody.budgets if each.limit == "callers"} == {NOBODY}


def test_a_decision_without_a_name_stays_the_same_one(policy: Policy) -> None:
    """There is nothing to fill in."""
    decision = decide(policy, request_of(policy, "101", SATELLITE), Facts())
    assert decision_for("102", decision) is decision


def test_kinds(policy: Policy) -> None:
    """Phones of a class, traps, strangers and what is no endpoint are of different kinds."""
    assert kind_of(policy, "101") == kind_of(policy, "102")
    kinds = {kind_of(policy, each) for each in ("101", "299", "777", "no/body")}
    assert len(kinds) == 4


def test_numbers_that_come_to_the_same_share_it(policy: Policy) -> None:
    """Decisions are equal: then they are one, and so is what is made of it for each extension."""
    grounds = Grounds()
    first, second = (
        Alike(policy, request_of(policy, extension, SATELLITE), grounds).ground(ALL_IS_WELL)
        for extension in ("101", "102")
    )
    assert first is second
    assert first.decision.reason is Reason.RULE


def test_each_thing_that_is_known_is_decided_once(policy: Policy) -> None:
    """It is found again; what the policy does not speak of makes no difference."""
    alike = Alike(policy, request_of(policy, "101", NATIONAL), Grounds())
    assert alike.ground(Known()) is alike.ground(ALL_IS_WELL)
    assert alike.ground(Known(known_country=False)) is alike.ground(ALL_IS_WELL)
    locked = alike.ground(Known(locked_out=True))
    assert locked is not alike.ground(ALL_IS_WELL)
    assert locked.decision.reason is Reason.LOCKED_OUT
