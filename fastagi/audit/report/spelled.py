"""Findings in words, for whoever has to mend them: the worst first, each way line by line."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Final

from fastagi.audit.finding import Severity
from fastagi.audit.report.plain import plain

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from fastagi.audit.finding import Finding, Hop


class Tone(Enum):
    """How a line is to be taken; what it looks like is the terminal's."""

    PLAIN = "plain"
    HEADING = "heading"
    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"
    CURE = "cure"
    FAINT = "faint"


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the report; nothing in it steers a terminal."""

    text: str
    tone: Tone = Tone.PLAIN


_HEADINGS: Final = {
    Severity.HIGH: ("paid calls pass, or a stranger gets in", Tone.HIGH),
    Severity.MEDIUM: ("it takes one more mistake", Tone.MEDIUM),
    Severity.LOW: ("worth a look", Tone.LOW),
}
"""In the order in which they are told."""

_WIDEST: Final = 40
"""Columns for `file:line` and for where a step stands; what is longer pushes its line only."""


def spell(findings: Sequence[Finding], accepted: Mapping[Finding, str]) -> Iterator[Line]:
    """Tell every finding that is not accepted, and of the others why they are.

    Args:
        findings: In the order in which those of one severity are told.
        accepted: Why some of them are none to worry about.
    """
    for severity, (meaning, tone) in _HEADINGS.items():
        some = [each for each in findings if each.severity is severity and each not in accepted]
        if some:
            yield Line(f"{severity.value.upper()}: {meaning} ({len(some)})", Tone.HEADING)
            for alike in _alike(some):
                yield Line("")
                yield from _finding(alike, tone)
            yield Line("")
    some = [each for each in findings if each in accepted]
    if some:
        yield Line(f"ACCEPTED ({len(some)})", Tone.HEADING)
        yield Line("")
        for each in some:
            yield Line(_head(each), Tone.FAINT)
            yield Line(f"  because: {plain(accepted[each])}", Tone.FAINT)
        yield Line("")


def summary(findings: Sequence[Finding], accepted: Mapping[Finding, str]) -> str:
    """Say how many there are: `2 high, 1 medium, 3 low; 1 accepted`."""
    open_ones = [each for each in findings if each not in accepted]
    counts = Counter(each.severity for each in open_ones)
    told = ", ".join(f"{counts[each]} {each.value}" for each in _HEADINGS if counts[each])
    settled = len(findings) - len(open_ones)
    return (told or "no findings") + (f"; {settled} accepted" if settled else "")


def _alike(findings: Sequence[Finding]) -> Sequence[Sequence[Finding]]:
    """Put together what says the same of one line, and is come to by several ways."""
    together: dict[tuple[str, str], list[Finding]] = {}
    for each in findings:
        together.setdefault((_head(each), each.advice), []).append(each)
    return list(together.values())


def _finding(alike: Sequence[Finding], tone: Tone) -> Iterator[Line]:
    first, *others = alike
    yield Line(_head(first), tone)
    if first.way:
        yield Line("  the way:")
        yield from (Line(f"    {each}") for each in _way(first.way))
    begins = dict.fromkeys(plain(each.way[0].text) for each in others if each.way)
    if begins:
        yield Line(f"  and so from: {', '.join(begins)}")
    yield Line(f"  do this: {plain(first.advice)}", Tone.CURE)


def _head(finding: Finding) -> str:
    return f"{plain(str(finding.place))}: {plain(finding.message)} [{finding.kind.value}]"


def _way(way: Sequence[Hop]) -> Iterator[str]:
    """Spell a way in three columns: file and line, where in the dialplan, what stands there."""
    rows = [(plain(str(hop.place)), plain(_step(hop)), plain(hop.text)) for hop in way]
    first, second = (min(_WIDEST, max(len(row[at]) for row in rows)) for at in (0, 1))
    for where, step, text in rows:
        middle = f"{step:<{second}}  " if second else ""
        yield f"{where:<{first}}  {middle}{text}".rstrip()


def _step(hop: Hop) -> str:
    return f"{hop.context},{hop.extension},{hop.priority}" if hop.context else ""
