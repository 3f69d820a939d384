"""Which column of a list holds what: by its header, or where it has none, by its first line.

Lists are published as CSV in every shape: with a header or without, with commas, semicolons, tabs
or bars, with the country, the date and the price beside the number. What can be read in two ways
is refused: a column of prices taken for prefixes would shut whole countries off.
"""

from __future__ import annotations

import csv
import re
import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from fastagi.policy.list_numbers import read_digits, read_prefixes, read_range
from fastagi.policy.wording import all_of, quoted

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

SEPARATORS: Final = "\t;,|"

_NUMBER: Final = frozenset(
    {
        *("prefix", "prefixes", "prefixe", "prefijo", "prefisso", "vorwahl", "dialprefix"),
        *("number", "numbers", "numero", "nummer", "rufnummer", "telephone", "phone", "tel"),
        *("phonenumber", "phonenumbers", "telephonenumber", "testnumber", "testnumbers"),
        *("msisdn", "e164", "did", "ddi", "dnis", "bnumber", "bnum", "bparty", "callednumber"),
        *("calledparty", "destinationnumber", "dialednumber", "diallednumber", "iprn"),
        *("range", "ranges", "numberrange", "numberranges", "dialcode", "dialledcode"),
    }
)
_PERHAPS: Final = frozenset({"code", "codes", "areacode", "destinationcode"})
"""Hold the numbers where no other column does."""

_FIRST: Final = frozenset(
    {
        *("from", "start", "first", "begin", "low", "lower", "von", "desde", "debut", "inizio"),
        *("rangestart", "rangefrom", "rangebegin", "startrange", "startofrange", "rangelow"),
        *("fromnumber", "startnumber", "firstnumber", "numberfrom", "numberstart", "lowrange"),
    }
)
_LAST: Final = frozenset(
    {
        *("to", "end", "last", "stop", "high", "upper", "bis", "hasta", "fin", "fine"),
        *("rangeend", "rangeto", "rangestop", "endrange", "endofrange", "rangehigh"),
        *("tonumber", "endnumber", "lastnumber", "numberto", "numberend", "highrange"),
    }
)
_COUNTRY_CODE: Final = frozenset({"cc", "countrycode", "callingcode", "landesvorwahl"})
_WITHOUT_CODE: Final = frozenset({"ndc", "nationalcode", "nationalnumber", "nationalprefix"})
"""Numbers without their country code, which then has a column of its own."""

_WORDS: Final = _NUMBER | _PERHAPS | _FIRST | _LAST | _WITHOUT_CODE

_CODE: Final = re.compile(r"(?:\+|00)?([1-9][0-9]{0,2})")
_NUMBER_ALONE: Final = re.compile(r"[+0-9()\-\sxX*]+")
_DATE: Final = re.compile(r"[0-9]{1,4}([-/])[0-9]{1,2}\1[0-9]{1,4}.*")

_HOW: Final = "write a header line above, such as `prefix,remark` or `from,to,remark`"


@dataclass(frozen=True, slots=True)
class Columns:
    """Where in a line of a list its numbers are.

    Attributes:
        separator: What stands between the columns; empty where there is one.
        number: The column of the number, the prefix, the range, or the range's first number.
        last: That of the range's last number; None where it has none of its own.
        code: That of the country code, where the list has one.
        is_apart: Whether the number is without its country code.
    """

    separator: str
    number: int = 0
    last: int | None = None
    code: int | None = None
    is_apart: bool = False

    def prefixes(self, line: str) -> Iterable[str]:
        """Return the prefixes of a line; none of one in which nothing stands.

        Raises:
            ValueError: There is none where they should be; says what to write.
        """
        cells = split(line, self.separator)
        number = _cell(cells, self.number)
        if not number:
            if not any(cell.strip() for cell in cells):
                return ()
            raise ValueError(f"{quoted(line.strip())} has no number in column {self.number + 1}")
        code = "" if self.code is None else _code(_cell(cells, self.code))
        if self.is_apart:
            return (_joined(code, number),)
        if self.last is not None:
            return read_range(number, _cell(cells, self.last))
        prefixes = read_prefixes(number)
        if code and not (prefixes := tuple(prefixes))[0].startswith(code):
            raise ValueError(
                f"{quoted(number)} does not begin with its country code `{code}`; if none of "
                "the numbers does, name their column `ndc`"
            )
        return prefixes


def columns_of(line: str, separator: str | None = None) -> tuple[Columns, bool]:
    """Return the columns of a list, and whether its first line is their header.

    Args:
        line: The first line in which anything stands.
        separator: What stands between columns; None where the line says that itself.

    Raises:
        ValueError: It cannot be told where the numbers are; says what to write.
    """
    if separator is None:
        separator = _separator(line)
    cells = split(line, separator)
    words = [_word(cell) for cell in cells]
    if any(word in _WORDS for word in words):
        return _by_header(separator, cells, words), True
    if not separator:
        return Columns(separator), False
    found = [place for place, cell in enumerate(cells) if _is_number(cell)]
    marked = [place for place in found if cells[place].strip().startswith(("+", "00"))]
    if len(marked) == 1:
        found = marked
    if len(found) != 1:
        many = "more than one column" if found else "no column"
        what = f"{quoted(line.strip())}: {many} may hold the numbers"
        raise ValueError(f"{what}; {_HOW}")
    return Columns(separator, found[0]), False


def split(line: str, separator: str) -> Sequence[str]:
    """Return the cells of a line.

    Raises:
        ValueError: A quote is opened and not closed in it.
    """
    if '"' not in line:
        return line.split(separator) if separator else (line,)
    try:
        return next(csv.reader([line], delimiter=separator or "\0", strict=True), ())
    except csv.Error as error:
        what = f"the quotes of {quoted(line.strip())} cannot be read ({error})"
        raise ValueError(f"{what}; close each, and write one within as two") from None


def _by_header(separator: str, cells: Sequence[str], words: Sequence[str]) -> Columns:
    def named(known: frozenset[str]) -> int | None:
        found = [place for place, word in enumerate(words) if word in known]
        if len(found) > 1:
            both = all_of(cells[place].strip() for place in found)
            raise ValueError(f"of columns {both} one can hold the numbers; rename the others")
        return found[0] if found else None

    first, last, code = named(_FIRST), named(_LAST), named(_COUNTRY_CODE)
    apart = named(_WITHOUT_CODE)
    if first is not None and last is not None:
        return Columns(separator, first, last, code)
    if apart is not None and code is not None:
        return Columns(separator, apart, code=code, is_apart=True)
    number = named(_NUMBER)
    number = named(_PERHAPS) if number is None else number
    if number is None:
        both = all_of(cell.strip() for cell in cells)
        raise ValueError(f"of columns {both} none is known to hold whole numbers; {_HOW}")
    return Columns(separator, number, code=code)


def _separator(line: str) -> str:
    """Return what stands between the columns: the first that it can be, outside quotes."""
    bare = re.sub(r'"[^"]*"', "", line)
    return next((each for each in bare if each in SEPARATORS), "")


def _word(cell: str) -> str:
    """Return a column's name as one word: `Numéro`, `Test Number` and `test_number`."""
    plain = unicodedata.normalize("NFKD", cell).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]", "", plain.lower())


def _is_number(cell: str) -> bool:
    """Tell whether a cell can hold nothing but a number: no price, no date."""
    bare = cell.partition("#")[0].strip()
    if not _NUMBER_ALONE.fullmatch(bare) or _DATE.fullmatch(bare):
        return False
    try:
        read_prefixes(bare)
    except ValueError:
        return False
    return True


def _cell(cells: Sequence[str], place: int) -> str:
    """Return what stands in a column, without a remark; nothing where the line ends before."""
    return cells[place].partition("#")[0].strip() if place < len(cells) else ""


def _joined(code: str, number: str) -> str:
    """Put country code and number together.

    A zero before a number is dialled within most countries, and belongs to the number in some.
    """
    if not code or number.startswith("0"):
        what = "begins with a zero, which may not belong to it" if code else "has no country code"
        raise ValueError(f"{quoted(number)} {what}; write it whole, in a column `prefix`")
    return read_digits(code + number)


def _code(cell: str) -> str:
    """Return the digits of a country code; nothing of letters, such as those of ISO 3166."""
    found = _CODE.fullmatch(cell)
    return found[1] if found else ""
