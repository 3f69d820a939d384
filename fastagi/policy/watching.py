"""What comes of a call of an extension that a watch saw an attack on: denied, or asked for more.

It only ever makes a decision stricter.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from fastagi.policy.matching import places
from fastagi.policy.model import Decision, Factor, Reason, Then, ThenWatch, Verdict
from fastagi.policy.scope import APART

if TYPE_CHECKING:
    from collections.abc import Sequence

    from fastagi.policy.model import Facts, Policy, Request, Watch
    from fastagi.policy.scope import Circumstances


def touching(policy: Policy, call: Circumstances) -> tuple[Watch, ...]:
    """Return the watches that would hold a call, if they saw something; those under `shadow`, too.

    Never an inside or emergency call.
    """
    if not policy.guards or call.number.category in APART:
        return ()
    fits, may_fit = policy.guard_index.fitting(call)
    return tuple(policy.guards[each] for each in places(fits | may_fit))


def watched(
    decision: Decision, request: Request, facts: Facts, watches: Sequence[Watch]
) -> Decision:
    """Ask what watches do besides; what is denied stays so.

    As with the brake, only what is shown in this very call counts: whoever knows the password may
    have shown before what is remembered, or be where that was shown.

    Args:
        decision: What comes of the call without them.
        request: The call.
        facts: What is known of it.
        watches: Those that touch the call and saw an attack on the extension.
    """
    shadows = tuple((each.name, _then(each)) for each in watches if each.shadow)
    real = [each for each in watches if not each.shadow]
    told = replace(decision, shadows=(*decision.shadows, *shadows)) if shadows else decision
    if not real:
        return told
    told = replace(told, watches=tuple(each.name for each in real))
    if told.verdict is Verdict.DENY:
        return told
    wanted = {factor for each in real for factor in each.ask.factors if _steps_up(each)}
    missing = [each for each in Factor if each in wanted and each not in facts.shown]
    lock = next((each for each in real if ThenWatch.LOCK in each.then), None)
    if lock is None and missing and request.transferred:
        lock = next(each for each in real if not set(missing).isdisjoint(each.ask.factors))
    if lock is not None:
        return Decision(
            Verdict.DENY,
            lock.name,
            Reason.WATCHED,
            shadows=told.shadows,
            brake=told.brake,
            watches=told.watches,
        )
    asks = tuple(each for each in Factor if each in missing or each in told.asks)
    if not asks:
        return told
    return replace(told, verdict=Verdict.CHALLENGE, reason=Reason.CHALLENGE, asks=asks)


def _steps_up(watch: Watch) -> bool:
    return ThenWatch.STEP_UP in watch.then


def _then(watch: Watch) -> Then:
    """Return what a watch would say, in the words of a rule."""
    return Then.DENY if ThenWatch.LOCK in watch.then else watch.ask
