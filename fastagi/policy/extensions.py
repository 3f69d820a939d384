"""What a pattern stands for: the extensions that it matches, where they can be counted."""

from __future__ import annotations

import re
import string
from functools import cache
from itertools import islice, product
from math import prod
from random import Random
from typing import TYPE_CHECKING, Final

from fastagi.numbering.examples import dialled_numbers
from fastagi.numbering.number import Category
from fastagi.numbering.pattern import Pattern

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fastagi.numbering.number import Number
    from fastagi.numbering.plan import NumberingPlan

KEYS: Final = string.digits + "*#+" + string.ascii_letters
EXTENSIONS_MAX: Final = 10_000  # of one pattern that are looked at: four digits' worth

SAMPLES: Final = 200
"""Extensions of a pattern that are read as outside numbers: all of them, or so many at random."""

_LOOKALIKES: Final = str.maketrans("OoIl", "0011")
_KEYED: Final = re.compile(r"[0-9XxZzNn.]+")  # an extension or a pattern, as nearly all are
_TOKEN: Final = re.compile(r"\[[^\]]*\]|[^-]")


def positions(pattern: Pattern) -> tuple[str, ...] | None:
    """Return which keys each position of a pattern takes; None where it has no end."""
    if pattern.specificity[0] == 0:  # a name, or plain digits: it matches only itself
        return tuple(pattern.text)
    tokens = _TOKEN.findall(pattern.text.removeprefix("_"))
    return None if tokens[-1] in (".", "!") else tuple(map(_keys, tokens))


@cache  # of tokens, of which policies have a few
def _keys(token: str) -> str:
    one = Pattern(f"_{token}")
    return "".join(each for each in KEYS if one.matches(each))


def extensions(pattern: Pattern) -> Iterator[str]:
    """Find the extensions of a pattern, at most `EXTENSIONS_MAX`; none where it has no end."""
    each_position = positions(pattern)
    if each_position is not None:
        for keys in islice(product(*each_position), EXTENSIONS_MAX):
            yield "".join(keys)


def overlap(one: Pattern, other: Pattern) -> str | None:
    """Return an extension that two patterns share though neither covers the other, if any."""
    here, there = positions(one), positions(other)
    if here is None or there is None or len(here) != len(there):
        return None
    if one.covers(other) or other.covers(one):
        return None
    shared = [next((key for key in a if key in b), "") for a, b in zip(here, there, strict=True)]
    return "".join(shared) if all(shared) else None


def meant_by(pattern: Pattern) -> str | None:
    """Return what was meant by a name that has a letter in a digit's place: `10X` by `1OX`."""
    meant = pattern.text.translate(_LOOKALIKES)
    mistyped = meant != pattern.text and any(map(str.isdigit, pattern.text))
    return meant if mistyped and _KEYED.fullmatch(meant) else None


def outside_number_in(pattern: Pattern, plan: NumberingPlan) -> str | None:
    """Return an extension of a pattern that would be an outside number, if one is found.

    Args:
        pattern: An inside pattern.
        plan: The site's numbering without its inside patterns.
    """
    return next((each for each in _samples(pattern, plan) if _is_outside(plan.read(each))), None)


def _is_outside(number: Number) -> bool:
    """Tell whether somebody can be called there: of what is unallocated, nobody yet."""
    return number.is_e164 and number.category is not Category.UNALLOCATED


def _samples(pattern: Pattern, plan: NumberingPlan) -> Iterator[str]:
    """Find extensions of a pattern that may well be outside numbers, always the same ones.

    Chance alone would hardly ever find one behind an international prefix, so first those that
    are, or come nearest to, real numbers as they are dialled at the site; then some at random.
    """
    each_position = positions(pattern)
    if each_position is None:
        return
    if prod(map(len, each_position)) <= SAMPLES:
        yield from extensions(pattern)
        return
    chance = Random(pattern.text)  # noqa: S311 - the same policy is always judged the same
    for number in dialled_numbers(plan.country):
        dialled = plan.outside_prefix + number
        if len(dialled) == len(each_position):
            yield "".join(
                digit if digit in keys else chance.choice(keys)
                for digit, keys in zip(dialled, each_position, strict=True)
            )
    for _ in range(SAMPLES):
        yield "".join(map(chance.choice, each_position))
