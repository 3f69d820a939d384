"""`dialguard check`, `explain`, `test`, `schema`: what a policy will do, before it does it."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from fastagi.cli.arguments import (
    AddressOption,
    DialledArgument,
    ExtensionArgument,
    TransportOption,
    TrunkOption,
    address_of,
    trunk_of,
)
from fastagi.cli.output import Status, fail, give_up, say, show_json, show_table, warn
from fastagi.cli.service import JsonOption
from fastagi.daemon.reload import CASES_SUFFIX, policy_files
from fastagi.errors import PolicyError, Problem
from fastagi.numbering.number import Category
from fastagi.policy import cases
from fastagi.policy.checking import check as oddities_of
from fastagi.policy.explain import explain as explain_call
from fastagi.policy.loading import load
from fastagi.policy.model import Facts, Request, Verdict
from fastagi.policy.schema import json_schema
from fastagi.policy.wording import duration

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from fastagi.policy.explain import Explanation, Step
    from fastagi.policy.model import Decision, Policy

Policies = Annotated[
    list[Path], typer.Argument(metavar="POLICY…", help="policy files, or folders of them")
]
OnePolicy = Annotated[Path, typer.Argument(metavar="POLICY", help="the policy file")]

STYLES: Final = {
    Verdict.ALLOW: "bold green",
    Verdict.CHALLENGE: "bold yellow",
    Verdict.DENY: "bold red",
}


def _files(places: Sequence[Path]) -> Iterator[Path]:
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
    for file in _files(policies):
        problems, oddities = _look_at(file)
        refused |= bool(problems)
        found.append(
            {
                "policy": file,
                "problems": [_problem(each) for each in problems],
                "oddities": [_problem(each) for each in oddities],
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
    if as_json:
        show_json(found)
    raise typer.Exit(Status.INVALID if refused else Status.DONE)


def _problem(problem: Problem) -> dict[str, object]:
    return {"file": problem.file, "line": problem.line, "what": problem.what}


def _look_at(file: Path) -> tuple[Sequence[Problem], Sequence[Problem]]:
    """Return why the service would refuse a policy, and what else is odd in it."""
    try:
        policy = load(file)
        beside = cases.cases_path(file)
        written = cases.load_cases(beside) if beside.exists() else ()
    except PolicyError as error:
        return error.problems, ()
    later = [
        Problem(file, line, f"{what}; this version cannot do that, and `serve` refuses to start")
        for line, what in policy.later
    ]
    failing = [
        Problem(beside, each.case.line, f"case `{each.case.name}` fails: {each.why}")
        for each in cases.run(policy, written).failed
    ]
    return [*later, *failing], oddities_of(policy)


# ------------------------------------------------------------------- explain


def _moment(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is not None:
        raise typer.BadParameter(f"`{text}` is no time of the site; write `2026-01-05T10:10`")
    return moment


def explain(
    policy: OnePolicy,
    extension: ExtensionArgument,
    dialled: DialledArgument,
    at: Annotated[
        datetime | None,
        typer.Option(
            parser=_moment,
            metavar="TIME",
            help="when, in the site's time (2026-01-05T10:10); now, if left out",
        ),
    ] = None,
    address: AddressOption = "",
    transport: TransportOption = None,
    trunk: TrunkOption = "",
    signed_in: Annotated[
        bool,
        typer.Option("--signed-in", metavar="", help="somebody is signed in on the extension"),
    ] = False,
    locked_out: Annotated[
        bool, typer.Option("--locked-out", metavar="", help="the extension is locked out")
    ] = False,
    new_country: Annotated[
        bool,
        typer.Option("--new-country", metavar="", help="never dialled from this extension before"),
    ] = False,
    transferred: Annotated[
        bool,
        typer.Option(
            "--transferred",
            metavar="",
            help="the call comes of a transfer or a forward: from where and how is then unknown",
        ),
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Show what happens to a call, by which rule, and why not by the others.

    Exit status 0 when it is allowed, also after a challenge, and 2 when it is denied.
    """
    loaded = _loaded(policy)
    zone = loaded.site.timezone
    request = Request(
        extension=extension,
        number=loaded.plan.read(dialled),
        at=datetime.now(UTC).astimezone(zone) if at is None else at.replace(tzinfo=zone),
        address=address_of(address),
        transport=transport,
        trunk=trunk_of(trunk),
        transferred=transferred,
    )
    facts = Facts(locked_out=locked_out, signed_in=signed_in, known_country=not new_country)
    explanation = explain_call(loaded, request, facts)
    if as_json:
        show_json(_as_json(explanation, request))
    else:
        _show(explanation, request)
    denied = explanation.decision.verdict is Verdict.DENY
    raise typer.Exit(Status.DENIED if denied else Status.DONE)


def _loaded(file: Path) -> Policy:
    try:
        return load(file)
    except PolicyError as error:
        give_up(error)


def _show(explanation: Explanation, request: Request) -> None:
    decision = explanation.decision
    say(decision.verdict.upper(), STYLES[decision.verdict])
    say(explanation.summary)
    say(f"  number   {explanation.number}")
    say(f"  from     {request.extension}, class {explanation.class_name or '(none)'}")
    say(f"  at       {request.at:%a %Y-%m-%d %H:%M %Z}")
    if decision.verdict is not Verdict.DENY:
        seconds = _seconds(decision, request)
        say(f"  for      {f'{duration(seconds)} at most' if seconds else 'any time'}")
    _show_steps("rules", explanation.rules)
    _show_steps("limits", explanation.limits)


def _seconds(decision: Decision, request: Request) -> int:
    """Return how long the call may last; 0 is any time: nothing bounds inside calls."""
    return 0 if request.number.category is Category.INTERNAL else decision.seconds


def _show_steps(title: str, steps: Sequence[Step]) -> None:
    if steps:
        rows = [[_mark(step), step.name, step.why] for step in steps]
        show_table(["", title, "why"], rows, styles={"decides": "bold", "fits": "green"})


def _mark(step: Step) -> str:
    if step.decides:
        return "decides"
    return "fits" if step.fits else "no"


def _as_json(explanation: Explanation, request: Request) -> dict[str, object]:
    decision, number = explanation.decision, request.number
    return {
        "verdict": decision.verdict,
        "rule": decision.rule,
        "reason": decision.reason,
        "then": decision.then,
        "asks": list(decision.asks),
        "seconds": _seconds(decision, request),
        "summary": explanation.summary,
        "class": explanation.class_name,
        "number": number.number,
        "category": number.category,
        "categories": sorted(number.categories),
        "country": number.country,
        "at": request.at.isoformat(),
        "claims": [
            {"limit": claim.limit, "per": claim.per, "key": claim.key, "calls": claim.calls}
            for claim in decision.claims
        ],
        "rules": [_step(each) for each in explanation.rules],
        "limits": [_step(each) for each in explanation.limits],
    }


def _step(step: Step) -> dict[str, object]:
    return {"name": step.name, "fits": step.fits, "decides": step.decides, "why": step.why}


# ------------------------------------------------------------------- test


def try_cases(policies: Policies, as_json: JsonOption = False) -> None:
    """Run the cases beside policies: the right verdict must come from the right rule.

    Rules that no case reaches are named; what fails is shown again at the end. Exit status 1 if a
    case fails or there are none, 3 if a file is invalid.
    """
    failed: list[tuple[Path, cases.Result]] = []
    found: list[dict[str, object]] = []
    for file in _files(policies):
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
    beside = cases.cases_path(file)
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
        say(f"      {cases.cases_path(file)}:{result.case.line}: {result.why}")


def _report_as_json(report: cases.Report) -> dict[str, object]:
    return {
        "cases": [
            {"name": each.case.name, "passed": each.passed, "why": each.why}
            for each in report.results
        ],
        "unreached_rules": list(report.unreached_rules),
    }


# ------------------------------------------------------------------- schema


def schema() -> None:
    """Print the JSON Schema of a policy, for editors that complete and check as one types."""
    show_json(json_schema())
