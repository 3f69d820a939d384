"""What of a policy its cases and sequences reach.

A rule is reached where it decides, or speaks under `shadow`; so is a watch that holds calls, the
brake, a trap. A limit counts nearly every call, so it is reached only where a case would notice
that it is gone: it decides, bounds a `duration` that is expected, or is named in `limits`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from fastagi.policy.mutants import Part, deletions
from fastagi.rehearsal.suite import notices

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fastagi.policy.case_file import CaseFile
    from fastagi.policy.cases import Result
    from fastagi.policy.model import Decision, Policy
    from fastagi.policy.mutants import Mutant
    from fastagi.rehearsal.suite import SuiteReport


BRAKE: Final = "brake"
"""What denies while it is on, in the place of a rule's name."""


@dataclass(frozen=True, slots=True)
class Unreached:
    """What no case and no sequence reaches.

    Attributes:
        name: Empty of the brake.
        line: Where in the policy it stands.
    """

    part: Part
    name: str
    line: int

    def __str__(self) -> str:
        match self.part:
            case Part.BRAKE:
                return "the brake"
            case Part.HONEYPOT:
                return f"`{self.name}` of the honeypot"
            case _:
                return f"{self.part} `{self.name}`"


def unreached(policy: Policy, report: SuiteReport) -> tuple[Unreached, ...]:
    """Find what no case and no sequence of a report reaches, in the policy's order."""
    reached = _reached(report)
    return tuple(
        Unreached(each.part, each.name, each.line)
        for each in deletions(policy)
        if (each.part, each.name) not in reached and not _is_noticed(each, report)
    )


def _is_noticed(gone: Mutant, report: SuiteReport) -> bool:
    """Tell whether a case or a sequence that holds would fail without a limit or a trap."""
    if gone.part not in (Part.LIMIT, Part.HONEYPOT):
        return False
    rest = passing(report)
    if gone.part is Part.LIMIT and gone.name not in gone.policy.asks_for_limits:
        touched = {each.case.name for each in report.cases if _is_touched(each, gone.name)}
        rest = replace(rest, cases=tuple(x for x in rest.cases if x.name in touched))
    return notices(gone.policy, rest)


def _is_touched(result: Result, limit: str) -> bool:
    """Tell whether a limit may have to do with what came of a case."""
    call = result.case.call
    return limit in (*result.limits, result.decision.rule, *call.used, *call.over)


def passing(report: SuiteReport) -> CaseFile:
    """Return the cases and sequences that hold: others tell nothing of a policy."""
    return replace(
        report.file,
        cases=tuple(each.case for each in report.cases if each.passed),
        sequences=tuple(each.sequence for each in report.sequences if each.passed),
    )


def _reached(report: SuiteReport) -> set[tuple[Part, str]]:
    found: set[tuple[Part, str]] = set()
    for rule, decision in _decisions(report):
        names = [rule]
        if decision is not None:
            names += [name for name, _ in decision.shadows]
            names += decision.watches
        for name in names:
            found |= {(Part.RULE, name), (Part.LIMIT, name), (Part.WATCH, name)}
        if rule == BRAKE or (decision is not None and decision.brake is not None):
            found.add((Part.BRAKE, ""))
    return found


def _decisions(report: SuiteReport) -> Iterator[tuple[str, Decision | None]]:
    """Find the name of what decided, and what the policy said, of everything that was tried."""
    yield from ((each.decision.rule, each.decision) for each in report.cases)
    for sequence in report.sequences:
        for each in sequence.happenings:
            if each.outcome is not None:
                yield each.outcome.rule, each.outcome.decision
