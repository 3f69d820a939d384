"""What stands in a cell of a list: a prefix, a whole number, or a range, as people write them.

    +53   0053 5   "53 (5) 551-2345"   53555XXXX   ="+5355"   5355500000-5355599999

A number is in E.164, with its country code: one that is not is refused, never guessed at.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from fastagi.numbering.prefixes import covering
from fastagi.policy.wording import quoted

if TYPE_CHECKING:
    from collections.abc import Iterable

_PLAIN: Final = re.compile(r"\+?([1-9][0-9]{0,14})")  # ITU-T E.164 (11/2010), 6.2.1
_SPACED: Final = re.compile(r"\+?[1-9][0-9 ]*")  # by far the most that are not plain
_E164: Final = re.compile(r"[1-9][0-9]{0,14}")

_AS_TEXT: Final = re.compile(r"""='?"?(.*?)"?|'(.*)""")
"""What spreadsheets put around digits that are to stay text: `="+53"`, `'+53`."""

_SHORTENED: Final = re.compile(r"[0-9]+(?:[.,][0-9]+)?[eE]\+?[0-9]+")
_FLOAT: Final = re.compile(r"([0-9]+)\.0+")
_BETWEEN: Final = re.compile(r"[\s.()\-\u2010-\u2015]+|\((?:0)\)")
_NATIONAL_ZERO: Final = re.compile(r"\(\s*0\s*\)")  # +44 (0)20: not dialled from abroad
_ANY_DIGITS: Final = re.compile(r"(?<=[0-9])[\sxX*?%]+")
"""`53555XXXX`, `53555*`: whatever follows; a prefix says as much without."""

_TO: Final = re.compile(r"\s*(?:\.\.+|…|:|\bto\b)\s*", re.IGNORECASE)
_DASH: Final = re.compile(r"\s*[-\u2010-\u2015]\s*")
_RANGE_LEAST: Final = 5
"""Digits from which on two numbers with a dash between them are a range; shorter ones are groups
of one number, as in `1876-5551`."""

_ALONE: Final = (
    "17"  # the zones of E.164 that are one country code each; in others two digits tell
)


def read_prefixes(written: str) -> Iterable[str]:
    """Return the prefixes of a cell: one, or the fewest that make up a range.

    Raises:
        ValueError: It holds no number of E.164; says what to write.
    """
    spaced = written.replace(" ", "") if _SPACED.fullmatch(written) else written
    plain = _PLAIN.fullmatch(spaced)
    if plain is not None:
        return (plain[1],)
    ends = _TO.split(_bare(written))
    if len(ends) == 2:
        return read_range(*ends)
    ends = _DASH.split(_bare(written))
    if len(ends) == 2 and _is_range(*(end.removeprefix("+") for end in ends)):
        return read_range(*ends)
    return (read_digits(written),)


def read_range(first: str, last: str) -> Iterable[str]:
    """Return the fewest prefixes that make up a range.

    Args:
        first: Its first number, or how its numbers begin.
        last: Its last; empty where it is of one number.

    Raises:
        ValueError: It is none; says what to write.
    """
    begin = read_digits(first)
    end = read_digits(last) if last.strip() else begin
    if len(begin) != len(end):
        what = f"{quoted(first)} and {quoted(last)} are not of one length, as a range's ends are"
        raise ValueError(f"{what}; write both in full")
    if begin > end:
        what = f"{quoted(last)} comes before {quoted(first)}, where the range begins"
        raise ValueError(f"{what}; exchange the two")
    if not _are_of_one_country(begin, end):
        what = f"{quoted(first)} to {quoted(last)} is no range of one country"
        raise ValueError(f"{what}; write one range for each")
    return covering(begin, end)


def read_digits(written: str) -> str:
    """Return the digits of one number, or of how numbers begin, country code first.

    Raises:
        ValueError: It is none of E.164; says what to write.
    """
    bare = _bare(written)
    if _SHORTENED.fullmatch(bare):
        raise ValueError(
            f"{quoted(bare)} has lost digits in a spreadsheet; make the column text there, "
            "and write it out anew"
        )
    whole = _FLOAT.fullmatch(bare)
    digits = whole[1] if whole else _BETWEEN.sub("", _NATIONAL_ZERO.sub("", bare))
    digits = _ANY_DIGITS.sub("", digits)
    digits = digits.removeprefix("+") if digits.startswith("+") else digits.removeprefix("00")
    if not _E164.fullmatch(digits):
        raise ValueError(
            f"{quoted(bare)} is no prefix of E.164; write the country code first, such as "
            "`+39`, and at most 15 digits"
        )
    return digits


def _bare(written: str) -> str:
    """Return what stands in a cell, without what a spreadsheet put around it."""
    bare = written.strip()
    as_text = _AS_TEXT.fullmatch(bare)
    return bare if as_text is None else (as_text[1] or as_text[2] or "").strip()


def _is_range(first: str, last: str) -> bool:
    """Tell whether two groups of digits with a dash between are a range, and not one number."""
    return (
        first.isdigit()
        and last.isdigit()
        and len(first) == len(last) >= _RANGE_LEAST
        and _are_of_one_country(first, last)
    )


def _are_of_one_country(first: str, last: str) -> bool:
    """Tell whether two numbers begin alike, as those of one country do (ITU-T E.164, 6.2.1)."""
    alike = 1 if first.startswith(tuple(_ALONE)) else 2
    return first[:alike] == last[:alike]
