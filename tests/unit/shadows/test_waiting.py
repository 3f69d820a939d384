"""Sites take turns in the line of shadows, and none fills it for others."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fastagi.shadows.waiting import Call, End, Job, Line, Longer

if TYPE_CHECKING:
    from fastagi.call.ports import Lived
    from fastagi.decision_log.record import Record
    from fastagi.policy.model import Policy


class _Known(NamedTuple):
    """As much of a call as the line looks at."""

    site: str
    call: str


def _call(site: str, call: str = "1") -> Call:
    known = _Known(site, call)
    return Call(cast("Policy", None), cast("Lived", known), cast("Record", known))


def _end(site: str, call: str = "1") -> End:
    return End(site, call, None, None, None, 0.0)


def test_sites_take_turns_and_each_its_own_in_order() -> None:
    """A call is judged before it ends."""
    line = Line(9)
    jobs: list[Job] = [
        _call("a"),
        _end("a"),
        Longer("a", "2", "", "", 60, 0.0, 0.0),
        _call("b"),
        _end("b"),
    ]
    assert [line.put(each) for each in jobs] == [None] * 5
    assert list(line) == jobs
    assert [line.take() for _ in jobs] == [jobs[at] for at in (0, 3, 1, 4, 2)]
    assert (len(line), list(line)) == (0, [])
    with pytest.raises(KeyError):
        line.take()


def test_who_floods_the_line_loses_their_own() -> None:
    """The newest; ends of another site find their place, all of them."""
    line = Line(2000)
    flood = [_call("a", str(each)) for each in range(2000)]
    assert [line.put(each) for each in flood] == [None] * 2000
    assert line.put(_call("a", "one more")) == _call("a", "one more")
    ends = [_end("b", str(each)) for each in range(10)]
    assert [line.put(each) for each in ends] == flood[:-11:-1]
    assert [line.take() for _ in range(4)] == [flood[0], ends[0], flood[1], ends[1]]


def test_ends_stay_before_calls() -> None:
    """A site's own end takes its newest call's place; where it has none, what is newest goes."""
    line = Line(3)
    for each in (_call("a", "1"), _end("a", "1"), _call("a", "2")):
        line.put(each)
    assert line.put(_end("a", "2")) == _call("a", "2")
    assert line.put(_call("a", "3")) == _call("a", "3")
    assert line.put(_end("a", "3")) == _call("a", "1")
    assert line.put(_end("a", "4")) == _end("a", "4")
    assert line.put(_call("b")) == _end("a", "3")
    assert [line.take() for _ in range(3)] == [_end("a", "1"), _call("b"), _end("a", "2")]


def test_of_as_many_the_last_to_come_loses() -> None:
    """Nobody's place is taken by one who would then have more than they have."""
    line = Line(3)
    for each in (_end("a"), _end("b"), _end("b", "2")):
        line.put(each)
    assert line.put(_call("a")) == _call("a")
    line = Line(1)
    line.put(_end("a"))
    assert line.put(_call("b")) == _call("b")
    assert list(line) == [_end("a")]


@given(
    st.integers(1, 8),
    st.lists(st.one_of(st.none(), st.tuples(st.sampled_from("abc"), st.booleans())), max_size=60),
)
def test_what_comes_is_taken_or_dropped_once(
    most: int, steps: list[tuple[str, bool] | None]
) -> None:
    """The line is bounded; of each site what stays is taken in the order in which it came."""
    line = Line(most)
    came: list[Call | End] = []
    dropped, taken = [], []
    for count, step in enumerate(steps):
        if step is None:
            if len(line):
                taken.append(line.take())
            continue
        site, is_call = step
        job = (_call if is_call else _end)(site, str(count))
        came.append(job)
        dropped.append(line.put(job))
        assert len(line) == len(list(line)) <= most
    while len(line):
        taken.append(line.take())
    lost = [each for each in dropped if each is not None]
    assert len(taken) + len(lost) == len(came)
    for site in "abc":
        stayed = [each for each in came if each.site == site and each not in lost]
        assert [each for each in taken if each.site == site] == stayed


def test_whose_end_waits() -> None:
    """Of all numbers and nodes of a call, or of one; not that of another site."""
    line = Line(9)
    line.put(_call("a", "1"))
    line.put(_end("a", "2"))
    line.put(End("a", "3", "+44", "n", None, 0.0))
    ends = [line.has_end(*each, "+44", "n") for each in (("a", "1"), ("a", "2"), ("a", "3"))]
    assert ends == [False, True, True]
    assert not line.has_end("b", "2", "+44", "n")
    assert not line.has_end("a", "3", "+39", "n")
    assert not line.has_end("a", "3", "+44", "m")
