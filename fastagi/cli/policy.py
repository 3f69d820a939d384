"""`dialguard check` and `schema`: whether a policy is right, before it is in force."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from fastagi.cli.exposure import one_line
from fastagi.cli.output import Status, fail, give_up, json_text, say, show_json, warn
from fastagi.cli.output_files import write_file
from fastagi.cli.service import JsonOption
from fastagi.daemon.reload import CASES_SUFFIX, policy_files
from fastagi.daemon.shadows import wrong_site
from fastagi.errors import PolicyError, Problem
from fastagi.policy.case_file import CaseFile, load_case_file
from fastagi.policy.checking import check as oddities_of
from fastagi.policy.files import SHADOW_SUFFIX, cases_path
from fastagi.policy.loading import load
from fastagi.policy.schema import cases_schema, json_schema
from fastagi.rehearsal.suite import run_suite
from fastagi.settings.schema import settings_schema
from fastagi.toml_lines import WHOLE_FILE

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from fastagi.policy.model import Policy

SCHEMAS: Final[dict[str, Callable[[], dict[str, object]]]] = {
    "policy.schema.json": json_schema,
    "cases.schema.json": cases_schema,
    "dialguard.schema.json": settings_schema,
}
"""The file that each schema is written to."""

Policies = Annotated[
    list[Path], typer.Argument(metavar="POLICY…", help="policy files, or folders of them")
]


def files_of(places: Sequence[Path]) -> Iterator[Path]:
    """Return the policies of files and folders, those in shadow there, too.

    Cases go with their policy (`policies/*.toml`).
    """
    if all(place.name.endswith(CASES_SUFFIX) for place in places):
        named = places[0].with_name(places[0].name.removesuffix(CASES_SUFFIX) + ".toml")
        fail(f"`{places[0]}` holds cases; name their policy, `{named}`")
    for place in places:
        if not place.name.endswith(CASES_SUFFIX):
            try:
                yield from policy_files(place)
            except PolicyError as error:
                give_up(error)
            if place.is_dir():
                yield from sorted(place.glob(f"*{SHADOW_SUFFIX}"))


# ------------------------------------------------------------------- check


def check(policies: Policies, as_json: JsonOption = False) -> None:
    """Look whether policies are valid, whether the cases beside them hold, and what is odd.

    Of a folder every policy is looked at, also those in shadow (`office.shadow.toml`).
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
        written = load_case_file(beside) if beside.exists() else CaseFile(beside)
    except PolicyError as error:
        return None, error.problems, ()
    problems, oddities = run_suite(policy, written).problems, oddities_of(policy)
    if not file.name.endswith(SHADOW_SUFFIX):
        return policy, problems, oddities
    wrong, odd = _in_shadow(policy)
    return policy, (*problems, *wrong), (*oddities, *odd)


def _in_shadow(policy: Policy) -> tuple[Sequence[Problem], Sequence[Problem]]:
    """Return why the service would refuse a policy in shadow, and what is odd in where it is."""
    in_force = policy.source.with_name(policy.source.name.removesuffix(SHADOW_SUFFIX) + ".toml")
    if not in_force.exists():
        what = f"there is no `{in_force.name}` beside it, so it is in shadow of nothing"
        return (), (Problem(policy.source, WHOLE_FILE, what),)
    try:
        wrong = wrong_site(policy, load(in_force))
    except PolicyError:  # told of that file, where it is looked at
        return (), ()
    return () if wrong is None else (wrong,), ()


# ------------------------------------------------------------------- schema


def schema(
    of_cases: Annotated[
        bool, typer.Option("--cases", help="that of the cases beside a policy instead")
    ] = False,
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
    if of_cases + settings + (write is not None) > 1:
        fail("say one of `--cases`, `--settings` and `--write`, which writes all")
    if write is None:
        chosen = settings_schema if settings else cases_schema if of_cases else json_schema
        show_json(chosen())
        return
    for name, made in SCHEMAS.items():
        file = write / name
        write_file(file, json_text(made()).encode())
        say(f"{file}: written")
