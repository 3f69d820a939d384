"""Forwards (302) that are dialled past the dialplan."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from fastagi.audit.configuration.endpoints import read_endpoints
from fastagi.audit.configuration.values import last, told
from fastagi.audit.finding import Finding, Kind, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fastagi.audit.configuration.files import Files
    from fastagi.audit.place import Place

PAST: Final = frozenset({"uri_core", "uri_pjsip"})


def check_redirects(files: Files) -> Iterator[Finding]:
    """Find endpoints whose 302 is dialled as it stands, told together where one line says so."""
    found: dict[Place, list[str]] = {}
    for endpoint in read_endpoints(files):
        method = last(endpoint.section, "redirect_method")
        if method and method.value.strip().lower() in PAST:
            found.setdefault(method.place, []).append(endpoint.name)
    for place, names in found.items():
        yield Finding(
            Kind.REDIRECT,
            Severity.HIGH,
            f"a 302 of {told(names)} is dialled where it says, past dialplan and gate",
            "set `redirect_method = user`, and `FORWARD_CONTEXT` to a context that asks the gate",
            place,
        )
