"""A dialplan that is easily misread: the audit reads of its files what Asterisk loads of them."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest

from fastagi.audit.dialplan_ami import UNTOLD, dialplan_of
from fastagi.audit.dialplan_files import read_dialplan
from tests.e2e.conftest import VERSIONS
from tests.e2e.rig.bare import loaded_dialplan

if TYPE_CHECKING:
    from fastagi.audit.dialplan import Context, Dialplan

NASTY: Final = Path(__file__).parent / "nasty"


def steps(context: Context) -> list[tuple[str, int, str, str, str]]:
    """Return the steps of a context without what AMI does not tell: callers and places."""
    return sorted(
        (each.extension, each.priority, each.label, each.application, each.arguments)
        for each in context.steps
    )


def elsewhere(context: Context) -> list[tuple[str, str, str]]:
    """Return where a context leads, in the order in which it is looked at."""
    return [
        *(("include", each.context, each.hours) for each in context.includes),
        *(("switch", each.kind, each.data) for each in context.switches),
    ]


def for_some(dialplan: Dialplan) -> set[tuple[str, str, str]]:
    """Return the steps that are for some callers only, by what both readings know of them."""
    return {
        (context.name, each.extension, each.arguments)
        for context in dialplan.contexts.values()
        for each in context.steps
        if each.caller_id
    }


CONTEXTS: Final = {
    *("inside", "inside-too", "INSIDE", "phones", "with a blank", "first", "shown", "late"),
    "a-name-that-is-longer-than-the-seventy-nine-characters-which-asterisk-keeps-of-",
}
"""Those in which something stands."""

HARMLESS: Final = {"include => ${CTX}-too", "switch => Realtime/${CTX}@x/y"}
"""Lines that are there twice: Asterisk warns of them, the audit does not."""


def warned_of(log: str) -> set[tuple[str, int]]:
    """Return the lines that Asterisk warns of."""
    found = re.findall(r"line (\d+) of (\S+?\.(?:conf|d))\b", log)
    return {(Path(file).name, int(line)) for line, file in found}


@pytest.mark.parametrize("version", VERSIONS)
def test_files_are_read_as_asterisk_loads_them(version: str) -> None:
    """Context for context, step for step; and whatever Asterisk warns of is told."""
    asterisk = loaded_dialplan(version, NASTY)
    loaded = dialplan_of(asterisk.events)
    read, findings = read_dialplan(NASTY)
    assert set(loaded.contexts) == CONTEXTS
    assert {name for name, each in read.contexts.items() if steps(each) or elsewhere(each)} == (
        CONTEXTS
    )
    for name, context in loaded.contexts.items():
        assert steps(read.contexts[name]) == steps(context)
        assert elsewhere(read.contexts[name]) == elsewhere(context)
    assert for_some(loaded) == for_some(read)
    assert {each.caller_id for each in loaded.contexts["inside"].steps} == {"", UNTOLD}
    told = {(Path(each.place.file).name, each.place.line) for each in findings}
    warned = warned_of(asterisk.log)
    assert len(warned) > 15
    lines = (NASTY / "extensions.conf").read_text().splitlines()
    assert {lines[line - 1] for _, line in warned - told} == HARMLESS
