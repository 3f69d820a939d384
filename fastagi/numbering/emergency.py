"""The emergency numbers of a country, exactly: no number that only begins like one."""

from __future__ import annotations

import functools
import re
from typing import Final

from fastagi.numbering import metadata

_FRENCH: Final = ("112", "114", "115", "119", "191", "196", "197")
"""ARCEP, list of emergency numbers; its plan is one for France and its territories overseas."""

_ALSO: Final = {
    "AT": ("128", "140"),  # gas, mountain rescue: RTR, KEM-V
    "BA": ("112",),  # RAK, numbering plan
    "BL": _FRENCH,
    "BR": ("191", "194", "197", "198", "199"),  # police forces, civil defence: Anatel, Res. 357
    "BY": ("104",),  # gas: numbering plan
    "CH": ("143", "145", "147", "1414"),  # BAKOM, FDV art. 28; poison is 145, air rescue 1414
    "CN": ("122",),  # traffic accidents: MIIT, numbering plan
    "ES": ("061", "062", "080", "091", "092"),  # national numbering plan; medical, police, fire
    "FR": _FRENCH,
    "GB": ("18000",),  # 999 by text relay: Ofcom, National Telephone Numbering Plan
    "GF": _FRENCH,
    "GP": _FRENCH,
    "GR": ("108",),  # coast guard: EETT, numbering plan
    "HR": ("195",),  # rescue at sea: HAKOM, numbering plan
    "IM": ("112",),  # as in all of +44
    "IT": ("114", "117", "1515", "1530"),  # children, police, fire, sea: AGCOM, Del. 8/15/CIR
    "JP": ("118",),  # coast guard: MIC, one of the three emergency numbers
    "KZ": ("104",),  # gas: numbering plan
    "LK": ("1990",),  # ambulance: TRCSL, short codes
    "MF": _FRENCH,
    "MQ": _FRENCH,
    "PM": _FRENCH,
    "RE": _FRENCH,
    "RS": ("192", "193", "194"),  # RATEL, numbering plan; since 2012 for 92, 93, 94
    "RU": ("04", "104"),  # gas: numbering plan
    "SA": ("998",),  # civil defence: CST, numbering plan
    "SK": ("159",),  # municipal police: numbering plan
    "SM": ("112",),  # with 113, 115 and 118, as in Italy
    "TR": ("122", "156", "158", "177"),  # BTK; answered by 112 since 2021, and still dialled
    "TT": ("811",),  # ambulance: TATT, numbering plan
    "UA": ("104",),  # gas: numbering plan
    "YT": _FRENCH,
}
"""Numbers that phonenumbers does not take for an emergency, with what each is and who gave it out.
Android's list (AOSP, Telephony/ecc/input/eccdata.txt) has many of them too. When in doubt a number
belongs here: it is dialled as it stands, so it opens nothing else."""


@functools.cache  # a country at most once, and there are some 245
def numbers_of(country: str) -> tuple[str, ...]:
    """List every emergency number of a country, shortest first; empty where none is known.

    Args:
        country: ISO 3166-1 alpha-2.

    Raises:
        ValueError: As `metadata.of`.
    """
    metadata.of(country)
    every = {*_known_to_phonenumbers(country), *_ALSO.get(country, ())}
    return tuple(sorted(every, key=lambda digits: (len(digits), digits)))


def _known_to_phonenumbers(country: str) -> tuple[str, ...]:
    """List the emergency numbers that phonenumbers knows.

    It tells them as a pattern and the lengths it takes, at most six digits, so each number of
    these lengths is tried: a list is what a dialplan and a reader can be shown.
    """
    short = metadata.of_short_numbers(country)
    emergency = None if short is None else short.emergency
    if emergency is None or not emergency.national_number_pattern:
        return ()
    fits = re.compile(emergency.national_number_pattern).fullmatch
    return tuple(
        digits
        for length in sorted(emergency.possible_length)
        for digits in (f"{each:0{length}}" for each in range(10**length))
        if fits(digits)
    )
