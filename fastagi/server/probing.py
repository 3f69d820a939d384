"""Whoever knocks again and again, and is no Asterisk, is closed upon at once for a while.

An attacker's text must never shut an Asterisk out: what a phone sends as its name can end a line
of the environment, and so make it odd, end it too soon, or have it show a wrong token. So it
counts only what no text of a call can do: another beginning than Asterisk's, before the first
word that is anybody's but the dialplan's own (`agi_channel`). That is what scanners send. Who says
nothing is not counted either: so does a load balancer that looks whether we are there.

Nor does it touch this machine, or whoever has asked something that holds, since the start. So it
falls on addresses of `agi.allow` that no Asterisk of ours asks from; what is on one of those could
take its share of sessions and rate in any case.
"""

from __future__ import annotations

from ipaddress import ip_address
from typing import Final

MOST: Final = 20
"""So many within …"""

WITHIN_S: Final = 60.0
"""… so many seconds; a new count begins with the first after them."""

FOR_S: Final = 60.0
"""How long a peer is closed upon."""

PEERS_MAX: Final = 1024
"""Of each kind are remembered; of more, those that came last."""


class Probing:
    """Counts, for one worker."""

    def __init__(self) -> None:
        self._counts: dict[str, tuple[float, int]] = {}
        self._shut: dict[str, float] = {}
        self._honest: dict[str, None] = {}

    def asked_well(self, peer: str) -> None:
        """Note that a peer has asked something that holds."""
        self._counts.pop(peer, None)
        self._shut.pop(peer, None)
        self._honest.pop(peer, None)
        _make_room(self._honest)
        self._honest[peer] = None

    def no_asterisk(self, peer: str, now_s: float) -> bool:
        """Count what no Asterisk sends; True where that is one too many."""
        if peer in self._honest or _is_this_machine(peer):
            return False
        began_s, count = self._counts.pop(peer, (now_s, 0))
        if now_s - began_s >= WITHIN_S:
            began_s, count = now_s, 0
        _make_room(self._counts)
        self._counts[peer] = (began_s, count + 1)
        if count + 1 < MOST:
            return False
        del self._counts[peer]
        self._shut.pop(peer, None)
        _make_room(self._shut)
        self._shut[peer] = now_s + FOR_S
        return True

    def is_shut(self, peer: str, now_s: float) -> bool:
        """Say whether a peer is closed upon."""
        until_s = self._shut.get(peer)
        if until_s is None:
            return False
        if now_s < until_s:
            return True
        del self._shut[peer]
        return False


def _make_room(among: dict[str, None] | dict[str, float] | dict[str, tuple[float, int]]) -> None:
    """Forget the one that came first, where there are too many."""
    if len(among) >= PEERS_MAX:
        del among[next(iter(among))]


def _is_this_machine(peer: str) -> bool:
    address = ip_address(peer.partition("%")[0])
    mapped = getattr(address, "ipv4_mapped", None)
    return (mapped or address).is_loopback
