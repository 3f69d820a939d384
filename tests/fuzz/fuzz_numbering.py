"""Numbering: any text is some number, and what is said of it holds together."""

from __future__ import annotations

import re
from typing import Final

from fastagi.numbering.number import Category, Number
from fastagi.numbering.pattern import Pattern
from fastagi.numbering.plan import NumberingPlan, preload
from fastagi.numbering.prefixes import PrefixTable

preload()

INSIDE: Final = (Pattern("1XX"), Pattern("_[2-4]XX"), Pattern("*ZX"))
SITES: Final = (
    NumberingPlan("GB", INSIDE, outside_prefix="9", emergency=("2222",)),
    NumberingPlan("GB", short_codes=("1571", "33")),
    NumberingPlan("US", INSIDE, outside_prefix="9"),
    NumberingPlan("JM"),
    NumberingPlan("IT", (Pattern("."),)),
    NumberingPlan("BR", outside_prefix="0"),
    NumberingPlan("AU"),
    NumberingPlan("RE"),
    NumberingPlan("FR"),
    NumberingPlan("RU"),
    NumberingPlan("JE"),
)
PREFIXES: Final = PrefixTable(["39", "3906", "44", "1876", "88", "0", "00"])
CHEAP: Final = {Category.NATIONAL, Category.MOBILE, Category.TOLL_FREE, Category.VOIP}

SEEDS: Final = (
    b"\x00999",
    b"\x009112",
    b"\x00101",
    b"\x00900390612345678",
    b"\x009+447924123456",
    b"\x009118500",
    b"\x02918765551234",
    b"\x02918002345678",
    b"\x0100881612345678",
    b"\x01+870301234567",
    b"\x01+8823421234",
    b"\x01+979123456789",
    b"\x050015390612345678",
    b"\x060018442079460000",
    b"\x07+262639012345",
    b"\x011571",
    b"\x080596601234",
    b"\x0988401234567",
    b"\x0a08001234567",
    b"\x02912129761234",
    b"\x060147101234",
    b"\x0a00001901234",
    b"\x01_[1-3]X-Z.",
    b"\x01" + b"9" * 9216,
)


def one_input(data: bytes) -> None:
    """Feed bytes to everything that takes what a caller or an operator wrote."""
    site = SITES[data[0] % len(SITES)] if data else SITES[0]
    text = data[1:].decode("utf-8", "surrogateescape")
    _read(site, text)
    # The same bytes as keys of a phone, so that most inputs get past the first look.
    _read(site, "".join("0123456789+*#0019"[each % 17] for each in data[1:]))
    _match(text)


def _read(site: NumberingPlan, dialled: str) -> None:
    """Read a number; hold what `Number` and `NumberingPlan` promise."""
    number = site.read(dialled)
    assert number.category in number.categories
    assert (number.category is Category.INVALID) == (not number.number)
    assert bool(number.why) == (number.category in {Category.INVALID, Category.UNALLOCATED})
    assert len(number.dialled) <= 80
    assert re.fullmatch(r"|001|[A-Z]{2}", number.country)
    assert re.fullmatch(r"|\+[1-9][0-9]{3,14}|[0-9*#]{1,79}", number.number)
    if CHEAP & number.categories:
        assert number.country == site.country
    if number.country not in ("", site.country):
        assert Category.INTERNATIONAL in number.categories
    if number.category is Category.EMERGENCY:
        assert dialled.removeprefix(site.outside_prefix) in site.emergency_numbers or (
            dialled in site.emergency_numbers
        )
    if number.is_e164:
        _read_again(site, number)


def _read_again(site: NumberingPlan, number: Number) -> None:
    """What the trunk is given is the number that was judged."""
    again = site.read(number.number)
    assert (again.number, again.country) == (number.number, number.country)
    assert again.categories == number.categories
    longest = PREFIXES.longest(number.number)
    assert longest is None or number.number.startswith(f"+{longest}")


def _match(text: str) -> None:
    """Read a pattern, which is one or is refused by ValueError; likewise a prefix."""
    try:
        pattern = Pattern.parse(text)
    except ValueError:
        pass
    else:
        assert pattern.covers(pattern)
        assert pattern.specificity == Pattern.parse(text).specificity
        assert pattern.matches(text) in (True, False)
    try:
        table = PrefixTable([text])
    except ValueError:
        assert PREFIXES.longest(text) is None or len(text) > 15
    else:
        assert len(table) == 1
        assert table.longest(text) == text.removeprefix("+")
