"""The right password after wrong ones: of the thief, and of everybody else."""

from __future__ import annotations

import pytest

from fastagi.signs import guessed
from fastagi.signs.recogniser import Recogniser
from fastagi.signs.sighting import Seen
from fastagi.signs.sign import Evidence, Per, Sign
from fastagi.signs.windows import AGAIN_S
from tests.unit.signs.samples import NOON, PHONE, THIEF, seen, terms

AFTER = terms(Sign.SUCCESS_AFTER_GUESSING, Per.ACCOUNT, 10, 3600)
WRONG, RIGHT, UNKNOWN = Seen.WRONG_PASSWORD, Seen.RIGHT_PASSWORD, Seen.UNKNOWN_ACCOUNT


def known_phone() -> Recogniser:
    """Return one that saw extension 101 show its password from `PHONE` the day before."""
    recogniser = Recogniser([AFTER])
    assert recogniser.see(seen(RIGHT, -86_400, address=PHONE)) == []
    return recogniser


def guess(recogniser: Recogniser, count: int = 10, *, at: float = 0.0, **of: str) -> None:
    """Have the wrong password shown so many times, one a second."""
    for each in range(count):
        assert recogniser.see(seen(WRONG, at + each, **of)) == []  # type: ignore[arg-type]  # account, address


def test_the_thief_who_guesses_and_gets_in() -> None:
    """Is told of, with how often he tried, and from where he came in."""
    recogniser = known_phone()
    guess(recogniser, 41)
    assert recogniser.see(seen(RIGHT, 50)) == [
        Evidence(
            site="office",
            watch="w",
            sign=Sign.SUCCESS_AFTER_GUESSING,
            per=Per.ACCOUNT,
            name="101",
            account="101",
            address=THIEF,
            count=41,
            within_s=50.0,
            addresses=1,
            proven=True,
            at=NOON + 50,
        )
    ]


def test_nine_guesses_are_not_ten() -> None:
    """As the terms say; and the tenth is one, however long after, within the hour."""
    recogniser = known_phone()
    guess(recogniser, 9)
    assert recogniser.see(seen(RIGHT, 3000)) == []
    recogniser = known_phone()
    guess(recogniser, 9)
    guess(recogniser, 1, at=3590)
    assert len(recogniser.see(seen(RIGHT, 3599))) == 1


def test_a_phone_that_misdials_its_password_three_times_is_no_thief() -> None:
    """Nor is one that was never seen before."""
    for recogniser in (known_phone(), Recogniser([AFTER])):
        guess(recogniser, 3, address=PHONE)
        assert recogniser.see(seen(RIGHT, 5, address=PHONE)) == []


def test_a_phone_with_an_old_password_is_no_thief() -> None:
    """It tried for a weekend, every 30 s, and then somebody wrote the new one into it."""
    recogniser = known_phone()
    for at in range(0, 60 * 3600, 30):
        assert recogniser.see(seen(WRONG, at, address=PHONE)) == []
    assert recogniser.see(seen(RIGHT, 60 * 3600, address=PHONE)) == []
    other = seen(RIGHT, 60 * 3600, account="102", address=PHONE)
    assert recogniser.see(other) == []  # a new phone, in the same office


def test_a_phone_is_no_thief_because_it_is_guessed_at() -> None:
    """It registers every few minutes, while somebody else tries its password."""
    recogniser = known_phone()
    for minute in range(60):
        guess(recogniser, 20, at=60.0 * minute)
        assert recogniser.see(seen(RIGHT, 60 * minute + 30, address=PHONE)) == []


def test_the_thief_who_comes_from_many_addresses_one_guess_each() -> None:
    """Is counted by the account."""
    recogniser = known_phone()
    for each in range(10):
        guess(recogniser, 1, at=each * 300, address=f"192.0.{each}.1")
    (evidence,) = recogniser.see(seen(RIGHT, 3001))
    assert (evidence.count, evidence.addresses, evidence.within_s) == (10, 10, 3001.0)


def test_the_thief_who_gets_in_from_where_nobody_guessed() -> None:
    """Has been there never before, which is enough."""
    recogniser = known_phone()
    guess(recogniser, 10, address="192.0.2.1")
    (evidence,) = recogniser.see(seen(RIGHT, 20))
    assert evidence.address == THIEF


def test_the_thief_who_shows_a_right_password_in_between() -> None:
    """Of an account of his own: nothing that was counted is forgotten."""
    recogniser = known_phone()
    for each in range(10):
        recogniser.see(seen(RIGHT, 10 * each, account="105"))
        guess(recogniser, 1, at=10 * each + 1)
    assert [each.account for each in recogniser.see(seen(RIGHT, 100))] == ["101"]


def test_who_gets_in_is_not_at_home_by_that() -> None:
    """It is told of again as long as the guesses count; then the place is one of the account's."""
    recogniser = known_phone()
    guess(recogniser, 10)
    assert len(recogniser.see(seen(RIGHT, 20))) == 1
    assert recogniser.see(seen(RIGHT, 21)) == []
    assert len(recogniser.see(seen(RIGHT, 20 + AGAIN_S))) == 1
    assert recogniser.see(seen(RIGHT, 3700)) == []
    guess(recogniser, 20, at=3800)
    assert recogniser.see(seen(RIGHT, 3900)) == []


@pytest.mark.parametrize("address", [THIEF, "203.0.113.200"])
def test_the_right_password_from_who_tried_others(address: str) -> None:
    """Accounts that there are not, and those of others; and from his network."""
    recogniser = known_phone()
    for each in range(5):
        recogniser.see(seen(UNKNOWN, each, account=str(each), site=""))
        guess(recogniser, 1, at=each, account=str(200 + each))
    assert len(recogniser.see(seen(RIGHT, 10, address=address))) == 1
    assert recogniser.see(seen(RIGHT, 10, account="102", address="192.0.2.5")) == []


def test_the_machine_in_the_office_that_guesses() -> None:
    """Phones are its neighbours, and it is none of them."""
    recogniser = known_phone()
    guess(recogniser, 10, address="198.51.100.99")
    assert len(recogniser.see(seen(RIGHT, 10, address="198.51.100.99"))) == 1


def test_a_phone_with_a_new_address_of_its_own_64_is_at_home() -> None:
    """As IPv6 has it every day."""
    recogniser = Recogniser([AFTER])
    recogniser.see(seen(RIGHT, -86_400, address="2001:db8::1"))
    guess(recogniser, 20, address="2001:db8::2")
    assert recogniser.see(seen(RIGHT, 30, address="2001:db8::3")) == []


def test_others_names_push_nobody_out() -> None:
    """A flood of accounts that there are not, from addresses without number."""
    recogniser = known_phone()
    guess(recogniser, 10)
    for each in range(50_000):
        address = f"10.{each >> 16}.{each >> 8 & 255}.{each & 255}"
        recogniser.see(seen(UNKNOWN, 10, str(each), address, proven=False, site=""))
    (evidence,) = recogniser.see(seen(RIGHT, 20))
    assert (evidence.count, evidence.proven) == (10, True)


def test_what_anybody_may_have_sent_proves_nothing() -> None:
    """Told of at once, and again when it is proven."""
    recogniser = known_phone()
    for each in range(10):
        recogniser.see(seen(WRONG, each, proven=False))
    assert [each.proven for each in recogniser.see(seen(RIGHT, 10))] == [False]
    guess(recogniser, 10, at=11)
    assert [each.proven for each in recogniser.see(seen(RIGHT, 22))] == [True]
    assert [each.proven for each in recogniser.see(seen(RIGHT, 30))] == []


def test_a_password_that_anybody_may_have_shown_proves_nothing() -> None:
    """Though the guesses are proven."""
    recogniser = known_phone()
    guess(recogniser, 10)
    assert [each.proven for each in recogniser.see(seen(RIGHT, 20, proven=False))] == [False]


def test_a_password_that_is_told_of_late() -> None:
    """Comes no time after guesses that it came before."""
    recogniser = known_phone()
    guess(recogniser, 10, at=10)
    assert [each.within_s for each in recogniser.see(seen(RIGHT, 9))] == [0.0]


def test_a_place_is_learnt_only_from_what_is_proven() -> None:
    """And for a site that watches for it."""
    recogniser = Recogniser([AFTER])
    recogniser.see(seen(RIGHT, 0, proven=False))
    recogniser.see(seen(RIGHT, 0, site="branch"))
    recogniser.see(seen(RIGHT, 0, address=""))
    assert len(recogniser.familiar) == 0
    recogniser.see(seen(RIGHT, 0))
    assert len(recogniser.familiar) == 1


def test_an_account_of_another_site_is_another() -> None:
    """Its guesses are its own; who guesses anywhere is known everywhere it may be."""
    recogniser = Recogniser([AFTER, terms(AFTER.sign, AFTER.per, 10, 3600, site="branch")])
    for each in range(10):
        recogniser.see(seen(WRONG, each, site="branch", address=f"192.0.{each}.1"))
    assert recogniser.see(seen(RIGHT, 10)) == []
    assert [each.site for each in recogniser.see(seen(RIGHT, 10, site="branch"))] == ["branch"]


def test_a_password_that_came_from_nowhere_is_judged_by_its_account() -> None:
    """Where no address is known, there is none that guessed."""
    recogniser = known_phone()
    for each in range(10):
        recogniser.see(seen(WRONG, each, address=""))
    (evidence,) = recogniser.see(seen(RIGHT, 10, address=""))
    assert (evidence.address, evidence.addresses) == ("", 0)


def test_of_whom_it_was_told_is_not_remembered_without_end(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Who is forgotten is told of once more."""
    monkeypatch.setattr(guessed, "TOLD_MAX", 2)
    recogniser = known_phone()
    guess(recogniser, 10)
    places = ("192.0.2.1", "192.0.3.1", "192.0.4.1", "192.0.2.1", "192.0.4.1")
    told = [len(recogniser.see(seen(RIGHT, 20, address=each))) for each in places]
    assert told == [1, 1, 1, 1, 0]


def test_one_watch_is_told_by_and_another_is_not() -> None:
    """Each by its own count; neither lets the place be learnt."""
    strict = terms(AFTER.sign, AFTER.per, 3, 3600, watch="strict")
    recogniser = Recogniser([AFTER, strict])
    guess(recogniser, 5)
    assert [each.watch for each in recogniser.see(seen(RIGHT, 10))] == ["strict"]
    assert len(recogniser.familiar) == 0
