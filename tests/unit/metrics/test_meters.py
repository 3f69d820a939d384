"""The list of metrics."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fastagi.metrics.meters import ANSWER_S, STEP_S
from tests.doubles.meters_in import all_of

if TYPE_CHECKING:
    from fastagi.metrics.meters import Meters

KNOWN_LABELS = {
    *("site", "limit", "version", "node", "alert", "currency"),  # the administrator's words
    *(
        "verdict",
        "reason",
        "category",
        "asked",
        "outcome",
        "kind",
        "operation",
        "sign",
        "stage",
        "then",
        "unit",
        "why",
    ),  # ours
}


def test_no_label_is_what_a_caller_can_choose(meters: Meters) -> None:
    """An extension, a number or an address would be a series each, and a thief has thousands."""
    assert {label for each in all_of(meters) for label in each._labelnames} == KNOWN_LABELS


def test_every_metric_is_ours_by_name(meters: Meters) -> None:
    """And says what it tells."""
    for each in all_of(meters):
        assert each._name.startswith("dialguard_")
        assert each._documentation.endswith(".")


def test_what_a_dead_store_may_cost_is_a_bucket() -> None:
    """Half a second is the bound that is promised, so it must be seen to hold."""
    assert 0.5 in ANSWER_S
    assert 0.5 in STEP_S
    assert [*ANSWER_S] == sorted(ANSWER_S)
    assert [*STEP_S] == sorted(STEP_S)
