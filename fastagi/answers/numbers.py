"""All numbers there are, in groups that are read alike and that policies treat alike.

Numbers of E.164 come from `numbering.kinds`, cut further where a prefix, a list or a rate sheet
begins or ends. Of a kind one number is read by the site's own plan, and of a group one is judged:
what is said of a group is so of each of its numbers. A group has all its numbers as ranges of
integers, so that it can be counted, and compared with others.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from fastagi.answers.callers import examples
from fastagi.answers.cutting import Cutter, Range
from fastagi.numbering.calling_codes import CALLING_CODES
from fastagi.numbering.kinds import blocks_of, short_blocks_of
from fastagi.numbering.number import Category
from fastagi.numbering.prefixes import covering
from fastagi.policy.scope import APART
from fastagi.policy.traps import is_touched, is_trap

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from fastagi.numbering.kinds import Block
    from fastagi.numbering.number import Number
    from fastagi.numbering.prefixes import PrefixTable
    from fastagi.policy.model import Policy
    from fastagi.rating.tariff import Tariff

_NOBODYS: Final = "+999"
"""Means nothing at any site: a calling code that is not assigned (ITU-T E.164.D)."""


@dataclass(frozen=True, slots=True)
class Group:
    """Numbers that are read alike, and treated alike.

    Attributes:
        dialled: How a caller of each policy's site dials one of them …
        numbers: … and what that is there.
        ranges: All of them, of E.164 without the plus; empty where they are of no E.164.
        texts: What else they are: patterns of inside numbers, short codes, emergency numbers,
            what means nothing.
        tariffs: What a call costs by each policy.
    """

    dialled: tuple[str, ...]
    numbers: tuple[Number, ...]
    ranges: list[Range] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)
    tariffs: tuple[Tariff | None, ...] = ()

    @property
    def count(self) -> int:
        """How many numbers of E.164 they are."""
        return sum(each.end - each.first for each in self.ranges)

    @property
    def number(self) -> Number:
        """One of them, as the first policy's site reads it."""
        return self.numbers[0]


def groups(
    policies: Sequence[Policy], at: float, within: str = "", besides: PrefixTable | None = None
) -> list[Group]:
    """Find all groups of numbers.

    Args:
        policies: Those that are to treat them alike.
        at: The moment whose prices count; seconds since the epoch.
        within: Digits that numbers of E.164 begin with; without any, all there are and what is
            dialled besides.
        besides: A list of whose numbers no group has some only.
    """
    cutter = Cutter(policies, at, besides)
    found: dict[object, Group] = {}
    codes = [each for each in CALLING_CODES if each.startswith(within) or within.startswith(each)]
    for code in sorted(codes):
        _add(found, policies, cutter, code, within)
    if not within:
        for text, forms in _apart(policies):
            numbers = tuple(
                policy.plan.read(each) for policy, each in zip(policies, forms, strict=True)
            )
            traps = tuple(
                is_touched(policy, "", number)
                for policy, number in zip(policies, numbers, strict=True)
            )
            key = (traps, *map(_traits, numbers))
            group = found.get(key)
            if group is None:
                tariffs = cutter.tariffs(numbers, "")
                group = found[key] = Group(forms, numbers, tariffs=tariffs)
            group.texts.append(text)
    return list(found.values())


def alone(policies: Sequence[Policy], dialled: str, at: float) -> Group:
    """Return one number by itself, as it is dialled.

    Args:
        policies: Those that judge it.
        dialled: The same at each site.
        at: The moment whose price counts; seconds since the epoch.
    """
    numbers = tuple(each.plan.read(dialled) for each in policies)
    digits = numbers[0].number.removeprefix("+")
    tariffs = Cutter(policies, at).tariffs(numbers, digits)
    if numbers[0].is_e164:
        one = Range(len(digits), int(digits), int(digits) + 1)
        return Group((dialled,) * len(policies), numbers, [one], tariffs=tariffs)
    return Group((dialled,) * len(policies), numbers, texts=[dialled], tariffs=tariffs)


def _add(
    found: dict[object, Group],
    policies: Sequence[Policy],
    cutter: Cutter,
    code: str,
    within: str,
) -> None:
    """Add the numbers of a calling code."""
    homes = frozenset(each.site.country for each in policies)
    read: dict[object, tuple[Number, ...] | None] = {}
    for block in blocks_of(code, homes):
        key = (block.length, block.kind)
        if key not in read:
            read[key] = _read(policies, block.example, len(code))
        numbers = read[key]
        base = int(code) * 10**block.length
        block_range = Range(len(code) + block.length, base + block.first, base + block.end)
        whole = _clipped(block_range, within)
        if numbers is None or whole is None:
            continue
        for piece, taken in cutter.pieces(whole):
            digits = str(piece.first)
            tariffs = cutter.tariffs(numbers, digits)
            traits = (*map(_traits, numbers), taken, tariffs)
            group = found.get(traits)
            if group is None:
                forms = (f"+{digits}",) * len(policies)
                exact = _read_alike(policies, forms[0])
                group = found[traits] = Group(forms, exact, tariffs=tariffs)
            _append(group.ranges, piece)


def _append(ranges: list[Range], new: Range) -> None:
    """Add a range, to the last one where it goes on."""
    if ranges and ranges[-1].length == new.length and ranges[-1].end == new.first:
        ranges[-1] = ranges[-1]._replace(end=new.end)
    else:
        ranges.append(new)


def _clipped(whole: Range, within: str) -> Range | None:
    if not within:
        return whole
    if whole.length < len(within):
        return None
    span = 10 ** (whole.length - len(within))
    first, end = int(within) * span, int(within) * span + span
    clipped = Range(whole.length, max(whole.first, first), min(whole.end, end))
    return clipped if clipped.first < clipped.end else None


def _read(policies: Sequence[Policy], text: str, code: int) -> tuple[Number, ...] | None:
    """Read a number at each site; None where it is nobody's, or another one in another form."""
    numbers = _read_alike(policies, text)
    own = {text, text[1 + code :]}
    return numbers if any(each.number in own for each in numbers) else None


def _read_alike(policies: Sequence[Policy], text: str) -> tuple[Number, ...]:
    """Read a number at each site; sites that read alike once."""
    first = policies[0].plan
    number = first.read(text)
    return tuple(
        number if each.plan is first or each.plan == first else each.plan.read(text)
        for each in policies
    )


def _traits(number: Number) -> tuple[object, ...]:
    """Return all of a number that decisions hang on, but what it begins with."""
    return (number.country, number.category, number.categories, number.is_e164)


# ----------------------------------------------------------------------------- no E.164


def _apart(policies: Sequence[Policy]) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Find what is dialled as it stands: what it is called, and how it is dialled at each site."""
    seen = set()
    for policy in policies:
        for digits in policy.plan.emergency_numbers:
            if digits not in seen:
                seen.add(digits)
                yield digits, (digits,) * len(policies)
    for text, form in (*_inside(policies), *_invalid(policies)):
        yield text, (form,) * len(policies)
    first = policies[0].plan
    if all(each.plan == first for each in policies):
        for block in short_blocks_of(first):
            form = first.outside_prefix + block.example
            number = first.read(form)
            if number.number == block.example and number.category not in APART:
                for text in _in_short(block):
                    yield text, (form,) * len(policies)


def _inside(policies: Sequence[Policy]) -> Iterator[tuple[str, str]]:
    """Find inside numbers: every combination of patterns that take one, and traps among them.

    One is called by the most specific pattern, and of which others it is: `299 (of 2XX)`.
    """
    patterns = dict.fromkeys(
        pattern
        for policy in policies
        for pattern in (*policy.plan.internal, *policy.honeypot.extensions)
    )
    for dialled in examples(patterns):
        fitting = [pattern for pattern in patterns if pattern.matches(dialled)]
        inside = any(
            pattern.matches(dialled) for policy in policies for pattern in policy.plan.internal
        )
        if inside and any(
            policy.plan.read(dialled).category is Category.INTERNAL for policy in policies
        ):
            own, *wider = map(str, sorted(fitting, key=lambda each: each.specificity))
            yield f"{own} (of {' and '.join(wider)})" if wider else own, dialled


def _invalid(policies: Sequence[Policy]) -> Iterator[tuple[str, str]]:
    """Find what means nothing: traps that are no inside numbers, and one for all the others."""
    yield "invalid numbers but traps", _NOBODYS
    traps = dict.fromkeys(each for policy in policies for each in policy.honeypot.extensions)
    for dialled in examples(traps):
        read = [policy.plan.read(dialled).category for policy in policies]
        if (
            Category.INVALID in read
            and Category.INTERNAL not in read  # which `_inside` has found
            and any(is_trap(policy, dialled) for policy in policies)
        ):
            yield " and ".join(str(each) for each in traps if each.matches(dialled)), dialled


def _in_short(block: Block) -> Iterator[str]:
    """Write short codes down: `118XXX`."""
    zeros = 10**block.length  # put before, as `covering` knows no leading zeros
    for each in covering(str(zeros + block.first), str(zeros + block.end - 1)):
        digits = each[1:]
        yield digits + "X" * (block.length - len(digits))


# ----------------------------------------------------------------------------- written down


def prefixes_of(ranges: Iterable[Range]) -> Iterator[tuple[str, int]]:
    """Return ranges as prefixes without a plus, each with the length of its numbers."""
    for each in ranges:
        for prefix in covering(str(each.first), str(each.end - 1)):
            yield prefix, each.length
