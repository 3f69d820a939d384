"""`scope`: a condition holds or not, and reads as it is written."""

from __future__ import annotations

import pytest

from fastagi.policy.scope import Condition


@pytest.mark.parametrize(
    ("condition", "names", "holds"),
    [
        (Condition("office"), {"office"}, True),
        (Condition("office"), set(), False),
        (Condition("office", negated=True), {"office"}, False),
        (Condition("office", negated=True), {"night"}, True),
    ],
)
def test_a_condition_holds_where_its_name_does(
    condition: Condition, names: set[str], holds: bool
) -> None:
    """`not` turns it round."""
    assert condition.holds(names) is holds


def test_a_condition_reads_as_it_is_written() -> None:
    """Messages show it as the policy has it."""
    assert str(Condition("office")) == "office"
    assert str(Condition("office", negated=True)) == "not office"
