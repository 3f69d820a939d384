"""Who was attacked, and when: what makes a call one of an attack."""

from __future__ import annotations

import pytest

from fastagi.attacks import attacked
from fastagi.attacks.attacked import AFTER_S, GRAVEST, Attacked, Cause
from fastagi.signs.sign import Sign
from fastagi.stores.records import EVERYWHERE
from tests.unit.attacks.samples import NOW, an_entry

DAY = b"2026-11-30"


def test_a_call_is_one_of_an_attack_for_a_day_after_it() -> None:
    """By its extension or by its address, whatever else it is; not before, and not after."""
    who = Attacked()
    who.remember(an_entry())
    first, last = NOW - 3600, NOW - 1800 + AFTER_S
    by_extension = Cause(Sign.GUESSING, "extension 101")
    assert who.cause("office", "101", "", first) == by_extension
    assert who.cause("office", "101", "10.0.0.1", last) == by_extension
    assert who.cause("office", "101", "", first - 1) is None
    assert who.cause("office", "101", "", last + 1) is None
    by_address = who.cause("office", "102", "203.0.113.7", first)
    assert by_address == Cause(Sign.GUESSING, "address 203.0.113.7")
    assert who.cause("office", "102", "203.0.113.8", first) is None
    assert who.cause("home", "101", "203.0.113.7", first) is None


def test_what_is_of_no_site_is_of_every_site() -> None:
    """As an address that tries what is nobody's."""
    who = Attacked()
    who.remember(an_entry(site=EVERYWHERE))
    assert who.cause("home", "101", "", NOW) is not None
    assert who.cause("home", "102", "203.0.113.7", NOW) is not None


def test_an_address_is_known_however_it_is_written() -> None:
    """As `ipaddress` writes it."""
    who = Attacked()
    who.remember(an_entry(addresses=("2001:DB8::0:7",)))
    assert who.cause("office", "102", "2001:db8::7", NOW) is not None
    assert who.may_be(DAY, b"102", b"2001:db8::7")


@pytest.mark.parametrize("sign", sorted(attacked.MADE_UP))
def test_an_account_that_an_attacker_made_up_is_nobody(sign: Sign) -> None:
    """Else he would have honest calls listed, as many as he likes."""
    who = Attacked()
    who.remember(an_entry(sign, addresses=()))
    assert who.cause("office", "101", "", NOW) is None


def test_an_address_that_anybody_may_have_written_is_nobody() -> None:
    """Else he would name the office's own."""
    who = Attacked()
    who.remember(an_entry(proven=False))
    assert who.cause("office", "102", "203.0.113.7", NOW) is None
    assert who.cause("office", "101", "", NOW) is not None


def test_of_several_attacks_the_gravest_is_told() -> None:
    """In whatever order they came."""
    for signs in (GRAVEST, GRAVEST[::-1]):
        who = Attacked()
        for sign in signs:
            who.remember(an_entry(sign))
        assert who.cause("office", "101", "", NOW) == Cause(GRAVEST[0], "extension 101")
    assert sorted(GRAVEST) == sorted(Sign)


def test_memory_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """Names beyond are counted; of one name's many times the last is stretched."""
    monkeypatch.setattr(attacked, "WINDOWS", 3)
    monkeypatch.setattr(attacked, "SPANS", 2)
    who = Attacked()
    for n in range(5):
        who.remember(an_entry(accounts=(f"{n}",), addresses=()))
    assert who.forgotten == 2
    for day in range(1, 6):
        late = an_entry(
            Sign.HONEYPOT if day == 3 else Sign.GUESSING,
            accounts=("0",),
            addresses=(),
            first=NOW + day * 10 * AFTER_S,
            last=NOW + day * 10 * AFTER_S,
        )
        who.remember(late)
    assert who.cause("office", "0", "", NOW) == Cause(Sign.GUESSING, "extension 0")
    last = who.cause("office", "0", "", NOW + 51 * AFTER_S)
    assert last == Cause(Sign.HONEYPOT, "extension 0")


def test_a_call_need_not_be_read_that_can_be_of_none() -> None:
    """And whatever could be one is."""
    who = Attacked()
    who.remember(an_entry())
    assert who.may_be(DAY, b"101", b"")
    assert who.may_be(DAY, b"101", b"10.0.0.1")
    assert who.may_be(DAY, b"102", b"203.0.113.7")
    assert not who.may_be(DAY, b"102", b"10.0.0.1")
    assert not who.may_be(DAY, b"", b"")
    assert who.may_be(b"2026-12-01", b"101", b"203.0.113.7")
    assert not who.may_be(b"2026-11-29", b"101", b"203.0.113.7")
    assert not who.may_be(b"2026-12-02", b"101", b"203.0.113.7")
