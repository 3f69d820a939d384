"""Signing in on a phone, before it dials: what it takes, what it opens, and for how long.

Whatever way it came (keypad, page, API), a sign-in is opened here, for one phone, in one place:
that of its calls. A call from elsewhere does not find it.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

import structlog

from fastagi.call.identify import read_address
from fastagi.call.ports import soon
from fastagi.policy.decision import networks_of
from fastagi.policy.model import Bond, Reason, Transport
from fastagi.stores.sign_ins import Origin, SignIn, Way

if TYPE_CHECKING:
    from collections.abc import Iterable
    from ipaddress import IPv4Address, IPv6Address

    from fastagi.call.identify import Caller
    from fastagi.call.ports import Ports
    from fastagi.policy.model import Policy, SignInTerms
    from fastagi.stores.sign_ins import SignedOff
    from fastagi.stores.store import Enrolment

ID_BYTES: Final = 18

WEB_SOCKETS: Final = frozenset({Transport.WS, Transport.WSS})
"""One and the same to a sign-in: whichever a phone registers by, Asterisk says `ws` of it
(websocket_on_rx_msg, res_pjsip_transport_websocket.c); which it is, only a call's port tells."""

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Phone:
    """A phone that somebody signs in on.

    Attributes:
        extension: Its endpoint.
        node: Which Asterisk it is registered at; empty where that is not known.
    """

    extension: str
    origin: Origin
    node: str


def phone_of(caller: Caller) -> Phone:
    """Return the phone that a call comes from."""
    transport = "" if caller.transport is None else caller.transport
    address = "" if caller.address is None else str(caller.address)
    origin = Origin(address, transport, caller.agent, caller.contact)
    return Phone(caller.extension, origin, caller.node)


def counting_for(caller: Caller, sign_ins: Iterable[SignIn], terms: SignInTerms) -> SignIn | None:
    """Return the sign-in that counts for a call, of those that are live on its extension.

    Of a transferred call, whoever is heard is not at the phone that is judged: none counts. Nor
    does one that waits for its phone.
    """
    if caller.transferred:
        return None
    place = phone_of(caller).origin
    placed = (each for each in sign_ins if not each.is_waiting)
    return next((each for each in placed if is_same(each.origin, place, terms)), None)


def is_same(one: Origin, other: Origin, terms: SignInTerms) -> bool:
    """Tell whether two places are the same, in all that a sign-in is bound to.

    What is not known of one of them is not the same.
    """
    return all(_of(one, bond) == _of(other, bond) != "" for bond in terms.bound_to)


def is_placed(origin: Origin, terms: SignInTerms) -> bool:
    """Tell whether all is known that a sign-in is bound to."""
    return is_same(origin, origin, terms)


def may_be_opened(policy: Policy, phone: str, browser: IPv4Address | IPv6Address | None) -> bool:
    """Tell whether a phone may be signed in on by somebody who is not heard at it.

    Whoever has its SIP password may have registered in its place: what would be opened is where
    the thief is. So it is opened only in a place that the policy names, or that the person is at.

    Args:
        policy: The site's.
        phone: The address that is registered.
        browser: The one that the page is looked at from; None where there is none.
    """
    address = read_address(phone)
    if address is None:
        return False
    if address == browser:
        return True
    at = networks_of(policy, address) or frozenset()
    return any(each.holds(at) for each in policy.sign_in.networks)


def over_at(policy: Policy, now: float) -> float:
    """Return when a sign-in that begins now is over in any case."""
    terms = policy.sign_in
    latest = now + terms.for_s
    if terms.until is None:
        return latest
    begun = datetime.fromtimestamp(now, policy.site.timezone)
    end = datetime.combine(begun.date(), terms.until, policy.site.timezone)
    if end.timestamp() <= now:
        end = datetime.combine(begun.date() + timedelta(days=1), terms.until, policy.site.timezone)
    return min(latest, end.timestamp())


async def sign_in(
    policy: Policy,
    phone: Phone,
    person: str,
    verified: Enrolment | None,
    way: Way,
    ports: Ports,
    for_s: int | None = None,
    browser: IPv4Address | IPv6Address | None = None,
) -> SignIn | Reason:
    """Open a sign-in, now that all was shown that it takes; or say why there is none.

    Args:
        policy: The site's.
        phone: Where.
        person: The extension whose factors were shown.
        verified: The enrolment they were held against; None where whoever asks needs none.
        way: How it came.
        ports: The world.
        for_s: How long, where that is less than the policy has it; None for as long.
        browser: Where the page is looked at, if it came by a page.

    Raises:
        StoreError: The store is away; whether it was opened is unknown.
    """
    is_there = way is Way.KEYPAD or may_be_opened(policy, phone.origin.address, browser)
    if not (is_there and is_placed(phone.origin, policy.sign_in)):
        log.warning("sign-in-unplaced", site=policy.site.name, extension=phone.extension, way=way)
        return Reason.UNPLACED
    now, terms = ports.now(), policy.sign_in
    latest = over_at(policy, now)
    opened = SignIn(
        site=policy.site.name,
        extension=phone.extension,
        id=secrets.token_urlsafe(ID_BYTES),
        person=person,
        way=way,
        origin=phone.origin,
        node=phone.node,
        since=now,
        until=latest if for_s is None else min(latest, now + for_s),
        idle_s=terms.idle_s,
        used=now,
    )
    ended = await soon(ports.store.open_sign_in(opened, verified, terms.at_once, now))
    if ended is None:
        return Reason.WRONG_CODE
    for each in ended:
        tell_end(each)
    log.info(
        "signed-in",
        site=opened.site,
        extension=opened.extension,
        person=person,
        way=way,
        until=opened.until,
    )
    return opened


async def sign_off(site: str, extension: str, id: str | None, why: SignedOff, ports: Ports) -> int:
    """End one sign-in of an extension, or all (None); how many were live.

    Raises:
        StoreError: The store is away; whether they were ended is unknown.
    """
    ended = await soon(ports.store.end_sign_ins(site, extension, id, why, ports.now()))
    for each in ended:
        tell_end(each)
    return len(ended)


def tell_end(ended: SignIn) -> None:
    """Log that a sign-in is over."""
    log.info(
        "signed-off",
        site=ended.site,
        extension=ended.extension,
        person=ended.person,
        why=ended.why,
    )


def _of(origin: Origin, bond: Bond) -> str:
    match bond:
        case Bond.ADDRESS:
            return origin.address
        case Bond.TRANSPORT:
            return Transport.WS if origin.transport in WEB_SOCKETS else origin.transport
        case Bond.AGENT:
            return origin.agent
        case Bond.CONTACT:
            return origin.contact
