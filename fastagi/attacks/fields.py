"""What a line of the record of decisions says, whatever is in it; and addresses in one writing."""

from __future__ import annotations

import functools
import ipaddress
import json
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Final

from fastagi.attacks.book import DAY_S
from fastagi.rating.tariff import MONEY_MAX, MONEY_UNIT
from fastagi.signs.words import foreign

if TYPE_CHECKING:
    from collections.abc import Mapping


def read(line: bytes) -> Mapping[str, object]:
    """Read one line; empty if it is not whole."""
    try:
        entry: object = json.loads(line)
    except ValueError:
        return {}
    return entry if isinstance(entry, dict) else {}


def text_of(entry: Mapping[str, object], name: str) -> str:
    """Return a text, as it stands there; empty where there is none."""
    value = entry.get(name)
    return value if isinstance(value, str) else ""


REMEMBERED: Final = 4_096
"""Texts that are not made fit twice: rules, countries and prices come again and again."""

shown = functools.lru_cache(REMEMBERED)(foreign)


def short(entry: Mapping[str, object], name: str) -> str:
    """Return a text, fit to be shown; empty where there is none."""
    text = text_of(entry, name)
    return shown(text) if text else ""


def words_of(value: object) -> list[str]:
    """Return the first words of a list, fit to be shown."""
    return [foreign(str(each)) for each in value[:4]] if isinstance(value, list) else []


def moment_of(entry: Mapping[str, object]) -> float | None:
    """Return when a decision fell, in seconds since the epoch; None where it does not say."""
    try:
        return datetime.fromisoformat(text_of(entry, "time")).astimezone(UTC).timestamp()
    except (ValueError, OverflowError):
        return None


@functools.lru_cache(REMEMBERED)
def money_of(text: str) -> int | None:
    """Return an amount in millionths; None where there is none."""
    try:
        money = int(Decimal(text) * MONEY_UNIT)
    except (InvalidOperation, ValueError, OverflowError):
        return None
    return money if 0 <= money <= MONEY_MAX else None


@functools.lru_cache(REMEMBERED)
def plain(address: str) -> str:
    """Return an address in one way of writing it."""
    try:
        return str(ipaddress.ip_address(address))
    except ValueError:
        return address


def network_of(address: str) -> str:
    """Return the /24 or the /64 of an address; empty of what is none."""
    try:
        read = ipaddress.ip_address(address)
        return str(
            ipaddress.ip_network((read.packed, 24 if read.version == 4 else 64), strict=False)
        )
    except ValueError:
        return ""


def days_between(first: float, last: float) -> list[str]:
    """List the days of two moments and of all between, UTC."""
    return [
        datetime.fromtimestamp(day * DAY_S, UTC).strftime("%Y-%m-%d")
        for day in range(int(first // DAY_S), int(last // DAY_S) + 1)
    ]
