"""The prices of a site: its sheet, and what a call costs that the sheet says nothing of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from fastagi.numbering.number import Category
from fastagi.rating.cells import DEFAULT_INCREMENTS, tariff_of
from fastagi.rating.tariff import Tariff

if TYPE_CHECKING:
    from decimal import Decimal
    from pathlib import Path

    from fastagi.numbering.number import Number
    from fastagi.rating.sheet import RateSheet

FREE: Final = Tariff(60, 0, 60, 0)
"""Inside calls never reach a trunk, calls for help are never counted, and a short code is
toll-free only where it is known to be."""


@dataclass(frozen=True, slots=True)
class Rates:
    """What calls cost at a site.

    Attributes:
        file: The sheet's, as the policy names it, from the policy's folder.
        currency: ISO 4217; the sheet is in no other.
        unknown: What a call costs where the sheet has no price; None where the policy gives none.
            Then nobody knows what such a call costs, and whatever limits money must refuse it.
    """

    file: Path
    currency: str
    sheet: RateSheet
    unknown: Tariff | None = None

    def tariff(self, number: Number, at: float) -> Tariff | None:
        """Return what a call costs that begins at a moment; None where nobody knows.

        The sheet's price of the longest prefix in force; `unknown` of what is not listed or not
        served. No prefix speaks of what has no number of E.164: toll-free short codes are free,
        others cost `unknown`.

        Args:
            number: What was dialled.
            at: Seconds since the epoch.
        """
        if number.category in {Category.INTERNAL, Category.EMERGENCY}:
            return FREE
        if not number.is_e164:
            return FREE if number.category is Category.TOLL_FREE else self.unknown
        return self.sheet.tariff(number.number, at) or self.unknown


def unknown_tariff(price: Decimal) -> Tariff:
    """Return the tariff of a price a minute that a policy gives: in whole minutes, no fee."""
    return tariff_of(price, price * 0, *DEFAULT_INCREMENTS)
