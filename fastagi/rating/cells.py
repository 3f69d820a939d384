"""What stands in one cell of a rate sheet, as carriers write it: prefixes, prices, steps, dates.

What may be read in two ways is refused, and the message says how to write it. Nothing here knows
of lines or columns: `reading` adds where.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from decimal import ROUND_CEILING, Decimal
from typing import Final

from fastagi.rating.sheet import E164_MAX, MOMENT_MAX
from fastagi.rating.tariff import INCREMENT_MAX_S, MONEY_UNIT, Tariff

QUOTED_MAX: Final = 60  # characters of a cell that a message repeats
RANGE_MAX: Final = 10_000  # prefixes that one range such as 393-395 may stand for

PRICE_MAX: Final = 1_000_000
"""The most that a minute, or a connect fee, may cost: more is a mistake in any currency."""

DEFAULT_INCREMENTS: Final = (60, 60)
"""Where a sheet gives none: whole minutes, the dearest that is usual."""

BLOCKED_WORDS: Final = frozenset(
    {"blocked", "block", "closed", "suspended", "noroute", "notavailable", "notserved", "na"}
)
"""Carriers' words for a prefix they do not serve; letters only."""

ENDED_WORDS: Final = frozenset(
    {"deleted", "delete", "deletion", "removed", "remove", "discontinued", "ended", "expired"}
)
"""Carriers' words for a prefix that is no longer in their sheet; letters only."""

SYMBOLS: Final = {
    "$": frozenset({"USD", "CAD", "AUD", "NZD", "SGD", "HKD", "MXN", "BRL", "ARS", "CLP", "COP"}),
    "€": frozenset({"EUR"}),
    "£": frozenset({"GBP", "EGP", "GIP"}),
    "¥": frozenset({"JPY", "CNY"}),
}
"""Signs of currencies, and what each may mean."""

_NUMBER: Final = re.compile(r"(?:[0-9]{1,9}(?:\.[0-9]{0,15})?|\.[0-9]{1,15})(?:[eE]-?0?[0-9])?")
_SCIENTIFIC: Final = re.compile(r"[0-9]+[.,]?[0-9]*[eE]\+?[0-9]+")
_SEPARATORS: Final = re.compile(r"\s*[,;/|\n]\s*|\s{2,}")
_INCREMENTS: Final = re.compile(
    r"([0-9]{1,4})(?:\s*[/:+;,\-]\s*([0-9]{1,4}))?(?:\s*[/:+;,\-]\s*([0-9]{1,4}))?"
)
_ISO_DATE: Final = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}([ T][0-9:.]+(Z|[+-][0-9]{2}:?[0-9]{2})?)?"
)
_SLASHED: Final = re.compile(r"([0-9]{1,2})/([0-9]{1,2})/([0-9]{4})(?:[ T]([0-9:]+))?")
_DATE_FORMATS: Final = (
    "%Y%m%d",
    "%Y/%m/%d",
    "%d.%m.%Y",
    "%d-%b-%Y",
    "%d-%b-%y",
    "%d %b %Y",
    "%b %d, %Y",
)


def quoted(text: str) -> str:
    """Return a cell in backticks: short, and with nothing in it that a terminal would act on."""
    shown = "".join(
        each if each.isprintable() else each.encode("unicode_escape").decode("ascii")
        for each in text[:QUOTED_MAX]
    )
    return f"`{shown}…`" if len(text) > QUOTED_MAX else f"`{shown}`"


def letters(text: str) -> str:
    """Return the letters and digits of a text, small: how words of sheets are compared."""
    return "".join(filter(str.isalnum, text.casefold()))


# ----------------------------------------------------------------------------- prefixes


def read_prefixes(text: str) -> list[str]:
    """Read the prefixes of a cell: `39`, `+39`, `0039`, `39; 393-395`.

    Raises:
        ValueError: They are none; the message says what to write.
    """
    return [
        prefix for part in _SEPARATORS.split(text.strip()) if part for prefix in _read_part(part)
    ]


def _read_part(part: str) -> list[str]:
    first, dash, last = (each.strip() for each in part.partition("-"))
    if not dash:
        return [read_prefix(part)]
    begin, end = read_prefix(first), read_prefix(last)
    if len(begin) != len(end) or begin > end:
        raise ValueError(
            f"{quoted(part)} is no range; write both ends with the same number of digits, the "
            "smaller first, such as `393-395`, or a single prefix without the dash"
        )
    if int(end) - int(begin) >= RANGE_MAX:
        what = f"{quoted(part)} stands for more than {RANGE_MAX} prefixes"
        raise ValueError(f"{what}; write the shorter prefixes that they have in common")
    return [str(each) for each in range(int(begin), int(end) + 1)]


def read_prefix(text: str) -> str:
    """Read one prefix, with `+`, `00`, `011` or nothing before the country code.

    Raises:
        ValueError: It is none.
    """
    digits = text.replace(" ", "").removeprefix("'").removeprefix("+")
    for international in ("00", "011"):
        if digits.startswith(international):
            digits = digits.removeprefix(international)
            break
    if _is_digits(digits) and digits[0] != "0" and len(digits) <= E164_MAX:
        return digits
    if _SCIENTIFIC.fullmatch(text):
        raise ValueError(
            f"{quoted(text)} is what a spreadsheet makes of a long prefix; "
            "format the column as text, and save the sheet again"
        )
    if _is_digits(digits) and digits[0] == "0":
        raise ValueError(
            f"{quoted(text)} begins with 0, as no country code does; write the country code first"
        )
    raise ValueError(
        f"{quoted(text)} is no prefix of E.164; write the country code first, such as `39`, and "
        f"at most {E164_MAX} digits"
    )


def read_area(country: str, area: str) -> list[str]:
    """Read a country code and the area codes behind it, each in its cell: `39` and `3, 06`.

    Raises:
        ValueError: They are none.
    """
    (begin,) = read_prefixes(country) if len(read_prefixes(country)) == 1 else ("",)
    if not begin:
        raise ValueError(f"{quoted(country)} is no country code; write one, such as `39`")
    parts = [part for part in _SEPARATORS.split(area.strip()) if part]
    if not parts:
        return [begin]
    return [
        prefix
        for part in parts
        for prefix in _read_part("-".join(begin + each.strip() for each in part.split("-")))
    ]


def _is_digits(text: str) -> bool:
    """Tell whether a text is digits of ASCII and nothing else; `str.isdigit` takes `٣` for one."""
    return text.isascii() and text.isdigit()


# ----------------------------------------------------------------------------- money


def read_money(text: str) -> tuple[Decimal, str]:
    """Read a price; also returns the sign of its currency, where there is one before or behind.

    Raises:
        ValueError: It is none.
    """
    amount = text.strip()
    symbol = next((each for each in SYMBOLS if each in amount), "")
    if symbol:
        amount = amount.removeprefix(symbol).removesuffix(symbol).strip()
    if not _NUMBER.fullmatch(amount):
        raise ValueError(_why_no_price(text))
    value = Decimal(amount)
    if value > PRICE_MAX:
        raise ValueError(f"{quoted(text)} is out of reason; a price is at most {PRICE_MAX}")
    return value, symbol


def _why_no_price(text: str) -> str:
    if re.fullmatch(r"\D*[0-9.]*(,[0-9.]+)+\D*", text):
        return (
            f"{quoted(text)} has a decimal comma, or separates thousands by one, which a sheet "
            "cannot tell apart; save it with decimal points and without separators: `0.0123`"
        )
    if text.strip().startswith("-"):
        return f"{quoted(text)} is less than nothing; write what a minute costs: `0.0123`"
    return f"{quoted(text)} is no price; write `0.0123`, or `blocked` for what is not served"


def read_increments(text: str) -> tuple[int, int]:
    """Read `60/60`, `30/6`, `1` (for 1/1), or `60/1/1`: the least that is billed, first, next.

    Raises:
        ValueError: They are none.
    """
    found = _INCREMENTS.fullmatch(text.strip())
    if found is None:
        raise ValueError(f"{quoted(text)} are no increments; write `60/60`, `30/6` or `1/1`")
    steps = [int(each) for each in found.groups() if each is not None]
    first, after = (max(steps[:-1]), steps[-1]) if len(steps) > 1 else (steps[0], steps[0])
    return _increment(text, first), _increment(text, after)


def read_increment(text: str) -> int:
    """Read the seconds of one increment.

    Raises:
        ValueError: They are none.
    """
    seconds = text.strip().removesuffix("s").strip()
    if not (_is_digits(seconds) and len(seconds) <= len(str(INCREMENT_MAX_S))):
        raise ValueError(f"{quoted(text)} is no number of seconds; write `60`, `6` or `1`")
    return _increment(text, int(seconds))


def _increment(text: str, seconds: int) -> int:
    if not 1 <= seconds <= INCREMENT_MAX_S:
        raise ValueError(f"{quoted(text)}: an increment lasts 1 to {INCREMENT_MAX_S} seconds")
    return seconds


def tariff_of(price: Decimal, fee: Decimal, first_s: int, next_s: int) -> Tariff:
    """Return the tariff of a price a minute: what each increment costs, rounded up to millionths.

    Args:
        price: Of a minute, in units of the currency.
        fee: Of a call that is answered.
        first_s: The first increment.
        next_s: Each further one.
    """
    return Tariff(
        first_s, _millionths(fee + price * first_s / 60), next_s, _millionths(price * next_s / 60)
    )


def _millionths(amount: Decimal) -> int:
    """Round up: a thief who calls a million times must not gain by it."""
    return int((amount * MONEY_UNIT).to_integral_value(ROUND_CEILING))


# ----------------------------------------------------------------------------- dates


def read_moment(text: str) -> int:
    """Read a date, which begins at midnight UTC, or a moment; seconds since the epoch.

    Raises:
        ValueError: It is none, or may be read in two ways.
    """
    written = text.strip()
    moment = _slashed(written) or _iso(written) or _named(written)
    if moment is None:
        raise ValueError(f"{quoted(text)} is no date; write `2026-01-31`")
    seconds = int(moment.replace(tzinfo=moment.tzinfo or UTC).timestamp())
    if seconds > MOMENT_MAX:
        raise ValueError(f"{quoted(text)} is out of reason; write a date such as `2026-01-31`")
    return max(0, seconds)


def _iso(text: str) -> datetime | None:
    if not _ISO_DATE.fullmatch(text):
        return None
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None


def _named(text: str) -> datetime | None:
    for form in _DATE_FORMATS:
        try:
            return datetime.strptime(text, form).replace(tzinfo=UTC)
        except ValueError:
            continue
    return None


def _slashed(text: str) -> datetime | None:
    """Read 31/01/2026 or 01/31/2026; 01/02/2026 is either, and is refused."""
    found = _SLASHED.fullmatch(text)
    if found is None:
        return None
    one, other, year = int(found[1]), int(found[2]), int(found[3])
    if one <= 12 and other <= 12 and one != other:
        raise ValueError(
            f"{quoted(text)} may be {year}-{other:02}-{one:02} or {year}-{one:02}-{other:02}; "
            "write it like that, the year first"
        )
    day, month = (one, other) if one > 12 else (other, one)
    return _iso(f"{year:04}-{month:02}-{day:02}{' ' + found[4] if found[4] else ''}")
