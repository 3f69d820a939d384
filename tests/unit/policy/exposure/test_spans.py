"""How long which hours can hold within a span."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from fastagi.policy.exposure.spans import DAYS, SPANS, Share, shares, stretches
from fastagi.policy.hours import holding, names_at
from tests.unit.policy.samples import policy_of

SINCE = datetime(2026, 1, 1, tzinfo=UTC)
HOUR, NIGHT, WEEKEND = SPANS
OPEN = frozenset({"office"})
SHUT: frozenset[str] = frozenset()
WATCH = """
[[limit]]
name = "burst"
per = "site"
attempts = 5
within = "1h"
"""
RULE = '[[rule]]\nname = "a"\nwhen = "{}"\nthen = "allow"\n'


def test_hours_that_nobody_asks_for_do_not_matter() -> None:
    """The whole span is one stretch."""
    found = stretches(policy_of('[[rule]]\nname = "a"\nthen = "allow"\n'), SINCE)
    assert len(found) == 1
    assert shares(found, NIGHT) == {SHUT: Share(NIGHT.seconds, 1)}


def test_opening_hours_are_found_whole_and_at_their_most() -> None:
    """Ten and a half hours of a night, two days of a weekend; and all of any span without them."""
    found = stretches(policy_of(RULE.format("office")), SINCE)
    assert shares(found, HOUR)[OPEN] == Share(3600, 1)
    assert shares(found, NIGHT) == {OPEN: Share(37_800, 1), SHUT: Share(NIGHT.seconds, 2)}
    week = shares(found, WEEKEND)
    assert week[OPEN] == Share(
        3 * 37_800, 3
    )  # Monday at eight, to Wednesday at eight in the evening
    assert week[SHUT].seconds == WEEKEND.seconds  # from Friday evening


def test_a_date_counts_wherever_in_the_year_it_is() -> None:
    """Where `closed` holds, nothing else does; Christmas Day has all of its hours."""
    found = stretches(policy_of(RULE.format("closed")), SINCE)
    closed = frozenset({"closed"})
    assert shares(found, WEEKEND)[closed] == Share(24 * 3600, 1)


def test_nights_and_weekends_are_found_though_nobody_wrote_them_down() -> None:
    """They begin and end by the clock and the calendar of the site."""
    policy = policy_of(RULE.format("night and not weekend and not over:burst") + WATCH)
    found = stretches(policy, SINCE)
    night = frozenset({"night"})
    assert shares(found, NIGHT)[night] == Share(8 * 3600, 1)
    # To six on Saturday, from ten to six on Sunday when the clock is set back, and from ten.
    assert shares(found, WEEKEND)[night | {"weekend"}] == Share((6 + 8 + 1 + 2) * 3600, 3)
    for each in found[:500]:
        for moment in (each.start, (each.start + each.end) // 2, each.end - 1):
            held = names_at(policy, datetime.fromtimestamp(moment, UTC))
            assert held & {"night", "weekend"} == each.names


def test_each_stretch_is_what_holds_in_it() -> None:
    """Every quarter of an hour of the year, both changes of the clock among them."""
    policy = policy_of(RULE.format("office"))
    found = iter(stretches(policy, SINCE))
    each = next(found)
    for quarter in range(DAYS * 96):
        at = SINCE + timedelta(minutes=15 * quarter)
        while each.end <= at.timestamp():
            each = next(found)
        held = holding(policy.hours, at, policy.site.timezone) & {"office"}
        assert each.names == held, at
