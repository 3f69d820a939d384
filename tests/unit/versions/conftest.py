"""A policy with a list, a rate sheet and cases, in a folder of its own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from fastagi.policy.loading import load

if TYPE_CHECKING:
    from pathlib import Path

    from fastagi.policy.model import Policy

POLICY = """\
[site]
name = "office"
country = "GB"
timezone = "UTC"
outside_prefix = "9"

[lists]
irsf = "lists/irsf.csv"
home = "home.csv"

[rates]
file = "rates.csv"
currency = "GBP"

[[rule]]
name = "bad"
to = ["list:irsf"]
then = "deny"
"""


@dataclass
class Office:
    """The files of a site."""

    folder: Path
    kept: Path

    def write(self, name: str, text: str) -> Path:
        """Write one."""
        file = self.folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
        return file

    def load(self) -> Policy:
        """Load the policy as it is."""
        return load(self.folder / "office.toml")

    def ruled(self, name: str) -> Policy:
        """Write and load a policy whose rule has a name."""
        self.write("office.toml", POLICY.replace('"bad"', f'"{name}"'))
        return self.load()


@pytest.fixture
def office(tmp_path: Path) -> Office:
    """Return them."""
    office = Office(tmp_path / "policies", tmp_path / "state" / "versions")
    office.write("office.toml", POLICY)
    office.write("office.cases.toml", "# none yet\n")
    office.write("lists/irsf.csv", "+88213\n")
    office.write("home.csv", "+44\n")
    office.write("rates.csv", "prefix,price\n39,1.20\n")
    return office
