"""What callers are used to dial before a number: to hide or show their own, to choose a carrier.

It is refused, not taken off: the trunk would be given another call than was dialled. But whoever
asks why is told.
"""

from __future__ import annotations

import re
from typing import Final

_BRITAIN: Final = re.compile(r"141|1470|1280")  # Ofcom, National Telephone Numbering Plan: Type B
_NORTH_AMERICA: Final = re.compile(r"\*67|\*82|1010\d{3}")  # NANPA: vertical service codes, CIC

_PREFIXES: Final = {
    **dict.fromkeys(("GB", "GG", "IM", "JE"), _BRITAIN),
    **dict.fromkeys(("CA", "US"), _NORTH_AMERICA),
    "AU": re.compile(r"183[12]"),  # ACMA: calling number display override
    "DE": re.compile(r"[*#]31#|010[1-9]\d|0100\d\d"),  # CLIR; Bundesnetzagentur, call-by-call
    "JP": re.compile(r"18[46]"),  # MIC
}


def prefix_of(dialled: str, country: str) -> str | None:
    """Return the prefix that digits begin with, if they do and more follows.

    Args:
        dialled: What could not be read as a number, without outside prefix.
        country: ISO 3166-1 alpha-2; where it is dialled.
    """
    known = _PREFIXES.get(country)
    found = None if known is None else known.match(dialled)
    return found[0] if found and found.end() < len(dialled) else None
