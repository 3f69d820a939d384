"""Countries by address, from a database that the administrator supplies (MaxMind's format)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import maxminddb

from fastagi.errors import Problem, SettingsError

if TYPE_CHECKING:
    from collections.abc import Callable
    from ipaddress import IPv4Address, IPv6Address
    from pathlib import Path


def no_country(_: IPv4Address | IPv6Address) -> str:
    """Know of none."""
    return ""


def countries_in(file: Path | None) -> Callable[[IPv4Address | IPv6Address], str]:
    """Return what tells the country of an address, ISO 3166-1; empty where it does not know.

    Args:
        file: The database; it is read whole, so that it may be replaced meanwhile. None: no
            country is known.

    Raises:
        SettingsError: It cannot be read, or is none.
    """
    if file is None:
        return no_country
    try:
        reader = maxminddb.open_database(file, maxminddb.MODE_MEMORY)
    except (OSError, ValueError, maxminddb.InvalidDatabaseError) as error:
        what = (
            "`[lookout] geoip` cannot be read, or is no database of countries in MaxMind's format "
            f"({type(error).__name__}); GeoLite2-Country.mmdb is one"
        )
        raise SettingsError([Problem(file, 0, what)]) from error

    def country(address: IPv4Address | IPv6Address) -> str:
        try:
            found = reader.get(address)
        except (ValueError, maxminddb.InvalidDatabaseError):  # IPv6 in a database without any
            return ""
        of = found.get("country") if isinstance(found, dict) else None
        code = of.get("iso_code") if isinstance(of, dict) else None
        return code if isinstance(code, str) and len(code) == 2 and code.isalpha() else ""

    return country
