"""Where calls of PJSIP's endpoints begin, and where they are sent on to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from fastagi.audit.configuration.endpoints import Role, read_endpoints
from fastagi.audit.configuration.modules import is_loaded
from fastagi.audit.configuration.values import last, told, value
from fastagi.audit.entry import Entry, Party

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from fastagi.audit.configuration.endpoints import Endpoint
    from fastagi.audit.configuration.files import Files
    from fastagi.audit.place import Place

PARTIES: Final = {Role.PHONE: Party.PHONE, Role.TRUNK: Party.OUTSIDE, Role.GUEST: Party.GUEST}


def read_pjsip_entries(files: Files, variables: Mapping[str, str]) -> tuple[Entry, ...]:
    """Return every context that an endpoint comes into, once for each party and how it gets there.

    Those who come the same way are told together, with the place of the first.

    Args:
        files: What was read.
        variables: `[globals]` of the dialplan.
    """
    found: dict[tuple[str, Party, str], list[tuple[str, Place]]] = {}
    for endpoint in callers(files):
        for context, party, how, place in _contexts(endpoint, variables):
            found.setdefault((context, party, how), []).append((endpoint.name, place))
    return tuple(
        Entry(context, None, party, _who(how, [name for name, _ in those]), those[0][1])
        for (context, party, how), those in found.items()
    )


def callers(files: Files) -> Iterable[Endpoint]:
    """Return the endpoints that can call: guests only where somebody is taken for one."""
    guests = is_loaded(files, "res_pjsip_endpoint_identifier_anonymous")
    return [each for each in read_endpoints(files) if guests or each.role is not Role.GUEST]


def _contexts(
    endpoint: Endpoint, variables: Mapping[str, str]
) -> Iterator[tuple[str, Party, str, Place]]:
    """Find where it comes in, by calls, messages, transfers and forwards.

    A REFER goes to `TRANSFER_CONTEXT` or to the endpoint's context (res_pjsip_refer.c); a 302 to
    `FORWARD_CONTEXT` or there (apps/app_dial.c do_forward()).
    """
    party, own, at = PARTIES[endpoint.role], endpoint.context, endpoint.at("context")
    yield own, party, "", at
    if (messages := last(endpoint.section, "message_context")) is not None:
        yield messages.value.strip() or own, party, "messages of", messages.place
    if inside := endpoint.variable("DIALGUARD_INSIDE"):
        yield inside.value, party, "calls inside of", inside.place
    if endpoint.may_transfer:
        context, place = endpoint.sent_by("TRANSFER_CONTEXT", variables)
        yield context, Party.TRANSFER, "transfers by", place
    if value(endpoint.section, "redirect_method", "user").lower() == "user":
        context, place = endpoint.sent_by("FORWARD_CONTEXT", variables)
        yield context, Party.TRANSFER, "forwards by", place


def _who(how: str, names: list[str]) -> str:
    many = "s" if len(set(names)) > 1 else ""
    return f"{how} endpoint{many} {told(names)}".strip()
