"""`networks`: one address for every combination of networks that any is in."""

from __future__ import annotations

from ipaddress import ip_address

from fastagi.answers.networks import networks
from tests.unit.answers.samples import ADDRESSES, SITE
from tests.unit.policy.samples import policy_of

REPORTED = '[[rule]]\nname = "bad"\nnetwork = ["reported"]\nthen = "deny"\n'


def test_every_combination_of_networks_has_an_address() -> None:
    """Of both families; those in none first."""
    found = networks([policy_of(site=SITE)])
    assert [set(each.names[0]) for each in found] == [
        set(),
        {"desk"},
        {"desk", "floor"},
        {"floor"},
    ]
    assert found[0].address == ip_address("198.51.100.7")
    assert not any(each.reported for each in found)
    assert len(ADDRESSES) > len(found)


def test_addresses_may_be_reported() -> None:
    """Where a policy asks for it: each kind twice."""
    found = networks([policy_of(REPORTED, site=SITE)])
    assert [each.reported for each in found] == [False] * 4 + [True] * 4
    assert all(("reported" in each.names[0]) is each.reported for each in found)


def test_a_network_that_is_everything_leaves_no_other() -> None:
    """Nothing comes after the last address."""
    site = SITE.replace('["10.0.0.0/8"]', '["0.0.0.0/0", "::/0"]')
    found = networks([policy_of(site=site)])
    assert [set(each.names[0]) for each in found] == [{"desk", "floor"}, {"floor"}]
