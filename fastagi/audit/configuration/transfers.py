"""Who may transfer, and to where."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fastagi.audit.configuration.endpoints import Role
from fastagi.audit.configuration.modules import is_loaded
from fastagi.audit.configuration.old_channels import is_device, sip_guests
from fastagi.audit.configuration.pjsip_entries import callers
from fastagi.audit.configuration.values import is_true, last, told, value
from fastagi.audit.finding import Finding, Kind, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from fastagi.audit.configuration.endpoints import Endpoint
    from fastagi.audit.configuration.files import Files


def check_transfers(files: Files, variables: Mapping[str, str]) -> Iterator[Finding]:
    """Find parties outside that may transfer, and phones whose transfers go nowhere in particular.

    What a party outside transfers is dialled at our expense, while it is on the phone with one of
    ours: HIGH where it lands in a context of the phones, else MEDIUM. A phone may; but where
    neither `set_var` nor a global variable says where to, the dialplan does, call by call: LOW.

    Args:
        files: What was read.
        variables: `[globals]` of the dialplan.
    """
    endpoints = tuple(callers(files))
    inside = {each.context for each in endpoints if each.role is Role.PHONE}
    unsaid = []
    for endpoint in endpoints:
        if not endpoint.may_transfer:
            continue
        if endpoint.role is not Role.PHONE:
            yield _outside(endpoint, inside, variables)
        elif not (endpoint.variable("TRANSFER_CONTEXT") or variables.get("TRANSFER_CONTEXT")):
            unsaid.append(endpoint)
    if unsaid:
        yield Finding(
            Kind.TRANSFER,
            Severity.LOW,
            f"nothing says where transfers by {told(each.name for each in unsaid)} go: to where "
            "the call is at, or their own context",
            "set `set_var = TRANSFER_CONTEXT=…` to a context that asks the gate",
            unsaid[0].place,
        )
    yield from _sip(files)
    yield from _parked(files)


def _outside(endpoint: Endpoint, inside: set[str], variables: Mapping[str, str]) -> Finding:
    context, _ = endpoint.sent_by("TRANSFER_CONTEXT", variables)
    who = "guests" if endpoint.role is Role.GUEST else f"trunk `{endpoint.name}`"
    return Finding(
        Kind.TRANSFER,
        Severity.HIGH if context in inside else Severity.MEDIUM,
        f"{who} may transfer: what a party outside dials so, in context `{context}`, you pay for",
        "set `allow_transfer = no`",
        endpoint.at("allow_transfer"),
    )


def _sip(files: Files) -> Iterator[Finding]:
    """Find those of chan_sip, where everybody may unless `allowtransfer` says no."""
    general = files.named("sip.conf", "general")
    if not general or not is_loaded(files, "chan_sip"):
        return
    said = last(general[0], "allowtransfer")
    usual = said.value if said else "yes"
    if is_true(usual) and sip_guests(files):
        yield Finding(
            Kind.TRANSFER,
            Severity.MEDIUM,
            "guests of chan_sip may transfer: what they dial so, you pay for",
            "set `allowtransfer=no` in `[general]`, and `yes` for phones",
            said.place if said else general[0].place,
        )
    for section in files.sections("sip.conf"):
        own = last(section, "allowtransfer")
        outside = is_device(section) and value(section, "host").lower() != "dynamic"
        if outside and is_true(own.value if own else usual):
            yield Finding(
                Kind.TRANSFER,
                Severity.MEDIUM,
                f"trunk `SIP/{section.name}` may transfer: what a party outside dials so, you pay "
                "for",
                "set `allowtransfer=no`",
                own.place if own else section.place,
            )


def _parked(files: Files) -> Iterator[Finding]:
    """Find parking lots in which the one who was parked may transfer by keys afterwards."""
    for section in files.sections("res_parking.conf"):
        found = last(section, "parkedcalltransfers")
        if found and found.value.strip().lower() in {"callee", "both"}:
            yield Finding(
                Kind.TRANSFER,
                Severity.MEDIUM,
                f"whoever was parked in `{section.name}`, a caller from outside too, may transfer",
                "set `parkedcalltransfers = caller`: who takes the call, or `no`",
                found.place,
            )
