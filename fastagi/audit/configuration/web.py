"""Asterisk's HTTP server, and ARI behind it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from fastagi.audit.configuration.addresses import Reach, lets_everybody_in, reach_of
from fastagi.audit.configuration.strength import weakness
from fastagi.audit.configuration.values import is_false, is_true, last, listed, value
from fastagi.audit.finding import Finding, Kind, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fastagi.audit.conf import Section
    from fastagi.audit.configuration.files import Files

GUARDED: Final = ("/", "/ari")
"""Sections of http.conf whose list of addresses guards ARI (`type = restriction`)."""


def web_reach(files: Files) -> list[Reach]:
    """Return who reaches the HTTP server, without TLS and with it; nothing where it is off.

    It is off by default, and without `bindaddr` (main/http.c).
    """
    general = files.named("http.conf", "general")
    if not general or not is_true(value(general[0], "enabled")):
        return []
    bind = value(general[0], "bindaddr")
    reached = [reach_of(bind)] if bind else []
    secure = value(general[0], "tlsbindaddr", bind)
    if secure and is_true(value(general[0], "tlsenable")):
        reached.append(reach_of(secure))
    return reached


def check_web(files: Files) -> Iterator[Finding]:
    """Find an HTTP server that everybody reaches without TLS, and ARI that is open."""
    general = files.named("http.conf", "general")
    reached = web_reach(files)
    bind = last(general[0], "bindaddr") if general else None
    if reached and bind and bind.value.strip() and reach_of(bind.value) is Reach.WORLD:
        yield Finding(
            Kind.OPEN_DOOR,
            Severity.MEDIUM,
            "everybody reaches Asterisk's HTTP server, and without TLS: passwords can be read",
            "set `bindaddr = 127.0.0.1`, with TLS (`tlsbindaddr`) or a web server in front of it",
            bind.place,
        )
    yield from _ari(files, max(reached, key=list(Reach).index, default=None))


def _ari(files: Files, reach: Reach | None) -> Iterator[Finding]:
    general = files.named("ari.conf", "general")
    if reach is None or any(is_false(value(each, "enabled", "yes")) for each in general):
        return
    for section in general:
        origins = last(section, "allowed_origins")
        if origins and "*" in listed(origins.value):
            yield Finding(
                Kind.OPEN_DOOR,
                Severity.MEDIUM,
                "any web page that somebody looks at may talk to ARI (`allowed_origins`)",
                "name the pages that do",
                origins.place,
            )
    guards = [each for name in GUARDED for each in files.named("http.conf", name)]
    for section in files.sections("ari.conf"):
        if value(section, "type").lower() == "user":
            yield from _user(files, section, guards, reach)


def _user(
    files: Files, section: Section, guards: list[Section], reach: Reach
) -> Iterator[Finding]:
    who = f"ARI user `{section.name}`"
    password = last(section, "password")
    place = password.place if password else section.place
    if value(section, "password_format", "plain").lower() != "crypt":
        found = weakness(password.value.strip() if password else "", [section.name])
        if found:
            yield Finding(
                Kind.PASSWORD,
                found.severity if reach is not Reach.MACHINE else Severity.MEDIUM,
                f"the password of {who} {found.what}",
                "write 16 or more characters that a program chose",
                place,
            )
        else:
            yield Finding(
                Kind.READABLE,
                Severity.LOW,
                f"the password of {who} is kept as it is",
                "keep its hash: `password_format = crypt`, and what `mkpasswd -m sha-512` prints",
                place,
            )
    writes = not is_true(value(section, "read_only"))
    if writes and reach is not Reach.MACHINE and lets_everybody_in(files, [section, *guards]):
        yield Finding(
            Kind.OPEN_DOOR,
            Severity.HIGH if reach is Reach.WORLD else Severity.LOW,
            f"who has the password of {who} dials past the gate, from wherever HTTP is reached",
            "set `read_only = yes`, or `deny` and `permit` for `[/ari]` in http.conf",
            section.place,
        )
