"""Policies and calls that the tests of this folder share."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from ipaddress import ip_address
from pathlib import Path
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

from fastagi.errors import PolicyError
from fastagi.policy.loading import load_text
from fastagi.policy.model import Request
from fastagi.rating.rates import Rates
from fastagi.rating.sheet import ALWAYS, PRICED, RateSheet, compiled, key_of
from fastagi.rating.tariff import Tariff

if TYPE_CHECKING:
    from collections.abc import Mapping

    from fastagi.policy.model import Policy, Transport

HERE: Final = Path(__file__).parent
LONDON: Final = ZoneInfo("Europe/London")
MONDAY: Final = datetime(2026, 1, 5, 10, 10, tzinfo=LONDON)
SUNDAY: Final = datetime(2026, 1, 4, 10, 10, tzinfo=LONDON)

SITE: Final = """\
[site]
name = "test"
country = "GB"
timezone = "Europe/London"
internal = ["10X", "2XX"]
outside_prefix = "9"

[classes]
staff = ["10X"]
lobby = ["2XX"]

[hours]
office = ["Mon-Fri 08:00-18:30"]
closed = ["2026-12-25"]

[networks]
floor = ["10.0.0.0/8"]
"""

HOME: Final = "902079460000"  # London
MOBILE: Final = "907400123456"
PREMIUM: Final = "909098790000"
ROME: Final = "900390612345678"
JAMAICA: Final = "90018765551234"
SATELLITE: Final = "900881612345678"
INSIDE: Final = "201"
AMBULANCE: Final = "999"
NONSENSE: Final = "900"


def policy_of(rules: str = "", *, site: str = SITE, source: Path = Path("p.toml")) -> Policy:
    """Return a policy of these rules and limits."""
    return load_text(f"{site}\n{rules}", source)


def problems_of(text: str, source: Path = Path("p.toml")) -> list[str]:
    """Return what is wrong with a policy, each as `line: what`; nothing if it loads."""
    try:
        load_text(text, source)
    except PolicyError as error:
        return [f"{each.line}: {each.what}" for each in error.problems]
    return []


def call(
    policy: Policy,
    dialled: str,
    extension: str = "101",
    *,
    at: datetime = MONDAY,
    address: str = "10.0.0.5",
    transport: Transport | None = None,
    trunk: str = "",
    transferred: bool = False,
) -> Request:
    """Return a call, of a desk phone on a Monday morning if not said otherwise."""
    return Request(
        extension,
        policy.plan.read(dialled),
        at,
        ip_address(address) if address else None,
        transport,
        trunk,
        transferred,
    )


RATES: Final = """
[rates]
file = "rates.csv"
currency = "GBP"
"""
"""Of a file that is there; `priced` puts what it holds in its place."""

MINUTES: Final = Tariff(60, 1_200_000, 60, 1_200_000)
"""1.20 a minute, by 60/60."""


def rates_of(
    prices: Mapping[str, Tariff], unknown: Tariff | None = None, since: int = ALWAYS
) -> Rates:
    """Return what calls cost.

    Args:
        prices: By how numbers begin.
        unknown: Of all others.
        since: From when on.
    """
    ordered = sorted(prices, key=key_of)
    entries = [(key_of(each), since, PRICED + place) for place, each in enumerate(ordered)]
    sheet = RateSheet(compiled(entries, [prices[each] for each in ordered]))
    return Rates(HERE / "rates.csv", "GBP", sheet, unknown)


def priced(
    rules: str, prices: Mapping[str, Tariff], unknown: Tariff | None = None, since: int = ALWAYS
) -> Policy:
    """Return a policy of these rules and limits, and of these prices: see `rates_of`."""
    policy = policy_of(rules, site=SITE + RATES, source=HERE / "p.toml")
    return replace(policy, rates=rates_of(prices, unknown, since))
