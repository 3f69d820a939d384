"""Why a call of the past was judged as it was: by the policy of then, and what was known then.

What today's code makes of it is held against the line: an explanation that comes to another end
than the call did explains nothing, and says so.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from fastagi.decision_log.judged import CALLS
from fastagi.decision_log.rebuilt import rebuild
from fastagi.errors import NotOnRecord
from fastagi.policy.decision import decide
from fastagi.policy.explain import explain
from fastagi.policy.model import Decision, Reason, Then, Verdict
from fastagi.policy.used import NOTHING, Used

if TYPE_CHECKING:
    from collections.abc import Mapping

    from fastagi.decision_log.rebuilt import Rebuilt
    from fastagi.policy.explain import Explanation
    from fastagi.policy.model import Policy, Request

CHALLENGED: Final = frozenset(
    {
        Reason.WRONG_CODE,
        Reason.NO_DIGITS,
        Reason.HUNG_UP,
        Reason.NOT_ENROLLED,
        Reason.LOCKED_OUT,
    }
)
"""How a call ends that was asked for a code: the caller had the last word."""

BEYOND_POLICY: Final = {
    Reason.NO_IDENTITY: "Asterisk named no endpoint, so no policy was asked",
    Reason.BAD_QUESTION: "the question could not be trusted, so no policy was asked",
    Reason.BUSY: "the server had too much to do, and refused the call for that alone",
    Reason.FAILED: "something broke on the way; the service's log of then says what",
    Reason.STORE_DOWN: "the store was away, and the call could not pass without it",
    Reason.BYPASS: "the call reached a guarded trunk without having asked",
    Reason.SETTLED: "this line tells what a call cost, and is no decision",
    Reason.SIGNED_IN: "this line tells of a sign-in, and is no decision on a call",
    Reason.SIGNED_OFF: "this line tells of a sign-in, and is no decision on a call",
    Reason.UNPLACED: "this line tells of a sign-in, and is no decision on a call",
}
"""What no policy decided."""

ALIKE: Final = (
    "the policy has prefixes that differ only in digits that are not shown, and which of them "
    "took the number is not on record: other rules and limits may have fitted than is told"
)

COMPARED: Final = 100
"""Other readings of a line that are held against the first."""


@dataclass(frozen=True, slots=True)
class Past:
    """One decision of the past, as far as it can be explained.

    Attributes:
        entry: The line, as it is on record.
        explanation: By the policy of then; None where there is none.
        request: What was asked then; None likewise.
        shown: The number as it may be written.
        agrees: Whether today's code comes to what the line says; None where it has no say.
        note: What has to be known besides, in a sentence: why it cannot be explained, or not all
            of it, or that it comes to something else now; empty where there is nothing.
    """

    entry: Mapping[str, object]
    explanation: Explanation | None = None
    request: Request | None = None
    shown: str = ""
    agrees: bool | None = None
    note: str = ""


def explain_past(entry: Mapping[str, object], policy: Policy | None, missing: str = "") -> Past:
    """Explain a decision of the past.

    Args:
        entry: Its line.
        policy: The version that was in force then; None where it was not kept.
        missing: Why there is none, where that is known better than that it was not kept.
    """
    reason = str(entry.get("reason", ""))
    beyond = BEYOND_POLICY.get(Reason(reason), "") if reason in list(Reason) else ""
    if beyond and not isinstance(entry.get("facts"), dict):
        return Past(entry, note=beyond)
    if policy is None:
        version = str(entry.get("policy", "")) or "none"
        return Past(entry, note=missing or f"version {version} of the policy was not kept here")
    try:
        then = rebuild(entry, policy)
        return _explained(entry, policy, then, beyond)
    except NotOnRecord as error:
        return Past(entry, note=str(error))


def _explained(entry: Mapping[str, object], policy: Policy, then: Rebuilt, beyond: str) -> Past:
    said = tuple(str(entry.get(name)) for name in ("verdict", "rule", "reason"))
    requests = (then.request, *then.others)
    agreeing = [each for each in requests if _agreed(policy, each, then, said) is not None]
    request, *others = agreeing or requests
    decided = decide(policy, request, then.facts)
    came_to = _came_to(decided, said, then)
    shown = then.request.number if then.shown is None else then.shown
    explanation = _explanation(policy, request, then, said)
    if came_to is not None:
        agrees: bool | None = True
        note = beyond
    elif then.again or entry.get("without_store") or beyond:
        agrees = None
        note = beyond or _apart(then)
    else:
        agrees = False
        note = (
            f"the line says {said[0]} by `{said[1]}` ({said[2]}), but today's code makes "
            f"{decided.verdict} by `{decided.rule}` ({decided.reason}) of it: what follows is "
            "what it makes of it today"
        )
    told = (explanation.rules, explanation.limits)
    alike = (_explanation(policy, each, then, said) for each in others[:COMPARED])
    if any((each.rules, each.limits) != told for each in alike):
        note = "; ".join(filter(None, (note, ALIKE)))
    return Past(entry, explanation, request, shown.number or shown.dialled, agrees, note)


def _explanation(
    policy: Policy, request: Request, then: Rebuilt, said: tuple[str, ...]
) -> Explanation:
    return explain(
        policy,
        request,
        then.facts,
        _used(policy, then, said[1]),
        came_to=_agreed(policy, request, then, said),
        shown=then.shown,
    )


def _agreed(
    policy: Policy, request: Request, then: Rebuilt, said: tuple[str, ...]
) -> Decision | None:
    return _came_to(decide(policy, request, then.facts), said, then)


def _apart(then: Rebuilt) -> str:
    if then.again:
        return "the call was let through before, and asked for its next trunk"
    return "the store was away: what it had refused the extension a moment before counted on"


def _came_to(decided: Decision, said: tuple[str, ...], then: Rebuilt) -> Decision | None:
    """Return what the call came to, if today's code comes to what the line tells; else None.

    Args:
        decided: What the policy says.
        said: Verdict, rule and reason on record.
        then: What was judged.
    """
    if said == (decided.verdict, decided.rule, decided.reason):
        return decided
    verdict, rule, reason = said
    if verdict != Verdict.DENY or reason not in list(Reason):
        return None
    denied = replace(decided, verdict=Verdict.DENY, reason=Reason(reason), asks=(), seconds=0)
    if decided.verdict is Verdict.CHALLENGE and rule == decided.rule and reason in CHALLENGED:
        return denied
    if decided.verdict is not Verdict.ALLOW:
        return None
    if rule == decided.rule and reason == Reason.SIGN_IN_REQUIRED and decided.then is Then.SIGN_IN:
        return denied
    slots = {each.limit for each in decided.claims}
    budgets = {each.limit for each in decided.budgets}
    if (reason == Reason.LIMIT_REACHED and rule in slots and then.full in ("", CALLS)) or (
        reason == Reason.BUDGET_REACHED and rule in budgets
    ):
        return Decision(Verdict.DENY, rule, Reason(reason), shadows=decided.shadows)
    return None


def _used(policy: Policy, then: Rebuilt, rule: str) -> Mapping[str, Used]:
    """Return what was used of limits; of one whose slots were all taken, so many calls were up."""
    if then.full != CALLS:
        return then.used
    full = next((each for each in policy.limits if each.name == rule), None)
    if full is None or full.calls is None:
        return then.used
    known = then.used.get(rule, NOTHING)
    return {**then.used, rule: replace(known, calls=full.calls)}
