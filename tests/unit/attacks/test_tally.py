"""What a report makes of the book and of the decisions."""

from __future__ import annotations

import dataclasses
import tracemalloc

import pytest

from fastagi.attacks import tally as tally_of
from fastagi.attacks.attacked import GRAVEST
from fastagi.attacks.book import Did
from fastagi.attacks.report import Attack, Estimate, Through
from fastagi.attacks.tally import Tally
from fastagi.signs.sign import Per, Sign
from tests.unit.attacks.samples import NOW, a_line, an_entry, month

DAY = 86_400.0


def a_tally(**said: object) -> Tally:
    """Return one of the last day at the office."""
    given = {"sites": ["office"], "since": NOW - DAY, "until": NOW, "mask": 4} | said
    return Tally(**given)  # type: ignore[arg-type]  # of the arguments' types


def test_the_month_is_added_up() -> None:
    """As it was made up: the thief's calls first, and what each of his tries would have cost."""
    report = month()
    first, second = report.through[:2]
    assert first == Through(
        time="2026-11-10 02:18:00 UTC",
        site="office",
        extension="104",
        address="198.51.100.77",
        number="+44207946xxxx",
        country="GB",
        rule="at-home",
        shown=[],
        reference="1000",
        why="success-after-guessing of extension 104",
        cost=40_000,
        currency="GBP",
    )
    assert (second.cost, second.reference) == (40_000, "1001")
    assert report.through_count == len(report.through) == 17
    # 25 at 0.25 and 5 at 9.00 a minute; 36 honest ones at 1.50; 10 have no price on record.
    assert report.estimates == [Estimate("GBP", 66, 1_052_500_000, 30, 512_500_000)]
    assert (report.unpriced, report.free) == (10, 0)
    assert report.allowed + report.denied == 1329
    assert report.denied == 76
    assert {reason: count for reason, _, count in report.held if reason != "rule"} == {
        "wrong-code": 25,
        "locked-out": 10,
    }
    assert dict(report.by_sign) == {
        "success-after-guessing": 1,
        "honeypot": 1,
        "spraying": 1,
        "guessing": 1,
        "enumeration": 1,
        "malformed": 51,
    }
    assert (report.attack_count, report.unplaced) == (55, 250)
    assert [each.day for each in report.days] == [f"2026-11-{day:02}" for day in range(1, 31)]
    assert report.days[9].denied == 42


def test_a_call_of_nobody_who_was_attacked_is_not_listed() -> None:
    """Nor one inside, nor a call for help, nor one of another site."""
    counted = a_tally()
    counted.note(an_entry())
    for said in (
        {"extension": "102", "address": "10.0.0.1"},
        {"category": "internal"},
        {"category": "emergency"},
        {"site": "home"},
        {"time": "2026-11-30T22:00:00.000Z"},
    ):
        counted.take(a_line(**{"verdict": "allow", "reason": "allowed"} | said))
    report = counted.report()
    assert (report.through_count, report.allowed) == (0, 4)
    counted.take(a_line(verdict="allow", reason="allowed"))
    assert counted.report().through_count == 1


def test_what_a_call_came_to_is_added_up() -> None:
    """Of its slots each is settled by itself; of others' calls nothing is kept."""
    counted = a_tally()
    counted.note(an_entry())
    counted.take(a_line(verdict="allow", reason="allowed"))
    settled = {"verdict": "allow", "reason": "settled"}
    for said in ({"cost": "0.50"}, {"cost": "0.25"}, {"cost": ""}, {"cost": "9", "call": "other"}):
        counted.take(a_line(**settled | said))
    report = counted.report()
    assert [each.cost for each in report.through] == [750_000]
    assert report.allowed == 1


def test_of_many_that_were_let_through_the_gravest_are_listed() -> None:
    """However many honest calls of a sprayed extension come before."""
    counted = a_tally()
    counted.note(an_entry(Sign.SPRAYING, addresses=()))
    counted.note(an_entry(Sign.SUCCESS_AFTER_GUESSING, accounts=("102",), addresses=()))
    let = {"verdict": "allow", "reason": "allowed", "address": ""}
    for n in range(5 * tally_of.THROUGH):
        counted.take(a_line(**let, call=f"honest.{n}"))
    counted.take(a_line(**let, call="stolen", extension="102"))
    for n in range(5 * tally_of.THROUGH):
        counted.take(a_line(**let, call=f"later.{n}"))
    report = counted.report()
    assert report.through_count == 10 * tally_of.THROUGH + 1
    assert len(report.through) == tally_of.THROUGH
    assert report.through[0].extension == "102"


def test_refused_calls_cost_what_a_minute_costs_times_the_minutes() -> None:
    """Of each currency; inside ones nothing; what has no price is counted."""
    counted = a_tally(minutes=3)
    counted.note(an_entry())
    counted.take(a_line())
    counted.take(a_line(extension="102", address="", price="2.00"))
    counted.take(a_line(currency="EUR", price="1.00"))
    counted.take(a_line(category="internal", price=""))
    counted.take(a_line(price=""))
    report = counted.report()
    assert report.estimates == [
        Estimate("EUR", 1, 3_000_000, 1, 3_000_000),
        Estimate("GBP", 2, 6_750_000, 1, 750_000),
    ]
    assert (report.minutes, report.free, report.unpriced) == (3, 1, 1)


def test_a_price_that_is_not_on_record_is_looked_up() -> None:
    """Of a number's; not of what no network takes, and nothing is guessed where nobody knows."""
    asked: list[tuple[str, str, float]] = []

    def price(site: str, number: str, at: float) -> tuple[int, str] | None:
        asked.append((site, number, at))
        return None if "999" in number else (100_000, "GBP")

    counted = a_tally(price=price)
    counted.take(a_line(price="", reason="locked-out"))
    counted.take(a_line(price="", number="+999"))
    counted.take(a_line(price="", reason="invalid-number"))
    report = counted.report()
    assert report.estimates == [Estimate("GBP", 1, 1_000_000, 0, 0)]
    assert report.unpriced == 2
    assert asked == [("office", "+39021234xxxx", NOW - 600), ("office", "+999", NOW - 600)]


def test_numbers_and_accounts_that_may_be_numbers_are_masked() -> None:
    """As the record masks them, also where it did not."""
    counted = a_tally()
    counted.note(an_entry(Sign.ENUMERATION, accounts=("+441632960123", "101")))
    counted.note(an_entry())
    counted.take(a_line(number="+390212345678"))
    report = counted.report()
    assert report.numbers.names == [("+39021234xxxx", 1)]
    assert ("+44163296xxxx", 1) in report.accounts.names
    assert "960123" not in repr(report)


def test_of_each_sign_some_are_spelled_out_the_gravest_first() -> None:
    """However many there are of another sign; what had no entry of its own comes last."""
    counted = a_tally()
    for n in range(200):
        counted.note(an_entry(Sign.MALFORMED, name=f"{n}", proven=False))
    counted.note(an_entry(Sign.MALFORMED, name="proven", accounts=("7",)))
    counted.note(an_entry(Sign.HONEYPOT, per=Per.SITE, name="", site="~"))
    counted.note(an_entry(Sign.SPRAYING, watch="", name="", others=12))
    attacks = counted.report().attacks
    assert [each.sign for each in attacks[:3]] == ["honeypot", "spraying", "malformed"]
    assert len(attacks) == 2 + tally_of.ATTACKS
    assert attacks[0].site == ""
    assert attacks[1].seen == "12 more of it, that had no entry of their own"
    assert attacks[2].proven
    assert not attacks[3].proven
    assert [sign for sign, _ in counted.report().by_sign] == [
        sign for sign in GRAVEST if sign in {"honeypot", "spraying", "malformed"}
    ]


@pytest.mark.parametrize("did", list(Did))
def test_whatever_was_done_has_words(did: Did) -> None:
    """And is counted."""
    counted = a_tally()
    counted.note(an_entry(did=frozenset({did})))
    report = counted.report()
    (attack,) = report.attacks
    assert isinstance(attack, Attack)
    assert [(words, 1) for words in attack.did] == report.did


def test_addresses_that_anybody_may_have_written_stand_by_themselves() -> None:
    """So that a flood of them hides none that is proven."""
    counted = a_tally()
    for n in range(100):
        counted.note(an_entry(name=f"{n}", addresses=(f"10.0.0.{n}",), proven=False))
    counted.note(an_entry())
    report = counted.report()
    assert report.addresses.names == [("203.0.113.7", 1)]
    assert len(report.written.names) == tally_of.LISTED
    assert report.written.beyond == 100 - tally_of.LISTED
    assert report.networks.names[0] == ("10.0.0.0/24", 100)


def test_a_call_that_names_itself_oddly_is_read_whole() -> None:
    """And is counted as the others are: what it came to, too, and not at another site."""
    counted = a_tally()
    counted.note(an_entry())
    odd = {"channel": 'PJSIP/"101"', "verdict": "allow"}
    counted.take(a_line(**odd, reason="allowed"))
    counted.take(a_line(**odd, reason="settled", cost="0.50"))
    counted.take(a_line(**odd, reason="allowed", site="home"))
    report = counted.report()
    assert (report.allowed, report.through_count) == (1, 1)
    assert [each.cost for each in report.through] == [500_000]


@pytest.mark.parametrize(
    "line",
    [b"\n", b"{}\n", b'{"time":"2026', b"\xff\n", b"[]\n", b'{"time":"x","site":"office"}\n'],
)
def test_what_is_no_decision_counts_for_nothing(line: bytes) -> None:
    """Whatever it is instead."""
    counted = a_tally(sites=[])
    counted.take(line)
    report = counted.report()
    assert (report.allowed, report.denied) == (0, 0)


def test_a_flood_of_names_in_the_record_fills_no_memory() -> None:
    """A hundred thousand numbers of an attacked extension are told in a few."""
    counted = a_tally(mask=0)
    counted.note(an_entry())
    raw = a_line(number="+39@@@@@@", rule="rule@@@@@@")
    for n in range(25_000):  # more than are counted by themselves
        counted.take(raw.replace(b"@@@@@@", b"%06d" % n))
    tracemalloc.start()
    for n in range(25_000, 45_000):
        counted.take(raw.replace(b"@@@@@@", b"%06d" % n))
    grown, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert grown < 4 << 20
    report = counted.report()
    assert len(report.numbers.names) == tally_of.LISTED
    assert sum(count for _, count in report.numbers.names) + report.numbers.beyond == 45_000


def test_a_report_is_values_only() -> None:
    """Whoever writes it down needs nothing else."""
    assert dataclasses.asdict(month())["denied"] == 76
