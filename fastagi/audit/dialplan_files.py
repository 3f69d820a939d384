"""The dialplan as Asterisk would load it from files (pbx/pbx_config.c pbx_load_config()).

`extensions.conf` and what it includes. Nothing else that brings extensions is read, but told:
`extensions.ael`, `extensions.lua`, phones of `users.conf`.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from fastagi.audit.chains import ANONYMOUS, HINT, ContextDraft, without_blanks
from fastagi.audit.conf import read_conf
from fastagi.audit.conf_lines import BLANKS
from fastagi.audit.dialplan import Dialplan, Include, Step, Switch
from fastagi.audit.finding import Finding, Kind, Severity
from fastagi.audit.load_variables import expand
from fastagi.audit.other_dialplans import other_dialplans
from fastagi.audit.place import Place

if TYPE_CHECKING:
    from pathlib import Path

    from fastagi.audit.conf import Section, Setting

MAIN: Final = "extensions.conf"
NUMBER: Final = re.compile(r"[ \t]*(?P<number>-?\d{1,30})")
PRIORITY_MAX: Final = 2**31 - 1  # an int
NONE_YET: Final = -2  # no priority was written in the context so far
PASSED_OVER: Final = frozenset({"ignorepat", "autohints"})
"""What stands in a context and leads nowhere."""


def read_dialplan(folder: Path) -> tuple[Dialplan, tuple[Finding, ...]]:
    """Read the dialplan of a folder of configuration, and tell what is odd in it.

    Args:
        folder: `/etc/asterisk`, or a copy of it.

    Returns:
        The dialplan, as it would be loaded: without a context where Asterisk takes nothing of
        `extensions.conf`; and what could not be read, or is read otherwise than it is written.
    """
    conf = read_conf(folder, MAIN)
    loading = _Loading(list(conf.findings))
    if not conf.files and not conf.findings:
        what, advice = "there is no such file", "audit the folder that has it"
        loading.findings.append(
            Finding(Kind.UNREADABLE, Severity.MEDIUM, what, advice, Place(MAIN, 0))
        )
    sections = [each for each in conf.sections if not each.is_template]
    loading.set_globals([each for each in sections if each.name.lower() == "globals"])
    for section in sections if conf.whole else ():
        if section.name.lower() not in {"general", "globals"}:
            loading.load(section)
    loading.findings += other_dialplans(folder)
    dialplan = Dialplan(
        contexts={name: draft.done() for name, draft in loading.contexts.items()},
        variables=loading.written,
    )
    return dialplan, tuple(dict.fromkeys(loading.findings))  # a template's lines are many's


class _Loading:
    """One loading.

    Attributes:
        variables: The globals, with what they stand for put in.
        written: The same, as they are written.
    """

    def __init__(self, findings: list[Finding]) -> None:
        self.findings = findings
        self.contexts: dict[str, ContextDraft] = {}
        self.variables: dict[str, str] = {}
        self.written: dict[str, str] = {}
        self._extension = ""  # of the line before, with its caller
        self._priority = NONE_YET

    def set_globals(self, sections: list[Section]) -> None:
        """Set the globals, before anything else is loaded."""
        for setting in (each for section in sections for each in section.settings):
            name = re.sub(r"^__?", "", setting.name)
            if name.endswith(")"):  # sets a function, as `ENV(HOME)`
                continue
            self.written[name] = setting.value
            value = expand(setting.value, self.variables)
            self.variables[name] = setting.value if value is None else value

    def load(self, section: Section) -> None:
        """Load one section as a context, or more of it."""
        self._extension, self._priority = "", NONE_YET
        draft = self.contexts.setdefault(section.name, ContextDraft(section.name, section.place))
        for setting in section.settings:
            name = setting.name.lower()
            if name.startswith("same"):
                self._same(draft, setting)
            elif name == "exten":
                self._exten(draft, setting)
            elif name == "include":
                self._include(draft, setting)
            elif name in {"switch", "lswitch", "eswitch"}:
                self._switch(draft, setting)
            elif name not in PASSED_OVER:
                what = f"Asterisk knows no `{setting.name} =` in a context, and leaves it out"
                self._misread(setting.place, what, "write `exten`, `same` or `include`")

    # ------------------------------------------------------------------- steps

    def _same(self, draft: ContextDraft, setting: Setting) -> None:
        if not self._extension:
            what = "`same` stands before any `exten` of its section: Asterisk leaves it out"
            self._misread(setting.place, what, "write `exten => …` first")
            return
        self._step(draft, setting, setting.value)

    def _exten(self, draft: ContextDraft, setting: Setting) -> None:
        written, rest = split_extension(setting.value)
        extension = self._expanded(written, setting.place)
        self._extension = extension
        self._step(draft, setting, rest)

    def _step(self, draft: ContextDraft, setting: Setting, rest: str) -> None:
        """Add the step that the rest of a line is: `n(label),Application(arguments)`."""
        place = setting.place
        extension, for_some, caller = self._extension.partition("/")
        caller_id = (shrunk(caller) or ANONYMOUS) if for_some else ""
        written, _, call = rest.partition(",")
        written, has_label, label = written.strip(BLANKS).partition("(")
        label, closed, _ = label.partition(")")
        if has_label and not closed:
            self._left_out(place, "its label has no `)`", "close the parenthesis")
            return
        application, arguments, closed_call = split_call(call)
        name = without_blanks(extension)
        step = Step(name, caller_id, 0, label, application, arguments, place)
        priority = self._number(draft, step, written)
        if priority is None:
            return
        if priority < 1 and priority != HINT:
            what = f"its priority is {priority}: `n` behind a hint counts from there"
            self._left_out(place, what, "write `1`")
        elif not name:
            self._left_out(place, "its extension has no name", "name it")
        elif known := draft.add(replace(step, priority=priority)):
            has = "hint" if priority == HINT else f"priority {priority}"
            what = f"`{name}` has a {has} already, at {known.place}"
            self._left_out(place, what, "take one of them away, or count with `n`")
        elif not closed_call:
            self._misread(place, f"`{application}(` has no `)` behind it", "close it")

    def _number(self, draft: ContextDraft, step: Step, written: str) -> int | None:
        """Return the priority that is meant, or None where none can be."""
        word, adds, more = written.partition("+")
        number: int | None
        if word == "hint":
            number = HINT
        elif word in {"n", "next", "s", "same"}:
            number = None if self._priority == NONE_YET else self._priority + (word[0] == "n")
        elif found := NUMBER.match(word):
            number = int(found["number"])
            number = number if 0 < number <= PRIORITY_MAX else None
        else:
            labelled = draft.labelled(replace(step, label=word)) if word else None
            number = labelled.priority if labelled else None
        if number is None:
            what = f"`{written}` is no priority here" if written else "it has no priority"
            self._left_out(step.place, what, "begin with `1`, and go on with `n`")
        elif number:
            found = NUMBER.match(more)
            number += int(found["number"]) if adds and found else 0
            self._priority = number
        return number

    # ------------------------------------------------------------------- ways elsewhere

    def _include(self, draft: ContextDraft, setting: Setting) -> None:
        context, _, hours = self._expanded(setting.value, setting.place).partition(",")
        draft.include(Include(context, hours, setting.place))

    def _switch(self, draft: ContextDraft, setting: Setting) -> None:
        value = setting.value
        if setting.name.lower() == "switch":
            value = self._expanded(value, setting.place)
        kind, _, data = value.partition("/")
        draft.switch(Switch(kind, data, setting.place))

    # ------------------------------------------------------------------- what is said

    def _expanded(self, text: str, place: Place) -> str:
        """Return a text with the globals put in; as it is written where they are not enough."""
        value = expand(text, self.variables)
        if value is None:
            what = "what this line is called depends on where and when it is loaded"
            advice = "write it out, or use a variable of `[globals]`"
            self.findings.append(Finding(Kind.UNREADABLE, Severity.MEDIUM, what, advice, place))
            return text
        return value

    def _left_out(self, place: Place, why: str, advice: str) -> None:
        self._misread(place, f"Asterisk leaves out this line: {why}", advice)

    def _misread(
        self, place: Place, what: str, advice: str, severity: Severity = Severity.LOW
    ) -> None:
        self.findings.append(Finding(Kind.MISREAD, severity, what, advice, place))


def split_extension(value: str) -> tuple[str, str]:
    """Return what stands before the first comma, and the rest; commas in brackets are no such.

    Args:
        value: Of an `exten =>` (pbx_config.c pbx_strsep()).
    """
    brackets = 0
    escaped = False
    for at, each in enumerate(value):
        if escaped:
            escaped = False
        elif each == "[":
            brackets += 1
        elif each == "]":
            brackets = max(0, brackets - 1)
        elif each == "\\":
            escaped = True
        elif each == "," and not brackets:
            return value[:at], value[at + 1 :]
    return value, ""


def split_call(call: str) -> tuple[str, str, bool]:
    """Return an application, its arguments, and whether their parenthesis is closed.

    Without a parenthesis all is the application; so it is where a variable stands before it.
    """
    application, opened, rest = call.partition("(")
    if not opened or "${" in application or "$[" in application:
        return call.lstrip(BLANKS), "", True
    arguments, closed, behind = rest.rpartition(")")
    return application.lstrip(BLANKS), arguments if closed else behind, bool(closed)


def shrunk(number: str) -> str:
    """Return a caller's number without what people put between digits.

    As main/callerid.c ast_shrink_phone_number() does.
    """
    kept = []
    brackets = 0
    for at, each in enumerate(number):
        brackets += {"[": 1, "]": -1}.get(each, 0)
        is_dash = each == "-" and not brackets
        is_dot = each == "." and at + 1 < len(number)
        if not (is_dash or is_dot or each in "( )"):
            kept.append(each)
    return "".join(kept)
