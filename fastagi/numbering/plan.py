"""A site's numbering plan: what a caller of this site means by the digits dialled.

`NumberingPlan.read` tells the kinds of numbers apart, in an order that is part of the contract:

1. emergency numbers, with and without the outside prefix, exactly;
2. inside numbers: the site's own patterns;
3. outside numbers, behind the outside prefix where the site has one: `+` and E.164, the site's own
   short codes, the country's international prefix and E.164, its short codes, national numbers.

What is none of these is `invalid`, and says why. National and carrier prefixes are taken off as
phonenumbers knows them (Brazil's `0 15 11 …` is +55 11 …: the trunk chooses the carrier). The
trunk is given what was judged and nothing else, so however leniently digits are read, nobody
reaches another number than the one that was judged.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import phonenumbers
from phonenumbers import NumberParseException, ValidationResult

from fastagi.numbering import emergency, short_codes
from fastagi.numbering.classification import classify, leading
from fastagi.numbering.international import InternationalPrefix
from fastagi.numbering.metadata import preload
from fastagi.numbering.national_only import digits_at_home
from fastagi.numbering.number import Category, Number
from fastagi.numbering.overseas import in_e164
from fastagi.numbering.pattern import EXTENSION_MAX
from fastagi.numbering.prefixes import E164_MAX
from fastagi.numbering.service_prefixes import prefix_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from phonenumbers import PhoneNumber

    from fastagi.numbering.pattern import Pattern

__all__ = ["NumberingPlan", "preload"]

_DIALLABLE: Final = re.compile(r"[0-9*#+]+")
_OUTSIDE_PREFIX: Final = re.compile(r"[0-9]{0,8}")
_EMERGENCY: Final = re.compile(r"[0-9]{2,15}")
_SHORT_CODE: Final = re.compile(r"[0-9]{2,6}")  # no number abroad is so short, prefix and all

_WHY_NOT_POSSIBLE: Final = {
    ValidationResult.TOO_SHORT: "too short for a number of {country}",
    ValidationResult.TOO_LONG: "too long for a number of {country}",
    ValidationResult.INVALID_LENGTH: "no number of {country} has so many digits",
    ValidationResult.IS_POSSIBLE_LOCAL_ONLY: "a local number; it has to be dialled with area code",
}
_WHY_NOT_READABLE: Final = {
    NumberParseException.INVALID_COUNTRY_CODE: "no country or network has this calling code",
    NumberParseException.TOO_LONG: "too long for any number",
}


@dataclass(frozen=True, slots=True)
class NumberingPlan:
    """What digits mean at one site.

    Attributes:
        country: ISO 3166-1 alpha-2: how a number without an international prefix is read.
        internal: Patterns of the numbers that never leave the PBX.
        outside_prefix: What callers dial for a line; empty where they need not.
        emergency: Emergency numbers besides those of the country.
        short_codes: Short codes that cost what a national number does: what the administrator
            says of them goes before what is known of the country's.

    Raises:
        ValueError: One of them cannot be used; the message says what to write instead.
    """

    country: str
    internal: tuple[Pattern, ...] = ()
    outside_prefix: str = ""
    emergency: tuple[str, ...] = ()
    short_codes: tuple[str, ...] = ()
    _emergency: Mapping[str, str] = field(init=False, repr=False, compare=False)
    _international: InternationalPrefix = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        if not _OUTSIDE_PREFIX.fullmatch(self.outside_prefix):
            raise ValueError(
                f"outside prefix `{self.outside_prefix[:32]}` cannot be used; write up to 8 digits"
            )
        for each in self.emergency:
            if not _EMERGENCY.fullmatch(each):
                raise ValueError(
                    f"emergency number `{each[:32]}` cannot be used; write 2 to 15 digits"
                )
        for each in self.short_codes:
            if not _SHORT_CODE.fullmatch(each):
                raise ValueError(f"short code `{each[:32]}` cannot be used; write 2 to 6 digits")
        numbers = (*emergency.numbers_of(self.country), *self.emergency)
        forms = {self.outside_prefix + each: each for each in numbers}
        forms.update({each: each for each in numbers})
        object.__setattr__(self, "_emergency", forms)
        object.__setattr__(self, "_international", InternationalPrefix(self.country))

    @property
    def emergency_numbers(self) -> tuple[str, ...]:
        """The emergency numbers of country and site, without the outside prefix."""
        return tuple(dict.fromkeys((*emergency.numbers_of(self.country), *self.emergency)))

    def read(self, dialled: str) -> Number:
        """Tell what was dialled. Total: every text is some number, if only an invalid one.

        Args:
            dialled: What the caller dialled, whatever it is. Of more than an extension can hold,
                the beginning is kept for the record.
        """
        if len(dialled) > EXTENSION_MAX:
            beginning = dialled[:EXTENSION_MAX] + "…"
            return _invalid(beginning, f"longer than the {EXTENSION_MAX} characters of Asterisk")
        if dialled in self._emergency:
            return _known(dialled, self._emergency[dialled], self.country, Category.EMERGENCY)
        if not _DIALLABLE.fullmatch(dialled):
            return _invalid(dialled, _why_not_diallable(dialled))
        if "+" not in dialled and any(each.matches(dialled) for each in self.internal):
            return _known(dialled, dialled, "", Category.INTERNAL)
        if set("*#") & set(dialled):
            why = "`*` and `#` are only dialled inside, and no pattern takes it"
            return _invalid(dialled, self._why_prefixed(dialled) or why)
        if dialled.startswith("+"):
            return self._read_outside(dialled, dialled)
        if not dialled.startswith(self.outside_prefix):
            why = f"dialled without the outside prefix `{self.outside_prefix}`"
            return _invalid(dialled, why)
        return self._read_outside(dialled, dialled.removeprefix(self.outside_prefix))

    def _read_outside(self, dialled: str, wanted: str) -> Number:
        """Read what is left once the outside prefix is off."""
        if not wanted:
            return _invalid(dialled, f"nothing follows the outside prefix `{self.outside_prefix}`")
        if "+" in wanted[1:]:
            return _invalid(dialled, "a `+` can only stand before everything else")
        if wanted.startswith("+"):
            return self._read_number(dialled, wanted, None)
        if wanted in self.short_codes:
            return _known(dialled, wanted, self.country, Category.NATIONAL)
        abroad = self._international.strip(wanted)
        if abroad is not None:
            return self._read_number(dialled, f"+{abroad}", None)
        category = short_codes.category_of(wanted, self.country)
        if category is not None:
            return _known(dialled, wanted, self.country, category)
        overseas = in_e164(wanted, self.country)
        if overseas is not None:
            return self._read_number(dialled, overseas, None)
        number = self._read_number(dialled, wanted, self.country)
        if number.why:
            prefixed = self._why_prefixed(dialled)
            return _invalid(dialled, prefixed) if prefixed else number
        return number

    def _why_prefixed(self, dialled: str) -> str | None:
        """Say why something is refused that begins with a prefix for caller ID or a carrier."""
        prefix = prefix_of(dialled.removeprefix(self.outside_prefix), self.country)
        if prefix is None:
            return None
        return f"`{prefix}` is a prefix for caller ID or a carrier; dial the number without it"

    def _read_number(self, dialled: str, wanted: str, country: str | None) -> Number:
        """Read E.164 with its plus, or with `country` a national number of it."""
        try:
            parsed = phonenumbers.parse(wanted, country)
        except NumberParseException as error:
            why = _WHY_NOT_READABLE.get(error.error_type, "too short for any number")
            return _invalid(dialled, why)
        understood = classify(parsed, self.country)
        if understood is None:
            return _invalid(dialled, _why_not_allocated(parsed))
        number = phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)
        if len(number) > len("+") + E164_MAX:
            return _invalid(dialled, f"longer than the {E164_MAX} digits of E.164")
        whose, categories = understood
        if Category.UNALLOCATED in categories:
            why = _why_not_allocated(parsed)
            if phonenumbers.parse(number) != parsed:  # a trunk would read another number in it
                return _invalid(dialled, why)
            return Number(dialled, number, whose, leading(categories), categories, why)
        if whose == self.country:
            number = digits_at_home(parsed, whose) or number
        return Number(dialled, number, whose, leading(categories), categories)


def _known(dialled: str, number: str, country: str, category: Category) -> Number:
    """Make a number that is of one category only."""
    return Number(dialled, number, country, category, frozenset({category}))


def _invalid(dialled: str, why: str) -> Number:
    """Make a number that means nothing."""
    invalid = Category.INVALID
    return Number(dialled, "", "", invalid, frozenset({invalid}), why)


def _why_not_diallable(dialled: str) -> str:
    """Say why no phone could have dialled it; never repeats what may be meant for a terminal."""
    if not dialled:
        return "nothing was dialled"
    return "holds something else than digits, `*`, `#` and `+`"


def _why_not_allocated(number: PhoneNumber) -> str:
    """Say why a number with a known calling code is none."""
    code = number.country_code or 0
    country = phonenumbers.region_code_for_number(number)
    whose = country or phonenumbers.region_code_for_country_code(code)
    where = f"`+{code}`" if whose == phonenumbers.REGION_CODE_FOR_NON_GEO_ENTITY else f"`{whose}`"
    reason = phonenumbers.is_possible_number_with_reason(number)
    why = _WHY_NOT_POSSIBLE.get(reason, "no such number is allocated in {country}")
    return why.format(country=where)
