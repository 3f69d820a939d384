"""Who carries bans out: the real nft, in a network of the test's own, and where that fails."""

from __future__ import annotations

from ipaddress import ip_network
from typing import TYPE_CHECKING

import pytest
from structlog.testing import capture_logs

from fastagi.bans import filter as packet_filter
from fastagi.bans.filter import Fail2ban, Nftables, Nobody, listed, nft, remove
from fastagi.bans.table import Wanted
from fastagi.errors import FilterError
from tests.servers.own_network import OwnNetwork, nft_inside
from tests.unit.bans.conftest import NOW

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

THIEF, OTHER = ip_network("203.0.113.7"), ip_network("2001:db8:bad::/64")
OFFICE = ip_network("198.51.100.0/24")


@pytest.fixture
def network(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[OwnNetwork]:
    """Have `nft` be the real one, where it changes nothing of this machine's."""
    made = OwnNetwork()
    monkeypatch.setattr(packet_filter, "WHERE", nft_inside(made, tmp_path / "sbin"))
    yield made
    made.close()


def stand_in(folder: Path, monkeypatch: pytest.MonkeyPatch, script: str) -> None:
    """Have `nft` be a script, for what the real one does not do at a word."""
    program = folder / "nft"
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)
    monkeypatch.setattr(packet_filter, "WHERE", str(folder))


async def test_the_table_is_made_once_and_again_when_it_is_another(network: OwnNetwork) -> None:
    """Whoever changed what: us, or somebody by hand."""
    carried_out_by = Nftables()
    what = Wanted({THIEF: NOW + 60, OTHER: NOW + 90}, (OFFICE,))
    assert await listed() is None
    assert await carried_out_by.hold(what, NOW)
    found = await listed()
    assert found is not None
    assert set(found.banned) == {THIEF, OTHER}
    assert set(found.never) == {OFFICE}
    assert not await carried_out_by.hold(what, NOW + 1)
    for changed in (
        Wanted({THIEF: NOW + 60}, (OFFICE,)),
        Wanted({THIEF: NOW + 99}, (OFFICE,)),
        Wanted({THIEF: NOW + 99}, ()),
        Wanted({THIEF: NOW + 99}, (), (5060,)),
        Wanted({}, (), (5060,)),
        what,
    ):
        assert await carried_out_by.hold(changed, NOW + 1)
        assert not await carried_out_by.hold(changed, NOW + 1)
    for by_hand in (
        "flush ruleset",
        "flush set inet dialguard banned4",
        "flush set inet dialguard never4",
        "flush chain inet dialguard before",
        "add rule inet dialguard before accept",
        "add element inet dialguard banned4 { 192.0.2.1 }",
    ):
        network.run("nft", by_hand)
        assert await carried_out_by.hold(what, NOW + 2)
        assert not await carried_out_by.hold(what, NOW + 2)
    assert await Nftables().hold(what, NOW + 3)  # another agent knows of no table but its own
    for _ in range(2):
        await remove()
        assert await listed() is None


async def test_thousands_are_taken_at_once(network: OwnNetwork) -> None:
    """As many as there may be, beside as many phones."""
    bans = {ip_network((0xCB000000 + 2 * n, 32)): NOW + 60 for n in range(4000)}
    phones = tuple(ip_network((0xC6330000 + 2 * n, 32)) for n in range(4000))
    carried_out_by = Nftables()
    assert await carried_out_by.hold(Wanted(bans, phones), NOW)
    assert not await carried_out_by.hold(Wanted(bans, phones), NOW)


async def test_without_nft_it_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """And how it is got."""
    monkeypatch.setattr(packet_filter, "WHERE", str(tmp_path))
    with pytest.raises(FilterError, match="apt-get install nftables"):
        await nft("list")


@pytest.mark.parametrize(
    ("script", "says"),
    [
        ("echo 'Operation not permitted' >&2; exit 1", "it takes CAP_NET_ADMIN"),
        (r"printf 'Error: a\nb%400s' x >&2; exit 1", "nft says `Error: a b x`"),
        ("exec sleep 60", "did not end within"),
    ],
)
async def test_what_is_wrong_is_said_in_a_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, script: str, says: str
) -> None:
    """Of nft's own words no more than that."""
    monkeypatch.setattr(packet_filter, "PATIENCE_S", 60.0 if "sleep" not in script else 0.1)
    stand_in(tmp_path, monkeypatch, script)
    with pytest.raises(FilterError) as wrong:
        await nft("list")
    assert says in str(wrong.value)
    assert str(wrong.value).isprintable()


async def test_one_that_cannot_be_run_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file of another machine's."""
    stand_in(tmp_path, monkeypatch, "")
    (tmp_path / "nft").write_bytes(b"\x7fELF")
    with pytest.raises(FilterError, match="cannot be run"):
        await nft("list")


async def test_a_table_that_does_not_come_is_told_of(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Something else takes it away, it may be."""
    stand_in(tmp_path, monkeypatch, 'case "$*" in *list*) echo "{\\"nftables\\": []}" ;; esac')
    with pytest.raises(FilterError, match="not as it was made"):
        await Nftables().hold(Wanted({THIEF: NOW + 60}, ()), NOW)


async def test_fail2ban_is_told_what_is_new_or_longer() -> None:
    """A line each."""
    carried_out_by = Fail2ban()
    with capture_logs() as logs:
        assert await carried_out_by.hold(Wanted({THIEF: NOW + 60, OTHER: NOW + 60}, ()), NOW)
        assert not await carried_out_by.hold(Wanted({THIEF: NOW + 60, OTHER: NOW + 60}, ()), NOW)
        assert await carried_out_by.hold(Wanted({THIEF: NOW + 90}, ()), NOW)
    told = [(each["event"], each["network"], each["until"]) for each in logs]
    assert told == [
        ("ban-put-on", "203.0.113.7/32", NOW + 60),
        ("ban-put-on", "2001:db8:bad::/64", NOW + 60),
        ("ban-put-on", "203.0.113.7/32", NOW + 90),
    ]


async def test_a_dry_run_only_tells_what_would_change(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without asking nft for anything."""
    monkeypatch.setattr(packet_filter, "WHERE", str(tmp_path))
    carried_out_by = Nobody()
    assert await carried_out_by.hold(Wanted({THIEF: NOW + 60}, ()), NOW)
    assert not await carried_out_by.hold(Wanted({THIEF: NOW + 90}, ()), NOW)
    assert await carried_out_by.hold(Wanted({}, ()), NOW)
