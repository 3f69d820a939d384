"""Sheets that no policy uses are let go of, one reload later."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fastagi.daemon.sheets_in_use import SheetsInUse
from fastagi.policy.loading import load

if TYPE_CHECKING:
    from pathlib import Path

    from fastagi.policy.model import Policy

POLICY = """
[site]
name = "office"
country = "GB"
timezone = "UTC"
"""


def test_a_sheet_outlives_its_policy_by_one_reload(tmp_path: Path) -> None:
    """A successor that is just reading the policies before finds it."""
    shared = tmp_path / "shared"
    shared.mkdir()
    in_use = SheetsInUse(shared)

    def reloaded(price: str) -> Policy:
        (tmp_path / "p.toml").write_text(
            POLICY + '[rates]\nfile = "s.csv"\ncurrency = "GBP"\nunknown = "3.00"\n'
        )
        (tmp_path / "s.csv").write_text(f"prefix,price\n44,{price}\n")
        return load(tmp_path / "p.toml", shared=shared)

    counts = []
    for price in ("1", "1", "2", "3", "4"):
        in_use({"office": reloaded(price)})
        counts.append(len(list(shared.glob("*.rates"))))
    assert counts == [1, 1, 2, 2, 2]
    (tmp_path / "p.toml").write_text(POLICY)
    for _ in range(2):
        in_use({"office": load(tmp_path / "p.toml", shared=shared)})
    assert list(shared.glob("*.rates")) == []


def test_what_is_loaded_and_not_in_force_is_in_use(tmp_path: Path) -> None:
    """A policy in shadow has a sheet, too."""
    shared = tmp_path / "shared"
    shared.mkdir()
    (tmp_path / "p.toml").write_text(
        POLICY + '[rates]\nfile = "s.csv"\ncurrency = "GBP"\nunknown = "3.00"\n'
    )
    (tmp_path / "s.csv").write_text("prefix,price\n44,1\n")
    policy = load(tmp_path / "p.toml", shared=shared)
    in_use = SheetsInUse(shared, lambda: [policy])
    in_use.look()
    for _ in range(3):
        in_use({})
    assert len(list(shared.glob("*.rates"))) == 1
    for _ in range(2):
        SheetsInUse(shared)({})
    assert list(shared.glob("*.rates")) == []


def test_a_change_in_shadow_takes_nothing_of_what_was_in_force(tmp_path: Path) -> None:
    """Where a policy is promoted, both change within a moment."""
    shared = tmp_path / "shared"
    shared.mkdir()
    in_use = SheetsInUse(shared)
    (tmp_path / "p.toml").write_text(
        POLICY + '[rates]\nfile = "s.csv"\ncurrency = "GBP"\nunknown = "3.00"\n'
    )
    for price in (1, 2):
        (tmp_path / "s.csv").write_text(f"prefix,price\n44,{price}\n")
        in_use({"office": load(tmp_path / "p.toml", shared=shared)})
    for _ in range(2):
        in_use.look()
    assert len(list(shared.glob("*.rates"))) == 2
