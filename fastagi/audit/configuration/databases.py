"""What Asterisk has from a database or another file, so that nothing is known of it here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from fastagi.audit.configuration.values import listed
from fastagi.audit.finding import Finding, Kind, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fastagi.audit.configuration.files import Files

FAMILIES: Final = frozenset(
    {
        "extensions",
        "followme",
        "followme_numbers",
        "iaxpeers",
        "iaxusers",
        "queue_members",
        "queues",
        "sippeers",
        "sipusers",
        "voicemail",
        "ps_aors",
        "ps_auths",
        "ps_endpoint_id_ips",
        "ps_endpoints",
        "ps_registrations",
    }
)
"""Families of extconfig.conf that say who may call, or whom an application rings."""

OBJECTS: Final = frozenset({"endpoint", "aor", "auth", "identify", "registration"})
READ: Final = frozenset({"pjsip.conf", "pjsip_wizard.conf"})
ADVICE: Final = "look at those by hand, or write them into files"


def check_databases(files: Files) -> Iterator[Finding]:
    """Find what sorcery.conf and extconfig.conf have Asterisk look up elsewhere."""
    for section in files.named("extconfig.conf", "settings"):
        for each in section.settings:
            if each.name.lower() in FAMILIES:
                what = f"`{each.name}` lie in a database, and the audit sees none of them"
                yield Finding(Kind.UNKNOWN, Severity.MEDIUM, what, ADVICE, each.place)
    for section in files.sections("sorcery.conf"):
        if not section.name.lower().startswith("res_pjsip"):
            continue
        for each in section.settings:
            wizard, *rest = [*listed(each.value), ""]
            if each.name.partition("/")[0].lower() not in OBJECTS:
                continue
            if wizard in {"realtime", "sql"} or (wizard == "config" and rest[0] not in READ):
                what = f"PJSIP's `{each.name}` lie elsewhere, and the audit sees none of them"
                yield Finding(Kind.UNKNOWN, Severity.MEDIUM, what, ADVICE, each.place)
