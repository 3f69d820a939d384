"""What happened, and how it is put into words."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from fastagi.decision_log.record import Record, line
from fastagi.events.event import Kind, of_braking, of_line, of_lockout, of_sign_in, of_sign_off
from fastagi.numbering.number import Category
from fastagi.policy.model import Reason, Stage, Verdict
from fastagi.settings.model import EVENTS
from fastagi.stores.sign_ins import SignedOff
from fastagi.stores.store import FailureKind, Lockout, SubjectKind
from tests.unit.webhooks.conftest import NOW, sign_in

DENIED = Record(
    at=NOW,
    site="office",
    call="1.2",
    extension="101",
    verdict=Verdict.DENY,
    reason=Reason.SIGN_IN_REQUIRED,
    rule="abroad",
    reference="4711",
    number="+390612345678",
    category=Category.INTERNATIONAL,
)


def test_the_settings_know_every_kind() -> None:
    """They are a room below."""
    assert tuple(Kind) == EVENTS


def test_a_sign_in_and_its_end_are_told() -> None:
    """With why it is over; and nothing of the digests that it is bound to."""
    opened = sign_in()
    began = json.loads(of_sign_in(opened).body)
    assert (began["event"], began["site"], began["time"]) == (
        "sign-in",
        "office",
        "2027-01-15T08:00:00.000Z",
    )
    assert began["data"] == {
        "sign_in": "a",
        "extension": "101",
        "person": "101",
        "way": "keypad",
        "address": "10.0.0.5",
        "node": "pbx",
        "until": "2027-01-15T09:00:00.000Z",
    }
    over = json.loads(of_sign_off(replace(opened, ended=NOW + 1, why=SignedOff.MOVED)).body)
    assert (over["event"], over["time"][-7:], over["data"]["why"]) == (
        "sign-off",
        "01.000Z",
        "moved",
    )
    assert over["data"]["since"] == began["time"]
    assert of_sign_off(opened).at == opened.until


def test_a_lockout_is_told() -> None:
    """Of an extension or an address."""
    lockout = Lockout("office", SubjectKind.EXTENSION, "101", NOW, NOW + 900, 1, FailureKind.CODE)
    told = json.loads(of_lockout(lockout).body)
    assert told["data"] == {
        "kind": "extension",
        "name": "101",
        "failure": "code",
        "until": "2027-01-15T08:15:00.000Z",
        "in_a_row": 1,
    }


def test_a_denial_is_told_out_of_the_record() -> None:
    """Its number is masked there."""
    found = of_line(line(DENIED, 4).encode())
    assert found is not None
    assert (found.kind, found.site, found.at) == (Kind.DENIAL, "office", NOW)
    assert (found.facts["reason"], found.facts["reference"]) == ("sign-in-required", "4711")
    assert found.facts["number"] == "+39061234xxxx"


@pytest.mark.parametrize(
    "raw",
    [
        line(replace(DENIED, verdict=Verdict.ALLOW), 4).encode(),
        b'{"verdict":"deny"',
        b'{"verdict":"deny"}',
        b'["verdict","deny", "x\xff"]',
        b'"verdict":"deny"',
        b'{"verdict":"deny","time":7}',
        b"",
    ],
)
def test_what_is_no_denial_is_passed_over(raw: bytes) -> None:
    """Or is not whole."""
    assert of_line(raw) is None


def test_a_brake_that_a_call_put_on_is_told_out_of_the_record() -> None:
    """Whatever became of the call; with how far it goes. Other calls tell of none."""
    stages = ((Stage.EXTENSION, "101"), (Stage.CLASS, "staff"))
    braking = line(replace(DENIED, verdict=Verdict.ALLOW, brakes=stages), 4).encode()
    found = of_braking(braking)
    assert found is not None
    assert (found.kind, found.site, found.at) == (Kind.BRAKE, "office", NOW)
    assert found.facts["brakes"] == [
        {"stage": "extension", "name": "101"},
        {"stage": "class", "name": "staff"},
    ]
    assert (found.facts["verdict"], found.facts["number"]) == ("allow", "+39061234xxxx")
    assert of_line(braking) is None
    assert of_braking(line(DENIED, 4).encode()) is None
    assert of_braking(b'{"brakes":[{') is None


def test_an_id_hangs_on_what_happened() -> None:
    """However often it is seen, and whatever became of it since; others have others."""
    one = sign_in()
    used = replace(one, used=NOW + 9)
    assert of_sign_in(one).id == of_sign_in(used).id
    others = [replace(one, id="b"), replace(one, site="home"), replace(one, extension="102")]
    ids = {of_sign_in(each).id for each in (one, *others)} | {of_sign_off(one).id}
    assert len(ids) == 5
    first, second = (of_line(line(replace(DENIED, call=call), 4).encode()) for call in "12")
    assert first is not None
    assert second is not None
    assert first.id != second.id
