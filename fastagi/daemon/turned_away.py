"""Calls that were refused at the door, before anybody could tell whose they were, on record.

A stranger's connection is no call, nor is that of a peer that is shut out: it is counted and
logged by the listener only. Whoever is on the lookout is told of what no honest peer does.
"""

from __future__ import annotations

from ipaddress import ip_address
from typing import TYPE_CHECKING, Final

from fastagi.decision_log.record import Record
from fastagi.policy.model import Reason, Verdict
from fastagi.server.refusal import Refusal
from fastagi.signs.sighting import Seen, Sighting

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from ipaddress import IPv4Address, IPv6Address

    from fastagi.call.ports import Clock, Decisions, Sightings
    from fastagi.server.refusal import Refused

REASONS: Final[Mapping[Refusal, Reason]] = {
    Refusal.SHUT_OUT: Reason.BAD_QUESTION,
    Refusal.FULL: Reason.BUSY,
    Refusal.PEER_FULL: Reason.BUSY,
    Refusal.PEER_FAST: Reason.BUSY,
    Refusal.SITE_FULL: Reason.BUSY,
    Refusal.SITE_FAST: Reason.BUSY,
    Refusal.SILENT: Reason.BAD_QUESTION,
    Refusal.ODD: Reason.BAD_QUESTION,
    Refusal.BAD_QUESTION: Reason.BAD_QUESTION,
    Refusal.BAD_TOKEN: Reason.BAD_QUESTION,
    Refusal.FOREIGN_SITE: Reason.BAD_QUESTION,
}


NO_CALLS: Final = frozenset({Refusal.STRANGER, Refusal.SHUT_OUT})
"""Whoever scans the port must not fill the record."""

PROBES: Final = frozenset(
    {
        Refusal.STRANGER,
        Refusal.SHUT_OUT,
        Refusal.ODD,
        Refusal.BAD_QUESTION,
        Refusal.BAD_TOKEN,
        Refusal.FOREIGN_SITE,
    }
)
"""What no honest peer does. One that is silent may be slow, and one too many is no attacker."""


def recorder(decisions: Decisions, now: Clock) -> Callable[[Refused], None]:
    """Return what the listener tells of each connection that it closes without an answer."""

    def record(refused: Refused) -> None:
        if refused.kind in NO_CALLS:
            return
        decisions.record(
            Record(
                at=now(),
                site="",
                call="",
                extension="",
                verdict=Verdict.DENY,
                reason=REASONS[refused.kind],
                rule=refused.kind,
                reference="",
                node=refused.peer,
            )
        )

    return record


def sighted(
    tell: Callable[[Refused], None], sightings: Sightings, now: Clock
) -> Callable[[Refused], None]:
    """Return an `on_refused` that tells as before, and whoever is on the lookout besides.

    A stranger has an address, and has shown by the handshake of TCP that it is theirs. Who may
    come in has none here: it is an Asterisk of ours, and what is odd about its question may be the
    text of somebody who calls it. Nobody is to ban it for that.
    """

    def see(refused: Refused) -> None:
        tell(refused)
        if refused.kind not in PROBES:
            return
        is_stranger = refused.kind is Refusal.STRANGER
        sightings.see(
            Sighting(
                at=now(),
                seen=Seen.PROBE,
                address=_address(refused.peer) if is_stranger else None,
                transport="tcp",
                proven=is_stranger,
                node="" if is_stranger else refused.peer,
            )
        )

    return see


def _address(peer: str) -> IPv4Address | IPv6Address | None:
    try:
        return ip_address(peer.partition("%")[0])
    except ValueError:  # whoever is gone already has none
        return None
