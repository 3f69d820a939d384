"""Hanging up live calls, by their marks: exactly these legs, and nothing else."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING

from fastagi.errors import LinkError

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from fastagi.stores.store import Lease
    from fastagi.watcher.channels import Channel, Channels
    from fastagi.watcher.link import Link


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which calls are to end.

    Attributes:
        call: The `uniqueid` of the caller.
        number: Only the legs to this number; all of the call where it is None.
        site: Only legs of this site; those of every site where it is None. A leg of a dialplan
            with one policy names none, and is of every site.
    """

    call: str
    number: str | None = None
    site: str | None = None


def of_leases(leases: Sequence[Lease], node: str) -> Sequence[Wanted]:
    """Return what is to end for leases to end that one Asterisk holds."""
    return [Wanted(each.call, each.number, each.site) for each in leases if each.node == node]


def legs_of(wanted: Collection[Wanted], channels: Channels) -> Sequence[Channel]:
    """Return the legs of the calls that are to end, each once."""
    found = {
        leg.uniqueid: leg
        for each in wanted
        for leg in channels.legs(each.call, each.number)
        if leg.mark is not None and (each.site is None or leg.mark.site in {"", each.site})
    }
    return list(found.values())


async def end(link: Link, legs: Sequence[Channel]) -> Sequence[Channel]:
    """Hang the legs up, side by side; return those that were up and are ended.

    By their `uniqueid`: another channel may have got the name by now.

    Raises:
        LinkError: The link is lost.
    """
    hung_up = await asyncio.gather(
        *(link.hang_up(each.uniqueid) for each in legs), return_exceptions=True
    )
    for said in hung_up:
        if isinstance(said, BaseException) and (
            link.lost.is_set() or not isinstance(said, LinkError)
        ):
            raise said
    return [leg for leg, said in zip(legs, hung_up, strict=True) if said is None]
