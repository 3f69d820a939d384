"""From the files as they are to the files as they are to be."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from fastagi.audit.conf_lines import Comments
from fastagi.audit.place import Place
from fastagi.emergency_dialplan import emergency_conf
from fastagi.errors import InstallError, Problem
from fastagi.freepbx import hook
from fastagi.freepbx.block import Block, Stumble, find, first_change, put, without
from fastagi.freepbx.found import in_the_way, shape_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from fastagi.audit.dialplan import Dialplan

EXTENSIONS: Final = "extensions_custom.conf"
GLOBALS: Final = "globals_custom.conf"
ROUTINE: Final = "dialguard/dialguard.conf"
EMERGENCY: Final = "dialguard/emergency.conf"
BLOCKS: Final = (EXTENSIONS, GLOBALS)
"""The site's files, in which a block of them is ours."""

FILES: Final = (*BLOCKS, ROUTINE, EMERGENCY)
"""All that is ever written."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be installed.

    Attributes:
        country: Whose emergency numbers pass (ISO 3166-1 alpha-2).
        numbers: Those, and the site's own; bare digits.
        trunk: The PJSIP trunk of emergency calls, before FreePBX's routes; empty for these alone.
        routine: What `dialguard.conf` holds.
    """

    country: str
    numbers: tuple[str, ...]
    trunk: str
    routine: bytes


@dataclass(frozen=True, slots=True)
class Edit:
    """A file that is to be another.

    Attributes:
        before: What it holds; None where there is none.
    """

    name: str
    before: bytes | None
    after: bytes


def install(
    files: Mapping[str, bytes | None], dialplan: Dialplan, wanted: Wanted
) -> tuple[Edit, ...]:
    """Return the edits by which the gate is installed; none where all is as it should be.

    Args:
        files: Each of `FILES`, as it is; None where it is not there.
        dialplan: What Asterisk would load of the folder as it is.
        wanted: What for.

    Raises:
        InstallError: With the file and the line: this is no FreePBX, or somebody changed the
            block, or there are other lines where it goes.
        DialguardError: An emergency number is none.
    """
    missing = [name for name in BLOCKS if files[name] is None]
    if missing:
        what = (
            "there is no such file, and Asterisk loads no dialplan without it: make an empty one"
        )
        raise InstallError(Problem(Path(name), 0, what) for name in missing)
    shape = shape_of(dialplan)
    if shape is None:
        what = (
            f"nothing in this dialplan calls `[{hook.HOOK}]` by Macro or by Gosub, as FreePBX 16 "
            "and 17 do: name the folder of a FreePBX"
        )
        raise InstallError([Problem(Path("extensions_additional.conf"), 0, what)])
    lines = hook.extensions(shape, wanted.numbers, own_emergency=bool(wanted.trunk))
    settings = hook.globals_(wanted.trunk) if wanted.trunk else ()
    problems = [
        *_odd(EXTENSIONS, files[EXTENSIONS], lines),
        *_odd(GLOBALS, files[GLOBALS], settings),
        *_other_lines(files[EXTENSIONS] or b"", dialplan),
    ]
    if problems:
        raise InstallError(problems)
    emergency = emergency_conf(wanted.country, "", wanted.numbers).encode() if settings else None
    after = {
        EXTENSIONS: _with(files[EXTENSIONS], lines),
        GLOBALS: _with(files[GLOBALS], settings),
        ROUTINE: wanted.routine,
        EMERGENCY: emergency if settings else files[EMERGENCY],
    }
    return _edits(files, after)


def remove(files: Mapping[str, bytes | None]) -> tuple[Edit, ...]:
    """Return the edits by which it is taken out again.

    The files in `dialguard/` stay: another file of the site's may include them, and Asterisk loads
    no dialplan that includes a file which is not there.

    Raises:
        InstallError: As `install`.
    """
    problems = [each for name in BLOCKS for each in _marks(name, files[name], None)]
    if problems:
        raise InstallError(problems)
    return _edits(files, {**files, **{name: _with(files[name], ()) for name in BLOCKS}})


def _edits(
    files: Mapping[str, bytes | None], after: Mapping[str, bytes | None]
) -> tuple[Edit, ...]:
    return tuple(
        Edit(name, files[name], content)
        for name in FILES
        if (content := after[name]) is not None and content != files[name]
    )


def _with(content: bytes | None, lines: Sequence[str]) -> bytes | None:
    """Return a file with these lines as its block; without a block where there are none."""
    found = find(content or b"")
    block = found if isinstance(found, Block) else None
    if lines:
        return put(content or b"", lines, block)
    return content if content is None or block is None else without(content, block)


# ----------------------------------------------------------------------------- what is in the way


def _odd(name: str, content: bytes | None, lines: Sequence[str]) -> Iterator[Problem]:
    """Yield why a file cannot have these lines as its block."""
    yield from _marks(name, content, lines)
    found = find(content or b"")
    if not lines or isinstance(found, Stumble):
        return
    before, after = _around(content or b"", found)
    comments = Comments()
    for at, line in enumerate(before, 1):
        bare = comments.bare(line, Place(name, at))
        if name == GLOBALS and bare.startswith("["):
            what = "a section begins here, and what follows is no global variable: take it out"
            yield Problem(Path(name), at, what)
            return
    if comments.depth:
        opened = comments.stray or comments.begun[-1]
        what = "a block comment (`;--`) hides all that follows: close it by `--;`, or take it out"
        yield Problem(Path(name), opened.line, what)
    if name == EXTENSIONS and found is not None and (joined := _joins(after)) is not None:
        what = (
            "these lines, behind `; END dialguard`, belong to the block's last context: put them "
            "into one of their own, or before the block"
        )
        yield Problem(Path(name), found.last + joined, what)


def _marks(name: str, content: bytes | None, lines: Sequence[str] | None) -> Iterator[Problem]:
    """Yield what is wrong with the marks, and whether somebody changed what is between them."""
    found = find(content or b"")
    if isinstance(found, Stumble):
        yield Problem(Path(name), found.line, found.what)
    elif found is not None and not found.is_whole:
        line = first_change(found, lines) if lines else found.first
        what = (
            "somebody changed the lines between `; BEGIN dialguard` and `; END dialguard`: put "
            "yours elsewhere, take the block out, marks and all, and install again"
        )
        yield Problem(Path(name), line, what)


def _around(content: bytes, block: Block | None) -> tuple[list[str], list[str]]:
    """Return the lines before a block and behind it, one character a byte."""
    lines = content.decode("latin-1").split("\n")
    if block is None:
        return lines, []
    return lines[: block.first - 1], lines[block.last :]


def _joins(after: Sequence[str]) -> int | None:
    """Return the first line that is read as one more of the context before it, from 1."""
    for at, line in enumerate(after, 1):
        if (bare := line.strip()) and not bare.startswith(";"):
            return None if bare[0] in "[#" else at
    return None


def _other_lines(content: bytes, dialplan: Dialplan) -> Iterator[Problem]:
    found = find(content)
    block = (found.first, found.last) if isinstance(found, Block) else None
    if (place := in_the_way(dialplan, EXTENSIONS, block)) is not None:
        what = (
            f"`[{hook.HOOK}]` has lines of somebody else's here, and there can be one hook only: "
            "take them out, or the module that writes them"
        )
        yield Problem(Path(place.file), place.line, what)
