"""`dialguard check`, `test`, `schema`: what a policy will do, before it does it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from fastagi import atomic_file
from fastagi.cli.exposure import one_line
from fastagi.cli.output import Status, fail, give_up, json_text, say, show_json, warn
from fastagi.cli.service import JsonOption
from fastagi.daemon.reload import CASES_SUFFIX, policy_files
from fastagi.errors import PolicyError, Problem
from fastagi.policy import cases
from fastagi.policy.checking import check as oddities_of
from fastagi.policy.files import cases_path
from fastagi.policy.loading import load
from fastagi.policy.schema import json_schema
from fastagi.settings.schema import settings_schema

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from fastagi.policy.model import Policy

SCHEMAS: Final[dict[str, Callable[[], dict[str, object]]]] = {
    "policy.schema.json": json_schema,
    "dialguard.schema.json": settings_schema,
}
"""The file that each schema is written to."""

Policies = Annotated[
    list[Path], typer.Argument(metavar="POLICY…", help="policy files, or folders of them")
]


def files_of(places: Sequence[Path]) -> Iterator[Path]:
    """Return the policies of files and folders; cases go with their policy (`policies/*.toml`)."""
    if all(place.name.endswith(CASES_SUFFIX) for place in places):
        named = places[0].with_name(places[0].name.removesuffix(CASES_SUFFIX) + ".toml")
        fail(f"`{places[0]}` holds cases; name their policy, `{named}`")
    for place in places:
        if not place.name.endswith(CASES_SUFFIX):
            try:
                yield from policy_files(place)
            except PolicyError as error:
                give_up(error)


# ------------------------------------------------------------------- check


def check(policies: Policies, as_json: JsonOption = False) -> None:
    """Look whether policies are valid, whether the cases beside them hold, and what is odd.

    Exit status 3 if the service would refuse one of them.
    """
    refused = False
    found: list[dict[str, object]] = []
    for file in files_of(policies):
        policy, problems, oddities = _look_at(file)
        costs = _what_it_can_cost(policy)
        refused |= bool(problems)
        found.append(
            {
                "policy": file,
                "problems": [_problem(each) for each in problems],
                "oddities": [_problem(each) for each in oddities],
                "exposure": costs,
            }
        )
        if as_json:
            continue
        for problem in problems:
            warn(str(problem), "red")
        for oddity in oddities:
            warn(f"{oddity} (odd, but valid)")
        if not problems:
            say(f"{file}: valid", "green")
        if costs is not None:
            say(f"{file}: {costs}")
    if as_json:
        show_json(found)
    raise typer.Exit(Status.INVALID if refused else Status.DONE)


def _what_it_can_cost(policy: Policy | None) -> str | None:
    """Say what a thief can spend; None where nothing has a price."""
    if policy is None or policy.rates is None:
        return None
    return one_line(policy, datetime.now(UTC))


def _problem(problem: Problem) -> dict[str, object]:
    return {"file": problem.file, "line": problem.line, "what": problem.what}


def _look_at(file: Path) -> tuple[Policy | None, Sequence[Problem], Sequence[Problem]]:
    """Return a policy, why the service would refuse it, and what else is odd in it."""
    try:
        policy = load(file)
        beside = cases_path(file)
        written = cases.load_cases(beside) if beside.exists() else ()
    except PolicyError as error:
        return None, error.problems, ()
    failing = [
        Problem(beside, each.case.line, f"case `{each.case.name}` fails: {each.why}")
        for each in cases.run(policy, written).failed
    ]
    return policy, failing, oddities_of(policy)


# ------------------------------------------------------------------- test


def try_cases(policies: Policies, as_json: JsonOption = False) -> None:
    """Run the cases beside policies: the right verdict must come from the right rule.

    Rules that no case reaches are named; what fails is shown again at the end. Exit status 1 if a
    case fails or there are none, 3 if a file is invalid.
    """
    failed: list[tuple[Path, cases.Result]] = []
    found: list[dict[str, object]] = []
    for file in files_of(policies):
        report = _run_cases(file)
        failed += [(file, each) for each in report.failed]
        found.append({"policy": file, **_report_as_json(report)})
        if not as_json:
            _show_report(file, report)
    if as_json:
        show_json(found)
    elif failed:
        say("what fails:")  # again, as of many cases it has scrolled away
        for file, each in failed:
            _show_result(file, each)
    raise typer.Exit(Status.FAILED if failed else Status.DONE)


def _run_cases(file: Path) -> cases.Report:
    beside = cases_path(file)
    try:
        policy = load(file)
        if not beside.exists():
            fail(f"`{file}` has no cases: write `{beside.name}` beside it (docs/policy.md)")
        return cases.run(policy, cases.load_cases(beside))
    except PolicyError as error:
        give_up(error)


def _show_report(file: Path, report: cases.Report) -> None:
    for each in report.results:
        _show_result(file, each)
    passed = len(report.results) - len(report.failed)
    say(f"{file}: {passed} of {len(report.results)} cases pass")
    for rule in report.unreached_rules:
        warn(f"no case reaches rule `{rule}`")


def _show_result(file: Path, result: cases.Result) -> None:
    mark, style = ("PASS", "green") if result.passed else ("FAIL", "bold red")
    say(f"{mark}  {result.case.name}", style)
    if not result.passed:
        say(f"      {cases_path(file)}:{result.case.line}: {result.why}")


def _report_as_json(report: cases.Report) -> dict[str, object]:
    return {
        "cases": [
            {"name": each.case.name, "passed": each.passed, "why": each.why}
            for each in report.results
        ],
        "unreached_rules": list(report.unreached_rules),
    }


# ------------------------------------------------------------------- schema


def schema(
    settings: Annotated[
        bool, typer.Option("--settings", help="that of `dialguard.toml` instead")
    ] = False,
    write: Annotated[
        Path | None,
        typer.Option(metavar="FOLDER", help="write all of them into a folder, for `#:schema`"),
    ] = None,
) -> None:
    """Print the JSON Schema of a policy, for editors that complete and check as one types.

    `#:schema ./policy.schema.json` in the first line of a policy tells editors where it is.
    """
    if write is None:
        show_json(settings_schema() if settings else json_schema())
        return
    for name, made in SCHEMAS.items():
        file = write / name
        try:
            atomic_file.write(file, json_text(made()).encode())
        except OSError as error:
            fail(f"`{file}` cannot be written: {(error.strerror or str(error)).lower()}")
        say(f"{file}: written")
