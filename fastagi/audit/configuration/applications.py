"""What applications that other files name dial, and into which contexts they go."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from fastagi.audit.configuration.values import listed

if TYPE_CHECKING:
    from collections.abc import Iterator

DIALLING: Final = frozenset({"dial", "retrydial", "page", "originate"})
ROUTINES: Final = frozenset({"gosub", "macro", "goto"})
SCRIPTS: Final = frozenset(
    {"agi", "eagi", "deadagi", "fastagi", "exec", "execif", "tryexec", "stasis", "system"}
) | {"trysystem", "externalivr", "followme", "queue", "transfer", "disa", "voicemailmain"}
"""Applications that dial, or may have something dial, in a way that is not looked into here."""

ROUTINE: Final = re.compile(r"(?P<place>[^()]*)(?:\(.*\))?", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Target:
    """Where an application leads.

    Attributes:
        dialled: A dial string, `PJSIP/101`; empty for a place in the dialplan.
        context: The place's context; empty where only Asterisk knows it.
        extension: None for whatever somebody chooses, as a variable does.
    """

    dialled: str = ""
    context: str = ""
    extension: str | None = None


def targets(application: str, arguments: str) -> Iterator[Target]:
    """Find all that an application dials or goes to, as far as it is written down."""
    name = application.strip().lower()
    if name in DIALLING:
        for each in listed(arguments.partition(",")[0], "&"):
            yield target_of(each)
        if name == "originate":
            words = [word.strip() for word in arguments.split(",")] + [""] * 4
            if words[1].lower() == "exten":
                yield _target(words[2], words[3] or "s")
    elif name in ROUTINES:
        found = ROUTINE.fullmatch(arguments)
        words = [word.strip() for word in (found["place"] if found else "").split(",")]
        if name == "macro":
            yield _target(f"macro-{words[0]}", "s")
        elif len(words) > 1:
            yield _target(*(words[:2] if len(words) > 2 else ("", words[0])))
        else:
            yield Target()


def target_of(dialled: str) -> Target:
    """Return where a dial string leads: into the dialplan, where it is `Local/…@…`."""
    technology, _, rest = dialled.partition("/")
    if technology.strip().lower() != "local":
        return Target(dialled=dialled.strip())
    extension, _, context = rest.partition("/")[0].partition("@")
    return _target(context or "default", extension)


def _target(context: str, extension: str) -> Target:
    context = "" if "${" in context else context.strip()
    return Target(context=context, extension=None if "${" in extension else extension.strip())
