"""What `dialguard doctor` looks at in Asterisk's folders: the dialplan, and the sound files.

On Debian they are readable by Asterisk and root only. What is hidden from whoever runs the doctor
is a warning: it says nothing of whether it is wired right.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final

from fastagi.audit import dial_options
from fastagi.call.channel import Script, Variable
from fastagi.cli.checkup import Finding, fail, ok, warn
from fastagi.prompts.catalogue import PROMPTS, REFUSALS

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

ROUTINE: Final = "dialguard.conf"

INCLUDE: Final = re.compile(r'\s*#\s*(?:try)?include\s+["<]?(?P<file>[^">\s]+)')
SECTION: Final = re.compile(r"\s*\[(?P<name>[^]]+)\]")
BLOCK_COMMENT: Final = re.compile(r";--(?!-).*?--;", re.DOTALL)
COMMENT: Final = re.compile(r"(?<!\\);.*")
INCLUDES_MAX: Final = 10  # files within files; main/config.c MAX_INCLUDE_LEVEL

ASSIGNED: Final = re.compile(r"\s*(?P<name>\w+)\s*=>?(?P<value>.*)")

DATA_FOLDER: Final = re.compile(r"^\s*astdatadir\s*=>?\s*(?P<folder>[^;\s]+)", re.MULTILINE)
DATA_FOLDERS: Final = (Path("/usr/share/asterisk"), Path("/var/lib/asterisk"))
"""Debian's, and that of Asterisk built from source."""


def _hidden(file: Path) -> Finding:
    return warn(f"`{file}` is hidden from this user", "run `dialguard doctor` as root")


# ------------------------------------------------------------------- the dialplan


@dataclass(frozen=True, slots=True)
class Line:
    """One line, without its comment, and the section that it stands in."""

    section: str
    text: str
    file: Path
    number: int


@dataclass(slots=True)
class Dialplan:
    """What Asterisk reads from `extensions.conf` on, one file put in the place of its `#include`.

    Attributes:
        lines: In the order in which Asterisk reads them.
        files: Each file that was read, and its text.
        hidden: Files that this user may not read.
        missing: Files that are included and not there.
    """

    etc: Path
    lines: list[Line] = field(default_factory=list)
    files: dict[Path, str] = field(default_factory=dict)
    hidden: list[Path] = field(default_factory=list)
    missing: list[Path] = field(default_factory=list)

    def read(self, file: Path, section: str = "", depth: int = 0) -> str:
        """Read a file and what it includes; return the section that its last line stands in."""
        try:
            text = file.read_text(encoding="utf-8", errors="replace")
        except PermissionError:
            self.hidden.append(file)
            return section
        except OSError:
            self.missing.append(file)
            return section
        self.files[file] = text
        bared = BLOCK_COMMENT.sub(lambda found: "\n" * found[0].count("\n"), text)
        for number, line in enumerate(bared.splitlines(), 1):
            bare = COMMENT.sub("", line)
            if found := INCLUDE.match(bare):
                for each in self._named(found["file"]) if depth < INCLUDES_MAX else ():
                    section = self.read(each, section, depth + 1)
                continue
            if found := SECTION.match(bare):
                section = found["name"]
            self.lines.append(Line(section, bare, file, number))
        return section

    def _named(self, file: str) -> Sequence[Path]:
        """Return the files that an `#include` names, which may be a pattern: `custom/*.conf`."""
        path = self.etc / file
        if not re.search(r"[*?\[]", file):
            return [path]
        return sorted(Path(path.anchor).glob(str(path.relative_to(path.anchor))))

    def routine(self) -> Path | None:
        """Return the file of our routine, whether it can be read or not."""
        known = (*self.files, *self.hidden, *self.missing)
        return next((each for each in known if each.name == ROUTINE), None)

    def has(self, wanted: re.Pattern[str], section: str | None = None) -> bool:
        """Whether a line of a section, or of any, has something."""
        return any(
            wanted.search(each.text) for each in self.lines if section in {None, each.section}
        )


@dataclass(frozen=True, slots=True)
class Wire:
    """One thing that a dialplan needs beside our routine.

    Attributes:
        section: Where it has to stand; None for anywhere.
        there: What is said if it is.
        missing: What is found if it is not.
    """

    wanted: re.Pattern[str]
    section: str | None
    there: str
    missing: Finding


WIRES: Final = (
    Wire(
        re.compile(r"\[\s*dialguard-emergency\s*\]"),
        None,
        "emergency numbers are in the dialplan",
        fail(
            "no file that is included has `[dialguard-emergency]`",
            "emergency calls need it when the service is down: make `emergency.conf` with "
            "`dialguard emergency`, and include it (docs/install.md)",
        ),
    ),
    Wire(
        re.compile(r"^\s*DIALGUARD_EMERGENCY_TRUNK\s*=>?\s*\S"),
        "globals",
        "a trunk for emergency calls is named",
        fail(
            "`DIALGUARD_EMERGENCY_TRUNK` is not set in `[globals]`",
            "emergency calls would go nowhere: name the trunk that takes them",
        ),
    ),
    Wire(
        re.compile(r"Gosub(?:If)?\(.*\bdialguard\s*,\s*outbound\b", re.IGNORECASE),
        None,
        "the dialplan asks",
        warn(
            "nothing in the dialplan asks: there is no `Gosub(dialguard,outbound,…)`",
            "put it before every `Dial` to a trunk (docs/install.md)",
        ),
    ),
)


def dialplan_is_wired(etc: Path) -> Iterator[Finding]:
    """Whether this machine's dialplan includes ours, asks, and knows emergency numbers itself."""
    try:
        configured = etc.is_dir()
    except PermissionError:
        yield _hidden(etc)
        return
    if not configured:
        yield warn(
            f"no Asterisk is configured in `{etc}`",
            "where Asterisk is another machine, run `dialguard doctor` there too",
        )
        return
    etc = etc.resolve()
    dialplan = Dialplan(etc)
    dialplan.read(etc / "extensions.conf")
    for file in dict.fromkeys(dialplan.hidden):
        yield _hidden(file)
    routine = dialplan.routine()
    if routine is not None:
        yield ok(f"dialplan includes `{routine}`")
        yield from _contract_is_ours(routine, dialplan)
    elif not dialplan.hidden:
        yield fail(
            f"`{etc / 'extensions.conf'}` does not include `{ROUTINE}`", "see docs/install.md"
        )
        return
    for wire in WIRES:
        if dialplan.has(wire.wanted, wire.section):
            yield ok(wire.there)
        elif not dialplan.hidden:  # where it may stand
            yield wire.missing
    yield from _dials_are_counted(dialplan)


def _dials_are_counted(dialplan: Dialplan) -> Iterator[Finding]:
    """Whether a `Dial` to which the gate's options are given has others that take them away."""
    variables = {
        found["name"]: found["value"].strip()
        for each in dialplan.lines
        if each.section == "globals" and (found := ASSIGNED.match(each.text))
    }
    given = [
        (each, options)
        for each in dialplan.lines
        for options in dial_options.beside_ours(each.text, variables)
    ]
    for line, options in given:
        for kind in dial_options.KINDS:
            if odd := "".join(sorted(options & kind.options)):
                where = f"`{line.file}`, line {line.number}"
                yield warn(f"{where}: {kind.what % ', '.join(f'`{x}`' for x in odd)}", kind.cure)
    if given and not any(options & dial_options.ODD for _, options in given):
        yield ok("no option of `Dial` stands in the way of ours")


def _contract_is_ours(file: Path, dialplan: Dialplan) -> Iterator[Finding]:
    """Whether the routine knows every word that this version shares with it."""
    if file in dialplan.hidden:
        return
    if not (routine := dialplan.files.get(file, "")):
        yield fail(f"`{file}` is not there", f"copy `dialplan/{ROUTINE}` there")
        return
    missing = [str(word) for word in Variable if word not in routine]
    # A door is called by its path, or named to the routine that calls it.
    missing += [
        f"/{script}"
        for script in Script
        if f"}}/{script}" not in routine and f"({script}" not in routine
    ]
    if missing:
        yield fail(
            f"`{file}` is of another version of dialguard: it lacks {', '.join(missing)}",
            f"copy `dialplan/{ROUTINE}` of this version there, and `dialplan reload`",
        )
    else:
        yield ok("its contract is this version's")


# ------------------------------------------------------------------- the sounds


def sounds_are_there(etc: Path, languages: Sequence[str]) -> Iterator[Finding]:
    """Whether Asterisk has every sound file that a caller may hear, in every language."""
    try:
        sounds = _sounds(etc)
    except PermissionError as error:
        yield _hidden(Path(error.filename or etc))
        return
    if sounds is None:
        yield warn("Asterisk's sound files were not found", "install its core sounds")
        return
    wanted = {sound for files in (*PROMPTS.values(), *REFUSALS.values()) for sound in files}
    for language in languages:
        folder = sounds / language
        if folder.exists() and not os.access(folder, os.R_OK | os.X_OK):
            yield _hidden(folder)
            continue
        missing = sorted(sound for sound in wanted if not any(folder.glob(f"{sound}.*")))
        if missing:
            yield warn(
                f"`{language}` lacks {len(missing)} sound files: {', '.join(missing[:3])} …",
                f"install Asterisk's core sounds for `{language}` into `{sounds}`",
            )
        else:
            yield ok(f"sounds are there in `{language}`")


def _sounds(etc: Path) -> Path | None:
    """Return the folder of sounds: the one that is configured, else where it usually is.

    Raises:
        PermissionError: The configuration, or a folder on the way, is hidden from this user.
    """
    hidden = None
    folders: tuple[Path, ...] = DATA_FOLDERS
    try:
        text = (etc / "asterisk.conf").read_text(encoding="utf-8", errors="replace")
        if named := DATA_FOLDER.search(text):
            folders = (Path(named["folder"]),)
    except PermissionError as error:
        hidden = error
    except OSError:
        pass  # no Asterisk here, or one that is configured elsewhere
    for folder in folders:
        if (folder / "sounds").is_dir():
            return folder / "sounds"
    if hidden is not None:
        raise hidden
    return None
