"""What rules, limits and policies in shadow would have done, summed up from what is on record.

Line by line, in bounded memory. Rules and limits in shadow stand in the decision log, with every
call they were held against; a policy in shadow has a record of its own, and lines in it that say
how many calls it judged. What is counted of one version of a policy is of no other.

A little longer than other files, as what a line may hold is read where it is counted.
"""

from __future__ import annotations

import json
import re
from collections import Counter, OrderedDict
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from fastagi.policy.model import Reason, Then, ThenLimit
from fastagi.shadows.differences import Kind

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import tzinfo

    from fastagi.policy.model import Policy

MOST_NAMES: Final = 10_000
"""Extensions and countries that are counted by name; the rest together."""

MOST_OPEN: Final = 20_000
"""Calls that differ and whose cost is not yet known."""

MOST_EXAMPLES: Final = 5
OTHERS: Final = "others"

DAY_S: Final = 86_400
ENOUGH_DAYS: Final = 14
"""Days in shadow that say enough: each day of the week twice."""

HOURS_OF_WEEK: Final = 168
UNJUDGED_MOST: Final = 0.01
"""Of the calls; with more that were not judged, what was seen is not what there was."""

AMOUNT: Final = re.compile(r"[0-9]{1,12}\.[0-9]{1,6}", re.ASCII)
"""Money as the decision log has it."""

BY_RULES: Final = frozenset({Reason.RULE, Reason.NO_RULE, Reason.SIGN_IN_REQUIRED})
"""A rule says no, or none says yes: another rule would have had its say."""

NO_CALLS: Final = frozenset(
    {Reason.SETTLED, Reason.BYPASS, Reason.SIGNED_IN, Reason.SIGNED_OFF, Reason.BAD_QUESTION}
)
"""What is on record and no call that was judged by a policy."""


@dataclass(frozen=True, slots=True)
class Example:
    """One call, as an operator would look it up."""

    time: str
    extension: str
    number: str
    country: str
    reference: str
    call: str
    kind: Kind
    now: str
    then: str


@dataclass(slots=True)
class Sum:
    """What one rule, limit or policy in shadow would have done.

    Attributes:
        part: `rule`, `limit` or `policy`.
        since: The moment of the first call that it was held against; None where there is none.
        until: Of the last.
        judged: Calls that it was held against.
        unjudged: Calls that it was not held against: dropped, or failed.
        kinds: How many calls differ, and how.
        hours: Of these, by the hour of the day at the site.
        cost: What those of them cost that would have been refused, in millionths, as far as known.
        examples: The latest.
        seen: Hours of the week in which a call was judged.
    """

    part: str
    name: str
    since: float | None = None
    until: float = 0.0
    judged: int = 0
    unjudged: int = 0
    kinds: Counter[Kind] = field(default_factory=Counter)
    extensions: Counter[str] = field(default_factory=Counter)
    countries: Counter[str] = field(default_factory=Counter)
    hours: Counter[int] = field(default_factory=Counter)
    cost: int = 0
    currency: str = ""
    examples: list[Example] = field(default_factory=list)
    seen: set[int] = field(default_factory=set)

    @property
    def days(self) -> float:
        """How long it has been in shadow, as far as calls tell."""
        return 0.0 if self.since is None else (self.until - self.since) / DAY_S

    @property
    def differing(self) -> int:
        """How many calls differ."""
        return sum(self.kinds.values())

    @property
    def calls(self) -> int:
        """How many it was held against, as far as is known.

        Of a policy they are counted once a minute; those that differ are on record at once.
        """
        return max(self.judged, self.differing)

    def lacks(self) -> Iterator[str]:
        """Say what there is too little of to promote it by; nothing where that is enough."""
        if not self.judged:
            if self.part == "policy":
                yield "how many calls it judged is not written yet: that is once a minute"
            else:
                yield "no call was held against it"
            return
        if self.days < ENOUGH_DAYS:
            yield f"it was seen for {self.days:.1f} days; {ENOUGH_DAYS} see each weekday twice"
        hours = int(self.days * 24)
        if hours < HOURS_OF_WEEK:
            yield f"{HOURS_OF_WEEK - hours} of the {HOURS_OF_WEEK} hours of a week are not over"
        if self.unjudged > UNJUDGED_MOST * self.judged:
            yield f"{self.unjudged} calls were not judged, so what they are is not known"

    def begin_anew(self) -> None:
        """Forget what was before: it was in force meanwhile."""
        fresh = Sum(self.part, self.name)
        for each in self.__slots__:
            setattr(self, each, getattr(fresh, each))


class Sums:
    """Those of one site.

    Args:
        policy: The one in force.
        shadow: The one beside it; None where there is none.
    """

    def __init__(self, policy: Policy, shadow: Policy | None = None) -> None:
        self._site = policy.site.name
        self._zone: tzinfo = policy.site.timezone
        self._version = policy.version
        self._shadow = None if shadow is None else shadow.version
        self._rules = {each.name: each.then for each in policy.rules if each.shadow}
        self._limits = {each.name: each.then for each in policy.limits if each.shadow}
        self._sums = {
            **{("rule", each): Sum("rule", each) for each in self._rules},
            **{("limit", each): Sum("limit", each) for each in self._limits},
        }
        self._whole = None if shadow is None else Sum("policy", shadow.source.name)
        self._open: OrderedDict[tuple[str, ...], list[Sum]] = OrderedDict()

    def all(self) -> list[Sum]:
        """Return them: rules and limits in the order of the policy, and the policy beside it."""
        return [*self._sums.values(), *(() if self._whole is None else (self._whole,))]

    def take_difference(self, line: bytes) -> None:
        """Take a line of the record of differences in; these come before decisions."""
        read = _read(line)
        whole = self._whole
        if whole is None or read.get("site") != self._site or read.get("policy") != self._shadow:
            return
        if "judged" in read:
            self._take_tally(whole, read)
            return
        kind, at = _kind(read.get("differs")), _at(read.get("time"))
        if kind is not None and at is not None:
            live = _mapping(read.get("live"))
            then = f"{read.get('verdict')} by {read.get('rule')}, {read.get('reason')}"
            self._differs(whole, read, at, kind, _words_of(live), then)

    def _take_tally(self, whole: Sum, read: Mapping[str, Any]) -> None:
        since, until = _at(read.get("since")), _at(read.get("time"))
        if since is None or until is None:
            return
        whole.since = since if whole.since is None else min(whole.since, since)
        whole.until = max(whole.until, until)
        judged = _count(read.get("judged"))
        whole.judged += judged
        whole.unjudged += _count(read.get("dropped")) + _count(read.get("failed"))
        if judged:
            whole.seen.add(self._hour_of_week(until))

    def take_decision(self, line: bytes) -> None:
        """Take a line of the decision log in."""
        read = _read(line)
        at = _at(read.get("time"))
        if read.get("site") != self._site or at is None:
            return
        if read.get("reason") == Reason.SETTLED:
            self._settle(read)
        elif read.get("reason") not in NO_CALLS:
            self._take_call(read, at)

    def _take_call(self, read: Mapping[str, Any], at: float) -> None:
        shadows = {str(_mapping(each).get("rule")) for each in _list(read.get("shadows"))}
        over = {str(each) for each in _list(read.get("over"))}
        for (part, name), of in self._sums.items():
            hit = name in (shadows if part == "rule" else over)
            if read.get("rule") == name:
                of.begin_anew()
                continue
            if of.since is None and not hit and read.get("policy") != self._version:
                continue
            of.since = at if of.since is None else min(of.since, at)
            of.until = max(of.until, at)
            of.judged += 1
            of.seen.add(self._hour_of_week(at))
            kind = self._kind_of(part, name, read) if hit else None
            if kind is not None:
                then = self._rules[name] if part == "rule" else self._limits[name]
                self._differs(of, read, at, kind, _words_of(read), f"{then} by {name}")

    def _kind_of(self, part: str, name: str, read: Mapping[str, Any]) -> Kind | None:
        """Return what a rule or a limit in shadow would have made of a call that it fits."""
        allowed = read.get("verdict") == "allow"
        if part == "limit":
            if not allowed:
                return None
            return Kind.REFUSED if self._limits[name] is ThenLimit.DENY else Kind.OTHER
        then, by_rules = self._rules[name], read.get("reason") in BY_RULES
        asked = set(map(str, _list(read.get("asked"))))
        match then:
            case Then.DENY:
                return Kind.REFUSED if allowed else None
            case Then.SIGN_IN:
                if allowed:
                    return None if read.get("person") else Kind.REFUSED
                return Kind.LET_THROUGH if by_rules and read.get("person") else None
            case _:
                if not allowed:
                    return Kind.LET_THROUGH if by_rules else None
                if not set(then.factors) <= asked:
                    return Kind.ASKED
                return None if asked <= set(then.factors) else Kind.SPARED

    # ------------------------------------------------------------------ one call

    def _differs(
        self, of: Sum, read: Mapping[str, Any], at: float, kind: Kind, now: str, then: str
    ) -> None:
        of.kinds[kind] += 1
        _add(of.extensions, str(read.get("extension", "")))
        _add(of.countries, str(read.get("country") or "none"))
        of.hours[datetime.fromtimestamp(at, self._zone).hour] += 1
        shown = ("time", "extension", "number", "country", "reference", "call")
        words = {each: str(read.get(each, "")) for each in shown}
        example = Example(**words, kind=kind, now=now, then=then)
        of.examples = [*of.examples, example][-MOST_EXAMPLES:]
        if kind is Kind.REFUSED:
            self._open.setdefault(_name_of(read), []).append(of)
            if len(self._open) > MOST_OPEN:
                self._open.popitem(last=False)

    def _settle(self, read: Mapping[str, Any]) -> None:
        """Add what a call cost, once, to what would have refused it."""
        cost = _millionths(read.get("cost"))
        for of in self._open.pop(_name_of(read), ()) if cost is not None else ():
            of.cost += cost or 0
            of.currency = str(read.get("currency", ""))

    def _hour_of_week(self, at: float) -> int:
        local = datetime.fromtimestamp(at, self._zone)
        return local.weekday() * 24 + local.hour


# ----------------------------------------------------------------------------- what is read


def _read(line: bytes) -> Mapping[str, Any]:
    """Read a line; what is none of ours is nothing."""
    try:
        return _mapping(json.loads(line))
    except ValueError:
        return {}


def _mapping(read: object) -> Mapping[str, Any]:
    return read if isinstance(read, dict) else {}


def _list(read: object) -> list[object]:
    return read if isinstance(read, list) else []


def _count(read: object) -> int:
    return read if isinstance(read, int) and read > 0 else 0


def _kind(read: object) -> Kind | None:
    try:
        return Kind(str(read))
    except ValueError:
        return None


def _at(read: object) -> float | None:
    try:
        return datetime.fromisoformat(str(read)).timestamp()
    except ValueError:
        return None


def _millionths(read: object) -> int | None:
    return int(Decimal(str(read)) * 1_000_000) if AMOUNT.fullmatch(str(read)) else None


def _name_of(read: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(str(read.get(each, "")) for each in ("node", "call", "number"))


def _words_of(read: Mapping[str, Any]) -> str:
    return f"{read.get('verdict')} by {read.get('rule')}, {read.get('reason')}"


def _add(counter: Counter[str], name: str) -> None:
    counter[name if name in counter or len(counter) < MOST_NAMES else OTHERS] += 1
