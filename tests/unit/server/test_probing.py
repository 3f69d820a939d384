"""Who is no Asterisk is closed upon for a while; an Asterisk of ours never is."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fastagi.server.probing import FOR_S, MOST, PEERS_MAX, WITHIN_S, Probing

PEER = "10.0.0.9"


def knock(probing: Probing, peer: str, times: int, now_s: float = 0.0) -> bool:
    """Begin as no Asterisk does, so many times; return what came of the last."""
    return [probing.no_asterisk(peer, now_s) for _ in range(times)][-1]


def test_a_peer_that_is_no_asterisk_is_shut_out_for_a_while() -> None:
    """The one knock too many is said; afterwards it may try as often again."""
    probing = Probing()
    assert not knock(probing, PEER, MOST - 1)
    assert not probing.is_shut(PEER, 0.0)
    assert knock(probing, PEER, 1)
    assert probing.is_shut(PEER, FOR_S - 0.1)
    assert not probing.is_shut("10.0.0.8", 0.0)
    assert not probing.is_shut(PEER, FOR_S)
    assert not knock(probing, PEER, MOST - 1, FOR_S)
    assert knock(probing, PEER, 1, FOR_S)


def test_one_now_and_then_is_no_probing() -> None:
    """What monitors a port with bytes of its own, say."""
    probing = Probing()
    for each in range(10 * MOST):
        assert not probing.no_asterisk(PEER, each * WITHIN_S / (MOST - 1))


@pytest.mark.parametrize("peer", ["127.0.0.1", "127.8.9.10", "::1", "::ffff:127.0.0.1"])
def test_this_machine_is_never_shut_out(peer: str) -> None:
    """Its Asterisk serves honest calls, whatever else knocks from here."""
    probing = Probing()
    assert not knock(probing, peer, 100 * MOST)
    assert not probing.is_shut(peer, 0.0)


def test_whoever_has_asked_well_is_never_shut_out() -> None:
    """Not later, and not any longer."""
    probing = Probing()
    knock(probing, PEER, MOST)
    probing.asked_well(PEER)
    assert not probing.is_shut(PEER, 0.0)
    assert not knock(probing, PEER, 100 * MOST)


def test_memory_is_bounded_and_those_who_ask_are_kept() -> None:
    """A /8 of knocking peers makes nobody's Asterisk forgotten."""
    probing = Probing()
    probing.asked_well("192.0.2.1")
    for each in range(3 * PEERS_MAX):
        knock(probing, f"10.1.{each >> 8}.{each & 255}", MOST)
        probing.no_asterisk(f"10.2.{each >> 8}.{each & 255}", 0.0)
    assert max(len(probing._shut), len(probing._counts)) == PEERS_MAX
    assert not knock(probing, "192.0.2.1", 100 * MOST)
    for each in range(3 * PEERS_MAX):
        probing.asked_well(f"10.3.{each >> 8}.{each & 255}")
        probing.asked_well("192.0.2.1")
    assert len(probing._honest) == PEERS_MAX
    assert "192.0.2.1" in probing._honest


@given(
    st.lists(
        st.tuples(st.sampled_from(["knocks", "asks"]), st.sampled_from([PEER, "10.0.0.8"])),
        max_size=200,
    )
)
def test_nobody_is_shut_out_after_they_asked_well(doings: list[tuple[str, str]]) -> None:
    """In whatever order it comes."""
    probing, honest = Probing(), set()
    for at, (does, peer) in enumerate(doings):
        if does == "asks":
            probing.asked_well(peer)
            honest.add(peer)
        else:
            probing.no_asterisk(peer, at / 10)
        assert not any(probing.is_shut(each, at / 10) for each in honest)
