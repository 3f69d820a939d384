"""What Asterisk answers of channels."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from fastagi.errors import LinkError
from fastagi.watcher.channels import MARK, Channel, read_mark
from fastagi.watcher.dialled import Dialled
from fastagi.watcher.link import connected
from fastagi.watcher.truth import ENDPOINT, STATE, URI, Leg, leg_of, marked, up
from tests.doubles.manager import Manager
from tests.unit.watcher.samples import MARKED
from tests.unit.watcher.test_link import login_of

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from fastagi.watcher.link import Link


@pytest.fixture
async def manager() -> AsyncIterator[Manager]:
    """An Asterisk with a marked leg, one that is not, and one of which nothing is told."""
    async with Manager() as playing:
        playing.up = {
            "1": {MARK: MARKED},
            "2": {ENDPOINT: "my-trunk", URI: "<sip:112@host>", STATE: "Down"},
            "3": {},
        }
        yield playing


@pytest.fixture
async def link(manager: Manager) -> AsyncIterator[Link]:
    """A link to it."""
    async with connected(login_of(manager)) as linked:
        yield linked


async def test_a_leg_is_what_asterisk_says(link: Link, manager: Manager) -> None:
    """Of a marked one nothing else is asked."""
    assert await leg_of(link, "1") == Leg(read_mark(MARKED))
    assert len(manager.asked("Getvar")) == 1
    assert await leg_of(link, "2") == Leg(None, "my-trunk", Dialled("112", plain=True), True)
    assert await leg_of(link, "3") == Leg(None)
    assert await leg_of(link, "4") is None


async def test_what_asterisk_does_not_tell_is_not_known(link: Link, manager: Manager) -> None:
    """A function that it lacks; but whether there is a mark must be known."""
    manager.untold.update({ENDPOINT, URI, STATE})
    assert await leg_of(link, "2") == Leg(None)
    manager.untold.add(MARK)
    with pytest.raises(LinkError, match="does not tell"):
        await leg_of(link, "2")


async def test_a_link_that_is_lost_tells_nothing(link: Link, manager: Manager) -> None:
    """That is not the same as having no mark."""
    manager.drops_at = ENDPOINT
    with pytest.raises(LinkError, match="lost"):
        await leg_of(link, "2")


async def test_who_is_up_is_told(link: Link) -> None:
    """Marked or not."""
    assert await up(link, ["1", "3", "4"]) == ["1", "3"]


async def test_a_leg_is_marked_only_if_asterisk_says_so(link: Link) -> None:
    """And as it was heard of."""

    def leg(uniqueid: str, mark: str = MARKED) -> Channel:
        made = Channel(uniqueid, "x", 0.0, outgoing=True, born=True)
        made.mark = read_mark(mark)
        return made

    true = leg("1")
    found = await marked(link, [true, leg("1", "other:1:"), leg("1", ""), leg("2"), leg("4")])
    assert found == [true]
