"""The gate's own routine: whether it is as it was shipped (`dialplan/dialguard.conf`)."""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING, Final

from fastagi.audit.finding import Finding, Hop, Kind, Severity
from fastagi.audit.ways.shipped import STEPS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from fastagi.audit.dialplan import Context, Dialplan, Step

CONTEXT: Final = "dialguard"
ASKS: Final = "outbound"
NAMES: Final = "on-behalf"
INSIDE: Final = "DIALGUARD_INSIDE"

ENDS: Final = frozenset({"T", "feature", "refuse", "unspeakable"})
"""Extensions of the routine from which no call comes back to the line behind."""

CONTEXTS: Final = (CONTEXT, "dialguard-answered", "dialguard-release")
"""What belongs to it. The feature codes of dialguard-sign-in are a site's own to change."""

DIGITS: Final = 8

WITH_CODE: Final = frozenset({"disa", "authenticate"})
SECRET: Final = re.compile(r"(\w*(?:secret|passw|token|pin)\w*=)[^,)]+", re.IGNORECASE)

CURE: Final = "copy `dialplan/dialguard.conf` of this version there, and leave it as it is"


def digest(step: Step) -> str:
    """Return a few letters for what a step does, however it was read."""
    told = (str(step.priority), step.label, step.application.lower(), step.arguments.strip())
    return hashlib.sha256("\0".join(told).encode("utf-8", "surrogateescape")).hexdigest()[:DIGITS]


def digests(contexts: Iterable[Context]) -> dict[str, dict[str, str]]:
    """Return the digests of contexts by name and extension, in the order of priorities."""
    found: dict[str, dict[str, str]] = {}
    for context in contexts:
        steps: dict[tuple[str, int], Step] = {}
        for step in context.steps:
            if step.priority > 0:
                steps.setdefault((step.extension, step.priority), step)
        extensions = found.setdefault(context.name, {})
        for (extension, _), step in sorted(steps.items()):
            extensions[extension] = extensions.get(extension, "") + digest(step)
    return found


def is_ours(context: str, extension: str) -> bool:
    """Whether an extension is the routine's own, and not walked.

    One that was changed is told of; whatever calls it is looked at as if it was not.
    """
    return extension in STEPS.get(context, ())


def changes(dialplan: Dialplan) -> Iterator[Finding]:
    """Find what is not as it was shipped; nothing where the routine is not there at all."""
    if CONTEXT not in dialplan.contexts:
        return
    for name in CONTEXTS:
        context = dialplan.contexts.get(name)
        if context is None:
            whole = dialplan.contexts[CONTEXT]
            yield _finding(f"context `{name}` of the gate's routine is missing", whole, None)
            continue
        found, shipped = digests([context])[name], STEPS[name]
        if step := _odd(context, found, shipped):
            yield _finding(
                f"`{step.extension}`, priority {step.priority}, of the gate's routine is not as "
                "it was shipped",
                context,
                step,
            )
        elif found != shipped:
            yield _finding(
                f"steps of the gate's routine are missing in context `{name}`", context, None
            )
        elif context.includes or context.switches:
            yield _finding(
                f"context `{name}` of the gate's routine includes what was not shipped",
                context,
                None,
            )


def _odd(context: Context, found: Mapping[str, str], shipped: Mapping[str, str]) -> Step | None:
    """Return the first step that is none of those shipped."""
    for step in context.steps:
        if step.priority < 1 or found[step.extension] == shipped.get(step.extension):
            continue
        begin = (step.priority - 1) * DIGITS
        if shipped.get(step.extension, "")[begin : begin + DIGITS] != digest(step):
            return step
    return None


def _finding(message: str, context: Context, step: Step | None) -> Finding:
    hops = () if step is None else (hop(context.name, step),)
    place = context.place if step is None else step.place
    return Finding(Kind.ROUTINE, Severity.HIGH, message, CURE, place, hops)


def hop(context: str, step: Step) -> Hop:
    """Say a step as a line of a way, without codes and passwords."""
    arguments = step.arguments
    if step.application.lower() in WITH_CODE:
        arguments = re.sub(r"^[^,]*", "…", arguments)
    arguments = SECRET.sub(r"\1…", arguments)
    text = f"{step.application}({arguments})"
    return Hop(context, step.extension, step.priority, text, step.place)
