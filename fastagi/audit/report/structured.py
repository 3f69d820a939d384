"""Findings as JSON: the names of its fields are for programs, and do not change."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from fastagi.audit.report.fingerprint import fingerprints

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from fastagi.audit.finding import Finding, Hop

Json: TypeAlias = "str | int | bool | Sequence[Json] | Mapping[str, Json] | None"


def as_json(findings: Sequence[Finding], accepted: Mapping[Finding, str]) -> list[Json]:
    """Return each finding as what `json` writes.

    Args:
        findings: In their order.
        accepted: Why some of them are none to worry about.
    """
    return [
        {
            "kind": each.kind.value,
            "severity": each.severity.value,
            "message": each.message,
            "advice": each.advice,
            "file": each.place.file,
            "line": each.place.line,
            "way": [_hop(hop) for hop in each.way],
            "fingerprint": mark,
            "accepted": accepted.get(each),
        }
        for each, mark in zip(findings, fingerprints(findings), strict=True)
    ]


def _hop(hop: Hop) -> Json:
    return {
        "context": hop.context,
        "extension": hop.extension,
        "priority": hop.priority,
        "text": hop.text,
        "file": hop.place.file,
        "line": hop.place.line,
    }
