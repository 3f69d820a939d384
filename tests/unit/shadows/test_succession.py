"""A policy in shadow takes the place of the one in force, and leaves nothing half done."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from fastagi.daemon.reload import load_policy
from fastagi.errors import PolicyError
from fastagi.policy.loading import load
from fastagi.shadows.succession import KEPT, predecessor, recede, succeed, successor
from tests.unit.shadows.test_promoting import CASES, DEAR, POLICY, office

if TYPE_CHECKING:
    from collections.abc import Callable

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


OWN = CASES.replace('"allow", rule = "all-else"', '"deny", rule = "dear"')
SHADOW = POLICY.replace("shadow = true        # until Monday\n", "")


def _all(folder: Path) -> dict[str, str]:
    return {each.name: each.read_text() for each in folder.iterdir()}


@pytest.mark.parametrize("cases", [True, False])
@pytest.mark.parametrize("own", [True, False])
def test_what_was_promoted_goes_back(office: Path, beside: Path, own: bool, cases: bool) -> None:
    """Every file is as it was, whichever of the two had cases; and it can be done again."""
    if own:
        beside.write_text(SHADOW)
        office.with_name("office.shadow.cases.toml").write_text(OWN)
    if cases:
        office.with_name("office.cases.toml").write_text(CASES)
    before = _all(office.parent)
    for _ in range(2):
        succeed(successor(office))
        assert office.read_text() == before["office.shadow.toml"]
        recede(predecessor(office))
        assert _all(office.parent) == before
        assert office.stat().st_mode & 0o777 == beside.stat().st_mode & 0o777 == 0o640


@pytest.mark.parametrize("cases", [True, False])
@pytest.mark.parametrize("own", [True, False])
@pytest.mark.parametrize("step", range(12))
def test_broken_off_at_any_step_nothing_is_lost(
    office: Path, beside: Path, step: int, own: bool, cases: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each step leaves what can be loaded, and what ends as it would have."""
    if own:
        beside.write_text(SHADOW)
        office.with_name("office.shadow.cases.toml").write_text(OWN)
    if cases:
        office.with_name("office.cases.toml").write_text(CASES)
    before = _all(office.parent)
    for try_it, do_it in ((successor, succeed), (predecessor, recede)):
        left = step

        def breaks(done: Callable[..., object]) -> Callable[..., object]:
            def step_of(*given: object, **more: object) -> object:
                nonlocal left
                left -= 1
                if left == -1:
                    raise OSError(28, "No space left on device", str(given[0]))
                return done(*given, **more)

            return step_of

        found = try_it(office)
        with monkeypatch.context() as patched:
            for name in ("replace", "unlink"):
                patched.setattr(Path, name, breaks(getattr(Path, name)))
            try:
                do_it(found)
            except PolicyError:
                breaks_off = True
            else:
                breaks_off = False
        load_policy(office)
        if breaks_off:
            do_it(try_it(office))
        assert not [each for each in _all(office.parent) if each.startswith(".")]
    left_over = _all(office.parent).items() - before.items()
    assert {name for name, _ in left_over} <= {"office.cases.toml" + KEPT}
    assert before.items() <= _all(office.parent).items()


def test_what_would_be_lost_is_refused(office: Path, beside: Path) -> None:
    """Nothing kept; another policy or other cases in shadow by now; one that loads no more."""
    with pytest.raises(PolicyError, match=r"there is no `office\.toml\.before-promotion`"):
        predecessor(office)
    beside.write_text(SHADOW)
    own = office.with_name("office.shadow.cases.toml")
    own.write_text(OWN)
    succeed(successor(office))
    for file in (beside, own):
        file.write_text("# mine")
        with pytest.raises(PolicyError, match=rf"{file.name}: this would be overwritten"):
            predecessor(office)
        file.unlink()
    kept = office.with_name("office.toml" + KEPT)
    kept.write_text(POLICY.replace('name = "office"', 'name = "hotel"'))
    with pytest.raises(PolicyError, match=r"before-promotion:3: site `hotel` is not `office`"):
        predecessor(office)
    kept.unlink()
    kept.mkdir()
    with pytest.raises(PolicyError, match="this is no file"):
        predecessor(office)


def test_cases_of_an_earlier_promotion_are_not_those_of_this_one(
    office: Path, beside: Path
) -> None:
    """They came from elsewhere; whoever went back would have to hold them."""
    cases = office.with_name("office.cases.toml")
    cases.write_text(CASES)
    succeed(successor(office))
    cases.unlink()
    beside.write_text(POLICY)
    succeed(successor(office))
    assert not cases.with_name(cases.name + KEPT).exists()
