"""The proposal as a policy file."""

from __future__ import annotations

import tomllib
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fastagi.learning.proposal import Prices, propose
from fastagi.learning.suspects import Suspicion
from fastagi.learning.writing import SUSPICIONS_MAX, policy_text, suspicion_text, toml_value
from fastagi.numbering.number import Category
from tests.unit.learning.test_proposal import HABITS, SITE

if TYPE_CHECKING:
    from fastagi.learning.proposal import Proposal

SUSPICION = Suspicion("108", date(2026, 12, 12), 120, ("CU", "IQ"), "at night")


def _data(proposal: Proposal) -> dict[str, object]:
    return tomllib.loads(policy_text(proposal, "office", ()))


def test_what_is_not_known_is_not_written() -> None:
    """No prefix, no hours, no prices."""
    data = _data(propose(replace(SITE, outside_prefix="", internal=()), HABITS))
    assert data["site"] == {"name": "office", "country": "GB", "timezone": "Europe/London"}
    assert "rates" not in data
    assert data["hours"] == {"office": ["Mon-Fri 08:00-18:00"]}
    assert "hours" not in _data(propose(SITE, replace(HABITS, opening=())))
    priced = _data(propose(SITE, HABITS, Prices("r.csv", "GBP")))
    assert priced["rates"] == {"file": "r.csv", "currency": "GBP", "unknown": "3.00"}


def test_the_head_says_from_what_it_was_learnt_and_from_what_not() -> None:
    """A long list is cut."""
    text = policy_text(propose(SITE, HABITS), "office", [SUSPICION] * (SUSPICIONS_MAX + 2))
    assert text.startswith("# Learnt from 500 calls of 4 phones, 2026-10-01 to 2026-12-31.")
    assert text.count("120 calls of 108 to CU, IQ (at night)") == SUSPICIONS_MAX
    assert "# - and 2 more\n" in text


@pytest.mark.parametrize("name", ["\n[x]", "\u202e", "\x1b[2J"])
def test_a_caller_s_name_writes_no_lines(name: str) -> None:
    """Records hold what phones say of themselves."""
    text = suspicion_text(SUSPICION._replace(extension=name, calls=1))
    assert text.isprintable()
    assert "1 call of" in text
    policy_text(propose(SITE, HABITS), "office", [SUSPICION._replace(extension=name)])


@given(
    st.recursive(
        st.booleans() | st.integers(-(2**62), 2**62) | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.from_regex(r"\A[a-z]+\Z"), inner),
    )
)
def test_a_value_is_read_as_it_was_written(value: object) -> None:
    """Whatever is in it."""
    assert tomllib.loads(f"a = {toml_value(value)}") == {"a": value}


def test_a_word_is_text() -> None:
    """As categories are."""
    assert toml_value([Category.PAGER]) == '["pager"]'
