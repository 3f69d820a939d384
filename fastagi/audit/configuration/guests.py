"""Who gets in without a password."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from fastagi.audit.configuration.addresses import is_wide
from fastagi.audit.configuration.endpoints import Role
from fastagi.audit.configuration.modules import is_loaded
from fastagi.audit.configuration.old_channels import has_secret, is_device, sip_guests
from fastagi.audit.configuration.pjsip_entries import callers
from fastagi.audit.configuration.values import every, listed, value
from fastagi.audit.finding import Finding, Kind, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fastagi.audit.conf import Section
    from fastagi.audit.configuration.endpoints import Endpoint
    from fastagi.audit.configuration.files import Files
    from fastagi.audit.place import Place

REMEDY: Final = "give it {}, or take it away"
BY_NAME: Final = frozenset({"username", "auth_username"})


def check_guests(files: Files) -> Iterator[Finding]:
    """Find whoever is let in and not asked who it is.

    Where their context is that of the phones it is HIGH, else MEDIUM: what they reach there, the
    ways tell.
    """
    endpoints = tuple(callers(files))
    phones = [each for each in endpoints if each.role is Role.PHONE]
    inside = {each.context for each in phones if each.aors or not each.is_open}
    for endpoint in endpoints:
        if endpoint.is_open:
            yield from _open(endpoint, inside)
    if found := sip_guests(files):
        what, context = found
        yield _guests(
            "chan_sip lets in whoever comes", context, inside, what.place, "allowguest=no"
        )
    yield from _sip_phones(files)
    if is_loaded(files, "chan_iax2"):
        for section in files.sections("iax.conf"):
            called_only = value(section, "type").lower() == "peer"
            if is_device(section) and not called_only and not has_secret(section):
                context = value(section, "context", "default")
                who = f"IAX user `{section.name}` has no secret: it lets in whoever comes"
                yield _guests(who, context, inside, section.place, REMEDY.format("a `secret`"))


def _open(endpoint: Endpoint, inside: set[str]) -> Iterator[Finding]:
    """Find how strangers are taken for an endpoint that has no `auth`."""
    if endpoint.role is Role.GUEST:
        who = f"endpoint `{endpoint.name}` lets in whoever comes without a name"
        yield _guests(who, endpoint.context, inside, endpoint.place, REMEDY.format("`auth`"))
        return
    for identify in endpoint.identifies:
        for match in every(identify, "match"):
            if any(map(is_wide, listed(match.value))):
                yield Finding(
                    Kind.GUEST,
                    Severity.HIGH,
                    f"everybody's address is taken for endpoint `{endpoint.name}`, which has no "
                    "`auth`",
                    "name the addresses that are its own",
                    match.place,
                )
        by_header = every(identify, "match_header", "match_request_uri")
        if by_header and not every(identify, "match"):
            yield Finding(
                Kind.GUEST,
                Severity.MEDIUM,
                f"whoever sends a header is taken for endpoint `{endpoint.name}`, which has no "
                "`auth`",
                "give it `auth`, or have it known by its address (`match`)",
                by_header[0].place,
            )
    # Whoever says a trunk's name comes in as a party outside, which anybody may be who dials in.
    as_phone = endpoint.role is Role.PHONE or endpoint.context in inside
    if as_phone and not BY_NAME.isdisjoint(endpoint.identified_by):
        yield Finding(
            Kind.GUEST,
            Severity.HIGH if endpoint.context in inside else Severity.MEDIUM,
            f"whoever names endpoint `{endpoint.name}` is taken for it: it has no `auth`",
            "give it `auth`, or, where it has an address of its own (`identify`), set "
            "`identify_by = ip`",
            endpoint.at("identify_by"),
        )


def _guests(who: str, context: str, inside: set[str], place: Place, advice: str) -> Finding:
    shared = context in inside
    also = ", as phones are" if shared else ""
    return Finding(
        Kind.GUEST,
        Severity.HIGH if shared else Severity.MEDIUM,
        f"{who}, to context `{context}`{also}",
        advice,
        place,
    )


def _sip_phones(files: Files) -> Iterator[Finding]:
    """Find phones of chan_sip that log in without a secret, or call without (`insecure`)."""
    if not is_loaded(files, "chan_sip"):
        return
    for section in files.sections("sip.conf"):
        if not is_device(section) or value(section, "host").lower() != "dynamic":
            continue
        skips = "invite" in listed(value(section, "insecure").lower())
        if skips or not has_secret(section):
            yield Finding(
                Kind.GUEST,
                Severity.HIGH,
                f"nobody asks `SIP/{section.name}` for a secret when it calls",
                "give it a `secret`, and no `insecure`",
                _at(section, "insecure") if skips else section.place,
            )


def _at(section: Section, name: str) -> Place:
    return every(section, name)[-1].place
