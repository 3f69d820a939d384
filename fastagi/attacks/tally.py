"""Adds the book of attacks and the record of decisions up to a report, in bounded memory.

The book first: it says who was attacked, and when. Then the decisions, one after another. A call
counts as one of the attack if its extension, or its address, was in the book at that time or up to
`AFTER_S` before: whoever found a password out rings an hour later.

Of the names of accounts those are left out that an attacker may have made up: of enumeration and
the like. Of addresses those count that were proven: others anybody may have written.

What a refused call would have cost is an estimate: its price a minute, as the gate knew it when it
refused, times the same minutes for each. Who is refused tries again, so it is rather too much;
a thief's call may be longer, so it may be too little. Calls without a price are counted, not
guessed. Pure: no clock, no files.
"""

from __future__ import annotations

import ipaddress
import json
from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Final, TypeAlias

from fastagi.attacks.book import DAY_S, Did, Entry
from fastagi.attacks.counting import Frequent
from fastagi.attacks.report import Attack, Day, Estimate, Most, Report, Through
from fastagi.decision_log.history import text_in
from fastagi.decision_log.record import SHOWN_WHOLE, masked
from fastagi.numbering.number import Category
from fastagi.policy.model import Reason
from fastagi.rating.tariff import MONEY_MAX, MONEY_UNIT
from fastagi.signs.sign import Evidence, Sign
from fastagi.signs.words import about, foreign, in_words, place
from fastagi.stores.records import EVERYWHERE

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

Price: TypeAlias = Callable[[str, str, float], tuple[int, str] | None]
"""What a minute to a site's number costs at a moment, in millionths, and the currency."""

AFTER_S: Final = 86_400
"""How long after the last evidence a call still is one of the attack."""

MINUTES: Final = 10
"""How long a refused call is taken to have lasted, where nobody says."""

ATTACKS: Final = 40
"""Entries of the book that are spelled out."""
LISTED: Final = 15
"""Addresses, numbers and so on that are named."""
THROUGH: Final = 50
"""Calls that are spelled out."""
WINDOWS: Final = 100_000
"""Attacked names that are remembered."""
SPANS: Final = 100
"""Times of one name that are remembered; beyond, the last is stretched."""
HELD: Final = 2_000
"""Rules and limits that are counted by themselves; of deleted ones there are old lines."""

MADE_UP: Final = frozenset({Sign.ENUMERATION, Sign.MALFORMED, Sign.GATE_PROBING})
"""Signs whose accounts are an attacker's text."""

GRAVEST: Final = (
    *(Sign.SUCCESS_AFTER_GUESSING, Sign.HONEYPOT, Sign.NEW_COUNTRY, Sign.CODE_GUESSING),
    *(Sign.SPRAYING, Sign.GUESSING, Sign.NEW_ADDRESS, Sign.NEW_AGENT, Sign.NEW_TRANSPORT),
    *(Sign.ENUMERATION, Sign.GATE_PROBING, Sign.NOT_LET_IN, Sign.MALFORMED),
)
"""The signs, in the order in which a report names them."""

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
        self._graves: list[Entry] = []
        self._entries = self._unplaced = self._unmatched = 0
        self._addresses, self._networks, self._countries = Frequent(), Frequent(), Frequent()
        self._accounts, self._numbers, self._destinations = Frequent(), Frequent(), Frequent()
        self._windows: dict[tuple[str, str], list[tuple[float, float, str]]] = {}
        self._verdicts: Counter[tuple[str, bool]] = Counter()
        self._held = Frequent(HELD)
        self._estimates: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0, 0])
        self._unpriced = self._free = self._through_count = 0
        self._through: dict[tuple[str, str], Through] = {}

    # ------------------------------------------------------------------- the book

    def note(self, entry: Entry) -> None:
        """Take an entry of the book; all of them come before the decisions."""
        self._entries += not entry.others
        self._unplaced += entry.others
        self._days[entry.day, entry.sign] += 1
        self._signs[entry.sign] += 1
        self._did.update(entry.did)
        for address in entry.addresses:
            self._addresses.add(place(address))
            self._networks.add(_network(address))
        for country in entry.countries:
            self._countries.add(foreign(country))
        for account in entry.accounts:
            self._accounts.add(self._shown(account))
        self._remember(entry)
        self._graves.append(entry)
        if len(self._graves) > 4 * ATTACKS:
            self._graves = sorted(self._graves, key=_gravity)[:ATTACKS]

    def _remember(self, entry: Entry) -> None:
        why = f"{entry.sign} of {about(_evidence(entry))}"
        span = (entry.first, entry.last + AFTER_S, why)
        names = [] if entry.sign in MADE_UP else [f"extension {x}" for x in entry.accounts]
        if entry.proven:
            names += [f"address {_plain(address)}" for address in entry.addresses]
        for name in names:
            known = self._windows.get((entry.site, name))
            if known is None and len(self._windows) >= WINDOWS:
                self._unmatched += 1
            elif known is None:
                self._windows[entry.site, name] = [span]
            elif len(known) < SPANS:
                known.append(span)
            else:
                first, last, said = known[-1]
                known[-1] = (min(first, span[0]), max(last, span[1]), said)

    # ------------------------------------------------------------------- the decisions

    def take(self, line: bytes) -> None:
        """Take a line of the record. What is no line of ours counts for nothing."""
        if b'"reason":"settled"' in line:
            self._settle(line)
            return
        site = text_in(line, "site")
        if self._sites and site not in self._sites:
            return
        allowed = b'"verdict":"allow"' in line
        day = line[9:19].decode("ascii", "replace")
        if allowed and not self._may_be_attacked(line, site):
            self._verdicts[day, True] += 1
            return
        entry = _read(line)
        at = _moment(entry)
        if at is None or not self._since <= at < self._until:
            return
        self._verdicts[day, allowed] += 1
        why = self._attack(site, _text(entry, "extension"), _text(entry, "address"), at)
        if not allowed:
            self._deny(entry, site, at, why)
        elif why:
            self._let_through(entry, site, why)

    def _may_be_attacked(self, line: bytes, site: str) -> bool:
        """Tell of a call whether it has to be read: most were not attacked, and are many."""
        names = f"extension {text_in(line, 'extension')}", f"address {text_in(line, 'address')}"
        return any((of, name) in self._windows for of in (site, EVERYWHERE) for name in names)

    def _attack(self, site: str, extension: str, address: str, at: float) -> str:
        for name in (f"extension {extension}", f"address {_plain(address)}"):
            for of in (site, EVERYWHERE):
                for first, last, why in self._windows.get((of, name), ()):
                    if first <= at <= last:
                        return why
        return ""

    def _let_through(self, entry: Mapping[str, object], site: str, why: str) -> None:
        if _text(entry, "category") in SHOWN_WHOLE:
            return  # a colleague, or an ambulance
        self._through_count += 1
        if len(self._through) >= THROUGH:
            return
        self._through[site, _text(entry, "call")] = Through(
            time=f"{_text(entry, 'time')[:19].replace('T', ' ')} UTC",
            site=foreign(site),
            extension=foreign(_text(entry, "extension")),
            address=place(_text(entry, "address")) if entry.get("address") else "",
            number=self._number(entry),
            country=_short(entry, "country"),
            rule=_short(entry, "rule"),
            shown=_words(entry.get("shown")),
            reference=_short(entry, "reference"),
            why=why,
            cost=None,
            currency=_short(entry, "currency"),
        )

    def _settle(self, line: bytes) -> None:
        """Add what a call came to that was let through."""
        key = text_in(line, "site"), text_in(line, "call")
        if key not in self._through:
            return
        cost = _money(_text(_read(line), "cost"))
        if cost is not None:
            there = self._through[key]
            whole = min(MONEY_MAX, (there.cost or 0) + cost)
            self._through[key] = replace(there, cost=whole)

    def _deny(self, entry: Mapping[str, object], site: str, at: float, why: str) -> None:
        reason, rule = _short(entry, "reason"), _short(entry, "rule")
        self._held.add(f"{reason}\t{rule}")
        self._addresses.add(place(_text(entry, "address")) if why and entry.get("address") else "")
        self._numbers.add(self._number(entry) if why else "")
        category, country = _short(entry, "category"), _short(entry, "country")
        self._destinations.add(f"{category} {country}".strip())
        if _text(entry, "category") in SHOWN_WHOLE:
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
        known[2] += bool(why)
        known[3] += whole if why else 0

    def _priced(self, entry: Mapping[str, object], site: str, at: float) -> tuple[int, str] | None:
        money = _money(_text(entry, "price"))
        if money is not None:
            return money, _short(entry, "currency")
        number = _text(entry, "number")
        if self._price is None or _text(entry, "reason") == Reason.INVALID_NUMBER:
            return None  # what no network takes costs nothing, and is not known to
        return self._price(site, number, at)

    def _number(self, entry: Mapping[str, object]) -> str:
        category = _text(entry, "category")
        known = Category(category) if category in set(Category) else None
        number = _text(entry, "number")
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
        days = _days(self._since, self._until)
        held = self._held.top(LISTED)
        return Report(
            sites=[foreign(each) for each in self._sites],
            since=self._since,
            until=self._until,
            minutes=self._minutes,
            files=files,
            gates=gates,
            days=[self._day(day) for day in days],
            allowed=sum(n for (_, let), n in self._verdicts.items() if let),
            denied=sum(n for (_, let), n in self._verdicts.items() if not let),
            through=sorted(self._through.values(), key=lambda each: each.time),
            through_count=self._through_count,
            attacks=[
                self._attack_of(each) for each in sorted(self._graves, key=_gravity)[:ATTACKS]
            ],
            attack_count=self._entries,
            unplaced=self._unplaced,
            unmatched=self._unmatched,
            by_sign=[(str(each), self._signs[each]) for each in GRAVEST if self._signs[each]],
            addresses=_most(self._addresses),
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
        return Day(day, signs, self._verdicts[day, True], self._verdicts[day, False])

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


def _evidence(entry: Entry, shown: Callable[[str], str] = str) -> Evidence:
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


def _gravity(entry: Entry) -> tuple[int, bool, float]:
    return GRAVEST.index(entry.sign), not entry.proven, -entry.last


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


# ----------------------------------------------------------------------------- the fields


def _read(line: bytes) -> Mapping[str, object]:
    try:
        entry: object = json.loads(line)
    except ValueError:
        return {}
    return entry if isinstance(entry, dict) else {}


def _text(entry: Mapping[str, object], name: str) -> str:
    value = entry.get(name)
    return value if isinstance(value, str) else ""


def _short(entry: Mapping[str, object], name: str) -> str:
    text = _text(entry, name)
    return foreign(text) if text else ""


def _words(value: object) -> list[str]:
    return [foreign(str(each)) for each in value[:4]] if isinstance(value, list) else []


def _moment(entry: Mapping[str, object]) -> float | None:
    try:
        return datetime.fromisoformat(_text(entry, "time")).astimezone(UTC).timestamp()
    except (ValueError, OverflowError):
        return None


def _money(text: str) -> int | None:
    """Return an amount in millionths; None where there is none."""
    try:
        money = int(Decimal(text) * MONEY_UNIT)
    except (InvalidOperation, ValueError, OverflowError):
        return None
    return money if 0 <= money <= MONEY_MAX else None


def _plain(address: str) -> str:
    """Return an address in one way of writing it."""
    try:
        return str(ipaddress.ip_address(address))
    except ValueError:
        return address


def _network(address: str) -> str:
    """Return the /24 or the /64 of an address; empty of what is none."""
    try:
        read = ipaddress.ip_address(address)
        return str(
            ipaddress.ip_network((read.packed, 24 if read.version == 4 else 64), strict=False)
        )
    except ValueError:
        return ""


def _days(since: float, until: float) -> Iterable[str]:
    """List the days from one moment to another, UTC."""
    first, last = int(since // DAY_S), int(max(since, until - 0.001) // DAY_S)
    return [
        datetime.fromtimestamp(day * DAY_S, UTC).strftime("%Y-%m-%d")
        for day in range(first, last + 1)
    ]
