"""DISA: a dial tone for whoever has the code (apps/app_disa.c)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from fastagi.audit.finding import Finding, Kind, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fastagi.audit.dialplan import Dialplan

NONE: Final = "no-password"
DIGITS_MIN: Final = 8
"""Of a code that anybody may try who knows the number, as often as they call."""


def check_disa(dialplan: Dialplan) -> Iterator[Finding]:
    """Find every DISA: HIGH without a code, MEDIUM with a short one, else LOW."""
    for context in dialplan.contexts.values():
        for step in context.steps:
            if step.application.strip().lower() != "disa":
                continue
            code, *rest = (each.strip() for each in step.arguments.split(","))
            into = rest[0] if rest and rest[0] else "disa"
            severity, guarded = _guarded(code)
            yield Finding(
                Kind.DISA,
                severity,
                f"DISA gives whoever calls `{step.extension}` of `{context.name}` a dial tone in "
                f"context `{into}`, {guarded}",
                "take it away, or have callers log in with PIN and code before that context dials",
                step.place,
            )


def _guarded(code: str) -> tuple[Severity, str]:
    if not code or code.lower() == NONE:
        return Severity.HIGH, "and asks for no code"
    if not code.isdecimal():
        return Severity.LOW, "for a code that stands elsewhere"
    if len(code) < DIGITS_MIN or len(set(code)) < 3:
        return Severity.MEDIUM, f"for a code of fewer than {DIGITS_MIN} digits, or but one or two"
    return Severity.LOW, "for one code, the same for all"
