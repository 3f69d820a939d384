"""`dialguard fmt`: policies, their cases and the settings in their one layout."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from fastagi import atomic_file
from fastagi.cli.output import Status, say, show_difference, warn
from fastagi.errors import LayoutError, PolicyError, Problem, TomlError
from fastagi.policy.case_file import CaseDocument
from fastagi.policy.document import Document
from fastagi.policy.files import read_file
from fastagi.policy.reading import BYTES_MAX
from fastagi.policy.wording import printable
from fastagi.settings.model import Settings
from fastagi.toml_layout.layout import laid_out
from fastagi.toml_layout.order import order_of
from fastagi.toml_lines import WHOLE_FILE, parse

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pydantic import BaseModel

STDIN: Final = Path("-")

Files = Annotated[
    list[Path],
    typer.Argument(
        metavar="FILE…", help="policies, cases, settings, or folders of them; `-` for stdin"
    ),
]
CheckOption = Annotated[
    bool, typer.Option("--check", help="write nothing; exit status 1 if a layout differs")
]
DiffOption = Annotated[bool, typer.Option("--diff", help="write nothing; show what would change")]


def fmt(files: Files, check: CheckOption = False, diff: DiffOption = False) -> None:
    """Lay files out: tables and keys in order, `=` under `=`, comments beside comments.

    Policies, their cases and the settings are told apart by what they hold. No value and no
    comment changes; what cannot be laid out without that is left alone, and told of. Exit status 3
    if a file is no TOML.
    """
    differs = invalid = failed = False
    for file in _all(files):
        try:
            raw = _read(file)
            after = laid_out(raw, order_of(_model(raw))).encode()
        except PolicyError as error:
            invalid = True
            for problem in error.problems:
                warn(str(problem), "red")
            continue
        except TomlError as error:
            invalid = True
            warn(str(Problem(file, error.line, printable(error.what))), "red")
            continue
        except LayoutError as error:
            failed = True
            warn(str(Problem(file, WHOLE_FILE, f"{error}; it is left as it is")), "red")
            continue
        differs |= raw != after
        if diff:
            show_difference(file, raw.decode(), after.decode())
        if file == STDIN and not (check or diff):
            sys.stdout.write(after.decode())
        elif raw != after and not check and not diff:
            failed |= not _write(file, after)
        elif raw != after and not diff:
            warn(f"{file}: is laid out otherwise; `dialguard fmt` does it")
    if invalid:
        raise typer.Exit(Status.INVALID)
    raise typer.Exit(Status.FAILED if failed or (check and differs) else Status.DONE)


def _all(places: Sequence[Path]) -> Iterator[Path]:
    for place in places:
        if place != STDIN and place.is_dir():
            yield from sorted(place.glob("*.toml"))
        else:
            yield place


def _read(file: Path) -> bytes:
    if file == STDIN:
        return sys.stdin.buffer.read()
    return read_file(file, BYTES_MAX)


def _model(raw: bytes) -> type[BaseModel]:
    """Tell by its tables what a file is."""
    data = parse(raw).data
    if "case" in data or "sequence" in data:
        return CaseDocument
    return Settings if "policy" in data else Document


def _write(file: Path, after: bytes) -> bool:
    try:
        atomic_file.write(file, after)
    except OSError as error:
        what = f"this file cannot be written: {(error.strerror or str(error)).lower()}"
        warn(str(Problem(file, WHOLE_FILE, what)), "red")
        return False
    say(f"{file}: laid out")
    return True
