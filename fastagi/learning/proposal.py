"""What is proposed: classes, rules, limits and watches, each with the figures that say why.

A little longer than other files: every rule and every limit that may be proposed is here.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from fastagi.learning.habits import ABROAD_DAYS
from fastagi.learning.site import patterns_of
from fastagi.numbering.number import Category
from fastagi.policy.wording import duration
from fastagi.rating.tariff import MONEY_UNIT

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from fastagi.learning.habits import Habits, Opening
    from fastagi.learning.site import Site

DEAR: Final = (Category.PREMIUM, Category.SATELLITE)
"""Nobody is let through to these, whoever called them: they pay whoever is called."""

EXTRA: Final = (Category.SHARED_COST, Category.PERSONAL, Category.PAGER)
AT_HOME: Final = (Category.NATIONAL, Category.MOBILE, Category.TOLL_FREE, Category.VOIP)
NOT_CHEAP: Final = (Category.MOBILE, Category.VOIP, Category.INTERNATIONAL, *EXTRA)

TIMES: Final = 2
"""Of what was the most, budgets are so much: a busier quarter is in nobody's way."""

MONEY_LEAST: Final = 5 * MONEY_UNIT
"""Money that limits are rounded up to."""

OFFICE: Final = "office"
_DAYS: Final = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


@dataclass(frozen=True, slots=True)
class Entry:
    """A table of the policy: `[[rule]]`, `[[limit]]`, `[[watch]]`.

    Attributes:
        table: Which.
        keys: What is written, by key; values are as the format takes them.
        why: The figures.
    """

    table: str
    keys: Mapping[str, object]
    why: str

    @property
    def name(self) -> str:
        """Its name."""
        return str(self.keys["name"])

    @property
    def to(self) -> tuple[Category, ...]:
        """The categories it speaks of; none where it speaks of all."""
        to = self.keys.get("to")
        return tuple(to) if isinstance(to, list) else ()


@dataclass(frozen=True, slots=True)
class Prices:
    """What calls cost, where a rate sheet is at hand.

    Attributes:
        file: The sheet, relative to the policy.
        currency: ISO 4217.
        unknown: The price a minute of what the sheet does not list.
        phone_a_day: The most that one phone spent within a day that rolls, in millionths; None
            before that is known.
        site_a_day: The same of the whole site.
    """

    file: str
    currency: str
    unknown: str = "3.00"
    phone_a_day: int | None = None
    site_a_day: int | None = None


@dataclass(frozen=True, slots=True)
class Proposal:
    """A whole policy.

    Attributes:
        site: How numbers are dialled.
        habits: What it is made from.
        classes: Patterns of each class, and what it is.
        hours: As they are written; empty for none.
        entries: Rules, limits and watches, in order.
        prices: What calls cost; None where nobody says.
    """

    site: Site
    habits: Habits
    classes: Mapping[str, tuple[tuple[str, ...], str]]
    hours: tuple[str, ...]
    entries: tuple[Entry, ...]
    prices: Prices | None = None


def propose(site: Site, habits: Habits, prices: Prices | None = None) -> Proposal:
    """Propose a policy by what people do."""
    return Proposal(
        site,
        habits,
        _classes(site, habits),
        tuple(hours_text(each) for each in habits.opening),
        (*_rules(habits), *_limits(habits), *_money(prices), *_watches()),
        prices,
    )


def hours_text(opening: Opening) -> str:
    """Return hours as a policy writes them: `Mon-Fri 08:00-18:30`."""
    days = opening.days
    in_a_row = len(days) > 2 and days == tuple(range(days[0], days[-1] + 1))
    names = [_DAYS[day - 1] for day in days]
    when = f"{names[0]}-{names[-1]}" if in_a_row else ",".join(names)
    return f"{when} {_clock(opening.begin)}-{_clock(opening.end)}"


def _clock(minutes: int) -> str:
    return f"{minutes // 60:02}:{minutes % 60:02}"


def _classes(site: Site, habits: Habits) -> dict[str, tuple[tuple[str, ...], str]]:
    """Name the phones by what they do; those that are most may be a pattern."""
    members = {
        "abroad": (habits.abroad, f"called abroad, on {ABROAD_DAYS} days or more"),
        "home": (habits.home, f"called outside, and not abroad on {ABROAD_DAYS} days"),
        "lobby": (habits.lobby, "called landlines and free numbers, and nothing else"),
    }
    total = len(site.extensions)
    taken: set[str] = set()
    found: dict[str, tuple[tuple[str, ...], str]] = {}
    for name, (phones, what) in sorted(members.items(), key=lambda each: -len(each[1][0])):
        if phones:
            patterns = patterns_of(phones, site.outside_plan, taken)
            taken.update(patterns)
            found[name] = (patterns, f"{len(phones)} of {total} phones {what}")
    return {name: found[name] for name in members if name in found}


# ----------------------------------------------------------------------------- rules


def _rules(habits: Habits) -> Iterator[Entry]:
    kinds = habits.kinds
    never = [each for each in EXTRA if not kinds[each]]
    denied = sum(kinds[each] for each in DEAR)
    calls = (
        "nobody called any" if not denied else f"{_calls(denied)} would be denied; look at them"
    )
    yield _rule(
        "pays-the-caller", {"to": [*DEAR, *never], "then": "deny"}, f"pays who is called; {calls}"
    )
    if habits.lobby and (habits.home or habits.abroad):  # else there is nothing to tell apart
        yield _rule(
            "lobby-stays-home",
            {"from": ["lobby"], "to": list(NOT_CHEAP), "then": "deny"},
            f"none of these was called from there: {_phones(len(habits.lobby))}",
        )
    yield from _abroad(habits)
    if extra := [each for each in EXTRA if kinds[each]]:
        count = sum(kinds[each] for each in extra)
        yield _rule(
            "costs-extra",
            {"to": extra, "then": "pin"},
            f"{_calls(count)} of {habits.outside:,} outside: seldom enough to be asked",
        )
    home = [each for each in AT_HOME if kinds[each] or each is Category.TOLL_FREE]
    count = sum(kinds[each] for each in home)
    yield _rule(
        "at-home", {"to": home, "then": "allow"}, f"{count:,} of {habits.outside:,} calls outside"
    )


def _abroad(habits: Habits) -> Iterator[Entry]:
    to = {"to": [Category.INTERNATIONAL]}
    if not habits.abroad:
        seldom = habits.abroad_calls
        why = f"only {_calls(seldom)}, now and then" if seldom else "nobody called abroad"
        yield _rule("not-abroad", {**to, "then": "deny"}, why)
        return
    if habits.home:
        yield _rule(
            "not-abroad",
            {"from": ["home"], **to, "then": "deny"},
            f"{_phones(len(habits.home))} never did, or seldom",
        )
    total, within = habits.abroad_calls, habits.abroad_in_hours
    asked: dict[str, object] = {"then": "pin+totp"}
    where = ", ".join(country for country, _ in habits.countries[:5])
    figures = f"{_phones(len(habits.abroad))} called abroad: {where}"
    if not habits.opening:
        yield _rule("abroad", {**to, **asked, "remember": "30m"}, f"{figures}; at all hours")
        return
    share = f"{within / total:.0%} of {total:,} calls in office hours"
    yield _rule(
        "abroad", {**to, "when": OFFICE, **asked, "remember": "30m"}, f"{figures}; {share}"
    )
    if within < total:
        yield _rule(
            "abroad-after-hours",
            {**to, **asked},
            f"{_calls(total - within)}; and again for every call",
        )
    else:
        yield _rule("abroad-after-hours", {**to, "then": "deny"}, "nobody did")


def _rule(name: str, keys: Mapping[str, object], why: str) -> Entry:
    return Entry("rule", {"name": name, **keys}, why)


# ----------------------------------------------------------------------------- limits


def _limits(habits: Habits) -> Iterator[Entry]:
    most = habits.most
    yield _limit(
        "at-a-time",
        {"per": "extension", "calls": max(2, most.at_a_time + 1)},
        f"999 of 1000 calls began with at most {most.at_a_time} up",
    )
    if not habits.abroad:
        return
    to = {"to": [Category.INTERNATIONAL]}
    yield _limit(
        "abroad-at-a-time",
        {**to, "per": "site", "calls": max(2, math.ceil(1.5 * most.abroad_at_a_time))},
        f"{most.abroad_at_a_time} at most",
    )
    yield _limit(
        "abroad-a-day",
        {
            **to,
            "per": "extension",
            "minutes": max(60, _up(TIMES * most.abroad_minutes, 30)),
            "attempts": max(10, _up(TIMES * most.abroad_calls, 10)),
            "within": "24h",
        },
        f"one phone had {most.abroad_minutes} minutes at most, and {_calls(most.abroad_calls)}",
    )
    yield _limit(
        "abroad-burst",
        {
            **to,
            "per": "extension",
            "attempts": max(5, TIMES * most.abroad_burst),
            "within": "10m",
            "then": "brake",
        },
        f"{_calls(most.abroad_burst)} at most; a thief makes as many as there are lines",
    )
    longest_s = max(1800, min(4 * 3600, _up(TIMES * most.abroad_talk_s, 900)))
    yield _limit(
        "longest-abroad",
        {**to, "duration": duration(longest_s)},
        f"the longest was {duration(most.abroad_talk_s)}",
    )


def _money(prices: Prices | None) -> Iterator[Entry]:
    """Bound what is spent; the site's bound is no lower than a phone's."""
    if prices is None or prices.phone_a_day is None or prices.site_a_day is None:
        return
    for name, per, most in (
        ("money-a-day", "extension", prices.phone_a_day),
        ("money-of-the-site", "site", prices.site_a_day),
    ):
        spend = max(MONEY_LEAST, _up(TIMES * most, MONEY_LEAST)) // MONEY_UNIT
        yield _limit(
            name,
            {"per": per, "spend": f"{spend}.00", "within": "24h"},
            f"{most / MONEY_UNIT:.2f} {prices.currency} at most",
        )


def _limit(name: str, keys: Mapping[str, object], why: str) -> Entry:
    return Entry("limit", {"name": name, **keys}, why)


def _up(amount: int, step: int) -> int:
    return -(-amount // step) * step


# ----------------------------------------------------------------------------- watches


def _watches() -> Iterator[Entry]:
    for sign, name, why in (
        ("success-after-guessing", "guessed-password", "many wrong ones, then the right one"),
        ("guessing", "guessing", "anybody can guess, so it locks nobody"),
    ):
        yield Entry("watch", {"name": name, "sign": sign, "then": ["step-up"], "for": "12h"}, why)


def _calls(count: int) -> str:
    return f"{count:,} call{'s' * (count != 1)}"


def _phones(count: int) -> str:
    return f"{count:,} phone{'s' * (count != 1)}"
