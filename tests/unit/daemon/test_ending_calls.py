"""Hanging calls up at each Asterisk, for whoever asks."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from fastagi.daemon.ending_calls import CallEnder, end_calls
from fastagi.errors import LinkError
from fastagi.watcher.ending import Wanted
from fastagi.watcher.link import Login
from tests.doubles.manager import in_a_thread
from tests.unit.watcher.samples import row

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.doubles.manager import Manager

ROME = "+390612345678"


@pytest.fixture
def manager() -> Iterator[Manager]:
    """An Asterisk at which two legs are up."""
    with in_a_thread() as playing:
        playing.rows = [
            row("1.3", "PJSIP/my-trunk-00000001", f"1.2:{ROME}:office"),
            row("9.1", "PJSIP/my-trunk-00000002", f"9.0:{ROME}:office"),
        ]
        yield playing


def login(manager: Manager, node: str = "pbx") -> Login:
    """Return how to log in there."""
    return Login(node, "127.0.0.1", manager.port, "dialguard", lambda: manager.secret)


async def test_what_is_wanted_is_ended_and_told(manager: Manager) -> None:
    """At the Asterisk where it is wanted, and nothing else."""
    ended = await end_calls(
        [login(manager), login(manager, "away")],
        lambda node: [Wanted("1.2")] if node == "pbx" else [],
    )
    assert [each.words for each in ended] == [
        f"ended `PJSIP/my-trunk-00000001`: call `1.2` to `{ROME}`"
    ]
    assert [each["Channel"] for each in manager.asked("Hangup")] == ["1.3"]


async def test_the_console_ends_one_call_at_one_asterisk(manager: Manager) -> None:
    """Of that site; another's of the same name stays up."""
    ender = CallEnder([login(manager)])
    assert await ender("branch", "1.2", ROME, "pbx") == []
    assert await ender("office", "1.2", ROME, "pbx") == ["PJSIP/my-trunk-00000001"]


async def test_an_asterisk_that_is_not_ours_is_told(manager: Manager) -> None:
    """Its node is in no `[ami]`: nothing is asked of any other."""
    with pytest.raises(LinkError, match="no `\\[ami\\]` of the settings is of node `other`"):
        await CallEnder([login(manager)])("office", "1.2", ROME, "other")
    assert manager.asked("Hangup") == []
