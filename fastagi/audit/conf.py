r"""Asterisk's `.conf` files, as main/config.c reads them: files in files, templates, comments.

pyst2's `asterisk.config` was meant to read them, with a preprocessor for what it lacks. It cannot:
it cuts every value at its first semicolon, so that nothing which is handed to it can stand for
`\;`; it knows no line but of one file, and fails where Asterisk goes on.
"""

from __future__ import annotations

from codecs import BOM_UTF8
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import TYPE_CHECKING, Final

from fastagi.audit.conf_files import etc_of, named, told
from fastagi.audit.conf_lines import BLANKS, LINE_MAX, Comments
from fastagi.audit.conf_sections import Draft, Drafts, StumbleError, put
from fastagi.audit.conf_words import Conf, Section, Setting
from fastagi.audit.finding import Finding, Kind, Severity
from fastagi.audit.place import Place

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["Conf", "Section", "Setting", "read_conf"]

INCLUDES_MAX: Final = 10  # files within files; config.c MAX_INCLUDE_LEVEL
AGAIN_MAX: Final = 1_000  # files that were read before are read again; Asterisk has no limit
ENGINES: Final = "extconfig.conf"
WITHOUT_ENGINES: Final = frozenset({ENGINES, "asterisk.conf", "logger.conf"})
"""Files that never come from a database (config.c read_config_maps())."""


def read_conf(folder: Path, name: str) -> Conf:
    """Read a file of a configuration as Asterisk does; nothing in it raises, and nothing is run.

    Args:
        folder: Where the configuration lies: `/etc/asterisk`, or a copy of it.
        name: The file: `pjsip.conf`. One that is not there is empty, and no finding.
    """
    reader = _Reader(folder)
    if name not in WITHOUT_ENGINES:
        reader.engines = _engines(folder)
    loaded = reader.load(name, Place(name, 0))
    return Conf(
        sections=reader.drafts.sections(),
        findings=tuple(dict.fromkeys(reader.findings)),
        files=tuple(reader.lines),
        whole=loaded is not _Loaded.BROKEN,
    )


def _engines(folder: Path) -> dict[str, Place]:
    """Return the files that Asterisk has from a database, and where it is told to."""
    return {
        each.name.lower(): each.place
        for section in read_conf(folder, ENGINES).sections
        if section.name.lower() == "settings" and not section.is_template
        for each in section.settings
    }


class _Loaded(Enum):
    """What came of a file."""

    NOTHING = auto()
    """There is none."""
    READ = auto()
    BROKEN = auto()
    """Asterisk stumbled over a line, and read no further."""


@dataclass(slots=True)
class _Load:
    """One file, or those of one pattern, while they are read: they share comments and section."""

    is_included: bool
    draft: Draft | None
    comments: Comments = field(default_factory=Comments)


class _Reader:
    """One reading of a file and all that it includes."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.drafts = Drafts()
        self.findings: list[Finding] = []
        self.lines: dict[Path, list[str]] = {}
        self.engines: dict[str, Place] = {}
        self._etc = etc_of(folder)
        self._level = 0
        self._again = 0

    # ------------------------------------------------------------------- files

    def load(self, name: str, at: Place) -> _Loaded:
        """Read a file, or those of a pattern, and what they include.

        Args:
            name: As it is included.
            at: Where.
        """
        if self._level > INCLUDES_MAX or self._again > AGAIN_MAX:
            what = f"`{name}` is included too deep in other files, or in itself"
            self._unreadable(at, what, "take the circle apart")
            return _Loaded.NOTHING if self._level > INCLUDES_MAX else _Loaded.READ
        load = _Load(is_included=self._level > 0, draft=self.drafts.current)
        self._level += 1
        if place := self.engines.get(name.lower()):
            what = f"`{name}` comes from a database: the audit reads the file, where there is one"
            self._unreadable(place, what, "keep it in the file, or audit what is loaded, over AMI")
        loaded = _Loaded.NOTHING
        try:
            for file in named(self.folder, self._etc, name):
                read = self._load_one(load, file, at)
                loaded = loaded if read is _Loaded.NOTHING else read
                if loaded is _Loaded.BROKEN:
                    break
        except PermissionError:
            self._hidden(name, at)
            loaded = _Loaded.READ  # Asterisk may look into the folder
        self._tell_comments(load.comments)
        if loaded is not _Loaded.BROKEN:  # else Asterisk forgets to count down
            self._level -= 1
        return loaded

    def _load_one(self, load: _Load, file: Path, at: Place) -> _Loaded:
        shown = told(self.folder, file)
        self._again += file in self.lines
        try:
            lines = self._lines_of(file)
        except PermissionError:
            self._hidden(shown, at)
            return _Loaded.READ  # by Asterisk
        except OSError:
            return _Loaded.NOTHING
        for number, line in enumerate(lines, 1):
            place = Place(shown, number)
            try:
                self._read(load, line, place)
            except StumbleError as error:
                then = (
                    "reads no further in it" if load.is_included else "takes nothing of the file"
                )
                self._misread(
                    place,
                    f"this line {error.what}: Asterisk {then}",
                    error.advice,
                    Severity.MEDIUM,
                )
                return _Loaded.BROKEN
        return _Loaded.READ

    def _lines_of(self, file: Path) -> list[str]:
        """Return a file's lines; one that is not UTF-8 is taken for Latin-1, as all bytes can be.

        Raises:
            OSError: It cannot be read, or is no file: Asterisk opens no device.
        """
        if file not in self.lines:
            if not file.is_file():
                raise FileNotFoundError(file)
            content = file.read_bytes().removeprefix(BOM_UTF8)
            self.lines[file] = [_decoded(line) for line in content.split(b"\n")]
        return self.lines[file]

    def _read(self, load: _Load, line: str, place: Place) -> None:
        """Read one line.

        Raises:
            StumbleError: Asterisk reads no further.
        """
        if len(line) > LINE_MAX // 4 and len(line.encode()) > LINE_MAX:
            self._misread(place, "Asterisk leaves out this line: it is too long", "break it up")
            return
        text = load.comments.bare(line.partition("\0")[0], place)
        if not text:
            return
        if text[0] == "[":
            if self.drafts.begin(text, place):
                what = "Asterisk leaves out what stands behind this bracket"
                advice = "put `(…)` right behind it, without a blank"
                self._misread(place, what, advice)
            load.draft = self.drafts.current
        elif text[0] == "#":
            self._directive(text[1:], place)
        elif load.draft is None:
            raise StumbleError("stands in no section", "put a `[section]` above it")
        elif wrong := put(load.draft, text, place):
            self._misread(place, f"Asterisk leaves out this line: it {wrong}", "mend it")

    # ------------------------------------------------------------------- directives

    def _directive(self, text: str, place: Place) -> None:
        """Follow `#include` and `#tryinclude`, tell of `#exec`; others are left out.

        Raises:
            StumbleError: What is included is not there.
        """
        at = next((at for at, each in enumerate(text) if each in BLANKS), len(text))
        word, name = text[:at].lower(), text[at:].strip(BLANKS)
        if word not in {"include", "tryinclude", "exec"} or not name:
            what = "Asterisk leaves out this line: it includes nothing"
            self._misread(place, what, "write `;` before a comment, or `#include FILE`")
            return
        if word == "exec":
            what = "Asterisk reads here what a program prints; the audit runs none"
            self._unreadable(place, what, "write what it prints into a file, and include that")
            return
        if len(name) > 1 and (name[0], name[-1]) in {('"', '"'), ("<", ">")}:
            name = name[1:-1]
        if self.load(name, place) is _Loaded.NOTHING and word == "include":
            raise StumbleError(
                f"includes `{name}`, which is not there", "write `#tryinclude`, or take it away"
            )

    # ------------------------------------------------------------------- findings

    def _tell_comments(self, comments: Comments) -> None:
        """Tell what was wrong with the comments of a file."""
        if comments.begun:
            what = "this comment is not closed: Asterisk reads nothing below"
            self._misread(comments.begun[-1], what, "close it with `--;`", Severity.MEDIUM)
        if comments.stray is not None:
            what = "this `--;` closes no comment: Asterisk reads nothing below"
            self._misread(comments.stray, what, "take it away", Severity.MEDIUM)
        if comments.too_deep is not None:
            what = "this comment stands in too many others: Asterisk never ends reading it"
            self._misread(comments.too_deep, what, "close comments", Severity.MEDIUM)
        for place in self.drafts.unknown:
            what = "a section is chosen here by an expression that the audit does not know"
            self._unreadable(place, what, "write the setting where the section is")

    def _hidden(self, name: str, at: Place) -> None:
        what = f"`{name}` is hidden from this user"
        self._unreadable(at, what, "run the audit as root, or as Asterisk's user")

    def _unreadable(self, place: Place, what: str, advice: str) -> None:
        self.findings.append(Finding(Kind.UNREADABLE, Severity.MEDIUM, what, advice, place))

    def _misread(
        self, place: Place, what: str, advice: str, severity: Severity = Severity.LOW
    ) -> None:
        self.findings.append(Finding(Kind.MISREAD, severity, what, advice, place))


def _decoded(line: bytes) -> str:
    try:
        return line.decode()
    except UnicodeDecodeError:
        return line.decode("latin-1")
