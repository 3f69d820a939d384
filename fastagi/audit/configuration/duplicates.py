"""Objects that are written twice in pjsip.conf: Asterisk then takes none of their kind."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fastagi.audit.configuration.values import value
from fastagi.audit.finding import Finding, Kind, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fastagi.audit.configuration.files import Files


def check_duplicates(files: Files) -> Iterator[Finding]:
    """Find objects of one kind and name, for which a reload changes nothing.

    res_sorcery_config.c sorcery_config_internal_load() keeps what it had: at a start nothing, at a
    reload what was in the file before. So what is audited is not in force.
    """
    seen: set[tuple[str, str]] = set()
    for section in files.sections("pjsip.conf"):
        known = (value(section, "type").lower(), section.name)
        if known in seen and known[0]:
            yield Finding(
                Kind.MISREAD,
                Severity.MEDIUM,
                f"`{section.name}` is written twice with `type = {known[0]}`: Asterisk takes none "
                "of that type from this file, and goes on with those it had",
                "take one of them away",
                section.place,
            )
        seen.add(known)
