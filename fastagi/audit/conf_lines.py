r"""Comments of Asterisk's `.conf` files, as main/config.c config_text_file_load() takes them off.

`;` to the end of the line, unless `\;` says otherwise; `;--` to `--;`, over lines, one in the
other. What surprises in it is kept: a `--;` that closes nothing hides all that follows.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from fastagi.audit.place import Place

BLANKS: Final = "".join(map(chr, range(33)))
"""What Asterisk takes for blank (include/asterisk/strings.h ast_strip)."""

LINE_MAX: Final = (
    8190  # bytes without the newline; config.c, the buffer of config_text_file_load()
)
NESTED_MAX: Final = 128  # comments in comments; config.c MAX_NESTED_COMMENTS


@dataclass(slots=True)
class Comments:
    """What is a comment, line after line.

    Attributes:
        depth: How many block comments are open; below none where more were closed than opened.
        begun: Where each that is open began, the outermost first.
        stray: Where a `--;` first closed nothing.
        too_deep: Where a comment was one too many in others; there Asterisk never ends.
    """

    depth: int = 0
    begun: list[Place] = field(default_factory=list)
    stray: Place | None = None
    too_deep: Place | None = None

    def bare(self, line: str, place: Place) -> str:
        """Return what counts of a line, without blanks around it."""
        at = line.find(";")
        if at < 0:
            return "" if self.depth else line.strip(BLANKS)
        if not (self.depth or line[at - 1 : at] in {"\\", "-"} or line.startswith("--", at + 1)):
            return line[:at].strip(BLANKS)
        return self._bare(line, place)

    def _bare(self, line: str, place: Place) -> str:
        """Do it where a semicolon is escaped, or may open or close a block."""
        hidden = bool(self.depth)
        kept = ""  # what counts of it and stands before a block
        begin = seek = 0  # of what counts behind that; of the next search
        end: int | None = None  # of what counts, where a block opens
        while (at := line.find(";", seek)) >= 0:
            if at > seek and line[at - 1] == "\\":
                line = line[: at - 1] + line[at:]
                seek = at
            elif line.startswith("--", at + 1) and line[at + 3 : at + 4] != "-":
                end = at if end is None else end
                seek = at + 3
                self._open(place)
            elif at >= seek + 2 and line.startswith("--", at - 2):
                seek = at + 1
                self._close(place)
                if not self.depth:
                    kept += "" if hidden else line[begin:end]
                    hidden, begin, end = False, seek, None
            elif self.depth:
                seek = at + 1
            else:
                end = at if end is None else end
                break
        return "" if hidden else (kept + line[begin:end]).strip(BLANKS)

    def _open(self, place: Place) -> None:
        if self.depth == NESTED_MAX:
            self.too_deep = place
            return
        self.depth += 1
        if self.depth > 0:
            self.begun.append(place)

    def _close(self, place: Place) -> None:
        self.depth -= 1
        if self.begun:
            self.begun.pop()
        if self.depth < 0 and self.stray is None:
            self.stray = place
