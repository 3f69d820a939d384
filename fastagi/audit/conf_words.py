"""What stands in a `.conf` file of Asterisk: sections, and settings in them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from fastagi.audit.finding import Finding
    from fastagi.audit.place import Place


@dataclass(frozen=True, slots=True)
class Setting:
    """One `name = value`.

    Attributes:
        place: Where it is written: for one that came with a template, there.
        arrow: Whether it is written `=>`.
    """

    name: str
    value: str = field(repr=False)  # it may be a password
    place: Place
    arrow: bool


@dataclass(frozen=True, slots=True)
class Section:
    """One `[name]` and what stands in it. Two of one name are two: what that means, modules say.

    Attributes:
        settings: In Asterisk's order: what templates give it, in the order in which they are
            named, then its own. Whether the first or the last of one name counts, modules say.
        place: Where it is written first.
        is_template: `[name](!)`: no module sees it.
    """

    name: str
    settings: tuple[Setting, ...]
    place: Place
    is_template: bool


@dataclass(frozen=True, slots=True)
class Conf:
    """A file of the configuration, and whatever it includes.

    Attributes:
        sections: In the order in which Asterisk has them, templates among them.
        findings: What could not be read, or is read otherwise than it is written.
        files: All that were read, each once; none where the file is not there, or hidden.
        whole: Whether Asterisk takes it. Where it does not, `sections` has what stands before the
            line that it stumbles over, and a finding names it.
    """

    sections: tuple[Section, ...]
    findings: tuple[Finding, ...]
    files: tuple[Path, ...]
    whole: bool
