"""What is otherwise than a case expects, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING, assert_never

from fastagi.policy.consistency import RESERVED
from fastagi.policy.decision import decide_without_store
from fastagi.policy.document import WithoutStore
from fastagi.policy.limits import under_shadow
from fastagi.policy.limits_in_words import WORDS
from fastagi.policy.loading import amounts
from fastagi.policy.model import Reason, Then, Verdict
from fastagi.policy.scope import OVER
from fastagi.policy.used import Used
from fastagi.policy.wording import all_of, duration, nearest, quoted

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from fastagi.policy.case_document import CallTable, ExpectTable, UsedTable
    from fastagi.policy.case_file import Case
    from fastagi.policy.model import Decision, Policy, Request


def used_before(written: Mapping[str, UsedTable]) -> dict[str, Used]:
    """Return what a case says was used of each limit."""
    return {name: Used(table.calls or 0, dict(amounts(table))) for name, table in written.items()}


# ----------------------------------------------------------------------------- names


def misnamed(policy: Policy, case: Case) -> Iterator[str]:
    """Say what a case names that is not there: it would come to nothing, unnoticed."""
    yield from _unused(policy, case.call)
    yield from _unbraked(policy, case.call)
    yield from _unwatched(policy, case.call)
    yield from no_such_rule(policy, case.expect.rule)


def no_such_rule(policy: Policy, name: str) -> Iterator[str]:
    """Say if nothing that could decide has a name."""
    known = [each.name for each in policy.rules]
    known += [each.name for each in policy.limits]
    known += [*(each.name for each in policy.guards), *sorted(RESERVED)]
    if name not in known:
        yield f"there is no rule {quoted(name)}; {nearest(name, known)}"


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


# ----------------------------------------------------------------------------- what comes


def differences(
    policy: Policy,
    expect: ExpectTable,
    request: Request,
    decision: Decision,
    limits: Sequence[str],
) -> Iterator[str]:
    """Say everything that is otherwise than expected.

    Args:
        policy: The site's.
        expect: What is expected.
        request: The call.
        decision: What came of it.
        limits: Names of the limits that it falls under.
    """
    number = request.number
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
    yield from other_names("limits", expect.limits, limits)
    if expect.shadows is not None:
        yield from other_names("shadows", sorted(expect.shadows), shadows_of(policy, decision))
    if expect.duration is not None and decision.seconds != expect.duration:
        actual, expected = duration(decision.seconds), duration(expect.duration)
        yield f"duration is {quoted(actual)}, not {quoted(expected)}"
    yield from _away(policy, expect, request)


def shadows_of(policy: Policy, decision: Decision, over: Sequence[str] = ()) -> list[str]:
    """Return all under `shadow` that would have spoken, by name.

    Args:
        policy: The site's.
        decision: What came of the call.
        over: Limits that were full, besides those that the decision names.
    """
    limits = under_shadow(policy, (*decision.over, *over))
    return sorted({*(name for name, _ in decision.shadows), *limits})


def other_names(what: str, expected: Sequence[str] | None, actual: Iterable[str]) -> Iterator[str]:
    """Say if names are others than expected."""
    found = list(actual)
    if expected is not None and found != list(expected):
        yield f"{what} are {_listed(found)}, not {_listed(list(expected))}"


def _away(policy: Policy, expect: ExpectTable, request: Request) -> Iterator[str]:
    """Say if while the store is away something else is so than expected."""
    expected = expect.without_store
    if expected is None:
        return
    passes = decide_without_store(policy, request) is not None
    actual = WithoutStore.ALLOW if passes else WithoutStore.DENY
    if actual is not expected:
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
