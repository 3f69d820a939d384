"""`dialguard migrate`: a policy of an older format becomes one of today's."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from fastagi import atomic_file
from fastagi.cli.output import Status, fail, say, show_difference, warn
from fastagi.cli.policy import Policies, files_of
from fastagi.errors import PolicyError, Problem, TomlError
from fastagi.policy.files import read_file
from fastagi.policy.format import FORMAT
from fastagi.policy.migrations import migrate as migrated
from fastagi.policy.reading import BYTES_MAX
from fastagi.policy.wording import printable
from fastagi.toml_lines import WHOLE_FILE, decoded

DiffOption = Annotated[bool, typer.Option("--diff", help="write nothing; show what would change")]


def migrate(policies: Policies, diff: DiffOption = False) -> None:
    """Bring policies to the format of today, and say what changes and why.

    The old one is kept beside, as `office.toml.before-format-1`. Exit status 3 if a policy is no
    TOML, or of a format that this dialguard does not know.
    """
    invalid = False
    for file in files_of(policies):
        try:
            text = decoded(read_file(file, BYTES_MAX))
            after = migrated(text)
        except PolicyError as error:
            problems = error.problems
        except TomlError as error:
            problems = (Problem(file, error.line, printable(error.what)),)
        except ValueError as error:
            problems = (Problem(file, WHOLE_FILE, str(error)),)
        else:
            for note in after.notes:
                say(f"{file}: {note}")
            if diff:
                show_difference(file, text, after.text)
            elif after.text == text:
                say(f"{file}: is of format {FORMAT} already")
            else:
                _write(file, after.text)
            continue
        invalid = True
        for problem in problems:
            warn(str(problem), "red")
    raise typer.Exit(Status.INVALID if invalid else Status.DONE)


def _write(file: Path, after: str) -> None:
    kept = file.with_name(f"{file.name}.before-format-{FORMAT}")
    if kept.exists():
        fail(f"`{kept}` is there already; move it away, so that nothing is lost")
    try:
        os.link(os.path.realpath(file), kept)  # the old file itself, with its mode and owner
        atomic_file.write(file, after.encode())
    except OSError as error:
        fail(f"`{file}` cannot be written: {(error.strerror or str(error)).lower()}")
    say(f"{file}: migrated; the old one is `{kept}`")
