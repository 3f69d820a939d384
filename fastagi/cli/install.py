"""`dialguard install --freepbx`: the gate's lines in FreePBX's files, and out of them again."""

from __future__ import annotations

import difflib
import sys
from datetime import UTC, datetime
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from fastagi.audit.dialplan_files import read_dialplan
from fastagi.cli.arguments import trunk_of
from fastagi.cli.conf_folder import ConfFolder
from fastagi.cli.output import fail, give_up, say, warn
from fastagi.errors import DialguardError, InstallError, Problem
from fastagi.freepbx import edits
from fastagi.freepbx.edits import EMERGENCY, EXTENSIONS, FILES, ROUTINE, Wanted
from fastagi.freepbx.found import custom_trunks, emergency_routes, is_asked_first
from fastagi.freepbx.hook import HOOK
from fastagi.numbering.emergency import numbers_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from fastagi.audit.dialplan import Dialplan
    from fastagi.freepbx.edits import Edit

ETC: Final = Path("/etc/asterisk")
GENERATED: Final = "extensions_additional.conf"
"""Whose owner and mode a file has that is new."""

STYLES: Final = {"+": "green", "-": "red", "@": "cyan"}


def install(
    freepbx: Annotated[
        bool, typer.Option("--freepbx", metavar="", help="into FreePBX 16 or 17; must be said")
    ] = False,
    folder: Annotated[
        Path, typer.Option(metavar="FOLDER", help="the folder of Asterisk's configuration")
    ] = ETC,
    country: Annotated[
        str,
        typer.Option(
            metavar="CODE",
            help="the site's country (GB), whose emergency numbers are not asked for",
        ),
    ] = "",
    more: Annotated[
        list[str] | None,
        typer.Option(
            "--also",
            metavar="NUMBER",
            help="an emergency number of the site's own; again for another",
        ),
    ] = None,
    emergency_trunk: Annotated[
        str,
        typer.Option(
            metavar="NAME",
            help="send emergency calls to this PJSIP trunk, before FreePBX's own routes for them",
        ),
    ] = "",
    remove: Annotated[
        bool, typer.Option("--remove", metavar="", help="take all of it out again")
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", metavar="", help="show what would change; write nothing")
    ] = False,
    yes: Annotated[
        bool, typer.Option("--yes", metavar="", help="write without asking; scripts must say it")
    ] = False,
) -> None:
    """Put the gate into FreePBX, before every trunk, and show what changes in which file.

    It writes a marked block into `extensions_custom.conf`, with `--emergency-trunk` one into
    `globals_custom.conf`, and whole files in `dialguard/`; never what FreePBX generates. It asks
    before it writes, keeps what was there beside each file, and does nothing where all is as it
    should be. Exit status 3 if somebody changed the block, or if there are other lines where it
    goes.
    """
    if not freepbx:
        fail("say into what: `dialguard install --freepbx`")
    if not remove and not country:
        fail("say whose emergency numbers pass: `--country GB`")
    try:
        conf = ConfFolder(folder)
        if conf.read(GENERATED) is None:
            what = "there is no such file; name FreePBX's folder by `--folder`"
            raise InstallError([Problem(folder / GENERATED, 0, what)])
        files = {name: conf.read(name) for name in FILES}
        if remove:
            found = edits.remove(files)
        else:
            wanted = _wanted(country.upper(), more or (), emergency_trunk)
            dialplan, _ = read_dialplan(folder)
            found = edits.install(files, dialplan, wanted)
            _warn(dialplan, wanted)
        for each in found:
            _show(each)
        if not found:
            say("nothing to do: " + ("it is not there" if remove else "all is as it should be"))
        elif dry_run:
            say("nothing is written: `--dry-run`")
        else:
            _write(conf, found, yes=yes)
            _tell(folder, country, removed=remove)
    except InstallError as error:
        give_up(InstallError(_whole(each, folder) for each in error.problems))
    except ValueError as error:
        fail(str(error))
    except DialguardError as error:
        give_up(error)


def _wanted(country: str, more: Sequence[str], trunk: str) -> Wanted:
    routine = (resources.files("fastagi.freepbx") / "dialguard.conf").read_bytes()
    return Wanted(country, (*numbers_of(country), *more), trunk_of(trunk), routine)


def _whole(problem: Problem, folder: Path) -> Problem:
    """Return a problem with the folder before the file's name."""
    file = problem.file if problem.file.is_relative_to(folder) else folder / problem.file
    return Problem(file, problem.line, problem.what)


def _warn(dialplan: Dialplan, wanted: Wanted) -> None:
    for number in custom_trunks(dialplan):
        warn(f"trunk {number} is a custom one: the gate cannot bind its calls, and passes it over")
    if not wanted.trunk and not emergency_routes(dialplan) & set(wanted.numbers):
        warn(
            "no outbound route marked Emergency takes "
            + ", ".join(f"`{each}`" for each in wanted.numbers)
            + ": make one in FreePBX, or name an `--emergency-trunk`"
        )


def _show(edit: Edit) -> None:
    """Print what changes in a file, as `diff -u` does; of a new one, that it is new."""
    before, after = (_lines(each) for each in (edit.before, edit.after))
    if edit.before is None and edit.name in (ROUTINE, EMERGENCY):
        say(f"new: {edit.name}, {len(after)} lines", STYLES["+"])
        return
    for line in difflib.unified_diff(before, after, edit.name, edit.name, lineterm=""):
        say(line, STYLES.get(line[:1], ""))


def _lines(content: bytes | None) -> list[str]:
    """Return what a terminal may be shown of a file; control characters are no part of that."""
    text = (content or b"").decode(errors="replace")
    lines = text.removesuffix("\n").split("\n") if text else []
    return [
        "".join(each if each.isprintable() or each == "\t" else "�" for each in line)
        for line in (each.removesuffix("\r") for each in lines)
    ]


def _write(conf: ConfFolder, found: Sequence[Edit], *, yes: bool) -> None:
    if not yes:
        if not is_asked_here():
            fail("nothing is written: say `--yes`, or run it where you can be asked")
        typer.confirm("Write this?", abort=True)
    stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%S.%f")
    for each in found:
        if each.before is not None:
            kept = f"{each.name}.{stamp}.bak"
            conf.replace(kept, None, each.before, each.name)
            say(f"kept {kept}")
    # What is included first: at no moment does a file include one that is not there.
    for each in reversed(found):
        conf.replace(each.name, each.before, each.after, GENERATED)
        say(f"wrote {each.name}")


def is_asked_here() -> bool:
    """Whether there is somebody who can answer."""
    return sys.stdin.isatty()


def _tell(folder: Path, country: str, *, removed: bool) -> None:
    if removed:
        say("`dialguard/` stays, and nothing of ours includes it; now `fwconsole reload`")
        return
    if not is_asked_first(read_dialplan(folder)[0], EXTENSIONS):
        fail(
            f"Asterisk would run another `[{HOOK}]` than the one in {EXTENSIONS}: "
            f"`dialguard audit {folder}` says which"
        )
    say(f"now `fwconsole reload`, and `dialguard audit {folder} --country {country.upper()}`")
