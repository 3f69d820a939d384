"""Cases: calls with the verdict they must have, and the rule that must give it.

They lie beside the policy (`office.toml`, `office.cases.toml`). The right verdict for the wrong
reason fails; rules that no case reaches are named.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC
from typing import TYPE_CHECKING, assert_never

from fastagi.policy.case_document import CaseTable
from fastagi.policy.consistency import RESERVED
from fastagi.policy.decision import decide_without_store
from fastagi.policy.document import WithoutStore
from fastagi.policy.explain import explain
from fastagi.policy.files import read_file
from fastagi.policy.limits import putting_brake_on
from fastagi.policy.limits_in_words import WORDS
from fastagi.policy.loading import amounts, plan_of
from fastagi.policy.model import Facts, Reason, Request, Stage, Then, Verdict
from fastagi.policy.reading import BYTES_MAX, Reader
from fastagi.policy.scope import OVER
from fastagi.policy.used import Used, used_up, with_used
from fastagi.policy.wording import all_of, duration, nearest, quoted

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

    from fastagi.policy.case_document import CallTable, ExpectTable, SiteOverride, UsedTable
    from fastagi.policy.explain import Explanation
    from fastagi.policy.model import Decision, Policy


@dataclass(frozen=True, slots=True)
class Case:
    """One call, and what must come of it.

    Attributes:
        line: Where in its file the case stands.
        site: What of the policy's site is otherwise; None where nothing is.
    """

    name: str
    line: int
    site: SiteOverride | None
    call: CallTable
    expect: ExpectTable


@dataclass(frozen=True, slots=True)
class Result:
    """What came of a case.

    Attributes:
        decision: What the policy says.
        why: What is otherwise than expected; empty where the case holds.
    """

    case: Case
    decision: Decision
    why: str

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


# ----------------------------------------------------------------------------- loading


def load_cases(path: Path) -> tuple[Case, ...]:
    """Load cases from their file.

    Raises:
        PolicyError: They cannot be used; holds every problem, with file and line.
    """
    reader = Reader(path, read_file(path, BYTES_MAX))
    reader.only_keys(["case"])
    if not reader.has("case"):
        reader.wrong((), "there is no case; write `[[case]]` with `name`, `call` and `expect`")
    cases: dict[str, Case] = {}
    for where, table in reader.each(CaseTable, "case"):
        if table.name in cases:
            what = f"there is a case {quoted(table.name)} already; give this one another name"
            reader.wrong((*where, "name"), what)
        line = reader.line(where)
        cases[table.name] = Case(table.name, line, table.site, table.call, table.expect)
    reader.raise_if_wrong()
    return tuple(cases.values())


# ----------------------------------------------------------------------------- running


def run(policy: Policy, cases: Iterable[Case]) -> Report:
    """Try every case, and see which rules they reach."""
    results = tuple(_try(policy, case) for case in cases)
    reached = {result.decision.rule for result in results}
    reached |= {name for result in results for name, _ in result.decision.shadows}
    return Report(results, tuple(rule.name for rule in policy.rules if rule.name not in reached))


def _try(policy: Policy, case: Case) -> Result:
    judged = policy if case.site is None else _elsewhere(policy, case.site)
    request, used = _request(judged, case.call), used_before(case.call.used)
    facts = _facts(judged, case.call, used)
    explained = explain(judged, request, facts, used)
    decision = with_used(explained.decision, used)
    if facts.braked is None and putting_brake_on(judged, decision.over):
        explained = explain(judged, request, replace(facts, braked=Stage.EXTENSION), used)
        decision = with_used(explained.decision, used)
    differences = (
        *_unused(judged, case.call),
        *_unbraked(judged, case.call),
        *_unwatched(judged, case.call),
        *_differences(judged, case.expect, request, explained, decision),
        *_away(judged, case, request),
    )
    return Result(case, decision, "; ".join(differences))


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


def _request(policy: Policy, call: CallTable) -> Request:
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


def used_before(written: Mapping[str, UsedTable]) -> dict[str, Used]:
    """Return what a case says was used of each limit."""
    return {name: Used(table.calls or 0, dict(amounts(table))) for name, table in written.items()}


# ----------------------------------------------------------------------------- comparing


def _unused(policy: Policy, call: CallTable) -> Iterator[str]:
    """Say what is said to be used that no limit counts: it would come to nothing, unnoticed."""
    limits = {limit.name: limit for limit in policy.limits}
    for name, table in call.used.items():
        limit = limits.get(name)
        if limit is None:
            yield f"there is no limit {quoted(name)}; {nearest(name, limits)}"
            continue
        counted = {WORDS[unit] for unit, _ in limit.budgets}
        counted |= {"calls"} if limit.calls is not None else set()
        idle = sorted(table.model_fields_set - counted)
        if idle:
            yield f"limit {quoted(name)} does not count {all_of(idle)}"
    for name in call.over:
        if name not in policy.asks_for_limits:
            hint = nearest(name, sorted(policy.asks_for_limits))
            yield f"no rule asks for {quoted(OVER + name)}; {hint}"
    for novelty in call.novel:
        if novelty not in policy.asks_for_novelty:
            yield f"neither a rule nor a limit speaks of {quoted(novelty)}"


def _unbraked(policy: Policy, call: CallTable) -> Iterator[str]:
    """Say if a brake is said to be on that there is not."""
    if call.braked is not None and policy.brake is None:
        yield "nothing in the policy puts a brake on; write `[brake]`"


def _unwatched(policy: Policy, call: CallTable) -> Iterator[str]:
    """Say if a watch is said to have seen something that there is not, or that holds no call."""
    names = [each.name for each in policy.watches]
    guards = {each.name for each in policy.guards}
    for name in call.watched:
        if name not in names:
            yield f"there is no watch {quoted(name)}; {nearest(name, names)}"
        elif name not in guards:
            yield f"watch {quoted(name)} holds no call: it neither steps up nor locks"


def _differences(
    policy: Policy,
    expect: ExpectTable,
    request: Request,
    explained: Explanation,
    decision: Decision,
) -> Iterator[str]:
    """Say everything that is otherwise than expected."""
    number = request.number
    limits = [limit.name for limit in policy.limits]
    guards = [each.name for each in policy.guards]
    known = [*(rule.name for rule in policy.rules), *limits, *guards, *sorted(RESERVED)]
    if expect.rule not in known:
        yield f"there is no rule {quoted(expect.rule)}; {nearest(expect.rule, known)}"
    passes = decision.verdict is not Verdict.DENY
    fitting = [step.name for step in explained.limits if step.fits and passes]
    for what, expected, actual in (
        ("verdict", expect.verdict, verdict_word(decision)),
        ("rule", expect.rule, decision.rule),
        ("number", expect.number, number.number),
        ("category", expect.category, number.category),
        ("country", expect.country, number.country),
        ("reason", expect.reason, decision.reason),
    ):
        if expected is not None and actual != expected:
            yield f"{what} is {quoted(actual)}, not {quoted(expected)}"
    if expect.limits is not None and fitting != expect.limits:
        yield f"limits are {_listed(fitting)}, not {_listed(expect.limits)}"
    if expect.duration is not None and decision.seconds != expect.duration:
        actual, expected = duration(decision.seconds), duration(expect.duration)
        yield f"duration is {quoted(actual)}, not {quoted(expected)}"


def _away(policy: Policy, case: Case, request: Request) -> Iterator[str]:
    """Say if while the store is away something else is so than expected."""
    expected = case.expect.without_store
    passes = decide_without_store(policy, request) is not None
    actual = WithoutStore.ALLOW if passes else WithoutStore.DENY
    if expected is not None and actual is not expected:
        yield f"without the store it is {quoted(actual)}, not {quoted(expected)}"


def verdict_word(decision: Decision) -> str:
    """Return the verdict as cases name it: in the words of a rule's `then`."""
    match decision.verdict:
        case Verdict.ALLOW:
            return Then.ALLOW
        case Verdict.CHALLENGE:
            return "+".join(decision.asks)
        case Verdict.DENY:
            return Then.SIGN_IN if decision.reason is Reason.SIGN_IN_REQUIRED else Then.DENY
        case _:
            assert_never(decision.verdict)


def _listed(names: list[str]) -> str:
    return all_of(names) if names else "none"
