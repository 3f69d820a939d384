"""The policies in force, and why a call would be judged as it is."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from datetime import UTC, datetime
from ipaddress import ip_address
from typing import TYPE_CHECKING, Final

from fastagi.call.identify import ENDPOINT
from fastagi.console.operators.accounts import Role
from fastagi.policy.explain import explain
from fastagi.policy.model import Facts, Novelty, Request, Transport

if TYPE_CHECKING:
    from collections.abc import Mapping

    from fastapi import Response

    from fastagi.console.operators.board import Seen
    from fastagi.console.operators.visits import Doors, Visit
    from fastagi.policy.explain import Explanation
    from fastagi.policy.model import Policy

ASKED: Final = (
    *("site", "extension", "dialled", "at", "address", "transport"),
    *("signed_in", "locked_out", "new_country", "overridden", "transferred", "off_net"),
    *("number_reported", "address_reported", "over", *Novelty),
)
"""The fields of the form."""


class _NotSo(Exception):
    """What was filled in cannot be; says what."""


def open_doors(doors: Doors) -> None:
    """Open them."""
    doors.page("/policy", Role.VIEWER, show)
    doors.form("/explain", Role.VIEWER, judge)


async def show(visit: Visit) -> Response:
    """Show the policies in force."""
    return await _page(visit, dict.fromkeys(ASKED, ""))


async def judge(visit: Visit) -> Response:
    """Say what would happen to a call, and why. Nothing is changed by it, and nothing counted."""
    asked = {name: visit.fields.get(name, "").strip() for name in ASKED}
    policy = visit.policy_of(asked["site"])
    if policy is None:
        return await _page(visit, asked, said="There is no such site.", status=400)
    try:
        request = _request(policy, asked, visit.desk.backstage.web.now())
    except _NotSo as error:
        return await _page(visit, asked, said=str(error), status=400)
    facts = Facts(
        locked_out=bool(asked["locked_out"]),
        signed_in=bool(asked["signed_in"]),
        known_country=not asked["new_country"],
        overridden=bool(asked["overridden"]),
        novel=frozenset(each for each in Novelty if asked[each]),
        over=frozenset(asked["over"].replace(",", " ").split()),
    )
    explanation = await asyncio.to_thread(explain, policy, request, facts)
    return await _page(visit, asked, explanation=explanation)


def _request(policy: Policy, asked: Mapping[str, str], now: float) -> Request:
    """Take in what was filled in.

    Raises:
        _NotSo: It cannot be.
    """
    if not ENDPOINT.fullmatch(asked["extension"]):
        raise _NotSo("That cannot be an extension: letters, digits and _ . @ + - can.")
    zone = policy.site.timezone
    try:
        at = datetime.fromisoformat(asked["at"]) if asked["at"] else None
        address = ip_address(asked["address"]) if asked["address"] else None
        transport = Transport(asked["transport"]) if asked["transport"] else None
    except ValueError:
        raise _NotSo("The time, the address or the transport is none.") from None
    if at is not None and at.tzinfo is not None:
        raise _NotSo("Write the time as the site's clock shows it.")
    return Request(
        extension=asked["extension"],
        number=policy.plan.read(asked["dialled"]),
        at=datetime.fromtimestamp(now, UTC).astimezone(zone)
        if at is None
        else at.replace(tzinfo=zone),
        address=address,
        transport=transport,
        transferred=bool(asked["transferred"] or asked["off_net"]),
        off_net=bool(asked["off_net"]),
        number_reported=bool(asked["number_reported"]),
        address_reported=bool(asked["address_reported"]),
    )


async def _page(
    visit: Visit,
    asked: Mapping[str, str],
    *,
    said: str = "",
    status: int = 200,
    explanation: Explanation | None = None,
) -> Response:
    return visit.page(
        "policy.html",
        status,
        policies=visit.policies(),
        judged=_judged(await visit.look()),
        asked=asked,
        transports=list(Transport),
        said=said,
        explanation=explanation,
    )


def _judged(seen: Seen) -> Mapping[str, list[tuple[str, str, str]]]:
    """Return, by site, the version by which each Asterisk's calls were judged last, and when."""
    found: defaultdict[str, list[tuple[str, str, str]]] = defaultdict(list)
    for (site, node), (version, at) in sorted(seen.versions.items()):
        found[site].append((node, version, at))
    return found
