"""Where numbering plans say otherwise than phonenumbers, and what: its types are no tariffs.

Numbers only come out dearer by this, or abroad, with one exception: where a regulator caps what a
call may cost, the cap counts.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from fastagi.numbering.number import GLOBAL, Category


@dataclass(frozen=True, slots=True)
class Correction:
    """What is said of some numbers of a country instead.

    Attributes:
        numbers: Pattern of the national numbers it is for: all that begin like it.
        category: Their category; None leaves it.
        country: Whose they are; None leaves it.
    """

    numbers: re.Pattern[str]
    category: Category | None = None
    country: str | None = None


_CAPPED_IN_BRITAIN: Final = (
    # 084, 087: an access charge, and a service charge of at most 7p, 13p a minute (Ofcom, National
    # Telephone Numbering Plan). That of 09 may be pounds.
    Correction(re.compile(r"8[47]"), Category.SHARED_COST),
)

_AREA: Final = r"(?!8(?:00|22|33|44|55|66|77|88)|[59]00)[2-9]\d\d"
_NORTH_AMERICAN: Final = (
    # NXX 976: pay-per-call in each area code (NANPA, Central Office Code Assignment Guidelines).
    Correction(re.compile(rf"{_AREA}976"), Category.PREMIUM),
    # 555-1212: directory assistance of an area code, charged by the call.
    Correction(re.compile(rf"{_AREA}5551212"), Category.SHARED_COST),
)

CORRECTIONS: Final = {
    "AU": (
        # Telecommunications Numbering Plan 2015 (ACMA), schedule of special services: 014.
        Correction(re.compile(r"14"), Category.SATELLITE),
    ),
    "CA": (
        # 600: non-geographic services, most of them satellites of the North (CRTC, NPA 600 NXX
        # Code Assignment Guideline).
        Correction(re.compile(r"600"), Category.SATELLITE),
        *_NORTH_AMERICAN,
    ),
    "GB": _CAPPED_IN_BRITAIN,
    "GG": _CAPPED_IN_BRITAIN,
    "IL": (
        # Jawwal and Ooredoo, networks of the Palestinian Territory (+970 59, +970 56).
        Correction(re.compile(r"5[69]"), country="PS"),
    ),
    "IM": _CAPPED_IN_BRITAIN,
    "JE": _CAPPED_IN_BRITAIN,
    "RU": (
        # GlobalTel, the Russian part of Globalstar.
        Correction(re.compile(r"954"), Category.SATELLITE),
        # Abkhazia, since 2009: fixed lines and mobiles of networks that are no Russian ones.
        Correction(re.compile(r"[89]40"), country=GLOBAL),
    ),
    "US": _NORTH_AMERICAN,
}
"""By the country that phonenumbers takes a number for; of several the first that fits counts."""

_NONE: Final = Correction(re.compile(r"(?!)"))


def correction(country: str, digits: str) -> Correction:
    """Return what is said of a number instead; nothing of most.

    Args:
        country: As phonenumbers has it.
        digits: The national number, without its national prefix.
    """
    for each in CORRECTIONS.get(country, ()):
        if each.numbers.match(digits):
            return each
    return _NONE
