"""What a dialled number turned out to be.

Here live the words only; `plan` finds them for a dialled number.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class Category(StrEnum):
    """The kind of a destination; a policy names these in `to`."""

    EMERGENCY = "emergency"
    INTERNAL = "internal"
    NATIONAL = "national"
    MOBILE = "mobile"
    TOLL_FREE = "toll-free"
    SHARED_COST = "shared-cost"
    PREMIUM = "premium"
    PERSONAL = "personal"
    VOIP = "voip"
    PAGER = "pager"
    SATELLITE = "satellite"
    INTERNATIONAL = "international"
    UNALLOCATED = "unallocated"
    INVALID = "invalid"


GLOBAL: Final = "001"
"""The country of numbers that belong to none: +800, +870, +88x … (UN M.49 «World»)."""


@dataclass(frozen=True, slots=True)
class Number:
    """A dialled number, understood.

    Attributes:
        dialled: What the caller dialled, as it came; only the beginning and `…` of what is longer
            than any extension.
        number: What the trunk is given: E.164 with its plus (`+390612345678`), or the bare digits
            of an emergency number, a short code, an inside extension, or a number that can only be
            dialled within the country. Empty when invalid.
        country: ISO 3166-1 alpha-2; the site's own for emergency numbers and short codes, `001`
            for the global codes, empty when there is none (inside, invalid).
        category: The one word for it, the costliest that fits.
        categories: All words for it: a premium number abroad is `international` and `premium`.
        why: Why it is invalid or unallocated, in words for the operator; empty otherwise.
    """

    dialled: str
    number: str
    country: str
    category: Category
    categories: frozenset[Category]
    why: str = ""

    @property
    def is_e164(self) -> bool:
        """Whether `number` is an E.164 number, which prefixes and lists can speak of."""
        return self.number.startswith("+")
