"""A dialplan as a text of the tests: what is walked here is what Asterisk loads elsewhere.

It reads just what the tests write, one statement a line; what files really hold is read by
`fastagi.audit`, and tested there.
"""

from __future__ import annotations

import re
from typing import Final

from fastagi.audit.dialplan import Context, Dialplan, Include, Step, Switch
from fastagi.audit.place import Place

FILE: Final = "extensions.conf"
_STATEMENT: Final = re.compile(r"(exten|same|include|switch)\s*=>\s*(.*)")
_STEP: Final = re.compile(r"(n|\d+)(?:\(([\w-]+)\))?,([A-Za-z]\w*)(?:\((.*)\))?")


def dialplan(text: str, file: str = FILE) -> Dialplan:
    """Return what a text says.

    Args:
        text: Statements, a line each.
        file: What it is called, where places are told.

    Raises:
        ValueError: A line is none that the tests write.
    """
    contexts: dict[str, Context] = {}
    variables: dict[str, str] = {}
    section, extension, last = "", "", 0
    for number, written in enumerate(text.splitlines(), 1):
        line, place = written.strip(), Place(file, number)
        if not line or line.startswith(";"):
            continue
        if line.startswith("["):
            section = line[1 : line.index("]")]
            if section != "globals":
                contexts.setdefault(section, Context(section, (), (), (), place))
            continue
        if section == "globals":
            name, _, value = line.partition("=")
            variables[name.strip()] = value.strip()
            continue
        statement = _STATEMENT.fullmatch(line)
        if statement is None:
            message = f"line {number}: `{line}` is none that the tests write"
            raise ValueError(message)
        word, rest = statement.groups()
        here = contexts[section]
        if word == "include":
            context, _, hours = rest.partition(",")
            more = Include(context, hours, place)
            contexts[section] = _with(here, includes=(*here.includes, more))
            continue
        if word == "switch":
            kind, _, data = rest.partition("/")
            contexts[section] = _with(here, switches=(*here.switches, Switch(kind, data, place)))
            continue
        if word == "exten":
            extension, _, rest = rest.partition(",")
        step = _STEP.fullmatch(rest)
        if step is None:
            message = f"line {number}: `{rest}` is no step"
            raise ValueError(message)
        priority, label, application, arguments = step.groups("")
        last = last + 1 if priority == "n" else int(priority)
        name, _, caller = extension.partition("/")
        new = Step(name, caller, last, label, application, arguments, place)
        contexts[section] = _with(here, steps=(*here.steps, new))
    return Dialplan(contexts, variables)


def _with(
    context: Context,
    *,
    steps: tuple[Step, ...] | None = None,
    includes: tuple[Include, ...] | None = None,
    switches: tuple[Switch, ...] | None = None,
) -> Context:
    return Context(
        context.name,
        context.steps if steps is None else steps,
        context.includes if includes is None else includes,
        context.switches if switches is None else switches,
        context.place,
    )
