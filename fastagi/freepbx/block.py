"""A marked block in a file that somebody else writes too.

Bytes, not text: whatever encoding and line ends the rest of the file has, it stays as it is, and
taking the block out gives back, byte for byte, the file without it.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

BEGIN: Final = (
    "; BEGIN dialguard {digest} (by `dialguard install --freepbx`: leave all up to END as it is)"
)
END: Final = "; END dialguard"
BEGINS: Final = re.compile(rb"[ \t]*;[ \t]*BEGIN dialguard\b[ \t]*(?P<digest>[0-9a-f]*)")
ENDS: Final = re.compile(rb"[ \t]*;[ \t]*END dialguard\b")
DIGEST: Final = 16  # hexadecimal digits; it is for slips, not for thieves, who could write it too


@dataclass(frozen=True, slots=True)
class Stumble:
    """Why a file cannot be edited.

    Attributes:
        line: From 1.
        what: By the rules of `Problem.what`.
    """

    line: int
    what: str


@dataclass(frozen=True, slots=True)
class Block:
    """A block that stands in a file.

    Attributes:
        first: The line of its beginning mark, from 1.
        last: That of its end.
        lines: What is between them.
        is_whole: Whether it is as it was made.
    """

    first: int
    last: int
    lines: tuple[bytes, ...]
    is_whole: bool


def find(content: bytes) -> Block | Stumble | None:
    """Find the block of a file; None where there is none, a stumble where its marks are amiss."""
    lines = _split(content)
    begins = [at for at, line in enumerate(lines) if BEGINS.match(line)]
    ends = [at for at, line in enumerate(lines) if ENDS.match(line)]
    if not begins and not ends:
        return None
    if len(begins) > 1:
        return Stumble(begins[1] + 1, "a second `; BEGIN dialguard`: take one of the blocks out")
    if not begins or (ends and ends[0] < begins[0]):
        return Stumble(
            ends[0] + 1,
            "`; END dialguard` without its beginning: take out what is left of the block",
        )
    if len(ends) != 1:
        at = ends[1] if ends else begins[0]
        return Stumble(
            at + 1,
            "`; BEGIN dialguard` and `; END dialguard` do not pair: take the block out, marks "
            "and all",
        )
    inside = tuple(line.rstrip(b"\r\n") for line in lines[begins[0] + 1 : ends[0]])
    found = BEGINS.match(lines[begins[0]])
    is_whole = found is not None and found["digest"].decode() == _digest(inside)
    return Block(begins[0] + 1, ends[0] + 1, inside, is_whole)


def put(content: bytes, wanted: Sequence[str], block: Block | None) -> bytes:
    """Return a file with the wanted lines as its block: where it stands, or at the end.

    Args:
        content: The file.
        wanted: The lines between the marks, without line ends.
        block: What `find` found.
    """
    newline = _newline(content)
    inside = tuple(line.encode() for line in wanted)
    marks = (BEGIN.format(digest=_digest(inside)).encode(), END.encode())
    text = newline.join((marks[0], *inside, marks[1]))
    if block is not None:
        lines = _split(content)
        behind = lines[block.last - 1][len(lines[block.last - 1].rstrip(b"\r\n")) :]
        return b"".join((*lines[: block.first - 1], text, behind, *lines[block.last :]))
    if content and not content.endswith(b"\n"):
        # No line end is added behind it either: so `without` knows that this one is ours.
        return content + newline + text
    return content + text + newline


def without(content: bytes, block: Block) -> bytes:
    """Return a file without its block."""
    lines = _split(content)
    before, after = b"".join(lines[: block.first - 1]), b"".join(lines[block.last :])
    if lines[block.last - 1].endswith(b"\n"):
        return before + after
    mark = lines[block.first - 1]
    return before.removesuffix(mark[len(mark.rstrip(b"\r\n")) :])


def first_change(block: Block, wanted: Sequence[str]) -> int:
    """Return the line of a block, from 1 in its file, that is the first to differ."""
    for at, line in enumerate(wanted):
        if at >= len(block.lines) or block.lines[at] != line.encode():
            return min(block.first + 1 + at, block.last)
    return min(block.first + 1 + len(wanted), block.last)


def _split(content: bytes) -> list[bytes]:
    r"""Return the lines with their ends, as Asterisk counts them: `\n` alone ends one."""
    lines = content.split(b"\n")
    whole = [line + b"\n" for line in lines[:-1]]
    return [*whole, lines[-1]] if lines[-1] else whole


def _newline(content: bytes) -> bytes:
    first, ended, _ = content.partition(b"\n")
    return b"\r\n" if ended and first.endswith(b"\r") else b"\n"


def _digest(lines: Sequence[bytes]) -> str:
    return hashlib.sha256(b"\n".join(lines)).hexdigest()[:DIGEST]
