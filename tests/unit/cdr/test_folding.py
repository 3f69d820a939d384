"""One call of several rows."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from fastagi.cdr.folding import TOGETHER_S, folded
from fastagi.cdr.meaning import Attempt
from fastagi.cdr.past_call import PastCall
from fastagi.cdr.tally import Tally


def attempt(at: float, lasts_s: float, talked_s: float = 0, **more: Any) -> Attempt:
    """Return an attempt of 101, of one call."""
    usual: dict[str, Any] = {
        "file": 0,
        "row": 1,
        "extension": "101",
        "dialled": "902079460123",
        "call": "pbx-1.2",
        "channel": "PJSIP/101-0000002a",
        "node": "pbx",
        "trunk": "one",
        "address": "",
        "transport": "",
    }
    return Attempt(at=at, lasts_s=lasts_s, talked_s=talked_s, **(usual | more))


def fold(*attempts: Attempt) -> tuple[list[PastCall], Tally]:
    """Return the calls, and the counts."""
    tally = Tally()
    calls = folded([tuple(each) for each in attempts], tally, ["Master.csv"])
    return [PastCall._make(each) for each in calls], tally


def test_one_row_is_one_call() -> None:
    """It rings, and is talked."""
    calls, tally = fold(attempt(1000, 65, 60, row=17))
    assert calls == [
        PastCall(
            *(1000, "101", "902079460123", 5, 60, "pbx-1.2", "pbx", "one"), place="Master.csv:17"
        )
    ]
    assert (tally.calls, tally.folded) == (1, 0)


def test_the_next_trunk_is_the_same_call() -> None:
    """It rings from the first attempt on, and the trunk is the one that carried it."""
    calls, tally = fold(attempt(1000, 4), attempt(1004, 20, 12, trunk="two"))
    assert [(each.at, each.rings_s, each.talked_s, each.trunk) for each in calls] == [
        (1000, 12, 12, "two")
    ]
    assert (tally.calls, tally.folded) == (1, 1)


def test_nobody_answers_on_any_trunk() -> None:
    """The trunk is the last that was tried, and it rang until the end of that."""
    (call,) = fold(attempt(1000, 4), attempt(1004, 20, trunk="two"), attempt(1024, 0, trunk=""))[0]
    assert (call.rings_s, call.talked_s, call.trunk) == (24, 0, "two")


def test_forks_are_one_call() -> None:
    """Of those that ring at once, one is answered, whichever row comes first."""
    lost, won = attempt(1000, 8, trunk="a"), attempt(1000, 68, 60, trunk="b", row=2)
    for rows in ((lost, won), (won, lost)):
        (call,) = fold(*rows)[0]
        assert (call.rings_s, call.talked_s, call.trunk) == (8, 60, "b")


def test_dialled_twice() -> None:
    """Both were talked: from the first answer to the last end, by the trunk of the first."""
    (call,) = fold(attempt(1000, 6, 1), attempt(1006, 12, 10, trunk="two"))[0]
    assert (call.rings_s, call.talked_s, call.trunk) == (5, 13, "one")


def test_the_same_row_once_more() -> None:
    """`Master.csv` and the file of an account hold the same."""
    calls, tally = fold(attempt(1000, 65, 60), attempt(1000, 65, 60, row=2))
    assert [each.talked_s for each in calls] == [60]
    assert tally.folded == 1


def test_other_calls_stay_apart() -> None:
    """Another number, another call, another phone, or much later."""
    calls, tally = fold(
        attempt(1000, 5),
        attempt(1001, 5, dialled="112"),
        attempt(1002, 5, call="pbx-1.3"),
        attempt(1003, 5, extension="102"),
        attempt(1000 + TOGETHER_S + 1, 5),
    )
    assert [each.at for each in calls] == [1000, 1001, 1002, 1003, 1301]
    assert tally.folded == 0


def test_without_uniqueid_the_channel_tells() -> None:
    """And without both, each row is a call."""
    channel = [attempt(1000, 5, call=""), attempt(1005, 5, call="")]
    assert len(fold(*channel)[0]) == 1
    assert [each.call for each in fold(*channel)[0]] == [""]
    nothing = [attempt(1000, 5, call="", channel="", row=n) for n in (1, 2)]
    assert len(fold(*nothing)[0]) == 2


@given(
    st.lists(
        st.tuples(st.integers(0, 2_000), st.integers(0, 60), st.integers(0, 60), st.integers(0, 5))
    )
)
def test_no_row_is_lost(given_rows: list[tuple[int, int, int, int]]) -> None:
    """Each is a call or part of one; calls are in order; none is talked for longer than it was."""
    rows = [
        attempt(at, lasts + talked, talked, call=f"pbx-1.{call}", row=number)
        for number, (at, lasts, talked, call) in enumerate(sorted(given_rows))
    ]
    calls, tally = fold(*rows)
    assert tally.calls + tally.folded == len(rows)
    assert [each.at for each in calls] == sorted(each.at for each in calls)
    assert all(each.rings_s >= 0 and each.talked_s >= 0 for each in calls)
    assert bool(sum(row.talked_s for row in rows)) == bool(sum(each.talked_s for each in calls))
