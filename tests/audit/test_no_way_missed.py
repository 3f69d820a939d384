"""The audit held against the walker: what a call reaches without leave, the audit has found.

`SEEDS=20000 pytest tests/audit/test_no_way_missed.py` tries so many dialplans more.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Final

from hypothesis import given

from fastagi.audit.finding import Kind
from fastagi.audit.ways.find import find_ways
from tests.audit.generated import DEVICES, Example, example, examples
from tests.audit.walker import walk

if TYPE_CHECKING:
    from fastagi.audit.finding import Finding
    from fastagi.audit.place import Place
    from tests.audit.calls import Reached

SEEDS: Final = range(int(os.environ.get("SEEDS", "150")))


def _tells_of(finding: Finding, place: Place) -> bool:
    return place == finding.place or any(place == hop.place for hop in finding.way)


def _missed(one: Example) -> list[tuple[str, Reached]]:
    """Return what calls reach without leave, and no finding's way comes by."""
    found = find_ways(one.plan, one.entries, DEVICES).findings
    return [
        (f"{call}", reached)
        for call in one.calls
        for reached in walk(one.plan, DEVICES, call).ungated
        if not any(_tells_of(finding, reached.place) for finding in found)
    ]


@given(examples())
def test_what_a_call_reaches_without_leave_is_found(one: Example) -> None:
    """Whatever dialplan, and whatever call on it."""
    assert _missed(one) == []


def test_nothing_is_missed_in_many_more() -> None:
    """The same by seeds, which is quicker; and such calls there are."""
    reached = 0
    for seed in SEEDS:
        one = example(seed)
        reached += sum(len(walk(one.plan, DEVICES, call).ungated) for call in one.calls)
        assert _missed(one) == [], f"seed {seed}:\n{one.text}"
    assert reached > len(SEEDS) / 10


def test_a_dialplan_without_findings_lets_nothing_pass() -> None:
    """The other direction: no ungated way found, and no call gets to an ungated trunk."""
    sound = 0
    for seed in SEEDS:
        one = example(seed)
        kinds = {each.kind for each in find_ways(one.plan, one.entries, DEVICES).findings}
        if kinds & {Kind.UNGATED, Kind.UNCHECKED, Kind.STALE, Kind.OTHER_DIGITS, Kind.UNBOUND}:
            continue
        walks = [walk(one.plan, DEVICES, call) for call in one.calls]
        assert [each.ungated for each in walks if each.ungated] == [], f"seed {seed}:\n{one.text}"
        sound += any(each.reached for each in walks)
    assert sound > len(SEEDS) / 200
