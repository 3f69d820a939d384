"""Whether the cases of a policy would notice a slip in it: mutation testing.

Of each slip (`policy.mutants`) all cases and sequences are tried that hold on the policy as it is,
until one fails. A part that can be deleted and nobody notices might as well not be there; of other
slips only those are told that a call was found for that comes to something else, as there are many
that make no difference at all.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from fastagi.policy.cases import request_of
from fastagi.policy.counterexamples import Search, may_fit, whatever_is_new
from fastagi.policy.mutants import deletions, slips
from fastagi.rehearsal.coverage import passing
from fastagi.rehearsal.suite import notices

if TYPE_CHECKING:
    from fastagi.policy.counterexamples import Counterexample
    from fastagi.policy.model import Policy
    from fastagi.policy.mutants import Mutant
    from fastagi.rehearsal.suite import SuiteReport


@dataclass(frozen=True, slots=True)
class Survivor:
    """A slip that no case notices.

    Attributes:
        example: A case that would; None where none was found.
    """

    mutant: Mutant
    example: Counterexample | None


@dataclass(frozen=True, slots=True)
class Mutation:
    """What came of mutation.

    Attributes:
        tried: How many slips were tried.
        survivors: Those that no case notices.
        alike: Of those tried, how many that are no deletion nobody notices, and no call was found
            that comes to something else.
    """

    tried: int
    survivors: tuple[Survivor, ...]
    alike: int

    @property
    def noticed(self) -> int:
        """How many slips a case or a sequence noticed."""
        return self.tried - len(self.survivors) - self.alike

    @property
    def undeleted(self) -> tuple[Survivor, ...]:
        """The parts that can be deleted, and no case notices."""
        return tuple(each for each in self.survivors if each.mutant.is_deletion)


def mutate(policy: Policy, report: SuiteReport) -> Mutation:
    """Try every slip on the cases and sequences of a report that hold."""
    file = passing(report)
    search = Search(policy, file.cases)
    calls = [
        (case, None if case.site else whatever_is_new(policy, request_of(policy, case.call)))
        for case in file.cases
    ]
    survivors: list[Survivor] = []
    tried = alike = 0
    for mutants in (deletions(policy), slips(policy)):
        for mutant in mutants:
            tried += 1
            touched = tuple(
                case for case, call in calls if call is None or may_fit(policy, mutant, call)
            )
            if notices(mutant.policy, replace(file, cases=touched)):
                continue
            example = search.find(mutant)
            if example is None and not mutant.is_deletion:
                alike += 1
            else:
                survivors.append(Survivor(mutant, example))
    return Mutation(tried, tuple(survivors), alike)
