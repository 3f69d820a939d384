"""The cases of a proposed policy: each rule, limit and watch decides in one of them.

So whoever deletes one of them, or puts another above it, hears of it. The numbers in them are
examples of their kinds and nobody's: what people dialled is in no file that is made here.
"""

from __future__ import annotations

import itertools
from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING, Final, NamedTuple

import phonenumbers
from phonenumbers import PhoneNumberFormat, PhoneNumberType

from fastagi.learning.habits import is_open
from fastagi.learning.proposal import AT_HOME, Entry
from fastagi.learning.writing import toml_value
from fastagi.numbering.examples import dialled_numbers
from fastagi.numbering.number import Category
from fastagi.policy.case_file import CaseDocument
from fastagi.toml_layout.layout import laid_out
from fastagi.toml_layout.order import order_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from fastagi.learning.proposal import Proposal
    from fastagi.learning.site import Site

PROVEN: Final = {"pin": "10m", "totp": "10m"}
DAYS_TRIED: Final = 14


class Written(NamedTuple):
    """A case as it is written.

    Attributes:
        name: What it is.
        call: The call's keys.
        expect: What must come of it.
    """

    name: str
    call: Mapping[str, object]
    expect: Mapping[str, object]


def cases_text(proposal: Proposal) -> str:
    """Return the cases, laid out."""
    lines = [
        "# Each case names the verdict and the rule that must give it. The numbers are examples",
        "# of their kinds, and were called by nobody.",
        "",
    ]
    for case in cases_of(proposal):
        lines += ["[[case]]", f"name = {toml_value(case.name)}"]
        lines += [f"call = {toml_value(case.call)}", f"expect = {toml_value(case.expect)}", ""]
    return laid_out("\n".join(lines).encode(), order_of(CaseDocument))


def cases_of(proposal: Proposal) -> list[Written]:
    """Return cases in which each rule, limit and watch decides."""
    return list(_Cases(proposal).all())


def example(site: Site, category: Category, country: str = "") -> str | None:
    """Return a number of a category, as it is dialled at the site; None if none is known."""
    plan = site.plan
    for digits in itertools.chain(_at_home(site.country), dialled_numbers(site.country)):
        dialled = site.outside_prefix + digits
        number = plan.read(dialled)
        if number.category is category and country in ("", number.country):
            return dialled
    return None


def _at_home(country: str) -> Iterator[str]:
    """Return numbers of the country of each type, with the national prefix."""
    for kind in PhoneNumberType.values():
        found = phonenumbers.example_number_for_type(country, kind)
        if found is not None:
            written = phonenumbers.format_number(found, PhoneNumberFormat.NATIONAL)
            yield phonenumbers.normalize_digits_only(written)


class _Cases:
    """Makes the cases of one proposal."""

    def __init__(self, proposal: Proposal) -> None:
        self._proposal = proposal
        self._site = proposal.site
        self._entries = {each.name: each for each in proposal.entries}
        habits = proposal.habits
        self._phones = {"abroad": habits.abroad, "home": habits.home, "lobby": habits.lobby}
        self._country = habits.countries[0][0] if habits.countries else ""
        self._open, self._closed = self._moments()

    def all(self) -> Iterator[Written]:
        """Make all of them, in the order of the policy."""
        yield from self._denied()
        if "abroad" in self._entries:
            yield from self._abroad()
        yield from self._at_home()
        yield from self._limited()
        yield from self._never_denied()

    # ------------------------------------------------------------------- rules

    def _denied(self) -> Iterator[Written]:
        first = self._entries["pays-the-caller"]
        for kind in first.to:
            yield from self._case(f"a {kind} number", self._anybody, kind, "deny", first)
        if rule := self._entries.get("lobby-stays-home"):
            lobby = self._phones["lobby"][0]
            yield from self._case("a mobile from the lobby", lobby, Category.MOBILE, "deny", rule)
        if rule := self._entries.get("not-abroad"):
            names = rule.keys.get("from")
            phone = self._phones[names[0]][0] if isinstance(names, list) else self._anybody
            yield from self._case(
                "abroad, from a phone that never calls there",
                phone,
                Category.INTERNATIONAL,
                "deny",
                rule,
            )

    def _abroad(self) -> Iterator[Written]:
        rule, far = self._entries["abroad"], Category.INTERNATIONAL
        phone = self._phones["abroad"][0]
        limits = [each.name for each in self._proposal.entries if each.table == "limit"]
        longest = self._entries["longest-abroad"].keys["duration"]
        yield from self._case(
            "abroad", phone, far, "pin+totp", rule, expect={"limits": limits, "duration": longest}
        )
        yield from self._case(
            "abroad again, ten minutes later", phone, far, "allow", rule, proven=PROVEN
        )
        if (late := self._entries.get("abroad-after-hours")) and self._closed:
            yield from self._case(
                "abroad when the office is closed",
                phone,
                far,
                str(late.keys["then"]),
                late,
                at=self._closed,
            )
        for watch in self._proposal.entries:
            if watch.table == "watch":
                yield from self._case(
                    f"abroad again, after what `{watch.name}` watches for",
                    phone,
                    far,
                    "pin+totp",
                    rule,
                    proven=PROVEN,
                    watched=[watch.name],
                )

    def _at_home(self) -> Iterator[Written]:
        if rule := self._entries.get("costs-extra"):
            for kind in rule.to:
                yield from self._case(f"a {kind} number", self._payer, kind, "pin", rule)
        rule = self._entries["at-home"]
        for kind in rule.to:
            phone = (
                self._anybody if kind in (Category.NATIONAL, Category.TOLL_FREE) else self._payer
            )
            yield from self._case(f"a {kind} number", phone, kind, "allow", rule)
        never = [each for each in AT_HOME if each not in rule.to]
        for kind in never:
            none = Entry("rule", {"name": "none"}, "")
            yield from self._case(
                f"a {kind} number, which nobody ever called", self._payer, kind, "deny", none
            )

    # ------------------------------------------------------------------- limits

    def _limited(self) -> Iterator[Written]:
        near, far = Category.NATIONAL, Category.INTERNATIONAL
        if near not in self._entries["at-home"].to:
            near = Category.TOLL_FREE
        for limit in self._proposal.entries:
            if limit.table != "limit":
                continue
            abroad = "to" in limit.keys
            phone = self._phones["abroad"][0] if abroad else self._anybody
            for unit in ("calls", "minutes", "attempts", "spend"):
                if unit not in limit.keys:
                    continue
                brakes = limit.keys.get("then") == "brake"
                decides = Entry("brake", {"name": "brake"}, "") if brakes else limit
                reason = "limit-reached" if unit == "calls" else "budget-reached"
                yield from self._case(
                    f"one more than `{limit.name}` has {unit}",
                    phone,
                    far if abroad else near,
                    "deny",
                    decides,
                    expect={"reason": "braked" if brakes else reason},
                    proven=PROVEN if abroad else None,
                    used={limit.name: {unit: limit.keys[unit]}},
                )

    # ------------------------------------------------------------------- what always passes

    def _never_denied(self) -> Iterator[Written]:
        numbers = self._site.plan.emergency_numbers
        inside = self._site.extensions
        if numbers:
            yield Written(
                "an emergency",
                {"from": self._anybody, "dial": numbers[0], "at": self._open.isoformat()},
                {"verdict": "allow", "rule": "emergency"},
            )
        called = next((each for each in inside[1:] if self._is_inside(each)), None)
        if called is not None:
            yield Written(
                "a colleague",
                {"from": self._anybody, "dial": called, "at": self._open.isoformat()},
                {"verdict": "allow", "rule": "internal"},
            )

    def _is_inside(self, number: str) -> bool:
        return self._site.plan.read(number).category is Category.INTERNAL

    # ------------------------------------------------------------------- one case

    @property
    def _anybody(self) -> str:
        return self._site.extensions[0]

    @property
    def _payer(self) -> str:
        """A phone that calls more than landlines."""
        return (*self._phones["home"], *self._phones["abroad"], self._anybody)[0]

    def _case(
        self,
        name: str,
        phone: str,
        kind: Category,
        verdict: str,
        decides: Entry,
        *,
        at: datetime | None = None,
        expect: Mapping[str, object] | None = None,
        **more: object,
    ) -> Iterator[Written]:
        """Make a case; none where no number of that kind is known."""
        country = self._country if kind is Category.INTERNATIONAL else ""
        dialled = example(self._site, kind, country)
        if dialled is None:
            return
        when = at or self._open
        call: dict[str, object] = {"from": phone, "dial": dialled, "at": when.isoformat()}
        call |= {key: value for key, value in more.items() if value is not None}
        yield Written(name, call, {"verdict": verdict, "rule": decides.name, **(expect or {})})

    def _moments(self) -> tuple[datetime, datetime | None]:
        """Find a moment in office hours and one outside of them; both without a zone."""
        opening = self._proposal.habits.opening
        last = datetime.combine(self._proposal.habits.end.date(), time())
        moments = [
            last - timedelta(days=days) + timedelta(hours=hour, minutes=10)
            for days in range(DAYS_TRIED)
            for hour in (11, 15, 10, 21, 3)
        ]
        if not opening:
            return moments[0], None
        inside = next((each for each in moments if is_open(opening, each)), None)
        if inside is None:  # hours that miss all of these
            first = opening[0]
            day = next(each for each in moments if each.isoweekday() in first.days)
            inside = datetime.combine(day.date(), time()) + timedelta(minutes=first.begin)
        return inside, next((each for each in moments if not is_open(opening, each)), None)
