"""Every kind of finding is explained."""

from __future__ import annotations

import pytest

from fastagi.audit.finding import Kind
from fastagi.audit.report.catalogue import CATALOGUE


@pytest.mark.parametrize("kind", Kind)
def test_a_kind_says_what_it_is_why_and_what_to_do(kind: Kind) -> None:
    """In sentences; the title is a heading."""
    about = CATALOGUE[kind]
    assert about.title
    assert not about.title.endswith(".")
    assert about.why.endswith(".")
    assert about.cure.endswith(".")


def test_no_two_are_called_alike() -> None:
    """A list of rules tells them apart."""
    assert len({each.title for each in CATALOGUE.values()}) == len(Kind)
