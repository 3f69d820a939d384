"""How many sessions there may be: over all, for one peer, and for one site.

Where there are several sites one of them may have as many sessions as are left free for the
others, and half the rate of its peer: whatever one does, and n of them together, the others still
get one part of n + 1.

A refused connection is closed at once: Asterisk goes on without a verdict, and its dialplan
refuses the call. That is cheaper for everybody than a queue.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
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
class _Bucket:
    """What may come yet: it fills steadily."""

    tokens: float
    seen_s: float

    def fill(self, per_s: float, most: float, now_s: float) -> None:
        """Put in what was earned since the last time."""
        self.tokens = min(self.tokens + (now_s - self.seen_s) * per_s, most)
        self.seen_s = now_s


@dataclass(slots=True)
class _Peer:
    sessions: int
    bucket: _Bucket
    of_sites: Counter[str] = field(default_factory=Counter)
    buckets: dict[str, _Bucket] = field(default_factory=dict)


class Capacity:
    """Counts sessions in and out."""

    def __init__(self, ceilings: Ceilings) -> None:
        self._ceilings = ceilings
        self._peers: dict[str, _Peer] = {}
        self._at_once = max(ceilings.peer_per_s or 0.0, 1.0)
        self._of_sites: Counter[str] = Counter()
        self.sessions = 0

    def enter(self, address: str, now_s: float) -> Refusal | None:
        """Count a session in, or say why not; a refused one must not `leave`."""
        ceilings = self._ceilings
        if self.sessions >= ceilings.sessions:
            return Refusal.FULL
        peer = self._peers.get(address)
        if peer is None:
            self._forget_the_quiet()
            peer = self._peers[address] = _Peer(0, _Bucket(self._at_once, now_s))
        if peer.sessions >= ceilings.peer_sessions:
            return Refusal.PEER_FULL
        if ceilings.peer_per_s is not None:
            peer.bucket.fill(ceilings.peer_per_s, self._at_once, now_s)
            if peer.bucket.tokens < 1.0:
                return Refusal.PEER_FAST
            peer.bucket.tokens -= 1.0
        peer.sessions += 1
        self.sessions += 1
        return None

    def share(self, address: str, site: str, now_s: float, *, surely: bool) -> Refusal | None:
        """Count a session that is in as a site's, or say why it is one too many.

        One that is refused is not the site's, and costs its peer no rate; it still must `leave`.

        Args:
            address: The peer.
            site: The site.
            now_s: The moment.
            surely: Whether it is let in, and counted, whatever there is of it: a release.
        """
        ceilings, peer = self._ceilings, self._peers[address]
        if not surely:
            free = ceilings.sessions - self.sessions
            peer_free = ceilings.peer_sessions - peer.sessions
            if self._of_sites[site] > free or peer.of_sites[site] > peer_free:
                self._give_back(peer)
                return Refusal.SITE_FULL
            if ceilings.peer_per_s is not None and not self._is_slow(peer, site, now_s):
                self._give_back(peer)
                return Refusal.SITE_FAST
        self._of_sites[site] += 1
        peer.of_sites[site] += 1
        return None

    def leave(self, address: str, site: str | None = None) -> None:
        """Count a session out, also as a site's if it was counted as such."""
        peer = self._peers[address]
        peer.sessions -= 1
        self.sessions -= 1
        if site is not None:
            for counts in (peer.of_sites, self._of_sites):
                counts[site] -= 1
                if not counts[site]:
                    del counts[site]

    def _is_slow(self, peer: _Peer, site: str, now_s: float) -> bool:
        """Take one of what a site may ask from a peer; False where there is none."""
        per_s, most = (self._ceilings.peer_per_s or 0.0) / 2, max(self._at_once / 2, 1.0)
        bucket = peer.buckets.setdefault(site, _Bucket(most, now_s))
        bucket.fill(per_s, most, now_s)
        if bucket.tokens < 1.0:
            return False
        bucket.tokens -= 1.0
        return True

    def _give_back(self, peer: _Peer) -> None:
        peer.bucket.tokens = min(peer.bucket.tokens + 1.0, self._at_once)

    def _forget_the_quiet(self) -> None:
        if len(self._peers) >= PEERS_MAX:
            self._peers = {name: peer for name, peer in self._peers.items() if peer.sessions}
