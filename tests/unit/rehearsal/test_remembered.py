"""What is remembered between calls, and for how long."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from fastagi.call.asked import REMEMBERED_S
from fastagi.call.brake import Hit
from fastagi.policy.loading import load
from fastagi.policy.model import Factor, Stage
from fastagi.rehearsal.remembered import Brakes, Dialled, Proofs

if TYPE_CHECKING:
    from fastagi.policy.model import Policy

EVERYTHING = Path(__file__).parents[2] / "contract/rehearsed/everything.toml"
HERE = ("101", "10.0.0.5")
BOTH = (Factor.PIN, Factor.TOTP)


@pytest.fixture(scope="module")
def policy() -> Policy:
    """One whose rules remember for 5, 10 and 30 minutes, and whose brake is on for three hours."""
    return load(EVERYTHING)


def test_a_proof_lasts_as_long_as_it_is_remembered(policy: Policy) -> None:
    """It is there until its end, in its scope; and a shorter one later does not cut it short."""
    proofs = Proofs(policy)
    assert not proofs
    assert proofs.shown(HERE, 0.0) == frozenset()
    assert proofs.proven_s(HERE, 0.0) == ()
    proofs.remember(HERE, BOTH, 0.0, 1_000.0)
    proofs.remember(HERE, (Factor.PIN,), 10.0, 20.0)
    assert proofs
    assert proofs.shown(HERE, 999.0) == frozenset(BOTH)
    assert proofs.shown(("102", "10.0.0.5"), 999.0) == frozenset()
    assert proofs.shown(HERE, 1_000.0) == frozenset()
    proofs.tidy(999.0)
    assert proofs
    proofs.tidy(1_000.0)
    assert not proofs


@pytest.mark.parametrize(
    ("ago_s", "told_s"),
    [(0, 0), (299, 0), (300, 300), (599, 300), (600, 600), (1_799, 600), (1_800, 1_800)],
)
def test_how_long_ago_is_told_as_far_as_it_matters(
    policy: Policy, ago_s: int, told_s: int
) -> None:
    """Two moments between which no rule forgets are alike."""
    proofs = Proofs(policy)
    proofs.remember(HERE, (Factor.TOTP,), 5.0, 9_999.0)
    assert proofs.proven_s(HERE, 5.0 + ago_s) == ((Factor.TOTP, told_s),)
    assert proofs.proven_s(HERE, 9_999.0) == ()


def test_marks() -> None:
    """A call leaves its country and its marks; a call that was none takes the marks back."""
    dialled = Dialled()
    assert not dialled.knows("101", "FR")
    dialled.leave("101", "FR", ("a", "b"), 10.0)
    assert dialled.knows("101", "FR")
    assert not dialled.knows("102", "FR")
    assert dialled.has("a", 9.0 + REMEMBERED_S)
    assert not dialled.has("a", 10.0 + REMEMBERED_S)
    there = dialled.there(("b", "c"), 11.0)
    assert there == {"b": 10.0 + REMEMBERED_S}
    dialled.leave("101", "FR", ("a", "b", "c"), 11.0)
    dialled.take_back(("a", "b", "c"), there)
    assert [each for each in "abc" if dialled.has(each, 12.0)] == ["b"]
    assert not dialled.has("b", 10.0 + REMEMBERED_S)


def _hit(extension: str) -> Hit:
    return Hit(extension, "trap", "", "")


def _stage(brakes: Brakes, extension: str, class_name: str, now: float) -> Stage | None:
    names = (
        (Stage.SITE, ""),
        (Stage.CLASS, class_name),
        (Stage.EXTENSION, extension),
    )
    return brakes.stage(names, now)


def test_the_brake_goes_as_far_as_others_are_braked(policy: Policy) -> None:
    """An extension; with another of its class the class; with another class the site."""
    brakes = Brakes(policy)
    assert not brakes
    assert [each.key for each in brakes.hit(_hit("101"), 0.0)] == ["extension/101"]
    assert _stage(brakes, "101", "staff", 1.0) is Stage.EXTENSION
    assert _stage(brakes, "102", "staff", 1.0) is None
    keys = [each.key for each in brakes.hit(_hit("102"), 600.0)]
    assert keys == ["extension/102", "class/staff"]
    assert _stage(brakes, "103", "staff", 601.0) is Stage.CLASS
    keys = [each.key for each in brakes.hit(_hit("301"), 700.0)]
    assert keys == ["extension/301", "site/"]
    assert _stage(brakes, "201", "lobby", 701.0) is Stage.SITE


def test_the_brake_is_over_by_itself(policy: Policy) -> None:
    """Three hours after the last hit; and each hit puts that off."""
    brakes = Brakes(policy)
    brakes.hit(_hit("101"), 0.0)
    kept = brakes.hit(_hit("101"), 1_000.0)
    assert (kept[0].since, kept[0].until) == (0.0, 11_800.0)
    assert _stage(brakes, "101", "staff", 11_799.0) is Stage.EXTENSION
    assert _stage(brakes, "101", "staff", 11_800.0) is None
    anew = brakes.hit(_hit("101"), 12_000.0)
    assert anew[0].since == 12_000.0
