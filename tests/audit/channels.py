"""The channels of one call: each runs through the dialplan, step by step, up to its `h`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import count
from typing import TYPE_CHECKING, Final, TypeAlias

from tests.audit.calls import Reached, Trod
from tests.audit.extensions import Lookup
from tests.audit.words import CannotWalkError, said

if TYPE_CHECKING:
    from fastagi.audit.dialplan import Dialplan, Step
    from fastagi.audit.entry import Devices
    from tests.audit.calls import Call

STEPS: Final = 300
CHANNELS: Final = 40
"""After so many a call is taken for one that goes round in circles."""

SILENT: Final = frozenset(
    ("noop", "answer", "progress", "ringing", "playback", "wait", "verbose", "log", "userevent")
)
"""What does nothing here, or has been done when it is looked at."""


@dataclass
class Frame:
    """What a Gosub comes back to, and what it hides meanwhile."""

    context: str
    extension: str
    priority: int
    hidden: dict[str, str | None]


@dataclass
class Leave:
    """An ALLOW of the gate, to one channel."""

    number: str
    dial: str
    used: bool = False


@dataclass
class Channel:
    """One leg of the call, where it stands and what it knows."""

    number: int
    context: str
    extension: str
    variables: dict[str, str]
    priority: int = 1
    stack: list[Frame] = field(default_factory=list)
    leave: Leave | None = None
    up: bool = True

    def inherited(self) -> dict[str, str]:
        """Return what a channel that this one makes has of it: `_X` once, `__X` for good."""
        passed = {}
        for name, value in self.variables.items():
            if name.startswith("__"):
                passed[name] = value
            elif name.startswith("_"):
                passed[name[1:]] = value
        return passed


class Goes:
    """How a step ends: on to the next, where it went itself, or at the end of the channel."""

    NEXT: Final = "next"
    STAYS: Final = "stays"
    HANGS_UP: Final = "hangs up"


Application: TypeAlias = "Callable[[Channel, str, Step], str]"
"""Takes a step, its arguments as they are now, and tells where the channel stands then."""


class Channels:
    """All channels of one call.

    Attributes:
        applications: What steps do, by the small letters of their names.
    """

    def __init__(self, plan: Dialplan, devices: Devices, call: Call) -> None:
        self.trail: list[Trod] = []
        self.reached: list[Reached] = []
        self.applications: dict[str, Application] = {}
        self._plan = plan
        self._devices = devices
        self._call = call
        self._lookup = Lookup(plan, call.hours)
        self._globals = dict(plan.variables)
        self._numbers = count(1)
        self._verdicts = iter(call.verdicts)
        self._answers = iter(call.answers)
        self._keyed = iter(call.keyed)
        self._sent = list(call.sent)

    def arrives(self, channel: Channel) -> None:
        """Let a channel run through the dialplan, from where it comes in, up to its end."""
        if channel.number > CHANNELS or not self._lookup.exists(
            channel.context, channel.extension, self._call.caller
        ):
            return
        self._run(channel)
        if self._lookup.exists(channel.context, "h", self._call.caller):
            channel.extension, channel.priority, channel.up = "h", 1, False
            channel.stack = []
            self._run(channel)

    def _run(self, channel: Channel) -> None:
        taken = 0
        while len(self.trail) < STEPS:
            patience = self._call.hangs_up_after
            if channel.up and channel.number == 0 and patience is not None and taken >= patience:
                return
            step = self._lookup.step(
                channel.context, channel.extension, channel.priority, self._call.caller
            )
            if step is None:
                if channel.up and self._is_invalid(channel):
                    continue
                return
            taken += 1
            arguments = said(step.arguments, lambda name: self._known(channel, name))
            self.trail.append(
                Trod(
                    channel.number,
                    channel.context,
                    channel.extension,
                    channel.priority,
                    step.application,
                    arguments,
                    step.place,
                )
            )
            went = self._does(channel, step.application, arguments, step)
            if went == Goes.HANGS_UP:
                return
            if went == Goes.NEXT:
                channel.priority += 1

    def _is_invalid(self, channel: Channel) -> bool:
        """Send a channel to `i`, where it stands on an extension that there is not."""
        if self._lookup.exists(channel.context, channel.extension, self._call.caller):
            return False  # it fell through the end of one that there is
        if not self._lookup.exists(channel.context, "i", self._call.caller):
            return False
        channel.variables["INVALID_EXTEN"] = channel.extension
        channel.extension, channel.priority = "i", 1
        return True

    def _does(self, channel: Channel, application: str, arguments: str, step: Step) -> str:
        name = application.lower()
        if name in self.applications:
            return self.applications[name](channel, arguments, step)
        if name in SILENT:
            return Goes.NEXT
        message = f"the application `{application}`, {step.place}"
        raise CannotWalkError(message)

    def _known(self, channel: Channel, name: str) -> str:
        own = {
            "EXTEN": channel.extension,
            "CONTEXT": channel.context,
            "PRIORITY": str(channel.priority),
            "UNIQUEID": f"call-{channel.number}",
            "CALLERID(num)": self._call.caller,
        }
        if name in own:
            return own[name]
        if name.startswith("GLOBAL("):
            return self._globals.get(name[7:-1], "")
        for prefix in ("", "_", "__"):
            if prefix + name in channel.variables:
                return channel.variables[prefix + name]
        return self._globals.get(name, "")
