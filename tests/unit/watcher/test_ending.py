"""Which legs are hung up, and what of it is told."""

from __future__ import annotations

import pytest

from fastagi.errors import LinkError
from fastagi.watcher.channels import Channels
from fastagi.watcher.ending import Wanted, end, legs_of, of_leases
from fastagi.watcher.link import connected
from tests.doubles.manager import Manager
from tests.unit.watcher.samples import CALLER, NODE, NUMBER, lease, row
from tests.unit.watcher.test_link import login_of


def channels() -> Channels:
    """Return two legs of one call, one of another site's, and a channel that is none."""
    up = Channels()
    up.list(
        [
            row("1", "PJSIP/my-trunk-00000001"),
            row("2", "PJSIP/my-trunk-00000002", f"{CALLER}:112:office"),
            row("3", "PJSIP/my-trunk-00000003", f"other:{NUMBER}:branch"),
            row("4", "PJSIP/101-00000004", "(null)"),
        ],
        0.0,
    )
    return up


@pytest.mark.parametrize(
    ("wanted", "legs"),
    [
        ([Wanted(CALLER)], ["1", "2"]),
        ([Wanted(CALLER, NUMBER)], ["1"]),
        ([Wanted(CALLER, None, "office"), Wanted(CALLER)], ["1", "2"]),
        ([Wanted("other", None, "office")], []),
        ([Wanted("other", None, "branch")], ["3"]),
        ([Wanted("4")], []),
        ([], []),
    ],
)
def test_exactly_the_legs_that_are_named_are_found(wanted: list[Wanted], legs: list[str]) -> None:
    """Each once; never the caller's own channel."""
    assert [each.uniqueid for each in legs_of(wanted, channels())] == legs


def test_a_node_ends_the_calls_of_its_own_leases() -> None:
    """Another Asterisk may have a call of the same name."""
    wanted = of_leases([lease(), lease("x", node="other")], NODE)
    assert wanted == [Wanted(CALLER, NUMBER, "office")]


async def test_what_is_gone_already_is_not_told_of() -> None:
    """It ended by itself."""
    async with Manager() as manager, connected(login_of(manager)) as link:
        manager.gone.add("1")
        ended = await end(link, legs_of([Wanted(CALLER)], channels()))
        assert [each.uniqueid for each in ended] == ["2"]


async def test_a_link_that_is_lost_is_told_of() -> None:
    """Nobody may think that the call was ended."""
    async with Manager() as manager, connected(login_of(manager)) as link:
        manager.drop()
        await link.lost.wait()
        with pytest.raises(LinkError):
            await end(link, legs_of([Wanted(CALLER)], channels()))
