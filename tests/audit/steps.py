"""What steps do that go elsewhere, set variables, wait for keys, or ask the gate.

The gate's routine is one step here: `Gosub(dialguard,outbound,1(…))` comes back with ALLOW, or
hangs up; `on-behalf` comes back with nothing.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from tests.audit.channels import Channels, Frame, Goes, Leave
from tests.audit.extensions import split
from tests.audit.words import CannotWalkError, arguments_of, is_true

if TYPE_CHECKING:
    from fastagi.audit.dialplan import Dialplan, Step
    from fastagi.audit.entry import Devices
    from tests.audit.calls import Call
    from tests.audit.channels import Channel

GATE: Final = ("dialguard", "outbound", "1")
NAMING: Final = ("dialguard", "on-behalf", "1")
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


class Steps(Channels):
    """Channels, and all that they can do by themselves."""

    def __init__(self, plan: Dialplan, devices: Devices, call: Call) -> None:
        super().__init__(plan, devices, call)
        self.applications |= {
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
            "hangup": lambda *_: Goes.HANGS_UP,
            "waitexten": self._wait_exten,
            "background": self._background,
            "read": self._read,
            "disa": self._disa,
        }

    # ------------------------------------------------------------------- going elsewhere

    def _goes(self, channel: Channel, label: str) -> bool:
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

    def _goto(self, channel: Channel, arguments: str, _: Step) -> str:
        return Goes.STAYS if self._goes(channel, arguments) else Goes.HANGS_UP

    def _goto_if(self, channel: Channel, arguments: str, step: Step) -> str:
        condition, _, labels = arguments.partition("?")
        return self._either(channel, is_true(condition), labels, step)

    def _goto_if_time(self, channel: Channel, arguments: str, step: Step) -> str:
        hours, _, labels = arguments.partition("?")
        return self._either(channel, hours in self._call.hours, labels, step)

    def _either(self, channel: Channel, yes: bool, labels: str, step: Step) -> str:
        label = _chosen(yes, labels)
        return self._goto(channel, label, step) if label else Goes.NEXT

    def _gosub(self, channel: Channel, arguments: str, step: Step) -> str:
        label, _, rest = arguments.partition("(")
        given = list(split(rest.removesuffix(")"))) if rest.removesuffix(")") else []
        called = tuple(each.strip() for each in label.split(","))
        if called == GATE:
            return self._asks(channel, given)
        if called == NAMING:
            return Goes.NEXT  # it names who is charged, and nothing else
        frame = Frame(channel.context, channel.extension, channel.priority + 1, {})
        if not self._goes(channel, label) or not self._lookup.step(
            channel.context, channel.extension, channel.priority, self._call.caller
        ):
            channel.context, channel.extension = frame.context, frame.extension
            return Goes.HANGS_UP
        before = channel.variables.get("ARGC", "0")
        for place in range(1, max(len(given), int(before)) + 1):
            value = given[place - 1] if place <= len(given) else ""
            self._hides(channel, frame, f"ARG{place}", value)
        self._hides(channel, frame, "ARGC", str(len(given)))
        channel.stack.append(frame)
        return Goes.STAYS

    def _hides(self, channel: Channel, frame: Frame, name: str, value: str) -> None:
        frame.hidden.setdefault(name, channel.variables.get(name))
        channel.variables[name] = value

    def _gosub_if(self, channel: Channel, arguments: str, step: Step) -> str:
        condition, _, labels = arguments.partition("?")
        label = _chosen(is_true(condition), labels)
        return self._gosub(channel, label, step) if label else Goes.NEXT

    def _return(self, channel: Channel, arguments: str, _: Step) -> str:
        if not channel.stack:
            return Goes.HANGS_UP
        frame = self._pops(channel)
        channel.variables["GOSUB_RETVAL"] = arguments
        channel.context, channel.extension = frame.context, frame.extension
        channel.priority = frame.priority
        return Goes.STAYS

    def _pops(self, channel: Channel) -> Frame:
        frame = channel.stack.pop()
        for name, value in frame.hidden.items():
            if value is None:
                channel.variables.pop(name, None)
            else:
                channel.variables[name] = value
        return frame

    def _stack_pop(self, channel: Channel, arguments: str, _: Step) -> str:
        if channel.stack:
            self._pops(channel)
        return Goes.NEXT

    def _exec_if(self, channel: Channel, arguments: str, step: Step) -> str:
        condition, _, either = arguments.partition("?")
        yes, *no = split_raw(either, ":")
        chosen = yes if is_true(condition) else ":".join(no)
        return self._exec(channel, chosen, step) if chosen else Goes.NEXT

    def _exec(self, channel: Channel, arguments: str, step: Step) -> str:
        application, _, rest = arguments.partition("(")
        return self._does(channel, application.strip(), rest.removesuffix(")"), step)

    # ------------------------------------------------------------------- variables

    def _set(self, channel: Channel, arguments: str, _: Step) -> str:
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
        return Goes.NEXT

    def _mset(self, channel: Channel, arguments: str, step: Step) -> str:
        for each in split(arguments):
            self._set(channel, each, step)
        return Goes.NEXT

    # ------------------------------------------------------------------- the gate

    def _asks(self, channel: Channel, given: list[str]) -> str:
        """Ask for leave: ALLOW to just this channel, for one Dial; or the call ends there."""
        channel.leave = None
        for name in OF_THE_GATE:
            channel.variables[name] = ""
        for name in ("TRANSFER_CONTEXT", "FORWARD_CONTEXT"):
            channel.variables[f"__{name}"] = channel.context
        asked = given[0] if len(given) == 1 else ""
        if not re.fullmatch(r"[0-9+*#]+", asked) or not next(self._verdicts, False):
            channel.context, channel.extension = GATE[0], "refuse"
            return Goes.HANGS_UP
        number, call = judged(asked), f"call-{channel.number}"
        dial = (
            f"iB(dialguard^dialled^1)U(dialguard-answered)b(dialguard^leg^1({call}^{number}^60^))"
        )
        channel.leave = Leave(number, dial)
        channel.variables |= {
            "GUARD_VERDICT": "ALLOW",
            "GUARD_NUMBER": number,
            "GUARD_CALL": call,
            "GUARD_SECONDS": "60",
            "GUARD_DIAL": dial,
        }
        return Goes.NEXT

    # ------------------------------------------------------------------- keys

    def _wait_exten(self, channel: Channel, arguments: str, step: Step) -> str:
        """Wait for an extension: `i` for one that there is not, `t` for none at all."""
        keys = next(self._keyed, "")
        if keys:
            return self._keys(channel, keys)
        here = (channel.context, channel.extension, channel.priority + 1, self._call.caller)
        if self._lookup.step(*here) is not None:
            return Goes.NEXT
        if not self._lookup.exists(channel.context, "t", self._call.caller):
            return Goes.HANGS_UP
        channel.extension, channel.priority = "t", 1
        return Goes.STAYS

    def _keys(self, channel: Channel, keys: str) -> str:
        heard = self._lookup.keyed(channel.context, keys, self._call.caller)
        channel.extension, channel.priority = heard, 1
        if self._lookup.exists(channel.context, heard, self._call.caller):
            return Goes.STAYS
        return Goes.STAYS if self._is_invalid(channel) else Goes.HANGS_UP

    def _background(self, channel: Channel, arguments: str, _: Step) -> str:
        keys = next(self._keyed, "")
        return self._keys(channel, keys) if keys else Goes.NEXT

    def _read(self, channel: Channel, arguments: str, _: Step) -> str:
        channel.variables[arguments_of(arguments, 1)[0]] = next(self._keyed, "")
        return Goes.NEXT

    def _disa(self, channel: Channel, arguments: str, _: Step) -> str:
        """Give a dial tone: what is keyed is dialled in the context that is named."""
        code, context = arguments_of(arguments, 2)[:2]
        keys = next(self._keyed, "")
        if not keys:
            return Goes.HANGS_UP
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
