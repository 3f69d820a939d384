"""Cases: calls with the verdict they must have, and the rule that must give it.

They lie beside the policy (`office.toml`, `office.cases.toml`). The right verdict for the wrong
reason fails; rules that no case reaches are named.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC
from typing import TYPE_CHECKING

from fastagi.policy.case_differences import differences, misnamed, used_before
from fastagi.policy.case_file import Case as Case
from fastagi.policy.case_file import load_cases as load_cases
from fastagi.policy.decision import circumstances, decide
from fastagi.policy.limits import limits_of, putting_brake_on
from fastagi.policy.loading import plan_of
from fastagi.policy.model import Facts, Request, Stage, Verdict
from fastagi.policy.used import Used, used_up, with_used

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from fastagi.policy.case_document import CallTable, SiteOverride
    from fastagi.policy.model import Decision, Policy


@dataclass(frozen=True, slots=True)
class Result:
    """What came of a case.

    Attributes:
        decision: What the policy says.
        why: What is otherwise than expected; empty where the case holds.
        limits: Names of the limits that the call falls under; none where it is denied.
    """

    case: Case
    decision: Decision
    why: str
    limits: tuple[str, ...] = ()

    @property
    def passed(self) -> bool:
        """Whether all is as expected."""
        return not self.why


@dataclass(frozen=True, slots=True)
class Report:
    """What came of all cases.

    Attributes:
        unreached_rules: Names of rules that decide in no case, nor speak under `shadow`.
    """

    results: tuple[Result, ...]
    unreached_rules: tuple[str, ...]

    @property
    def failed(self) -> tuple[Result, ...]:
        """The cases that do not hold."""
        return tuple(each for each in self.results if not each.passed)


# ----------------------------------------------------------------------------- running


def run(policy: Policy, cases: Iterable[Case]) -> Report:
    """Try every case, and see which rules they reach."""
    results = tuple(_try(policy, case) for case in cases)
    reached = {result.decision.rule for result in results}
    reached |= {name for result in results for name, _ in result.decision.shadows}
    return Report(results, tuple(rule.name for rule in policy.rules if rule.name not in reached))


def holds(policy: Policy, case: Case) -> bool:
    """Tell whether all comes as a case expects.

    Names that a case speaks of need not be there: so it can be tried on a policy that lacks a
    limit, and tells whether anything comes of that.
    """
    judged, request = _put(policy, case)
    decision, limits = _judge(judged, request, case.call)
    return not any(differences(judged, case.expect, request, decision, limits))


def request_of(policy: Policy, call: CallTable) -> Request:
    """Return the call of a case as it is put to the policy."""
    at = call.at if call.at.tzinfo else call.at.replace(tzinfo=policy.site.timezone)
    return Request(
        extension=call.from_,
        number=policy.plan.read(call.dial),
        # By way of UTC, an hour that a clock change skips becomes the one it was moved to.
        at=at.astimezone(UTC),
        address=call.address,
        transport=call.transport,
        trunk=call.trunk,
        transferred=call.transferred or call.off_net,
        off_net=call.off_net,
        number_reported=call.number_reported,
        address_reported=call.address_reported,
    )


def judge(
    policy: Policy, request: Request, facts: Facts, used: Mapping[str, Used]
) -> tuple[Decision, tuple[str, ...]]:
    """Return what comes of a call, and the names of the limits that it falls under.

    Args:
        policy: The site's.
        request: The call.
        facts: What is known of it.
        used: What was used of limits before it; of others nothing was.
    """
    decision = with_used(decide(policy, request, facts), used)
    if facts.braked is None and putting_brake_on(policy, decision.over):
        facts = replace(facts, braked=Stage.EXTENSION)
        decision = with_used(decide(policy, request, facts), used)
    if decision.verdict is Verdict.DENY:
        return decision, ()
    call = circumstances(policy, request, facts)
    return decision, tuple(each.name for each in limits_of(policy, call))


def _try(policy: Policy, case: Case) -> Result:
    judged, request = _put(policy, case)
    decision, limits = _judge(judged, request, case.call)
    found = (
        *misnamed(judged, case),
        *differences(judged, case.expect, request, decision, limits),
    )
    return Result(case, decision, "; ".join(found), limits)


def _put(policy: Policy, case: Case) -> tuple[Policy, Request]:
    judged = policy if case.site is None else _elsewhere(policy, case.site)
    return judged, request_of(judged, case.call)


def _judge(policy: Policy, request: Request, call: CallTable) -> tuple[Decision, tuple[str, ...]]:
    used = used_before(call.used)
    return judge(policy, request, _facts(policy, call, used), used)


def _elsewhere(policy: Policy, other: SiteOverride) -> Policy:
    """Return the policy as it would be for a site that differs."""
    own = policy.site
    site = replace(
        own,
        country=other.country or own.country,
        region="" if other.country else own.region,
        timezone=other.timezone or own.timezone,
        internal=own.internal if other.internal is None else tuple(other.internal),
        outside_prefix=(
            own.outside_prefix if other.outside_prefix is None else other.outside_prefix
        ),
        emergency=own.emergency if other.emergency is None else tuple(other.emergency),
        longest_s=other.longest or own.longest_s,
    )
    return replace(policy, site=site, plan=plan_of(site))


def _facts(policy: Policy, call: CallTable, used: Mapping[str, Used]) -> Facts:
    return Facts(
        locked_out=call.locked_out,
        shown=frozenset(call.shown),
        proven_s=call.proven,
        signed_in=call.signed_in,
        known_country=not call.first_time_country,
        overridden=call.overridden,
        novel=frozenset(call.novel),
        over=frozenset(call.over) | used_up(policy, used),
        braked=call.braked,
        watched=frozenset(call.watched),
    )
