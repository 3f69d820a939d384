"""`dialguard audit`: is there any way to a trunk that does not pass the gate?"""

from __future__ import annotations

import contextlib
import gc
import json
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Annotated, Final

import typer

from fastagi.audit.accepted import match, read_accepted
from fastagi.audit.auditing import audit as audit_files
from fastagi.audit.auditing import audit_loaded
from fastagi.audit.finding import Severity
from fastagi.audit.report.drawing import as_svg
from fastagi.audit.report.sarif import as_sarif
from fastagi.audit.report.spelled import Tone, spell, summary
from fastagi.audit.report.structured import as_json as in_json
from fastagi.cli.output import Status, fail, give_up, say, show_json, warn
from fastagi.cli.output_files import refuse_overwriting, write_file
from fastagi.cli.service import JsonOption, SettingsOption, settings_of
from fastagi.errors import AcceptedError, AuditError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from fastagi.audit.accepted import Accepted
    from fastagi.audit.auditing import Audit
    from fastagi.audit.finding import Finding

ETC: Final = Path("/etc/asterisk")

STYLES: Final = {
    Tone.PLAIN: "",
    Tone.HEADING: "bold",
    Tone.HIGH: "bold red",
    Tone.MEDIUM: "yellow",
    Tone.LOW: "cyan",
    Tone.CURE: "green",
    Tone.FAINT: "dim",
}

SERIOUS: Final = frozenset({Severity.HIGH, Severity.MEDIUM})
"""What makes the exit status 2."""


def audit(
    folder: Annotated[
        Path | None,
        typer.Argument(
            metavar="[FOLDER]",
            help="the folder of Asterisk's configuration; /etc/asterisk, if left out",
            show_default=False,
        ),
    ] = None,
    ami: Annotated[
        bool,
        typer.Option(
            "--ami",
            metavar="",
            help="audit the dialplan that Asterisk has loaded, asked over AMI by the settings; "
            "the folder tells of phones, trunks and the rest",
        ),
    ] = False,
    node: Annotated[
        str,
        typer.Option(metavar="NAME", help="with --ami: which Asterisk, where there are several"),
    ] = "",
    settings: SettingsOption = None,
    country: Annotated[
        str,
        typer.Option(
            metavar="CODE",
            help="whose emergency numbers may be dialled without asking (GB), beside those of "
            "everywhere and of the context `dialguard-emergency`",
        ),
    ] = "",
    accepted: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", help="a TOML file of findings that are accepted, with the reasons"
        ),
    ] = None,
    sarif: Annotated[
        Path | None, typer.Option(metavar="FILE", help="write a SARIF file, for code hosts")
    ] = None,
    drawing: Annotated[
        Path | None, typer.Option(metavar="FILE", help="draw the ways to the trunks: ways.svg")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Find every way to a trunk that does not pass the gate, and doors that stand open beside it.

    Each way is told line by line, with what to change. It reads files and runs nothing. Exit
    status 2 if anything of high or medium severity is found that is not accepted, 1 if there is
    no dialplan to be read, 3 if the settings or the file of accepted findings are invalid.
    """
    if node and not ami:
        fail("--node is for --ami")
    refuse_overwriting(sarif, (accepted,))
    refuse_overwriting(drawing, (accepted, sarif))
    country = country.upper()
    try:
        entries = () if accepted is None else read_accepted(accepted)
        where = _existing(folder)
        with _nothing_collected():
            if ami:
                # It takes as long to import as a small dialplan to be audited.
                from fastagi.cli.loaded_dialplan import loaded_dialplan

                found = audit_loaded(loaded_dialplan(settings_of(settings), node), where, country)
            else:
                found = audit_files(where or ETC, country)
    except ValueError as error:
        fail(str(error))
    except (AcceptedError, AuditError) as error:
        give_up(error)
    reasons, stale = match(found.findings, entries)
    if sarif is not None:
        log = as_sarif(found.findings, reasons, _from_here(where or ETC))
        write_file(sarif, (json.dumps(log, indent=1) + "\n").encode())
    if drawing is not None:
        write_file(drawing, as_svg(found.graph).encode())
    sound = not any(each.severity in SERIOUS and each not in reasons for each in found.findings)
    if as_json:
        show_json(_as_json(found, reasons, stale, sound=sound))
    else:
        _show(found, reasons)
    for entry in stale:
        warn(f"{accepted}:{entry.line}: no finding fits this any more; take it out")
    raise typer.Exit(Status.DONE if sound else Status.DENIED)


@contextlib.contextmanager
def _nothing_collected() -> Iterator[None]:
    """Look for no garbage meanwhile: a walk keeps all it finds, and a third of the time went."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def _existing(folder: Path | None) -> Path | None:
    """Return the folder to read; None where none is named and the usual one is not there."""
    if folder is None:
        return ETC if ETC.is_dir() else None
    return folder


def _from_here(folder: Path) -> PurePosixPath:
    """Return a folder as code hosts want it: from the top of the repository, where we stand."""
    whole, here = folder.resolve(), Path.cwd()
    return PurePosixPath(whole.relative_to(here) if whole.is_relative_to(here) else whole)


def _show(found: Audit, reasons: Mapping[Finding, str]) -> None:
    for line in spell(found.findings, reasons):
        say(line.text, STYLES[line.tone])
    looked_at = f"{found.lines} steps in {found.contexts} contexts"
    say(f"{looked_at}: {summary(found.findings, reasons)}", "bold")


def _as_json(
    found: Audit, reasons: Mapping[Finding, str], stale: Sequence[Accepted], *, sound: bool
) -> dict[str, object]:
    return {
        "sound": sound,
        "contexts": found.contexts,
        "lines": found.lines,
        "findings": in_json(found.findings, reasons),
        "stale": [
            {"kind": each.kind.value, "file": each.file, "text": each.text, "line": each.line}
            for each in stale
        ],
    }
