"""Findings as SARIF 2.1.0 (OASIS), which code hosts and editors show beside the lines."""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Final, assert_never
from urllib.parse import quote

from fastagi import __version__
from fastagi.audit.finding import Kind, Severity
from fastagi.audit.report.catalogue import CATALOGUE
from fastagi.audit.report.fingerprint import fingerprints

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from fastagi.audit.finding import Finding, Hop
    from fastagi.audit.place import Place
    from fastagi.audit.report.catalogue import About
    from fastagi.audit.report.structured import Json

SCHEMA: Final = (
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
)

FINGERPRINT: Final = "dialguardFinding/v1"
"""The name of our `partialFingerprints`; another version of them gets another."""

RULES: Final = tuple(Kind)
"""The order of the rules; `ruleIndex` counts in it."""


def as_sarif(
    findings: Sequence[Finding], accepted: Mapping[Finding, str], folder: PurePosixPath
) -> Json:
    """Return one run as what `json` writes.

    Args:
        findings: In their order.
        accepted: Why some of them are none to worry about: they are told as suppressed.
        folder: What files are relative to: the folder that was read, itself relative to the top
            of the repository, as code hosts want it, or absolute.
    """
    return {
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [
            {
                "tool": {
                    "driver": {
                        "name": "dialguard",
                        "version": __version__,
                        "semanticVersion": __version__,
                        "rules": [_rule(kind, CATALOGUE[kind]) for kind in RULES],
                    }
                },
                "invocations": [{"executionSuccessful": True}],
                "results": [
                    _result(each, mark, accepted.get(each), folder)
                    for each, mark in zip(findings, fingerprints(findings), strict=True)
                ],
            }
        ],
    }


def _rule(kind: Kind, about: About) -> Json:
    return {
        "id": kind.value,
        "name": "".join(word.capitalize() for word in kind.value.split("-")),
        "shortDescription": {"text": about.title},
        "fullDescription": {"text": about.why},
        "help": {
            "text": f"{about.why}\n\n{about.cure}",
            "markdown": f"{about.why}\n\n**What to do:** {about.cure}",
        },
        "properties": {"tags": ["security"]},
    }


def _result(finding: Finding, mark: str, why: str | None, folder: PurePosixPath) -> Json:
    said: dict[str, Json] = {
        "ruleId": finding.kind.value,
        "ruleIndex": RULES.index(finding.kind),
        "level": _level(finding.severity),
        # Where there is little room only the first sentence is shown.
        "message": {"text": f"{_sentence(finding.message)} {_sentence(finding.advice)}"},
        "locations": [_location(finding.place, folder)],
        "partialFingerprints": {FINGERPRINT: mark},
    }
    if finding.way:
        way = [{"location": _passed(hop, folder)} for hop in finding.way]
        said["codeFlows"] = [{"threadFlows": [{"locations": way}]}]
    if why is not None:
        suppression = {"kind": "external", "status": "accepted", "justification": why}
        said["suppressions"] = [suppression]
    return said


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:].removesuffix('.')}."


def _level(severity: Severity) -> str:
    match severity:
        case Severity.HIGH:
            return "error"
        case Severity.MEDIUM:
            return "warning"
        case Severity.LOW:
            return "note"
        case _:
            assert_never(severity)


def _passed(hop: Hop, folder: PurePosixPath) -> Json:
    said = {**_location(hop.place, folder), "message": {"text": hop.text}}
    if hop.context:
        name = f"{hop.context},{hop.extension},{hop.priority}"
        said["logicalLocations"] = [{"fullyQualifiedName": name, "kind": "function"}]
    return said


def _location(place: Place, folder: PurePosixPath) -> dict[str, Json]:
    if not place.file:
        return {"message": {"text": str(place)}}
    physical: dict[str, Json] = {"artifactLocation": {"uri": _uri(folder / place.file)}}
    if place.line:
        physical["region"] = {"startLine": place.line}
    return {"physicalLocation": physical}


def _uri(path: PurePosixPath) -> str:
    """Return a path as RFC 3986 writes it; a relative one stays relative."""
    quoted = quote(str(path), errors="surrogateescape")
    return f"file://{quoted}" if path.is_absolute() else quoted
