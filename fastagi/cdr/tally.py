"""What was read of the records, and what was left out and why, with examples."""

from __future__ import annotations

from collections import Counter
from enum import StrEnum
from typing import Final, TypeAlias

EXAMPLES: Final = 5
"""Of each kind, so many rows are shown."""

SHOWN: Final = 120
"""Of what stands in a row, so many characters are shown."""

NAMES: Final = 10_000
"""So many endpoints are told apart as trunks; a machine has fewer."""


class Kind(StrEnum):
    """Why a row is no outbound call of a phone. The values are shown to people."""

    BROKEN = "broken"
    """It cannot be read: cells are missing, a time or a number is none."""
    INBOUND = "inbound"
    """From outside: of a trunk, or in a context of those."""
    LOCAL = "local"
    """Of a `Local/…` channel, which the dialplan makes, and that went nowhere outside."""
    FORWARD = "forward"
    """Outside by a `Local/…` channel: of a forward, or of a program. It costs money, and the row
    does not say whose."""
    NO_PHONE = "no phone"
    """Of a channel that is no endpoint's: an analogue line, a guest, none at all."""
    NOTHING_DIALLED = "nothing dialled"
    """Where a number should be stands `s`, `h`, `hangup` or another name of the dialplan's."""
    FEATURE_CODE = "feature code"
    """Something to Asterisk itself: `*97`."""
    ELSEWHEN = "outside the time asked for"
    """It began before `since`, or not before `until`."""


WORDS: Final = {
    Kind.BROKEN: "that cannot be read",
    Kind.INBOUND: "of calls from outside",
    Kind.LOCAL: "of Local channels, by which the dialplan calls itself",
    Kind.FORWARD: "of calls outside by forwards and programs, which do not say by whose phone",
    Kind.NO_PHONE: "of no phone: analogue lines, guests",
    Kind.NOTHING_DIALLED: "with no number: `s`, `h`, `hangup`",
    Kind.FEATURE_CODE: "of feature codes",
    Kind.ELSEWHEN: "outside the time asked for",
}
"""Each kind, after `so many rows`."""

State: TypeAlias = tuple[
    int,
    int,
    int,
    dict[str, int],
    dict[str, list[str]],
    list[str],
    list[str],
    list[str],
    list[str],
]


class Tally:
    """Counts.

    Attributes:
        rows: Rows that were read.
        calls: Calls that were given out.
        folded: Rows that were another part of a call: its next trunk, a fork, the same once more.
        skipped: Rows that are no calls of phones, by kind.
        examples: A few of each kind: where they stand, and what of them.
        notes: What else is to be said of the records, in words.
        untimed: Sources of which no column says how long was talked: nobody knows what their
            calls cost.
    """

    def __init__(self) -> None:
        self.rows = 0
        self.calls = 0
        self.folded = 0
        self.skipped: Counter[str] = Counter()
        self.examples: dict[str, list[str]] = {}
        self.notes: list[str] = []
        self.untimed: list[str] = []
        self._came_in: set[str] = set()
        self._carried: set[str] = set()

    @property
    def trunks(self) -> frozenset[str]:
        """Endpoints that calls came in by from outside, and that carried calls of others out.

        One of both alone may be a phone: of somebody who dialled the office's own number, or that
        rang for it.
        """
        return frozenset(self._came_in & self._carried)

    def skip(self, kind: Kind, where: str, what: str) -> None:
        """Count a row that is left out."""
        self.skipped[kind] += 1
        shown = self.examples.setdefault(kind, [])
        if len(shown) < EXAMPLES:
            shown.append(f"{where}: {printable(what)}" if what else where)

    def note(self, what: str) -> None:
        """Keep something that is to be said, once."""
        if what not in self.notes:
            self.notes.append(what)

    def came_in_by(self, endpoint: str) -> None:
        """Remember that a call came from outside by an endpoint."""
        if len(self._came_in) < NAMES:
            self._came_in.add(endpoint)

    def carried_by(self, endpoint: str) -> None:
        """Remember that an endpoint carried a call to what seems to be outside."""
        if len(self._carried) < NAMES:
            self._carried.add(endpoint)

    def state(self) -> State:
        """Return it as plain values, for another process."""
        examples = {str(kind): list(shown) for kind, shown in self.examples.items()}
        skipped = {str(kind): count for kind, count in self.skipped.items()}
        return (
            *(self.rows, self.calls, self.folded),
            *(skipped, examples, list(self.notes), list(self.untimed)),
            *(sorted(self._came_in), sorted(self._carried)),
        )

    def take(self, state: State) -> None:
        """Be as another one is."""
        self.rows, self.calls, self.folded, skipped, self.examples, *names = state
        self.notes, self.untimed, *names = names
        self.skipped = Counter(skipped)
        self._came_in, self._carried = map(set, names)


def printable(text: str) -> str:
    """Return what stands in a record so that it is one line, and does nothing to a terminal."""
    short = text if len(text) <= SHOWN else f"{text[:SHOWN]}…"
    return "".join(each if each.isprintable() else "�" for each in short)
