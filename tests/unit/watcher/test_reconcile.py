"""What is released, renewed and bounded, where leases and channels disagree."""

from __future__ import annotations

import pytest

from fastagi.watcher.channels import Channels
from fastagi.watcher.reconcile import ending, unbounded, void
from tests.unit.watcher.samples import CALLER, NODE, lease, row

UP = [row()]


def listed(rows: list[dict[str, str]]) -> Channels:
    """Return the channels of a list."""
    channels = Channels()
    channels.list(rows, 0.0)
    return channels


def test_a_lease_without_a_call_is_void() -> None:
    """Neither its caller nor a leg of it is up."""
    found = [lease("gone"), lease()]
    assert void(found, listed(UP), NODE, 2000.0) == [lease("gone")]


@pytest.mark.parametrize(
    "kept",
    [
        lease("gone", since=1995.1),  # taken about when the list was asked for
        lease("gone", since=2001.0),  # or after it
        lease("gone", node="other"),  # of another Asterisk, whose channels are not on it
        lease("caller"),  # whose caller is up
        lease(),  # or a leg of it
    ],
)
def test_no_other_lease_is(kept: object) -> None:
    """A slot too many is cheaper than a call too many."""
    channels = listed([*UP, row("caller", "PJSIP/101-00000000", "(null)")])
    assert void([kept], channels, NODE, 2000.0) == []  # type: ignore[list-item]


def test_a_lease_that_ends_before_its_call_is_renewed() -> None:
    """Only while the leg to that number is up, at this Asterisk."""
    soon = lease(expires=2100.0)
    others = [lease("gone", expires=2100.0), lease(), lease(node="other", expires=2100.0)]
    others.append(lease(number="+4412", expires=2100.0))
    assert ending([soon, *others], listed(UP), NODE, 2000.0) == [soon]


@pytest.mark.parametrize(
    ("leases", "left_s"),
    [
        ([lease(since=1000.0, seconds=1500)], 500),
        ([lease(since=1000.0, seconds=900)], 0),
        ([lease(node="other")], 0),
        ([], 0),
    ],
)
def test_a_leg_that_lost_its_bound_gets_what_its_lease_leaves(
    leases: list[object], left_s: int
) -> None:
    """Or nothing, where there is none."""
    channels = listed([row(until="0")])
    found = unbounded(channels, leases, NODE, 2000.0, lambda _: False)  # type: ignore[arg-type]
    assert [(each.leg.uniqueid, each.left_s) for each in found] == [("pbx-1.1", left_s)]


def test_a_leg_that_is_bounded_or_needs_no_bound_is_left_alone() -> None:
    """As an emergency call that went through the gate."""
    assert unbounded(listed(UP), [], NODE, 2000.0, lambda _: False) == []
    assert unbounded(listed([row(until="?")]), [], NODE, 2000.0, lambda _: False) == []
    free = listed([row(until="0")])
    assert unbounded(free, [], NODE, 2000.0, lambda mark: mark.call == CALLER) == []
