"""Hanging up the trunk legs of calls at each Asterisk of the settings, for whoever asks.

A link is made for it and closed after: it is done now and then, by a person.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias

from fastagi.errors import LinkError
from fastagi.watcher.channels import MARK, Channels
from fastagi.watcher.ending import Wanted, end, legs_of
from fastagi.watcher.link import connected

if TYPE_CHECKING:
    from fastagi.watcher.link import Login

WantedOf: TypeAlias = Callable[[str], Sequence[Wanted]]
"""What is to end at an Asterisk, by its node."""


@dataclass(frozen=True, slots=True)
class Ended:
    """A trunk leg that was hung up."""

    node: str
    channel: str
    call: str
    number: str

    @property
    def words(self) -> str:
        """Say it."""
        return f"ended `{self.channel}`: call `{self.call}` to `{self.number}`"


async def end_calls(logins: Sequence[Login], wanted_of: WantedOf) -> Sequence[Ended]:
    """Hang up what is wanted, one Asterisk after the other; return what was up and is ended.

    Raises:
        DialguardError: An Asterisk is away or says no, or its secret cannot be read.
    """
    found: list[Ended] = []
    for login in logins:
        if wanted := wanted_of(login.node):
            found += await _end_at(login, wanted)
    return found


async def _end_at(login: Login, wanted: Sequence[Wanted]) -> Sequence[Ended]:
    async with connected(login) as link:
        channels = Channels()
        channels.list((await link.channels(MARK)).rows, 0.0)
        return [
            Ended(login.node, leg.name, leg.mark.call, leg.mark.number)
            for leg in await end(link, legs_of(wanted, channels))
            if leg.mark is not None
        ]


@dataclass(frozen=True, slots=True)
class CallEnder:
    """Ends one call at a time, for the console (`console.operators.ports.EndCall`)."""

    logins: Sequence[Login]
    _turn: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def __call__(self, site: str, call: str, number: str, node: str) -> Sequence[str]:
        """See `EndCall`."""
        if all(each.node != node for each in self.logins):
            raise LinkError(f"no `[ami]` of the settings is of node `{node}`")
        wanted = [Wanted(call, number, site)]
        async with self._turn:
            ended = await end_calls(self.logins, lambda at: wanted if at == node else ())
        return [each.channel for each in ended]
