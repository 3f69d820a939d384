"""Which words of the log are alerts."""

from __future__ import annotations

from pathlib import Path

import pytest

import fastagi
from fastagi.alerts.heard import HEARD, SIGNS, Entered, Phase, Word, understood
from fastagi.alerts.kind import Kind
from fastagi.signs.sign import Sign
from tests.unit.alerts.conftest import NOW

TIME = "2027-01-15T08:00:00.000000Z"
BYPASS = {
    "event": "bypass",
    "time": TIME,
    "worker": 0,
    "node": "pbx",
    "site": "office",
    "channel": "PJSIP/trunk-00000002",
    "caller": "PJSIP/101-00000001",
    "trunk": "trunk",
    "number": "+3906123xxxx",
    "then": "hang-up",
}


def heard(**fields: object) -> Word:
    """Understand a word of the first worker."""
    word = understood({"time": TIME, "worker": 0, **fields}, "gate1")
    assert isinstance(word, Word)
    return word


def test_a_bypass_names_who_called_what() -> None:
    """Two gates that watch one Asterisk saw the same one; the caller's next is of the same."""
    word = understood(BYPASS, "gate1")
    other = understood({**BYPASS, "time": "2027-01-15T08:00:01Z"}, "gate2")
    again = understood({**BYPASS, "caller": "PJSIP/101-00000009", "channel": "x"}, "gate1")
    assert isinstance(word, Word)
    assert isinstance(other, Word)
    assert isinstance(again, Word)
    alert = word.alert
    assert (alert.kind, alert.at, alert.site) == (Kind.BYPASS, NOW, "office")
    assert alert.what == "A call of PJSIP/101 reached trunk trunk without asking"
    assert ("Number", "+3906123xxxx") in alert.facts
    assert ("Done", "it was hung up") in alert.facts
    assert other.alert.id == alert.id
    assert (again.alert.subject, again.alert.id == alert.id) == (alert.subject, False)


ATTACK = {
    "event": "attack-seen",
    "time": TIME,
    "process": "lookout",
    "site": "office",
    "watch": "broken-in",
    "sign": "success-after-guessing",
    "per": "account",
    "name": "101",
    "extension": "101",
    "address": "203.0.113.9",
    "count": 10,
    "within_s": 12.0,
    "so_far": "192.0.2.0/24, DE",
    "then": ["step-up", "tell"],
    "shadow": False,
}


def test_an_attack_names_whom_it_is_on_and_what_follows() -> None:
    """And what the phone had before."""
    word = understood(ATTACK, "gate1")
    assert isinstance(word, Word)
    alert = word.alert
    assert (alert.kind, alert.site) == (Kind.ATTACK, "office")
    assert alert.what == "Somebody guessed a password on 101 at office"
    assert ("Address", "203.0.113.9") in alert.facts
    assert ("Count", "10 within 12.0 s") in alert.facts
    assert ("Before", "192.0.2.0/24, DE") in alert.facts
    assert ("Follows", "step-up, tell") in alert.facts
    on_trial = understood({**ATTACK, "shadow": True}, "gate1")
    assert isinstance(on_trial, Word)
    assert on_trial.alert.what.endswith("(watch in shadow: nothing follows)")
    assert understood({**ATTACK, "process": "console"}, "gate1") is None


def test_an_attack_of_a_hostile_name_brings_nothing_along() -> None:
    """Whatever account was tried, whatever a network is called."""
    hostile = "a\r\nBcc: x@evil.example"
    more = {"name": hostile, "extension": hostile, "so_far": hostile, "address": "", "sign": "x"}
    word = understood({**ATTACK, **more, "then": hostile}, "gate1")
    assert isinstance(word, Word)
    told = [word.alert.what, word.alert.do, *(value for _, value in word.alert.facts)]
    assert not any("\n" in each or "@" in each for each in told)


@pytest.mark.parametrize("sign", Sign)
def test_every_sign_has_words_of_its_own(sign: Sign) -> None:
    """For whoever is woken."""
    assert SIGNS[sign]
    assert len(set(SIGNS.values())) == len(Sign)


def test_forgeries_are_told_of_whoever_hears_asterisk() -> None:
    """The watcher in the first worker, and the lookout."""
    forged = {"event": "ami-forged", "time": TIME, "node": "pbx", "what": "x"}
    assert understood({**forged, "process": "lookout"}, "gate1") is not None
    assert understood({**forged, "worker": 0}, "gate1") is not None
    assert understood({**forged, "worker": 1}, "gate1") is None


def test_a_bypass_of_a_hostile_name_brings_nothing_along() -> None:
    """Whatever a channel is called."""
    word = understood({**BYPASS, "caller": "PJSIP/a\r\nBcc: x@evil.example"}, "gate1")
    assert isinstance(word, Word)
    assert "\n" not in word.alert.what
    assert "@" not in word.alert.what


@pytest.mark.parametrize(
    ("fields", "kind", "phase", "what"),
    [
        (
            {"event": "ami-forged", "node": "pbx", "what": "a hangup"},
            Kind.FORGERY,
            Phase.HAPPENS,
            "Somebody forges events of Asterisk pbx",
        ),
        (
            {"event": "ami-link-lost", "node": "pbx"},
            Kind.AMI,
            Phase.BEGINS,
            "Asterisk pbx is not watched",
        ),
        (
            {"event": "ami-not-linked", "node": "pbx", "why": "refused"},
            Kind.AMI,
            Phase.BEGINS,
            "Asterisk pbx is not watched",
        ),
        (
            {"event": "ami-linked", "node": "pbx"},
            Kind.AMI,
            Phase.ENDS,
            "Asterisk pbx is watched again",
        ),
        (
            {"event": "policy-refused", "where": "/etc/p.toml:3", "what": "x"},
            Kind.POLICY,
            Phase.BEGINS,
            "A policy cannot come into force; the one in force stays",
        ),
        (
            {"event": "policy-valid-again"},
            Kind.POLICY,
            Phase.ENDS,
            "The policies' files are valid again",
        ),
        (
            {"event": "shadow-refused", "where": "/etc/p.shadow.toml:3", "what": "x"},
            Kind.POLICY,
            Phase.BEGINS,
            "A policy cannot come into shadow; the one in force is untouched",
        ),
        (
            {"event": "shadow-valid-again"},
            Kind.POLICY,
            Phase.ENDS,
            "The files of policies in shadow are valid again",
        ),
        (
            {"event": "key-file-refused"},
            Kind.SECRETS,
            Phase.HAPPENS,
            "The key file cannot be used; the keys at hand stay",
        ),
        (
            {"event": "secret-unreadable", "site": "office", "extension": "101"},
            Kind.SECRETS,
            Phase.HAPPENS,
            "The PIN or code of 101 at office cannot be read with these keys",
        ),
        (
            {"event": "secret-unreadable", "operator": "anna"},
            Kind.SECRETS,
            Phase.HAPPENS,
            "The PIN or code of anna cannot be read with these keys",
        ),
        (
            {"event": "decision-log-not-written", "file": "/d", "error": "full"},
            Kind.RECORD,
            Phase.BEGINS,
            "Decisions cannot be written down; calls go on",
        ),
        (
            {"event": "decision-log-written-again", "file": "/d"},
            Kind.RECORD,
            Phase.ENDS,
            "Decisions are written down again",
        ),
        (
            {"event": "decisions-not-on-record", "file": "/d", "count": 7},
            Kind.RECORD,
            Phase.HAPPENS,
            "7 decisions are not on record",
        ),
        (
            {"event": "worker-died", "worker": 3},
            Kind.PROCESS,
            Phase.HAPPENS,
            "Worker 3 died; another takes its place",
        ),
        (
            {"event": "worker-silent", "worker": 3},
            Kind.PROCESS,
            Phase.HAPPENS,
            "Worker 3 hung and was ended; another takes its place",
        ),
        (
            {"event": "process-died", "process": "console"},
            Kind.PROCESS,
            Phase.HAPPENS,
            "The process console died; calls go on",
        ),
        (
            {"event": "process-silent", "process": "console"},
            Kind.PROCESS,
            Phase.HAPPENS,
            "The process console hung and was ended; calls go on",
        ),
    ],
)
def test_what_the_service_says_is_put_into_words(
    fields: dict[str, object], kind: Kind, phase: Phase, what: str
) -> None:
    """By which gate, too."""
    word = heard(**fields)
    assert (word.alert.kind, word.phase, word.alert.what) == (kind, phase, what)
    assert ("Gate", "gate1") in word.alert.facts
    assert word.alert.subject.endswith("@gate1")


def test_the_end_of_a_trouble_is_of_its_beginning() -> None:
    """They are of one subject."""
    for begins, ends in (
        ("ami-link-lost", "ami-linked"),
        ("policy-refused", "policy-valid-again"),
        ("shadow-refused", "shadow-valid-again"),
        ("decision-log-not-written", "decision-log-written-again"),
    ):
        subjects = {heard(event=each, node="n", file="f").alert.subject for each in (begins, ends)}
        assert len(subjects) == 1


def test_of_what_every_worker_says_the_first_counts() -> None:
    """And not the web's, which has links of its own."""
    assert understood({"event": "policy-refused", "time": TIME, "worker": 1}, "g") is None
    assert understood({"event": "ami-not-linked", "time": TIME, "process": "console"}, "g") is None


def test_an_operator_who_enters_is_looked_at() -> None:
    """Other deeds are not."""
    deed = {"event": "operator-did", "time": TIME, "operator": "anna", "address": "192.0.2.7"}
    assert understood({**deed, "deed": "entered"}, "g") == Entered("anna", "192.0.2.7", NOW)
    assert understood({**deed, "deed": "ended-call"}, "g") is None


def test_a_word_that_tells_no_time_is_an_error() -> None:
    """It would be of no moment."""
    with pytest.raises(ValueError, match="isoformat"):
        understood({"event": "bypass"}, "g")


def test_every_word_that_is_listened_for_is_said_by_somebody() -> None:
    """A word that nobody says any more would never wake anybody."""
    package = Path(fastagi.__file__).parent
    others = [each for each in package.rglob("*.py") if each.parent.name != "alerts"]
    said = "".join(each.read_text() for each in others)
    assert [each for each in HEARD if f'"{each}"' not in said] == []


BRAKE = {
    "event": "brake-on",
    "site": "office",
    "stage": "extension",
    "name": "101",
    "cause": "trap",
    "call": "1.2",
    "reference": "4071",
    "by": "",
    "until": NOW + 3600,
}


@pytest.mark.parametrize(
    ("fields", "who", "lift"),
    [
        ({}, "extension 101", "`dialguard brake lift extension 101 --site office`"),
        (
            {"stage": "class", "name": "sales team"},
            "class sales team",
            "`dialguard brake lift class 'sales team' --site office`",
        ),
        ({"stage": "class", "name": ""}, "class unknown", "`dialguard brake --site office`"),
        ({"name": "a@b.example"}, "extension a?b?example", "`dialguard brake --site office`"),
        ({"name": "-x"}, "extension -x", "`dialguard brake --site office`"),
        ({"stage": "site", "name": ""}, "the site", "`dialguard brake lift site --site office`"),
    ],
)
def test_a_brake_says_for_whom_why_and_how_to_lift_it(
    fields: dict[str, str], who: str, lift: str
) -> None:
    """A name that is none to be typed stands in no command."""
    alert = heard(**BRAKE | fields).alert
    assert (alert.kind, alert.site) == (Kind.BRAKE, "office")
    assert alert.what == f"The brake is on for {who} of office"
    assert lift in alert.do
    assert {("Why", "trap"), ("Reference", "4071"), ("Until", "2027-01-15 09:00:00 UTC")} <= set(
        alert.facts
    )


@pytest.mark.parametrize(("whose", "of"), [("101", " of 101"), ("", "")])
def test_a_budget_near_its_end_says_whose_and_how_much(whose: str, of: str) -> None:
    """Of one that is counted by number the number is not shown."""
    said = {"site": "office", "limit": "a-day", "whose": whose, "unit": "spend"}
    alert = heard(event="budget-nearly-used-up", **said, used="16.20 GBP", most="20.00 GBP").alert
    assert alert.kind is Kind.BUDGET
    assert alert.what == f"80 % of budget a-day{of} is used at office"
    assert ("Used", "16.20 GBP of 20.00 GBP") in alert.facts
    assert ("Of", whose or "(all, or not shown)") in alert.facts


def test_extensions_of_one_name_at_two_sites_are_two() -> None:
    """What is told of the one is not counted as the other's, and each site's target hears it."""
    unreadable = {"event": "secret-unreadable", "extension": "101"}
    alerts = [heard(**unreadable, site=site).alert for site in ("office", "branch")]
    assert [each.site for each in alerts] == ["office", "branch"]
    assert len({each.subject for each in alerts}) == 2
