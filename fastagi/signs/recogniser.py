"""Holding what is seen against the terms from which on it is a sign.

It keeps no list of what was seen, and takes no more memory than `MOMENTS_MAX` stands for, whoever
sends whatever: an account that there is not is counted for who tries it, and not remembered
itself. What there is no room for is not counted, so a count is never too large.

Of what is new of a phone, nothing is recognised here: that is a matter of what it had within
months, which is kept in the store (`lookout`), and not of a window.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from fastagi.signs.familiar import Familiar
from fastagi.signs.guessed import Guessed
from fastagi.signs.places import network_name, network_number, number_of, phone_place
from fastagi.signs.sighting import Seen
from fastagi.signs.sign import Evidence, Per, Sign
from fastagi.signs.windows import ACCOUNTS_MAX, WHOM, Table

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from fastagi.signs.sighting import Sighting
    from fastagi.signs.terms import Terms

MOMENTS_MAX: Final = 1_000_000
"""Moments that are held in all, shared among the watches; about 200 bytes each."""

STEP_S: Final = 30.0
"""So much behind what it said before, the clock of a node was set back: it is counted anew."""

OF_ASTERISK: Final = frozenset(
    {
        Seen.UNKNOWN_ACCOUNT,
        Seen.WRONG_PASSWORD,
        Seen.RIGHT_PASSWORD,
        Seen.NOT_LET_IN,
        Seen.MALFORMED,
    }
)
"""What bears the moment of Asterisk's own event. All else bears one of the gate, whose clock is
another, and may have lain in a pipe since: it says nothing of the clock of a node."""

OF_GATE: Final = frozenset({Seen.PROBE, Seen.WRONG_CODE})
"""What never bears a moment of Asterisk; a trap is touched at either."""

NODES_MAX: Final = 1000

COUNTED: Final = {
    Sign.ENUMERATION: (frozenset({Seen.UNKNOWN_ACCOUNT}), True),
    Sign.GUESSING: (frozenset({Seen.WRONG_PASSWORD}), False),
    Sign.SPRAYING: (frozenset({Seen.WRONG_PASSWORD}), True),
    Sign.NOT_LET_IN: (frozenset({Seen.NOT_LET_IN}), False),
    Sign.MALFORMED: (frozenset({Seen.MALFORMED}), False),
    Sign.HONEYPOT: (frozenset({Seen.TRAP}), False),
    Sign.GATE_PROBING: (frozenset({Seen.PROBE}), False),
    Sign.CODE_GUESSING: (frozenset({Seen.WRONG_CODE}), True),
}
"""What a sign is made of, and whether of different accounts."""

GUESSES: Final = frozenset({Seen.UNKNOWN_ACCOUNT, Seen.WRONG_PASSWORD, Seen.RIGHT_PASSWORD})
"""What `Guessed` looks at."""


class Recogniser:
    """Recognises what was seen by the terms of all sites.

    Attributes:
        familiar: From where accounts showed their right passwords.
    """

    def __init__(self, terms: Sequence[Terms]) -> None:
        self.familiar = Familiar()
        self._counting: dict[Terms, _Counting] = {}
        self._guessed: dict[Terms, Guessed] = {}
        self._by_seen: dict[Seen, dict[str, list[_Counting]]] = {}
        self._guessed_of: dict[str, list[Guessed]] = {}
        self._guarded: frozenset[str] = frozenset()
        self._newest: dict[str, float] = {}
        self.replace(terms)

    def __len__(self) -> int:
        """Of how many something is remembered, all watches together."""
        counted = sum(map(len, self._counting.values())) + sum(map(len, self._guessed.values()))
        return counted + len(self.familiar)

    def replace(self, terms: Iterable[Terms]) -> None:
        """Take in other terms; what is counted by those that stay so stays counted."""
        distinct = tuple(dict.fromkeys(terms))
        counting = [each for each in distinct if each.sign in COUNTED]
        guessed = [each for each in distinct if each.sign is Sign.SUCCESS_AFTER_GUESSING]
        # Twice, as what is proven has places of its own.
        share = MOMENTS_MAX // max(1, 2 * (len(counting) + 3 * len(guessed)))
        self._counting = {each: self._counting.get(each) or _Counting(each) for each in counting}
        self._guessed = {each: self._guessed.get(each) or Guessed(each) for each in guessed}
        for one in self._all():
            one.resize(share // one.terms.count)
        self._index()
        self._guarded = frozenset(each.site for each in guessed)

    def see(self, sighting: Sighting) -> Sequence[Evidence]:
        """Take in a sighting, and return what it makes a sign of.

        What is one is told of at once, and about once a minute for as long as it goes on; also
        where it was told of before it was proven. A sighting of no site counts for each site's
        addresses, networks and itself.
        """
        self._look_at_clock(sighting)
        address = number_of(sighting.address)
        found = [
            evidence
            for each in self._by_seen[sighting.seen].get(sighting.site, ())
            if (evidence := each.see(sighting, address)) is not None
        ]
        if sighting.seen in GUESSES and self._guessed:
            found += self._guesses(sighting, address)
        return found

    def _index(self) -> None:
        """Have the watches of each site at hand: a sighting costs no more than its site's do."""
        self._by_seen, self._guessed_of = {seen: {} for seen in Seen}, {}
        for one in self._counting.values():
            terms = one.terms
            # What is of no site counts for each, but for nobody's account.
            for site in {terms.site} if terms.per is Per.ACCOUNT else {terms.site, ""}:
                for seen in one.made_of:
                    self._by_seen[seen].setdefault(site, []).append(one)
        for each in self._guessed.values():
            for site in {each.terms.site, ""}:
                self._guessed_of.setdefault(site, []).append(each)

    def _all(self) -> list[_Counting | Guessed]:
        return [*self._counting.values(), *self._guessed.values()]

    def _guesses(self, sighting: Sighting, address: int) -> list[Evidence]:
        found = []
        is_suspect = False
        for each in self._guessed_of.get(sighting.site, ()):
            suspect, evidence = each.see(sighting, address, self.familiar)
            is_suspect |= suspect
            if evidence is not None:
                found.append(evidence)
        if (
            sighting.seen is Seen.RIGHT_PASSWORD
            and sighting.proven
            and not is_suspect
            and address
            and sighting.site in self._guarded
        ):
            place = phone_place(address)
            self.familiar.learn(sighting.site, sighting.account, place, sighting.at)
        return found

    def _look_at_clock(self, sighting: Sighting) -> None:
        """Count anew where a clock was set back: else nothing would count until it is there."""
        if sighting.seen not in OF_ASTERISK:
            return
        newest = self._newest.get(sighting.node, sighting.at)
        if sighting.at < newest - STEP_S:
            for each in self._all():
                if not isinstance(each, _Counting) or not each.made_of <= OF_GATE:
                    each.clear()
            newest = sighting.at
        if len(self._newest) < NODES_MAX or sighting.node in self._newest:
            self._newest[sighting.node] = max(newest, sighting.at)


class _Counting:
    """What is counted by one watch."""

    def __init__(self, terms: Terms) -> None:
        self.terms = terms
        self.made_of, different = COUNTED[terms.sign]
        self._table = Table(terms.count, terms.within_s, WHOM[0], different=different)

    def __len__(self) -> int:
        return len(self._table)

    def resize(self, most: int) -> None:
        """Remember no more than so many from now on."""
        if self.terms.per is Per.ACCOUNT:
            self._table.most = ACCOUNTS_MAX
        else:
            self._table.most = max(WHOM[0], min(most, WHOM[1]))

    def clear(self) -> None:
        """Forget everybody."""
        self._table.clear()

    def see(self, sighting: Sighting, address: int) -> Evidence | None:
        """Count a sighting of its own site, or of any."""
        terms = self.terms
        whom = _whom(terms.per, sighting, address)
        if whom is None:
            return None
        what = hash(sighting.account)
        pair = self._table.add(whom, sighting.at, what, address, proven=sighting.proven)
        if pair is None:
            return None
        is_due = pair.all.is_due()
        is_proven = sighting.proven and pair.proven is not None and pair.proven.is_full
        if is_proven and pair.proven is not None:
            is_due |= pair.proven.is_due()
        if not is_due:
            return None
        window = pair.told_by
        return Evidence(
            site=terms.site,
            watch=terms.watch,
            sign=terms.sign,
            per=terms.per,
            name=_name(terms.per, sighting),
            account=sighting.account if terms.per is Per.ACCOUNT else "",
            address="" if sighting.address is None else str(sighting.address),
            count=window.burst,
            within_s=window.newest - window.began,
            addresses=window.addresses,
            proven=is_proven,
            at=sighting.at,
        )


def _whom(per: Per, sighting: Sighting, address: int) -> int | str | None:
    """Return for whom a sighting counts; None where that is not known."""
    match per:
        case Per.ADDRESS:
            return address or None
        case Per.NETWORK:
            return network_number(address) if address else None
        case Per.ACCOUNT:
            return sighting.account or None
        case Per.SITE:
            return 0


def _name(per: Per, sighting: Sighting) -> str:
    if per is Per.ACCOUNT:
        return sighting.account
    if per is Per.SITE or sighting.address is None:
        return ""
    return network_name(sighting.address) if per is Per.NETWORK else str(sighting.address)
