"""Dialplans for tests, from text in the shape of extensions.conf; no more of it than is used."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from fastagi.audit.dialplan import Context, Dialplan, Include, Step, Switch
from fastagi.audit.place import Place

if TYPE_CHECKING:
    from collections.abc import Iterator

DIALPLANS = Path(__file__).parents[4] / "dialplan"
PRIORITY = re.compile(r"(?P<number>\d+|n|hint)(?:\((?P<label>[\w-]+)\))?")


def dialplan(text: str, file: str = "extensions.conf") -> Dialplan:
    """Read a dialplan; `#include "dialguard/…"` takes the shipped file."""
    variables: dict[str, str] = {}
    contexts: dict[str, list[Step | Include | Switch]] = {}
    places: dict[str, Place] = {}
    section, extension, priority = "", "", 0
    for line, place in _lines(text, file):
        if line.startswith("["):
            section = line[1 : line.index("]")]
            if section != "globals":
                contexts.setdefault(section, [])
                places.setdefault(section, place)
            continue
        key, _, value = (each.strip() for each in line.partition("="))
        value = value.removeprefix(">").strip()
        if section == "globals":
            variables[key] = value
        elif key == "include":
            name, _, hours = value.partition(",")
            contexts[section].append(Include(name, hours, place))
        elif key == "switch":
            kind, _, data = value.partition("/")
            contexts[section].append(Switch(kind, data, place))
        else:
            if key == "exten":
                extension, _, value = value.partition(",")
                priority = 0
            found, _, rest = value.partition(",")
            told = PRIORITY.fullmatch(found.strip())
            assert told is not None, line
            match told["number"]:
                case "n":
                    priority += 1
                case "hint":
                    continue
                case number:
                    priority = int(number)
            application, _, arguments = rest.strip().partition("(")
            name, _, caller = extension.partition("/")
            contexts[section].append(
                Step(
                    name,
                    caller,
                    priority,
                    told["label"] or "",
                    application.strip(),
                    arguments.removesuffix(")"),
                    place,
                )
            )
    return Dialplan(
        {
            name: Context(
                name,
                tuple(each for each in them if isinstance(each, Step)),
                tuple(each for each in them if isinstance(each, Include)),
                tuple(each for each in them if isinstance(each, Switch)),
                places[name],
            )
            for name, them in contexts.items()
        },
        variables,
    )


def _lines(text: str, file: str) -> Iterator[tuple[str, Place]]:
    for number, raw in enumerate(text.splitlines(), 1):
        line = re.split(r"(?<!\\);", raw)[0].strip()
        if line.startswith("#include"):
            name = Path(line.split('"')[1]).name
            yield from _lines((DIALPLANS / name).read_text(), name)
        elif line:
            yield line, Place(file, number)
