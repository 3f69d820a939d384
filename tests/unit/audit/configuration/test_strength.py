"""`configuration.strength`: which secrets are none."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fastagi.audit.configuration.strength import weakness
from fastagi.audit.finding import Severity

NAMES = ("101", "Reception")


@pytest.mark.parametrize(
    ("secret", "severity", "what"),
    [
        ("", Severity.HIGH, "is empty"),
        ("101", Severity.HIGH, "is the name it guards"),
        ("reception", Severity.HIGH, "is the name it guards"),
        ("x9K2q", Severity.HIGH, "has fewer than 8 characters"),
        ("101101101", Severity.HIGH, "contains the name it guards, and little else"),
        ("secret-101", Severity.HIGH, "contains the name it guards, and little else"),
        ("password1234", Severity.HIGH, "is easily guessed"),
        ("112233445566", Severity.HIGH, "is easily guessed"),
        ("asterisk", Severity.HIGH, "is easily guessed"),
        ("change-me-too", Severity.MEDIUM, "is one of an example"),
        ("k9Xw2pQv", Severity.MEDIUM, "is guessed by whoever hears one log-in"),
    ],
)
def test_a_weak_secret_says_why(secret: str, severity: Severity, what: str) -> None:
    """Without saying itself."""
    found = weakness(secret, NAMES)
    assert found is not None
    assert (found.severity, found.what) == (severity, what)


@pytest.mark.parametrize(
    "secret",
    [
        "x7Kq9Lm2Pz4R",
        "7d0f1e5ac3b94826",
        "wobbly-lantern-ferry-quartz",
        "x7Kq9L101m2Pz4Rw",  # the extension by chance, and enough beside it
        "ü" * 3 + "Ж9ßq2ø4ñ7",
        "x7Kq9Lm2Pz4R" * 20,
    ],
)
def test_a_strong_secret_is_sound(secret: str) -> None:
    """Chosen by a program, or four words."""
    assert weakness(secret, NAMES) is None


@given(st.text(max_size=60), st.lists(st.text(max_size=10), max_size=3))
@settings(deadline=None, max_examples=50)
def test_no_secret_breaks_it_and_none_is_told(secret: str, names: list[str]) -> None:
    """What it says is one of few sentences."""
    found = weakness(secret, names)
    told = {
        "is empty",
        "is the name it guards",
        "is one of an example",
        "has fewer than 8 characters",
        "contains the name it guards, and little else",
        "is easily guessed",
        "is guessed by whoever hears one log-in",
    }
    assert found is None or found.what in told
