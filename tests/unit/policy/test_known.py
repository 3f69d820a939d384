"""`known`: what may be known of a call is written as a case writes it."""

from __future__ import annotations

from pathlib import Path

from fastagi.policy.case_differences import misnamed, used_before
from fastagi.policy.case_file import read_cases
from fastagi.policy.known import Known, what_may_be_known
from fastagi.policy.model import Facts, Stage
from fastagi.policy.mutants import Mutant, deletions
from tests.unit.policy.samples import policy_of, priced

POLICY = priced(
    """
[[rule]]
name = "many"
when = "over:day"
to = ["first-time-country", "first-time-number"]
then = "pin"
[[limit]]
name = "day"
per = "extension"
calls = 3
spend = "20.50"
minutes = 60
attempts = 5
within = "24h"
[[watch]]
name = "guessed"
sign = "guessing"
then = ["step-up"]
[brake]
for = "1h"
[honeypot]
extensions = ["299"]
""",
    {},
)


def _mutant(what: str) -> Mutant:
    return next(each for each in deletions(POLICY) if each.what == what)


def _known(what: str) -> list[Known]:
    return list(what_may_be_known(POLICY, _mutant(what)))


def _texts(what: str) -> list[str]:
    return [", ".join(each.texts) for each in _known(what)]


def test_all_of_a_limit_is_used_of_each_thing_that_it_counts() -> None:
    """As much as it gives, in the words of cases."""
    texts = _texts("delete limit `day`")
    for used in ("calls = 3", 'spend = "20.50"', "minutes = 60", "attempts = 5"):
        assert f"used = {{ day = {{ {used} }} }}" in texts
        assert f'shown = ["pin", "totp"], used = {{ day = {{ {used} }} }}' in texts


def test_what_a_part_hangs_on_is_known() -> None:
    """By name."""
    assert 'watched = ["guessed"]' in _texts("delete watch `guessed`")
    assert 'braked = "site"' in _texts("delete the brake")
    assert 'over = ["day"]' in _texts("delete rule `many`")
    assert _texts("delete `extensions` of the honeypot")[0] == ""


def test_what_is_new_is_known_where_it_matters() -> None:
    """And else is not written."""
    new = 'first_time_country = true, novel = ["first-time-number"]'
    assert _texts("delete rule `many`")[-2:] == ["first_time_country = true", new]
    plain = policy_of('[[rule]]\nname = "x"\nthen = "allow"\n')
    (mutant,) = deletions(plain)
    assert len(list(what_may_be_known(plain, mutant))) == 3


def test_what_is_written_is_what_is_known() -> None:
    """Each text is read back as a case, and comes to the same."""
    for mutant in deletions(POLICY):
        for known in what_may_be_known(POLICY, mutant):
            given = "".join(f", {each}" for each in known.texts)
            text = (
                '[[case]]\nname = "c"\nexpect = { verdict = "deny", rule = "none" }\n'
                f'call = {{ from = "101", dial = "9", at = "2026-01-05T10:10:00"{given} }}\n'
            )
            (case,) = read_cases(text, Path("p.cases.toml")).cases
            assert list(misnamed(POLICY, case)) == []
            assert used_before(case.call.used) == dict(known.used)
            assert known.facts == Facts(
                shown=frozenset(case.call.shown),
                signed_in=case.call.signed_in,
                known_country=not case.call.first_time_country,
                novel=frozenset(case.call.novel),
                over=frozenset(case.call.over),
                braked=Stage.SITE if case.call.braked else None,
                watched=frozenset(case.call.watched),
            )
