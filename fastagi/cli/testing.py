"""`dialguard test`: the cases and sequences beside policies, what they reach, what they'd miss."""

from __future__ import annotations

import time
from dataclasses import replace
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from fastagi.cli.junit import junit
from fastagi.cli.output import Status, fail, say, show_json, warn
from fastagi.cli.output_files import refuse_overwriting, write_file
from fastagi.cli.policy import Policies, files_of
from fastagi.cli.rerun import rerun
from fastagi.cli.service import JsonOption
from fastagi.cli.tried import Asked, Tried, as_json, as_suite
from fastagi.errors import PolicyError, Problem
from fastagi.policy.case_file import load_case_file
from fastagi.policy.files import SHADOW_SUFFIX, cases_path
from fastagi.policy.loading import load
from fastagi.policy.wording import printable
from fastagi.rehearsal.coverage import unreached
from fastagi.rehearsal.mutation import mutate
from fastagi.rehearsal.suite import run_suite

if TYPE_CHECKING:
    from collections.abc import Sequence

    from fastagi.policy.case_file import CaseFile
    from fastagi.policy.cases import Result
    from fastagi.rehearsal.mutation import Mutation, Survivor
    from fastagi.rehearsal.sequences import SequenceResult
    from fastagi.rehearsal.suite import SuiteReport


SHOWN: Final = 20
"""How much of what happened in a sequence is shown: what came last."""


def try_cases(
    policies: Policies,
    only: Annotated[
        str,
        typer.Option(metavar="NAME", help="try only what is named so; `*` stands for anything"),
    ] = "",
    mutates: Annotated[
        bool, typer.Option("--mutate", help="tell which rules nobody would miss; 1 if any")
    ] = False,
    fails_uncovered: Annotated[
        bool, typer.Option("--fail-uncovered", help="status 1 if anything is reached by no case")
    ] = False,
    junit_file: Annotated[
        Path | None, typer.Option("--junit", metavar="FILE", help="write JUnit XML, for CI")
    ] = None,
    watches: Annotated[
        bool, typer.Option("--watch", help="try again whenever a file changes, until Ctrl-C")
    ] = False,
    for_programs: JsonOption = False,
) -> None:
    """Run the cases beside policies: the right verdict must come from the right rule.

    What no case reaches is named; what fails is shown again at the end. Of a folder every policy
    is tried, also those in shadow, which need no cases of their own. Exit status 1 if a case fails
    or there are none, 3 if a file is invalid.
    """
    asked = Asked(only, mutates, fails_uncovered)
    if only and (mutates or fails_uncovered):
        fail("`--mutate` and `--fail-uncovered` want all cases; leave `--only` out")

    def run() -> tuple[Status, Sequence[Path]]:
        tried = [_test(file, asked) for file in files_of(policies)]
        refuse_overwriting(junit_file, (file for each in tried for file in each.files))
        if for_programs:
            show_json([as_json(each) for each in tried])
        else:
            _show(tried)
        if junit_file is not None:
            write_file(junit_file, junit([as_suite(each, asked) for each in tried]))
        worst = max((each.status(asked) for each in tried), default=Status.FAILED)
        if only and not any(each.report and len(each.report.file) for each in tried):
            warn(f"no case and no sequence is named `{printable(only)}`")
            worst = max(worst, Status.FAILED)
        return worst, [file for each in tried for file in each.files]

    if watches:
        own = list(files_of(policies))
        rerun([*own, *map(cases_path, own)], lambda: run()[1])
        return
    raise typer.Exit(run()[0])


# ------------------------------------------------------------------- trying


def _test(file: Path, asked: Asked) -> Tried:
    since, beside = time.perf_counter(), cases_path(file)
    files: tuple[Path, ...] = (file, beside)
    try:
        policy = load(file)
        files = (*files, *policy.files_beside)
        if not beside.exists() and file.name.endswith(SHADOW_SUFFIX):
            return Tried(file, is_only_loaded=True, files=files)
        if not beside.exists():
            what = f"`{file}` has no cases: write `{beside.name}` beside it (docs/testing.md)"
            return Tried(file, (Problem(file, 0, what),), files=files)
        written = load_case_file(beside)
    except PolicyError as error:
        return Tried(file, tuple(error.problems), is_invalid=True, files=files)
    if asked.only:
        written = _chosen(written, asked.only)
    report = run_suite(policy, written)
    missed = () if asked.only else unreached(policy, report)
    mutation = mutate(policy, report) if asked.mutates else None
    seconds = time.perf_counter() - since
    return Tried(file, (), False, report, missed, mutation, seconds, files)


def _chosen(file: CaseFile, pattern: str) -> CaseFile:
    """Return the cases and sequences whose name holds a text, or fits a pattern."""
    wanted = pattern.casefold()
    if not set(wanted) & set("*?["):
        wanted = f"*{wanted}*"

    def fits(name: str) -> bool:
        return fnmatchcase(name.casefold(), wanted)

    return replace(
        file,
        cases=tuple(each for each in file.cases if fits(each.name)),
        sequences=tuple(each for each in file.sequences if fits(each.name)),
    )


# ------------------------------------------------------------------- showing


def _show(tried: Sequence[Tried]) -> None:
    for each in tried:
        _show_one(each)
    reports = [(each.file, each.report) for each in tried if each.report is not None]
    if any(report.problems for _, report in reports):
        say("what fails:")  # again, as of many cases it has scrolled away
    for file, report in reports:
        for case in report.cases:
            if not case.passed:
                _show_case(file, case)
        for sequence in report.sequences:
            if not sequence.passed:
                _show_sequence(file, sequence)


def _show_one(tried: Tried) -> None:
    file, report = tried.file, tried.report
    for problem in tried.problems:
        warn(str(problem) if tried.is_invalid else f"error: {problem.what}", "red")
    if tried.is_only_loaded:
        say(f"{file}: valid, without cases of its own")
    if report is None:
        return
    for case in report.cases:
        _show_case(file, case)
    for sequence in report.sequences:
        _show_sequence(file, sequence)
    say(f"{file}: {_sum(report)} pass")
    for missed in tried.unreached:
        warn(f"no case reaches {missed}")
    if tried.mutation is not None:
        _show_mutation(file, tried.mutation)


def _sum(report: SuiteReport) -> str:
    parts = []
    for what, results in (("cases", report.cases), ("sequences", report.sequences)):
        if results or what == "cases":
            passed = sum(each.passed for each in results)
            parts.append(f"{passed} of {len(results)} {what}")
    return " and ".join(parts)


def _show_case(file: Path, result: Result) -> None:
    _show_mark(result.case.name, result.passed)
    if not result.passed:
        say(f"      {cases_path(file)}:{result.case.line}: {result.why}")


def _show_sequence(file: Path, result: SequenceResult) -> None:
    _show_mark(result.sequence.name, result.passed)
    if result.passed:
        return
    for each in result.story[-SHOWN:]:
        say(f"      {each}", "dim")
    say(f"      {cases_path(file)}:{result.line}: {result.why}")


def _show_mark(name: str, passed: bool) -> None:
    mark, style = ("PASS", "green") if passed else ("FAIL", "bold red")
    say(f"{mark}  {printable(name)}", style)


def _show_mutation(file: Path, mutation: Mutation) -> None:
    noticed = f"{mutation.noticed} of {mutation.tried} slips are noticed"
    alike = f"; {mutation.alike} made no difference that was found" if mutation.alike else ""
    say(f"{file}: {noticed}, {len(mutation.survivors)} are not{alike}")
    for each in mutation.survivors:
        warn(f"{file}:{each.mutant.line}: {each.mutant.what}, and no case notices", _style(each))
        if each.example is not None:
            warn(f"      {each.example.instead} then; this case would notice:", "")
            for line in each.example.case.splitlines():
                warn(f"      {line}", "")


def _style(survivor: Survivor) -> str:
    return "red" if survivor.mutant.is_deletion else "yellow"
