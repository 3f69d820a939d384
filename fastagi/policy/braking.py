"""What the brake makes of a call while it is on: denied, or asked for more than rules do."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from fastagi.policy.model import Decision, Factor, Reason, Then, Verdict
from fastagi.policy.scope import APART

if TYPE_CHECKING:
    from fastagi.policy.model import Facts, Policy, Request, Stage
    from fastagi.policy.scope import Circumstances


def touches(policy: Policy, call: Circumstances) -> bool:
    """Tell whether the brake touches a call while it is on; never an inside or emergency one."""
    return call.number.category not in APART and any(policy.brake_index.fitting(call))


def braked(
    decision: Decision, policy: Policy, request: Request, facts: Facts, stage: Stage
) -> Decision:
    """Ask what the brake does besides; what is denied stays so.

    Only what is shown in this very call counts: what is remembered of before was shown before the
    brake was put on, or by whom nobody knows.
    """
    if policy.brake is None or decision.verdict is Verdict.DENY:
        return decision
    wanted = policy.brake.then.factors
    missing = [each for each in wanted if each not in facts.shown]
    if policy.brake.then is Then.DENY or (missing and request.transferred):
        return Decision(
            Verdict.DENY, "brake", Reason.BRAKED, shadows=decision.shadows, brake=stage
        )
    asks = tuple(each for each in Factor if each in missing or each in decision.asks)
    if not asks:
        return replace(decision, brake=stage)
    return replace(
        decision, verdict=Verdict.CHALLENGE, reason=Reason.CHALLENGE, asks=asks, brake=stage
    )
