"""The cases and sequences beside a policy, all tried.

A policy comes into force only where all of them hold (`daemon.reload`); `dialguard check` and
`dialguard test` say which do not.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from fastagi.errors import Problem
from fastagi.policy import cases
from fastagi.policy.wording import printable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fastagi.policy.case_file import CaseFile
    from fastagi.policy.cases import Result
    from fastagi.policy.model import Policy
    from fastagi.rehearsal.sequences import SequenceResult


@dataclass(frozen=True, slots=True)
class SuiteReport:
    """What came of all cases and sequences, each in the order of the file."""

    file: CaseFile
    cases: tuple[Result, ...]
    sequences: tuple[SequenceResult, ...] = ()

    @property
    def passed(self) -> int:
        """How many hold."""
        passed = sum(each.passed for each in self.cases)
        return passed + sum(each.passed for each in self.sequences)

    @property
    def problems(self) -> tuple[Problem, ...]:
        """What does not hold, with its line."""
        return tuple(self._problems())

    def _problems(self) -> Iterator[Problem]:
        source = self.file.source
        for case in self.cases:
            if not case.passed:
                what = f"case `{printable(case.case.name)}` fails: {case.why}"
                yield Problem(source, case.case.line, what)
        for each in self.sequences:
            if not each.passed:
                what = f"sequence `{printable(each.sequence.name)}` fails: {each.why}"
                yield Problem(source, each.line, what)


def run_suite(policy: Policy, file: CaseFile) -> SuiteReport:
    """Try every case and every sequence."""
    results = cases.run(policy, file.cases).results
    if not file.sequences:
        return SuiteReport(file, results)
    from fastagi.rehearsal.sequences import run_sequence  # most policies have cases only

    return SuiteReport(file, results, tuple(run_sequence(policy, x) for x in file.sequences))


def notices(policy: Policy, file: CaseFile) -> bool:
    """Tell whether any case or sequence fails on a policy; rules that they name need not be there.

    Args:
        policy: One that differs from theirs.
        file: Cases and sequences that hold on theirs.
    """
    if not all(cases.holds(policy, each) for each in file.cases):
        return True
    if not file.sequences:
        return False
    from fastagi.rehearsal import sequences

    return not all(sequences.holds(policy, each) for each in file.sequences)
