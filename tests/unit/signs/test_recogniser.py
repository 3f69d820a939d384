"""What is seen, held against the terms of all sites."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fastagi.signs import recogniser as recogniser_module
from fastagi.signs import windows
from fastagi.signs.guessed import Guessed
from fastagi.signs.recogniser import COUNTED, NODES_MAX, STEP_S, Recogniser
from fastagi.signs.sighting import Seen, Sighting
from fastagi.signs.sign import Evidence, Per, Sign
from fastagi.signs.windows import WHOM
from tests.unit.signs.samples import NOON, PHONE, THIEF, seen, terms

if TYPE_CHECKING:
    from collections.abc import Iterable

    from fastagi.signs.familiar import Familiar
    from fastagi.signs.terms import Terms

OF_A_SIGN: Final = {
    Sign.ENUMERATION: Seen.UNKNOWN_ACCOUNT,
    Sign.GUESSING: Seen.WRONG_PASSWORD,
    Sign.SPRAYING: Seen.WRONG_PASSWORD,
    Sign.NOT_LET_IN: Seen.NOT_LET_IN,
    Sign.MALFORMED: Seen.MALFORMED,
    Sign.HONEYPOT: Seen.TRAP,
    Sign.GATE_PROBING: Seen.PROBE,
    Sign.CODE_GUESSING: Seen.WRONG_CODE,
}


def told(recogniser: Recogniser, sightings: Iterable[Sighting]) -> list[Evidence]:
    """Return all evidence of these."""
    return [each for sighting in sightings for each in recogniser.see(sighting)]


# ------------------------------------------------------------------------------- each sign


@pytest.mark.parametrize("sign", OF_A_SIGN)
def test_a_sign_is_told_of_at_its_count_and_not_before(sign: Sign) -> None:
    """By what it is made of, from one address within the seconds."""
    recogniser = Recogniser([terms(sign, count=10)])
    sightings = [seen(OF_A_SIGN[sign], each, str(100 + each)) for each in range(10)]
    assert told(recogniser, sightings[:-1]) == []
    assert recogniser.see(sightings[-1]) == [
        Evidence(
            site="office",
            watch="w",
            sign=sign,
            per=Per.ADDRESS,
            name=THIEF,
            account="",
            address=THIEF,
            count=10,
            within_s=9.0,
            addresses=1,
            proven=True,
            at=NOON + 9,
        )
    ]


@pytest.mark.parametrize("sign", OF_A_SIGN)
def test_a_sign_is_made_of_nothing_else(sign: Sign) -> None:
    """Whatever else comes is not counted."""
    recogniser = Recogniser([terms(sign, count=2)])
    others = [each for each in Seen if each is not OF_A_SIGN[sign]]
    assert told(recogniser, [seen(each, n, str(n)) for n in range(3) for each in others]) == []
    assert set(COUNTED) == set(OF_A_SIGN)


@pytest.mark.parametrize("sign", [Sign.ENUMERATION, Sign.SPRAYING, Sign.CODE_GUESSING])
def test_of_what_counts_different_accounts_the_same_one_counts_once(sign: Sign) -> None:
    """However often it is tried."""
    recogniser = Recogniser([terms(sign, count=3)])
    what = OF_A_SIGN[sign]
    assert told(recogniser, [seen(what, each, str(each % 2)) for each in range(50)]) == []
    (evidence,) = recogniser.see(seen(what, 50, "2"))
    assert (evidence.count, evidence.within_s) == (3, 2.0)


@pytest.mark.parametrize(
    ("per", "name", "account"),
    [(Per.ADDRESS, THIEF, ""), (Per.NETWORK, "203.0.113.0/24", ""), (Per.SITE, "", ""),
     (Per.ACCOUNT, "101", "101")],
)  # fmt: skip
def test_whom_it_is_counted_for(per: Per, name: str, account: str) -> None:
    """An address, its network, the site, or the account."""
    recogniser = Recogniser([terms(Sign.GUESSING, per, 3)])
    others = [
        seen(Seen.WRONG_PASSWORD, 0, "101", "203.0.113.8"),
        seen(Seen.WRONG_PASSWORD, 1, "102", THIEF),
        seen(Seen.WRONG_PASSWORD, 2, "101", PHONE),
        seen(Seen.WRONG_PASSWORD, 3, "101", THIEF),
        seen(Seen.WRONG_PASSWORD, 4, "101", THIEF),
        seen(Seen.WRONG_PASSWORD, 5, "101", THIEF),
    ]
    (evidence, *_) = told(recogniser, others)
    assert (evidence.per, evidence.name, evidence.account) == (per, name, account)
    assert evidence.address == (PHONE if per is Per.SITE else THIEF)


def test_a_network_of_ipv6_is_a_64() -> None:
    """As many addresses as somebody has there are one network's."""
    recogniser = Recogniser([terms(Sign.ENUMERATION, Per.NETWORK, 3)])
    sightings = [
        seen(Seen.UNKNOWN_ACCOUNT, each, str(each), f"2001:db8:0:1::{each}") for each in (1, 2, 3)
    ]
    (evidence,) = told(recogniser, sightings)
    assert (evidence.name, evidence.addresses) == ("2001:db8:0:1::/64", 3)


def test_who_has_no_address_counts_for_the_site() -> None:
    """And for no address."""
    both = [
        terms(Sign.GATE_PROBING, each, 2, watch=each)
        for each in (Per.ADDRESS, Per.NETWORK, Per.SITE)
    ]
    recogniser = Recogniser(both)
    found = told(recogniser, [seen(Seen.PROBE, each, "", "") for each in range(2)])
    assert [(each.watch, each.address, each.addresses) for each in found] == [("site", "", 0)]


def test_slower_than_the_seconds_is_no_sign() -> None:
    """A phone with an old password tries it every 30 s, for a weekend; ten a minute are not it."""
    watches = [terms(Sign.GUESSING, per, watch=per) for per in Per]
    recogniser = Recogniser(watches)
    weekend = range(0, 60 * 3600, 30)
    assert (
        told(recogniser, [seen(Seen.WRONG_PASSWORD, each, "101", PHONE) for each in weekend]) == []
    )


def test_three_wrong_passwords_and_the_right_one_are_no_sign() -> None:
    """Of a phone whose password was changed."""
    watches = [
        *(terms(Sign.GUESSING, per, watch=f"guessing-{per}") for per in Per),
        *(
            terms(Sign.SPRAYING, per, 5, 600, watch=f"spraying-{per}")
            for per in (Per.ADDRESS, Per.SITE)
        ),
        terms(Sign.SUCCESS_AFTER_GUESSING, Per.ACCOUNT, 10, 3600),
    ]
    sightings = [seen(Seen.WRONG_PASSWORD, each, "101", PHONE) for each in range(3)]
    sightings.append(seen(Seen.RIGHT_PASSWORD, 3, "101", PHONE))
    assert told(Recogniser(watches), sightings) == []


# ------------------------------------------------------------------------------- sites


def test_what_is_of_no_site_counts_for_each_site() -> None:
    """An account that there is not belongs to none."""
    recogniser = Recogniser(
        [terms(Sign.ENUMERATION, count=2, site=each) for each in ("office", "branch")]
    )
    nobody = [seen(Seen.UNKNOWN_ACCOUNT, each, str(each), site="") for each in range(2)]
    assert {each.site for each in told(recogniser, nobody)} == {"office", "branch"}


def test_an_account_is_another_at_another_site() -> None:
    """As its guesses are."""
    recogniser = Recogniser(
        [terms(Sign.GUESSING, Per.ACCOUNT, 2, site=each) for each in ("office", "branch")]
    )
    sightings = [
        seen(Seen.WRONG_PASSWORD, n, site=each) for n, each in enumerate(("office", "branch", ""))
    ]
    assert told(recogniser, sightings) == []
    (evidence,) = recogniser.see(seen(Seen.WRONG_PASSWORD, 3, site="branch"))
    assert evidence.site == "branch"


def test_a_sighting_of_a_site_costs_what_its_watches_cost(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """However many other sites there are."""
    looked_at: list[str] = []
    counts, guesses = recogniser_module._Counting.see, Guessed.see

    def counted(
        self: recogniser_module._Counting, sighting: Sighting, address: int
    ) -> Evidence | None:
        looked_at.append(self.terms.site)
        return counts(self, sighting, address)

    def guessed(
        self: Guessed, sighting: Sighting, address: int, familiar: Familiar
    ) -> tuple[bool, Evidence | None]:
        looked_at.append(self.terms.site)
        return guesses(self, sighting, address, familiar)

    monkeypatch.setattr(recogniser_module._Counting, "see", counted)
    monkeypatch.setattr(Guessed, "see", guessed)
    recogniser = Recogniser(
        [
            terms(sign, Per.ACCOUNT, site=f"s{each}")
            for sign in (Sign.GUESSING, Sign.MALFORMED, Sign.SUCCESS_AFTER_GUESSING)
            for each in range(100)
        ]
    )
    recogniser.see(seen(Seen.WRONG_PASSWORD, site="s7"))
    assert looked_at == ["s7", "s7"]


# ------------------------------------------------------------------------------- telling


def test_as_long_as_it_goes_on_it_is_told_of_once_a_minute() -> None:
    """With how many came since it began."""
    recogniser = Recogniser([terms(Sign.GUESSING, count=10)])
    found = told(recogniser, [seen(Seen.WRONG_PASSWORD, each / 8) for each in range(1200)])
    assert [each.at - NOON for each in found] == [1.125, 61.125, 121.125]
    assert [each.count for each in found] == [10, 490, 970]
    assert found[-1].within_s == 121.125


def test_when_it_comes_again_it_is_counted_anew() -> None:
    """An hour later."""
    recogniser = Recogniser([terms(Sign.GUESSING, count=3)])
    first = [seen(Seen.WRONG_PASSWORD, each) for each in range(3)]
    again = [replace(each, at=each.at + 3600) for each in first]
    assert [(each.count, each.within_s) for each in told(recogniser, first + again)] == [
        (3, 2.0), (3, 2.0),
    ]  # fmt: skip


def test_only_so_many_proven_ones_prove_it() -> None:
    """Nine that anybody may have sent and one that was are no proof; ten more are, at once."""
    recogniser = Recogniser([terms(Sign.GUESSING)])
    made_up = [seen(Seen.WRONG_PASSWORD, each / 10, proven=False) for each in range(9)]
    own = [seen(Seen.WRONG_PASSWORD, 1 + each / 10) for each in range(10)]
    found = told(recogniser, [*made_up, *own])
    assert [(each.count, each.proven) for each in found] == [(10, False), (19, True)]


def test_who_writes_another_s_address_hides_nobody() -> None:
    """What is not proven pushes out nothing that is; nor is it proven by that."""
    recogniser = Recogniser([terms(Sign.GUESSING)])
    found: list[Evidence] = []
    for n in range(10):
        found += recogniser.see(seen(Seen.WRONG_PASSWORD, n))
        made_up = [
            seen(Seen.WRONG_PASSWORD, n + each / 100, proven=False) for each in range(1, 90)
        ]
        found += told(recogniser, made_up)
    assert [each.proven for each in found] == [False, True]
    later = told(recogniser, [seen(Seen.WRONG_PASSWORD, 69.5, proven=False)])
    assert [each.proven for each in later] == [False]


def flood(recogniser: Recogniser, at: float = 0.0) -> None:
    """Have half a count made up for each of more addresses than there is room for."""
    for whom in range(WHOM[0] + 50):
        for each in range(5):
            address = f"10.{whom >> 8}.{whom & 255}.1"
            made_up = seen(Seen.UNKNOWN_ACCOUNT, at, f"{whom}-{each}", address, proven=False)
            recogniser.see(replace(made_up, site=""))


def crowded() -> Recogniser:
    """Return one of so many sites that each watch remembers as few as it may."""
    return Recogniser(
        [
            terms(
                sign,
                per,
                10,
                within_s,
                site=f"s{site}" if site else "office",
                watch=f"{sign}-{per}",
            )
            for site in range(100)
            for sign, per, within_s in (
                (Sign.ENUMERATION, Per.ADDRESS, 60),
                (Sign.ENUMERATION, Per.NETWORK, 60),
                (Sign.GUESSING, Per.ACCOUNT, 60),
                (Sign.GUESSING, Per.ADDRESS, 60),
                (Sign.SUCCESS_AFTER_GUESSING, Per.ACCOUNT, 3600),
            )
        ]
    )


def test_made_up_addresses_hide_nobody_who_shows_where_he_is() -> None:
    """Though they fill every place there is for what is not proven; nor is he counted too high."""
    recogniser = crowded()
    flood(recogniser)
    scan = [seen(Seen.UNKNOWN_ACCOUNT, 1 + each / 10, str(each)) for each in range(10)]
    assert told(recogniser, scan[:-1]) == []
    found = recogniser.see(scan[-1])
    assert {(each.watch, each.count, each.proven, each.addresses) for each in found} == {
        ("enumeration-address", 10, True, 1),
        ("enumeration-network", 10, True, 1),
    }


def test_made_up_addresses_push_out_nobody_who_shows_where_he_is() -> None:
    """Who began before they came, however few he had tried."""
    recogniser = crowded()
    scan = [seen(Seen.UNKNOWN_ACCOUNT, each / 10, str(each)) for each in range(10)]
    assert recogniser.see(scan[0]) == []
    flood(recogniser, 0.05)
    assert {each.watch for each in told(recogniser, scan[1:]) if each.proven} == {
        "enumeration-address", "enumeration-network",
    }  # fmt: skip


def test_made_up_addresses_hide_no_guesses_at_an_account() -> None:
    """Proven or not."""
    recogniser = crowded()
    flood(recogniser)
    guesses = [seen(Seen.WRONG_PASSWORD, 1 + each / 10, proven=False) for each in range(10)]
    found = {(each.watch, each.count) for each in told(recogniser, guesses)}
    assert ("guessing-account", 10) in found


@pytest.mark.parametrize("account", ["101", "102"])
def test_made_up_addresses_hide_no_thief(account: str) -> None:
    """Who guessed at one account, and is right there, or at another."""
    recogniser = crowded()
    flood(recogniser)
    told(recogniser, [seen(Seen.WRONG_PASSWORD, 1 + each) for each in range(10)])
    (evidence,) = recogniser.see(seen(Seen.RIGHT_PASSWORD, 20, account))
    assert (evidence.sign, evidence.count) == (Sign.SUCCESS_AFTER_GUESSING, 10)
    assert (evidence.proven, evidence.within_s) == (True, 19.0)


# ------------------------------------------------------------------------------- other terms


def test_terms_that_stay_keep_what_was_counted() -> None:
    """At a reload of the policy; others begin anew, and those that are gone say nothing."""
    stays, goes = terms(Sign.GUESSING, watch="stays"), terms(Sign.GUESSING, watch="goes")
    success = terms(Sign.SUCCESS_AFTER_GUESSING, Per.ACCOUNT, 10, 3600)
    recogniser = Recogniser([stays, goes, success, stays])
    sightings = [seen(Seen.WRONG_PASSWORD, each) for each in range(10)]
    assert told(recogniser, sightings[:9]) == []
    recogniser.replace([stays, replace(goes, count=9), success])
    assert [each.watch for each in recogniser.see(sightings[9])] == ["stays"]
    assert [each.sign for each in recogniser.see(seen(Seen.RIGHT_PASSWORD, 10))] == [success.sign]
    recogniser.replace([])
    assert told(recogniser, sightings) == []
    assert recogniser.see(seen(Seen.RIGHT_PASSWORD, 11)) == []


def test_what_is_new_of_a_phone_is_not_for_a_window() -> None:
    """Such terms are let be: who keeps what a phone had knows."""
    recogniser = Recogniser([terms(Sign.NEW_ADDRESS, Per.ACCOUNT, 1)])
    assert told(recogniser, [seen(Seen.REGISTERED), seen(Seen.RIGHT_PASSWORD)]) == []


# ------------------------------------------------------------------------------- clocks


def test_late_ones_count_if_they_lie_within_the_seconds() -> None:
    """In whatever order they come; else they do not."""
    recogniser = Recogniser([terms(Sign.GUESSING, count=3, within_s=20)])
    late = [seen(Seen.WRONG_PASSWORD, at) for at in (30, 5, 25, 29, 12)]
    (evidence,) = told(recogniser, late)
    assert (evidence.count, evidence.within_s, evidence.at) == (3, 5.0, NOON + 29)


def test_a_clock_that_is_set_back_blinds_nobody() -> None:
    """It is counted anew, with less than there was, and no second is negative."""
    success = terms(Sign.SUCCESS_AFTER_GUESSING, Per.ACCOUNT, 3, 3600, watch="success")
    recogniser = Recogniser([terms(Sign.GUESSING, count=3), success])
    told(recogniser, [seen(Seen.WRONG_PASSWORD, each) for each in (0, 1)])
    back = -10 * STEP_S
    found = told(recogniser, [seen(Seen.WRONG_PASSWORD, back + each) for each in range(3)])
    assert [(each.count, each.within_s) for each in found] == [(3, 2.0)]
    (evidence,) = recogniser.see(seen(Seen.RIGHT_PASSWORD, back))
    assert evidence.within_s == 0.0


def test_a_clock_that_is_set_back_little_by_little_is_seen_by_the_sum() -> None:
    """What is a little late is late, and no new beginning."""
    recogniser = Recogniser([terms(Sign.GUESSING, count=3, within_s=5)])
    told(recogniser, [seen(Seen.WRONG_PASSWORD, at) for at in (0, -20)])
    found = told(recogniser, [seen(Seen.WRONG_PASSWORD, -40 + each) for each in range(3)])
    assert [each.count for each in found] == [3]


def test_one_node_s_clock_is_not_another_s() -> None:
    """A machine that is an hour ahead has nobody forgotten."""
    recogniser = Recogniser([terms(Sign.GUESSING, count=3)])
    found = [recogniser.see(seen(Seen.MALFORMED, 3600, address=PHONE, node="ahead"))]
    for each in range(3):
        found.append(recogniser.see(seen(Seen.WRONG_PASSWORD, each)))
        ahead = seen(Seen.MALFORMED, 3600 + each, address=PHONE, node="ahead")
        found.append(recogniser.see(ahead))
    assert sum(map(len, found)) == 1


@pytest.mark.parametrize("what", [Seen.TRAP, Seen.PROBE, Seen.WRONG_CODE, Seen.REGISTERED])
@pytest.mark.parametrize("late_s", [38, -3600])
def test_what_the_gate_itself_saw_says_nothing_of_a_node_s_clock(what: Seen, late_s: int) -> None:
    """It bears the gate's moment, and may have lain in a pipe: nothing is forgotten for it."""
    recogniser = Recogniser([terms(Sign.GUESSING), terms(Sign.HONEYPOT, count=2)])
    wrong = [seen(Seen.WRONG_PASSWORD, each) for each in range(10)]
    assert told(recogniser, wrong[:-1]) == []
    assert recogniser.see(seen(what, 8 - late_s, address=PHONE)) == []
    assert [each.count for each in recogniser.see(wrong[-1])] == [10]


def test_a_node_s_clock_has_nothing_of_the_gate_s_forgotten() -> None:
    """What is counted by the gate's clock only stays."""
    recogniser = Recogniser([terms(Sign.GATE_PROBING, count=3), terms(Sign.GUESSING, count=3)])
    wrong = [seen(Seen.WRONG_PASSWORD, each) for each in range(2)]
    assert told(recogniser, [*wrong, *(seen(Seen.PROBE, each) for each in range(2))]) == []
    assert recogniser.see(seen(Seen.WRONG_PASSWORD, -3600)) == []
    assert [each.sign for each in recogniser.see(seen(Seen.PROBE, 2))] == [Sign.GATE_PROBING]


def test_nodes_without_number_take_no_memory() -> None:
    """Whoever names them."""
    recogniser = Recogniser([])
    for each in range(NODES_MAX + 10):
        recogniser.see(seen(Seen.MALFORMED, node=str(each)))
    assert len(recogniser._newest) == NODES_MAX


# ------------------------------------------------------------------------------- the model


AGAIN_OF_THE_MODEL_S: Final = 4.0
"""So that a short history is told of more than once."""


class Naive:
    """Keeps everything, and counts it again each time."""

    def __init__(self, of: Terms) -> None:
        self.terms = of
        self.seen: dict[str, list[Sighting]] = {}
        self.told: dict[tuple[str, bool], float] = {}
        self.bursts: dict[tuple[str, bool], tuple[int, float]] = {}

    def see(self, sighting: Sighting) -> list[Evidence]:
        """Do what a recogniser of one watch does."""
        terms = self.terms
        made_of, different = COUNTED[terms.sign]
        if sighting.seen not in made_of or sighting.site not in ("", terms.site):
            return []
        if terms.per is Per.ACCOUNT and sighting.site != terms.site:
            return []
        address = str(sighting.address)
        network = address.rpartition(".")[0] + ".0/24"
        names = {Per.ADDRESS: address, Per.NETWORK: network, Per.ACCOUNT: sighting.account}
        name = names.get(terms.per, "")
        kept = self.seen.setdefault(name, [])
        newest = max([each.at for each in kept], default=sighting.at)
        if sighting.at < newest - terms.within_s:
            return []
        kept.append(sighting)
        newest = max(newest, sighting.at)
        last = self._last(kept, different=different)
        proven = self._last([each for each in kept if each.proven], different=different)
        full = len(last) >= terms.count
        burst = self._burst((name, False), last, different=different)
        is_proven = sighting.proven and len(proven) >= terms.count
        if sighting.proven:
            of_proven = self._burst((name, True), proven, different=different)
            if not full:
                burst, last = of_proven, proven
        count, began = burst
        due = full and self._is_due(name, newest, proven=False)
        if is_proven:
            due |= self._is_due(name, max(each.at for each in proven), proven=True)
        if not due:
            return []
        return [
            Evidence(
                site=terms.site,
                watch=terms.watch,
                sign=terms.sign,
                per=terms.per,
                name=name,
                account=sighting.account if terms.per is Per.ACCOUNT else "",
                address=address,
                count=count,
                within_s=last[-1].at - began,
                addresses=len({each.address for each in last[-terms.count :]}),
                proven=is_proven,
                at=sighting.at,
            )
        ]

    def _burst(
        self, whose: tuple[str, bool], last: list[Sighting], *, different: bool
    ) -> tuple[int, float]:
        """Return how many came since it is full, and when the first of them did."""
        most = self.terms.count
        count, began = self.bursts.get(whose, (0, 0.0))
        if len(last) >= most and not different and count >= most:
            count += 1
        else:
            count, began = min(len(last), most), last[-most:][0].at
        self.bursts[whose] = (count, began)
        return count, began

    def _last(self, kept: list[Sighting], *, different: bool) -> list[Sighting]:
        """Return what lies within the seconds before the last; of each account its last."""
        if not kept:
            return []
        newest = max(each.at for each in kept)
        within = [each for each in kept if each.at >= newest - self.terms.within_s]
        if different:
            of_each: dict[str, tuple[float, int]] = {}
            for n, each in enumerate(within):
                of_each[each.account] = max(of_each.get(each.account, (each.at, n)), (each.at, n))
            return [within[n] for _, n in sorted(of_each.values())]
        return sorted(within, key=lambda each: each.at)

    def _is_due(self, name: str, newest: float, *, proven: bool) -> bool:
        told = self.told.get((name, proven))
        if told is not None and newest - told < AGAIN_OF_THE_MODEL_S:
            return False
        self.told[name, proven] = newest
        return True


SIGHTINGS: Final = st.builds(
    seen,
    st.sampled_from([Seen.WRONG_PASSWORD, Seen.UNKNOWN_ACCOUNT]),
    st.just(0.0),
    st.sampled_from(["101", "102", "103", "104"]),
    st.sampled_from([THIEF, "203.0.113.8", PHONE]),
    proven=st.booleans(),
    site=st.sampled_from(["office", "branch", ""]),
)
STEPS: Final = st.sampled_from([0.0, 0.0, 0.5, 1.0, 3.0, 7.0, 20.0, 65.0, -2.0, -8.0])


@given(
    st.lists(st.tuples(SIGHTINGS, STEPS), max_size=60),
    st.sampled_from([Sign.GUESSING, Sign.SPRAYING, Sign.ENUMERATION]),
    st.sampled_from(Per),
    st.integers(1, 4),
    st.sampled_from([5, 10, 30]),
)
def test_it_says_what_one_says_that_keeps_everything(
    history: list[tuple[Sighting, float]], sign: Sign, per: Per, count: int, within_s: int
) -> None:
    """Over any short history, late ones and all."""
    of = terms(sign, per, count, within_s)
    recogniser, naive = Recogniser([of]), Naive(of)
    now = newest = 0.0
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(windows, "AGAIN_S", AGAIN_OF_THE_MODEL_S)
        for sighting, step_s in history:
            now = max(now + step_s, newest - STEP_S)
            newest = max(now, newest)
            one = replace(sighting, at=NOON + now)
            assert recogniser.see(one) == naive.see(one)


@given(st.lists(st.tuples(SIGHTINGS, STEPS), max_size=60), st.text(max_size=300))
def test_what_an_account_is_called_changes_no_evidence_about_an_address(
    history: list[tuple[Sighting, float]], name: str
) -> None:
    """Another name than 101 in its place, whatever it holds, has the same addresses told of."""
    watches = [terms(Sign.ENUMERATION, per, 2, watch=per) for per in (Per.ADDRESS, Per.NETWORK)]
    one, other = Recogniser(watches), Recogniser(watches)
    called = f"{name}\r\n"  # so that it is none of the others
    now = 0.0
    for sighting, step_s in history:
        now += abs(step_s)
        plain = replace(sighting, at=NOON + now)
        hostile = replace(plain, account=called) if plain.account == "101" else plain
        assert one.see(plain) == other.see(hostile)


@given(
    st.lists(
        st.tuples(
            st.builds(seen, st.sampled_from(Seen), st.floats(-1e9, 1e9), st.text(max_size=3),
                      st.sampled_from([THIEF, PHONE, "2001:db8::1", ""]), proven=st.booleans()),
        ),
        max_size=30,
    )
)  # fmt: skip
def test_no_time_is_negative_and_nothing_breaks(history: list[tuple[Sighting]]) -> None:
    """However clocks jump."""
    watches = [terms(sign, per, 2, watch=f"{sign}{per}") for sign in COUNTED for per in Per]
    watches.append(terms(Sign.SUCCESS_AFTER_GUESSING, Per.ACCOUNT, 2, 3600))
    recogniser = Recogniser(watches)
    for (sighting,) in history:
        for each in recogniser.see(sighting):
            assert each.within_s >= 0.0
            assert each.count >= 2
