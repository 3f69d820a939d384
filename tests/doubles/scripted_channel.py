"""A caller's channel that follows a script: no socket, no Asterisk, no clock.

channel = ScriptedChannel(["4711#", Does.NOTHING, Does.HANG_UP])
await Gate(...).answer(question, channel)
assert channel.told[Variable.VERDICT] == "DENY"
"""

from __future__ import annotations

from enum import Enum, auto
from typing import TYPE_CHECKING, TypeAlias

from fastagi.call.channel import Keyed, Variable
from fastagi.errors import ChannelGone, ChannelSilent

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


class Does(Enum):
    """What a caller does at a prompt instead of keying digits."""

    NOTHING = auto()
    """Is silent until the prompt is given up."""
    HANG_UP = auto()
    LOSE = auto()
    """The connection to Asterisk is lost."""
    FREEZE = auto()
    """Asterisk does not answer in time."""


Act: TypeAlias = str | Does
"""What the caller keys (`4711#`; without `#` it times out, unless that was all), or does."""


def keyed(act: str, most: int) -> Keyed:
    """Return what comes of keying `act` at a prompt for up to `most` digits."""
    digits, ended, _ = act.partition("#")
    return Keyed(digits[:most], timed_out=not ended and len(digits) < most)


class ScriptedChannel:
    """Implements `fastagi.call.channel.Channel`, and remembers everything.

    Attributes:
        steps: The names of the methods called, in order.
        answered: Whether the channel was answered.
        progressed: Whether early media was offered.
        bounds: What `bound` was given, in order.
        heard: The sounds of each question, in order.
        told: The variables set in the end; empty when nothing was told.
        tellings: How often something was told; more than once is a fault.
        hung_up: Whether the caller hung up; a test may set it, with `dies_at`.
    """

    def __init__(
        self,
        acts: Sequence[Act] = (),
        *,
        dies_at: int | None = None,
        dies_after: int | None = None,
    ) -> None:
        """Make a channel.

        Args:
            acts: One a question, in order; who is asked more often than that is silent.
            dies_at: The step, from 0, at which the channel is gone before anything happens.
            dies_after: The step at which it is lost when all has happened: Asterisk heard, but
                whoever spoke does not know it.
        """
        self._acts = list(acts)
        self._dies_at = dies_at
        self._dies_after = dies_after
        self._gone = False
        self.steps: list[str] = []
        self.answered = False
        self.progressed = False
        self.bounds: list[int] = []
        self.heard: list[tuple[str, ...]] = []
        self.told: dict[Variable, str] = {}
        self.tellings = 0
        self.hung_up = False

    async def answer(self) -> None:
        """Note that the channel was answered."""
        self._step("answer")
        self.answered = True
        self._stepped()

    async def progress(self) -> None:
        """Note that early media was offered."""
        self._step("progress")
        self.progressed = True
        self._stepped()

    async def bound(self, seconds: int) -> None:
        """Note the bound."""
        self._step("bound")
        self.bounds.append(seconds)
        self._stepped()

    async def ask(self, sounds: Sequence[str], *, wait_s: int, most: int) -> Keyed:
        """Note the sounds and do what the script says."""
        self._step("ask")
        self.heard.append(tuple(sounds))
        self._stepped()
        match self._acts.pop(0) if self._acts else Does.NOTHING:
            case Does.NOTHING:
                return Keyed("", timed_out=True)
            case Does.HANG_UP | Does.LOSE as act:
                self._gone = True
                self.hung_up = act is Does.HANG_UP
                raise ChannelGone("the script says so")
            case Does.FREEZE:
                self._gone = True
                raise ChannelSilent("the script says so")
            case act:
                return keyed(act, most)

    async def tell(self, variables: Mapping[Variable, str]) -> None:
        """Note the variables; the session is over then."""
        self._step("tell")
        self.told = dict(variables)
        self.tellings += 1
        self._stepped()
        self._gone = True

    def _step(self, name: str) -> None:
        if self._gone:
            raise ChannelGone("it was gone before")
        if self._dies_at == len(self.steps):
            self._gone = True
            raise ChannelGone("the test says so")
        self.steps.append(name)

    def _stepped(self) -> None:
        if self._dies_after == len(self.steps) - 1:
            self._gone = True
            raise ChannelGone("the test says so")
