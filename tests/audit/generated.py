"""Dialplans and calls by chance: what administrators write, and what they forget as they do.

A dialplan is made as its text, so that a failing example can be read, and tried on Asterisk.
Chances are asked for one by one: Hypothesis gives them, and makes what fails small; or a seed,
which is quicker where there are to be thousands.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Final, TypeVar

from hypothesis import strategies as st

from fastagi.audit.dialplan import Dialplan
from fastagi.audit.entry import Devices, Entry, Party
from tests.audit.calls import Call, Sent
from tests.audit.written import dialplan

DEVICES: Final = Devices(frozenset({"101", "102"}), frozenset({"trunk", "carrier"}))
HOURS: Final = ("9:00-17:00,mon-fri,*,*", "*,sun,*,*")

ENTRIES: Final = {
    "phones": Party.PHONE,
    "from-trunk": Party.OUTSIDE,
    "transfers": Party.TRANSFER,
}
"""Where calls come in; the phones' own context is `phones`."""

CONTEXTS: Final = (*ENTRIES, "outside", "abroad", "inside", "night", "sub")
EXTENSIONS: Final = (
    *("100", "112", "900", "s", "h", "i", "t", "_X.", "_0.", "_00X.", "_9X.", "_9!", "_NXX"),
    *("_[12]XX", "_.", "_*2X.", "_[+*0-9]!", "_XXX", "_1NX", "100/101", "_0Z.", "_9[0-5]X."),
)
DIALLED: Final = (
    *("100", "101", "112", "900", "0049301", "9112", "912", "900123", "*2900", "222", "120"),
    *("9", "0", "+4930", "s", "700", "300&PJSIP/0900@trunk", "9a,b", "hello"),
)
DIGITS: Final = (
    *("${EXTEN}", "${EXTEN:1}", "${EXTEN:-3}", "${GUARD_NUMBER}", "${number}", "${ARG1}", "0900"),
    *("${FILTER(0-9,${EXTEN})}", "${FILTER(0-9,${EXTEN:1})}", "100", "112"),
    *("${IF($[${LEN(${EXTEN})} > 3]?${EXTEN}:100)}", "${GUARD_NUMBER:1}", "00${GUARD_NUMBER}"),
)
CONDITIONS: Final = (
    '$["${GUARD_VERDICT}" = "ALLOW"]',
    '$["${GUARD_VERDICT}" != "ALLOW"]',
    '$["${GUARD_CALL}" = "${UNIQUEID}"]',
    '$["${GUARD_VERDICT}" = "ALLOW" & "${GUARD_CALL}" = "${UNIQUEID}"]',
    '$["${EXTEN}" = "900"]',
    '$["${EXTEN:0:1}" = "9"]',
    '$["${number}" = ""]',
    '$["${ARG1}" = "1"]',
    '$["${DIALSTATUS}" != "ANSWER"]',
    "$[${LEN(${EXTEN})} > 5]",
    "$[1 = 1]",
    "$[0 | 0]",
    "${number}",
    "1",
)
SETTINGS: Final = (
    "number=${EXTEN}",
    "number=${EXTEN:1}",
    "number=1",
    "number=",
    "number=${FILTER(0-9,${EXTEN})}",
    "number=${GUARD_NUMBER}",
    "__number=${EXTEN}",
    "LOCAL(number)=0900",
    "GLOBAL(number)=${EXTEN}",
    "GUARD_VERDICT=ALLOW",
    "GUARD_CALL=${UNIQUEID}",
    "GUARD_NUMBER=${EXTEN}",
    "GUARD_DIAL=g",
    "__GUARD_NUMBER=${GUARD_NUMBER}",
    "line=carrier",
    "there=outside",
    "there=${EXTEN}",
    "TRANSFER_CONTEXT=transfers",
    "__TRANSFER_CONTEXT=abroad",
    "__FORWARD_CONTEXT=abroad",
    "FORWARD_CONTEXT=night",
)
OPTIONS: Final = (
    "${GUARD_DIAL}",
    "g${GUARD_DIAL}",
    "${GUARD_DIAL}g",
    "tT${GUARD_DIAL}",
    "${GUARD_DIAL}b(sub^s^1)",
    "b(sub^s^1)${GUARD_DIAL}",
    "${GUARD_DIAL}U(sub)",
    "",
    "i",
    "g",
    "t",
    "Tg",
)
LABELS: Final = ("", "", "", "(a)", "(b)")


SHIPPED: Final = Path(__file__).parents[2] / "dialplan" / "dialguard.conf"
ROUTINE: Final = dialplan(SHIPPED.read_text(), "dialguard.conf")
LINES: Final = ("trunk", "carrier", "${line}")
HOMES: Final = {"101": "phones", "102": "phones"}

One = TypeVar("One")


@dataclass(frozen=True)
class Example:
    """One dialplan, and some calls of those who can call."""

    text: str
    calls: tuple[Call, ...]

    @cached_property
    def plan(self) -> Dialplan:
        """What the text says, and the gate's own routine."""
        own = dialplan(self.text)
        return Dialplan({**own.contexts, **ROUTINE.contexts}, own.variables)

    @property
    def entries(self) -> list[Entry]:
        """Who comes in."""
        return [
            Entry(name, None, party, name, self.plan.contexts[name].place)
            for name, party in ENTRIES.items()
            if name in self.plan.contexts
        ]

    def __repr__(self) -> str:
        calls = "\n".join(f"    {call!r}," for call in self.calls)
        return f'Example(\n"""{self.text}""",\n(\n{calls}\n))'


class _Chance:
    """Makes a dialplan, and calls on it, out of answers to "which of so many?"."""

    def __init__(self, which: Callable[[int], int]) -> None:
        self._which = which

    def pick(self, several: Sequence[One]) -> One:
        """Return one of several."""
        return several[self._which(len(several))]

    def example(self) -> Example:
        """Return a dialplan with a dozen calls."""
        text = self.text()
        contexts = [name for name in ENTRIES if f"[{name}]" in text]
        return Example(text, tuple(self.call(contexts) for _ in range(1 + self._which(12))))

    # ------------------------------------------------------------------- dialplans

    def text(self) -> str:
        """Return a dialplan: the phones' context, and some of the others."""
        lines = ["[globals]", f"line = {self.pick(('trunk', '101', ''))}", "there = inside"]
        for name in CONTEXTS:
            if name == "phones" or self._which(3):
                lines += ["", *self._context(name)]
        return "\n".join([*lines, ""])

    def _context(self, name: str) -> list[str]:
        lines = [f"[{name}]"]
        for _ in range(self._which(3)):
            hours = self.pick(("", "", *HOURS))
            included = self.pick(CONTEXTS)
            lines.append(f"include => {included}{',' * bool(hours)}{hours}")
        for _ in range(1 + self._which(3)):
            lines += self._extension()
        return lines

    def _extension(self) -> list[str]:
        name = self.pick(EXTENSIONS)
        steps = [step for _ in range(1 + self._which(4)) for step in self._steps()]
        lines = [f"exten => {name},{self.pick((1, 1, 1, 1, 1, 2))},{steps[0]}"]
        lines += [f" same => n{self.pick(LABELS)},{step}" for step in steps[1:]]
        return lines

    def _steps(self) -> list[str]:
        """Return one step, or the three of the gate, most often as they ought to be."""
        if self._which(5) > 1:
            return [self._step()]
        right = "${GUARD_NUMBER}"
        number = self.pick((right, right, right, self.pick(DIGITS)))
        sound = ("${GUARD_DIAL}", "g${GUARD_DIAL}", "tT${GUARD_DIAL}")
        options = self.pick((*sound, self.pick(OPTIONS)))
        dial = f"Dial(PJSIP/{number}@{self.pick(LINES[:2])},60,{options})"
        between = self.pick((None, None, None, None, self._step()))
        last = self.pick(("Hangup(${GUARD_CAUSE})", "Hangup(${GUARD_CAUSE})", "NoOp()", dial))
        return [self._asks(), *([between] if between else []), dial, last]

    def _step(self) -> str:
        either = self._either
        steps: tuple[Callable[[], str], ...] = (
            self._plain,
            self._plain,
            self._dials,
            self._names,
            lambda: f"Goto({self._target()})",
            lambda: f"Goto({self.pick(CONTEXTS)},${{EXTEN}},1)",
            lambda: f"GotoIf({self.pick(CONDITIONS)}?{either(self._target)})",
            lambda: f"GotoIfTime({self.pick(HOURS)}?{either(self._target)})",
            lambda: f"Gosub({self._routine()})",
            lambda: f"GosubIf({self.pick(CONDITIONS)}?{either(self._routine)})",
            lambda: f"ExecIf({self.pick(CONDITIONS)}?{self._plain()})",
            lambda: f"ExecIf({self.pick(CONDITIONS)}?{self._plain()}:{self._plain()})",
            lambda: self.pick(("Return()", "Return(1)", "StackPop()", "NoOp()", "Answer()")),
            lambda: self.pick(("WaitExten(5)", "Background(menu)", "Read(number)")),
            lambda: f"DISA(no-password,{self.pick(CONTEXTS)})",
            self._originates,
        )
        return self.pick(steps)()

    def _plain(self) -> str:
        """Return a step that goes nowhere else by itself."""
        steps: tuple[Callable[[], str], ...] = (
            lambda: f"Set({self.pick(SETTINGS)})",
            lambda: f"Set({self.pick(SETTINGS)})",
            self._dials,
            self._asks,
            self._names,
            lambda: "Hangup()",
        )
        return self.pick(steps)()

    def _asks(self) -> str:
        about = ("${EXTEN}", "${EXTEN}", "${EXTEN:1}", "${FILTER(0-9,${EXTEN})}", "${ARG1}")
        return f"Gosub(dialguard,outbound,1({self.pick((*about, '${number}'))}))"

    def _names(self) -> str:
        return f"Gosub(dialguard,on-behalf,1({self.pick(('101', '${EXTEN}'))}))"

    def _dials(self) -> str:
        devices = "&".join(self._device() for _ in range(self.pick((1, 1, 1, 2))))
        return f"Dial({devices},60,{self.pick(OPTIONS)})"

    def _device(self) -> str:
        number = self.pick(DIGITS)
        return self.pick(
            (
                f"PJSIP/{number}@{self.pick(LINES)}",
                f"PJSIP/{number}@{self.pick(LINES)}",
                self.pick(("PJSIP/101", "PJSIP/102", "PJSIP/${EXTEN}", "DAHDI/g1/${EXTEN}")),
                f"Local/{number}@{self.pick(CONTEXTS)}{self.pick(('', '/n'))}",
            )
        )

    def _originates(self) -> str:
        there = f"{self.pick(CONTEXTS)},{self.pick(('${EXTEN}', 's', '100'))},1"
        return f"Originate({self._device()},exten,{there})"

    def _either(self, label: Callable[[], str]) -> str:
        return f"{label()}:{label()}" if self._which(2) else label()

    def _target(self) -> str:
        extensions = ("${EXTEN}", "${EXTEN}", "${EXTEN:1}", "s", "100", "900", "${number}")
        extension = self.pick((*extensions, "0${EXTEN}", "missing"))
        priority = self.pick(("1", "1", "1", "2", "a", "b"))
        context = self.pick((*CONTEXTS, "${there}"))
        return self.pick(
            (
                f"{context},{extension},{priority}",
                f"{context},{extension},{priority}",
                f"{extension},{priority}",
                self.pick(("a", "b", "1", "2", "3")),
            )
        )

    def _routine(self) -> str:
        return f"{self._target()}({self.pick(('', '1', '${EXTEN}', '${EXTEN},x'))})"

    # ------------------------------------------------------------------- calls

    def call(self, contexts: Sequence[str]) -> Call:
        """Return a call into one of the contexts, and all that can happen to it."""
        return Call(
            self.pick(contexts),
            self.pick(DIALLED),
            caller=self.pick(("101", "102", "")),
            verdicts=tuple(self.pick((True, True, False)) for _ in range(self._which(4))),
            answers=tuple(self.pick((True, False)) for _ in range(self._which(4))),
            keyed=tuple(self.pick(DIALLED[:13]) for _ in range(self._which(3))),
            sent=tuple(
                Sent(self.pick(DIALLED), self.pick(("caller", "called", "forward")))
                for _ in range(self._which(3))
            ),
            hours=frozenset(each for each in HOURS if self._which(2)),
            hangs_up_after=self.pick((None, None, None, 0, 1, 2, 3)),
            homes=HOMES,
        )


@st.composite
def examples(draw: st.DrawFn) -> Example:
    """Return dialplans with some calls each; what fails is made small."""
    return _Chance(lambda several: draw(st.integers(0, several - 1))).example()


def example(seed: int) -> Example:
    """Return the dialplan of a number, with some calls."""
    return _Chance(random.Random(seed).randrange).example()  # noqa: S311 - no secret is made
