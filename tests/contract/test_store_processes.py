"""What every store promises to several processes, and to those that die.

Each starts processes of its own, which takes most of its time. A longer race: set
`DIALGUARD_RACE_ROUNDS=2000` and let pytest run `-k racing` of this file, or see
`tests.contract.store_race_long`. More codes at two gates: `DIALGUARD_CLAIMS=10000`, `-k gates`.
"""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest

from fastagi.stores.store import Full, Taken
from tests.contract.store_claims import ENROLMENT, claim
from tests.contract.store_kinds import SITE, a_lease
from tests.contract.store_race import Event, false_refusal, over_admission, race
from tests.contract.store_race_long import SLOTS as LONG_SLOTS
from tests.contract.store_race_long import Seen, run, tally
from tests.contract.store_victim import holds

if TYPE_CHECKING:
    from collections.abc import Callable

    from fastagi.stores.store import Store

ROUNDS = int(os.environ.get("DIALGUARD_RACE_ROUNDS", "40"))
CLAIMS = int(os.environ.get("DIALGUARD_CLAIMS", "60"))
PROCESSES = 4
SLOTS = 5
MANY = 1_000_000


def test_racing_processes_never_share_a_slot(shared_url: str) -> None:
    """No moment has more calls than slots, and nobody is refused for nothing."""
    history = race(shared_url, processes=PROCESSES, slots=SLOTS, rounds=ROUNDS)
    assert over_admission(history, SLOTS) == ()
    assert false_refusal(history, SLOTS) is None
    assert "nothing" not in {event.answer for event in history}
    assert len(history) > PROCESSES * ROUNDS
    assert _turns(history) >= PROCESSES  # it was a race
    _assert_a_planted_fault_is_found(history)


def _turns(history: list[Event]) -> int:
    """Count how often one process got a slot just after another."""
    taken = sorted(
        (event for event in history if event.answer == "taken"), key=lambda event: event.answered
    )
    names = [event.call.partition("-")[0] for event in taken]
    return sum(one != other for one, other in pairwise(names))


def _assert_a_planted_fault_is_found(history: list[Event]) -> None:
    """The checkers find one call too many, and one too few, in this very history."""
    taken = next(event for event in history if event.answer == "taken")
    twins = [replace(taken, call=f"planted-{count}") for count in range(SLOTS)]
    assert any("planted" in call for call in over_admission([*history, *twins], SLOTS))
    early = Event(taken.asked - 2.0, taken.asked - 1.0, "take", "planted", "full")
    first = min(event.asked for event in history)
    early = replace(early, asked=first - 2.0, answered=first - 1.0)
    assert false_refusal([*history, early], SLOTS) == "planted"


@pytest.mark.parametrize(
    ("history", "over"),
    [
        ([], ()),
        ([Event(0, 1, "take", "a", "taken"), Event(0, 1, "take", "b", "full")], ()),
        ([Event(0, 1, "take", "a", "taken"), Event(0, 2, "take", "b", "taken")], ("a", "b")),
        (
            [
                Event(0, 1, "take", "a", "taken"),
                Event(1.5, 3, "release", "a", "freed"),
                Event(0, 2, "take", "b", "taken"),
            ],
            (),
        ),
    ],
    ids=["empty", "one", "two", "one after the other"],
)
def test_the_checker_finds_one_call_too_many(history: list[Event], over: tuple[str, ...]) -> None:
    """A call holds its slot from when it is told until it asks to release it."""
    assert over_admission(history, 1) == over


def test_the_checker_finds_a_refusal_for_nothing() -> None:
    """A refusal needs a moment, while it was asked, at which all slots may have been taken."""
    held = [Event(0, 1, "take", "a", "taken"), Event(5, 6, "release", "a", "freed")]
    for asked, answered, wrong in ((2, 3, None), (5.5, 9, None), (6.5, 9, "b")):
        refused = Event(asked, answered, "take", "b", "full")
        assert false_refusal([*held, refused], 1) == wrong
    for answer in ("taken", "unknown"):
        forever = Event(0, 1, "take", "a", answer)
        assert false_refusal([forever, Event(8, 9, "take", "b", "full")], 1) is None


@pytest.mark.parametrize("acknowledged", [1, 40, 200, 500])
async def test_what_was_acknowledged_outlives_a_kill(
    shared_url: str, opened: Callable[[str], Store], acknowledged: int
) -> None:
    """After kill -9 every acknowledged lease is there, and none has only one of its two slots."""
    told = _killed_after(shared_url, acknowledged)
    store = opened(shared_url)
    live = await store.live(SITE, 0.0)
    assert {lease.call for lease in live} >= set(told)
    assert all(lease.holds == holds(MANY) for lease in live)
    for hold in holds(len(live)):
        assert await store.take(a_lease("one-more", hold), 0.0) == Full(hold.limit, hold.key)
    for hold in holds(len(live) + 1):
        assert isinstance(await store.take(a_lease(hold.limit, hold), 0.0), Taken)


def _killed_after(url: str, acknowledged: int) -> list[str]:
    """Kill a process that takes slots in the midst of it; return the calls that it was told of."""
    victim = subprocess.Popen(
        [sys.executable, "-m", "tests.contract.store_victim", url, str(MANY)],
        stdout=subprocess.PIPE,
        text=True,
    )
    assert victim.stdout is not None
    told = [victim.stdout.readline().strip() for _ in range(acknowledged)]
    victim.kill()
    told += [line.strip() for line in victim.stdout if line.endswith("\n")]
    victim.wait()
    victim.stdout.close()
    return told


async def test_what_was_done_through_one_door_is_seen_through_another(
    shared_url: str, opened: Callable[[str], Store]
) -> None:
    """As soon as it is acknowledged."""
    one, other = opened(shared_url), opened(shared_url)
    for count in range(20):
        await one.take(a_lease(f"{count}"), 0.0)
        assert len(await other.live(SITE, 0.0)) == count + 1


async def test_a_code_keyed_at_two_gates_at_once_opens_one(
    shared_url: str, opened: Callable[[str], Store]
) -> None:
    """Whichever is first: each code is good once, and once it is good."""
    await opened(shared_url).enrol(SITE, ENROLMENT)
    answers = claim(shared_url, CLAIMS)
    assert len(answers) == CLAIMS
    assert ("True", "True") not in answers
    sure = [
        pair for pair in answers if "unknown" not in pair
    ]  # a busy machine is late now and then
    assert len(sure) > CLAIMS / 2
    assert [pair for pair in sure if sorted(pair) != ["False", "True"]] == []
    assert {one for one, _ in answers} == {"True", "False"}  # now one was first, now the other


def test_a_long_race_is_checked_as_it_goes(shared_url: str) -> None:
    """By the command that runs a million; here a few."""
    result, _ = run(shared_url, 40)
    assert result.over == 0
    assert 40 <= result.signs["+"] == result.signs["-"] - result.signs["?"]
    assert 0 < result.most <= LONG_SLOTS


def test_a_long_race_with_a_limit_too_wide_is_found_out(shared_url: str) -> None:
    """All processes but one take twice as many slots as there are."""
    result, _ = run(shared_url, 100, planted=LONG_SLOTS, held_s=0.02)
    assert result.over > 0
    assert result.most > LONG_SLOTS


def test_the_long_checker_counts_each_call_too_many() -> None:
    """What several processes tell is one story, in the order of its moments."""
    one = [Seen(1, True, "+", "a"), Seen(3, False, "=", "b"), Seen(4, False, "-", "a")]
    other = [Seen(2, True, "+", "c"), Seen(4, True, "+", "d"), Seen(5, True, "+", "e")]
    result = tally([one, other], 2)
    assert (result.over, result.most) == (1, 3)
    assert result.signs == {"+": 4, "-": 1, "=": 1}
    assert tally([one, other], 3).over == 0
