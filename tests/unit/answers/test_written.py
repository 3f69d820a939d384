"""`written`: what is written otherwise is told field by field."""

from __future__ import annotations

from dataclasses import replace

from fastagi.answers.written import Setting, settings
from tests.unit.policy.samples import policy_of

WATCH = """
[[watch]]
name = "w"
sign = "new-country"
then = ["step-up"]
for = "{}"
"""
LIMIT = '[[limit]]\nname = "{}"\nper = "site"\ncalls = {}\n'


def _told(before: str, after: str, told: frozenset[str] = frozenset()) -> list[Setting]:
    return list(settings(policy_of(before), policy_of(after), told))


def test_what_is_the_same_is_not_told() -> None:
    """Wherever in the file it stands."""
    assert _told(LIMIT.format("l", 2), "\n\n" + LIMIT.format("l", 2)) == []


def test_terms_are_told_by_field() -> None:
    """As the policy names their tables."""
    assert Setting("lockout.wrong", "5", "3") in _told("", "[lockout]\nwrong = 3\n")
    assert _told("", '[challenge]\nwait = "9s"\n') == [Setting("challenge.wait_s", "7", "9")]
    (brake,) = _told("", '[brake]\nfor = "2h"\n')
    assert (brake.name, brake.before) == ("brake", "(none)")
    assert "international" in brake.after
    both = _told('[brake]\nfor = "2h"\n', '[brake]\nto = ["premium"]\nfor = "2h"\n')
    assert [(each.name, each.after) for each in both if each.name.endswith("text")] == [
        ("brake.to.text", "premium")
    ]


def test_watches_and_limits_are_told_by_name() -> None:
    """Of limits those that no call shows."""
    assert _told(WATCH.format("1h"), WATCH.format("2h")) == [
        Setting("watch.w.for_s", "3600", "7200")
    ]
    assert _told("", WATCH.format("2h")) == [Setting("watch.w", "(none)", "there")]
    assert _told(LIMIT.format("l", 1), LIMIT.format("l", 2)) == [
        Setting("limit.l.calls", "1", "2")
    ]
    assert _told(LIMIT.format("l", 1), LIMIT.format("l", 2), frozenset({"l"})) == []


def test_the_site_is_compared() -> None:
    """What is shown cannot act on a terminal."""
    before = policy_of()
    site = replace(before.site, languages=("en\x1b[31m",), emergency=("995",), region="")
    found = list(settings(before, replace(before, site=site), frozenset()))
    assert Setting("site.emergency", "(none)", "995") in found
    assert all("\x1b" not in each.after for each in found)
