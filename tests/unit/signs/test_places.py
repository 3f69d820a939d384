"""Addresses and networks, as numbers and as names."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fastagi.signs.places import network_name, network_number, number_of, phone_place

ADDRESSES = st.ip_addresses()


@given(ADDRESSES, ADDRESSES)
def test_two_places_have_one_number_if_they_are_one(
    one: IPv4Address | IPv6Address, other: IPv4Address | IPv6Address
) -> None:
    """Addresses and networks, of both families."""
    assert number_of(one) != 0
    assert (number_of(one) == number_of(other)) == (one == other)
    same = network_name(one) == network_name(other)
    assert (network_number(number_of(one)) == network_number(number_of(other))) == same
    assert one in ip_network(network_name(one))


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("192.0.2.1", "192.0.2.2", False),
        ("2001:db8::1", "2001:db8::2", True),
        ("2001:db8::1", "2001:db8:0:1::1", False),
        ("0.0.0.1", "::1", False),
    ],
)
def test_what_a_phone_stays_in(one: str, other: str, *, same: bool) -> None:
    """Its address, of IPv6 its /64."""
    places = [phone_place(number_of(ip_address(each))) for each in (one, other)]
    assert (places[0] == places[1]) == same


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("203.0.112.1", "203.0.113.1", False),
        ("203.0.113.0", "203.0.113.255", True),
        ("2001:db8:0:2::1", "2001:db8:0:3::1", False),
        ("2001:db8:0:2::1", "2001:db8:0:2:ffff::", True),
    ],
)
def test_networks_beside_each_other(one: str, other: str, *, same: bool) -> None:
    """A /24, and a /64, is one."""
    numbers = [network_number(number_of(ip_address(each))) for each in (one, other)]
    assert (numbers[0] == numbers[1]) == same


def test_no_address_has_no_number() -> None:
    """Where it is not known."""
    assert number_of(None) == 0
