"""`dialguard shadow promote`, `demote`: out of the shadow into force, and back."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from fastagi.cli.output import fail, give_up, say, show_json
from fastagi.cli.service import JsonOption
from fastagi.errors import PolicyError
from fastagi.shadows import promoting, succession
from fastagi.shadows.promoting import Named, Part

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

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
    as_json: JsonOption = False,
) -> None:
    """Put what is in shadow in force: the policy's file is edited, and checked before.

    Comments and order stay. What would not load, or fails a case beside it, is refused, and
    nothing is written: exit status 3. A service that runs takes the file up by itself.
    """
    named = list(_named(rule, limit, watch))
    if (bool(named) + every + whole) != 1:
        fail("say what: `--rule NAME`, `--limit NAME`, `--watch NAME`; or `--all`; or `--policy`")
    if whole:
        _promote_whole(policy, as_json=as_json)
    else:
        _edit(policy, None if every else named, shadow=False, as_json=as_json)


def demote(
    policy: PolicyArgument,
    rule: RulesOption = None,
    limit: LimitsOption = None,
    watch: WatchesOption = None,
    as_json: JsonOption = False,
) -> None:
    """Put rules, limits or watches that are in force into shadow: they do nothing any more.

    What they let no call do is let through from then on; the policy's cases have to allow that.
    """
    named = list(_named(rule, limit, watch))
    if not named:
        fail("say what: `--rule NAME`, `--limit NAME`, `--watch NAME`")
    _edit(policy, named, shadow=True, as_json=as_json)


def _named(
    rules: Sequence[str] | None, limits: Sequence[str] | None, watches: Sequence[str] | None
) -> Iterator[Named]:
    for part, names in ((Part.RULE, rules), (Part.LIMIT, limits), (Part.WATCH, watches)):
        for name in names or ():
            yield Named(part, name)


def _edit(file: Path, wanted: Sequence[Named] | None, *, shadow: bool, as_json: bool) -> None:
    try:
        edited = promoting.edit(file, wanted, shadow=shadow)
        promoting.write(edited)
    except PolicyError as error:
        give_up(error)
    words = " ".join(f"--{each.part} {each.name}" for each in edited.changed)
    undo = f"dialguard shadow {'promote' if shadow else 'demote'} {file} {words}"
    if as_json:
        changed = [asdict(each) for each in edited.changed]
        show_json({"policy": file, "shadow": shadow, "changed": changed, "undo": undo})
        return
    for each in edited.changed:
        say(f"{each} is {'in shadow' if shadow else 'in force'} now", "green")
    say(f"to undo it: {undo}")


def _promote_whole(file: Path, *, as_json: bool) -> None:
    try:
        found = succession.successor(file)
        succession.succeed(found)
    except PolicyError as error:
        give_up(error)
    undo = f"mv {found.kept} {found.file.resolve()}"
    if as_json:
        show_json({"policy": file, "shadow": False, "kept": found.kept, "undo": undo})
        return
    say(f"`{file}` is what `{found.shadow.name}` was; what it was is `{found.kept}`", "green")
    say(f"to undo it: {undo}")
