"""A policy in shadow takes the place of the one in force, and leaves nothing half done."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from fastagi.errors import PolicyError
from fastagi.policy.loading import load
from fastagi.shadows.succession import KEPT, succeed, successor
from tests.unit.shadows.test_promoting import CASES, DEAR, POLICY, office

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["office"]  # the fixture


@pytest.fixture
def beside(office: Path) -> Path:
    """A policy in shadow beside it."""
    file = office.parent / "office.shadow.toml"
    file.write_text(POLICY.replace("calls = 2", "calls = 1"))
    return file


def test_a_policy_takes_the_place_of_the_one_in_force(office: Path, beside: Path) -> None:
    """The old one is kept, for whoever wants it back; and is no policy any more."""
    found = successor(office)
    assert office.read_text() == POLICY
    succeed(found)
    assert load(office).limits[0].calls == 1
    assert not beside.exists()
    assert found.kept == office.with_name("office.toml" + KEPT)
    assert found.kept.read_text() == POLICY
    assert office.stat().st_mode & 0o777 == found.kept.stat().st_mode & 0o777 == 0o640


def test_its_own_cases_come_with_it(office: Path, beside: Path) -> None:
    """Those of the one before are kept beside it; without its own, those have to hold."""
    cases = office.with_name("office.cases.toml")
    cases.write_text(CASES)
    beside.write_text(POLICY.replace("shadow = true        # until Monday\n", ""))
    with pytest.raises(PolicyError, match="case `a 909 number` fails then"):
        successor(office)
    own = office.with_name("office.shadow.cases.toml")
    own.write_text(CASES.replace('"allow", rule = "all-else"', '"deny", rule = "dear"'))
    succeed(successor(office))
    assert "dear" in cases.read_text()
    assert not own.exists()
    assert cases.with_name(cases.name + KEPT).read_text() == CASES


def test_what_cannot_take_its_place(office: Path, beside: Path) -> None:
    """One of another site; one that is not there."""
    beside.write_text(POLICY.replace('name = "office"', 'name = "hotel"'))
    said = r"office\.shadow\.toml:3: site `hotel` is not `office`, whose place it would take"
    with pytest.raises(PolicyError, match=said):
        successor(office)
    beside.unlink()
    with pytest.raises(PolicyError, match=r"there is no `office\.shadow\.toml` beside it"):
        successor(office)


def test_broken_off_it_is_done_again(office: Path, beside: Path) -> None:
    """Whatever step failed; nothing is lost on the way."""
    found = successor(office)
    beside.unlink()
    with pytest.raises(PolicyError, match=r"office\.shadow\.toml: .*; put that right"):
        succeed(found)
    beside.write_text(found.text)
    succeed(successor(office))
    assert load(office).limits[0].calls == 1


def test_the_kept_one_has_the_owner_too(
    office: Path, beside: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It may hold no less than what it was."""
    given: list[tuple[int, int]] = []
    monkeypatch.setattr(os, "geteuid", lambda: 4711)
    monkeypatch.setattr(os, "fchown", lambda _, user, group: given.append((user, group)))
    succeed(successor(office))
    assert len(given) == 2
    assert str(DEAR) == "rule `dear`"
