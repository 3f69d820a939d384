"""`dialguard shadow promote`, `demote`: out of the shadow into force, and back."""

from __future__ import annotations

import shlex
import time
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from fastagi import settings as settings_files
from fastagi.cli.output import fail, give_up, say, show_json, warn
from fastagi.cli.service import JsonOption, SettingsOption
from fastagi.cli.shadow_sums import LogOption, say_what_differs, say_whether_enough, sums_of
from fastagi.cli.shadow_sums import as_json as sum_as_json
from fastagi.errors import DialguardError, PolicyError
from fastagi.policy.case_file import load_case_file
from fastagi.policy.files import cases_path
from fastagi.policy.loading import load
from fastagi.rehearsal.suite import run_suite
from fastagi.shadows import promoting, succession
from fastagi.shadows.promoting import Named, Part

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from fastagi.policy.model import Policy
    from fastagi.shadows.sums import Sum

LOOKED_BACK_S: Final = 30 * 86_400
"""As `dialguard shadow` does, unless told otherwise."""

PolicyArgument = Annotated[Path, typer.Argument(metavar="POLICY", help="the policy in force")]
RulesOption = Annotated[
    list[str] | None, typer.Option("--rule", metavar="NAME", help="this rule; may be repeated")
]
LimitsOption = Annotated[
    list[str] | None, typer.Option("--limit", metavar="NAME", help="this limit; may be repeated")
]
WatchesOption = Annotated[
    list[str] | None, typer.Option("--watch", metavar="NAME", help="this watch; may be repeated")
]


def promote(
    policy: PolicyArgument,
    rule: RulesOption = None,
    limit: LimitsOption = None,
    watch: WatchesOption = None,
    every: Annotated[
        bool, typer.Option("--all", metavar="", help="every rule, limit and watch in shadow")
    ] = False,
    whole: Annotated[
        bool,
        typer.Option(
            "--policy", metavar="", help="the whole policy that is in shadow beside this one"
        ),
    ] = False,
    force: Annotated[
        bool,
        typer.Option("--force", metavar="", help="also where too little is known of what it does"),
    ] = False,
    log: LogOption = None,
    settings: SettingsOption = None,
    as_json: JsonOption = False,
) -> None:
    """Put what is in shadow in force: the policy's file is edited, and checked before.

    What it would have done so far is said; where that is not enough to tell, `--force` is wanted.
    Comments and order stay. What would not load, or fails a case beside it, is refused, and
    nothing is written: exit status 3. A service that runs takes the file up by itself.
    """
    named = list(_named(rule, limit, watch))
    _see_what_is_meant(named, every, whole)
    weigh = partial(_weigh, policy, log, settings, force=force, shows=not as_json)
    try:
        if whole:
            found = succession.successor(policy)
            own = cases_path(found.shadow)
            _try_sequences(found.policy, own if own.exists() else cases_path(policy))
            sums = weigh({("policy", found.shadow.name)}, found.policy)
            succession.succeed(found)
            changed, words = [], "--policy"
        else:
            edited = promoting.edit(policy, None if every else named, shadow=False)
            _try_sequences(edited.policy, cases_path(policy))
            sums = weigh({(each.part, each.name) for each in edited.changed})
            promoting.write(edited)
            changed, words = list(edited.changed), _words(edited.changed)
    except PolicyError as error:
        give_up(error)
    undo = f"dialguard shadow demote {shlex.quote(str(policy))} {words}"
    if as_json:
        told: dict[str, object] = {"policy": policy, "shadow": False}
        told |= {"kept": found.kept} if whole else {"changed": [asdict(each) for each in changed]}
        show_json({**told, "shadows": [sum_as_json(each) for each in sums], "undo": undo})
        return
    for each in changed:
        say(f"{each} is in force now", "green")
    if whole:
        say(
            f"`{found.shadow.name}` is now `{policy.name}`; the old one is kept as "
            f"`{found.kept.name}`",
            "green",
        )
    say(f"to undo it: {undo}")


def demote(
    policy: PolicyArgument,
    rule: RulesOption = None,
    limit: LimitsOption = None,
    watch: WatchesOption = None,
    whole: Annotated[
        bool,
        typer.Option(
            "--policy", metavar="", help="the whole policy; the one before its promotion is back"
        ),
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Put what is in force into shadow: rules, limits, watches do nothing any more.

    What they let no call do is let through from then on; the policy's cases have to allow that.
    With `--policy` what `promote --policy` did is undone: the policy it kept is in force again,
    with its cases, and the one that was promoted is in shadow beside it.
    """
    named = list(_named(rule, limit, watch))
    _see_what_is_meant(named, whole)
    try:
        if whole:
            found = succession.predecessor(policy)
            _try_sequences(found.policy, found.kept_cases)
            succession.recede(found)
            changed, words = [], "--policy"
        else:
            edited = promoting.edit(policy, named, shadow=True)
            _try_sequences(edited.policy, cases_path(policy))
            promoting.write(edited)
            changed, words = list(edited.changed), _words(edited.changed)
    except PolicyError as error:
        give_up(error)
    undo = f"dialguard shadow promote {shlex.quote(str(policy))} {words} --force"
    if as_json:
        told: dict[str, object] = {"policy": policy, "shadow": True}
        told |= (
            {"beside": found.shadow} if whole else {"changed": [asdict(each) for each in changed]}
        )
        show_json({**told, "undo": undo})
        return
    for each in changed:
        say(f"{each} is in shadow now", "green")
    if whole:
        say(
            f"`{policy.name}` is what it was before the promotion; what was promoted is now "
            f"`{found.shadow.name}`",
            "green",
        )
    say(f"to undo it: {undo}")


def _named(
    rules: Sequence[str] | None, limits: Sequence[str] | None, watches: Sequence[str] | None
) -> Iterator[Named]:
    for part, names in ((Part.RULE, rules), (Part.LIMIT, limits), (Part.WATCH, watches)):
        for name in names or ():
            yield Named(part, name)


def _see_what_is_meant(named: Sequence[Named], *others: bool) -> None:
    if bool(named) + sum(others) != 1:
        every = "`--all`; or " if len(others) > 1 else ""
        what = "say what: `--rule NAME`, `--limit NAME`, `--watch NAME`; or"
        fail(f"{what} {every}`--policy`")


def _try_sequences(policy: Policy, beside: Path) -> None:
    """Try what the service tries besides cases, and would refuse the policy for.

    Raises:
        PolicyError: A sequence fails.
    """
    problems = run_suite(policy, load_case_file(beside)).problems if beside.exists() else ()
    if problems:
        raise PolicyError(problems)


def _words(changed: Sequence[Named]) -> str:
    return " ".join(f"--{each.part} {shlex.quote(each.name)}" for each in changed)


def _weigh(
    file: Path,
    logs: Sequence[Path] | None,
    settings: Path | None,
    parts: Collection[tuple[str, str]],
    beside: Policy | None = None,
    *,
    force: bool,
    shows: bool,
) -> list[Sum]:
    """Show what it would have done; ends the command where that is not enough, without force."""
    parts = {each for each in parts if each[0] != Part.WATCH}  # its record is of another kind
    if not parts:
        return []
    try:
        records = logs or [settings_files.load(settings or settings_files.find()).log.decisions]
        policy = load(file)
        sums = sums_of(policy, beside, records, time.time() - LOOKED_BACK_S)
    except (DialguardError, OSError) as error:
        what = f"what it would have done is not known: {error}"
        if not force:
            fail(
                f"{what}; nothing is changed; say `--log FILE`, or `--force` to do it all the same"
            )
        warn(what)
        return []
    sums = [each for each in sums if (each.part, each.name) in parts]
    for each in sums if shows else ():
        say_what_differs(policy, each)
        say_whether_enough(each)
    too_little = [f"{each.part} `{each.name}`" for each in sums if any(each.lacks())]
    if too_little and not force:
        place = shlex.quote(str(file))
        look = f"dialguard shadow {place}"
        if beside is not None:
            look += f"`, and `dialguard diff {place} {shlex.quote(str(beside.source))}"
        fail(
            f"too little is known of {', '.join(too_little)}; nothing is changed. See `{look}`; "
            "with `--force` it is put in force all the same"
        )
    return sums
