"""How many sessions there may be: over all, and for one peer.

A refused connection is closed at once: Asterisk goes on without a verdict, and its dialplan
refuses the call. That is cheaper for everybody than a queue.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from fastagi.server.refusal import Refusal

PEERS_MAX: Final = 1024  # peers remembered for their rate, once they have no session


@dataclass(frozen=True, slots=True)
class Ceilings:
    """The most there may be of everything.

    Attributes:
        sessions: Sessions at a time, a caller at a prompt being one.
        peer_sessions: Sessions at a time from one address.
        peer_per_s: Connections a second from one address, with as many at once after a quiet
            second; None for no such limit.
    """

    sessions: int = 10_000
    peer_sessions: int = 10_000
    peer_per_s: float | None = None


@dataclass(slots=True)
class _Peer:
    sessions: int
    tokens: float
    seen_s: float


class Capacity:
    """Counts sessions in and out."""

    def __init__(self, ceilings: Ceilings) -> None:
        self._ceilings = ceilings
        self._peers: dict[str, _Peer] = {}
        self._at_once = max(ceilings.peer_per_s or 0.0, 1.0)
        self.sessions = 0

    def enter(self, address: str, now_s: float) -> Refusal | None:
        """Count a session in, or say why not; a refused one must not `leave`."""
        ceilings = self._ceilings
        if self.sessions >= ceilings.sessions:
            return Refusal.FULL
        peer = self._peers.get(address)
        if peer is None:
            self._forget_the_quiet()
            peer = self._peers[address] = _Peer(0, self._at_once, now_s)
        if peer.sessions >= ceilings.peer_sessions:
            return Refusal.PEER_FULL
        if ceilings.peer_per_s is not None:
            earned = (now_s - peer.seen_s) * ceilings.peer_per_s
            peer.tokens = min(peer.tokens + earned, self._at_once)
            peer.seen_s = now_s
            if peer.tokens < 1.0:
                return Refusal.PEER_FAST
            peer.tokens -= 1.0
        peer.sessions += 1
        self.sessions += 1
        return None

    def leave(self, address: str) -> None:
        """Count a session out."""
        self._peers[address].sessions -= 1
        self.sessions -= 1

    def _forget_the_quiet(self) -> None:
        if len(self._peers) >= PEERS_MAX:
            self._peers = {name: peer for name, peer in self._peers.items() if peer.sessions}
