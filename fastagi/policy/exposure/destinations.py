"""Numbers that stand for all others: one of each kind that policy and prices can tell apart.

No list of all numbers exists. Looked at is one number of every prefix of the sheet, of the policy
and of its lists for each length and kind that its country has, and one of every kind of every
country: by phonenumbers' own examples, with the prefix put in front.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import phonenumbers
from phonenumbers import PhoneMetadata, PhoneNumberType

from fastagi.numbering import short_codes
from fastagi.policy.model import Per, Unit
from fastagi.policy.scope import APART

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from fastagi.numbering.number import Number
    from fastagi.numbering.plan import NumberingPlan
    from fastagi.policy.model import Policy
    from fastagi.policy.scope import Destinations
    from fastagi.rating.tariff import Tariff

_TYPES: Final = [each for each in PhoneNumberType.values() if each != PhoneNumberType.UNKNOWN]
_SHORT_DIGITS: Final = (2, 3, 4)
"""Short codes of so many digits are all tried; of longer ones, those that phonenumbers names."""


@dataclass(frozen=True, slots=True)
class Destination:
    """A number, and what it costs.

    Attributes:
        number: One of all that it stands for.
        tariff: None where nobody says.
    """

    number: Number
    tariff: Tariff | None


def destinations(policy: Policy, at: float) -> Sequence[Destination]:
    """Find one number of every kind that the policy and the prices in force tell apart.

    Args:
        policy: With its rates.
        at: Seconds since the epoch.
    """
    told_apart = _Kinds(policy)
    found: dict[object, Destination] = {}
    for number in _numbers(policy, at):
        if number.category in APART:
            continue
        tariff = None if policy.rates is None else policy.rates.tariff(number, at)
        found.setdefault((told_apart.kind(number), tariff), Destination(number, tariff))
    return list(found.values())


class _Kinds:
    """What of a number the rules and limits of a policy can depend on."""

    def __init__(self, policy: Policy) -> None:
        self._policy = policy
        some = _to(policy)
        self._prefixes = sorted({prefix for to in some for prefix in to.prefixes})
        self._lists = sorted({name for to in some for name in to.lists})
        self._countries = {policy.site.country, *(each for to in some for each in to.countries)}
        self._each_country = any(
            limit.per is Per.COUNTRY or limit.most(Unit.COUNTRIES) for limit in policy.limits
        )

    def kind(self, number: Number) -> object:
        """Return what is the same for all numbers that are judged and counted alike."""
        digits = number.number[1:] if number.is_e164 else ""
        country = number.country
        return (
            number.categories,
            country if self._each_country or country in self._countries else "",
            tuple(bool(digits) and digits.startswith(each) for each in self._prefixes),
            tuple(
                bool(digits) and self._policy.lists[name].longest(digits) is not None
                for name in self._lists
            ),
        )


def _to(policy: Policy) -> list[Destinations]:
    scopes = [*(rule.scope for rule in policy.rules), *(each.scope for each in policy.limits)]
    return [scope.to for scope in scopes if scope.to is not None]


def _numbers(policy: Policy, at: float) -> Iterator[Number]:
    """Find numbers as the site's plan reads them; invalid ones among them."""
    outside = policy.site.outside_prefix
    yield from _everywhere(policy.plan, outside)
    yield from (policy.plan.read(outside + dialled) for dialled in policy.site.short_codes)
    for digits in dict.fromkeys(_beginning_with(_prefixes(policy, at))):
        yield policy.plan.read(f"+{digits}")


@functools.lru_cache(maxsize=8)  # of plans: all kinds of numbers take a second to read
def _everywhere(plan: NumberingPlan, outside_prefix: str) -> tuple[Number, ...]:
    """Read the country's short codes, and a number of every kind of every country."""
    return (
        *(plan.read(outside_prefix + each) for each in _short_codes(plan.country)),
        *(plan.read(f"+{digits}") for digits in _world()),
    )


def _prefixes(policy: Policy, at: float) -> Iterator[str]:
    """Find every prefix that the sheet or the policy speaks of."""
    if policy.rates is not None:
        yield from (each.prefix for each in policy.rates.sheet.in_force(at))
    some = _to(policy)
    yield from (prefix for to in some for prefix in to.prefixes)
    for name in sorted({name for to in some for name in to.lists}):
        yield from policy.lists[name]


def _beginning_with(prefixes: Iterable[str]) -> Iterator[str]:
    """Find numbers that begin with a prefix, by what other numbers of its country look like."""
    for prefix in prefixes:
        for example in _examples(_calling_code(prefix)):
            yield prefix + example[len(prefix) :]


def _calling_code(prefix: str) -> str:
    """Return the calling code that a prefix begins with; empty where it is shorter."""
    return next(
        (prefix[:size] for size in (1, 2, 3) if int(prefix[:size]) in _codes()),
        "",
    )


@functools.cache
def _codes() -> frozenset[int]:
    return frozenset(phonenumbers.COUNTRY_CODE_TO_REGION_CODE)


@functools.cache  # a calling code at most once, and there are some 230
def _examples(code: str) -> tuple[str, ...]:
    """Return an example of each kind and length of the numbers of a calling code."""
    found: dict[tuple[int, int], str] = {}
    for kind, digits in _kinds_of_the_world():
        if code and digits.startswith(code):
            found.setdefault((kind, len(digits)), digits)
    return tuple(dict.fromkeys(found.values()))


def _world() -> Iterator[str]:
    """List an example of every kind of number of every country, in E.164 without the plus."""
    return (digits for _, digits in _kinds_of_the_world())


@functools.cache
def _kinds_of_the_world() -> tuple[tuple[int, str], ...]:
    """List the same, each with its kind as phonenumbers numbers them."""
    examples = (
        *(
            (kind, phonenumbers.example_number_for_type(region, kind))
            for region in sorted(phonenumbers.SUPPORTED_REGIONS)
            for kind in _TYPES
        ),
        *(
            (PhoneNumberType.UNKNOWN, phonenumbers.example_number_for_non_geo_entity(code))
            for code in sorted(phonenumbers.COUNTRY_CODES_FOR_NON_GEO_REGIONS)
        ),
    )
    e164 = phonenumbers.PhoneNumberFormat.E164
    return tuple(
        (kind, phonenumbers.format_number(each, e164).removeprefix("+"))
        for kind, each in examples
        if each is not None
    )


@functools.cache  # the site's country only
def _short_codes(country: str) -> tuple[str, ...]:
    """List the country's short codes, as far as they can be listed."""
    short = [f"{each:0{size}}" for size in _SHORT_DIGITS for each in range(10**size)]
    known = PhoneMetadata.short_metadata_for_region(country)
    if known is not None:
        kinds = (known.short_code, known.toll_free, known.standard_rate, known.premium_rate)
        short += [each.example_number for each in kinds if each and each.example_number]
    return tuple(each for each in short if short_codes.category_of(each, country) is not None)
