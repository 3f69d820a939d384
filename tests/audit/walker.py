"""Walks one call through a dialplan, and tells what of it reached a trunk, and whether by leave.

Everything that is decided outside of the dialplan is handed in (`calls`): what is dialled, what
the gate says, whether a phone answers, what is keyed, when somebody hangs up. It walks the subset
that `tests/e2e/test_walker.py` holds against a real Asterisk, and refuses what it does not speak.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from tests.audit.calls import Reached, Walk
from tests.audit.channels import Channel, Goes
from tests.audit.steps import Steps
from tests.audit.words import arguments_of

if TYPE_CHECKING:
    from fastagi.audit.dialplan import Dialplan, Step
    from fastagi.audit.entry import Devices
    from tests.audit.calls import Call

EMERGENCY: Final = ("100", "112")
"""What may be dialled without leave, in one country or another."""


def walk(plan: Dialplan, devices: Devices, call: Call) -> Walk:
    """Walk a call until all of its channels have hung up.

    Raises:
        CannotWalkError: It came to something that is not spoken here.
    """
    world = _World(plan, devices, call)
    world.arrives(Channel(0, call.context, call.dialled, dict(call.variables)))
    return Walk(tuple(world.trail), tuple(world.reached))


class _World(Steps):
    """Channels that call others."""

    def __init__(self, plan: Dialplan, devices: Devices, call: Call) -> None:
        super().__init__(plan, devices, call)
        self.applications |= {"dial": self._dial, "originate": self._originate}

    def _faults(self, channel: Channel, device: str, options: str) -> tuple[str, ...]:
        """Return why a trunk that is dialled so is not dialled by leave of the gate."""
        leave, digits = channel.leave, device.partition("/")[2].partition("@")[0]
        if digits in EMERGENCY:
            return ()
        if leave is None:
            return ("no leave of this call",)
        faults = []
        if leave.used:
            faults.append("the leave was used before")
        if digits.removeprefix("+") != leave.number:
            faults.append("other digits than were judged")
        _, has_it, behind = options.partition(leave.dial)
        if not has_it:
            faults.append("GUARD_DIAL is not there")
        elif re.search(r"[bBUi]", re.sub(r"\([^)]*\)+", "", behind)):
            faults.append("options behind GUARD_DIAL undo it")
        return tuple(faults)

    # ------------------------------------------------------------------- calling others

    def _dial(self, channel: Channel, arguments: str, step: Step) -> str:
        devices, _, options, _url = arguments_of(arguments, 4)[:4]
        bare = re.sub(r"\([^)]*\)+", "", options)
        answered = next(self._answers, False)
        leave = channel.leave
        for device in devices.split("&"):
            self._calls(channel, device, options, step)
        if leave is not None and leave.dial in options:
            leave.used = True
            channel.variables["GUARD_VERDICT"] = ""  # by `dialled` of the routine
        for device in devices.split("&"):
            self._is_forwarded(channel, device, bare)
        channel.variables["DIALSTATUS"] = "ANSWER" if answered else "NOANSWER"
        if not answered:
            return Goes.NEXT
        if self._is_sent(channel, devices, bare):
            return Goes.HANGS_UP
        return Goes.NEXT if "g" in bare else Goes.HANGS_UP

    def _calls(
        self, channel: Channel, device: str, options: str, step: Step, *, inherits: bool = True
    ) -> None:
        technology, _, resource = device.partition("/")
        if technology.lower() == "local":
            extension, _, context = resource.partition("@")
            context = context.partition("/")[0] or "default"
            passed = channel.inherited() if inherits else {}
            self.arrives(Channel(next(self._numbers), context, extension, passed))
        elif self._is_trunk(device):
            faults = self._faults(channel, device, options)
            self.reached.append(Reached(step.place, device, faults))

    def _is_trunk(self, device: str) -> bool:
        """Tell whether there is such a trunk; PJSIP's have names, of the others all are."""
        technology, _, resource = device.partition("/")
        if technology.lower() == "pjsip":
            return resource.rpartition("@")[2].partition("/")[0] in self._devices.trunks
        return resource != ""

    def _is_forwarded(self, channel: Channel, device: str, bare: str) -> None:
        """Let a phone answer with a 302: to FORWARD_CONTEXT, else its own context."""
        name = device.partition("/")[2].rpartition("@")[2]
        if "i" in bare or name not in self._call.homes or not self._sent:
            return
        if self._sent[0].by != "forward":
            return
        passed = channel.inherited()
        context = passed.get("__FORWARD_CONTEXT") or passed.get("FORWARD_CONTEXT")
        other = context or self._call.homes[name]
        digits = self._sent.pop(0).digits
        self.arrives(Channel(next(self._numbers), other, digits, passed))

    def _is_sent(self, channel: Channel, devices: str, bare: str) -> bool:
        """Let a party transfer the other by a feature code, where it may."""
        if not self._sent or self._sent[0].by == "forward":
            return False
        sent = self._sent[0]
        name = devices.partition("/")[2].rpartition("@")[2]
        if sent.by == "caller" and "T" in bare:
            context = self._known(channel, "TRANSFER_CONTEXT") or channel.context
            variables = channel.inherited()
        elif sent.by == "called" and "t" in bare:
            passed = channel.inherited()
            context = passed.get("__TRANSFER_CONTEXT") or passed.get("TRANSFER_CONTEXT") or ""
            context = context or self._call.homes.get(name, "")
            variables = dict(channel.variables)
        else:
            return False
        self._sent.pop(0)
        self.arrives(Channel(next(self._numbers), context, sent.digits, variables))
        return True

    def _originate(self, channel: Channel, arguments: str, step: Step) -> str:
        device, kind, first, *rest = arguments_of(arguments, 3)
        extension = rest[0] if rest else channel.extension
        priority = rest[1] if len(rest) > 1 else "1"
        if kind.lower() not in ("exten", "app") or not priority.isdecimal():
            return Goes.NEXT
        self._calls(channel, device, "", step, inherits=False)
        if not next(self._answers, False):
            return Goes.NEXT
        other = Channel(next(self._numbers), first, extension, {})
        if kind.lower() == "exten":
            other.priority = int(priority)
            self.arrives(other)
        else:
            self._does(other, first, rest[0] if rest else "", step)
        return Goes.NEXT
