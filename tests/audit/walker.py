"""Walks one call through a dialplan, and tells what of it reached a trunk, and whether by leave.

Everything that is decided outside of the dialplan is handed in: what is dialled, what the gate
says, whether a phone answers, what is keyed, when somebody hangs up. It walks the subset that
`tests/e2e/test_walker.py` holds against a real Asterisk, and refuses what it does not speak.

The gate's routine is one step here: `Gosub(dialguard,outbound,1(…))` comes back with ALLOW, or
hangs up.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from itertools import count
from typing import TYPE_CHECKING, Final

from tests.audit.extensions import Lookup, split
from tests.audit.words import CannotWalkError, arguments_of, is_true, said

if TYPE_CHECKING:
    from fastagi.audit.dialplan import Dialplan, Step
    from fastagi.audit.entry import Devices
    from fastagi.audit.place import Place

STEPS: Final = 300
CHANNELS: Final = 40
"""After so many a call is taken for one that goes round in circles."""

EMERGENCY: Final = ("100", "112")
"""What may be dialled without leave, in one country or another."""

GATE: Final = ("dialguard", "outbound", "1")
SILENT: Final = frozenset(
    ("noop", "answer", "progress", "ringing", "playback", "wait", "verbose", "log", "userevent")
)
"""What does nothing here, or has been done when it is looked at."""

OF_THE_GATE: Final = tuple(
    f"GUARD_{each}"
    for each in (
        *("VERDICT", "REASON", "RULE", "REF", "NUMBER", "CATEGORY", "COUNTRY", "SECONDS"),
        *("CAUSE", "PROMPT", "CALL", "DIAL"),
    )
)


def judged(dialled: str) -> str:
    """Return the number that the gate makes of what was dialled: never the same."""
    return f"44{re.sub('[^0-9]', '', dialled)}"


@dataclass(frozen=True, slots=True)
class Sent:
    """Where a party sends the other one, or a phone the call: by transfer, by a 302."""

    digits: str
    by: str
    """`caller` and `called` by a feature code (options T and t); `forward`, a 302."""


@dataclass(frozen=True, slots=True)
class Call:
    """One call, and all that happens to it.

    Attributes:
        verdicts: What the gate says, question by question; then it denies.
        answers: Whether who is dialled answers, Dial by Dial (and Originate); then nobody does.
        keyed: What is keyed, prompt by prompt; then nothing.
        sent: What parties do, while a Dial of theirs is up, one after another.
        hours: The times of day, as they are written in the dialplan, that it is now.
        hangs_up_after: The caller's steps before it hangs up; None for as late as can be.
        homes: The contexts of phones.
    """

    context: str
    dialled: str
    caller: str = "101"
    variables: Mapping[str, str] = field(default_factory=dict)
    verdicts: tuple[bool, ...] = ()
    answers: tuple[bool, ...] = ()
    keyed: tuple[str, ...] = ()
    sent: tuple[Sent, ...] = ()
    hours: frozenset[str] = frozenset()
    hangs_up_after: int | None = None
    homes: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Reached:
    """A trunk that was dialled.

    Attributes:
        place: The line that dialled.
        device: Whom.
        faults: Why the gate's leave does not cover it; empty where it does.
    """

    place: Place
    device: str
    faults: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Trod:
    """One step as it was taken, its arguments as they were then."""

    channel: int
    context: str
    extension: str
    priority: int
    application: str
    arguments: str
    place: Place


@dataclass(frozen=True, slots=True)
class Walk:
    """What became of a call, all of its channels together."""

    trail: tuple[Trod, ...]
    reached: tuple[Reached, ...]

    @property
    def ungated(self) -> tuple[Reached, ...]:
        """The trunks that were reached without leave."""
        return tuple(each for each in self.reached if each.faults)


def walk(plan: Dialplan, devices: Devices, call: Call) -> Walk:
    """Walk a call until all of its channels have hung up.

    Raises:
        CannotWalkError: It came to something that is not spoken here.
    """
    world = _World(plan, devices, call)
    world.arrives(_Channel(0, call.context, call.dialled, dict(call.variables)))
    return Walk(tuple(world.trail), tuple(world.reached))


@dataclass
class _Frame:
    """What a Gosub comes back to, and what it hides meanwhile."""

    context: str
    extension: str
    priority: int
    hidden: dict[str, str | None]


@dataclass
class _Leave:
    """An ALLOW of the gate, to one channel."""

    number: str
    dial: str
    used: bool = False


@dataclass
class _Channel:
    number: int
    context: str
    extension: str
    variables: dict[str, str]
    priority: int = 1
    stack: list[_Frame] = field(default_factory=list)
    leave: _Leave | None = None
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


class _Goes:
    """Where the channel is told to go, and how a step ends otherwise."""

    NEXT: Final = "next"
    STAYS: Final = "stays"
    HANGS_UP: Final = "hangs up"


class _World:
    """All channels of one call."""

    def __init__(self, plan: Dialplan, devices: Devices, call: Call) -> None:
        self.trail: list[Trod] = []
        self.reached: list[Reached] = []
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
        self._applications: dict[str, Callable[[_Channel, str, Step], str]] = {
            "goto": self._goto,
            "gotoif": self._goto_if,
            "gotoiftime": self._goto_if_time,
            "gosub": self._gosub,
            "gosubif": self._gosub_if,
            "return": self._return,
            "stackpop": self._stack_pop,
            "execif": self._exec_if,
            "exec": self._exec,
            "tryexec": self._exec,
            "set": self._set,
            "mset": self._mset,
            "dial": self._dial,
            "originate": self._originate,
            "hangup": lambda *_: _Goes.HANGS_UP,
            "waitexten": self._wait_exten,
            "background": self._background,
            "read": self._read,
            "disa": self._disa,
        }

    # ------------------------------------------------------------------- channels

    def arrives(self, channel: _Channel) -> None:
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

    def _run(self, channel: _Channel) -> None:
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
            if went == _Goes.HANGS_UP:
                return
            if went == _Goes.NEXT:
                channel.priority += 1

    def _is_invalid(self, channel: _Channel) -> bool:
        """Send a channel to `i`, where it stands on an extension that there is not."""
        if self._lookup.exists(channel.context, channel.extension, self._call.caller):
            return False  # it fell through the end of one that there is
        if not self._lookup.exists(channel.context, "i", self._call.caller):
            return False
        channel.variables["INVALID_EXTEN"] = channel.extension
        channel.extension, channel.priority = "i", 1
        return True

    def _does(self, channel: _Channel, application: str, arguments: str, step: Step) -> str:
        name = application.lower()
        if name in self._applications:
            return self._applications[name](channel, arguments, step)
        if name in SILENT:
            return _Goes.NEXT
        message = f"the application `{application}`, {step.place}"
        raise CannotWalkError(message)

    def _known(self, channel: _Channel, name: str) -> str:
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

    # ------------------------------------------------------------------- going elsewhere

    def _goes(self, channel: _Channel, label: str) -> bool:
        """Set a channel to `[[context,]extension,]priority-or-label`; tell whether it could."""
        parts = [each.strip() for each in split(label)][-3:]
        context = parts[0] if len(parts) == 3 else channel.context
        extension = parts[-2] if len(parts) > 1 else channel.extension
        priority = parts[-1]
        if not priority.isdecimal():
            step = self._lookup.step(context, extension, priority, self._call.caller)
            if step is None or not priority:
                return False
            priority = str(step.priority)
        channel.context, channel.extension = context, extension
        channel.priority = int(priority)
        return True

    def _goto(self, channel: _Channel, arguments: str, _: Step) -> str:
        return _Goes.STAYS if self._goes(channel, arguments) else _Goes.HANGS_UP

    def _goto_if(self, channel: _Channel, arguments: str, step: Step) -> str:
        condition, _, labels = arguments.partition("?")
        return self._either(channel, is_true(condition), labels, step)

    def _goto_if_time(self, channel: _Channel, arguments: str, step: Step) -> str:
        hours, _, labels = arguments.partition("?")
        return self._either(channel, hours in self._call.hours, labels, step)

    def _either(self, channel: _Channel, yes: bool, labels: str, step: Step) -> str:
        label = _chosen(yes, labels)
        return self._goto(channel, label, step) if label else _Goes.NEXT

    def _gosub(self, channel: _Channel, arguments: str, step: Step) -> str:
        label, _, rest = arguments.partition("(")
        given = list(split(rest.removesuffix(")"))) if rest.removesuffix(")") else []
        if tuple(each.strip() for each in label.split(",")) == GATE:
            return self._asks(channel, given)
        frame = _Frame(channel.context, channel.extension, channel.priority + 1, {})
        if not self._goes(channel, label) or not self._lookup.step(
            channel.context, channel.extension, channel.priority, self._call.caller
        ):
            channel.context, channel.extension = frame.context, frame.extension
            return _Goes.HANGS_UP
        before = channel.variables.get("ARGC", "0")
        for place in range(1, max(len(given), int(before)) + 1):
            value = given[place - 1] if place <= len(given) else ""
            self._hides(channel, frame, f"ARG{place}", value)
        self._hides(channel, frame, "ARGC", str(len(given)))
        channel.stack.append(frame)
        return _Goes.STAYS

    def _hides(self, channel: _Channel, frame: _Frame, name: str, value: str) -> None:
        frame.hidden.setdefault(name, channel.variables.get(name))
        channel.variables[name] = value

    def _gosub_if(self, channel: _Channel, arguments: str, step: Step) -> str:
        condition, _, labels = arguments.partition("?")
        label = _chosen(is_true(condition), labels)
        return self._gosub(channel, label, step) if label else _Goes.NEXT

    def _return(self, channel: _Channel, arguments: str, _: Step) -> str:
        if not channel.stack:
            return _Goes.HANGS_UP
        frame = self._pops(channel)
        channel.variables["GOSUB_RETVAL"] = arguments
        channel.context, channel.extension = frame.context, frame.extension
        channel.priority = frame.priority
        return _Goes.STAYS

    def _pops(self, channel: _Channel) -> _Frame:
        frame = channel.stack.pop()
        for name, value in frame.hidden.items():
            if value is None:
                channel.variables.pop(name, None)
            else:
                channel.variables[name] = value
        return frame

    def _stack_pop(self, channel: _Channel, arguments: str, _: Step) -> str:
        if channel.stack:
            self._pops(channel)
        return _Goes.NEXT

    def _exec_if(self, channel: _Channel, arguments: str, step: Step) -> str:
        condition, _, either = arguments.partition("?")
        yes, *no = split_raw(either, ":")
        chosen = yes if is_true(condition) else ":".join(no)
        return self._exec(channel, chosen, step) if chosen else _Goes.NEXT

    def _exec(self, channel: _Channel, arguments: str, step: Step) -> str:
        application, _, rest = arguments.partition("(")
        return self._does(channel, application.strip(), rest.removesuffix(")"), step)

    # ------------------------------------------------------------------- variables

    def _set(self, channel: _Channel, arguments: str, _: Step) -> str:
        name, _equals, value = arguments.partition("=")
        name = name.strip()
        function = re.fullmatch(r"(LOCAL|GLOBAL)\((.+)\)", name)
        if function is not None and function[1] == "GLOBAL":
            self._globals[function[2]] = value
        elif function is not None:
            if channel.stack:
                self._hides(channel, channel.stack[-1], function[2], value)
        elif "(" not in name:
            for prefix in ("", "_", "__"):
                channel.variables.pop(prefix + name.lstrip("_"), None)
            channel.variables[name] = value
        return _Goes.NEXT

    def _mset(self, channel: _Channel, arguments: str, step: Step) -> str:
        for each in split(arguments):
            self._set(channel, each, step)
        return _Goes.NEXT

    # ------------------------------------------------------------------- the gate

    def _asks(self, channel: _Channel, given: list[str]) -> str:
        """Ask for leave: ALLOW to just this channel, for one Dial; or the call ends there."""
        channel.leave = None
        for name in OF_THE_GATE:
            channel.variables[name] = ""
        for name in ("TRANSFER_CONTEXT", "FORWARD_CONTEXT"):
            channel.variables[f"__{name}"] = channel.context
        asked = given[0] if len(given) == 1 else ""
        if not re.fullmatch(r"[0-9+*#]+", asked) or not next(self._verdicts, False):
            channel.context, channel.extension = GATE[0], "refuse"
            return _Goes.HANGS_UP
        number, call = judged(asked), f"call-{channel.number}"
        dial = (
            f"iB(dialguard^dialled^1)U(dialguard-answered)b(dialguard^leg^1({call}^{number}^60^))"
        )
        channel.leave = _Leave(number, dial)
        channel.variables |= {
            "GUARD_VERDICT": "ALLOW",
            "GUARD_NUMBER": number,
            "GUARD_CALL": call,
            "GUARD_SECONDS": "60",
            "GUARD_DIAL": dial,
        }
        return _Goes.NEXT

    def _faults(self, channel: _Channel, device: str, options: str) -> tuple[str, ...]:
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

    def _dial(self, channel: _Channel, arguments: str, step: Step) -> str:
        devices, _, options, _url = arguments_of(arguments, 4)[:4]
        bare = re.sub(r"\([^)]*\)+", "", options)
        answered = next(self._answers, False)
        leave = channel.leave
        for device in devices.split("&"):
            self._calls(channel, device, options, step)
        if leave is not None and leave.dial in options:
            leave.used = True
        for device in devices.split("&"):
            self._is_forwarded(channel, device, bare)
        channel.variables["DIALSTATUS"] = "ANSWER" if answered else "NOANSWER"
        if not answered:
            return _Goes.NEXT
        if self._is_sent(channel, devices, bare):
            return _Goes.HANGS_UP
        return _Goes.NEXT if "g" in bare else _Goes.HANGS_UP

    def _calls(
        self, channel: _Channel, device: str, options: str, step: Step, *, inherits: bool = True
    ) -> None:
        technology, _, resource = device.partition("/")
        if technology.lower() == "local":
            extension, _, context = resource.partition("@")
            context = context.partition("/")[0] or "default"
            passed = channel.inherited() if inherits else {}
            self.arrives(_Channel(next(self._numbers), context, extension, passed))
        elif self._is_trunk(device):
            faults = self._faults(channel, device, options)
            self.reached.append(Reached(step.place, device, faults))

    def _is_trunk(self, device: str) -> bool:
        """Tell whether there is such a trunk; PJSIP's have names, of the others all are."""
        technology, _, resource = device.partition("/")
        if technology.lower() == "pjsip":
            return resource.rpartition("@")[2].partition("/")[0] in self._devices.trunks
        return resource != ""

    def _is_forwarded(self, channel: _Channel, device: str, bare: str) -> None:
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
        self.arrives(_Channel(next(self._numbers), other, digits, passed))

    def _is_sent(self, channel: _Channel, devices: str, bare: str) -> bool:
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
        self.arrives(_Channel(next(self._numbers), context, sent.digits, variables))
        return True

    def _originate(self, channel: _Channel, arguments: str, step: Step) -> str:
        device, kind, first, *rest = arguments_of(arguments, 3)
        extension = rest[0] if rest else channel.extension
        priority = rest[1] if len(rest) > 1 else "1"
        if kind.lower() not in ("exten", "app") or not priority.isdecimal():
            return _Goes.NEXT
        self._calls(channel, device, "", step, inherits=False)
        if not next(self._answers, False):
            return _Goes.NEXT
        other = _Channel(next(self._numbers), first, extension, {})
        if kind.lower() == "exten":
            other.priority = int(priority)
            self.arrives(other)
        else:
            self._does(other, first, rest[0] if rest else "", step)
        return _Goes.NEXT

    # ------------------------------------------------------------------- keys

    def _wait_exten(self, channel: _Channel, arguments: str, step: Step) -> str:
        """Wait for an extension: `i` for one that there is not, `t` for none at all."""
        keys = next(self._keyed, "")
        if keys:
            return self._keys(channel, keys)
        here = (channel.context, channel.extension, channel.priority + 1, self._call.caller)
        if self._lookup.step(*here) is not None:
            return _Goes.NEXT
        if not self._lookup.exists(channel.context, "t", self._call.caller):
            return _Goes.HANGS_UP
        channel.extension, channel.priority = "t", 1
        return _Goes.STAYS

    def _keys(self, channel: _Channel, keys: str) -> str:
        heard = self._lookup.keyed(channel.context, keys, self._call.caller)
        channel.extension, channel.priority = heard, 1
        if self._lookup.exists(channel.context, heard, self._call.caller):
            return _Goes.STAYS
        return _Goes.STAYS if self._is_invalid(channel) else _Goes.HANGS_UP

    def _background(self, channel: _Channel, arguments: str, _: Step) -> str:
        keys = next(self._keyed, "")
        return self._keys(channel, keys) if keys else _Goes.NEXT

    def _read(self, channel: _Channel, arguments: str, _: Step) -> str:
        channel.variables[arguments_of(arguments, 1)[0]] = next(self._keyed, "")
        return _Goes.NEXT

    def _disa(self, channel: _Channel, arguments: str, _: Step) -> str:
        """Give a dial tone: what is keyed is dialled in the context that is named."""
        code, context = arguments_of(arguments, 2)[:2]
        keys = next(self._keyed, "")
        if not keys:
            return _Goes.HANGS_UP
        channel.context = context or "disa"
        if code != "no-password":
            message = "DISA with a password"
            raise CannotWalkError(message)
        return self._keys(channel, keys)


def _chosen(yes: bool, labels: str) -> str:
    first, _, second = labels.partition(":")
    return first.strip() if yes else second.strip()


def split_raw(text: str, at: str) -> list[str]:
    """Split, but not within parentheses; nothing is taken away."""
    parts, depth = [""], 0
    for char in text:
        depth += (char == "(") - (char == ")")
        if char == at and depth == 0:
            parts.append("")
        else:
            parts[-1] += char
    return parts
