"""Adds the book of attacks and the record of decisions up to a report, in bounded memory.

The book first: it says who was attacked, and when (`attacked`). Then the decisions, one after
another. More than 300 lines: of all the counts of a report each is begun, added to and told here.

What a refused call would have cost is an estimate: its price a minute, as the gate knew it when it
refused, times the same minutes for each. Who is refused tries again, so it is rather too much;
a thief's call may be longer, so it may be too little. Calls without a price are counted, not
guessed. Pure: no clock, no files.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Final, TypeAlias

from fastagi.attacks.attacked import GRAVEST, Attacked, Cause
from fastagi.attacks.book import Did, Entry
from fastagi.attacks.counting import Frequent
from fastagi.attacks.fields import (
    days_between,
    moment_of,
    money_of,
    network_of,
    read,
    short,
    text_of,
    words_of,
)
from fastagi.attacks.report import Attack, Day, Estimate, Most, Report, Through
from fastagi.decision_log.history import head_of
from fastagi.decision_log.judged import SHOWN_WHOLE
from fastagi.decision_log.record import masked
from fastagi.numbering.number import Category
from fastagi.policy.model import Reason, Verdict
from fastagi.rating.tariff import MONEY_MAX
from fastagi.signs.sign import Evidence, Sign
from fastagi.signs.words import foreign, in_words, place
from fastagi.stores.records import EVERYWHERE

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

Price: TypeAlias = Callable[[str, str, float], tuple[int, str] | None]
"""What a minute to a site's number costs at a moment, in millionths, and the currency."""


MINUTES: Final = 10
"""How long a refused call is taken to have lasted, where nobody says."""

ATTACKS: Final = 10
"""Entries of the book that are spelled out of each sign."""
LISTED: Final = 10
"""Addresses, numbers and so on that are named."""
THROUGH: Final = 50
"""Calls that are spelled out."""
HELD: Final = 2_000
"""Rules and limits that are counted by themselves; of deleted ones there are old lines."""


LONG_ACCOUNT: Final = 7
"""From so many digits on an account may be somebody's number, and is masked like one."""


class Tally:
    """Takes entries, then decisions.

    Args:
        sites: Those it is about; what is of no site counts, too.
        since: From when on, in seconds since the epoch.
        until: Until when.
        mask: Last digits of numbers that are not shown.
        minutes: How long a refused call is taken to have lasted.
        price: Finds prices that a decision does not have with it; as they are now.
    """

    def __init__(
        self,
        sites: Sequence[str],
        since: float,
        until: float,
        mask: int,
        minutes: int = MINUTES,
        price: Price | None = None,
    ) -> None:
        self._sites, self._since, self._until = tuple(sites), since, until
        self._mask, self._minutes, self._price = mask, minutes, price
        self._days = Counter[tuple[str, str]]()
        self._signs: Counter[Sign] = Counter()
        self._did: Counter[Did] = Counter()
        self._graves: dict[Sign, list[Entry]] = defaultdict(list)
        self._entries = self._unplaced = 0
        self._addresses, self._written, self._networks = Frequent(), Frequent(), Frequent()
        self._countries = Frequent()
        self._accounts, self._numbers, self._destinations = Frequent(), Frequent(), Frequent()
        self._attacked = Attacked()
        self._allowed: Counter[bytes] = Counter()
        self._denied: Counter[bytes] = Counter()
        self._site_names = {each.encode() for each in sites}
        self._calls: set[tuple[bytes, bytes]] = set()
        self._held = Frequent(HELD)
        self._estimates: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0, 0])
        self._unpriced = self._free = self._through_count = 0
        self._through: dict[tuple[str, str], tuple[Sign, Through]] = {}

    # ------------------------------------------------------------------- the book

    def note(self, entry: Entry) -> None:
        """Take an entry of the book; all of them come before the decisions."""
        self._entries += not entry.others
        self._unplaced += entry.others
        self._days[entry.day, entry.sign] += 1
        self._signs[entry.sign] += 1
        self._did.update(entry.did)
        for address in entry.addresses:
            (self._addresses if entry.proven else self._written).add(place(address))
            self._networks.add(network_of(address))
        for country in entry.countries:
            self._countries.add(foreign(country))
        for account in entry.accounts:
            self._accounts.add(self._shown(account))
        self._attacked.remember(entry)
        graves = self._graves[entry.sign]
        graves.append(entry)
        if len(graves) > 4 * ATTACKS:
            self._graves[entry.sign] = sorted(graves, key=_gravity)[:ATTACKS]

    # ------------------------------------------------------------------- the decisions

    def take(self, line: bytes) -> None:
        """Take a line of the record. What is no line of ours counts for nothing."""
        head = head_of(line)
        if head is None:
            self._take_whole(line)
            return
        if b'"reason":"settled"' in line:
            if (head.site, head.call) in self._calls:
                self._settle(read(line))
            return
        if self._site_names and head.site not in self._site_names:
            return
        allowed = b'"verdict":"allow"' in line
        if allowed and not self._attacked.may_be(head.day, head.extension, head.address):
            self._allowed[head.day] += 1
        else:
            self._take_whole(line)

    def _take_whole(self, line: bytes) -> None:
        entry = read(line)
        site, day = text_of(entry, "site"), text_of(entry, "time")[:10]
        if self._sites and site not in self._sites:
            return
        if text_of(entry, "reason") == Reason.SETTLED:
            self._settle(entry)
            return
        at = moment_of(entry)
        if at is None or not self._since <= at < self._until:
            return
        allowed = text_of(entry, "verdict") == Verdict.ALLOW
        (self._allowed if allowed else self._denied)[day.encode(errors="replace")] += 1
        cause = self._attacked.cause(
            site, text_of(entry, "extension"), text_of(entry, "address"), at
        )
        if not allowed:
            self._deny(entry, site, at, of_attack=cause is not None)
        elif cause is not None:
            self._let_through(entry, site, cause)

    def _let_through(self, entry: Mapping[str, object], site: str, cause: Cause) -> None:
        if text_of(entry, "category") in SHOWN_WHOLE:
            return  # a colleague, or an ambulance
        self._through_count += 1
        what, _, name = cause.name.partition(" ")
        told = Through(
            time=f"{text_of(entry, 'time')[:19].replace('T', ' ')} UTC",
            site=foreign(site),
            extension=foreign(text_of(entry, "extension")),
            address=place(text_of(entry, "address")) if entry.get("address") else "",
            number=self._number(entry),
            country=short(entry, "country"),
            rule=short(entry, "rule"),
            shown=words_of(entry.get("shown")),
            reference=short(entry, "reference"),
            why=f"{cause.sign} of {what} {place(name)}",
            cost=None,
            currency=short(entry, "currency"),
        )
        call = text_of(entry, "call")
        self._through[site, call] = (cause.sign, told)
        self._calls.add((site.encode(errors="replace"), call.encode(errors="replace")))
        if len(self._through) > 4 * THROUGH:
            self._through = dict(self._worst())
            self._calls = {
                (of.encode(errors="replace"), call.encode(errors="replace"))
                for of, call in self._through
            }

    def _worst(self) -> list[tuple[tuple[str, str], tuple[Sign, Through]]]:
        """Return the calls that were let through after the gravest attacks."""
        ranked = sorted(
            self._through.items(), key=lambda each: (GRAVEST.index(each[1][0]), each[1][1].time)
        )
        return ranked[:THROUGH]

    def _settle(self, entry: Mapping[str, object]) -> None:
        """Add what a call came to that was let through."""
        key = text_of(entry, "site"), text_of(entry, "call")
        cost = money_of(text_of(entry, "cost"))
        if key in self._through and cost is not None:
            sign, there = self._through[key]
            whole = min(MONEY_MAX, (there.cost or 0) + cost)
            self._through[key] = (sign, replace(there, cost=whole))

    def _deny(self, entry: Mapping[str, object], site: str, at: float, *, of_attack: bool) -> None:
        reason, rule = short(entry, "reason"), short(entry, "rule")
        self._held.add(f"{reason}\t{rule}")
        if of_attack:
            self._numbers.add(self._number(entry))
        category, country = short(entry, "category"), short(entry, "country")
        self._destinations.add(f"{category} {country}".strip())
        if text_of(entry, "category") in SHOWN_WHOLE:
            self._free += 1
            return
        priced = self._priced(entry, site, at)
        if priced is None:
            self._unpriced += 1
            return
        money, currency = priced
        whole = min(MONEY_MAX, money * self._minutes)
        known = self._estimates[currency]
        known[0] += 1
        known[1] += whole
        known[2] += of_attack
        known[3] += whole if of_attack else 0

    def _priced(self, entry: Mapping[str, object], site: str, at: float) -> tuple[int, str] | None:
        money = money_of(text_of(entry, "price"))
        if money is not None:
            return money, short(entry, "currency")
        number = text_of(entry, "number")
        if self._price is None or text_of(entry, "reason") == Reason.INVALID_NUMBER:
            return None  # what no network takes costs nothing, and is not known to
        return self._price(site, number, at)

    def _number(self, entry: Mapping[str, object]) -> str:
        category = text_of(entry, "category")
        known = Category(category) if category in set(Category) else None
        number = text_of(entry, "number")
        return foreign(masked(number, known, self._mask)) if number else ""

    def _shown(self, account: str) -> str:
        """Return an account as it may be shown: what may be a number, as one."""
        digits = sum(each.isdecimal() for each in account)
        return foreign(masked(account, None, self._mask) if digits >= LONG_ACCOUNT else account)

    # ------------------------------------------------------------------- the sum

    def report(self, *, files: int = 0, gates: int = 1, locked_out: int = 0) -> Report:
        """Return what came of it.

        Args:
            files: How many files of decisions were read.
            gates: Of how many gates' logs.
            locked_out: How many are locked out now.
        """
        days = days_between(self._since, max(self._since, self._until - 0.001))
        held = self._held.top(LISTED)
        return Report(
            sites=[foreign(each) for each in self._sites],
            since=self._since,
            until=self._until,
            minutes=self._minutes,
            files=files,
            gates=gates,
            days=[self._day(day) for day in days],
            allowed=self._allowed.total(),
            denied=self._denied.total(),
            through=[told for _, (_, told) in self._worst()],
            through_count=self._through_count,
            attacks=[
                self._attack_of(entry)
                for sign in GRAVEST
                for entry in sorted(self._graves.get(sign, ()), key=_gravity)[:ATTACKS]
            ],
            attack_count=self._entries,
            unplaced=self._unplaced,
            unmatched=self._attacked.forgotten,
            by_sign=[(str(each), self._signs[each]) for each in GRAVEST if self._signs[each]],
            addresses=_most(self._addresses),
            written=_most(self._written),
            networks=_most(self._networks),
            countries=_most(self._countries),
            accounts=_most(self._accounts),
            numbers=_most(self._numbers),
            destinations=_most(self._destinations),
            did=[(_deed(each), self._did[each]) for each in Did if self._did[each]],
            held=[(*_two(name), count) for name, count in held],
            held_beyond=self._held.beyond(LISTED),
            estimates=[Estimate(each, *self._estimates[each]) for each in sorted(self._estimates)],
            unpriced=self._unpriced,
            free=self._free,
            locked_out=locked_out,
        )

    def _day(self, day: str) -> Day:
        signs = {str(each): self._days[day, each] for each in GRAVEST if self._days[day, each]}
        return Day(day, signs, self._allowed[day.encode()], self._denied[day.encode()])

    def _attack_of(self, entry: Entry) -> Attack:
        seen = in_words(_evidence(entry, self._shown))
        if entry.others:
            seen = f"{entry.others} more of it, that had no entry of their own"
        return Attack(
            entry.day,
            entry.first,
            entry.last,
            "" if entry.site == EVERYWHERE else foreign(entry.site),
            foreign(entry.watch) if entry.watch else "",
            str(entry.sign),
            seen,
            ", ".join(map(foreign, entry.countries[:3])),
            entry.proven,
            [_deed(each) for each in Did if each in entry.did],
        )


# ----------------------------------------------------------------------------- words


def _evidence(entry: Entry, shown: Callable[[str], str]) -> Evidence:
    """Return an entry as evidence, for those who put evidence into words."""
    return Evidence(
        entry.site,
        entry.watch,
        entry.sign,
        entry.per,
        entry.name,
        shown(entry.accounts[0]) if entry.accounts else "",
        entry.addresses[-1] if entry.addresses else "",
        entry.count,
        -1,  # the highest count of a day was not within the day's first and last
        entry.sources,
        entry.proven,
        entry.last,
    )


def _gravity(entry: Entry) -> tuple[bool, bool, int, float]:
    return bool(entry.others), not entry.proven, -entry.count, -entry.last


def _deed(did: Did) -> str:
    return {
        Did.TOLD: "told of",
        Did.STEPPED_UP: "extension stepped up",
        Did.LOCKED: "extension locked",
        Did.SIGN_IN_ENDED: "sign-in ended",
        Did.BANNED: "address banned",
        Did.SHADOW: "nothing: on trial",
    }[did]


def _most(counted: Frequent) -> Most:
    return Most(counted.top(LISTED), counted.beyond(LISTED))


def _two(name: str) -> tuple[str, str]:
    reason, _, rule = name.partition("\t")
    return reason, rule
