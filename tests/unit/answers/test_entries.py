"""`entries`: rules and limits, and what numbers they and the traps speak of."""

from __future__ import annotations

from fastagi.answers.entries import destinations_of, entries
from tests.unit.policy.samples import policy_of

TEXT = """
[[rule]]
name = "a"
to = ["prefix:+39"]
then = "deny"
[[rule]]
name = "b"
then = "allow"
[[limit]]
name = "l"
per = "site"
to = ["premium"]
calls = 2
[honeypot]
to = ["prefix:+88"]
"""


def test_all_that_has_a_scope_is_found_in_order() -> None:
    """Traps have no scope, but numbers."""
    policy = policy_of(TEXT)
    assert [each.name for each in entries(policy)] == ["a", "b", "l"]
    found = [each.text for each in destinations_of(policy)]
    assert found == [("prefix:+39",), ("premium",), ("prefix:+88",)]
    assert list(destinations_of(policy_of())) == []
