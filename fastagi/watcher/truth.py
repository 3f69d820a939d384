"""What is so, by Asterisk's own answers, and not by events: callers can forge those."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from fastagi.errors import LinkError
from fastagi.watcher.channels import MARK, read_mark
from fastagi.watcher.dialled import read_uri

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from fastagi.watcher.channels import Channel, Mark
    from fastagi.watcher.dialled import Dialled
    from fastagi.watcher.link import Link

ENDPOINT: Final = "CHANNEL(endpoint)"
URI: Final = "CHANNEL(pjsip,remote_uri)"
STATE: Final = "CHANNEL(state)"


@dataclass(frozen=True, slots=True)
class Leg:
    """A channel that is up.

    Attributes:
        mark: Whose trunk leg it is, if it was asked about; the rest is empty then.
        endpoint: Whose PJSIP channel it is; empty where Asterisk does not tell.
        dialled: Where its INVITE went; None where Asterisk does not tell.
        is_down: Whether nothing was heard from there so far.
    """

    mark: Mark | None
    endpoint: str = ""
    dialled: Dialled | None = None
    is_down: bool = False


async def leg_of(link: Link, uniqueid: str) -> Leg | None:
    """Return what a channel is; None where it is not up.

    Raises:
        LinkError: Asterisk does not tell whether it has a mark.
    """
    written = await link.variable(uniqueid, MARK)
    if written is None:
        return None
    mark = read_mark(written)
    if mark is not None:
        return Leg(mark)
    names = (ENDPOINT, URI, STATE)
    endpoint, uri, state = await asyncio.gather(*(_told(link, uniqueid, each) for each in names))
    return Leg(None, endpoint, read_uri(uri) if uri else None, state == "Down")


async def up(link: Link, uniqueids: Iterable[str]) -> Sequence[str]:
    """Return which channels are up.

    Raises:
        LinkError: Asterisk does not tell.
    """
    return [each for each in uniqueids if await link.variable(each, MARK) is not None]


async def marked(link: Link, legs: Iterable[Channel]) -> Sequence[Channel]:
    """Return the legs that have the very mark that was heard of.

    Raises:
        LinkError: Asterisk does not tell.
    """
    return [
        each
        for each in legs
        if each.mark is not None
        and read_mark(await link.variable(each.uniqueid, MARK) or "") == each.mark
    ]


async def _told(link: Link, uniqueid: str, name: str) -> str:
    """Return what Asterisk tells; empty where it does not."""
    try:
        return await link.variable(uniqueid, name) or ""
    except LinkError:
        if link.lost.is_set():
            raise
        return ""
