"""This machine's time zone, with its rules of summer time."""

from __future__ import annotations

import os
from datetime import UTC, datetime, tzinfo
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

LOCALTIME: Final = Path("/etc/localtime")


def own_zone(localtime: Path = LOCALTIME) -> tzinfo:
    """Return this machine's time zone, as Asterisk on it writes times: `$TZ`, or the system's."""
    named = os.environ.get("TZ", "").removeprefix(":")
    try:
        if named:
            return ZoneInfo(named)
        with localtime.open("rb") as rules:
            return ZoneInfo.from_file(rules, key="localtime")
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return datetime.now(UTC).astimezone().tzinfo or UTC
