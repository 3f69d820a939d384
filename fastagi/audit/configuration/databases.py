"""What Asterisk has from a database or another file, so that nothing is known of it here."""

from __future__ import annotations

import re
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

HANDED_OUT: Final = "ps_auths"
OURS: Final = re.compile(r"curl\s*,\s*http://(127\.0\.0\.1|\[::1\]):[0-9]{1,5}/auths")
"""Where dialguard answers, on this machine: what it hands out is for who has signed in."""

LOOKED_UP: Final = ["realtime", HANDED_OUT]
OBJECTS: Final = frozenset({"endpoint", "aor", "auth", "identify", "registration"})
READ: Final = frozenset({"pjsip.conf", "pjsip_wizard.conf"})
ADVICE: Final = "look at those by hand, or write them into files"


def check_databases(files: Files) -> Iterator[Finding]:
    """Find what sorcery.conf and extconfig.conf have Asterisk look up elsewhere.

    Passwords that dialguard hands out are no finding: it knows whose they are.
    """
    families = [
        each for section in files.named("extconfig.conf", "settings") for each in section.settings
    ]
    named = [each.value for each in families if each.name.lower() == HANDED_OUT]
    ours = bool(named) and all(OURS.fullmatch(each.strip()) for each in named)
    for each in families:
        name = each.name.lower()
        if name in FAMILIES and not (ours and name == HANDED_OUT):
            what = f"`{each.name}` lie in a database, and the audit sees none of them"
            yield Finding(Kind.UNKNOWN, Severity.MEDIUM, what, ADVICE, each.place)
    for section in files.sections("sorcery.conf"):
        if not section.name.lower().startswith("res_pjsip"):
            continue
        for each in section.settings:
            wizard, *rest = [*listed(each.value), ""]
            if each.name.partition("/")[0].lower() not in OBJECTS:
                continue
            if ours and each.name.lower() == "auth" and [wizard, *rest[:1]] == LOOKED_UP:
                continue
            if wizard in {"realtime", "sql"} or (wizard == "config" and rest[0] not in READ):
                what = f"PJSIP's `{each.name}` lie elsewhere, and the audit sees none of them"
                yield Finding(Kind.UNKNOWN, Severity.MEDIUM, what, ADVICE, each.place)
