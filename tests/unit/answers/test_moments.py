"""`moments`: of every minute the cell is known, and words say which it is."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from fastagi.answers.moments import Cell, Slot, asked_for, cell_at, cells, in_words, names_of
from tests.unit.answers.samples import SITE
from tests.unit.policy.samples import policy_of

RULES = "".join(
    f'[[rule]]\nname = "{name}"\nwhen = "{name}"\nthen = "deny"\n'
    for name in ("office", "late", "closed", "night", "holiday")
)
POLICY = policy_of(RULES, site=SITE)
NEW_YORK = policy_of(RULES, site=SITE.replace("Europe/London", "America/New_York"))
SINCE = date(2026, 3, 1)
FIRST = datetime(2026, 3, 2, tzinfo=UTC)
ASKED = ((POLICY,), (POLICY, NEW_YORK))
CELLS = [cells(both, SINCE) for both in ASKED]


@given(
    st.integers(0, 1),
    st.integers(0, 360 * 24 * 60).map(lambda minute: FIRST + timedelta(minutes=minute)),
)
def test_every_minute_is_in_the_cell_of_what_holds(which: int, at: datetime) -> None:
    """And in no other; both changes of the clock among them."""
    both = ASKED[which]
    names = names_of(both, [asked_for(each) for each in both], at)
    found = [
        each.names
        for each in CELLS[which]
        if any(slot.start <= at.timestamp() < slot.end for slot in each.slots)
    ]
    assert found == [names] == [cell_at(both, at).names]


def test_changes_of_the_clock_and_far_dates_are_seen() -> None:
    """An hour that comes twice counts twice; a date in ten years is a cell's."""
    site = SITE.replace('closed = ["2026-12-25"]', 'closed = ["2036-12-25"]')
    policy = policy_of(RULES, site=site)
    found = {each.names[0]: each for each in cells([policy], SINCE)}
    closed = next(each for names, each in found.items() if "closed" in names)
    assert closed.moment(policy).year == 2036
    assert all(each.slots for each in found.values())


def test_only_what_is_asked_for_is_told_apart() -> None:
    """Without a `when` there is one cell, whose first moment is its example."""
    (only,) = cells([policy_of(site=SITE)], SINCE)
    assert only.names == (frozenset(),)
    assert only.moment(POLICY).date() == SINCE
    second = Cell((frozenset(),), [Slot(0, 1)])
    assert second.moment(POLICY).timestamp() == 0


def _words(rules: str, fits: str, other: str = "") -> str:
    policies = [policy_of(rules, site=SITE)] + ([policy_of(rules, site=other)] if other else [])
    every = cells(policies, SINCE)
    some = [each for each in every if fits in each.names[-1]]
    return in_words(some, every, policies[0])


OFFICE = '[[rule]]\nname = "a"\nwhen = "office"\nthen = "deny"\n'
BOTH = OFFICE + '[[rule]]\nname = "b"\nwhen = "night"\nthen = "deny"\n'


def test_a_name_that_tells_cells_is_said() -> None:
    """With its hours of an ordinary week."""
    assert _words(OFFICE, "office") == "when `office` (Mon-Fri 08:00-18:30)"
    every = cells([POLICY], SINCE)
    assert in_words(every, every, POLICY) == ""
    outside = [each for each in every if "office" not in each.names[0]]
    assert in_words(outside, every, POLICY).startswith("when not `office` (Mon-Fri 00:00-08:00, ")
    closed = [each for each in every if "closed" in each.names[0]]
    assert in_words(closed, every, POLICY) == "when `closed`"
    mixed = [each for each in every if each.names[0] in ({"office"}, {"night"})]
    assert in_words(mixed, every, POLICY) == "when `office` or `night`"


def test_policies_that_disagree_on_a_name_are_both_said() -> None:
    """As it was before, as it is after, or what each holds."""
    longer = SITE.replace("18:30", "19:00")
    assert _words(OFFICE, "office", longer) == "when `office` as it is after (Mon-Fri 08:00-19:00)"
    policies = [policy_of(OFFICE, site=each) for each in (SITE, longer)]
    every = cells(policies, SINCE)
    between = [each for each in every if each.names == (frozenset(), frozenset({"office"}))]
    words = in_words(between, every, policies[0])
    assert words == "when no hours before and `office` after (Mon-Fri 18:30-19:00)"
    assert between[0].slots[0].end - between[0].slots[0].start == timedelta(minutes=30).seconds


def test_days_are_joined_where_their_hours_are_the_same() -> None:
    """A night runs over the end of the week."""
    week = _words(BOTH, "night")
    assert week == "when `night` (Mon-Sun 00:00-06:00, Mon-Sun 22:00-24:00)"
    alternate = SITE.replace("Mon-Fri 08:00-18:30", "Mon,Wed,Thu 08:00-18:30")
    policy = policy_of(OFFICE, site=alternate)
    every = cells([policy], SINCE)
    office = [each for each in every if each.names[0]]
    assert in_words(office, every, policy) == "when `office` (Mon,Wed-Thu 08:00-18:30)"
