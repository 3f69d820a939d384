"""What of a policy has a scope: its rules and its limits, and what numbers they speak of."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fastagi.policy.model import Limit, Policy, Rule
    from fastagi.policy.scope import Destinations


def entries(policy: Policy) -> tuple[Rule | Limit, ...]:
    """Return all rules, then all limits, in order."""
    return (*policy.rules, *policy.limits)


def destinations_of(policy: Policy) -> Iterator[Destinations]:
    """Return every `to` that a decision hangs on, those of traps among them."""
    for each in entries(policy):
        if each.scope.to is not None:
            yield each.scope.to
    if policy.honeypot.to is not None:
        yield policy.honeypot.to
