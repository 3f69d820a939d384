"""France dials its territories overseas like itself, `0596 …`, though they are other countries.

ARCEP's national numbering plan is one for all of them, and each has a calling code of its own:
what is dialled as `0596 60 12 34` is +596 596 60 12 34, and +33 596 60 12 34 is nobody. The charge
is for the distance, so a site must know which it is.
"""

from __future__ import annotations

import re
from typing import Final

_CALLING_CODES: Final = {
    "262": ("262", "263", "269", "639", "692", "693"),  # Réunion; Mayotte (269, 639)
    "508": ("508",),  # Saint Pierre and Miquelon
    "590": ("590", "690", "691"),  # Guadeloupe, Saint Barthélemy, Saint Martin
    "594": ("594", "694"),  # French Guiana
    "596": ("596", "696", "697"),  # Martinique
}
"""By calling code, what follows the 0 (ARCEP, plan national de numérotation, décision 2018-0881,
numéros territorialisés)."""

CODE_OF: Final = {
    begins: code for code, beginnings in _CALLING_CODES.items() for begins in beginnings
}
_FRENCH: Final = frozenset({"FR", "BL", "GF", "GP", "MF", "MQ", "PM", "RE", "YT"})
"""Where numbers are dialled so."""

_DIALLED: Final = re.compile(r"0([1-9][0-9]{2})[0-9]{6}")


def in_e164(dialled: str, country: str) -> str | None:
    """Return what is dialled within a country as the E.164 of a territory overseas, if it is one.

    Args:
        dialled: ASCII digits, without outside prefix.
        country: ISO 3166-1 alpha-2; where it is dialled.
    """
    found = _DIALLED.fullmatch(dialled) if country in _FRENCH else None
    code = CODE_OF.get(found[1]) if found else None
    if code is None:
        return None
    digits = dialled.removeprefix("0")
    # The six digits of Saint Pierre stand behind its calling code, not behind a second 508.
    return f"+{digits}" if code == "508" else f"+{code}{digits}"


def is_misplaced(country: str, digits: str) -> bool:
    """Tell whether a number of a territory overseas stands behind France's own calling code.

    Args:
        country: Whose number phonenumbers takes it for.
        digits: The national number, without its national prefix.
    """
    return country == "FR" and digits[:3] in CODE_OF
