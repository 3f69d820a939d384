"""Who may be called without asking."""

from __future__ import annotations

import pytest

from fastagi.audit.ways.emergency import is_settled
from fastagi.audit.ways.values import Value, unknown
from fastagi.emergency_dialplan import CONTEXT


@pytest.mark.parametrize(
    ("number", "context", "settled"),
    [
        (("112",), "phones", True),
        (("144",), "phones", True),
        (("145",), "phones", False),
        (("2222",), CONTEXT, True),
        (("2222",), "phones", False),
        (("0900123456",), CONTEXT, False),
        (("112", *unknown()), CONTEXT, False),
        (("112@x",), CONTEXT, False),
        ((), CONTEXT, False),
    ],
)
def test_emergencies_are_exact(number: Value, context: str, settled: bool) -> None:
    """Everywhere's, the country's, and in the context made for it the site's."""
    assert is_settled(number, context, {"144"}) is settled
