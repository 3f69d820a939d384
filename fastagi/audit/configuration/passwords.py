"""Passwords of phones and trunks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from fastagi.audit.configuration.endpoints import read_endpoints
from fastagi.audit.configuration.modules import is_loaded
from fastagi.audit.configuration.old_channels import is_device
from fastagi.audit.configuration.strength import Weakness, weakness
from fastagi.audit.configuration.values import every, last, value
from fastagi.audit.finding import Finding, Kind, Severity

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from fastagi.audit.conf import Section
    from fastagi.audit.configuration.endpoints import Endpoint
    from fastagi.audit.configuration.files import Files
    from fastagi.audit.place import Place

ADVICE: Final = "write 16 or more characters that a program chose, at both ends"
OLD: Final = (("sip.conf", "chan_sip"), ("iax.conf", "chan_iax2"))
PASSWORD_TYPES: Final = frozenset({"", "userpass", "digest"})
"""`auth_type`s that look at `password`; `md5` and `google_oauth` have something else."""


def check_passwords(files: Files) -> Iterator[Finding]:
    """Find passwords that are short, common, or made of the extension; each once.

    One with which we log in elsewhere is the provider's matter too, so it is never worse than
    MEDIUM. Digests (`md5_cred`, `password_digest`, `md5secret`) tell nothing.
    """
    told: set[Place] = set()
    for finding in (*_pjsip(files), *_old(files)):
        if finding.place not in told:
            told.add(finding.place)
            yield finding


def _pjsip(files: Files) -> Iterator[Finding]:
    for endpoint in read_endpoints(files):
        for auth in endpoint.auths:
            yield from _auth(endpoint, auth, Severity.HIGH)
        for auth in endpoint.outbound_auths:
            yield from _auth(endpoint, auth, Severity.MEDIUM)


def _auth(endpoint: Endpoint, auth: Section, worst: Severity) -> Iterator[Finding]:
    if value(auth, "auth_type").lower() not in PASSWORD_TYPES:
        return
    if any(each.value.strip() for each in every(auth, "md5_cred", "password_digest")):
        return
    password = last(auth, "password")
    number = value(endpoint.section, "callerid").rpartition("<")[2].rstrip("> ")
    names = (endpoint.name, value(auth, "username"), number)
    yield from _weak(
        f"endpoint `{endpoint.name}`",
        password.place if password else auth.place,
        weakness(password.value.strip() if password else "", names),
        worst,
    )


def _old(files: Files) -> Iterator[Finding]:
    for name, module in OLD:
        if not is_loaded(files, module):
            continue
        for section in filter(is_device, files.sections(name)):
            dynamic = value(section, "host").lower() == "dynamic"
            names = (section.name, value(section, "username"), value(section, "defaultuser"))
            for secret in every(section, "secret", "remotesecret"):
                yield from _weak(
                    f"`{section.name}` in {name}",
                    secret.place,
                    weakness(secret.value.strip(), names),
                    Severity.HIGH if dynamic else Severity.MEDIUM,
                )


def _weak(who: str, place: Place, found: Weakness | None, worst: Severity) -> Iterable[Finding]:
    if found is None:
        return ()
    severity = found.severity if worst is Severity.HIGH else worst
    return (
        Finding(Kind.PASSWORD, severity, f"the password of {who} {found.what}", ADVICE, place),
    )
