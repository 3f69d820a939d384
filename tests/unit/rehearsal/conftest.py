"""A policy that is tried, and the moment at which that begins."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest

from fastagi.policy.loading import load_text

if TYPE_CHECKING:
    from pathlib import Path

    from fastagi.policy.model import Policy

MONDAY = datetime(2026, 1, 5, 10, 10, tzinfo=ZoneInfo("Europe/London")).timestamp()

NATIONAL, MOBILE, ABROAD = "902079460000", "907400123456", "900390612345678"
FRANCE, SATELLITE, NOTHING = "90033142614701", "900881612345678", "90204"

TEXT = """
[site]
name = "office"
country = "GB"
timezone = "Europe/London"
internal = ["10X", "2XX"]
outside_prefix = "9"
longest = "1h"

[classes]
staff = ["10X"]
lobby = ["20X"]

[hours]
office = ["Mon-Fri 08:10-18:30"]

[rates]
file = "rates.csv"
currency = "GBP"

[[rule]]
name = "trap"
to = ["satellite"]
then = "deny"
brake = true

[[rule]]
name = "too-many"
to = ["international"]
when = "over:few-abroad"
then = "deny"

[[rule]]
name = "first-france"
from = ["staff"]
to = ["first-time-country"]
when = "not office"
then = "totp"

[[rule]]
name = "abroad"
from = ["staff"]
to = ["international"]
then = "pin+totp"
remember = "30m"

[[rule]]
name = "desk"
from = ["lobby"]
to = ["mobile"]
then = "sign-in"

[[rule]]
name = "new-mobile"
to = ["first-time-number"]
when = "not office"
then = "pin"

[[rule]]
name = "at-home"
to = ["national", "mobile"]
then = "allow"

[[limit]]
name = "two"
per = "extension"
calls = 2

[[limit]]
name = "one-trunk"
per = "trunk"
to = ["mobile"]
calls = 1

[[limit]]
name = "money"
per = "extension"
spend = "1.00"
within = "1h"

[[limit]]
name = "few-abroad"
per = "site"
to = ["international"]
attempts = 3
within = "2h"
then = "watch"

[[limit]]
name = "burst"
per = "extension"
to = ["mobile"]
attempts = 4
within = "10m"
then = "brake"

[[limit]]
name = "on-trial"
per = "site"
calls = 1
shadow = true

[brake]
to = ["mobile", "international"]
for = "30m"
then = "pin"

[sign-in]
for = "4h"
bound_to = ["address"]

[lockout]
wrong = 3
invalid = 2
for = "15m"

[challenge]
tries = 2

[honeypot]
extensions = ["299"]
"""

RATES = """prefix,price_per_minute,first_seconds,next_seconds,valid_from
44,0.0600,1,1,2025-01-01
44,0.1200,1,1,2026-01-06
39,0.1500,60,60,2025-01-01
33,0.1500,60,60,2025-01-01
"""


def policy_of(folder: Path, text: str = TEXT) -> Policy:
    """Load a policy, with its prices beside it."""
    (folder / "rates.csv").write_text(RATES)
    return load_text(text, folder / "office.toml")


@pytest.fixture
def policy(tmp_path: Path) -> Policy:
    """An office's: a code abroad, a sign-in in the lobby, a brake for whoever calls too much."""
    return policy_of(tmp_path)
