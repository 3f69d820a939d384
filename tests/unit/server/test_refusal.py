"""The words for a refusal."""

from __future__ import annotations

from fastagi.server.refusal import Refusal, Refused


def test_the_words_are_stable() -> None:
    """Logs, counters and dashboards hang on them."""
    assert {str(each) for each in Refusal} == {
        "peer-not-allowed",
        "peer-shut-out",
        "too-many-sessions",
        "too-many-sessions-of-peer",
        "too-many-connections-of-peer",
        "too-many-sessions-of-site",
        "too-many-connections-of-site",
        "silent",
        "odd",
        "bad-question",
        "bad-token",
        "foreign-site",
    }


def test_a_refusal_is_a_value() -> None:
    """Two that are the same are equal."""
    refused = Refused(Refusal.ODD, "10.0.0.5", "a reply came when nothing was asked")
    assert refused == Refused(Refusal.ODD, "10.0.0.5", "a reply came when nothing was asked")
