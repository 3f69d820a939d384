"""The right password of an account that was guessed at, or shown by who guessed at others.

What counts as guessing here is a wrong password for an account from where it never showed its
right one, and any account that there is not. So a phone whose password was changed may try its old
one for a weekend, and the phone beside it may try nothing at all: neither is guessed at.

What was counted stays counted, whoever shows a right password in between. And who shows it is
looked at only where his account never did so: else whoever guesses ten times at each extension
would have made suspects of all phones, which register every few minutes. A place from where the
right password came after guessing is not learnt for as long as the guesses are counted.
"""

from __future__ import annotations

from collections import OrderedDict
from typing import TYPE_CHECKING, Final

from fastagi.signs.places import network_number, phone_place
from fastagi.signs.sighting import Seen
from fastagi.signs.sign import Evidence
from fastagi.signs.windows import ACCOUNTS_MAX, AGAIN_S, WHOM, Table

if TYPE_CHECKING:
    from fastagi.signs.familiar import Familiar
    from fastagi.signs.sighting import Sighting
    from fastagi.signs.terms import Terms
    from fastagi.signs.windows import Pair

TOLD_MAX: Final = 10_000
"""Of how many it is remembered that they were told of; who is forgotten is told of again."""


class Guessed:
    """Who guessed lately, and what at, by one watch."""

    def __init__(self, terms: Terms) -> None:
        self.terms = terms
        sized = (terms.count, terms.within_s)
        self._accounts = Table(*sized, ACCOUNTS_MAX, different=False)
        self._addresses = Table(*sized, WHOM[0], different=False)
        self._networks = Table(*sized, WHOM[0], different=False)
        self._told: OrderedDict[tuple[str, int], tuple[float, bool]] = OrderedDict()

    def __len__(self) -> int:
        return len(self._accounts) + len(self._addresses) + len(self._networks)

    def resize(self, most: int) -> None:
        """Remember no more than so many addresses, and networks, from now on."""
        self._addresses.most = self._networks.most = max(WHOM[0], min(most, WHOM[1]))

    def clear(self) -> None:
        """Forget everybody."""
        for each in (self._accounts, self._addresses, self._networks):
            each.clear()
        self._told.clear()

    def see(
        self, sighting: Sighting, address: int, familiar: Familiar
    ) -> tuple[bool, Evidence | None]:
        """Take in a sighting; of its own site, or of any.

        Returns:
            Whether it is a right password after guessing, and what is to be told of it.
        """
        of_mine = sighting.site == self.terms.site
        known = of_mine and familiar.knows(
            sighting.site, sighting.account, phone_place(address), sighting.at
        )
        if sighting.seen is Seen.RIGHT_PASSWORD:
            return (False, None) if known or not of_mine else self._let_in(sighting, address)
        if sighting.seen is Seen.WRONG_PASSWORD and known:
            return False, None
        at, proven = sighting.at, sighting.proven
        if sighting.seen is Seen.WRONG_PASSWORD and of_mine:
            self._accounts.add(sighting.account, at, 0, address, proven=proven)
        if address:
            self._addresses.add(address, at, 0, address, proven=proven)
            self._networks.add(network_number(address), at, 0, address, proven=proven)
        return False, None

    def _let_in(self, sighting: Sighting, address: int) -> tuple[bool, Evidence | None]:
        terms, at = self.terms, sighting.at
        pairs = [self._accounts.get(sighting.account)]
        if address:
            pairs += [self._addresses.get(address), self._networks.get(network_number(address))]
        guessed = [each for each in pairs if each is not None and _count(each, at) >= terms.count]
        if not guessed:
            return False, None
        most = max((each.told_by for each in guessed), key=lambda each: each.burst)
        proven = sighting.proven and any(_proven(each, at) >= terms.count for each in guessed)
        if not self._is_news((sighting.account, address), at, proven=proven):
            return True, None
        return True, Evidence(
            site=terms.site,
            watch=terms.watch,
            sign=terms.sign,
            per=terms.per,
            name=sighting.account,
            account=sighting.account,
            address="" if sighting.address is None else str(sighting.address),
            count=most.burst,
            within_s=max(0.0, at - most.began),
            addresses=most.addresses,
            proven=proven,
            at=at,
        )

    def _is_news(self, whom: tuple[str, int], at: float, *, proven: bool) -> bool:
        told = self._told.get(whom)
        if told is not None and at - told[0] < AGAIN_S and (told[1] or not proven):
            return False
        self._told[whom] = (at, proven)
        self._told.move_to_end(whom)
        if len(self._told) > TOLD_MAX:
            self._told.popitem(last=False)
        return True


def _count(pair: Pair, now: float) -> int:
    return max(len(pair.all.still(now)), _proven(pair, now))


def _proven(pair: Pair, now: float) -> int:
    return 0 if pair.proven is None else len(pair.proven.still(now))
