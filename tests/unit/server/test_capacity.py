"""How many may be in at once."""

from __future__ import annotations

from fastagi.server.capacity import PEERS_MAX, Capacity, Ceilings
from fastagi.server.refusal import Refusal


def test_no_more_than_there_is_room_for() -> None:
    """One who leaves makes room for one."""
    capacity = Capacity(Ceilings(sessions=2))
    assert capacity.enter("a", 0.0) is None
    assert capacity.enter("b", 0.0) is None
    assert capacity.enter("c", 0.0) is Refusal.FULL
    capacity.leave("a")
    assert capacity.sessions == 1
    assert capacity.enter("c", 0.0) is None


def test_no_more_of_one_peer_than_it_may_have() -> None:
    """One peer cannot keep the others out."""
    capacity = Capacity(Ceilings(peer_sessions=1))
    assert capacity.enter("a", 0.0) is None
    assert capacity.enter("a", 0.0) is Refusal.PEER_FULL
    assert capacity.enter("b", 0.0) is None
    capacity.leave("a")
    assert capacity.enter("a", 0.0) is None
    assert capacity.sessions == 2


def test_no_faster_than_a_peer_may_come() -> None:
    """After a quiet second a peer may come as often as its rate says, and then as it earns it."""
    capacity = Capacity(Ceilings(peer_per_s=2.0))
    assert [capacity.enter("a", 10.0) for _ in range(3)] == [None, None, Refusal.PEER_FAST]
    assert capacity.enter("b", 10.0) is None
    assert [capacity.enter("a", 10.5) for _ in range(2)] == [None, Refusal.PEER_FAST]
    assert [capacity.enter("a", 99.0) for _ in range(3)] == [None, None, Refusal.PEER_FAST]
    assert capacity.sessions == 6


def test_a_rate_below_one_a_second_lets_somebody_in() -> None:
    """Even the slowest rate is no ban."""
    capacity = Capacity(Ceilings(peer_per_s=0.5))
    assert capacity.enter("a", 0.0) is None
    assert capacity.enter("a", 1.0) is Refusal.PEER_FAST
    assert capacity.enter("a", 2.0) is None


def test_peers_are_not_remembered_without_end() -> None:
    """Those with a session are; the rest are forgotten when there are many."""
    capacity = Capacity(Ceilings(peer_sessions=1))
    assert capacity.enter("stays", 0.0) is None
    for number in range(PEERS_MAX * 3):
        assert capacity.enter(f"{number}", 0.0) is None
        capacity.leave(f"{number}")
    assert capacity.enter("stays", 0.0) is Refusal.PEER_FULL
    assert len(capacity._peers) <= PEERS_MAX


def test_a_site_leaves_as_much_as_it_takes() -> None:
    """One has half, the next half of what is left, and so on: there is room for one more."""
    capacity = Capacity(Ceilings(sessions=12))
    let_in: dict[str, int] = {}
    for site in ("a", "b", "c"):
        for _ in range(12):
            if capacity.enter("pbx", 0.0) is None:
                if capacity.share("pbx", site, 0.0, surely=False) is None:
                    let_in[site] = let_in.get(site, 0) + 1
                else:
                    capacity.leave("pbx")
    assert let_in == {"a": 6, "b": 3, "c": 2}
    for _ in range(6):
        capacity.leave("pbx", "a")
    assert capacity.enter("pbx", 0.0) is None
    assert capacity.share("pbx", "c", 0.0, surely=False) is None


def test_a_site_leaves_room_at_its_peer() -> None:
    """Sites on one Asterisk share what that may have; elsewhere there is room yet."""
    capacity = Capacity(Ceilings(sessions=100, peer_sessions=4))
    for _ in range(2):
        assert capacity.enter("pbx", 0.0) is None
        assert capacity.share("pbx", "a", 0.0, surely=False) is None
    assert capacity.enter("pbx", 0.0) is None
    assert capacity.share("pbx", "a", 0.0, surely=False) is Refusal.SITE_FULL
    assert capacity.share("pbx", "b", 0.0, surely=False) is None
    assert capacity.enter("another", 0.0) is None
    assert capacity.share("another", "a", 0.0, surely=False) is None


def test_a_release_is_let_in_whatever_there_is_of_its_site() -> None:
    """It frees what its site holds."""
    capacity = Capacity(Ceilings(sessions=2))
    for _ in range(2):
        assert capacity.enter("pbx", 0.0) is None
        assert capacity.share("pbx", "a", 0.0, surely=True) is None
    assert capacity.sessions == 2


def test_a_site_has_half_of_its_peers_rate() -> None:
    """What of it is refused costs the peer nothing, so that the others have the rest."""
    capacity = Capacity(Ceilings(peer_per_s=8.0))
    said = []
    for _ in range(20):
        assert capacity.enter("pbx", 1.0) is None
        said.append(capacity.share("pbx", "a", 1.0, surely=False))
        capacity.leave("pbx", "a" if said[-1] is None else None)
    assert said == [None] * 4 + [Refusal.SITE_FAST] * 16
    for _ in range(4):
        assert capacity.enter("pbx", 1.0) is None
        assert capacity.share("pbx", "b", 1.0, surely=False) is None
    assert capacity.enter("pbx", 1.0) is Refusal.PEER_FAST
    assert capacity.enter("pbx", 2.0) is None
    assert capacity.share("pbx", "a", 2.0, surely=False) is None
