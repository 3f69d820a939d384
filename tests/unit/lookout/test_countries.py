"""Countries by address, from a file that somebody supplies."""

from __future__ import annotations

from ipaddress import ip_address
from typing import TYPE_CHECKING

import pytest
from mmdb_writer import MMDBWriter
from netaddr import IPSet

from fastagi.errors import SettingsError
from fastagi.lookout.countries import countries_in

if TYPE_CHECKING:
    from pathlib import Path


def database(file: Path, ip_version: int = 6) -> Path:
    """Write a database of a few networks."""
    writer = MMDBWriter(ip_version, "GeoLite2-Country", ipv4_compatible=ip_version == 6)
    writer.insert_network(IPSet(["203.0.113.0/24"]), {"country": {"iso_code": "DE"}})
    writer.insert_network(IPSet(["198.51.100.0/24"]), {"continent": {"code": "EU"}})
    writer.insert_network(IPSet(["192.0.2.0/24"]), {"country": {"iso_code": "D\nE"}})
    if ip_version == 6:
        writer.insert_network(IPSet(["2001:db8::/32"]), {"country": {"iso_code": "FR"}})
    writer.to_db_file(str(file))
    return file


def test_without_a_file_no_country_is_known() -> None:
    """It may be left out."""
    assert countries_in(None)(ip_address("203.0.113.9")) == ""


def test_a_database_tells_the_country(tmp_path: Path) -> None:
    """Of both kinds of addresses; where it has none, or nonsense, there is none."""
    country = countries_in(database(tmp_path / "c.mmdb"))
    asked = ("203.0.113.9", "2001:db8::1", "198.51.100.1", "192.0.2.1", "10.0.0.1")
    assert [country(ip_address(each)) for each in asked] == ["DE", "FR", "", "", ""]


def test_one_without_ipv6_knows_none_of_it(tmp_path: Path) -> None:
    """And is asked all the same."""
    country = countries_in(database(tmp_path / "c.mmdb", 4))
    assert country(ip_address("203.0.113.9")) == "DE"
    assert country(ip_address("2001:db8::1")) == ""


@pytest.mark.parametrize("text", [None, "nonsense"])
def test_what_is_no_database_is_told_by_its_file(tmp_path: Path, text: str | None) -> None:
    """One that is not there, too."""
    file = tmp_path / "c.mmdb"
    if text is not None:
        file.write_text(text)
    with pytest.raises(SettingsError, match=r"c\.mmdb: `\[lookout\] geoip` cannot be read"):
        countries_in(file)
