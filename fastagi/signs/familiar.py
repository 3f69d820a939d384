"""Where accounts showed their right password from: what an account that was guessed at had before.

By address, not by neighbourhood: in an office all phones are neighbours, and so is the machine
there that guesses. Of IPv6 by /64, in which a phone takes a new address every day.
"""

from __future__ import annotations

import json
from collections import OrderedDict
from typing import Final

ADDRESSES_MAX: Final = 8
"""Addresses that are remembered of one account; the one that was used longest ago goes first."""

ACCOUNTS_MAX: Final = 50_000
"""Accounts that are remembered. They exist, as a right password was shown for each."""

KEPT_S: Final = 90 * 86_400.0
"""How long an address is remembered after it was used last."""


class Familiar:
    """The addresses of accounts."""

    def __init__(self) -> None:
        self._of: OrderedDict[tuple[str, str], dict[int, float]] = OrderedDict()

    def __len__(self) -> int:
        return len(self._of)

    def knows(self, site: str, account: str, place: int, now: float) -> bool:
        """Tell whether an account showed its password from there, and not too long ago."""
        at = self._of.get((site, account), {}).get(place)
        return at is not None and now - at < KEPT_S

    def learn(self, site: str, account: str, place: int, at: float) -> None:
        """Remember where an account showed its password."""
        places = self._of.setdefault((site, account), {})
        self._of.move_to_end((site, account))
        places[place] = max(at, places.get(place, at))
        if len(places) > ADDRESSES_MAX:
            del places[min(places, key=places.__getitem__)]
        if len(self._of) > ACCOUNTS_MAX:
            self._of.popitem(last=False)

    def text(self, site: str, account: str) -> str:
        """Return what is remembered of an account, to be kept elsewhere; empty if nothing is."""
        places = self._of.get((site, account))
        return json.dumps({f"{each:x}": at for each, at in places.items()}) if places else ""

    def take(self, site: str, account: str, text: str) -> None:
        """Remember what was kept elsewhere.

        Args:
            site: Whose account it is.
            account: Which.
            text: As `text` returned it.

        Raises:
            ValueError: It is no such text.
        """
        found = json.loads(text)
        try:
            kept = {int(place, 16): float(at) for place, at in found.items()}
        except (AttributeError, TypeError) as error:
            raise ValueError("what is remembered of an account is addresses and times") from error
        for place, at in kept.items():
            self.learn(site, account, place, at)
