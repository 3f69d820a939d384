"""What a replay says, as values: all text in it is fit to be shown anywhere.

`tally` makes one; `text`, `page` and `lines` write it down. Money is in millionths of the
currency's unit, times are in seconds since the epoch.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


@dataclass(slots=True)
class Sums:
    """What came of some calls; it is added up while calls come, and then is not touched any more.

    Attributes:
        stepped_up: Let through after a PIN or a code.
        cut: Let through, and ended before their time.
        legitimate: How many of those refused look legitimate.
        fraud: How many of those refused look like fraud.
        was: What all cost as they were.
        still: What would have been spent still.
        unpriced: Calls whose price nobody knows; they are in no amount.
    """

    calls: int = 0
    stepped_up: int = 0
    cut: int = 0
    refused: int = 0
    legitimate: int = 0
    fraud: int = 0
    was: int = 0
    still: int = 0
    unpriced: int = 0

    @property
    def same(self) -> int:
        """Calls that would have been as they were."""
        return self.calls - self.changed

    @property
    def changed(self) -> int:
        """Calls that would not have been as they were."""
        return self.stepped_up + self.cut + self.refused

    @property
    def saved(self) -> int:
        """What would not have been spent."""
        return self.was - self.still


@dataclass(frozen=True, slots=True)
class Named:
    """What came of the calls of one name."""

    name: str
    sums: Sums


@dataclass(frozen=True, slots=True)
class Ranked:
    """What came of calls by name, where most was changed first.

    Attributes:
        beyond: What came of the calls of all other names.
    """

    names: Sequence[Named]
    beyond: Sums


@dataclass(frozen=True, slots=True)
class Parts:
    """What came of calls, and of which.

    Attributes:
        rules: By the rule or the limit that changed them; of those only that were changed.
        looks: By what they look like.
        days: By day, on the site's clock.
        week: Calls that were refused, by weekday (Monday first) and hour.
        called: All calls, likewise.
    """

    total: Sums
    rules: Ranked
    extensions: Ranked
    countries: Ranked
    looks: Mapping[str, Sums]
    days: Sequence[Named]
    week: Sequence[Sequence[int]]
    called: Sequence[Sequence[int]]


@dataclass(frozen=True, slots=True)
class Example:
    """One call.

    Attributes:
        time: On the site's clock.
        number: Its last digits masked, where that was asked for.
        effect: What the policy would have done.
        because: The rule or the limit, and the reason.
        other: What the other policy would have done; empty where there is none.
        look: What it looks like.
        why: In words.
        place: Where its record stands.
    """

    time: str
    extension: str
    number: str
    country: str
    talked_s: int
    was: int | None
    effect: str
    because: str
    other: str
    look: str
    why: str
    place: str


@dataclass(frozen=True, slots=True)
class Person:
    """Whose calls that look legitimate would not have been as they were.

    Attributes:
        rules: What refused or changed them, most often first.
        numbers: Some that would have been refused.
    """

    extension: str
    refused: int
    cut: int
    stepped_up: int
    rules: Sequence[str]
    numbers: Sequence[str]


@dataclass(frozen=True, slots=True)
class Stopped:
    """How an attack was first stopped.

    Attributes:
        at: When its first call was refused.
        after_s: How long after its first call.
        calls: How many it had made by then that were let through.
        money: What those would have cost.
        rule: The rule or the limit that refused it.
        reason: Why.
    """

    at: float
    after_s: int
    calls: int
    money: int
    rule: str
    reason: str


@dataclass(frozen=True, slots=True)
class Attack:
    """What looks like an attack, as it was and as it would have been.

    Attributes:
        extensions: Whose phones it came from, that with most calls first.
        first: When its first call began.
        last: When its last call began.
        was: What it cost.
        out: What it would have cost still.
        last_through: When the last call of it began that would have been let through.
        other_out: What it would have cost with the policy beside; None where there is none.
        unpriced: Calls of it whose price nobody knows.
        stopped: None where no call of it would have been refused.
        by: What refused how many calls: (rule or limit, reason, calls).
        money: What it cost by when: (when, as it was, with the policy).
    """

    extensions: Sequence[str]
    first: float
    last: float
    calls: int
    countries: Sequence[tuple[str, int]]
    was: int
    out: int
    refused: int
    cut: int
    through: int
    last_through: float | None
    other_out: int | None
    unpriced: int
    stopped: Stopped | None
    by: Sequence[tuple[str, str, int]]
    money: Sequence[tuple[float, int, int]]


@dataclass(frozen=True, slots=True)
class Beside:
    """What another policy would have done with the same calls.

    Attributes:
        total: Of all of them.
        only_here: Calls that the policy refuses and the other lets through; the breakdown is that
            of the policy.
        only_there: Those that the other refuses and the policy lets through; that of the other.
    """

    policy: str
    total: Sums
    only_here: Parts
    only_there: Parts
    examples_here: Sequence[Example]
    examples_there: Sequence[Example]


@dataclass(frozen=True, slots=True)
class Report:
    """All of it.

    Attributes:
        policy: The file's name.
        version: The policy's.
        currency: Empty where the policy has no rates.
        codes: Who was taken to key the right code, as `Codes`.
        hours: The name in the policy by which people work; empty for Monday to Friday, 8 to 18.
        timezone: In which times, days and hours are.
        since: When the first call began; None where there was none.
        until: When the last one did.
        retries: Records that only ask for a call's next trunk; they are in no sum.
        skipped: Records that are no calls of a phone, or could not be read, by kind.
        legitimate: Calls that look legitimate and are refused, those that cost most first.
        through: Calls that look like fraud and are let through, likewise.
        people: Whose calls would not have been as they were, though they look legitimate.
        people_beyond: How many more.
        attacks: What cost most first.
        attacks_beyond: How many more.
        alone: Calls that look like fraud and are too few to be an attack.
        untimed: Records of which no column says how long was talked: money and minutes are those
            of the others only.
        beside: None where no other policy was asked for.
    """

    site: str
    policy: str
    version: str
    currency: str
    codes: str
    hours: str
    timezone: str
    since: float | None
    until: float | None
    parts: Parts
    legitimate: Sequence[Example]
    through: Sequence[Example]
    people: Sequence[Person]
    people_beyond: int
    attacks: Sequence[Attack]
    attacks_beyond: int
    alone: int
    retries: int = 0
    skipped: Mapping[str, int] = field(default_factory=dict)
    untimed: Sequence[str] = ()
    beside: Beside | None = None
