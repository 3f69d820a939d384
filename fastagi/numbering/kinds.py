"""The numbers of a calling code, cut into kinds: all numbers of one kind are read alike.

What `plan` reads of `+` and digits hangs on which of phonenumbers' patterns, and of our own
corrections, the national number fits, and on its length; on nothing else. So to know how all
numbers of a kind are read, one has to be. Here is said what readings hang on; whoever adds a
pattern to `classification` adds it here, and the tests of this module fail where it is forgotten.
"""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import phonenumbers

from fastagi.numbering import metadata
from fastagi.numbering.classification import COMPANY_NUMBERS_AT_NATIONAL_RATE, SHARED
from fastagi.numbering.corrections import CORRECTIONS
from fastagi.numbering.languages import DIGITS, Bundle, Language
from fastagi.numbering.national_only import ALSO
from fastagi.numbering.number import GLOBAL
from fastagi.numbering.overseas import CODE_OF
from fastagi.numbering.prefixes import E164_MAX
from fastagi.numbering.short_codes import HARMONISED, STATED

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from phonenumbers import PhoneMetadata

    from fastagi.numbering.languages import Cut
    from fastagi.numbering.pattern import Pattern
    from fastagi.numbering.plan import NumberingPlan

_SHORTEST: Final = 2  # digits of a national number that phonenumbers reads
_NOT_FOLLOWED_BY: Final = re.compile(r"\(\?!((?:[^()]|\((?:[^()])*\))*)\)")
_PUT_BEFORE: Final = re.compile(r"(\d*)\\\d")


@dataclass(frozen=True, slots=True)
class Block:
    """Numbers in a row that are of one kind.

    Attributes:
        code: The calling code.
        length: Digits of the national number.
        first: The first national number, as an integer …
        end: … and the one after the last.
        kind: What they have in common, within their code and length.
    """

    code: str
    length: int
    first: int
    end: int
    kind: frozenset[int]

    @property
    def example(self) -> str:
        """The first of them: in E.164 with its plus, or a short code as it is dialled."""
        return f"{'+' if self.code else ''}{self.code}{self.first:0{self.length}}"


def blocks_of(code: str, homes: frozenset[str]) -> Iterator[Block]:
    """Return all blocks of a calling code that may hold numbers, by length, in order.

    Args:
        code: Of `calling_codes.CALLING_CODES`.
        homes: The countries of the sites in question, ISO 3166-1 alpha-2.
    """
    for length, cuts in _cuts(code, at_home=not homes.isdisjoint(_regions(code))):
        ends = [*(first for first, _ in cuts[1:]), 10**length]
        for (first, kind), end in zip(cuts, ends, strict=True):
            yield Block(code, length, first, end, kind)


def short_blocks_of(plan: NumberingPlan) -> Iterator[Block]:
    """Return all blocks of digits that may be short codes at a site, by length, in order.

    Their calling code is empty.
    """
    country = plan.country
    abroad = metadata.of(country).international_prefix or ""
    stated = {*plan.short_codes, *STATED.get(country, ()), *HARMONISED}
    known = metadata.of_short_numbers(country)
    types = [] if known is None else list(metadata.short_descriptions(known))
    lengths = {length for each in types for length in each.possible_length}
    patterns = [each.national_number_pattern for each in types if each.national_number_pattern]
    bundle = Bundle(
        [
            *(Language(each) for each in dict.fromkeys((*patterns, *sorted(stated)))),
            *(Language(each) for each in plan.emergency_numbers),
            *(Language(each, begins=True) for each in (abroad, f"(?:{abroad})0") if abroad),
            *(
                Language(_in_digits(each), after=plan.outside_prefix)
                for each in plan.internal
                if all(some & set(DIGITS) for some in each.positions)
            ),
            *(Language(each, begins=True) for each in CODE_OF),
        ]
    )
    for length in sorted(lengths | set(map(len, stated))):
        cuts = bundle.cuts(length)
        ends = [*(first for first, _ in cuts[1:]), 10**length]
        for (first, kind), end in zip(cuts, ends, strict=True):
            if kind:
                yield Block("", length, first, end, kind)


def _in_digits(pattern: Pattern) -> str:
    """Return the digits that an Asterisk pattern takes, as a regular expression."""
    positions = ("".join(sorted(some & set(DIGITS))) for some in pattern.positions)
    tail = {".": r"\d+", "!": r"\d*", "": ""}[pattern.tail]
    return "".join(f"[{each}]" for each in positions) + tail


@functools.cache  # a calling code at most twice, and there are some 220
def _cuts(code: str, *, at_home: bool) -> tuple[tuple[int, tuple[Cut, ...]], ...]:
    most = E164_MAX - len(code)
    known = [_of(code, each) for each in _regions(code)]
    bundle = Bundle(_languages(code, known, at_home=at_home))
    lengths = {each for one in known for each in _lengths(one) if _SHORTEST <= each <= most}
    return tuple((length, bundle.cuts(length)) for length in sorted(lengths))


def _regions(code: str) -> Sequence[str]:
    return phonenumbers.region_codes_for_country_code(int(code))


def _of(code: str, region: str) -> PhoneMetadata:
    if region != GLOBAL:
        return metadata.of(region)
    return metadata.of_global_code(int(code))


def _lengths(known: PhoneMetadata) -> Iterator[int]:
    for each in metadata.descriptions(known):
        yield from each.possible_length


def _languages(code: str, known: Sequence[PhoneMetadata], *, at_home: bool) -> list[Language]:
    """List everything that the reading of a number of the code hangs on."""
    whole, begins = _patterns(code, known)
    if at_home:  # how a number is written at home, `national_only` asks
        for each in known[0].number_format:
            whole.append(each.pattern or "")
            begins += each.leading_digits_pattern[-1:]
    most = E164_MAX - len(code)
    main = known[0]
    return [
        *(Language(pattern) for pattern in dict.fromkeys(whole)),
        *(Language(pattern, begins=True) for pattern in dict.fromkeys(begins)),
        *_without_national_prefix(main, most),
    ]


def _patterns(code: str, known: Sequence[PhoneMetadata]) -> tuple[list[str], list[str]]:
    """Return the patterns that a number has to fit as a whole, and those it has to begin with."""
    whole = [
        each.national_number_pattern
        for one in known
        for each in metadata.descriptions(one)
        if each.national_number_pattern
    ]
    begins = [one.leading_digits for one in known if one.leading_digits]
    regions = _regions(code)
    for region in regions:
        for correction in CORRECTIONS.get(region, ()):
            begins += _taken_apart(correction.numbers.pattern)
        company = COMPANY_NUMBERS_AT_NATIONAL_RATE.get(region)
        begins += [] if company is None else [company.pattern]
        also = ALSO.get(region)
        whole += [] if also is None else [also.pattern]
    shared = SHARED.get(int(code))
    whole += [] if shared is None else shared.pattern.split("|")
    if "FR" in regions:
        begins += CODE_OF
    return whole, begins


def _taken_apart(pattern: str) -> Iterator[str]:
    """Return what a pattern asks for, and what it must not begin with, each by itself."""
    for found in _NOT_FOLLOWED_BY.finditer(pattern):
        yield found[1]
    yield _NOT_FOLLOWED_BY.sub("", pattern)


def _without_national_prefix(main: PhoneMetadata, most: int) -> Iterator[Language]:
    """Find what it hangs on whether a national prefix is taken off a number behind a plus.

    It is, as much of it as fits, unless only the number with it fits the country's numbers.
    """
    prefix, every = main.national_prefix_for_parsing, main.general_desc
    numbers = every.national_number_pattern if every is not None else None
    if not prefix or not numbers:
        return
    yield Language(prefix.replace("$", ""))
    rest = Language(numbers)
    for length in Language(prefix).lengths(most):
        yield Language(prefix, at=length)
        yield Language(prefix, at=length, then=rest)
    put = _PUT_BEFORE.match(main.national_prefix_transform_rule or "")
    if put and put[1]:
        yield Language(numbers, after=put[1])
