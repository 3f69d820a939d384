"""One alert, in plain words.

What callers choose, an extension's name or what was dialled, is put into words by `foreign` only:
no line break that would make a header, no markup, mention or link of any service that shows it.
"""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from fastagi.fair_line import FairLine

if TYPE_CHECKING:
    from collections.abc import Sequence

    from fastagi.alerts.kind import Kind

FOREIGN_MOST: Final = 40
"""Characters shown of what somebody else chose."""

OWN_MOST: Final = 160
"""Characters shown of what the administrator wrote: a path, a name of a machine."""

NAMED_MOST: Final = 10
"""Alerts of one kind that one message spells out, of sites in turn; the rest it counts."""


@dataclass(frozen=True, slots=True)
class Alert:
    """Something to be woken for.

    Attributes:
        subject: Whom it is about: what is told of the same again soon is counted instead.
        id: Hangs on what happened, and not on who saw it: so two who saw it are one.
        at: When it happened.
        what: One short sentence; with `do` the whole of what a message says of many.
        site: Empty where it is of no site.
        facts: What there is to say besides, as (name, value).
        do: What to do: mostly a command to type.
    """

    kind: Kind
    subject: str
    id: str
    at: float
    what: str
    do: str
    site: str = ""
    facts: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Untold:
    """What is to be told of one subject.

    Attributes:
        alert: The latest.
        count: How often it was, that one included.
        since: When the first of these was.
    """

    alert: Alert
    count: int
    since: float


@dataclass(frozen=True, slots=True)
class Message:
    """What is sent: a title without line breaks, and plain lines."""

    title: str
    body: str


def message(untold: Sequence[Untold]) -> Message:
    """Put alerts of one kind into one message; there is at least one."""
    (first, *others) = untold
    if not others:
        return _of_one(first)
    turns: FairLine[Untold] = FairLine()
    for each in untold:
        turns.put(each.alert.site, each)
    named = [turns.take() for _ in range(min(NAMED_MOST, len(untold)))]
    lines = [f"- {_line(each)}" for each in named]
    if len(untold) > NAMED_MOST:
        lines.append(f"- and {len(untold) - NAMED_MOST} more")
    todo = dict.fromkeys(each.alert.do for each in named)
    lines += ["", *(f"To do: {each}" for each in todo)]
    title = f"dialguard: {first.alert.kind}: {len(untold)}, the first: {first.alert.what}"
    return Message(title, "\n".join(lines))


def _of_one(untold: Untold) -> Message:
    alert = untold.alert
    facts = [("Site", alert.site), ("When", moment(alert.at)), *alert.facts]
    if untold.count > 1:
        facts.append(("Also", f"and {untold.count - 1} more since {moment(untold.since)}"))
    facts += [("Reference", alert.id[:8]), ("To do", alert.do)]
    lines = [f"{name}: {value}" for name, value in facts if value]
    title = f"dialguard: {alert.kind}: {alert.what}"
    return Message(title, "\n".join([f"{alert.what}.", "", *lines]))


def _line(untold: Untold) -> str:
    alert = untold.alert
    more = f", and {untold.count - 1} more" if untold.count > 1 else ""
    return f"{moment(alert.at)}: {alert.what}{more} ({alert.id[:8]})"


def foreign(value: object) -> str:
    """Show what somebody else chose: an address as it is, else letters, digits and a few signs.

    No full stop, colon, bracket or at sign: nothing that a mail or a chat makes a link, a mention
    or a picture of.
    """
    text = str(value)
    try:
        return str(ipaddress.ip_address(text))
    except ValueError:
        return _cut(re.sub(r"[^A-Za-z0-9+#*_/ -]", "?", text), FOREIGN_MOST) or "unknown"


def own(value: object) -> str:
    """Show what the administrator wrote: on one line, without markup or mentions."""
    text = "".join(each if each.isprintable() else " " for each in str(value))
    return _cut(re.sub(r"[<>@\[\]]|:(?=//)", "?", text), OWN_MOST)


def moment(at: float) -> str:
    """Write a moment for people, in UTC, and say so."""
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[: most - 1]}…"
