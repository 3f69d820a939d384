"""The calls that a policy was learnt from, held against it."""

from __future__ import annotations

from pathlib import Path

from fastagi.cdr.past_call import PastCall
from fastagi.learning.trial import Cost, Trial, try_out
from fastagi.policy.loading import load_text

ROOT = Path(__file__).parents[3]
POLICY = load_text(
    (ROOT / "policies" / "office.toml").read_text(), ROOT / "policies" / "office.toml"
)
HOME, ROME, NOWHERE = "902079460000", "900390612345678", "90"
FREE = "908001234567"


def _calls(*dialled: str, talked_s: int = 60) -> list[PastCall]:
    monday = 1_767_607_800.0  # 2026-01-05 10:10 in London
    return [
        PastCall(monday + 3600 * place, "101", each, 5.0, talked_s)
        for place, each in enumerate(dialled)
    ]


def test_honest_people_key_what_they_are_asked_for() -> None:
    """And what is no number was never a call."""
    trial = try_out(POLICY, _calls(HOME, ROME, NOWHERE), ())
    assert (trial.honest, trial.asked, dict(trial.refused)) == (2, 1, {})
    assert [each.extension for each in trial.costs] == ["101", "101"]
    assert trial.costs[1].amount > trial.costs[0].amount


def test_a_thief_has_no_code() -> None:
    """What needs none, he gets; it is said for how long."""
    trial = try_out(POLICY, _calls(HOME, ROME), {0, 1})
    assert (trial.honest, trial.attack, trial.stopped) == (0, 2, 1)
    assert (trial.attack_s, trial.let_through_s) == (120, 60)


def test_who_refuses_is_counted() -> None:
    """By its name in the policy."""
    trial = try_out(POLICY, _calls("909098790000", HOME), ())
    assert trial.refused == {"pays-the-caller": 1}
    assert trial.share_refused == 0.5
    assert Trial().share_refused == 0


def test_a_long_call_that_costs_nothing_is_settled() -> None:
    """Its window of money is empty for longer than such are kept."""
    calls = _calls(FREE, talked_s=3 * 3600)
    calls += [PastCall(calls[0].at + 60 * each, "102", HOME, 1.0, 1) for each in range(1, 170)]
    trial = try_out(POLICY, calls, ())
    assert dict(trial.refused) == {}
    assert {each.extension for each in trial.costs} == {"102"}
    assert trial.costs[0] == Cost(calls[1].at, "102", trial.costs[0].amount)
