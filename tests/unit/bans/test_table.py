"""What nft is told, and what it says: whatever bans and allow list, nobody allowed is dropped."""

from __future__ import annotations

import json
from ipaddress import IPv6Network, ip_network
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fastagi.bans import table
from fastagi.bans.allow import AllowList
from fastagi.bans.network import WIDEST, Network
from fastagi.errors import FilterError
from tests.unit.bans.conftest import NOBODY, NOW, ban
from tests.unit.bans.test_allow import networks

if TYPE_CHECKING:
    from collections.abc import Sequence

THIEF = "203.0.113.7/32"


def _bannable(network: Network) -> bool:
    return network.prefixlen >= WIDEST[network.version]


@given(
    st.lists(st.tuples(networks(least=24).filter(_bannable), st.floats(-10, 1000)), max_size=12),
    st.lists(networks(), max_size=8),
)
def test_no_ban_that_is_applied_covers_anybody_allowed(
    banned: Sequence[tuple[Network, float]], listed: Sequence[Network]
) -> None:
    """Nor does one lie in another; and whoever is banned and not allowed is dropped."""
    never = AllowList([(each, "listed") for each in listed])
    bans = [ban(str(each), for_s) for each, for_s in banned]
    what, refused = table.wanted(bans, never, (), NOW)
    for each in what.bans:
        assert not any(each.overlaps(it) for it in [*listed, *what.never])
        assert not any(each.overlaps(it) for it in what.bans if it != each)
        assert what.bans[each] > NOW
    for one in bans:
        covered = any(one.network.overlaps(each) for each in what.bans)
        assert covered or one.until <= NOW or one in refused
    for one in refused:
        assert never.why(one.network)
        assert one.network not in what.bans


def test_of_one_in_another_the_wider_is_on_until_it_is_over() -> None:
    """Then the other's turn comes."""
    bans = [ban(THIEF, 900), ban("203.0.113.0/24", 60), ban("2001:db8::/64", 60)]
    first, _ = table.wanted(bans, NOBODY, (), NOW)
    assert set(first.bans) == {ip_network("203.0.113.0/24"), ip_network("2001:db8::/64")}
    then, _ = table.wanted(bans, NOBODY, (), NOW + 60)
    assert then.bans == {ip_network(THIEF): NOW + 900}


def _commands(script: str) -> list[Any]:
    commands = json.loads(script)["nftables"]
    assert isinstance(commands, list)
    return commands


def test_only_our_own_table_is_spoken_of() -> None:
    """It is replaced in one transaction; those who are allowed come first."""
    what, _ = table.wanted(
        [ban(THIEF, 59.2)], AllowList([(ip_network("198.51.100.0/24"), "")]), (5061, 5060), NOW
    )
    commands = _commands(table.replacement(what, NOW))
    assert [next(iter(each)) for each in commands[:3]] == ["add", "delete", "add"]
    for each in commands:
        ((_, about),) = each.items()
        ((kind, of),) = about.items()
        name = of["name"] if kind == "table" else of["table"]
        assert (of["family"], name) == ("inet", "dialguard")
    rules = [each["add"]["rule"] for each in commands[2:] if "rule" in each["add"]]
    verdicts = [next(iter(each["expr"][-1])) for each in rules]
    assert verdicts == ["accept", "accept", "accept", "drop", "drop"]
    assert '"timeout": 60' in table.replacement(what, NOW)
    assert '"set": [5060, 5061]' in table.replacement(what, NOW)


def test_what_nft_says_is_read() -> None:
    """Addresses, prefixes and ranges, with a timeout or without; what was counted is not ours."""
    listing = {
        "nftables": [
            {"metainfo": {"version": "1.0.6"}},
            {"table": {"name": "dialguard"}},
            {
                "set": {
                    "name": "banned4",
                    "elem": [
                        {"elem": {"val": "203.0.113.7", "timeout": 9, "expires": 8}},
                        {"elem": {"val": {"range": ["203.0.113.8", "203.0.113.10"]}}},
                    ],
                }
            },
            {"set": {"name": "banned6", "elem": [{"range": ["2001:db8::", "2001:db8::1"]}]}},
            {"set": {"name": "never4", "elem": [{"prefix": {"addr": "127.0.0.0", "len": 8}}]}},
            {"set": {"name": "never6"}},
            {"rule": {"expr": [{"counter": {"packets": 7}}, {"drop": None}]}},
        ]
    }
    found = table.found(json.dumps(listing))
    assert found.banned == {
        ip_network("203.0.113.7"),
        ip_network("203.0.113.8/31"),
        ip_network("203.0.113.10"),
        IPv6Network("2001:db8::/127"),
    }
    assert found.never == {ip_network("127.0.0.0/8")}
    counted = json.dumps(listing).replace('"packets": 7', '"packets": 8')
    assert table.found(counted) == found


@pytest.mark.parametrize(
    "listing",
    [
        "",
        "[]",
        "{}",
        '{"nftables": [1]}',
        '{"nftables": [{"set": {}}]}',
        '{"nftables": [{"set": {"name": "banned4", "elem": ["everybody"]}}]}',
        '{"nftables": [{"set": {"name": "banned4", "elem": [{"range": ["::1"]}]}}]}',
    ],
)
def test_what_makes_no_sense_is_no_table(listing: str) -> None:
    """Nobody guesses."""
    with pytest.raises(FilterError, match="makes no sense"):
        table.found(listing)


def test_the_same_addresses_may_be_cut_in_another_way() -> None:
    """As nft merges neighbours."""
    halves = [ip_network("203.0.113.0/25"), ip_network("203.0.113.128/25")]
    assert table.same(halves, [ip_network("203.0.113.0/24")])
    assert not table.same(halves, [ip_network("203.0.113.0/25")])
    assert table.same([], [])
