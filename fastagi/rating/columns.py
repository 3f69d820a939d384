"""Which column of a rate sheet is what: by the names that carriers and switches give them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from fastagi.rating.cells import letters, quoted

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


class Column(StrEnum):
    """What a column says."""

    PREFIX = "prefix"
    COUNTRY = "country code"
    AREA = "area code"
    PRICE = "price per minute"
    FEE = "connect fee"
    FIRST = "first seconds"
    NEXT = "next seconds"
    INCREMENTS = "increments"
    EFFECTIVE = "effective date"
    END = "end date"
    CURRENCY = "currency"
    STATUS = "status"


NAMES: Final[Mapping[Column, str]] = {
    Column.PREFIX: """
        prefix, prefixes, code, codes, dial code, dial codes, dialing code, dialling code,
        dial prefix, dialing prefix, dialling prefix, dialed prefix, destination code,
        destination codes, destination prefix, destination prefixes, dest code, dest prefix,
        match prefix, number prefix, phone prefix, e164, e164 prefix, breakout, breakouts,
        full code, dialed digits, dst prefix, digits
    """,
    Column.COUNTRY: "country code, country codes, country dial code, country prefix, cc",
    Column.AREA: "area code, area codes, city code, city codes, region code, national code, ndc",
    Column.PRICE: """
        price, price per minute, price per min, price minute, price min, price a minute,
        rate, rate per minute, rate per min, rate minute, rate min, rate value, rate cost,
        per minute, per min, per minute rate, per minute cost, per minute price, minute rate,
        minute price, min price, cost, cost per minute, cost per min, charge per minute, tariff,
        call rate, buy rate, buying rate, sell rate, selling rate, buy price, sell price,
        selling price, new rate, new price, current rate, current price, standard rate,
        termination rate, peak, peak rate, off peak, off peak rate, weekend, weekend rate,
        day rate, night rate, interstate, interstate rate, inter rate, intrastate, intrastate rate,
        intra rate, indeterminate, indeterminate rate, ij rate
    """,
    Column.FEE: """
        connect fee, connection fee, connect cost, connection cost, connect charge,
        connection charge, connection price, connect price, setup, setup fee, set up fee,
        setup charge, setup cost, call setup fee, call setup charge, surcharge, rate surcharge,
        fee, call fee, fee per call, per call, rate per call, price per call, flag fall
    """,
    Column.FIRST: """
        first seconds, first increment, first interval, first period, first block,
        initial, initial seconds, initial increment, initial interval, initial period,
        initial block, initial billing increment, initial billing interval, init increment,
        init block, buy rate init block, interval 1, 1st interval, 1st increment, minimum,
        minimum duration, minimum seconds, minimum time, minimal time, min, min duration,
        min seconds, min time, min interval, rate minimum, minimum charge seconds, duration
    """,
    Column.NEXT: """
        next, next seconds, next increment, next interval, next period, next block, subsequent,
        subsequent seconds, subsequent increment, subsequent interval, subsequent period,
        subsequent billing increment, subsequent billing interval, additional increment,
        additional interval, following increment, interval n, interval 2, nth interval,
        2nd interval, 2nd increment, second interval, second increment, billing block,
        buy rate increment, rate increment, charge period, pulse
    """,
    Column.INCREMENTS: """
        increment, increments, billing increment, billing increments, billing, billing interval,
        billing intervals, billing cycle, billing terms, billing type, billing rule, interval,
        intervals, charging interval, rounding, rounding rule, min increment,
        minimum increment, min inc, billing unit
    """,
    Column.EFFECTIVE: """
        effective, effective date, effective from, effective time, effective date from,
        eff date, date effective, effective as of, valid from, valid since, start, start date,
        starts, begin date, from, from date, activation date, date
    """,
    Column.END: """
        end, end date, ends, valid to, valid till, valid until, effective to, effective till,
        effective until, expiry, expiry date, expiration, expiration date, expires, stop date,
        to date, discontinue date
    """,
    Column.CURRENCY: "currency, currency code, cur, curr, ccy",
    Column.STATUS: """
        status, state, change, changes, change type, change status, type of change, rate change,
        price change, action, code status
    """,
}
"""Names of columns, as they are compared: by their letters and digits, signs of currencies and
what stands in brackets left out. Prices that differ by time or by origin are there to be refused:
of two columns that could be the price, none is guessed."""

COLUMN_OF: Final[Mapping[str, Column]] = {
    letters(name): column for column, names in NAMES.items() for name in names.split(",")
}

FOR_PEOPLE: Final = frozenset(
    map(
        letters,
        """
        destination, destination name, destinations, country, country name, description, name,
        region, operator, carrier, network, iso, iso code, country iso, comment, comments, notes,
        area, area name, code name, prefix name, zone, type,
        """.split(","),  # noqa: SIM905 - as above, no easier to read in quotation marks
    )
)
"""Names of columns that say what a prefix is called; nobody misses them."""

CURRENCIES: Final = frozenset(
    """
    USD EUR GBP CHF CAD AUD NZD SEK NOK DKK PLN CZK HUF RON BGN TRY RUB UAH ILS ZAR NGN KES EGP
    MAD AED SAR QAR INR PKR BDT LKR CNY HKD TWD JPY KRW SGD MYR THB IDR PHP VND BRL ARS CLP COP
    PEN MXN GEL KZT
    """.split()  # noqa: SIM905 - fifty words in quotation marks are no easier to read
)
"""What is taken for a currency where it stands in the name of a column: `Rate (USD)`."""

_WORD: Final = re.compile(r"[A-Za-z]+")
_CURRENCY_SIGN: Final = re.compile(r"[$€£¥]")


@dataclass(frozen=True, slots=True)
class Header:
    """What the columns of a sheet are.

    Attributes:
        places: Where each is, from 0.
        width: How many columns there are.
        currencies: The currencies that names of columns speak of.
        unread: Names of columns that nothing is read from, though a price might be in them.
    """

    places: Mapping[Column, int]
    width: int
    currencies: frozenset[str]
    unread: tuple[str, ...]


def is_header(row: Sequence[str]) -> bool:
    """Tell whether a row names columns: one of prefixes, and one of prices."""
    columns = {_column(name) for name in row}
    return Column.PRICE in columns and bool(columns & {Column.PREFIX, Column.AREA, Column.COUNTRY})


def read_header(row: Sequence[str]) -> Header:
    """Read the names of the columns.

    Raises:
        ValueError: Two of them could be the same; the message names them.
    """
    places: dict[Column, int] = {}
    currencies: set[str] = set()
    unread = []
    for place, name in enumerate(row):
        column = _column(name)
        if column is None:
            unread.extend([name.strip()] if letters(name) not in FOR_PEOPLE else [])
            continue
        if column in places:
            raise ValueError(
                f"columns {quoted(row[places[column]].strip())} and {quoted(name.strip())} could "
                f"both be the {column}; take out or rename the one that does not count"
            )
        places[column] = place
        if column in {Column.PRICE, Column.FEE}:
            currencies |= {word for word in _WORD.findall(name) if word in CURRENCIES}
    if Column.PREFIX not in places and Column.AREA not in places:
        places[Column.PREFIX] = places.pop(Column.COUNTRY)
    elif Column.PREFIX in places:  # which holds the whole of it
        places.pop(Column.AREA, None)
    elif Column.COUNTRY not in places:
        raise ValueError(
            f"column {quoted(row[places[Column.AREA]].strip())} needs a column `country code` "
            "beside it; where it holds the whole prefix, name it `prefix`"
        )
    if {Column.FIRST, Column.INCREMENTS} <= places.keys() and Column.NEXT not in places:
        places[Column.NEXT] = places.pop(Column.INCREMENTS)  # `Initial Increment`, `Increment`
    return Header(places, len(row), frozenset(currencies), tuple(unread))


def _column(name: str) -> Column | None:
    plain = _CURRENCY_SIGN.sub(" ", name)
    plain = _WORD.sub(lambda word: "" if word[0] in CURRENCIES else word[0], plain)
    for shape in (plain, re.sub(r"\(.*?\)|\[.*?\]", "", plain)):
        if column := COLUMN_OF.get(letters(shape)):
            return column
    return None
