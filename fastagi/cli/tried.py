"""What came of trying a policy, and how programs are told of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from fastagi.cli.junit import TestCase, TestSuite
from fastagi.cli.output import Status
from fastagi.policy.files import cases_path

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from fastagi.errors import Problem
    from fastagi.rehearsal.coverage import Unreached
    from fastagi.rehearsal.mutation import Mutation
    from fastagi.rehearsal.suite import SuiteReport


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked of a run.

    Attributes:
        only: A pattern of the names that are tried; empty for all.
        mutates: Whether slips in the policy are tried.
        fails_uncovered: Whether what no case reaches is a failure.
    """

    only: str = ""
    mutates: bool = False
    fails_uncovered: bool = False


@dataclass(frozen=True, slots=True)
class Tried:
    """What came of one policy.

    Attributes:
        problems: Why it could not be tried; empty where it was.
        is_invalid: Whether the policy or its cases are invalid.
        is_only_loaded: Whether it is valid, in shadow, and has no cases of its own.
        report: What came of cases and sequences; None where it could not be tried.
        unreached: What none of them reaches; nothing where only some were tried.
        mutation: What came of slips; None where none was tried.
        seconds: How long all that took.
        files: All that it hangs on.
    """

    file: Path
    problems: tuple[Problem, ...] = ()
    is_invalid: bool = False
    report: SuiteReport | None = None
    unreached: tuple[Unreached, ...] = ()
    mutation: Mutation | None = None
    seconds: float = 0.0
    files: tuple[Path, ...] = ()
    is_only_loaded: bool = False

    def status(self, asked: Asked) -> Status:
        """Return the exit status that it alone would have."""
        if self.is_invalid:
            return Status.INVALID
        if self.is_only_loaded:
            return Status.DONE
        failed = self.report is None or bool(self.report.problems)
        failed |= asked.fails_uncovered and bool(self.unreached)
        failed |= self.mutation is not None and bool(self.mutation.undeleted)
        return Status.FAILED if failed else Status.DONE


def as_json(tried: Tried) -> dict[str, object]:
    """Return what came of a policy, for programs."""
    told: dict[str, object] = {"policy": tried.file}
    told["problems"] = [
        {"file": each.file, "line": each.line, "what": each.what} for each in tried.problems
    ]
    if tried.report is None:
        return told
    told["cases"] = [
        {"name": each.case.name, "line": each.case.line, "passed": each.passed, "why": each.why}
        for each in tried.report.cases
    ]
    told["sequences"] = [
        {
            "name": each.sequence.name,
            "line": each.line,
            "passed": each.passed,
            "why": each.why,
            "story": each.story,
        }
        for each in tried.report.sequences
    ]
    told["unreached_rules"] = [each.name for each in tried.unreached if each.part == "rule"]
    told["unreached"] = [
        {"part": each.part, "name": each.name, "line": each.line} for each in tried.unreached
    ]
    if tried.mutation is not None:
        told["mutation"] = _mutation_as_json(tried.mutation)
    return told


def _mutation_as_json(mutation: Mutation) -> dict[str, object]:
    return {
        "tried": mutation.tried,
        "noticed": mutation.noticed,
        "alike": mutation.alike,
        "survivors": [
            {
                "what": each.mutant.what,
                "part": each.mutant.part,
                "name": each.mutant.name,
                "line": each.mutant.line,
                "is_deletion": each.mutant.is_deletion,
                "case": None if each.example is None else each.example.case,
            }
            for each in mutation.survivors
        ],
    }


def as_suite(tried: Tried, asked: Asked) -> TestSuite:
    """Return what came of a policy, for CI: whatever makes the status 1 is a test that fails."""
    return TestSuite(tried.file, list(_as_tests(tried, asked)), tried.seconds)


def _as_tests(tried: Tried, asked: Asked) -> Iterator[TestCase]:
    beside, report = cases_path(tried.file), tried.report
    for each in tried.problems:
        yield TestCase("can be tried", each.file, each.line, "policy", each.what, is_error=True)
    if report is None:
        return
    for case in report.cases:
        yield TestCase(case.case.name, beside, case.case.line, "case", case.why)
    for sequence in report.sequences:
        told = "\n".join((sequence.why, *sequence.story)) if sequence.why else ""
        yield TestCase(sequence.sequence.name, beside, sequence.line, "sequence", told)
    if asked.fails_uncovered:
        for missed in tried.unreached:
            why = f"no case reaches {missed}"
            yield TestCase(str(missed), tried.file, missed.line, "coverage", why)
    if tried.mutation is not None:
        for survivor in tried.mutation.undeleted:
            mutant = survivor.mutant
            why = f"{mutant.what}, and no case notices"
            yield TestCase(mutant.what, tried.file, mutant.line, "mutation", why)
