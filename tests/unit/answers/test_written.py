"""`written`: what is written otherwise is told field by field."""

from __future__ import annotations

from dataclasses import replace

import pytest

from fastagi.answers.written import Setting, settings
from fastagi.rating.tariff import Tariff
from tests.unit.policy.samples import MINUTES, SITE, policy_of, priced

WATCH = """
[[watch]]
name = "w"
sign = "new-country"
then = ["step-up"]
for = "{}"
"""
RULE = '[[rule]]\nname = "r"\nthen = "{}"\n'
LIMIT = '[[limit]]\nname = "{}"\nper = "site"\ncalls = {}\n'


def _told(before: str, after: str, told: frozenset[str] = frozenset()) -> list[Setting]:
    return list(settings(policy_of(before), policy_of(after), told))


def test_what_is_the_same_is_not_told() -> None:
    """Wherever in the file it stands."""
    assert _told(LIMIT.format("l", 2), "\n\n" + LIMIT.format("l", 2)) == []


def test_terms_are_told_by_field() -> None:
    """As the policy names their tables."""
    assert Setting("lockout.wrong", "5", "3") in _told("", "[lockout]\nwrong = 3\n")
    assert _told("", '[challenge]\nwait = "9s"\n') == [Setting("challenge.wait", "7s", "9s")]
    (brake,) = _told("", '[brake]\nfor = "2h"\n')
    assert (brake.name, brake.before) == ("brake", "(none)")
    assert "international" in brake.after
    both = _told('[brake]\nfor = "2h"\n', '[brake]\nto = ["premium"]\nfor = "2h"\n')
    assert [(each.name, each.after) for each in both if each.name.endswith("to")] == [
        ("brake.to", "premium")
    ]


def test_watches_and_limits_are_told_by_name() -> None:
    """Of limits those that no call shows."""
    assert _told(WATCH.format("1h"), WATCH.format("2h")) == [Setting("watch.w.for", "1h", "2h")]
    assert _told("", WATCH.format("2h")) == [Setting("watch.w", "(none)", "there")]
    assert _told(LIMIT.format("l", 1), LIMIT.format("l", 2)) == [
        Setting("limit.l.calls", "1", "2")
    ]
    told = frozenset({"limit.l", "rule.r"})
    assert _told(LIMIT.format("l", 1), LIMIT.format("l", 2), told) == []
    assert _told("", WATCH.format("2h") + "shadow = true\n") == [
        Setting("watch.w", "(none)", "there, under `shadow`")
    ]
    over = '[[limit]]\nname = "l"\nper = "site"\nthen = "{}"\nattempts = 3\nwithin = "1h"\n'
    limit = _told(over.format("watch"), over.format("brake"), told)[-1]
    assert limit == Setting("limit.l.then", "watch", "brake")
    assert _told(RULE.format("pin"), RULE.format("totp")) == [
        Setting("rule.r.then", "pin", "totp")
    ]
    assert _told(RULE.format("pin"), RULE.format("totp"), told) == []


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        (
            'to = ["national"]',
            'from = ["staff"]',
            ["from: (none) → staff", "to: national → (none)"],
        ),
        ('to = ["mobile", "voip"]', 'to = ["voip", "mobile"]', []),
        ('when = "office"', 'when = "not office"', ["when: office → not office"]),
        ('network = ["floor"]', "", ["network: floor → (none)"]),
        ('transport = ["tls"]', 'transport = ["wss"]', ["transport: tls → wss"]),
    ],
)
def test_a_scope_is_told_by_its_keys(before: str, after: str, told: list[str]) -> None:
    """As the policy writes them, in whatever order."""
    found = _told(RULE.format("deny") + before, RULE.format("deny") + after)
    assert [
        f"{each.name.removeprefix('rule.r.')}: {each.before} → {each.after}" for each in found
    ] == told


def test_limits_are_told_as_they_are_written() -> None:
    """Amounts and times."""
    limit = '[[limit]]\nname = "l"\n{}\n'
    cheap, dear = (priced(limit.format(f'price = "{each}"'), {}) for each in ("1.00", "2.50"))
    assert list(settings(cheap, dear, frozenset())) == [Setting("limit.l.price", "1.00", "2.50")]
    budget = limit.format('per = "site"\nattempts = {}\nwithin = "1h"')
    assert _told(budget.format(3), budget.format(4)) == [
        Setting("limit.l.attempts", "3 attempts", "4 attempts")
    ]


def test_what_rules_are_made_of_is_told_by_name() -> None:
    """Classes, hours, networks: also where only the sign-in or the brake speaks of them."""
    changed = (
        SITE.replace("10X", "11X").replace("18:30", "19:00").replace("10.0.0.0/8", "10.0.0.0/9")
    ).replace('internal = ["11X"', 'internal = ["10X"')
    found = list(settings(policy_of(), policy_of(site=changed), frozenset()))
    assert found == [
        Setting("classes.staff", "10X", "11X"),
        Setting(
            "hours.office", "Mon,Tue,Wed,Thu,Fri 08:00-18:30", "Mon,Tue,Wed,Thu,Fri 08:00-19:00"
        ),
        Setting("networks.floor", "10.0.0.0/8", "10.0.0.0/9"),
    ]


def test_prices_are_told_also_where_no_call_shows_them_today() -> None:
    """The currency, the price of what is not listed, and that some of the sheet are others."""
    priced_so = priced("", {"39": MINUTES})
    assert priced_so.rates is not None
    free = Tariff(60, 0, 60, 0)
    others = priced("", {"39": free}).rates
    assert others is not None
    rates = replace(priced_so.rates, currency="EUR", unknown=free, sheet=others.sheet)
    assert list(settings(priced_so, replace(priced_so, rates=rates), frozenset())) == [
        Setting("rates.currency", "GBP", "EUR"),
        Setting("rates.unknown", "(none)", "0.00 a minute"),
        Setting("rates.file", "1 prices", "1 prices, some of them others"),
    ]
    assert list(settings(replace(priced_so, rates=None), priced_so, frozenset())) == [
        Setting("rates", "(none)", "in GBP")
    ]


def test_the_site_is_compared() -> None:
    """What is shown cannot act on a terminal."""
    before = policy_of()
    site = replace(before.site, languages=("en\x1b[31m",), emergency=("995",), region="")
    found = list(settings(before, replace(before, site=site), frozenset()))
    assert Setting("site.emergency", "(none)", "995") in found
    assert all("\x1b" not in each.after for each in found)
